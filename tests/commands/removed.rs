//! What removed users are told, and what the log has about refusals.

use crate::device::{Device, add, vault};
use crate::harness::{Run, Sandbox, finish};

const PASSPHRASE: &str = "an unusual passphrase for tests";
const OTHER_PASSPHRASE: &str = "quite another passphrase for tests";

fn named(device: &Device<'_>, user: &str, arguments: &[&str]) -> Run {
    let mut command = device.command(arguments);
    command.env("VAULT_USER", user);
    finish(command)
}

#[test]
fn a_removed_user_is_told_who_removed_them_and_when() {
    let sandbox = vault();
    let zoe = Device::new(&sandbox, "zoe").with_key(&add(&sandbox, &["zoe", "--read", "dev"]));
    zoe.join(PASSPHRASE).ok();
    let zoe = zoe.with_passphrase(PASSPHRASE);
    zoe.run(&["list", "-e", "dev"]).ok();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--read", "dev"]));
    ben.join(OTHER_PASSPHRASE).ok();
    sandbox.run(["user", "rm", "-y", "zoe"]).ok();
    let history = sandbox.run(["user", "history", "zoe", "--json"]).ok().json();
    let removal = history.as_array().unwrap().last().unwrap();
    let date = &removal["createdAt"].as_str().unwrap()[..10];
    let message = format!("zoe was removed by mia ({date})");
    // By name, and as the last user of this device, while one other user has a passphrase.
    named(&zoe, "zoe", &["get", "dev/KEY"]).fails(4).says(&message).says("hint: ");
    named(&zoe, "zoe", &["log"]).fails(4).says(&message);
    zoe.run(&["get", "dev/KEY"]).fails(4).says(&message);
    let status = named(&zoe, "zoe", &["status"]).ok().says(&message);
    assert!(status.text().contains("locked"), "{status:?}");
    assert!(zoe.run(&["status"]).ok().says(&message).text().contains("locked"));
    named(&zoe, "eve", &["get", "dev/KEY"]).fails(3).says("there is no user \"eve\"");
    // A machine's key doesn't show whose it was.
    let ci = Device::new(&sandbox, "ci").with_key(&add(&sandbox, &["ci", "--read", "dev"]));
    sandbox.run(["user", "rm", "-y", "ci"]).ok();
    ci.run(&["get", "dev/KEY"]).fails(4).says("or its user was removed");
    // Added again, or with another user who has a passphrase: the removal is not mentioned.
    add(&sandbox, &["zoe", "--read", "dev"]);
    let run = named(&zoe, "zoe", &["get", "dev/KEY"]).fails(4);
    assert!(!run.stderr.contains("removed"), "{run:?}");
}

/// The refused entries of an environment, as "action [items]".
fn refused(device: &Device<'_>, environment: &str) -> Vec<String> {
    let log = device.run(&["log", "--json", "-e", environment]).ok().text();
    let entries = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let denied = entries.filter(|entry| entry["outcome"] == "denied");
    denied.map(|entry| format!("{} {}", entry["action"], entry["secrets"]).replace('"', "")).collect()
}

#[test]
fn a_refused_change_is_logged_with_its_environment_and_items() {
    let sandbox = vault();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--read", "prod", "--write", "dev"]));
    sandbox.write(".env", "NEW=1\n");
    ben.set("prod/KEY", b"x").fails(5);
    ben.run(&["cp", "dev/KEY", "prod/COPY"]).fails(5);
    ben.run(&["mv", "prod/KEY", "dev/MOVED"]).fails(5);
    ben.run(&["rm", "-y", "prod/KEY"]).fails(5);
    ben.run(&["import", "-e", "prod"]).fails(5);
    ben.run(&["rollback", "prod/KEY", "--version", "1"]).fails(5);
    ben.run(&["env", "rm", "-y", "prod"]).fails(5);
    ben.run(&["env", "copy", "dev", "prod"]).fails(5);
    let expected = [
        "set [KEY]",
        "copy [COPY]",
        "move [KEY]",
        "remove [KEY]",
        "import [NEW]",
        "rollback [KEY]",
        "env-remove []",
        "env-copy [PORT]",
    ];
    assert_eq!(refused(&ben, "prod"), expected);
    assert_eq!(refused(&ben, "dev"), ["copy [KEY]", "move [MOVED]", "env-copy [PORT]"]);
    let ci = Device::new(&sandbox, "ci").with_key(&add(&sandbox, &["ci"]));
    ci.run(&["set", "prod/KEY", "--note", "x"]).fails(5);
    ci.run(&["import", "-e", "prod", "--dry-run"]).fails(5);
    assert_eq!(refused(&ci, "prod"), ["set [KEY]", "import [NEW]"]);
    ben.run(&["log", "verify"]).ok();
}

#[test]
fn the_removed_last_user_of_a_device_is_named_among_several_others() {
    let sandbox = Sandbox::empty();
    let mia = Device::new(&sandbox, "mia").with_passphrase(PASSPHRASE);
    finish(mia.command(&["init", "--work-factor", "10"])).ok();
    for name in ["ben", "zoe"] {
        let key = mia.run(&["user", "add", name, "--write", "dev"]).ok().text();
        Device::new(&sandbox, name).with_key(&key).join(OTHER_PASSPHRASE).ok();
    }
    let zoe = Device::new(&sandbox, "zoe").with_passphrase(OTHER_PASSPHRASE);
    mia.run(&["user", "rm", "-y", "zoe"]).ok();
    zoe.run(&["list"]).fails(2).says("several users have a passphrase").says("zoe was removed by mia (");
    zoe.run(&["status"]).ok().says("zoe was removed by mia (");
}
