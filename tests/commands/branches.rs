//! A vault that was changed on two branches: what git merges by itself, and what docs/team.md says of the rest.

use crate::device::Device;
use crate::harness::{Run, Sandbox, has};

/// A repository with a vault of dev and prod, on main.
fn repository() -> Option<Sandbox> {
    if !has("git") {
        return None;
    }
    let sandbox = Sandbox::empty();
    sandbox.git(&["init", "-q", "-b", "main"]).ok();
    let sandbox = sandbox.into_vault();
    sandbox.run(["env", "add", "prod"]).ok();
    sandbox.git(&["add", "secrets.vault"]).ok();
    sandbox.git(&["commit", "-qm", "one"]).ok();
    Some(sandbox)
}

/// Changes the vault on a branch "other" and then on main, and merges.
fn merge(sandbox: &Sandbox, other: &dyn Fn(), main: &dyn Fn()) -> Run {
    sandbox.git(&["checkout", "-qb", "other"]).ok();
    other();
    sandbox.git(&["commit", "-qam", "other"]).ok();
    sandbox.git(&["checkout", "-q", "main"]).ok();
    main();
    sandbox.git(&["commit", "-qam", "main"]).ok();
    sandbox.git(&["merge", "-q", "--no-edit", "other"])
}

#[test]
fn git_merges_changes_of_different_environments_by_itself() {
    let Some(sandbox) = repository() else { return };
    merge(&sandbox, &|| sandbox.set("prod/A", b"other"), &|| sandbox.set("dev/A", b"main")).ok();
    assert_eq!(sandbox.run(["get", "dev/A"]).ok().text(), "main");
    assert_eq!(sandbox.run(["get", "prod/A"]).ok().text(), "other");
    sandbox.run(["verify", "--since", "main^"]).ok();
    sandbox.run(["verify", "--since", "other"]).ok();
}

#[test]
fn of_two_changes_of_an_environment_one_is_taken_and_the_other_made_again() {
    let Some(sandbox) = repository() else { return };
    let run = merge(&sandbox, &|| sandbox.set("dev/A", b"other"), &|| sandbox.set("dev/B", b"main"));
    assert_eq!(run.code, 1, "{run:?}");
    sandbox.git(&["checkout", "-q", "--theirs", "secrets.vault"]).ok();
    assert_eq!(sandbox.run(["get", "dev/A"]).ok().text(), "other");
    sandbox.set("dev/B", b"main");
    sandbox.git(&["commit", "-qam", "merged"]).ok();
    assert_eq!(sandbox.run(["get", "dev/A"]).ok().text(), "other");
    assert_eq!(sandbox.run(["get", "dev/B"]).ok().text(), "main");
    sandbox.run(["verify", "--since", "other"]).ok();
}

#[test]
fn of_two_rosters_one_is_taken_and_accepted_where_the_other_was_seen() {
    let Some(sandbox) = repository() else { return };
    let elsewhere = Device::new(&sandbox, "elsewhere").with_key(sandbox.key());
    let other = || drop(elsewhere.run(&["env", "add", "other"]).ok());
    let run = merge(&sandbox, &other, &|| drop(sandbox.run(["env", "add", "main"]).ok()));
    assert_eq!(run.code, 1, "{run:?}");
    sandbox.git(&["checkout", "-q", "--theirs", "secrets.vault"]).ok();
    let hint = sandbox.run(["env", "add", "main"]).fails(6).says("the roster is a fork").stderr;
    let hash = hint.trim().rsplit(' ').next().unwrap();
    sandbox.run(["verify", "--accept", hash]).ok();
    sandbox.run(["env", "add", "main"]).ok();
    sandbox.run(["verify", "--since", "other"]).ok();
}
