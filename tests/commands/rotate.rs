//! `rotate`: a new value for an existing item.

use crate::harness::{Sandbox, feed};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    sandbox.set("API_KEY", b"the-old-key");
    sandbox
}

fn list(sandbox: &Sandbox) -> serde_json::Value {
    sandbox.run(["list", "--json"]).ok().json()
}

#[test]
fn a_generated_value_replaces_the_old_one_which_stays_in_the_history() {
    let sandbox = sandbox();
    sandbox.run(["set", "API_KEY", "--note", "of billing", "--rotate-after", "30"]).ok();
    sandbox.run(["rotate", "API_KEY", "--generate=40"]).ok().says("Rotated dev/API_KEY (version 2).");
    let value = sandbox.run(["get", "API_KEY"]).ok().text();
    assert_eq!(value.len(), 40);
    assert_eq!(sandbox.run(["get", "API_KEY", "--version", "1"]).ok().text(), "the-old-key");
    assert_eq!(list(&sandbox)[0]["note"], "of billing");
    sandbox.run(["rotate", "API_KEY", "--generate", "--hex"]).ok();
    assert!(sandbox.run(["get", "API_KEY"]).ok().text().chars().all(|c| c.is_ascii_hexdigit()));
}

#[test]
fn a_command_gets_the_old_value_and_prints_the_new_one() {
    let sandbox = sandbox();
    let command = "echo \"$VAULT_ITEM:$VAULT_OLD_VALUE:${VAULT_KEY-none}:$(cat)\"";
    sandbox.run(["rotate", "API_KEY", "--command", command]).ok();
    assert_eq!(sandbox.run(["get", "API_KEY"]).ok().text(), "API_KEY:the-old-key:none:");
    // The old value was given to a program: one entry before that, and one for the change.
    for action in ["rotate-command", "rotate"] {
        let log = sandbox.run(["log", "--action", action, "--json"]).ok().text();
        assert_eq!(log.lines().count(), 1, "{log}");
    }
}

#[test]
fn a_new_value_that_cannot_be_a_variable_is_reported_at_once() {
    let sandbox = sandbox();
    let run = sandbox.run(["rotate", "API_KEY", "--command", "printf 'a\\0b'"]).ok();
    run.says("warning: API_KEY contains a NUL byte").says("vault set dev/API_KEY --deliver file");
}

#[test]
fn a_rotation_that_gives_no_new_value_changes_nothing() {
    let sandbox = sandbox();
    let before = std::fs::read(sandbox.vault()).unwrap();
    let refused = |options: &[&str], code: i32, why: &str| {
        sandbox.run([&["rotate"], options].concat()).fails(code).says(why);
        assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
    };
    refused(&["API_KEY", "--command", "echo new; exit 3"], 1, "the command failed: exit status: 3");
    refused(&["API_KEY", "--command", "true"], 2, "the new value of dev/API_KEY is empty");
    refused(&["API_KEY", "--command", "printf '\\r\\n'"], 2, "the new value of dev/API_KEY is empty");
    refused(
        &["API_KEY", "--command", "echo the-old-key"],
        1,
        "the new value of dev/API_KEY is the same as the old one, so nothing was written",
    );
    refused(&["NOWHERE", "--generate"], 3, "NOWHERE");
    refused(&["API_KEY", "--hex"], 2, "needs --generate");
    refused(&["API_KEY", "--generate", "--command", "true"], 2, "");
    refused(&["API_KEY"], 2, "the new value of dev/API_KEY is empty, so nothing was written");
    refused(&["API_KEY"], 2, "vault set dev/API_KEY --empty");
    refused(&["API_KEY", "--generate", "--expires", "yesterday"], 2, "--expires is not a time");
}

#[test]
fn the_value_is_read_from_standard_input_as_for_set() {
    let sandbox = sandbox();
    feed(sandbox.command(["rotate", "API_KEY"]), b"piped\n").ok();
    assert_eq!(sandbox.run(["get", "API_KEY"]).ok().text(), "piped");
}

#[test]
fn the_new_value_expires_after_the_same_time_as_the_old_one() {
    let sandbox = sandbox();
    sandbox.run(["set", "API_KEY", "--expires", "90d"]).ok();
    let expiry = |sandbox: &Sandbox| list(sandbox)[0]["expiresAt"].as_str().map(str::to_owned);
    let first = expiry(&sandbox).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    sandbox.run(["rotate", "API_KEY", "--generate"]).ok().says("expires ");
    let second = expiry(&sandbox).unwrap();
    assert!(second > first && second[..7] == first[..7], "{first} {second}");
    sandbox.run(["rotate", "API_KEY", "--generate", "--expires", "never"]).ok();
    assert_eq!(expiry(&sandbox), None);
}

#[test]
fn rotating_an_item_clears_its_due_mark() {
    let sandbox = sandbox();
    sandbox.run(["set", "API_KEY", "--expires", "1s"]).ok();
    std::thread::sleep(std::time::Duration::from_millis(2100));
    assert!(sandbox.run(["list", "--due"]).ok().text().contains("API_KEY"));
    sandbox.run(["exec", "--", "true"]).ok().says("expired: dev/API_KEY");
    sandbox.run(["exec", "--strict", "--", "true"]).fails(125).says("expired: dev/API_KEY");
    sandbox.run(["rotate", "API_KEY", "--generate", "--expires", "30d"]).ok();
    assert!(!sandbox.run(["list", "--due"]).ok().text().contains("API_KEY"));
    assert_eq!(sandbox.run(["exec", "--", "true"]).ok().stderr, "");
}

#[test]
fn a_user_without_write_access_is_refused_before_a_value_is_given_out() {
    let sandbox = sandbox();
    let key = sandbox.run(["user", "add", "rea", "--read", "dev"]).ok().text();
    let mut command = sandbox.command(["rotate", "API_KEY", "--command", "echo x >ran; echo new"]);
    command.env("VAULT_KEY", key.trim());
    crate::harness::finish(command).fails(5).says("rea may not write dev");
    assert!(!sandbox.project().join("ran").exists());
}

#[test]
fn refused_rotations_are_logged_and_a_value_given_to_a_command_counts_as_read() {
    let sandbox = sandbox();
    let outcomes = |action: &str| {
        let log = sandbox.run(["log", "--action", action, "--json"]).ok().text();
        let entries = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        entries.map(|entry| entry["outcome"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    feed(sandbox.command(["rotate", "API_KEY"]), b"the-old-key").fails(1);
    assert_eq!(outcomes("rotate"), ["failed"]);
    // An invalid command line unlocks nothing.
    sandbox.run(["rotate", "API_KEY", "--command", "echo x", "--expires", "yesterday"]).fails(2);
    assert_eq!(outcomes("rotate"), ["failed"]);
    sandbox.run(["rotate", "NOWHERE", "--generate"]).fails(3);
    sandbox.run(["rotate", "API_KEY", "--command", "exit 3"]).fails(1);
    assert_eq!(outcomes("rotate"), ["failed", "failed", "failed"]);
    assert_eq!(outcomes("rotate-command"), ["ok"], "only the last command was given the value");
    let exposure = sandbox.run(["exposure", "mia", "--json"]).ok().json();
    assert_eq!((&exposure[0]["reads"], &exposure[0]["name"]), (&1.into(), &"API_KEY".into()), "{exposure}");
    sandbox.run(["rotate", "API_KEY", "--generate"]).ok();
    assert_eq!(sandbox.run(["exposure", "mia", "--json"]).ok().json()[0]["reads"], 1, "no program was given it");
}
