//! Several clones of one repository on one device: N1, N4, vault-format(5) "Branches". Something that only another
//! clone has is like an ordinary branch. Something that was published to it and is withheld from this one causes a
//! warning.

use crate::device::Device;
use crate::harness::{Run, Sandbox, feed, finish, program};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime};

/// A bare repository, and two clones on main with a vault of dev and prod.
struct Clones {
    sandbox: Sandbox,
}

/// Times for git, in seconds since 1970: well before and well after now.
const LONG_AGO: &str = "1600000000 +0000";
const LATER: &str = "4000000000 +0000";

impl Clones {
    fn new() -> Option<Self> {
        let sandbox = Sandbox::in_repository()?;
        sandbox.set("prod/KEY", b"live");
        sandbox.set("dev/KEY", b"start");
        let clones = Self { sandbox };
        let origin = clones.path("origin.git").to_str().unwrap().to_owned();
        clones.sandbox.git(&["add", "."]).ok();
        clones.sandbox.git(&["commit", "-qm", "start"]).ok();
        clones.sandbox.git(&["clone", "-q", "--bare", ".", &origin]).ok();
        for name in ["one", "two"] {
            clones.clone(name, LONG_AGO);
        }
        // This clone knows nothing that the others don't.
        std::fs::remove_dir_all(clones.sandbox.project().join(".git")).unwrap();
        Some(clones)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.sandbox.home().join(name)
    }

    fn clone(&self, name: &str, when: &str) {
        let (origin, path) = (self.path("origin.git"), self.path(name));
        let mut command = self.sandbox.other("git", ["clone", "-q"]);
        command.arg(origin).arg(path).env("GIT_COMMITTER_DATE", when);
        finish(self.named(command)).ok();
    }

    fn named(&self, mut command: Command) -> Command {
        let path = std::env::var("PATH").unwrap();
        command.env("PATH", format!("{}:{path}", program().parent().unwrap().display()));
        command.env("GIT_AUTHOR_NAME", "mia").env("GIT_AUTHOR_EMAIL", "mia@example.com");
        command.env("GIT_COMMITTER_NAME", "mia").env("GIT_COMMITTER_EMAIL", "mia@example.com");
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        command
    }

    #[track_caller]
    fn git_at(&self, name: &str, arguments: &str, when: &str) -> String {
        let mut command = self.sandbox.other("git", arguments.split(' '));
        command.current_dir(self.path(name)).env("GIT_COMMITTER_DATE", when);
        finish(self.named(command)).ok().text().trim().to_owned()
    }

    #[track_caller]
    fn git(&self, name: &str, arguments: &str) -> String {
        self.git_at(name, arguments, LONG_AGO)
    }

    fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = self.sandbox.command(arguments);
        command.current_dir(self.path(name));
        command
    }

    fn run(&self, name: &str, arguments: &[&str]) -> Run {
        finish(self.command(name, arguments))
    }

    fn set(&self, name: &str, item: &str, value: &str) -> Run {
        feed(self.command(name, &["set", item]), value.as_bytes())
    }

    /// Sets an item and commits, without a warning.
    #[track_caller]
    fn saves(&self, name: &str, item: &str, value: &str) {
        let run = self.set(name, item, value).ok();
        assert!(!run.stderr.contains("warning"), "{run:?}");
        self.git(name, "commit -qam save");
    }

    /// Asserts that everything can be read in this clone without a warning.
    #[track_caller]
    fn reads(&self, name: &str, dev: &str) {
        assert_eq!(self.run(name, &["get", "dev/KEY"]).ok().text(), dev);
        for arguments in [&["get", "dev/KEY"][..], &["verify"], &["status"], &["list", "-e", "prod"]] {
            let run = self.run(name, arguments).ok();
            assert!(run.stderr.is_empty(), "{run:?}");
        }
    }

    /// Asserts that a read in this clone warns once about this, and that saving is refused.
    #[track_caller]
    fn warns(&self, name: &str, what: &str) {
        let file = self.path(name).join("secrets.vault");
        let before = std::fs::read(&file).unwrap();
        let run = self.run(name, &["get", "dev/KEY"]).ok().says(what);
        assert_eq!(run.stderr.lines().filter(|line| line.starts_with("warning")).count(), 1, "{run:?}");
        self.set(name, "dev/KEY", "lost").fails(6).says("nothing is saved").says(what);
        assert_eq!(std::fs::read(&file).unwrap(), before);
    }

    /// From now on, the host shows this state of main.
    fn host_shows(&self, commit: &str) {
        self.git("origin.git", &format!("update-ref refs/heads/main {commit}"));
    }

    /// Fetches with a clock that is an hour ahead.
    fn fetches_later(&self, name: &str) {
        self.git(name, "fetch -q");
        let file = std::fs::File::options().append(true).open(self.path(name).join(".git/FETCH_HEAD")).unwrap();
        file.set_modified(SystemTime::now() + Duration::from_secs(3600)).unwrap();
    }
}

#[test]
fn n1_two_clones_with_saves_on_both_sides_cause_no_warning_and_merge_by_push_and_pull() {
    let Some(clones) = Clones::new() else { return };
    for name in ["one", "two"] {
        finish(clones.named(clones.command(name, &["git", "setup"]))).ok();
        clones.git(name, "add .");
        clones.reads(name, "start");
    }
    for round in 0..2 {
        let start = format!("round {round}");
        clones.saves("one", "dev/KEY", &start);
        clones.saves("two", "dev/TWO", &start);
        clones.saves("two", "prod/TWO", &start);
        clones.reads("one", &start);
        clones.saves("one", "dev/KEY", &start);
        clones.git("one", "push -q");
        clones.git("two", "pull -q --no-rebase --no-edit");
        clones.reads("two", &start);
        assert_eq!(clones.run("two", &["get", "dev/TWO"]).ok().text(), start);
        clones.reads("one", &start);
        clones.git("two", "push -q");
        clones.git("one", "pull -q");
        clones.reads("one", &start);
    }
}

#[test]
fn n1_uncommitted_work_in_one_clone_is_not_a_loss_for_another() {
    let Some(clones) = Clones::new() else { return };
    clones.set("one", "dev/KEY", "work").ok();
    clones.reads("two", "start");
    clones.reads("one", "work");
    clones.git("one", "commit -qam work");
    clones.git("one", "push -q");
    clones.git("two", "pull -q");
    clones.reads("two", "work");
    // It has itself seen what the other clone has seen.
    clones.git("two", "checkout -q HEAD~ -- secrets.vault");
    clones.warns("two", "dev version 3 by mia is missing from this file, though commit");
}

#[test]
fn n1_a_fresh_clone_next_to_one_with_unpushed_saves_causes_no_warning_and_status_names_that_clone() {
    let Some(clones) = Clones::new() else { return };
    clones.saves("one", "dev/KEY", "one");
    clones.clone("fresh", LATER);
    clones.reads("fresh", "start");
    let status = clones.run("fresh", &["status"]).ok().text();
    let there = format!("another clone: {} has dev version 3", clones.path("one").canonicalize().unwrap().display());
    assert!(status.contains(&there), "{status}");
    clones.saves("fresh", "dev/KEY", "fresh");
    clones.reads("one", "one");
}

#[test]
fn n1_n5_a_clone_that_has_not_pulled_yet_causes_no_warning_and_must_pull_only_after_a_revocation() {
    let Some(clones) = Clones::new() else { return };
    let key = clones.run("one", &["user", "add", "ben", "--write", "dev"]).ok().text();
    let ben = Device::new(&clones.sandbox, "ben").with_key(&key);
    feed(ben.prepare(clones.command("one", &["set", "dev/KEY"])), b"by ben").ok();
    clones.git("one", "commit -qam ben");
    clones.git("one", "push -q");
    clones.git("two", "pull -q");
    clones.saves("one", "prod/KEY", "newer");
    clones.git_at("one", "push -q", LATER);
    clones.reads("two", "by ben");
    clones.saves("two", "prod/OTHER", "meanwhile");
    clones.git("two", "reset -q --hard HEAD~");
    clones.run("one", &["user", "rm", "-y", "ben"]).ok();
    clones.git("one", "commit -qam removed");
    clones.git_at("one", "push -q", LATER);
    clones.reads("two", "by ben");
    let save = clones.set("two", "dev/KEY", "for ben").fails(6);
    save.says("this clone does not have roster change 5 yet: mia removed ben").says("git pull");
    // Fetched, but not merged yet.
    clones.fetches_later("two");
    clones.reads("two", "by ben");
    clones.git("two", "pull -q");
    clones.saves("two", "dev/KEY", "without ben");
}

#[test]
fn n1_deleting_a_clone_with_its_work_causes_no_warning() {
    let Some(clones) = Clones::new() else { return };
    clones.saves("one", "dev/KEY", "one");
    clones.saves("one", "dev/KEY", "one 2");
    std::fs::remove_dir_all(clones.path("one")).unwrap();
    clones.reads("two", "start");
    clones.fetches_later("two");
    clones.reads("two", "start");
    clones.saves("two", "dev/KEY", "two");
    clones.reads("two", "two");
}

#[test]
fn n4_others_work_seen_only_by_a_deleted_clone_is_reported_after_a_fetch_without_it() {
    let Some(clones) = Clones::new() else { return };
    let old = clones.git("one", "rev-parse HEAD");
    let elsewhere = Device::new(&clones.sandbox, "elsewhere").with_key(clones.sandbox.key());
    feed(elsewhere.prepare(clones.command("one", &["set", "dev/KEY"])), b"new").ok();
    clones.git("one", "commit -qam new");
    clones.git("one", "push -q");
    clones.reads("one", "new");
    std::fs::remove_dir_all(clones.path("one")).unwrap();
    clones.reads("two", "start");
    clones.host_shows(&old);
    clones.fetches_later("two");
    clones.warns("two", "dev version 3 by mia is missing from this file: another clone on this device had it");
}

#[test]
fn n4_a_host_that_rewinds_main_for_a_clone_that_has_seen_it_is_reported() {
    let Some(clones) = Clones::new() else { return };
    let old = clones.git("one", "rev-parse HEAD");
    clones.saves("one", "dev/KEY", "new");
    clones.git("one", "push -q");
    clones.git("two", "pull -q");
    clones.reads("two", "new");
    clones.host_shows(&old);
    clones.git("two", "fetch -q");
    clones.git("two", "reset -q --hard origin/main");
    clones.warns("two", "dev version 3 by mia is missing from this file: no branch has it");
    clones.reads("one", "new");
}

#[test]
fn n4_a_host_that_withholds_from_one_clone_what_another_published_is_reported() {
    let Some(clones) = Clones::new() else { return };
    let old = clones.git("one", "rev-parse HEAD");
    clones.saves("one", "dev/KEY", "new");
    clones.git("one", "push -q");
    let new = clones.git("one", "rev-parse HEAD");
    clones.reads("two", "start");
    clones.host_shows(&old);
    clones.fetches_later("two");
    let what = "dev version 3 by mia is missing from this file: another clone on this device had it, and origin/main as \
                fetched here since lacks it";
    clones.warns("two", what);
    clones.clone("fresh", LATER);
    clones.warns("fresh", what);
    // However the address is spelled, and even if another branch or a tag of the host has it.
    let origin = clones.path("origin.git").display().to_string();
    for address in [format!("file://{origin}"), format!("{origin}/"), origin.replace("origin.git", "two/../origin")] {
        clones.git("fresh", &format!("remote set-url origin {address}"));
        clones.warns("fresh", what);
    }
    for kept in ["refs/heads/attic", "refs/tags/v1"] {
        clones.git("origin.git", &format!("update-ref {kept} {new}"));
        let name = kept.replace('/', "-");
        clones.clone(&name, LATER);
        clones.warns(&name, what);
        clones.git("origin.git", &format!("update-ref -d {kept}"));
    }
    // A remote with another address has other branches.
    clones.git("origin.git", "clone -q --bare . ../other.git");
    clones.git("fresh", &format!("remote set-url origin {}", clones.path("other.git").display()));
    clones.reads("fresh", "start");
    clones.host_shows(&new);
    clones.git("two", "pull -q");
    clones.reads("two", "new");
}

#[test]
fn n4_a_host_that_shows_one_clone_less_than_another_within_a_second_is_reported() {
    let Some(clones) = Clones::new() else { return };
    let old = clones.git("one", "rev-parse HEAD");
    let now = format!("{} +0000", SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs());
    clones.saves("one", "dev/KEY", "new");
    clones.git_at("one", "push -q", &now);
    clones.reads("two", "start");
    clones.host_shows(&old);
    clones.git_at("two", "fetch -q", &now);
    clones.warns("two", "dev version 3 by mia is missing from this file: another clone on this device had it");
}
