//! Keys and slots that no longer open a vault, or never did: L7, L11 and L13.

use crate::forge::{Forge, Member, Team, dearmored, opened, opened_with_passphrase, text_of};
use crate::harness::{Run, Sandbox, finish, has};
use std::path::Path;

const PASSPHRASE: &str = "an unusual passphrase for tests";

/// A vault with a passphrase, and its recovery key.
fn with_passphrase() -> (Sandbox, String) {
    let sandbox = Sandbox::empty();
    let created = with(&sandbox, PASSPHRASE, &["init", "--work-factor", "10"]).ok();
    let set = feed_with(&sandbox, PASSPHRASE, &["set", "KEY"], b"before");
    set.ok();
    let recovery = recovery_key(&created.stderr);
    (sandbox, recovery)
}

fn recovery_key(text: &str) -> String {
    text.split_whitespace().find(|word| word.starts_with("AGE-SECRET-KEY-1")).unwrap().to_owned()
}

fn with(sandbox: &Sandbox, passphrase: &str, arguments: &[&str]) -> Run {
    feed_with(sandbox, passphrase, arguments, b"")
}

fn feed_with(sandbox: &Sandbox, passphrase: &str, arguments: &[&str], input: &[u8]) -> Run {
    let mut command = sandbox.command(arguments);
    command.env("VAULT_PASSPHRASE", passphrase);
    crate::harness::feed(command, input)
}

fn with_key(sandbox: &Sandbox, key: &str, arguments: &[&str]) -> Run {
    let mut command = sandbox.command(arguments);
    command.env("VAULT_KEY", key);
    finish(command)
}

const NEW_PASSPHRASE: &str = "quite another passphrase for tests";

/// Changes the passphrase, and returns the new recovery key.
fn change_passphrase(sandbox: &Sandbox, key: &str) -> String {
    let path = sandbox.write("new", NEW_PASSPHRASE);
    let script =
        format!("exec \"$0\" passwd --work-factor 10 --new-passphrase-fd 3 3<'{}'", Path::new(&path).display());
    let mut command = sandbox.other("sh", ["-c", &script, crate::harness::program().to_str().unwrap()]);
    command.env("VAULT_KEY", key);
    let run = finish(command).ok();
    let recovery = recovery_key(&run.stderr);
    feed_with(sandbox, NEW_PASSPHRASE, &["set", "KEY"], b"after").ok();
    recovery
}

/// Puts the slots of the old file into the new one, and removes the device's state.
fn put_slots_back(sandbox: &Sandbox, old: &[u8]) {
    let mut forge = Forge::of(sandbox);
    forge.file.slots = vault::vault::File::parse(old).unwrap().slots;
    forge.write();
    std::fs::remove_dir_all(sandbox.state()).unwrap();
}

#[test]
fn l7_an_old_file_with_the_old_passphrase_opens_nothing_newer() {
    let (sandbox, recovery) = with_passphrase();
    let old = std::fs::read(sandbox.vault()).unwrap();
    change_passphrase(&sandbox, &recovery);
    with(&sandbox, PASSPHRASE, &["get", "KEY"]).fails(4).says("wrong passphrase");
    put_slots_back(&sandbox, &old);
    with(&sandbox, PASSPHRASE, &["get", "KEY"]).fails(4).says("old keys of mia");
    // Not even without the program: the new block is not encrypted to the old identity.
    let identity = old_identity(&old, PASSPHRASE);
    let block = Forge::of(&sandbox).block("dev").data.clone();
    let bytes = dearmored(&block);
    assert_eq!(opened(&identity.keys, &bytes), None);
}

fn old_identity(file: &[u8], passphrase: &str) -> vault::identity::Identity {
    let file = vault::vault::File::parse(file).unwrap();
    let slot = file.slots.iter().find(|slot| slot.kind == vault::vault::SlotKind::Passphrase).unwrap();
    let bytes = dearmored(&slot.data);
    let text = opened_with_passphrase(passphrase, &bytes).unwrap();
    vault::identity::Identity::from_text(std::str::from_utf8(&text).unwrap()).unwrap()
}

#[test]
fn l11_a_recovery_key_from_before_passwd_opens_nothing_newer() {
    let (sandbox, recovery) = with_passphrase();
    let old = std::fs::read(sandbox.vault()).unwrap();
    let new_recovery = change_passphrase(&sandbox, &recovery);
    with_key(&sandbox, &recovery, &["get", "KEY"]).fails(4).says("the key does not open this vault");
    assert_eq!(with_key(&sandbox, &new_recovery, &["get", "KEY"]).ok().text(), "after");
    put_slots_back(&sandbox, &old);
    with_key(&sandbox, &recovery, &["get", "KEY"]).fails(4).says("old keys of mia");
}

#[test]
fn l13_a_slot_of_another_user_or_vault_is_refused() {
    let team = Team::new();
    // ben's slot under mia's name opens ben's keys.
    let mut forge = team.forge();
    let mut stolen = team.ben.slot(forge.id(), forge.head());
    stolen.user = team.mia.name.clone();
    forge.file.slots = vec![stolen];
    forge.write();
    team.ben.run(&team.sandbox, &["get", "dev/KEY"]).fails(6).says("from another vault or user");
    // ben makes a slot for mia with his own keys, which are not in the roster.
    let mut forge = team.forge();
    let pretender = Member { name: team.mia.name.clone(), ..Member::new("mia") };
    let slot = pretender.slot(forge.id(), forge.head());
    forge.file.slots.push(slot);
    forge.write();
    pretender.run(&team.sandbox, &["get", "dev/KEY"]).fails(4).says("old keys of mia");
    // mia's slot of another vault.
    let other = Team::new();
    let mut forge = team.forge();
    let slot = team.mia.slot(other.forge().id(), other.forge().head());
    forge.file.slots = vec![slot];
    forge.write();
    team.sandbox.run(["get", "dev/KEY"]).fails(6).says("from another vault or user");
    // A slot for somebody who is not a user.
    let eve = Member::new("eve");
    let mut forge = team.forge();
    let slot = eve.slot(forge.id(), forge.head());
    forge.file.slots.push(slot);
    forge.write();
    eve.run(&team.sandbox, &["get", "dev/KEY"]).fails(4);
    team.accepts();
}

#[test]
fn slots_of_people_who_are_not_users_open_nothing_and_are_not_kept() {
    let (sandbox, _) = with_passphrase();
    let mut forge = Forge::of(&sandbox);
    let mut planted = forge.file.slots[0].clone();
    planted.user = crate::forge::user("zz");
    forge.file.slots.push(planted);
    let head = forge.head();
    (0..50).for_each(|n| forge.file.slots.push(Member::new(&format!("junk{n}")).slot(forge.id(), head)));
    forge.write();
    let fresh = |arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        command.env("VAULT_PASSPHRASE", PASSPHRASE).env("VAULT_STATE_DIR", sandbox.home().join("fresh"));
        finish(command)
    };
    fresh(&["get", "KEY"]).ok();
    feed_with(&sandbox, PASSPHRASE, &["set", "KEY"], b"after").ok();
    let users: Vec<_> = Forge::of(&sandbox).file.slots.iter().map(|slot| slot.user.to_string()).collect();
    assert_eq!(users, ["mia", "mia"]);
}

#[test]
fn a_damaged_slot_without_a_user_does_not_block_a_key() {
    let team = Team::new();
    let mut forge = team.forge();
    let mut planted = team.mia.slot(forge.id(), forge.head());
    planted.user = crate::forge::user("zz");
    planted.data = Member::new("zz").slot(forge.id(), forge.head()).data.replace('A', "B").into();
    forge.file.slots.insert(0, planted);
    forge.write();
    team.accepts();
}

#[test]
fn an_identity_key_does_not_open_a_slot() {
    let team = Team::new();
    let identity = vault::identity::Identity {
        vault: team.forge().id(),
        user: team.mia.name.clone(),
        keys: team.mia.keys.clone(),
        roster: team.forge().head(),
    };
    let text = text_of(&identity);
    let secret = text.lines().find(|line| line.starts_with("AGE-SECRET-KEY-1")).unwrap();
    let run = with_key(&team.sandbox, secret, &["get", "dev/KEY"]).fails(4).says("the identity key of mia");
    assert!(!run.stderr.contains(secret));
}

#[test]
fn verify_refuses_a_slot_that_nobody_can_open_and_names_its_user() {
    let (sandbox, _) = with_passphrase();
    let slots = Forge::of(&sandbox).file.slots;
    sandbox.run(["verify"]).ok();
    for (place, kind) in ["passphrase", "key"].into_iter().enumerate() {
        let (armor, other) = (&*slots[place].data, &*slots[1 - place].data);
        let middle = armor.len() / 2;
        for damaged in [[&armor[..middle], &armor[middle + 1..]].concat(), other.to_owned()] {
            let mut forge = Forge::of(&sandbox);
            forge.file.slots.clone_from(&slots);
            forge.file.slots[place].data = damaged.into();
            forge.write();
            sandbox.run(["verify"]).fails(6).says(&format!("a {kind} slot of mia is damaged"));
        }
    }
    if has("git") {
        sandbox.git(&["init", "-q"]).ok();
        sandbox.git(&["add", "secrets.vault"]).ok();
        sandbox.git(&["commit", "-qm", "one"]).ok();
        sandbox.run(["verify", "--at", "HEAD"]).fails(6).says("a key slot of mia is damaged");
    }
}
