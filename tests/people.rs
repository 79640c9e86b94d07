//! People, each with their own clone and device, and the host of their repository.

use crate::device::Device;
use crate::harness::{Run, Sandbox, feed, finish, program};
use std::path::PathBuf;
use std::process::Command;

/// mia, an admin, and others who write dev and prod, which both have KEY.
pub struct People {
    sandbox: Sandbox,
    keys: Vec<(String, String)>,
}

/// A person.
#[derive(Clone, Copy)]
pub struct Person<'a> {
    people: &'a People,
    name: &'a str,
    key: &'a str,
}

impl People {
    /// If `is_set_up`, `vault git setup` has run in each clone. `None` without git.
    pub fn new(others: &[&str], is_set_up: bool) -> Option<Self> {
        let sandbox = Sandbox::in_repository()?;
        sandbox.set("prod/KEY", b"live");
        sandbox.set("dev/KEY", b"start");
        sandbox.write("code", "1\n");
        let mut keys = vec![("mia".to_owned(), sandbox.key().trim().to_owned())];
        for name in others {
            let key = sandbox.run(["user", "add", name, "--write", "dev", "--write", "prod"]).ok().text();
            keys.push(((*name).to_owned(), key.trim().to_owned()));
        }
        if is_set_up {
            sandbox.run(["git", "setup"]).ok();
        }
        sandbox.git(&["add", "."]).ok();
        sandbox.git(&["commit", "-qm", "start"]).ok();
        let people = Self { sandbox, keys };
        let origin = people.origin();
        people.sandbox.git(&["clone", "-q", "--bare", ".", origin.to_str().unwrap()]).ok();
        // This clone knows nothing that the others don't.
        std::fs::remove_dir_all(people.sandbox.project().join(".git")).unwrap();
        for (name, _) in &people.keys {
            let (person, path) = (people.person(name), people.clone_of(name));
            people.sandbox.git(&["clone", "-q", origin.to_str().unwrap(), path.to_str().unwrap()]).ok();
            if is_set_up {
                person.vault(&["git", "setup"]).ok();
            }
            // A new device warns that it is new.
            person.vault(&["verify"]).ok();
            person.is_silent();
        }
        Some(people)
    }

    pub fn person(&self, name: &str) -> Person<'_> {
        let (name, key) = self.keys.iter().find(|(known, _)| known == name).unwrap();
        Person { people: self, name, key }
    }

    /// Changes the host's repository.
    #[track_caller]
    pub fn host(&self, arguments: &str) {
        let origin = self.origin();
        self.sandbox.git(&[&["-C", origin.to_str().unwrap()], &words(arguments)[..]].concat()).ok();
    }

    fn origin(&self) -> PathBuf {
        self.sandbox.home().join("origin.git")
    }

    fn clone_of(&self, name: &str) -> PathBuf {
        self.sandbox.home().join(name)
    }
}

impl Person<'_> {
    fn prepare(&self, mut command: Command) -> Command {
        let (people, path) = (self.people, std::env::var("PATH").unwrap());
        command.current_dir(people.clone_of(self.name)).env("GIT_EDITOR", "true").env("VAULT_USER", self.name);
        command.env("PATH", format!("{}:{path}", program().parent().unwrap().display()));
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), self.name);
            command.env(format!("GIT_{role}_EMAIL"), format!("{}@example.com", self.name));
        }
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        let device = Device::new(&people.sandbox, &format!("{}-device", self.name)).with_key(self.key);
        device.prepare(command)
    }

    /// Runs git. The arguments have no spaces.
    pub fn try_git(&self, arguments: &str) -> Run {
        finish(self.prepare(self.people.sandbox.other("git", words(arguments))))
    }

    /// Runs git, which must succeed.
    #[track_caller]
    pub fn git(&self, arguments: &str) -> &Self {
        self.try_git(arguments).ok();
        self
    }

    /// Runs git, which must succeed, with a clock far in the future.
    #[track_caller]
    pub fn git_later(&self, arguments: &str) -> &Self {
        let mut command = self.prepare(self.people.sandbox.other("git", words(arguments)));
        command.env("GIT_COMMITTER_DATE", "4000000000 +0000");
        finish(command).ok();
        self
    }

    /// Runs a line of `sh` in the person's clone. Everything that it prints is in the standard output.
    pub fn shell(&self, line: &str) -> Run {
        finish(self.prepare(self.people.sandbox.other("sh", ["-c", &format!("{{ {line}\n}} 2>&1")])))
    }

    pub fn vault(&self, arguments: &[&str]) -> Run {
        finish(self.prepare(self.people.sandbox.command(arguments)))
    }

    pub fn set(&self, name: &str, value: &str) -> Run {
        feed(self.prepare(self.people.sandbox.command(["set", name])), value.as_bytes())
    }

    /// Sets an item and commits, without a warning.
    #[track_caller]
    pub fn saves(&self, name: &str, value: &str) -> &Self {
        let run = self.set(name, value).ok();
        assert!(!run.stderr.contains("warning"), "{run:?}");
        self.git("commit -qam save")
    }

    /// Commits another file.
    #[track_caller]
    pub fn codes(&self, file: &str) -> &Self {
        self.write(file, self.name);
        self.git(&format!("add {file}")).git("commit -qm code")
    }

    pub fn write(&self, file: &str, content: &str) {
        std::fs::write(self.people.clone_of(self.name).join(file), content).unwrap();
    }

    pub fn removes(&self, directory: &str) {
        std::fs::remove_dir_all(self.people.clone_of(self.name).join(directory)).unwrap();
    }

    #[track_caller]
    pub fn reads(&self, name: &str, value: &str) -> &Self {
        assert_eq!(self.vault(&["get", name]).ok().text(), value, "{name}");
        self.is_silent()
    }

    #[track_caller]
    pub fn is_silent(&self) -> &Self {
        for arguments in [&["get", "dev/KEY"][..], &["verify"], &["status"], &["list", "-e", "prod"]] {
            let run = self.vault(arguments).ok();
            assert!(run.stderr.is_empty(), "{run:?}");
        }
        self
    }

    /// Asserts that a read warns about this, and that nothing is saved.
    #[track_caller]
    pub fn loses(&self, what: &str) -> &Self {
        let save = self.set("dev/KEY", "lost").fails(6).says("error: nothing is saved").says(what);
        assert_eq!(save.stderr.matches(what).count(), 1, "{save:?}");
        let run = self.vault(&["get", "dev/KEY"]).ok().says(what);
        assert_eq!(run.stderr.lines().filter(|line| line.starts_with("warning")).count(), 1, "{run:?}");
        self
    }

    /// Asserts that one command warns about this, that `status` names it from then on, and that saving still works.
    /// Returns the hint.
    #[track_caller]
    pub fn is_told_once(&self, what: &str, in_status: &str) -> String {
        let run = self.vault(&["get", "dev/KEY"]).ok().says(what);
        assert_eq!(run.stderr.lines().filter(|line| line.starts_with("warning")).count(), 1, "{run:?}");
        self.is_silent();
        let status = self.vault(&["status"]).ok().text();
        assert!(status.contains(in_status), "{status}");
        self.saves("dev/OWN", "goes on").is_silent();
        run.stderr.lines().find_map(|line| line.strip_prefix("hint: ")).unwrap_or_default().to_owned()
    }

    pub fn at(&self, revision: &str) -> String {
        self.try_git(&format!("rev-parse {revision}")).ok().text().trim().to_owned()
    }
}

fn words(arguments: &str) -> Vec<&str> {
    arguments.split(' ').collect()
}
