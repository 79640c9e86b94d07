//! `undo` undoes the last change and nothing else.

mod record;

use super::merging::{commit, fork, get, repository, use_driver};
use crate::harness::{Run, Sandbox, finish};
use crate::unlocked::Unlocked;
use std::path::PathBuf;

/// A vault of dev and prod, and the key of another admin, ben.
fn shared() -> (Sandbox, String) {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    let key = sandbox.run(["user", "add", "ben", "--admin", "--write", "dev,prod"]).ok().text();
    (sandbox, key.trim().to_owned())
}

fn as_user(sandbox: &Sandbox, key: &str, arguments: &[&str]) -> Run {
    let mut command = sandbox.command(arguments);
    command.env("VAULT_KEY", key);
    finish(command)
}

/// Returns the names and values of every environment.
fn held(sandbox: &Sandbox) -> Vec<(String, String)> {
    let environments = sandbox.run(["env", "list", "--json"]).ok().json();
    let names = environments.as_array().unwrap().iter().map(|of| of["name"].as_str().unwrap().to_owned());
    names.map(|name| (name.clone(), sandbox.run(["export", "-f", "json", "-e", &name]).ok().text())).collect()
}

fn record(sandbox: &Sandbox) -> PathBuf {
    sandbox.vault_state().join("undo-mia.age")
}

#[test]
fn every_command_that_changes_items_can_be_undone_and_redone() {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    sandbox.set("A", b"one");
    sandbox.set("A", b"two");
    sandbox.set("B", b"b");
    sandbox.set("prod/A", b"other");
    sandbox.write("new.env", "B=changed\nC=c\nD=d\n");
    let editor = "sed -i -e s/^B=.*/B=edited/ -e /^A=/d";
    let changes: [(&[&str], &str); 12] = [
        (&["set", "A=three", "NEW=new"], "set of 2 items in dev"),
        (&["set", "--note", "why", "A"], "set of dev/A"),
        (&["rm", "-y", "A", "prod/A"], "removal of 2 items from dev and prod"),
        (&["mv", "A", "Z"], "move of dev/A to dev/Z"),
        (&["mv", "--force", "A", "prod/"], "move of dev/A to prod/A"),
        (&["cp", "B", "prod/"], "copy to prod/B"),
        (&["edit", "-y"], "edit of 2 items in dev"),
        (&["rollback", "A"], "rollback of dev/A"),
        (&["rotate", "A", "--generate"], "rotation of dev/A"),
        (&["import", "new.env"], "import of 3 items into dev"),
        (&["env", "copy", "--force", "dev", "prod"], "copy of 2 items to prod"),
        (&["env", "copy", "dev", "stage"], "copy of 2 items to stage (new)"),
    ];
    for (change, what) in changes {
        let before = held(&sandbox);
        let mut command = sandbox.command(change);
        command.env("EDITOR", editor);
        finish(command).ok();
        let after = held(&sandbox);
        sandbox.run(["undo", "--dry-run"]).ok().says(&format!("Would undo: {what}, "));
        assert_eq!(held(&sandbox), after, "{change:?}");
        sandbox.run(["undo"]).ok().says(&format!("Undone: {what}, "));
        assert_eq!(held(&sandbox), before, "{change:?}");
        sandbox.run(["undo"]).ok().says("Redone: ").says(", undone ");
        assert_eq!(held(&sandbox), after, "{change:?}");
        sandbox.run(["undo"]).ok().says("Undone: ");
        assert_eq!(held(&sandbox), before, "{change:?}");
    }
    sandbox.run(["verify"]).ok();
    sandbox.run(["log", "verify"]).ok();
    let entry = sandbox.run(["log", "--json", "--action", "undo", "-n", "1"]).ok().json();
    assert_eq!((&entry["action"], &entry["environment"]), (&"undo".into(), &"stage".into()));
}

#[test]
fn restored_items_keep_their_history_and_the_undone_value_is_in_it() {
    let sandbox = Sandbox::with_vault();
    sandbox.run(["set", "--note", "kept", "--expires", "2036-01-01", "A=one"]).ok();
    sandbox.run(["set", "--expires", "2037-01-01", "A=two"]).ok();
    sandbox.run(["rm", "-y", "A"]).ok();
    sandbox.run(["undo"]).ok();
    let history = || sandbox.run(["history", "A", "--json"]).ok().json().as_array().unwrap().len();
    assert_eq!(history(), 2);
    sandbox.run(["set", "A=mistake"]).ok();
    sandbox.run(["undo"]).ok();
    assert_eq!(history(), 4);
    assert_eq!(sandbox.run(["get", "A", "--version", "3"]).ok().text(), "mistake");
    let item = sandbox.run(["get", "A", "--json"]).ok().json();
    assert_eq!((&item["value"], &item["note"]), (&"two".into(), &"kept".into()));
    assert!(item["expiresAt"].as_str().unwrap().starts_with("2037"), "{item}");
}

#[test]
fn a_restored_environment_has_its_items_and_the_readers_who_may_still_read_it() {
    let (sandbox, ben) = shared();
    for user in ["eve", "ops"] {
        sandbox.run(["user", "add", user, "--read", "dev,prod"]).ok();
    }
    sandbox.set("prod/A", b"one");
    sandbox.set("prod/A", b"two");
    sandbox.run(["env", "rm", "-y", "prod"]).ok();
    as_user(&sandbox, &ben, &["user", "rm", "-y", "eve"]).ok();
    sandbox
        .run(["undo"])
        .ok()
        .says("Undone: removal of environment prod with its 1 item")
        .says("prod is back without eve");
    assert_eq!(sandbox.run(["get", "prod/A"]).ok().text(), "two");
    assert_eq!(as_user(&sandbox, &ben, &["get", "prod/A", "--version", "1"]).ok().text(), "one");
    let listed = sandbox.run(["env", "list", "prod", "--json"]).ok().json();
    assert_eq!(listed[0]["readers"], serde_json::json!(["ben", "mia", "ops"]));
    // The values that eve knew are due for replacement.
    assert!(sandbox.run(["list", "--due", "-e", "prod"]).ok().text().contains('A'));
}

#[test]
fn undo_is_refused_if_somebody_changed_the_same_item_since() {
    let (sandbox, ben) = shared();
    sandbox.run(["set", "A=one", "B=one"]).ok();
    sandbox.run(["set", "A=two", "B=two"]).ok();
    as_user(&sandbox, &ben, &["set", "OTHER=1"]).ok();
    as_user(&sandbox, &ben, &["set", "B=theirs"]).ok();
    sandbox.run(["undo", "--dry-run"]).fails(1).says("dev/B was changed since by ben");
    let refused = sandbox.run(["undo"]).fails(1);
    let refused = refused.says("dev/B was changed since by ben, so nothing was undone").says("hint: ");
    assert!(!refused.stderr.contains("theirs") && !refused.stderr.contains("dev/A"), "{refused:?}");
    let entry = sandbox.run(["log", "--json", "-n", "1"]).ok().json();
    assert_eq!((&entry["action"], &entry["outcome"]), (&"undo".into(), &"failed".into()), "{entry}");
    assert_eq!(sandbox.run(["get", "A"]).ok().text(), "two");
    assert_eq!(sandbox.run(["get", "B"]).ok().text(), "theirs");
    // ben may undo his own last change. Then the other user's change is the last one again.
    as_user(&sandbox, &ben, &["undo"]).ok().says("Undone: set of dev/B");
    sandbox.run(["undo"]).fails(1).says("dev/B was changed since by ben");
    as_user(&sandbox, &ben, &["rm", "-y", "B"]).ok();
    sandbox.run(["undo"]).fails(1).says("dev/B was changed since by ben");
}

#[test]
fn changes_of_other_items_by_other_users_stay() {
    let (sandbox, ben) = shared();
    sandbox.run(["set", "A=one"]).ok();
    as_user(&sandbox, &ben, &["set", "B=theirs"]).ok();
    sandbox.run(["undo"]).ok().says("Undone: set of dev/A");
    sandbox.run(["get", "A"]).fails(3);
    assert_eq!(sandbox.run(["get", "B"]).ok().text(), "theirs");
}

#[test]
fn an_environment_to_which_others_added_items_is_not_removed() {
    let (sandbox, ben) = shared();
    sandbox.run(["env", "add", "stage"]).ok();
    as_user(&sandbox, &ben, &["set", "stage/A=theirs"]).ok();
    sandbox.run(["undo"]).fails(1).says("stage/A was changed since by ben");
    assert_eq!(as_user(&sandbox, &ben, &["get", "stage/A"]).ok().text(), "theirs");
}

#[test]
fn undo_does_not_restore_a_value_known_to_somebody_who_lost_access_since() {
    let (sandbox, ben) = shared();
    sandbox.run(["user", "add", "eve", "--read", "dev"]).ok();
    sandbox.run(["set", "A=known"]).ok();
    sandbox.run(["rm", "-y", "A"]).ok();
    as_user(&sandbox, &ben, &["revoke", "eve", "dev"]).ok();
    sandbox.run(["undo"]).fails(1).says("somebody has lost their right on dev since");
    sandbox.run(["get", "A"]).fails(3);
}

#[test]
fn revoked_rights_and_replaced_keys_cannot_be_undone() {
    let (mut sandbox, _) = shared();
    sandbox.run(["set", "A=one"]).ok();
    sandbox.run(["revoke", "ben", "dev"]).ok();
    let refused = sandbox.run(["undo"]).fails(1).says("here can't be undone: a right was taken from a user\n");
    refused.says("hint: make the opposite change: vault user, vault grant");
    let user = &sandbox.run(["user", "list", "ben", "--json"]).ok().json()[0];
    assert!(!user["grants"].to_string().contains("dev"), "{user}");
    sandbox.run(["env", "protect", "dev"]).ok();
    sandbox.run(["undo"]).fails(1).says("here can't be undone: an environment was protected\n");
    let key = sandbox.run(["passwd", "--key"]).ok().text();
    sandbox.use_key(key.trim());
    let what = "a user's passphrase and keys were replaced";
    let refused = sandbox.run(["undo"]).fails(1).says(&format!("here can't be undone: {what}\n"));
    refused.says("hint: to replace the keys once more: vault passwd");
}

#[test]
fn a_user_who_lost_write_access_cannot_undo() {
    let (mut sandbox, ben) = shared();
    sandbox.run(["set", "A=one"]).ok();
    let mia = sandbox.key().to_owned();
    as_user(&sandbox, &mia, &["set", "A=two"]).ok();
    as_user(&sandbox, &ben, &["grant", "mia", "dev:read"]).ok();
    sandbox.run(["undo"]).fails(5);
    sandbox.use_key(&ben);
    assert_eq!(sandbox.run(["get", "A"]).ok().text(), "two");
}

#[test]
fn with_an_agent_items_can_be_restored_but_environments_need_the_key() {
    let vault = Unlocked::new();
    vault.unlock(&[]).ok();
    vault.run(&["set", "A=one"]).ok();
    vault.run(&["undo"]).ok().says("Undone: set of dev/A");
    // This needs the key, like adding an environment.
    vault.sandbox.run(["env", "add", "stage"]).ok();
    vault.run(&["undo", "--dry-run"]).fails(4);
    vault.run(&["undo"]).fails(4).says("hint: ");
    vault.sandbox.run(["undo"]).ok().says("Undone: addition of environment stage");
}

#[test]
fn without_a_change_there_is_nothing_to_undo() {
    let sandbox = Sandbox::with_vault();
    sandbox.run(["undo"]).fails(1).says("mia has changed nothing on this device in the last 24 hours");
    sandbox.run(["set", "A=one"]).ok();
    sandbox.run(["get", "A"]).ok();
    sandbox.run(["undo"]).ok();
}

#[test]
fn on_another_branch_or_after_a_merge_there_is_nothing_to_undo() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    sandbox.git(&["checkout", "-qb", "elsewhere"]).ok();
    sandbox.run(["set", "ELSEWHERE=1"]).ok();
    commit(&sandbox, "elsewhere");
    sandbox.git(&["checkout", "-q", "main"]).ok();
    sandbox.run(["undo"]).fails(1).says("your last change is not in this file");
    fork(&sandbox, &|| sandbox.set("OTHER", b"1"), &|| sandbox.set("MAIN", b"1"));
    sandbox.git(&["merge", "-q", "--no-edit", "other"]).ok();
    sandbox.run(["undo"]).fails(1).says("dev has been merged with another branch since");
    assert_eq!([get(&sandbox, "MAIN"), get(&sandbox, "OTHER")], ["1", "1"]);
}
