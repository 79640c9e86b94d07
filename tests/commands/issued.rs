//! Keys that one user printed for another, and may have kept.

use crate::device::{Device, add, vault};
use crate::harness::Sandbox;
use serde_json::json;

const PASSPHRASE: &str = "an unusual passphrase for tests";

/// mia's vault with ada, an admin with keys that nobody else knows, who writes dev.
fn with_ada(sandbox: &Sandbox) -> Device<'_> {
    let ada = Device::new(sandbox, "ada").with_key(&add(sandbox, &["ada", "--admin", "--write", "dev,prod"]));
    ada.join(PASSPHRASE).ok();
    ada.with_passphrase(PASSPHRASE)
}

/// ada prints ann's key, and with ann's key, bob's key is printed.
fn with_ann_and_bob<'a>(sandbox: &'a Sandbox, ada: &Device<'a>) -> Device<'a> {
    let printed = ada.run(&["user", "add", "ann", "--admin", "--write", "dev"]).ok().text();
    let ann = Device::new(sandbox, "ann").with_key(&printed);
    ann.run(&["user", "add", "bob", "--read", "dev"]).ok();
    ann
}

fn users(sandbox: &Sandbox) -> Vec<String> {
    let listed = sandbox.run(["user", "list", "--json"]).ok().json();
    listed.as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn users_whose_keys_the_removed_user_may_know_are_removed_too() {
    let sandbox = vault();
    let ada = with_ada(&sandbox);
    with_ann_and_bob(&sandbox, &ada).join("quite another passphrase for tests").ok();
    sandbox.run(["user", "rm", "-y", "ada"]).ok().says("Removed bob, too").says("ada added ann, who keep");
    assert_eq!(users(&sandbox), ["ann", "mia"]);
}

#[test]
fn keep_issued_does_not_keep_a_user_at_a_later_removal() {
    let sandbox = vault();
    let ada = with_ada(&sandbox);
    with_ann_and_bob(&sandbox, &ada);
    sandbox.run(["user", "rm", "-y", "ann", "--keep-issued"]).ok().says("ann may still have the keys of bob");
    sandbox.run(["user", "rm", "-y", "ada"]).ok().says("Removed bob, too");
    assert_eq!(users(&sandbox), ["mia"]);
}

#[test]
fn a_new_user_with_an_old_name_did_not_issue_the_old_users_keys() {
    let sandbox = vault();
    let ada = with_ada(&sandbox);
    with_ann_and_bob(&sandbox, &ada);
    sandbox.run(["user", "rm", "-y", "ann", "--keep-issued"]).ok();
    add(&sandbox, &["ann", "--admin"]);
    let removed = sandbox.run(["user", "rm", "-y", "ann"]).ok();
    assert!(!removed.stderr.contains("bob"), "{removed:?}");
    assert_eq!(users(&sandbox), ["ada", "bob", "mia"]);
}

#[test]
fn revoking_a_right_warns_about_keys_of_others_that_the_user_may_have() {
    let sandbox = vault();
    let ada = with_ada(&sandbox);
    ada.run(&["user", "add", "ci", "--write", "dev"]).ok();
    ada.run(&["user", "add", "bot", "--read", "prod"]).ok();
    let revoked = sandbox.run(["revoke", "ada", "dev"]).ok();
    let revoked = revoked.says("ada may still have the keys of ci and act as them").says("vault user rm ci");
    assert!(!revoked.stderr.contains("bot"), "{revoked:?}");
    sandbox.run(["grant", "ada", "prod:read"]).ok().says("ada may still have the keys of bot");
    sandbox.run(["user", "role", "ada", "member"]).ok().says("ada may still have the keys of bot, ci");
    let quiet = sandbox.run(["user", "role", "ada", "admin"]).ok();
    assert!(!quiet.stderr.contains("may still have"), "{quiet:?}");
}

#[test]
fn what_is_left_behind_is_in_the_json_of_each_command_that_takes_a_right() {
    let sandbox = vault();
    let ada = with_ada(&sandbox);
    ada.run(&["user", "add", "ci", "--write", "dev,prod"]).ok();
    let left = |arguments: &[&str]| {
        let json = sandbox.run([arguments, &["--json"]].concat()).ok().json();
        (json["knownKeys"].clone(), json["unmanaged"].clone())
    };
    let of_ci = |environment: &str| json!([{ "environment": environment, "writer": "ci" }]);
    let (keys, nothing) = (json!(["ci"]), json!([]));
    assert_eq!(left(&["revoke", "ada", "prod"]), (keys.clone(), nothing.clone()), "ada made the key of ci");
    assert_eq!(left(&["grant", "ada", "dev:read"]), (keys.clone(), nothing.clone()));
    assert_eq!(left(&["grant", "mia", "prod:read"]), (nothing.clone(), of_ci("prod")));
    assert_eq!(left(&["revoke", "mia", "dev"]), (nothing.clone(), of_ci("dev")));
    assert_eq!(left(&["user", "role", "ada", "member", "-y"]), (keys.clone(), nothing.clone()));
    assert_eq!(left(&["user", "role", "ada", "admin"]), (nothing.clone(), nothing.clone()));
    assert_eq!(left(&["user", "rm", "ada", "-y", "--keep-issued"]), (keys, nothing));
}

#[test]
fn an_environment_that_no_admin_can_write_is_reported_with_a_solution() {
    let sandbox = vault();
    add(&sandbox, &["ben", "--write", "dev,prod"]);
    let warning = "no admin writes dev any more: nobody can give rights on it";
    sandbox.run(["revoke", "mia", "dev"]).ok().says(warning).says("vault user role ben admin");
    sandbox.run(["grant", "mia", "dev"]).fails(5).says("nobody can: no admin writes it");
    sandbox.run(["user", "role", "ben", "admin"]).ok();
    sandbox.run(["user", "role", "ben", "member", "-y"]).ok().says(warning);
    sandbox.run(["grant", "mia", "prod:read"]).ok().says("no admin writes prod any more");
}

#[test]
fn a_member_is_told_which_admin_can_help_and_nothing_about_keys() {
    let sandbox = vault();
    let zoe = Device::new(&sandbox, "zoe").with_key(&add(&sandbox, &["zoe", "--write", "dev"]));
    zoe.run(&["user", "rm", "-y", "mia"]).fails(5).says("\"zoe\" is not an admin").says("ask an admin: mia");
    zoe.run(&["env", "add", "zoelab", "--private"]).ok();
    let refused = zoe.run(&["grant", "mia", "zoelab"]).fails(5).says("nobody can: no admin writes zoelab");
    assert!(!refused.stderr.contains("ask an admin"), "{refused:?}");
    zoe.run(&["grant", "mia", "dev"]).fails(5).says("ask an admin: mia");
}
