//! `check`.

use crate::harness::Sandbox;

#[test]
fn missing_empty_and_expired_items_fail_and_extra_items_are_a_note() {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    sandbox.set("DB_URL", b"hunter2-hunter2");
    sandbox.set("EMPTY", b"");
    sandbox.set("OLD", b"hunter2-hunter2");
    sandbox.run(["set", "OLD", "--expires", "1s"]).ok();
    let expires = sandbox.run(["list", "OLD", "--json"]).json()[0]["expiresAt"].clone();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    sandbox.write(".env.example", "DB_URL=\n# note\nEMPTY=\nNEEDED=x\n");
    let run = sandbox.run(["check"]);
    assert_eq!(run.code, 1, "{run:?}");
    let expired = expires.as_str().unwrap();
    let expected = format!(
        "missing  dev/NEEDED  .env.example:4\nempty    dev/EMPTY\nexpired  dev/OLD  {} {} UTC\nextra    dev/OLD\n",
        &expired[..10],
        &expired[11..16]
    );
    assert_eq!(run.text(), expected);
    assert!(run.stderr.contains("3 problems, 1 note.") && !run.stderr.contains("hunter2"), "{run:?}");
    let json = sandbox.run(["check", "--json"]).json();
    let missing = serde_json::json!({
        "problem": "missing", "isFault": true, "environment": "dev", "name": "NEEDED", "file": ".env.example", "line": 4
    });
    assert_eq!(json[0], missing);
    let old = serde_json::json!({
        "problem": "expired", "isFault": true, "environment": "dev", "name": "OLD", "expiresAt": expires
    });
    assert_eq!(json[2], old);
    assert_eq!(json[3]["isFault"], false);
    assert_eq!(sandbox.run(["check", "-e", "prod,dev", "--json"]).json().as_array().unwrap().len(), 7);
}

#[test]
fn an_extra_item_fails_only_with_no_extra() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"value");
    sandbox.set("B", b"value");
    sandbox.write(".env.example", "A=\n");
    let run = sandbox.run(["check"]).ok().says("Nothing is missing in dev, 1 note.");
    assert_eq!(run.text(), "extra    dev/B\n");
    let run = sandbox.run(["check", "--no-extra"]);
    assert_eq!((run.code, run.text().as_str()), (1, "extra    dev/B\n"));
    assert!(run.stderr.contains("1 problem."), "{run:?}");
    assert_eq!(sandbox.run(["check", "--no-extra", "--json"]).json()[0]["isFault"], true);
}

#[test]
fn items_that_expire_soon_are_listed_but_do_not_fail() {
    let sandbox = Sandbox::with_vault();
    sandbox.run(["set", "A=x", "--expires", "10d"]).ok();
    sandbox.run(["set", "B=x", "--expires", "6d"]).ok();
    let run = sandbox.run(["check"]).ok().says("1 note.");
    let text = run.text();
    assert!(text.starts_with("expiring dev/B  20") && text.lines().count() == 1, "{text}");
    let json = sandbox.run(["check", "--within", "14d", "--json"]).ok().json();
    assert_eq!((&json[0]["name"], &json[1]["name"]), (&"A".into(), &"B".into()));
    assert_eq!(json[0]["isFault"], false);
    assert_eq!(sandbox.run(["check", "--within", "0d", "--strict"]).ok().text(), "");
    sandbox.run(["check", "--within", "soon"]).fails(2).says("for example 14d");
}

#[test]
fn several_files_count_together_and_a_variable_with_a_default_is_optional() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"value");
    sandbox.set("B", b"value");
    sandbox.write("example", "A=\n");
    sandbox.write("compose.yml", "services:\n  web:\n    image: x:${TAG:-latest}\n    command: run ${B}\n");
    sandbox.run(["check", "--against", "example", "--against", "compose.yml"]).ok().says("Nothing is missing in dev");
    let run = sandbox.run(["check", "--against", "example", "--no-extra"]);
    assert_eq!((run.code, run.text().as_str()), (1, "extra    dev/B\n"));
    sandbox.run(["check"]).ok();
    sandbox.run(["check", "--against", "absent"]).fails(1).says("absent");
    assert_eq!(sandbox.run(["check", "--json"]).ok().text(), "[]\n");
}

#[test]
fn names_that_import_skips_are_not_missing() {
    let sandbox = Sandbox::with_vault();
    sandbox.write(".env.example", "A=1\nNODE_OPTIONS=--max-old-space-size=4096\n");
    sandbox
        .run_with_input(["import", "-"], b"A=1\nNODE_OPTIONS=--max-old-space-size=4096\n")
        .ok()
        .says("NODE_OPTIONS skipped");
    sandbox.run(["check"]).ok();
    let mut allowing = sandbox.command(["check"]);
    allowing.env("VAULT_ALLOW_NAMES", "NODE_OPTIONS");
    assert_eq!(crate::harness::finish(allowing).text(), "missing  dev/NODE_OPTIONS  .env.example:2\n");
}

#[test]
fn variables_that_compose_takes_from_the_environment_are_needed() {
    let sandbox = Sandbox::with_vault();
    for (file, expected) in [
        ("passthrough-compose.yml", "DATABASE_URL:5 PORT:6 QUEUE_TOKEN:10"),
        ("docker-compose.yml.example", "TAG:3"),
        ("bare-name.env.example", "API_TOKEN:1 B_TOKEN:2"),
    ] {
        sandbox.copy_case(file);
        let findings = sandbox.run(["check", "--against", file, "--json"]).json();
        let found = findings.as_array().unwrap().iter();
        let found: Vec<String> =
            found.map(|finding| format!("{}:{}", finding["name"].as_str().unwrap(), finding["line"])).collect();
        assert_eq!(found.join(" "), expected, "{file}");
    }
}
