//! Users: their rights, which users are removed together, and what is due afterwards.

mod leaving;

use crate::device::{Device, add, vault};
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
