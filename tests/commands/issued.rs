//! Keys that somebody printed for others, and may have kept.

use crate::device::{Device, add, vault};
use crate::harness::Sandbox;

const PASSPHRASE: &str = "an unusual passphrase for tests";

/// mia's vault with ada, an admin with keys that nobody else knows, who writes dev.
fn with_ada(sandbox: &Sandbox) -> Device<'_> {
    let ada = Device::new(sandbox, "ada").with_key(&add(sandbox, &["ada", "--admin", "--write", "dev,prod"]));
    ada.join(PASSPHRASE).ok();
    ada.with_passphrase(PASSPHRASE)
}

/// ada prints ann's key, and ann's key prints bob's.
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
fn who_knew_a_printed_key_knew_what_it_printed_even_after_its_user_has_joined() {
    let sandbox = vault();
    let ada = with_ada(&sandbox);
    with_ann_and_bob(&sandbox, &ada).join("quite another passphrase for tests").ok();
    sandbox.run(["user", "rm", "-y", "ada"]).ok().says("Removed bob, too").says("ada added ann, who keep");
    assert_eq!(users(&sandbox), ["ann", "mia"]);
}

#[test]
fn who_was_kept_is_named_again_when_the_one_behind_goes() {
    let sandbox = vault();
    let ada = with_ada(&sandbox);
    with_ann_and_bob(&sandbox, &ada);
    sandbox.run(["user", "rm", "-y", "ann", "--keep-issued"]).ok().says("ann may still have the keys of bob");
    sandbox.run(["user", "rm", "-y", "ada"]).ok().says("Removed bob, too");
    assert_eq!(users(&sandbox), ["mia"]);
}

#[test]
fn a_later_user_of_the_same_name_issued_nothing_of_the_earlier_one() {
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
fn a_right_that_is_taken_from_somebody_who_holds_keys_of_others_is_told() {
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
fn an_environment_that_no_admin_writes_any_more_is_told_with_the_way_out() {
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
fn a_member_is_told_who_may_and_nothing_about_keys() {
    let sandbox = vault();
    let zoe = Device::new(&sandbox, "zoe").with_key(&add(&sandbox, &["zoe", "--write", "dev"]));
    zoe.run(&["user", "rm", "-y", "mia"]).fails(5).says("\"zoe\" is not an admin").says("ask an admin: mia");
    zoe.run(&["env", "add", "zoelab", "--private"]).ok();
    let refused = zoe.run(&["grant", "mia", "zoelab"]).fails(5).says("nobody can: no admin writes zoelab");
    assert!(!refused.stderr.contains("ask an admin"), "{refused:?}");
    zoe.run(&["grant", "mia", "dev"]).fails(5).says("ask an admin: mia");
}
