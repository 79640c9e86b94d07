//! Work on git branches: N1 to N8, vault-format(5) "Branches". Honest work causes no warning, and a loss does.

mod host;
mod silent;
mod way_back;

use crate::device::Device;
use crate::harness::{Run, Sandbox, finish, program};
use std::path::PathBuf;

/// A repository on main with a vault of dev and prod, all committed.
struct Repository {
    sandbox: Sandbox,
}

impl Repository {
    fn new() -> Option<Self> {
        let sandbox = Sandbox::in_repository()?;
        let repository = Self { sandbox };
        repository.sandbox.write("code", "1\n");
        repository.git("add .").git("commit -qm start");
        repository.saves("prod/KEY", "live").saves("dev/KEY", "start");
        Some(repository)
    }

    /// Runs git, which must succeed. The arguments have no spaces.
    #[track_caller]
    fn git(&self, arguments: &str) -> &Self {
        self.sandbox.git(&arguments.split(' ').collect::<Vec<_>>()).ok();
        self
    }

    /// Sets an item and commits, without a warning.
    #[track_caller]
    fn saves(&self, name: &str, value: &str) -> &Self {
        self.sets(name, value).git("commit -qam save")
    }

    #[track_caller]
    fn sets(&self, name: &str, value: &str) -> &Self {
        let run = self.sandbox.run_with_input(["set", name], value.as_bytes()).ok();
        assert!(!run.stderr.contains("warning"), "{run:?}");
        self
    }

    /// Asserts that both environments are read without a warning.
    #[track_caller]
    fn reads(&self, dev: &str) -> &Self {
        assert_eq!(self.sandbox.run(["get", "dev/KEY"]).ok().text(), dev);
        self.is_silent()
    }

    #[track_caller]
    fn is_silent(&self) -> &Self {
        for arguments in [&["get", "dev/KEY"][..], &["verify"], &["status"], &["list", "-e", "prod"]] {
            let run = self.sandbox.run(arguments).ok();
            assert!(run.stderr.is_empty(), "{run:?}");
        }
        self
    }

    /// Asserts that a read warns once about this, and that the command in the hint restores it.
    #[track_caller]
    fn loses(&self, what: &str, dev: &str) -> &Self {
        let run = self.warns(what);
        let hint = run.stderr.lines().find_map(|line| line.strip_prefix("hint: to get it back: ")).unwrap();
        let (command, accept) = hint.split_once("; if this file is right: ").unwrap();
        assert!(accept.starts_with("vault verify --accept "), "{hint}");
        let mut shell = self.sandbox.other("sh", ["-ec", command]);
        let path = std::env::var("PATH").unwrap();
        shell.env("PATH", format!("{}:{path}", program().parent().unwrap().display()));
        shell.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        shell.env("GIT_AUTHOR_NAME", "mia").env("GIT_AUTHOR_EMAIL", "mia@example.com");
        shell.env("GIT_COMMITTER_NAME", "mia").env("GIT_COMMITTER_EMAIL", "mia@example.com");
        finish(shell).ok();
        self.reads(dev)
    }

    /// Asserts that a read warns once about this, and that saving is refused.
    #[track_caller]
    fn warns(&self, what: &str) -> Run {
        let before = std::fs::read(self.sandbox.vault()).unwrap();
        let save = self.sandbox.run_with_input(["set", "dev/KEY"], b"lost").fails(6).says(what);
        assert!(save.stderr.contains("error: nothing is saved"), "{save:?}");
        assert_eq!(save.stderr.matches(what).count(), 1, "{save:?}");
        self.sandbox.run(["get", "dev/KEY", "--strict"]).fails(6);
        assert_eq!(std::fs::read(self.sandbox.vault()).unwrap(), before);
        let run = self.sandbox.run(["get", "dev/KEY"]).ok().says(what);
        assert_eq!(run.stderr.lines().filter(|line| line.starts_with("warning")).count(), 1, "{run:?}");
        run
    }

    /// Makes a bare repository next to it, and pushes main there.
    fn with_origin(self) -> Self {
        let origin = self.origin();
        self.git(&format!("init -q --bare -b main {}", origin.display()));
        self.git(&format!("remote add origin {}", origin.display())).git("push -q -u origin main");
        self
    }

    fn origin(&self) -> PathBuf {
        self.sandbox.home().join("origin.git")
    }

    fn at(&self, revision: &str) -> String {
        self.sandbox.git(&["rev-parse", revision]).ok().text().trim().to_owned()
    }
}

#[test]
fn n1_n6_an_old_tag_by_a_removed_author_causes_no_warning_but_their_new_blocks_are_refused() {
    let Some(repository) = Repository::new() else { return };
    let key = repository.sandbox.run(["user", "add", "ben", "--write", "dev"]).ok().text();
    let ben = Device::new(&repository.sandbox, "ben").with_key(&key);
    repository.git("commit -qam ben");
    ben.set("dev/KEY", b"by ben").ok();
    repository.git("commit -qam by-ben").git("tag v1").git("branch maintenance");
    repository.reads("by ben");
    repository.sandbox.run(["user", "rm", "-y", "ben"]).ok();
    repository.git("commit -qam removed").reads("by ben");
    for place in ["v1", "maintenance"] {
        repository.git(&format!("checkout -q {place}")).reads("by ben");
        // A device that saw the removal but not the user's save.
        let fresh = Device::new(&repository.sandbox, place).with_key(repository.sandbox.key());
        repository.git("checkout -q main");
        fresh.run(&["get", "dev/KEY"]).ok();
        repository.git(&format!("checkout -q {place}"));
        let run = fresh.run(&["get", "dev/KEY"]).ok();
        assert!(run.stderr.is_empty(), "{run:?}");
    }
    // What he writes now, on his own branch.
    ben.set("dev/KEY", b"late").ok();
    repository.git("commit -qam late");
    let get =
        repository.sandbox.run(["get", "dev/KEY"]).fails(6).says("written by ben, who has lost that right or key");
    // The newer file is here, so there is nothing to fetch.
    assert!(get.stderr.contains("hint: main has the newer file: git checkout main; if this file is right"), "{get:?}");
    let save = repository.sandbox.run_with_input(["set", "prod/KEY"], b"x").fails(6);
    assert!(save.stderr.contains("git merge main") || save.stderr.contains("ben"), "{save:?}");
}

#[test]
fn n1_n5_after_new_keys_on_main_older_branches_can_be_read_but_not_saved_before_a_merge() {
    let Some(repository) = Repository::new() else { return };
    repository.git("checkout -qb feature").saves("dev/KEY", "feature").git("checkout -q main");
    let passphrase = "orbit-velvet-cactus-mimic-dusk-ferry";
    let passwd = ["passwd", "--new-passphrase-fd", "0", "--work-factor", "10"];
    repository.sandbox.run_with_input(passwd, passphrase.as_bytes()).ok();
    repository.git("commit -qam renewed");
    let with = |variable: &str, secret: &str, arguments: &[&str]| {
        let mut command = repository.sandbox.command(arguments);
        command.env_remove("VAULT_KEY").env(variable, secret);
        finish(command)
    };
    let new = |arguments: &[&str]| with("VAULT_PASSPHRASE", passphrase, arguments);
    assert_eq!(new(&["get", "dev/KEY"]).ok().text(), "start");
    repository.git("checkout -q feature").reads("feature");
    repository
        .sandbox
        .run_with_input(["set", "dev/KEY"], b"x")
        .fails(6)
        .says("this branch does not have roster change 4 yet: mia replaced their own keys")
        .says("git merge main");
    // The new passphrase opens the older branch for reading. Another passphrase doesn't.
    let run = new(&["get", "dev/KEY"]).ok();
    assert!(run.text() == "feature" && run.stderr.is_empty(), "{run:?}");
    new(&["rm", "-y", "dev/KEY"]).fails(6).says("this branch does not have roster change 4 yet");
    with("VAULT_PASSPHRASE", "orbit-velvet-cactus-mimic-dusk-ferrz", &["get", "dev/KEY"]).fails(4);
    // It doesn't open an older file in the place of main's.
    repository.git("checkout -q main").git("checkout -q HEAD~ -- secrets.vault").git("commit -qm old");
    new(&["get", "dev/KEY"]).fails(4);
    repository.git("reset -q --hard HEAD~").git("checkout -q main");
    // A newly printed key works the same way, no matter how often the keys were replaced since.
    let key = new(&["recovery"]).ok().text();
    repository.git("commit -qam recovery").git("branch once HEAD~").git("checkout -q once");
    let key = key.split_whitespace().find(|word| word.starts_with("AGE-SECRET-KEY-")).unwrap();
    assert_eq!(with("VAULT_KEY", key, &["get", "dev/KEY"]).ok().text(), "start");
    repository.git("checkout -q feature");
    let run = with("VAULT_KEY", key, &["get", "dev/KEY"]).ok();
    assert!(run.text() == "feature" && run.stderr.is_empty(), "{run:?}");
    repository.git("checkout -q main");
    let again = new(&["recovery"]).ok().text();
    let again = again.split_whitespace().find(|word| word.starts_with("AGE-SECRET-KEY-")).unwrap();
    repository.git("commit -qam again").git("checkout -q feature");
    assert_eq!(with("VAULT_KEY", again, &["get", "dev/KEY"]).ok().text(), "feature");
    // If only the existence of the newer file is known, the hint says so.
    let mut command = repository.sandbox.command(["get", "dev/KEY"]);
    command.env("VAULT_KEY", again).env("VAULT_STATE_DIR", repository.sandbox.home().join("new-state"));
    let run = finish(command).fails(4).says("this file is older than the key");
    assert!(run.stderr.contains("hint: main has a file that it opens"), "{run:?}");
}

#[test]
fn n7_a_planted_repository_or_one_without_the_commit_excuses_nothing() {
    let Some(repository) = Repository::new() else { return };
    let old = std::fs::read(repository.sandbox.vault()).unwrap();
    repository.saves("dev/KEY", "new");
    let new = std::fs::read(repository.sandbox.vault()).unwrap();
    // Another repository, with both files on two branches, takes the place of the real one.
    std::fs::rename(repository.sandbox.project().join(".git"), repository.sandbox.home().join("real.git")).unwrap();
    repository.git("init -q -b new").git("add .").git("commit -qm new").git("checkout -q --orphan old");
    std::fs::write(repository.sandbox.vault(), &old).unwrap();
    repository.git("commit -qam old");
    repository.warns("dev version 3 by mia is missing from this file: seen on main, at a commit that this clone");
    // git's environment variables can't point to another repository.
    let mut command = repository.sandbox.command(["get", "dev/KEY"]);
    command.env("GIT_DIR", repository.sandbox.home().join("real.git")).env("GIT_WORK_TREE", ".");
    finish(command).ok().says("dev version 3 by mia is missing");
    // Nor can an empty repository, or none.
    std::fs::remove_dir_all(repository.sandbox.project().join(".git")).unwrap();
    repository.sandbox.run(["get", "dev/KEY"]).fails(6).says("version 2, but this device has seen version 3");
    std::fs::create_dir(repository.sandbox.project().join(".git")).unwrap();
    repository.sandbox.run(["get", "dev/KEY"]).fails(6).says("version 2, but this device has seen version 3");
    std::fs::write(repository.sandbox.vault(), new).unwrap();
    repository.sandbox.run(["get", "dev/KEY"]).ok();
}

#[test]
fn n4_a_merge_that_drops_a_save_is_reported_and_both_sides_can_be_restored() {
    for strategy in ["-X ours", "-X theirs", "checkout --ours", "checkout --theirs"] {
        let Some(repository) = Repository::new() else { return };
        repository.git("checkout -qb feature").saves("dev/FEATURE", "feature").git("checkout -q main");
        repository.saves("dev/KEY", "main");
        if strategy.starts_with("-X") {
            repository.git(&format!("merge -q --no-edit {strategy} feature"));
        } else {
            assert_eq!(repository.sandbox.git(&["merge", "-q", "--no-edit", "feature"]).code, 1);
            repository.git(&format!("{strategy} -- secrets.vault")).git("commit -qam merged");
        }
        repository.loses("dev version 3 by mia is missing from this file, though commit", "main");
        assert_eq!(repository.sandbox.run(["get", "dev/FEATURE"]).ok().text(), "feature");
        repository.git("commit -qam both").reads("main").git("checkout -q feature").is_silent();
    }
}

/// Returns a PATH in which git records its calls, and works like the real one if `works`.
fn path_with_traced_git(repository: &Repository, works: bool) -> (String, PathBuf) {
    use std::os::unix::fs::PermissionsExt as _;
    let (directory, trace) = (repository.sandbox.home().join("bin"), repository.sandbox.home().join("trace"));
    std::fs::create_dir_all(&directory).unwrap();
    let before = std::env::var("PATH").unwrap();
    let then = if works { format!("PATH='{before}' exec git \"$@\"") } else { "exit 128".to_owned() };
    let git = directory.join("git");
    std::fs::write(&git, format!("#!/bin/sh\necho \"$@\" >>'{}'\n{then}\n", trace.display())).unwrap();
    std::fs::set_permissions(&git, std::fs::Permissions::from_mode(0o755)).unwrap();
    (format!("{}:{before}", directory.display()), trace)
}

#[test]
fn n1_git_is_not_called_for_a_known_file_and_once_for_another_branch() {
    let Some(repository) = Repository::new() else { return };
    let (path, trace) = path_with_traced_git(&repository, true);
    let run = |arguments: &[&str]| {
        let mut command = repository.sandbox.command(arguments);
        command.env("PATH", &path);
        let run = finish(command).ok();
        assert!(run.stderr.is_empty(), "{run:?}");
        let asked = std::fs::read_to_string(&trace).unwrap_or_default();
        let _ = std::fs::remove_file(&trace);
        asked.lines().count()
    };
    let exec = ["exec", "-e", "dev", "--", "true"];
    assert_eq!(run(&exec), 0);
    // A new branch, first without saves, then with some.
    repository.git("checkout -qb feature");
    assert_eq!(run(&exec), 0);
    repository.saves("dev/KEY", "feature");
    assert_eq!(run(&exec), 0);
    repository.git("checkout -q main");
    assert!(run(&exec) > 0);
    assert_eq!(run(&exec), 0);
    assert_eq!(run(&["get", "dev/KEY"]), 0);
    // An answer is valid only as long as the branch that it is based on.
    repository.git("branch -m feature renamed");
    assert!(run(&exec) > 0);
    assert_eq!(run(&exec), 0);
    // A merge may have brought something that nobody here has seen, so it is checked once.
    repository.git("branch other").git("commit -q --allow-empty -m more").git("merge -q --no-edit --no-ff renamed~1");
    repository.git("merge -q --no-edit --no-ff -s ours renamed~1").git("commit -q --allow-empty -m more");
    run(&exec);
    assert_eq!(run(&exec), 0);
    // With two sides, there is more to compare, but no need to call git.
    repository.saves("dev/KEY", "main").saves("dev/KEY", "main 2");
    run(&exec);
    assert_eq!(run(&exec), 0);
}

#[test]
fn n4_without_git_an_older_file_is_a_loss_with_the_reason() {
    let Some(repository) = Repository::new() else { return };
    repository.git("checkout -qb feature").saves("dev/KEY", "feature").git("checkout -q main");
    let (path, _) = path_with_traced_git(&repository, false);
    let mut command = repository.sandbox.command(["get", "dev/KEY"]);
    command.env("PATH", &path);
    finish(command).ok().says("dev version 3 by mia is missing from this file").says("git can't tell why");
    repository.reads("start");
}
