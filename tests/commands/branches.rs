//! A vault that was changed on two branches: what git merges without help, and what docs/team.md says about the rest.

use crate::device::Device;
use crate::harness::{Run, Sandbox};

/// A repository with a vault of dev and prod, on main.
fn repository() -> Option<Sandbox> {
    let sandbox = Sandbox::in_repository()?;
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
fn git_merges_changes_in_different_environments_without_help() {
    let Some(sandbox) = repository() else { return };
    merge(&sandbox, &|| sandbox.set("prod/A", b"other"), &|| sandbox.set("dev/A", b"main")).ok();
    assert_eq!(sandbox.run(["get", "dev/A"]).ok().text(), "main");
    assert_eq!(sandbox.run(["get", "prod/A"]).ok().text(), "other");
    sandbox.run(["verify", "--since", "main^"]).ok();
    sandbox.run(["verify", "--since", "other"]).ok();
}

#[test]
fn taking_one_side_whole_is_a_loss_until_the_other_side_is_merged_again() {
    let Some(sandbox) = repository() else { return };
    let run = merge(&sandbox, &|| sandbox.set("dev/A", b"other"), &|| sandbox.set("dev/B", b"main"));
    assert_eq!(run.code, 1, "{run:?}");
    sandbox.git(&["checkout", "-q", "--theirs", "secrets.vault"]).ok();
    sandbox.git(&["add", "secrets.vault"]).ok();
    let refusal = sandbox.run_with_input(["set", "dev/B"], b"main").fails(6);
    let refusal = refusal.says("nothing is saved: dev version 2 by mia is missing from this file").stderr;
    let commit = refusal.split("vault merge --from ").nth(1).unwrap().split(';').next().unwrap();
    sandbox.run(["merge", "--from", commit]).ok();
    sandbox.git(&["commit", "-qam", "merged"]).ok();
    let run = sandbox.run(["get", "dev/A"]).ok();
    assert!(run.stderr.is_empty() && run.text() == "other", "{run:?}");
    assert_eq!(sandbox.run(["get", "dev/B"]).ok().text(), "main");
    sandbox.run(["verify", "--since", "other"]).ok();
    sandbox.run(["merge", "--from", "no-such"]).fails(2);
}

#[test]
fn of_two_rosters_one_is_kept_and_must_be_accepted_by_devices_that_saw_the_other() {
    let Some(sandbox) = repository() else { return };
    let elsewhere = Device::new(&sandbox, "elsewhere").with_key(sandbox.key());
    let other = || drop(elsewhere.run(&["env", "add", "other"]).ok());
    let run = merge(&sandbox, &other, &|| drop(sandbox.run(["env", "add", "main"]).ok()));
    assert_eq!(run.code, 1, "{run:?}");
    sandbox.git(&["checkout", "-q", "--theirs", "secrets.vault"]).ok();
    sandbox.git(&["add", "secrets.vault"]).ok();
    let hint = sandbox.run(["env", "add", "main"]).fails(6).says("roster change 4 (added environment main").stderr;
    let hash = hint.split("--accept ").nth(1).unwrap().split_whitespace().next().unwrap();
    sandbox.run(["verify", "--accept", hash]).ok();
    sandbox.run(["env", "add", "main"]).ok();
    sandbox.run(["verify", "--since", "other"]).ok();
}
