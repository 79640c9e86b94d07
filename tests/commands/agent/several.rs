//! Several agents at once, and stopping all of them.

use crate::harness::finish;
use crate::unlocked::{Unlocked, has_memory, lives, until};

#[test]
fn several_vaults_can_be_unlocked_at_once_and_locked_one_by_one_or_together() {
    let (vault, mut other) = (Unlocked::new(), Unlocked::new());
    other.runtime.clone_from(&vault.runtime);
    vault.unlock(&[]).ok();
    other.unlock(&[]).ok();
    let ben = finish(vault.command(&["user", "add", "ben", "--read", "dev"])).ok().text();
    vault.unlock_with("VAULT_KEY", ben.trim()).ok().says("as ben");
    let all = || vault.run(&["status", "--all", "--json"]).ok().json().as_array().unwrap().clone();
    let of = |vault: &Unlocked, user: &str| {
        let path = vault.sandbox.vault().canonicalize().unwrap();
        all().iter().filter(|one| one["path"] == path.to_str().unwrap() && one["user"] == user).count()
    };
    assert_eq!((all().len(), of(&vault, "mia"), of(&vault, "ben"), of(&other, "mia")), (3, 1, 1, 1));
    let table = finish({
        let mut nowhere = vault.command(&["status", "--all"]);
        nowhere.current_dir("/");
        nowhere
    });
    let table = table.ok().text();
    assert!(table.contains("  ben   15 min  1 h      15 min      "), "{table}");
    vault.run(&["lock", "--user", "ben"]).ok().says("Locked.");
    assert_eq!((of(&vault, "mia"), of(&vault, "ben")), (1, 0));
    vault.run(&["lock"]).ok();
    vault.run(&["get", "TOKEN"]).fails(4);
    other.run(&["get", "TOKEN"]).ok();
    vault.unlock(&[]).ok();
    other.run(&["lock", "--all"]).ok().says("Locked.");
    let log = finish(other.command(&["log", "--action", "lock", "--json"])).ok().text();
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(all().is_empty());
    assert_eq!(vault.run(&["status", "--all"]).ok().text(), "Nothing is unlocked.\n");
    vault.run(&["get", "TOKEN"]).fails(4);
    other.run(&["get", "TOKEN"]).fails(4);
}

#[test]
fn a_user_has_one_agent_and_old_keys_are_useless() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let first = vault.agent();
    vault.unlock(&[]).ok();
    until("the first agent ends", || !lives(first));
    assert_ne!(vault.agent(), first);
    // The keys are new, so the agent no longer holds the user's keys.
    let agent = vault.agent();
    let key = finish(vault.command(&["passwd", "--key"])).ok().text();
    assert!(key.starts_with("AGE-SECRET-KEY-1"));
    vault.run(&["get", "TOKEN"]).fails(4);
    until("the agent of the old keys ends", || !lives(agent));
}

#[test]
fn lock_all_stops_the_other_agents_if_one_cannot_be_stopped() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let agent = vault.agent();
    let stray = vault.runtime.join("vault/a.sock");
    std::fs::write(&stray, "").unwrap();
    vault.run(&["lock", "--all"]).fails(1).says("The other agents were stopped.").says("a.sock is not an agent socket");
    assert!(!has_memory(agent));
    std::fs::remove_file(&stray).unwrap();
    vault.run(&["lock", "--all"]).ok().says("No agent listens in ");
}

#[test]
fn lock_all_also_locks_a_vault_whose_file_cannot_be_read() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    let agent = vault.agent();
    vault.sandbox.write("secrets.vault", "not any more");
    vault.run(&["lock"]).fails(6).says("vault lock --all");
    vault.run(&["lock", "--all"]).ok().says("Locked.");
    assert!(!has_memory(agent));
}

#[test]
fn lock_stops_the_agent_of_an_old_or_forged_file_even_under_strict_settings() {
    let vault = Unlocked::new();
    let read = || std::fs::read_to_string(vault.sandbox.vault()).unwrap();
    let old = read();
    let lock = || {
        let mut lock = vault.command(&["lock"]);
        lock.env("VAULT_STRICT", "1").env_remove("VAULT_KEY");
        finish(lock)
    };
    vault.sandbox.set("TOKEN", b"hunter3");
    // The signature covers another time.
    let (first, rest) = old.split_once("version = 2").unwrap();
    let forged = format!("{first}version = 2{}", rest.replacen("time = \"20", "time = \"21", 1));
    for file in [old, forged] {
        vault.unlock(&[]).ok();
        let agent = vault.agent();
        let newest = read();
        vault.sandbox.write("secrets.vault", &file);
        vault.run(&["get", "TOKEN"]).fails(6);
        lock().ok().says("Locked.");
        assert!(!has_memory(agent));
        vault.sandbox.write("secrets.vault", &newest);
    }
}
