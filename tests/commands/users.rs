//! Users are invited, join, get and lose rights, and are removed.

use crate::device::{Device, add, vault};
use crate::forge::{Forge, keys_of, opened};
use crate::harness::{Sandbox, finish};
use std::process::Stdio;

const PASSPHRASE: &str = "an unusual passphrase for tests";
const OTHER_PASSPHRASE: &str = "quite another passphrase for tests";

#[test]
fn a_printed_key_is_usable_by_a_machine_at_once_and_reads_what_was_given() {
    let sandbox = vault();
    let run = sandbox.run(["user", "add", "ci", "--read", "prod"]).ok().says("Added user \"ci\": reads prod.");
    assert!(!run.stderr.contains("AGE-SECRET-KEY"), "{run:?}");
    let ci = Device::new(&sandbox, "ci").with_key(&run.text());
    assert_eq!(ci.run(&["get", "prod/KEY"]).ok().text(), "prod-value");
    assert_eq!(ci.run(&["exec", "-e", "prod", "--", "printenv", "KEY"]).ok().text(), "prod-value\n");
    ci.run(&["get", "dev/KEY"]).fails(5).says("ci may not read dev").says("vault grant ci dev:read");
    ci.set("prod/KEY", b"new").fails(5).says("ci may not write prod").says("mia can give it");
    sandbox.run(["verify"]).ok();
}

#[test]
fn every_refusal_is_in_the_log_of_who_was_refused() {
    let sandbox = vault();
    let ci = Device::new(&sandbox, "ci").with_key(&add(&sandbox, &["ci", "--read", "prod"]));
    ci.run(&["get", "dev/KEY"]).fails(5);
    ci.run(&["exec", "-e", "dev", "--", "true"]).code.eq(&125).then_some(()).unwrap();
    ci.set("prod/KEY", b"new").fails(5);
    ci.run(&["rm", "-y", "prod/KEY"]).fails(5);
    ci.run(&["history", "dev/KEY"]).fails(5);
    ci.run(&["grant", "ci", "prod:write"]).fails(5).says("\"ci\" is not an admin").says("ask an admin: mia");
    ci.run(&["user", "add", "eve"]).fails(5).says("ask an admin: mia");
    ci.run(&["user", "rm", "-y", "mia"]).fails(5);
    ci.run(&["user", "role", "ci", "admin"]).fails(5);
    ci.run(&["revoke", "mia", "prod"]).fails(5);
    ci.run(&["env", "rm", "-y", "prod"]).fails(5);
    let log = ci.run(&["log", "--json"]).ok().text();
    let denied: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let actions: Vec<_> = denied.iter().filter(|entry| entry["outcome"] == "denied").map(|e| &e["action"]).collect();
    let expected = [
        "get",
        "exec",
        "set",
        "remove",
        "history",
        "grant",
        "user-add",
        "user-remove",
        "user-role",
        "revoke",
        "env-remove",
    ];
    assert_eq!(actions, expected);
    ci.run(&["log", "verify"]).ok();
}

#[test]
fn joining_brings_a_passphrase_and_ends_the_printed_key() {
    let sandbox = vault();
    let printed = add(&sandbox, &["ben", "--write", "dev", "--read", "prod", "--email", "ben@example.com"]);
    let before = std::fs::read(sandbox.vault()).unwrap();
    let laptop = Device::new(&sandbox, "ben").with_key(&printed);
    let joined = laptop.join(PASSPHRASE).ok().says("Joined as \"ben\": writes dev; reads prod.").says("Recovery key");
    laptop.run(&["get", "dev/KEY"]).fails(4).says("does not open this vault");
    let laptop = laptop.with_passphrase(PASSPHRASE);
    assert_eq!(laptop.run(&["get", "dev/KEY"]).ok().text(), "dev-value");
    assert_eq!(laptop.run(&["get", "prod/KEY"]).ok().text(), "prod-value");
    laptop.set("dev/KEY", b"by-ben").ok();
    assert_eq!(sandbox.run(["get", "dev/KEY"]).ok().text(), "by-ben");
    // The recovery key is ben's, too; the printed key in the old slot opens keys that nothing is encrypted to any more.
    let recovery = joined.stderr.split_whitespace().find(|word| word.starts_with("AGE-SECRET-KEY-1")).unwrap();
    Device::new(&sandbox, "rescue").with_key(recovery).run(&["get", "dev/KEY"]).ok();
    let mut forge = Forge::of(&sandbox);
    forge.file.slots = vault::file::File::parse(before.clone()).unwrap().slots;
    forge.write();
    Device::new(&sandbox, "thief").with_key(&printed).run(&["get", "dev/KEY"]).fails(4).says("old keys of ben");
}

#[test]
fn who_has_joined_is_told_to_use_passwd_and_a_weak_passphrase_changes_nothing() {
    let sandbox = vault();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben"]));
    let before = std::fs::read(sandbox.vault()).unwrap();
    ben.join("password").fails(2);
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
    ben.run(&["list"]).fails(5);
    ben.run(&["join"]).fails(4).says("set VAULT_PASSPHRASE or use --new-passphrase-fd");
    let mut join = ben.command(&["join", "--work-factor", "10"]);
    join.env("VAULT_PASSPHRASE", PASSPHRASE);
    finish(join).ok().says("Joined as \"ben\": reads nothing.");
    sandbox.run(["join", "--non-interactive"]).fails(2).says("has already joined").says("vault passwd");
    Device::new(&sandbox, "new").run(&["join"]).fails(4).says("joining needs the key");
}

#[test]
fn a_request_keeps_the_secret_on_the_device_that_asked() {
    let sandbox = vault();
    let zoe = Device::new(&sandbox, "zoe");
    let asked = zoe.run(&["join", "--request", "--user", "zoe"]).ok().says("the private ones stay");
    let line = asked.text();
    assert!(line.starts_with("vault-keys-1,zoe,") && !line.trim().contains(' '), "{line}");
    let fingerprint = asked.stderr.lines().find_map(|line| line.split_once("by voice: ")).unwrap().1;
    assert_eq!(fingerprint.len(), 24, "{asked:?}");
    zoe.run(&["join"]).fails(4).says("has not been added yet");
    sandbox
        .run(["user", "add", "zoe", "--read", "dev", "--keys", line.trim()])
        .ok()
        .says("Nobody else knows")
        .says(fingerprint);
    let zoe = zoe.with_passphrase(PASSPHRASE);
    let joined = finish(zoe.command(&["join", "--work-factor", "10"])).ok();
    assert!(joined.stdout.is_empty() && joined.stderr.contains("Joined as \"zoe\": reads dev"), "{joined:?}");
    assert_eq!(zoe.run(&["get", "dev/KEY"]).ok().text(), "dev-value");
    // The keys on the disk are gone, and nobody issued the new ones.
    let state = std::fs::read_dir(&zoe.state).unwrap().next().unwrap().unwrap().path();
    let names: Vec<_> = std::fs::read_dir(state).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().starts_with("request")), "{names:?}");
    let users = sandbox.run(["user", "list", "--json"]).ok().json();
    let zoe = users.as_array().unwrap().iter().find(|user| user["username"] == "zoe").unwrap();
    assert!(zoe.get("issuedBy").is_none() && zoe["addedBy"] == "mia", "{zoe}");
}

#[test]
fn a_user_whose_request_waits_is_told_so_and_not_to_use_a_key() {
    let sandbox = vault();
    let zoe = Device::new(&sandbox, "zoe");
    let line = zoe.run(&["join", "--request", "--user", "zoe"]).ok().text();
    for arguments in [&["list"][..], &["list", "--user", "zoe"]] {
        zoe.run(arguments).fails(4).says("\"zoe\" asked to join but has not been added yet").says("vault user add zoe");
    }
    for arguments in [&["status"][..], &["status", "--user", "zoe"], &[]] {
        let run =
            zoe.run(arguments).ok().says("\"zoe\" asked to join but has not been added yet").says("vault user add zoe");
        assert!(run.text().contains("locked"), "{run:?}");
    }
    zoe.run(&["status", "--user", "nobody"]).fails(3);
    sandbox.run(["user", "add", "zoe", "--read", "dev", "--keys", line.trim()]).ok();
    for arguments in [&["list"][..], &["list", "--user", "zoe"]] {
        zoe.run(arguments).fails(4).says("\"zoe\" was added but has not joined yet").says("vault join --user zoe");
    }
    zoe.join("an unusual passphrase for tests").ok();
    zoe.run(&["list"]).fails(4).says("the vault is locked");
}

#[test]
fn a_list_of_users_is_of_the_environments_named() {
    let sandbox = vault();
    add(&sandbox, &["rea", "--read", "dev"]);
    add(&sandbox, &["ci", "--write", "prod"]);
    let names = |options: &[&str]| {
        let users = sandbox.run([&["user", "list", "--json"], options].concat()).ok().json();
        users.as_array().unwrap().iter().map(|user| user["username"].to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(&[]), r#""ci" "mia" "rea""#);
    assert_eq!(names(&["-e", "prod"]), r#""ci" "mia""#);
    assert_eq!(names(&["-e", "prod", "-e", "dev"]), r#""ci" "mia" "rea""#);
    sandbox.run(["user", "list", "-e", "nowhere"]).fails(3);
}

#[test]
fn several_people_ask_at_once_and_are_added_in_any_order() {
    let sandbox = vault();
    let names = ["ann", "bea", "cid", "dan", "eli", "fay", "gus", "hal", "ida", "jon"];
    let devices = names.map(|name| Device::new(&sandbox, name));
    let ask = |(device, name): (&Device<'_>, &&str)| device.run(&["join", "--request", "--user", name]).ok().text();
    let lines: Vec<String> = devices.iter().zip(&names).map(ask).collect();
    let mut devices: Vec<_> = devices.into_iter().map(|device| Some(device.with_passphrase(PASSPHRASE))).collect();
    let mut joined = Vec::new();
    for (turn, number) in [6, 2, 9, 0, 4, 8, 3, 1, 7, 5].into_iter().enumerate() {
        sandbox.run(["user", "add", names[number], "--read", "dev", "--keys", lines[number].trim()]).ok();
        // Whatever changes in the meantime: rights, keys, environments, other new users.
        match turn {
            1 => drop(sandbox.run(["env", "add", "staging"]).ok()),
            3 => drop(sandbox.run(["grant", names[6], "prod:read"]).ok()),
            5 => drop(sandbox.run(["user", "rm", "-y", names[2]]).ok()),
            7 => sandbox.set("dev/KEY", b"dev-value"),
            _ => {}
        }
        if turn % 2 == 0 {
            let device = devices[number].take().unwrap();
            finish(device.command(&["join", "--work-factor", "10"])).ok();
            joined.push(device);
        }
    }
    let removed = devices[2].take().unwrap();
    finish(removed.command(&["join", "--work-factor", "10"])).fails(4);
    for device in devices.into_iter().flatten() {
        finish(device.command(&["join", "--work-factor", "10"])).ok();
        joined.push(device);
    }
    assert_eq!(joined.len(), 9);
    for device in joined {
        assert_eq!(device.run(&["get", "dev/KEY"]).ok().text(), "dev-value");
    }
    let unknown = format!("vault-keys-1,eve,age1pq1qqqsyqcy,{},{}", "0".repeat(64), "A".repeat(88));
    sandbox.run(["user", "add", "eve", "--keys", &unknown]).says("made by a newer version");
}

#[test]
fn a_request_for_another_name_or_vault_is_refused_and_can_be_made_anew() {
    let sandbox = vault();
    let zoe = Device::new(&sandbox, "zoe");
    let ask = || zoe.run(&["join", "--request", "--user", "zoe"]).ok().text().trim().to_owned();
    let old = ask();
    sandbox.run(["env", "add", "staging"]).ok();
    let new = ask();
    assert_eq!(new, old, "the same keys, whatever changed meanwhile");
    sandbox.run(["user", "add", "eve", "--keys", &new]).fails(2).says("these are the keys of \"zoe\"");
    sandbox.run(["user", "add", "zoe", "--keys", "nonsense"]).fails(2).says("not public keys");
    let other = vault();
    other.run(["env", "add", "staging"]).ok();
    other.run(["user", "add", "zoe", "--keys", &new]).fails(2).says("not made for this vault");
    sandbox.run(["user", "add", "zoe", "--keys", &new]).ok();
    sandbox.run(["verify"]).ok();
    // Removed before joining, a user asks again with other keys, because keys are never reused.
    sandbox.run(["user", "rm", "-y", "zoe"]).ok();
    let again = ask();
    assert_ne!(again.split(',').nth(2), new.split(',').nth(2));
    sandbox.run(["user", "add", "zoe", "--keys", &again]).ok();
    // Nobody can ask to join under the name of a user.
    zoe.run(&["join", "--request", "--user", "mia"]).fails(2).says("user \"mia\" already exists");
}

#[test]
fn users_are_listed_with_role_rights_slots_and_who_added_them() {
    let sandbox = vault();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--write", "dev", "--email", "b@x.org"]));
    ben.join(PASSPHRASE).ok();
    add(&sandbox, &["ci", "--read", "prod,dev"]);
    let users = sandbox.run(["user", "list", "--json"]).ok().json();
    let [ben, ci, mia] = &users.as_array().unwrap()[..] else { panic!("{users}") };
    assert_eq!((&ben["role"], &ben["email"], &ben["addedBy"]), (&"member".into(), &"b@x.org".into(), &"mia".into()));
    assert_eq!(ben["slots"], serde_json::json!(["passphrase", "key"]));
    assert_eq!(ben["grants"], serde_json::json!([{ "environment": "dev", "right": "write" }]));
    assert_eq!((&ci["issuedBy"], &ci["slots"]), (&"mia".into(), &serde_json::json!(["key"])));
    assert_eq!((&mia["role"], &mia["addedBy"]), (&"admin".into(), &"mia".into()));
    assert!(mia["recipient"].as_str().unwrap().starts_with("age1") && mia["createdAt"].is_string());
    assert_ne!(ben["objectId"], ci["objectId"]);
    let table = sandbox.run(["user", "list"]).ok().text();
    assert!(table.contains("key printed by mia") && table.contains("reads dev, prod"), "{table}");
    // This needs no key.
    Device::new(&sandbox, "nobody").run(&["user", "list"]).ok();
}

#[test]
fn rights_are_granted_changed_and_revoked() {
    let sandbox = vault();
    let ci = Device::new(&sandbox, "ci").with_key(&add(&sandbox, &["ci"]));
    sandbox.run(["grant", "ci", "dev", "prod:write"]).ok().says("ci now writes prod; reads dev.");
    ci.run(&["get", "dev/KEY"]).ok();
    ci.set("prod/KEY", b"by-ci").ok();
    sandbox.run(["grant", "ci", "prod:write"]).ok().says("ci already writes prod");
    sandbox.run(["grant", "ci", "prod:read"]).ok().says("ci now reads dev, prod.");
    ci.set("prod/KEY", b"again").fails(5);
    assert_eq!(ci.run(&["get", "prod/KEY"]).ok().text(), "by-ci");
    let revoked = sandbox.run(["revoke", "ci", "prod"]).ok().says("ci now reads dev.").says("replace 1 value");
    assert_eq!(revoked.text(), "prod/KEY\n");
    ci.run(&["get", "prod/KEY"]).fails(5);
    sandbox.run(["revoke", "ci", "prod"]).fails(3).says("has no right on prod");
    sandbox.run(["grant", "ci", "prod:own"]).fails(2);
    sandbox.run(["grant", "nobody", "prod"]).fails(3).says("there is no user \"nobody\"");
    sandbox.run(["revoke", "mia", "prod"]).fails(2).says("mia is the last reader of prod");
    sandbox.run(["grant", "mia", "prod:read"]).fails(2).says("mia is the last writer of prod");
    sandbox.run(["verify"]).ok();
}

#[test]
fn l1_a_removed_member_reads_the_old_file_and_nothing_newer() {
    let sandbox = vault();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--write", "dev", "--read", "prod"]));
    ben.join(PASSPHRASE).ok();
    let ben = ben.with_passphrase(PASSPHRASE);
    ben.run(&["get", "dev/KEY"]).ok();
    let clone = sandbox.home().join("clone.vault");
    std::fs::copy(sandbox.vault(), &clone).unwrap();
    let removed = sandbox.run(["user", "rm", "-y", "ben"]).ok().says("Removed ben.").says("replace 2 values");
    assert_eq!(removed.text(), "dev/KEY\nprod/KEY\n");
    sandbox.set("dev/KEY", b"new-value");
    // The clone still opens. The new file does not, by slot, by key, or by stock age.
    assert_eq!(ben.run(&["--vault", clone.to_str().unwrap(), "get", "dev/KEY"]).ok().text(), "dev-value");
    ben.run(&["get", "dev/KEY"]).fails(4);
    let fresh = Device::new(&sandbox, "fresh").with_passphrase(PASSPHRASE);
    assert_eq!(fresh.run(&["--vault", clone.to_str().unwrap(), "get", "dev/KEY"]).ok().text(), "dev-value");
    fresh.run(&["get", "dev/KEY"]).fails(4);
    let session = {
        let settings = vault::vault::Settings { state: sandbox.home().join("s"), ..Default::default() };
        let vault = vault::vault::Vault::open(&clone, &settings).unwrap();
        let passphrase = vault::vault::Credential::Passphrase(PASSPHRASE.to_owned().into());
        vault.unlock(&passphrase, Some(&crate::forge::user("ben"))).unwrap()
    };
    for block in &Forge::of(&sandbox).file.blocks {
        let bytes = vault::crypto::dearmor(&block.data).unwrap();
        assert_eq!(opened(&keys_of(&session), &bytes), None, "ben's keys open {:?}", block.statement);
    }
    // Due until there is a new value. The variable is not a secret.
    assert!(sandbox.run(["status"]).ok().text().contains("1 item due"));
    let due = sandbox.run(["list", "--due", "--json", "-e", "prod"]).ok().json();
    assert_eq!(due[0]["name"], "KEY");
    assert!(due[0]["rotateDue"].is_string());
    sandbox.set("prod/KEY", b"new-value");
    assert!(sandbox.run(["status"]).ok().text().contains("nothing due"));
    // The name may be used again, with new keys.
    add(&sandbox, &["ben", "--read", "dev"]);
    fresh.run(&["get", "dev/KEY"]).fails(4);
}

#[test]
fn l5_the_last_admin_stays_and_nobody_removes_themselves() {
    let sandbox = vault();
    sandbox.run(["user", "role", "mia", "member"]).fails(5).says("last admin");
    sandbox.run(["user", "rm", "-y", "mia"]).fails(5).says("can't remove yourself");
    let ada = Device::new(&sandbox, "ada").with_key(&add(&sandbox, &["ada"]));
    sandbox.run(["user", "role", "ada", "admin"]).ok().says("ada is now an admin: reads nothing.");
    sandbox.run(["user", "role", "ada", "admin"]).ok().says("already");
    ada.run(&["get", "dev/KEY"]).fails(5);
    // An admin who writes nothing can't give read rights to anybody, including herself.
    ada.run(&["grant", "ada", "dev"]).fails(5).says("can't grant rights on dev").says("ask mia");
    let asked = sandbox.run(["user", "role", "mia", "member"]).fails(2);
    asked.says("there is no terminal to ask on").says("-y answers yes");
    sandbox.run(["user", "role", "mia", "member", "-y"]).ok().says("no admin writes dev any more");
    sandbox.run(["user", "add", "eve"]).fails(5).says("ask an admin: ada");
}

#[test]
fn l10_users_whose_keys_the_removed_one_made_go_too_unless_they_are_kept() {
    for keep in [false, true] {
        let sandbox = vault();
        let ada = Device::new(&sandbox, "ada").with_key(&add(&sandbox, &["ada", "--admin", "--write", "dev"]));
        ada.join(PASSPHRASE).ok();
        let ada = ada.with_passphrase(PASSPHRASE);
        let invited = ada.run(&["user", "add", "eve", "--read", "dev", "--admin"]).ok().text();
        let eve = Device::new(&sandbox, "eve").with_key(&invited);
        let ci = eve.run(&["user", "add", "bot"]).ok().text();
        let joined = ada.run(&["user", "add", "joined", "--read", "dev"]).ok().text();
        let joined = Device::new(&sandbox, "joined").with_key(&joined);
        joined.join(OTHER_PASSPHRASE).ok();
        let invitations = Forge::of(&sandbox).file.slots;
        let mut arguments = vec!["user", "rm", "-y", "ada"];
        arguments.extend(keep.then_some("--keep-issued"));
        let removed = sandbox.run(&arguments).ok();
        if keep {
            assert!(removed.stderr.contains("ada may still have the keys of bot, eve"), "{removed:?}");
            eve.run(&["get", "dev/KEY"]).ok();
        } else {
            assert!(removed.stderr.contains("Removed bot, eve, too"), "{removed:?}");
            assert!(removed.stderr.contains("ada added joined, who stay"), "{removed:?}");
            eve.run(&["get", "dev/KEY"]).fails(4);
            // Nor if the host puts the invitation's slot back.
            let mut forge = Forge::of(&sandbox);
            forge.file.slots = invitations.clone();
            forge.write();
            eve.run(&["get", "dev/KEY"]).fails(4).says("its user was removed");
            forge.file.slots = invitations.iter().filter(|slot| slot.user.as_str() != "eve").cloned().collect();
            forge.write();
            Device::new(&sandbox, "bot").with_key(&ci).run(&["list"]).fails(4);
        }
        let joined = joined.with_passphrase(OTHER_PASSPHRASE);
        joined.run(&["--user", "joined", "get", "dev/KEY"]).ok();
        sandbox.run(["verify"]).ok();
    }
}

#[test]
fn l10_whose_own_key_was_made_by_the_removed_one_is_asked_to_replace_it_first() {
    let sandbox = vault();
    let ada = Device::new(&sandbox, "ada").with_key(&add(&sandbox, &["ada", "--admin"]));
    ada.run(&["user", "rm", "-y", "mia"]).fails(5).says("mia made the keys that you use");
    ada.join(PASSPHRASE).ok();
    let ada = ada.with_passphrase(PASSPHRASE);
    // Nobody else writes dev and prod, so each of them must be named.
    ada.run(&["user", "rm", "-y", "mia"]).fails(2).says("mia is the last reader of dev").says("--orphan dev");
    ada.run(&["user", "rm", "-y", "mia", "--orphan", "dev"]).fails(2).says("mia is the last reader of prod");
    let removed = ada.run(&["user", "rm", "-y", "mia", "--orphan", "dev,prod"]).ok();
    assert!(removed.stderr.contains("nobody writes dev any more"), "{removed:?}");
    // verify does not promise a save that nobody can make.
    let verified = ada.run(&["verify"]).ok().text();
    assert!(verified.contains("dev: pending for good: nobody writes it any more"), "{verified}");
}

#[test]
fn what_the_admin_cannot_write_is_pending_until_a_writers_next_save() {
    let sandbox = vault();
    let ada = Device::new(&sandbox, "ada").with_key(&add(&sandbox, &["ada", "--admin"]));
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--write", "dev", "--read", "prod"]));
    ben.set("dev/KEY", b"by-ben").ok();
    let removed = ada.run(&["user", "rm", "-y", "ben"]).ok().says("dev: you don't write it");
    assert!(removed.text().is_empty() && removed.stderr.contains("by mia"), "{removed:?}");
    assert!(sandbox.run(["verify"]).ok().text().contains("dev: pending"));
    let environments = sandbox.run(["env", "list", "--json"]).ok().json();
    assert_eq!((&environments[0]["name"], &environments[0]["pending"]), (&"dev".into(), &true.into()));
    assert!(sandbox.run(["env", "list"]).ok().text().contains("pending"));
    let status = sandbox.run(["status"]).ok().text();
    assert!(status.contains("dev, prod pending") && status.contains("2 items due"), "{status}");
    // It can be read in the meantime, and any save renews it.
    sandbox.run(["list", "-e", "dev"]).ok().says("dev is pending");
    assert_eq!(sandbox.run(["get", "dev/KEY"]).ok().text(), "by-ben");
    sandbox.run(["set", "--kind", "variable", "PORT=2"]).ok().says("replace what they knew");
    let environments = sandbox.run(["env", "list", "--json"]).ok().json();
    assert!(environments[0].get("pending").is_none(), "{environments}");
    let due = sandbox.run(["list", "--due", "--json", "-e", "dev"]).ok().json();
    assert_eq!(due.as_array().unwrap().len(), 1, "{due}");
    sandbox.set("dev/KEY", b"new");
    assert_eq!(sandbox.run(["list", "--due", "--json", "-e", "dev"]).ok().json(), serde_json::json!([]));
}

#[test]
fn status_shows_what_is_still_encrypted_to_old_keys() {
    let sandbox = vault();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--write", "dev", "--read", "prod"]));
    assert!(!sandbox.run(["status"]).ok().text().contains("old keys"));
    ben.join(PASSPHRASE).ok();
    let status = sandbox.run(["status", "--json"]).ok().json();
    assert!(status["environments"][0].get("oldKeysOf").is_none(), "{status}");
    assert_eq!(status["environments"][1]["oldKeysOf"], serde_json::json!(["ben"]));
    let text = Device::new(&sandbox, "nobody").run(&["status"]).ok().text();
    assert!(text.contains("prod encrypted to old keys of ben until somebody who writes it saves it"), "{text}");
    sandbox.set("prod/KEY", b"saved");
    assert!(!sandbox.run(["status"]).ok().text().contains("old keys"));
}

#[test]
fn the_history_of_users_comes_from_the_signed_chain() {
    let sandbox = vault();
    add(&sandbox, &["ben", "--read", "dev"]);
    sandbox.run(["grant", "ben", "prod:write"]).ok();
    sandbox.run(["user", "role", "ben", "admin"]).ok();
    sandbox.run(["revoke", "ben", "prod"]).ok();
    sandbox.run(["user", "rm", "-y", "ben"]).ok();
    let nobody = Device::new(&sandbox, "nobody");
    let text = nobody.run(&["user", "history"]).ok().text();
    for line in [
        "created the vault, with mia as admin",
        "added environment dev: mia:write",
        "added ben: dev:read",
        "granted ben prod:write",
        "made ben admin",
        "revoked all rights of ben on prod",
        "removed ben",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
    let of_ben = nobody.run(&["user", "history", "ben", "--json"]).ok().json();
    assert_eq!(of_ben.as_array().unwrap().len(), 5, "{of_ben}");
    nobody.run(&["user", "history", "eve"]).fails(3);
}

#[test]
fn a_private_environment_is_its_creators_alone() {
    let sandbox = vault();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--read", "dev"]));
    ben.run(&["env", "add", "shared"]).fails(5).says("is not an admin").says("--private");
    ben.run(&["env", "add", "own", "--private"]).ok().says("Readers: ben.");
    ben.set("own/KEY", b"mine").ok();
    assert_eq!(ben.run(&["get", "own/KEY"]).ok().text(), "mine");
    sandbox.run(["get", "own/KEY"]).fails(5);
    sandbox.run(["grant", "mia", "own"]).fails(5).says("nobody can: no admin writes it");
    let environments = sandbox.run(["env", "list", "--json"]).ok().json();
    let own = environments.as_array().unwrap().iter().find(|environment| environment["name"] == "own").unwrap();
    assert_eq!((&own["readers"], &own["writers"]), (&serde_json::json!(["ben"]), &serde_json::json!(["ben"])));
    ben.run(&["env", "rm", "-y", "own"]).ok();
}

#[test]
fn of_several_passphrase_users_the_one_named_or_last_used_here_is_meant() {
    let sandbox = Sandbox::empty();
    let mia = Device::new(&sandbox, "mia").with_passphrase(PASSPHRASE);
    finish(mia.command(&["init", "--work-factor", "10"])).ok();
    let key = mia.run(&["user", "add", "ben", "--write", "dev"]).ok().text();
    let ben = Device::new(&sandbox, "ben").with_key(&key);
    ben.join(OTHER_PASSPHRASE).ok();
    // Each device knows its last user.
    mia.run(&["list"]).ok();
    let ben = ben.with_passphrase(OTHER_PASSPHRASE);
    ben.run(&["list"]).ok();
    // Without a record the user must be named.
    let new = Device::new(&sandbox, "new").with_passphrase(OTHER_PASSPHRASE);
    new.run(&["list"]).fails(2).says("several users have a passphrase").says("--user NAME or VAULT_USER (mia, ben)");
    new.run(&["--user", "mia", "list"]).fails(4).says("wrong passphrase").says("are you another user?");
    new.run(&["--user", "ben", "list"]).ok();
    new.run(&["list"]).ok();
    let mut command = new.command(&["list"]);
    command.env("VAULT_USER", "mia").env("VAULT_PASSPHRASE", PASSPHRASE);
    finish(command).ok();
    new.run(&["list"]).fails(4).says("it was tried for mia");
}

#[test]
fn what_is_due_is_listed_from_all_environments_with_its_reason() {
    let sandbox = vault();
    add(&sandbox, &["ci", "--read", "dev,prod"]);
    sandbox.run(["user", "rm", "-y", "ci"]).ok();
    let due = sandbox.run(["list", "--due", "--json"]).ok().json();
    let places: Vec<_> = due.as_array().unwrap().iter().map(|item| item["environment"].clone()).collect();
    assert_eq!(places, ["dev", "prod"]);
    assert!(sandbox.run(["list", "--due"]).ok().text().contains("somebody who knew it lost access"));
    assert_eq!(sandbox.run(["list", "--due", "--json", "-e", "prod"]).ok().json().as_array().unwrap().len(), 1);
}

#[test]
fn on_a_terminal_join_asks_for_the_key_and_every_command_for_who_it_is() {
    let sandbox = Sandbox::empty();
    let mia = Device::new(&sandbox, "mia").with_passphrase(PASSPHRASE);
    finish(mia.command(&["init", "--work-factor", "10"])).ok();
    let key = mia.run(&["user", "add", "ben", "--write", "dev"]).ok().text();
    let ben = Device::new(&sandbox, "ben");
    let terminal = |device: &Device<'_>, arguments: &[&str]| {
        let mut command = device.command(arguments);
        command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
        rexpect::session::spawn_command(command, Some(30_000)).unwrap()
    };
    let mut join = terminal(&ben, &["join", "--work-factor", "10"]);
    join.exp_string("Key that vault user add printed:").unwrap();
    join.send_line(key.trim()).unwrap();
    join.exp_string("Passphrase (Enter generates one):").unwrap();
    join.send_line(OTHER_PASSPHRASE).unwrap();
    join.exp_string("Type it again:").unwrap();
    join.send_line(OTHER_PASSPHRASE).unwrap();
    join.exp_string("Joined as \"ben\"").unwrap();
    join.exp_eof().unwrap();
    // ben was the last user here. On another device vault asks once.
    let mut list = terminal(&ben, &["list"]);
    list.exp_string("Passphrase for ben in ./secrets.vault (for vault list):").unwrap();
    drop(list);
    let new = Device::new(&sandbox, "new");
    let mut list = terminal(&new, &["list"]);
    list.exp_string("Which user are you (mia, ben)?").unwrap();
    list.send_line("ben").unwrap();
    list.exp_string("Passphrase for ben in ./secrets.vault (for vault list):").unwrap();
    list.send_line(OTHER_PASSPHRASE).unwrap();
    list.exp_string("dev").unwrap();
    list.exp_eof().unwrap();
    let mut list = terminal(&new, &["list"]);
    list.exp_string("Passphrase for ben in ./secrets.vault (for vault list):").unwrap();
}
