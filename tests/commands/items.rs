//! `list`, `rm`, `mv`, `cp`, `history`, `rollback`, metadata, environments.

use crate::harness::{Sandbox, finish};

#[test]
fn a_list_shows_as_much_of_a_value_as_its_kind_allows() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("SECRET", b"hunter2-hunter2-hunter2");
    sandbox.run(["set", "--kind", "variable", "PORT=3000"]).ok();
    sandbox
        .run_with_input(["set", "--kind", "api-key", "--provider", "stripe", "KEY"], b"sk_live_0123456789abcdef")
        .ok();
    let text = sandbox.run(["list"]).ok().text();
    assert!(text.contains("3000") && text.contains("…cdef"), "{text}");
    assert!(!text.contains("hunter2") && !text.contains("sk_live"), "{text}");
    assert!(sandbox.run(["list", "--values"]).ok().text().contains("hunter2"));
    let listed = sandbox.run(["list", "--json"]).ok().json();
    assert_eq!(listed[0]["name"], "KEY");
    assert_eq!(listed[0]["provider"], "stripe");
    assert!(listed[2].get("value").is_none(), "{listed}");
}

#[test]
fn metadata_can_be_changed_without_the_value() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("KEY", b"value");
    sandbox
        .run(["set", "KEY", "--note", "from the console", "--tag", "a,b", "--kind", "api-key"])
        .ok()
        .says("same value");
    assert_eq!(sandbox.run(["get", "KEY"]).ok().text(), "value");
    let item = &sandbox.run(["list", "--json"]).ok().json()[0];
    assert_eq!(
        (&item["note"], &item["version"], &item["tags"][1]),
        (&"from the console".into(), &1.into(), &"b".into())
    );
}

#[test]
fn moved_items_keep_their_history_and_copies_start_a_new_one() {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    sandbox.set("A", b"one");
    sandbox.set("A", b"two");
    sandbox.run(["cp", "dev/A", "prod/"]).ok().says("Copied to prod/A.");
    sandbox.run(["mv", "A", "B"]).ok();
    assert_eq!(sandbox.run(["history", "B", "--json"]).ok().json().as_array().unwrap().len(), 2);
    assert_eq!(sandbox.run(["history", "prod/A", "--json"]).ok().json().as_array().unwrap().len(), 1);
    sandbox.run(["get", "A"]).fails(3);
    sandbox.set("A", b"three");
    sandbox.run(["mv", "A", "B"]).fails(2).says("already");
    sandbox
        .run(["mv", "A", "A"])
        .fails(2)
        .says("source and destination are the same: dev/A")
        .says("choose another environment or another name");
    sandbox.run(["mv", "A", "stage/B"]).fails(3).says("there is no environment");
    let run = sandbox.run(["mv", "A", "prod"]).fails(2).says("prod is an environment; without a slash it would name");
    run.says("hint: into the environment: prod/; to an item of that name: dev/prod");
    sandbox.run(["cp", "--force", "A", "B"]).ok();
    assert_eq!(sandbox.run(["get", "B"]).ok().text(), "three");
    assert_eq!(sandbox.run(["get", "B", "--version", "2"]).ok().text(), "two");
}

#[test]
fn a_rollback_is_a_new_version_and_ten_earlier_ones_are_kept() {
    let sandbox = Sandbox::with_vault();
    (1..=13).for_each(|number| sandbox.set("A", number.to_string().as_bytes()));
    let versions = sandbox.run(["history", "A", "--json"]).ok().json();
    let numbers: Vec<u64> =
        versions.as_array().unwrap().iter().map(|version| version["version"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (3..=13).rev().collect::<Vec<_>>());
    sandbox.run(["rollback", "A"]).ok();
    assert_eq!(sandbox.run(["get", "A"]).ok().text(), "12");
    sandbox.run(["rollback", "A", "--version", "5"]).ok();
    assert_eq!(sandbox.run(["get", "A"]).ok().text(), "5");
    sandbox.run(["rollback", "A", "--version", "1"]).fails(3).says("no version 1");
}

#[test]
fn an_expiry_belongs_to_its_value_and_a_new_value_has_none() {
    let sandbox = Sandbox::with_vault();
    let expiry = || sandbox.run(["get", "A", "--json"]).ok().json()["expiresAt"].as_str().map(str::to_owned);
    let expiring = |value: &str| {
        sandbox.run(["set", "--note", "kept", "--expires", "90d", &format!("A={value}")]).ok();
        assert!(expiry().is_some());
    };
    expiring("1");
    sandbox.run(["set", "A=2"]).ok();
    assert_eq!(expiry(), None);
    expiring("3");
    sandbox.write(".env", "A=3\n");
    sandbox.run(["import"]).ok();
    assert!(expiry().is_some(), "the value did not change");
    sandbox.write(".env", "A=4\n");
    sandbox.run(["import"]).ok();
    assert_eq!(expiry(), None);
    expiring("5");
    sandbox.run(["rollback", "A"]).ok();
    assert_eq!(expiry(), None);
    assert_eq!(sandbox.run(["get", "A", "--json"]).ok().json()["note"], "kept");
    expiring("6");
    sandbox.run(["rotate", "A", "--generate"]).ok();
    assert!(expiry().is_some(), "rotate must renew the expiry");
}

#[test]
fn removing_asks_for_confirmation_and_fails_without_a_terminal() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"x");
    sandbox.run(["rm", "A"]).fails(2).says("-y");
    sandbox.run(["rm", "-y", "A", "MISSING"]).fails(3);
    assert_eq!(sandbox.run(["get", "A"]).ok().text(), "x");
    sandbox.run(["rm", "-y", "A"]).ok().says("Removed dev/A.");
    sandbox.run(["get", "A"]).fails(3);
}

#[test]
fn a_similar_name_is_suggested() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("DATABASE_URL", b"x");
    sandbox.run(["get", "DATABSE_URL"]).fails(3).says("did you mean dev/DATABASE_URL?");
}

#[test]
fn environments_are_added_and_removed_but_the_last_one_stays() {
    let sandbox = Sandbox::with_vault();
    sandbox.run(["env", "add", "prod"]).ok().says("Added prod (empty). Readers: mia.");
    sandbox.run(["env", "add", "prod"]).fails(2).says("already");
    sandbox.run(["env", "add", "Prod"]).fails(2);
    sandbox.set("prod/A", b"old");
    sandbox.run(["env", "rm", "-y", "prod"]).ok();
    sandbox.run(["get", "prod/A"]).fails(3);
    sandbox.run(["env", "add", "prod"]).ok();
    sandbox.run(["get", "prod/A"]).fails(3).says("no item");
    sandbox.run(["env", "rm", "-y", "dev"]).ok();
    sandbox.run(["env", "rm", "-y", "prod"]).fails(2).says("last environment");
    sandbox.run(["env", "rm", "prod"]).fails(2).says("last environment");
    sandbox.run(["verify"]).ok();
    sandbox.run(["log", "verify"]).ok();
}

#[test]
fn e8_environment_names_that_look_alike_are_refused() {
    let sandbox = Sandbox::with_vault();
    for name in ["pr\u{43e}d", "prod ", "PROD", "-prod", "prod\u{200b}"] {
        assert_eq!(sandbox.run(["env", "add", "--", name]).code, 2, "{name}");
    }
}

#[test]
fn commands_of_other_programs_get_a_hint() {
    let sandbox = Sandbox::with_vault();
    for (word, hint) in
        [("kv", "vault get NAME"), ("login", "no server"), ("server", "no server"), ("write", "vault set")]
    {
        sandbox.run([word]).fails(2).says(hint);
    }
    let mut command = sandbox.command(["list"]);
    command.env("VAULT_TOKEN", "hvs.x").env("VAULT_ADDR", "http://127.0.0.1:8200");
    finish(command).ok();
}

#[test]
fn an_error_in_json_has_the_documented_fields() {
    let sandbox = Sandbox::with_vault();
    let run = sandbox.run(["--json", "get", "MISSING"]);
    let error: serde_json::Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!((run.code, &error["error"]["exit"], &error["error"]["code"]), (3, &3.into(), &"not-found".into()));
    assert_eq!(error["error"]["reason"], "no-item");
    assert!(error["error"]["hint"].is_string());
}

#[test]
fn j10_no_argument_that_could_be_a_value_is_repeated() {
    let sandbox = Sandbox::with_vault();
    for arguments in [
        &["get", "sk_live/abc+def"][..],
        &["set", "NAME", "sk_live/abc+def"],
        &["get", "NAME", "sk_live/abc+def"],
        &["set", "sk_live abc+def=x"],
        &["rm", "-y", "sk_live abc+def"],
    ] {
        let run = sandbox.run(arguments);
        assert!(run.code != 0 && !run.stderr.contains("abc+def"), "{run:?}");
    }
}

#[test]
fn a_moved_or_copied_item_is_in_the_log_under_both_names() {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    sandbox.set("A", b"1");
    sandbox.run(["mv", "A", "B"]).ok();
    sandbox.run(["cp", "B", "C"]).ok();
    sandbox.run(["cp", "B", "prod/D"]).ok();
    for (name, actions) in [("A", 2), ("B", 3), ("C", 1), ("prod/D", 1)] {
        let log = sandbox.run(["log", "--item", name, "--json"]).ok().text();
        assert_eq!(log.lines().count(), actions, "{name}: {log}");
    }
}

#[test]
fn an_environment_name_without_a_slash_is_not_a_destination() {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    sandbox.set("A", b"1");
    for command in ["cp", "mv"] {
        sandbox.run([command, "A", "prod"]).fails(2).says("prod/").says("dev/prod");
    }
    sandbox.run(["cp", "A", "dev/prod"]).ok();
    sandbox.run(["cp", "A", "prod/"]).ok();
    sandbox.run(["get", "prod/A"]).ok();
}

#[test]
fn a_list_that_shows_a_value_is_logged_and_a_list_of_names_is_not() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("SECRET", b"hunter2");
    let lists = || sandbox.run(["log", "--action", "list", "--json"]).ok().text();
    sandbox.run(["list"]).ok();
    assert_eq!(lists(), "");
    sandbox.run(["set", "--kind", "variable", "PORT=3000"]).ok();
    sandbox.run(["list", "--json"]).ok();
    assert_eq!(lists(), "");
    assert!(sandbox.run(["list"]).ok().text().contains("3000"));
    assert!(lists().contains("PORT") && !lists().contains("SECRET"), "{}", lists());
}
