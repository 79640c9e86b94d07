//! Users: their rights, which users are removed together, and what is due afterwards.

use crate::device::{Device, add, vault};
use crate::forge::{Forge, keys_of, opened};
use crate::harness::{Sandbox, finish};

const PASSPHRASE: &str = "an unusual passphrase for tests";
const OTHER_PASSPHRASE: &str = "quite another passphrase for tests";

#[test]
fn a_machine_can_use_a_printed_key_at_once_within_its_rights() {
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
fn every_refusal_is_in_the_log_of_the_refused_user() {
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
fn a_list_of_users_can_be_limited_to_environments() {
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
fn users_are_listed_with_their_role_rights_slots_and_the_user_who_added_them() {
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
fn l1_a_removed_member_can_read_the_old_file_and_nothing_newer() {
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
    // The clone still opens. The new file doesn't: not with the slot, not with the key, and not with stock age.
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
fn l10_users_whose_keys_a_removed_user_made_are_removed_too_unless_kept() {
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
            assert!(removed.stderr.contains("ada added joined, who keeps their rights"), "{removed:?}");
            eve.run(&["get", "dev/KEY"]).fails(4);
            // Not even if the host puts the invitation's slot back.
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
fn l10_an_admin_whose_key_was_made_by_the_removed_user_must_replace_it_first() {
    let sandbox = vault();
    let ada = Device::new(&sandbox, "ada").with_key(&add(&sandbox, &["ada", "--admin"]));
    ada.run(&["user", "rm", "-y", "mia"]).fails(5).says("mia made the keys that you use");
    ada.join(PASSPHRASE).ok();
    let ada = ada.with_passphrase(PASSPHRASE);
    // Nobody else writes dev and prod, so each must be named.
    ada.run(&["user", "rm", "-y", "mia"]).fails(2).says("mia is the last reader of dev").says("--orphan dev");
    ada.run(&["user", "rm", "-y", "mia", "--orphan", "dev"]).fails(2).says("mia is the last reader of prod");
    let removed = ada.run(&["user", "rm", "-y", "mia", "--orphan", "dev,prod"]).ok();
    assert!(removed.stderr.contains("nobody writes dev any more"), "{removed:?}");
    // verify doesn't announce a save that nobody can make.
    let verified = ada.run(&["verify"]).ok().text();
    assert!(verified.contains("dev: pending for good: nobody writes it any more"), "{verified}");
}

#[test]
fn an_environment_that_the_admin_cannot_write_is_pending_until_a_writer_saves_it() {
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
    // It can be read in the meantime, and any save re-encrypts it.
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
fn status_shows_environments_still_encrypted_to_old_keys() {
    let sandbox = vault();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--write", "dev", "--read", "prod"]));
    assert!(!sandbox.run(["status"]).ok().text().contains("old keys"));
    ben.join(PASSPHRASE).ok();
    let status = sandbox.run(["status", "--json"]).ok().json();
    assert!(status["environments"][0].get("oldKeysOf").is_none(), "{status}");
    assert_eq!(status["environments"][1]["oldKeysOf"], serde_json::json!(["ben"]));
    let text = Device::new(&sandbox, "nobody").run(&["status"]).ok().text();
    assert!(text.contains("prod encrypted to old keys of ben until a writer saves it"), "{text}");
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
fn only_its_creator_can_read_a_private_environment() {
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
fn with_several_passphrase_users_the_named_or_last_one_is_used() {
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
    // Without a record, the user must be named.
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
fn due_items_of_all_environments_are_listed_with_the_reason() {
    let sandbox = vault();
    add(&sandbox, &["ci", "--read", "dev,prod"]);
    sandbox.run(["user", "rm", "-y", "ci"]).ok();
    let due = sandbox.run(["list", "--due", "--json"]).ok().json();
    let places: Vec<_> = due.as_array().unwrap().iter().map(|item| item["environment"].clone()).collect();
    assert_eq!(places, ["dev", "prod"]);
    assert!(sandbox.run(["list", "--due"]).ok().text().contains("somebody who knew it lost access"));
    assert_eq!(sandbox.run(["list", "--due", "--json", "-e", "prod"]).ok().json().as_array().unwrap().len(), 1);
}
