//! `env copy` and `env diff`.

use crate::harness::{Sandbox, finish};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    for (name, value) in
        [("dev/A", "a"), ("dev/B", "b"), ("dev/C", "c"), ("prod/B", "b"), ("prod/C", "other"), ("prod/D", "d")]
    {
        sandbox.set(name, value.as_bytes());
    }
    sandbox
}

fn value(sandbox: &Sandbox, item: &str) -> String {
    sandbox.run(["get", item]).ok().text()
}

#[test]
fn missing_items_are_copied_and_different_ones_stay() {
    let sandbox = sandbox();
    sandbox.run(["set", "dev/A", "--note", "first"]).ok();
    sandbox
        .run(["env", "copy", "dev", "prod"])
        .ok()
        .says("Copied 1 item from dev to prod; added: A; left as they are there (--force replaces them): C; 1 already the same.");
    assert_eq!([value(&sandbox, "prod/A"), value(&sandbox, "prod/C")], ["a", "other"]);
    assert_eq!(sandbox.run(["list", "-e", "prod", "--json"]).ok().json()[0]["note"], "first");
    sandbox.run(["env", "copy", "dev", "prod", "--force"]).ok().says("replaced: C");
    assert_eq!(value(&sandbox, "prod/C"), "c");
    assert_eq!(sandbox.run(["get", "prod/C", "--version", "1"]).ok().text(), "other");
    let before = std::fs::read(sandbox.vault()).unwrap();
    sandbox.run(["env", "copy", "dev", "prod", "--force"]).ok().says("Copied 0 items");
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
}

#[test]
fn copying_chosen_items_can_add_a_new_environment() {
    let sandbox = sandbox();
    let before = std::fs::read(sandbox.vault()).unwrap();
    let dry = ["env", "copy", "dev", "staging", "--except", "C", "--dry-run"];
    sandbox.run(dry).ok().says("Would copy 2 items from dev to staging (new); added: A, B.");
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
    sandbox.run(["env", "copy", "dev", "staging", "--except", "C"]).ok();
    assert_eq!(sandbox.run(["exec", "-e", "staging", "--", "sh", "-c", "echo $A$B$C"]).ok().text(), "ab\n");
    let log = sandbox.run(["log", "--action", "env-copy", "--json"]).ok();
    assert_eq!(log.text().matches("\"secrets\":[\"A\",\"B\"]").count(), 2, "{log:?}");
    sandbox.run(["env", "copy", "dev", "dev"]).fails(2);
    sandbox.run(["env", "copy", "nowhere", "dev"]).fails(3);
    sandbox.run(["env", "copy", "dev", "prod", "--only", "NOWHERE"]).fails(3);
}

#[test]
fn differences_are_listed_by_name_and_never_by_value() {
    let sandbox = sandbox();
    let run = sandbox.run(["env", "diff", "dev", "prod"]).ok();
    assert_eq!(run.text(), "ITEM  DIFFERENCE\nA     only in dev\nC     value\nD     only in prod\n");
    assert!(!run.text().contains("other"));
    let json = sandbox.run(["env", "diff", "dev", "prod", "--json"]).ok().json();
    let found: Vec<_> = json.as_array().unwrap().iter().map(|item| [&item["name"], &item["change"]]).collect();
    assert_eq!(found, [["A", "removed"], ["C", "changed"], ["D", "added"]]);
    assert_eq!([&json[1]["before"]["environment"], &json[1]["after"]["environment"]], ["dev", "prod"]);
    assert!(!json.to_string().contains("\"value\":"), "{json}");
    assert_eq!(sandbox.run(["env", "diff", "dev", "prod", "--exit-code"]).code, 1);
    sandbox.run(["set", "dev/B", "--note", "here only", "--kind", "api-key"]).ok();
    let run = sandbox.run(["env", "diff", "dev", "prod"]).ok();
    assert!(run.text().contains("B     kind api-key → secret, no note\n"), "{run:?}");
    sandbox.run(["set", "dev/B", "--note", "", "--kind", "secret"]).ok();
    sandbox.run(["rm", "-y", "dev/A", "prod/D"]).ok();
    // Values usually differ between environments; a missing name breaks a deployment.
    sandbox.run(["env", "diff", "dev", "prod", "--exit-code"]).ok();
    sandbox.run(["env", "copy", "dev", "prod", "--force"]).ok();
    sandbox.run(["env", "diff", "dev", "prod"]).ok().says("dev and prod have the same content.");
    assert!(sandbox.run(["log", "--action", "env-diff"]).ok().text().contains("env-diff"));
}

#[test]
fn without_the_rights_nothing_is_copied_or_compared() {
    let sandbox = sandbox();
    let key = sandbox.run(["user", "add", "rea", "--read", "dev"]).ok().text();
    let before = std::fs::read(sandbox.vault()).unwrap();
    for (arguments, why) in [
        (["env", "diff", "dev", "prod"], "rea may not read prod"),
        (["env", "copy", "prod", "dev"], "rea may not"),
        (["env", "copy", "dev", "prod"], "rea may not"),
        (["env", "copy", "dev", "new"], "is not an admin"),
    ] {
        let mut command = sandbox.command(arguments);
        command.env("VAULT_KEY", key.trim());
        finish(command).fails(5).says(why);
        assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
        let mut log = sandbox.command(["log", "-n", "1"]);
        log.env("VAULT_KEY", key.trim());
        assert!(finish(log).ok().text().contains("denied"), "{arguments:?}");
    }
}
