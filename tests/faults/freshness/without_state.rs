//! A device whose marks are gone, damaged or forged: what the slot, the agent, a pin and the signatures still prove.

use super::Past;
use super::without_key::KEYLESS;
use crate::forge::{Forge, Member, Team, refuses, user, verified_roster};
use crate::harness::{Run, Sandbox, feed, finish};
use std::os::unix::fs::PermissionsExt as _;
use vault::identity::PrivateKeys;
use vault::roster::{Change, Role};

#[test]
fn d15_a_deleted_state_causes_a_warning_and_trust_rests_on_the_slot() {
    let past = Past::of_environment(false);
    std::fs::remove_dir_all(past.sandbox.state()).unwrap();
    let read = past.sandbox.run(["get", "KEY"]).ok().says("warning: first use of this vault on this device");
    assert_eq!(read.stderr.lines().filter(|line| line.starts_with("warning")).count(), 1, "{read:?}");
    let again = past.sandbox.run(["get", "KEY"]).ok();
    assert!(!again.stderr.contains("warning"), "{again:?}");
    std::fs::remove_dir_all(past.sandbox.state()).unwrap();
    let write = past.sandbox.run_with_input(["set", "KEY"], b"x").ok();
    assert_eq!(write.stderr.lines().filter(|line| line.starts_with("warning")).count(), 1, "{write:?}");
    std::fs::remove_dir_all(past.sandbox.state()).unwrap();
    past.sandbox.run(["get", "KEY", "--strict"]).fails(6);
}

#[test]
fn d15_without_state_a_roster_older_than_the_slots_is_refused() {
    let team = Team::new();
    let old = team.forge();
    let mut forge = team.forge();
    forge.change(&team.mia, Change::SetRole { user: user("ben"), role: Role::Admin });
    let slot = team.mia.slot(forge.id(), forge.head());
    forge.file.slots = vec![slot.clone()];
    forge.write();
    team.accepts();
    let mut mixed = Forge { path: forge.path.clone(), file: old.file.clone() };
    mixed.file.slots = vec![slot];
    mixed.write();
    std::fs::remove_dir_all(team.sandbox.state()).unwrap();
    team.sandbox.run(["get", "dev/KEY"]).fails(6).says("the roster is older than the one mia unlocked before");
}

#[test]
fn d15_damaged_marks_do_not_count_as_missing() {
    let past = Past::of_environment(false);
    let marks = past.sandbox.vault_state().join("marks.json");
    let honest = std::fs::read(&marks).unwrap();
    for bytes in [&b""[..], b"{}", b"null", &honest[..honest.len() - 1]] {
        std::fs::write(&marks, bytes).unwrap();
        refuses(&past.sandbox, "KEY", "marks.json is damaged");
    }
}

#[test]
fn without_a_key_marks_for_a_forged_roster_are_useless() {
    let team = Team::new();
    let passphrase = "orbit-velvet-cactus-mimic-dusk-ferry";
    let mut chosen = team.sandbox.command(["passwd", "--new-passphrase-fd", "0", "--work-factor", "10"]);
    chosen.env("VAULT_KEY", &team.ben.key);
    feed(chosen, passphrase.as_bytes()).ok();
    let mut forge = Forge::of(&team.sandbox);
    forge.change(&team.mia, Change::SetRole { user: user("rea"), role: Role::Member }).write();
    team.accepts();
    // The last change says more than what mia signed.
    let last = forge.file.roster.last_mut().unwrap();
    last.draft.change = Change::SetRole { user: user("rea"), role: Role::Admin };
    forge.write();
    let marks = team.sandbox.vault_state().join("marks.json");
    let mut json: serde_json::Value = serde_json::from_slice(&std::fs::read(&marks).unwrap()).unwrap();
    let head = forge.head();
    json["roster"] = serde_json::json!({ "version": head.version, "hash": head.hash.to_string() });
    std::fs::write(&marks, json.to_string()).unwrap();
    let by_passphrase = |arguments: &[&str]| {
        let mut command = team.sandbox.command(arguments);
        command.env_remove("VAULT_KEY").env("VAULT_PASSPHRASE", passphrase).env("VAULT_USER", "ben");
        command
    };
    for arguments in [&["user", "list"][..], &["env", "list"], &["user", "history"], &["get", "dev/KEY"], &["status"]] {
        let run = finish(by_passphrase(arguments)).fails(6).says("roster change 8 is not valid");
        assert!(run.stdout.is_empty(), "{run:?}");
    }
    feed(by_passphrase(&["set", "dev/KEY"]), b"built on it").fails(6).says("roster change 8 is not valid");
}

#[test]
fn with_the_agent_only_its_users_signature_vouches_for_a_roster() {
    let team = Team::new();
    let run = |arguments: &[&str], with_key: bool| {
        let mut command = team.sandbox.command(arguments);
        command.env_remove("VAULT_AGENT");
        if !with_key {
            command.env_remove("VAULT_KEY");
        }
        finish(command)
    };
    run(&["unlock"], true).ok();
    let mut forge = team.forge();
    let pretender = Member { name: team.mia.name.clone(), ..Member::new("mia") };
    // Without other admins. Otherwise, the log would start a new segment, which needs the key.
    forge.change(&pretender, Change::SetRole { user: user("rea"), role: Role::Member }).write();
    let marks = team.sandbox.vault_state().join("marks.json");
    let mut json: serde_json::Value = serde_json::from_slice(&std::fs::read(&marks).unwrap()).unwrap();
    let head = forge.head();
    json["roster"] = serde_json::json!({ "version": head.version, "hash": head.hash.to_string() });
    let mut gets = Vec::new();
    for keys in [&pretender.keys, &team.ben.keys, &team.mia.keys] {
        json["verified"]["mia"] = verified_roster(&forge.id(), head, keys);
        std::fs::write(&marks, json.to_string()).unwrap();
        gets.push(run(&["get", "dev/KEY"], false));
    }
    // mia's own signature, which nobody else can make, is accepted.
    assert_eq!(gets.pop().unwrap().ok().text(), "dev-value");
    for get in gets {
        get.fails(6).says("roster change 7 is not valid");
    }
    run(&["lock", "--all"], false).ok();
}

#[test]
fn with_a_key_marks_that_vouch_for_a_forged_roster_are_useless() {
    let team = Team::new();
    let eve = Member::new("eve");
    let mut forge = team.forge();
    // In mia's name, so that only the signature reveals the forgery.
    let pretender = Member { name: team.mia.name.clone(), ..Member::new("mia") };
    let change = forge.adding(&eve, Role::Admin, &[]);
    forge.change(&pretender, change).write();
    // Somebody who can write a CI cache can write the marks, too.
    let marks = team.sandbox.vault_state().join("marks.json");
    let mut json: serde_json::Value = serde_json::from_slice(&std::fs::read(&marks).unwrap()).unwrap();
    let head = forge.head();
    let forged = serde_json::json!({ "version": head.version, "hash": head.hash.to_string() });
    let vouched = |keys: &PrivateKeys| verified_roster(&forge.id(), head, keys);
    // mia vouched for the roster that she verified. Her voucher must not count for another roster, and eve's must not
    // count at all.
    let mut honest = json["verified"][team.mia.name.as_str()].clone();
    assert!(honest["voucher"].is_string(), "a run with a key vouches for the roster it verified: {json}");
    honest["head"] = forged.clone();
    json["roster"] = forged.clone();
    for verified in [vouched(&eve.keys), vouched(&pretender.keys), honest] {
        json["verified"][team.mia.name.as_str()] = verified;
        std::fs::write(&marks, json.to_string()).unwrap();
        team.refuses("roster change 7 is not valid: it is not signed by its author");
    }
    let path = team.sandbox.write("key", &team.mia.key);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let without_variable = |arguments: &[&str]| {
        let mut command = team.sandbox.command(arguments);
        command.env_remove("VAULT_KEY");
        command
    };
    // Verifying needs no key and trusts nothing.
    finish(without_variable(&["verify"])).fails(6).says("roster change 7 is not valid");
    finish(without_variable(&["--key-file", "key", "get", "dev/KEY"])).fails(6).says("roster change 7 is not valid");
    let mut by_variable = without_variable(&["get", "dev/KEY"]);
    by_variable.env("VAULT_KEY_FILE", path);
    finish(by_variable).fails(6).says("roster change 7 is not valid");
}

/// Runs without state and with this pin.
fn with_pin(sandbox: &Sandbox, pin: &str, arguments: &[&str]) -> Run {
    let mut command = sandbox.command(arguments);
    command.env("VAULT_PIN", pin).env("VAULT_STATE_DIR", sandbox.project().join("fresh"));
    let run = finish(command);
    let _ = std::fs::remove_dir_all(sandbox.project().join("fresh"));
    run
}

#[test]
fn on_a_machine_without_state_a_pin_refuses_an_older_file() {
    for past in [Past::of_roster(true), Past::of_environment(true)] {
        let newest = past.sandbox.run(["status", "--pin"]).ok().text();
        let accepted = with_pin(&past.sandbox, &newest, &["get", "KEY"]).ok();
        assert!(accepted.stderr.is_empty(), "{accepted:?}");
        with_pin(&past.sandbox, &newest, &["get", "KEY", "--strict"]).ok();
        past.go_back();
        for arguments in [&["get", "KEY"][..], &["verify"], &["list"]] {
            with_pin(&past.sandbox, &newest, arguments).fails(6).says("older than VAULT_PIN");
        }
        std::fs::write(past.sandbox.vault(), &past.newer).unwrap();
        past.sandbox.set("KEY", b"goes on");
        with_pin(&past.sandbox, &newest, &["get", "KEY"]).ok();
    }
}

#[test]
fn a_pin_is_checked_before_anything_of_the_roster_is_shown() {
    let past = Past::of_roster(false);
    let newest = past.sandbox.run(["status", "--pin"]).ok().text();
    past.go_back();
    for arguments in KEYLESS {
        let run = with_pin(&past.sandbox, &newest, arguments).fails(6).says("the roster is older than VAULT_PIN");
        assert!(run.stdout.is_empty(), "{run:?}");
    }
}

#[test]
fn an_invalid_pin_or_one_of_another_vault_is_refused() {
    let (one, other) = (Past::of_environment(false), Past::of_environment(false));
    let pin = other.sandbox.run(["status", "--pin"]).ok().text();
    with_pin(&one.sandbox, &pin, &["get", "KEY"]).fails(6).says("not the vault");
    for nonsense in ["x", "/", &pin[1..], &pin.replace('/', "//"), &pin.replace('.', "")] {
        with_pin(&one.sandbox, nonsense, &["get", "KEY"]).fails(2).says("VAULT_PIN can't be read");
    }
}
