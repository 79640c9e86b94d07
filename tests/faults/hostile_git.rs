//! N8: a checkout whose git configuration names programs. Plain git runs them, and vault never does.

use crate::harness::{Sandbox, finish, has};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// A checkout full of traps: programs that leave a mark when they run.
struct Trapped {
    sandbox: Sandbox,
}

impl Trapped {
    fn new() -> Self {
        Self::with(|_| ())
    }

    /// `first` runs before the traps are set.
    fn with(first: impl Fn(&Sandbox)) -> Self {
        let sandbox = Sandbox::empty();
        sandbox.git(&["init", "-q", "-b", "main"]).ok();
        let sandbox = sandbox.into_vault();
        sandbox.set("TOKEN", b"hunter2-hunter2");
        sandbox.write("lost.txt", "hunter2-hunter2 in the object that is missing");
        sandbox.write(".env", "TOKEN=another-value\n");
        sandbox.write(".gitattributes", "* diff=trap filter=trap\n");
        sandbox.write(".gitignore", "ignored\n");
        sandbox.git(&["add", "-A"]).ok();
        sandbox.git(&["commit", "-qm", "one"]).ok();
        first(&sandbox);
        let trapped = Self { sandbox };
        trapped.sign_the_commit();
        trapped.configure();
        trapped
    }

    fn git(&self, arguments: &[&str]) -> String {
        self.sandbox.git(arguments).ok().text().trim().to_owned()
    }

    /// Adds an invalid signature, which git asks a program to verify.
    fn sign_the_commit(&self) {
        let commit = self.git(&["cat-file", "commit", "HEAD"]);
        let signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----";
        let signed = commit.replacen("\n\n", &format!("\n{signature}\n\n"), 1);
        let path = self.sandbox.home().join("commit");
        std::fs::write(&path, format!("{signed}\n")).unwrap();
        let id = self.git(&["hash-object", "-t", "commit", "-w", path.to_str().unwrap()]);
        self.git(&["update-ref", "HEAD", &id]);
    }

    /// A program that leaves the mark of this name.
    fn trap(&self, name: &str) -> PathBuf {
        let directory = self.sandbox.home().join("traps");
        std::fs::create_dir_all(&directory).unwrap();
        let path = directory.join(name);
        let mark = self.marks().join(name);
        std::fs::write(
            &path,
            format!("#!/bin/sh\nmkdir -p '{}'\n: >'{}'\nexit 1\n", self.marks().display(), mark.display()),
        )
        .unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn marks(&self) -> PathBuf {
        self.sandbox.home().join("marks")
    }

    /// Returns which programs ran since the last call.
    fn ran(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.marks()).into_iter().flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort_unstable();
        let _ = std::fs::remove_dir_all(self.marks());
        names
    }

    fn configure(&self) {
        let programs = [
            ("core.fsmonitor", "fsmonitor"),
            ("core.pager", "pager"),
            ("core.sshCommand", "ssh"),
            ("core.gitProxy", "proxy"),
            ("core.askPass", "askpass"),
            ("core.editor", "editor"),
            ("core.alternateRefsCommand", "alternates"),
            ("credential.helper", "credential"),
            ("diff.external", "diff"),
            ("diff.trap.textconv", "textconv"),
            ("diff.trap.command", "command"),
            ("filter.trap.clean", "clean"),
            ("filter.trap.smudge", "smudge"),
            ("filter.trap.process", "process"),
            ("gpg.program", "gpg"),
            ("gpg.ssh.program", "ssh-keygen"),
            ("remote.origin.uploadpack", "uploadpack"),
            ("interactive.diffFilter", "interactive"),
        ];
        let mut settings: Vec<(String, String)> = Vec::new();
        for (setting, name) in programs {
            settings.push((setting.to_owned(), self.trap(name).display().to_string()));
        }
        let alias = format!("!{}", self.trap("alias").display());
        let plumbing =
            ["ls-files", "rev-parse", "rev-list", "cat-file", "diff-index", "ls-tree", "remote", "hash-object"];
        for command in plumbing.into_iter().chain(["log", "merge-base", "for-each-ref", "symbolic-ref"]) {
            settings.push((format!("alias.{command}"), alias.clone()));
            settings.push((format!("pager.{command}"), "true".to_owned()));
        }
        let hooks = self.sandbox.home().join("hooks");
        std::fs::create_dir_all(&hooks).unwrap();
        for hook in ["post-index-change", "reference-transaction", "fsmonitor-watchman", "pre-auto-gc", "post-checkout"]
        {
            std::fs::copy(self.trap("hook"), hooks.join(hook)).unwrap();
        }
        settings.push(("core.hooksPath".to_owned(), hooks.display().to_string()));
        for (name, value) in [
            ("log.showSignature", "true"),
            ("core.repositoryFormatVersion", "1"),
            ("extensions.partialClone", "origin"),
            ("remote.origin.promisor", "true"),
            ("remote.origin.url", "."),
            ("protocol.allow", "always"),
            ("protocol.file.allow", "always"),
        ] {
            settings.push((name.to_owned(), value.to_owned()));
        }
        // Half of them are in another file, which the configuration includes.
        let included = self.sandbox.home().join("included");
        for (number, (name, value)) in settings.iter().enumerate() {
            match number % 2 {
                0 => self.git(&["config", "--file", included.to_str().unwrap(), name, value]),
                _ => self.git(&["config", name, value]),
            };
        }
        self.git(&["config", "include.path", included.to_str().unwrap()]);
    }

    /// Removes the object of a file in the last commit, which git would fetch from the remote in the configuration.
    fn lose(&self, name: &str) -> String {
        let id = self.git(&["-c", "log.showSignature=false", "rev-parse", &format!("HEAD:{name}")]);
        let objects = self.sandbox.project().join(".git/objects");
        std::fs::remove_file(objects.join(&id[..2]).join(&id[2..])).unwrap();
        id
    }
}

#[test]
fn n8_nothing_that_a_checkouts_configuration_names_is_run() {
    if !has("git") {
        return;
    }
    let trapped = Trapped::new();
    let sandbox = &trapped.sandbox;
    let lost = trapped.lose("lost.txt");
    // The traps work: plain git runs them.
    sandbox.git(&["log", "-1", "-p", "--ext-diff"]);
    sandbox.git(&["status"]);
    sandbox.git(&["cat-file", "-p", &lost]);
    let ran = trapped.ran();
    for trap in ["gpg", "fsmonitor", "uploadpack"] {
        assert!(ran.iter().any(|name| name == trap), "plain git didn't run {trap}: {ran:?}");
    }
    let commands: [(&[&str], i32); 10] = [
        (&["scan"], 1),
        (&["scan", "ignored", "."], 1),
        (&["scan", "--staged"], 0),
        (&["scan", "--history"], 1),
        (&["scan", "--history", "lost.txt"], 1),
        (&["verify"], 0),
        (&["verify", "--since", "HEAD"], 0),
        (&["verify", "--since", "origin/main"], 2),
        (&["status"], 0),
        (&["import", ".env", "--dry-run"], 0),
    ];
    for (arguments, code) in commands {
        let run = sandbox.run(arguments);
        assert_eq!((run.code, trapped.ran()), (code, Vec::new()), "{arguments:?} {run:?}");
    }
    sandbox.run(["scan", "--history"]).fails(1).says("error: this clone lacks 1 version of a file").says("--refetch");
    trapped.lose("secrets.vault");
    let run = sandbox.run(["verify", "--since", "HEAD"]).fails(1).says("this partial clone lacks secrets.vault");
    assert_eq!(trapped.ran(), Vec::<String>::new(), "{run:?}");
    // After a plain import, vault says whether git tracks the file.
    sandbox.run(["import", ".env"]).ok().says("git tracks it");
    assert_eq!(trapped.ran(), Vec::<String>::new());
}

/// Runs with these additional environment variables.
fn with(sandbox: &Sandbox, variables: &[(&str, &Path)], arguments: &[&str]) -> crate::harness::Run {
    let mut command = sandbox.command(arguments);
    command.envs(variables.iter().copied());
    finish(command)
}

#[test]
fn n8_the_callers_git_variables_do_not_lead_to_another_repository() {
    if !has("git") {
        return;
    }
    let sandbox = Sandbox::empty();
    sandbox.git(&["init", "-q", "-b", "main"]).ok();
    let sandbox = sandbox.into_vault();
    sandbox.set("TOKEN", b"hunter2-hunter2");
    sandbox.write("leak.txt", "hunter2-hunter2");
    sandbox.write(".gitignore", "build\n");
    sandbox.write("build", "hunter2-hunter2");
    sandbox.git(&["add", "-A"]).ok();
    sandbox.git(&["commit", "-qm", "one"]).ok();
    let other = Sandbox::empty();
    other.git(&["init", "-q", "-b", "main"]).ok();
    let directory = other.project().join(".git");
    let trap = other.write("trap", "#!/bin/sh\n: >ran\n");
    std::fs::set_permissions(&trap, std::fs::Permissions::from_mode(0o755)).unwrap();
    let variables = [("GIT_DIR", &*directory), ("GIT_EXTERNAL_DIFF", &*trap), ("GIT_SSH_COMMAND", &*trap)];
    let scan = with(&sandbox, &variables, &["scan"]);
    assert_eq!((scan.code, scan.text().as_str()), (1, "leak.txt:1  dev/TOKEN\n"), "{scan:?}");
    with(&sandbox, &variables, &["verify", "--since", "HEAD"]).ok();
    assert!(!sandbox.project().join("ran").exists());
}

#[test]
fn n8_nothing_runs_while_git_tells_another_branch_from_a_rollback() {
    if !has("git") {
        return;
    }
    for is_lost in [false, true] {
        let trapped = Trapped::with(|sandbox| {
            let git = |arguments: &str| drop(sandbox.git(&arguments.split(' ').collect::<Vec<_>>()).ok());
            let save = |value: &[u8]| {
                sandbox.set("TOKEN", value);
                git("commit -qam save");
            };
            git("checkout -qb other");
            save(b"hunter2-of-the-other");
            git("checkout -q main");
            save(b"hunter2-of-main");
            git("revert --no-edit HEAD");
            save(b"hunter2-after-the-revert");
            if is_lost {
                git("checkout -q HEAD~3 -- secrets.vault");
                git("commit -qm old");
            } else {
                git("checkout -q other");
            }
        });
        for arguments in [&["get", "TOKEN"][..], &["verify"], &["status"], &["exec", "--", "true"]] {
            let run = trapped.sandbox.run(arguments).ok();
            assert_eq!(trapped.ran(), Vec::<String>::new(), "{run:?}");
            assert_eq!(run.stderr.contains("is missing from this file"), is_lost, "{run:?}");
        }
    }
}
