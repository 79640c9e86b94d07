//! Hosts that rewind or replace main, and removals that a branch doesn't have yet.

use super::Repository;
use crate::device::Device;
use crate::harness::Run;
use std::path::PathBuf;

/// Another person's clone and device, into which main was fetched.
pub(super) struct Clone<'a> {
    repository: &'a Repository,
    device: Device<'a>,
    path: PathBuf,
}

impl<'a> Clone<'a> {
    pub fn of(repository: &'a Repository) -> Self {
        let path = repository.sandbox.home().join("clone");
        repository.git(&format!("clone -q {} {}", repository.origin().display(), path.display()));
        let device = Device::new(&repository.sandbox, "other").with_key(repository.sandbox.key());
        Self { repository, device, path }
    }

    pub fn git(&self, arguments: &str) -> &Self {
        self.repository.git(&format!("-C {} {arguments}", self.path.display()));
        self
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        let file = self.path.join("secrets.vault");
        self.device.run(&[&["--vault", file.to_str().unwrap()], arguments].concat())
    }
}

#[test]
fn n4_a_host_that_rewinds_main_is_reported_to_those_who_pushed_and_pulled() {
    let Some(repository) = Repository::new() else { return };
    let repository = repository.with_origin();
    let old = repository.at("HEAD");
    repository.saves("dev/KEY", "pushed").git("push -q");
    let clone = Clone::of(&repository);
    assert_eq!(clone.run(&["get", "dev/KEY"]).ok().text(), "pushed");
    repository.git(&format!("-C {} update-ref refs/heads/main {old}", repository.origin().display()));
    // Everybody who pulled it.
    clone.git("fetch -q").git("reset -q --hard origin/main");
    let run = clone.run(&["get", "dev/KEY"]).ok();
    assert!(
        run.stderr.contains("warning: dev version 3 by mia is missing from this file: no branch has it"),
        "{run:?}"
    );
    let commit = run.stderr.split("git merge ").nth(1).unwrap().split(';').next().unwrap().to_owned();
    clone.git(&format!("merge -q {commit}"));
    let run = clone.run(&["get", "dev/KEY"]).ok();
    assert!(run.stderr.is_empty() && run.text() == "pushed", "{run:?}");
    // Its author is warned, too, because it was published.
    repository.git("fetch -q").git("reset -q --hard origin/main");
    repository.loses("dev version 3 by mia is missing from this file: no branch has it", "pushed");
}

#[test]
fn n4_an_old_file_on_top_of_main_is_reported_and_the_new_one_can_be_restored() {
    let Some(repository) = Repository::new() else { return };
    let repository = repository.with_origin();
    repository.saves("dev/KEY", "new").git("push -q");
    let host = Clone::of(&repository);
    host.git("checkout -q HEAD~ -- secrets.vault").git("commit -qm old").git("push -q");
    repository.git("pull -q");
    let commit = repository.at("HEAD~")[..10].to_owned();
    let why = format!("dev version 3 by mia is missing from this file, though commit {commit} in its history has it");
    repository.loses(&why, "new");
}

#[test]
fn n4_an_undone_removal_is_reported_and_prevents_saving() {
    for by_host in [false, true] {
        let Some(repository) = Repository::new() else { return };
        let repository = repository.with_origin();
        repository.sandbox.run(["user", "add", "ben", "--write", "dev"]).ok();
        repository.git("commit -qam ben");
        repository.sandbox.run(["user", "rm", "-y", "ben"]).ok();
        repository.git("commit -qam removed").git("push -q");
        if by_host {
            let host = Clone::of(&repository);
            host.git("checkout -q HEAD~ -- secrets.vault").git("commit -qm undone").git("push -q");
            repository.git("pull -q");
        } else {
            repository.git("revert --no-edit HEAD");
        }
        repository
            .loses("roster change 5 (removed ben by mia) and dev version 4 by mia are missing from this file", "start");
    }
}

#[test]
fn n4_work_on_a_branch_hides_no_rollback_of_main() {
    let Some(repository) = Repository::new() else { return };
    let repository = repository.with_origin();
    repository.saves("dev/KEY", "main 3").saves("dev/KEY", "main 4").git("push -q");
    repository.git("checkout -qb feature").saves("dev/KEY", "feature 5").saves("dev/KEY", "feature 6");
    repository.git("checkout -q main").reads("main 4");
    let host = Clone::of(&repository);
    host.git("checkout -q HEAD~ -- secrets.vault").git("commit -qm old").git("push -q");
    repository.git("pull -q");
    repository.loses("dev version 4 by mia is missing from this file", "main 4");
}

#[test]
fn n5_saving_on_a_branch_that_does_not_know_a_removal_names_the_branch_to_merge() {
    let Some(repository) = Repository::new() else { return };
    repository.sandbox.run(["user", "add", "ben", "--write", "dev"]).ok();
    repository.git("commit -qam ben").git("branch feature");
    repository.sandbox.run(["user", "add", "zoe", "--read", "dev"]).ok();
    repository.git("commit -qam zoe").git("checkout -q feature");
    // Something that main only adds doesn't prevent a save.
    repository.saves("prod/KEY", "feature").reads("start").git("checkout -q main");
    repository.sandbox.run(["user", "rm", "-y", "ben"]).ok();
    repository.git("commit -qam removed").git("checkout -q feature").reads("start");
    let save = repository.sandbox.run_with_input(["set", "prod/KEY"], b"for ben").fails(6);
    assert!(save.stderr.contains("this branch does not have roster change 6 yet: mia removed ben"), "{save:?}");
    assert!(save.stderr.contains("git merge main"), "{save:?}");
    repository.git("branch -m main trunk").reads("start").git("checkout -q trunk").reads("start");
}

#[test]
fn n1_n5_users_added_on_both_branches_cause_no_warning_and_a_removal_on_either_counts() {
    let Some(repository) = Repository::new() else { return };
    let user = |arguments: &[&str]| drop(repository.sandbox.run([&["user"], arguments].concat()).ok());
    user(&["add", "ben", "--write", "dev"]);
    repository.git("commit -qam ben").git("branch feature").git("branch third");
    user(&["add", "ada", "--read", "dev"]);
    repository.git("commit -qam ada").git("checkout -q feature").reads("start");
    user(&["add", "zoe", "--read", "dev"]);
    repository.git("commit -qam zoe").saves("dev/KEY", "feature").git("checkout -q main").reads("start");
    repository.saves("dev/KEY", "main").git("checkout -q feature").reads("feature").saves("dev/KEY", "feature 2");
    // A roster that isn't the highest removes somebody: no other branch may encrypt to him.
    user(&["rm", "-y", "ben"]);
    repository.git("commit -qam removed").git("checkout -q main").reads("main");
    for branch in ["main", "third"] {
        repository.git(&format!("checkout -q {branch}")).is_silent();
        let save = repository.sandbox.run_with_input(["set", "dev/KEY"], b"for ben").fails(6);
        assert!(save.stderr.contains("mia removed ben") && save.stderr.contains("git merge feature"), "{save:?}");
    }
    repository.git("checkout -q feature").saves("dev/KEY", "without ben");
}

#[test]
fn n4_an_accepted_loss_causes_no_warning_on_any_branch_but_a_later_one_does() {
    let Some(repository) = Repository::new() else { return };
    let repository = repository.with_origin();
    let old = repository.at("HEAD");
    repository.saves("dev/KEY", "new").git("push -q");
    repository.git(&format!("-C {} update-ref refs/heads/main {old}", repository.origin().display()));
    repository.git("branch other").git("fetch -q").git("reset -q --hard origin/main");
    let run = repository.warns("dev version 3 by mia is missing from this file");
    let hash = run.stderr.trim().rsplit(' ').next().unwrap().to_owned();
    repository.sandbox.run(["verify", "--accept", &hash]).ok();
    repository.reads("start").git("checkout -q other").reads("new").git("checkout -q main").reads("start");
    repository.git("checkout -qb third").reads("start").git("checkout -q main").saves("dev/KEY", "on").reads("on");
    repository.git("push -q");
    repository.git(&format!("-C {} update-ref refs/heads/main {old}", repository.origin().display()));
    repository.git("fetch -q").git("reset -q --hard origin/main").warns("dev version 3 by mia is missing");
}
