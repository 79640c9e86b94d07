//! An agent whose vault was changed on another machine: its user was removed, or the keys were replaced.

use crate::harness::{Sandbox, finish};
use crate::unlocked::{Unlocked, has_memory, lives, send, until};
use std::time::Duration;

#[test]
fn a_removed_user_can_lock() {
    let vault = Unlocked::new();
    let key = finish(vault.command(&["user", "add", "ben", "--read", "dev"])).ok().text();
    vault.unlock_with("VAULT_KEY", key.trim()).ok().says("as ben");
    let agent = vault.agent();
    finish(vault.command(&["user", "rm", "-y", "ben"])).ok();
    vault.run(&["lock"]).ok().says("Locked.");
    assert!(!has_memory(agent));
}

#[test]
fn a_removed_users_first_command_says_so_and_stops_their_agent() {
    let vault = Unlocked::new();
    let key = finish(vault.command(&["user", "add", "ben", "--read", "dev"])).ok().text();
    vault.unlock_with("VAULT_KEY", key.trim()).ok();
    let agent = vault.agent();
    finish(vault.command(&["user", "rm", "-y", "ben"])).ok();
    vault.run(&["get", "TOKEN"]).fails(4).says("warning: ben was removed by mia");
    assert!(!has_memory(agent));
    vault.run(&["lock", "--user", "ben"]).ok().says("No agent listens in ");
    vault.run(&["lock", "--user", "zoe"]).fails(3).says("there is no user \"zoe\"");
    vault.run(&["status", "--user", "zoe"]).fails(3).says("there is no user \"zoe\"");
}

#[test]
fn a_replacement_of_keys_elsewhere_is_reported_and_stops_the_agent() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let agent = vault.agent();
    // Another machine, without this agent.
    let mut elsewhere = vault.command(&["passwd", "--key"]);
    elsewhere.env("XDG_RUNTIME_DIR", vault.sandbox.home());
    finish(elsewhere).ok();
    assert!(lives(agent));
    vault.run(&["get", "TOKEN"]).fails(4).says("warning: mia has new keys");
    assert!(!has_memory(agent));
}

#[test]
fn n1_the_agent_lets_a_branch_from_before_new_keys_be_read() {
    let Some(sandbox) = Sandbox::in_repository() else { return };
    sandbox.set("dev/KEY", b"start");
    let vault = Unlocked::around(sandbox);
    let git = |arguments: &str| drop(vault.sandbox.git(&arguments.split(' ').collect::<Vec<_>>()).ok());
    git("add .");
    git("commit -qm start");
    git("branch feature");
    let key = finish(vault.command(&["passwd", "--key"])).ok().text();
    git("commit -qam renewed");
    vault.unlock_with("VAULT_KEY", key.trim()).ok();
    let agent = vault.agent();
    for _ in 0..2 {
        git("checkout -q feature");
        let run = vault.run(&["get", "dev/KEY"]).ok();
        assert!(run.text() == "start" && run.stderr.is_empty(), "{run:?}");
        vault.run(&["exec", "-e", "dev", "--", "true"]).ok();
        vault.run(&["rm", "-y", "dev/KEY"]).fails(6).says("git merge main");
        vault.run(&["log", "verify"]).ok();
        git("checkout -q main");
        assert_eq!(vault.run(&["get", "dev/KEY"]).ok().text(), "start");
    }
    vault.run(&["log", "verify"]).ok();
    assert_eq!(vault.agent(), agent);
    // An older file in the place of main's file doesn't count as another branch.
    git("checkout -q HEAD~ -- secrets.vault");
    git("commit -qm old");
    vault.run(&["get", "dev/KEY"]).fails(4);
}

#[test]
fn exec_watch_sees_a_change_made_while_locked_after_the_next_unlock() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let mut watch = vault.command(&["exec", "--watch", "--", "sh", "-c", "echo $TOKEN >>seen; exec sleep 60"]);
    let mut watch = watch.env_remove("VAULT_KEY").spawn().unwrap();
    let seen = || std::fs::read_to_string(vault.sandbox.project().join("seen")).unwrap_or_default();
    until("the command runs", || seen() == "hunter2\n");
    vault.run(&["lock"]).ok();
    vault.sandbox.set("TOKEN", b"hunter3");
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(seen(), "hunter2\n");
    vault.unlock(&[]).ok();
    until("the command runs with the new value", || seen() == "hunter2\nhunter3\n");
    send("TERM", watch.id());
    watch.wait().unwrap();
}
