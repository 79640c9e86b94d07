//! The hint about a loss names one command if that is enough. The tests run each command as printed.

use super::Repository;
use super::host::Clone;

/// main has merged a branch with a save of dev and one with a save of prod. Both are pushed.
fn merged_from_two_branches() -> Option<Repository> {
    let repository = Repository::new()?.with_origin();
    for (branch, name) in [("one", "dev/KEY"), ("two", "prod/KEY")] {
        repository.git(&format!("checkout -qb {branch} main")).saves(name, branch);
    }
    repository.git("checkout -q main").git("merge -q --no-edit one").git("merge -q --no-edit two");
    repository.git("push -q").reads("one");
    Some(repository)
}

fn hint(repository: &Repository) -> String {
    let run = repository.sandbox.run(["get", "dev/KEY"]).ok();
    let hint = run.stderr.lines().find_map(|line| line.strip_prefix("hint: to get it back: ")).unwrap();
    hint.split_once("; if this file is right: ").unwrap().0.to_owned()
}

const LOST: &str = "dev version 3 by mia and prod version 3 by mia are missing from this file";

#[test]
fn n4_the_hint_names_the_branch_or_commit_that_has_everything_that_was_lost() {
    let Some(repository) = Repository::new() else { return };
    let repository = repository.with_origin();
    let old = repository.at("HEAD");
    repository.saves("dev/KEY", "new").git("branch keep").saves("prod/KEY", "new").git("push -q");
    let all = repository.at("HEAD")[..10].to_owned();
    repository.git(&format!("-C {} update-ref refs/heads/main {old}", repository.origin().display()));
    repository.git("fetch -q").git("reset -q --hard origin/main");
    assert_eq!(hint(&repository), format!("git merge {all}"));
    repository.loses(LOST, "new");
}

#[test]
fn n4_if_no_commit_has_everything_each_part_is_merged_into_the_file() {
    let Some(repository) = merged_from_two_branches() else { return };
    let host = Clone::of(&repository);
    host.git("reset -q --hard origin/main~2");
    for revision in ["origin/main^1", "origin/main^2", "origin/main~2"] {
        host.git(&format!("checkout -q {revision} -- secrets.vault")).git("commit -qm old");
    }
    host.git("push -q --force");
    repository.git("fetch -q").git("reset -q --hard origin/main");
    let [one, two] = ["HEAD~2", "HEAD~1"].map(|revision| repository.at(revision)[..10].to_owned());
    let wanted = format!("vault merge --from {one} && vault merge --from {two}");
    assert_eq!(hint(&repository), wanted);
    repository.loses(LOST, "one");
}

#[test]
fn n4_what_two_commits_dropped_is_restored_from_a_commit_that_had_both() {
    let Some(repository) = merged_from_two_branches() else { return };
    let all = repository.at("HEAD")[..10].to_owned();
    let host = Clone::of(&repository);
    for revision in ["origin/main^1", "origin/main^2", "origin/main~2"] {
        let revision = revision.replace("origin/main", &all);
        host.git(&format!("checkout -q {revision} -- secrets.vault")).git("commit -qm old");
    }
    host.git("push -q");
    repository.git("pull -q");
    assert_eq!(hint(&repository), format!("git checkout {all} -- secrets.vault"));
    repository.loses(LOST, "one");
}
