//! Keys that are shown once: complete, on standard output, and before everything else that opens the vault is replaced.

use crate::device::{Device, vault};
use crate::harness::{Run, Sandbox, finish, program};

const PASSPHRASE: &str = "an unusual passphrase for tests";

/// Makes descriptor 6 a pipe whose reader is gone, as after `| true`.
const PIPE: &str = "mkfifo pipe && exec 5<>pipe && exec 6>pipe 5>&- && rm pipe;";
const GONE: &str = ">&6";

/// Runs the program with its standard output redirected by the shell.
fn redirected(sandbox: &Sandbox, arguments: &str, to: &str) -> Run {
    finish(sandbox.other("sh", ["-c", &format!("{PIPE} '{}' {arguments} {to}", program().display())]))
}

fn is_key(key: &serde_json::Value) -> bool {
    key.as_str().unwrap().starts_with("AGE-SECRET-KEY-1")
}

#[test]
fn a_key_that_cannot_be_printed_changes_nothing() {
    let sandbox = vault();
    let before = std::fs::read(sandbox.vault()).unwrap();
    for json in ["", "--json "] {
        for to in [">/dev/full", ">&-", ">/dev/null", GONE] {
            for command in ["user add ci", "passwd --key"] {
                assert_eq!(redirected(&sandbox, &format!("{json}{command}"), to).code, 1, "{json}{command} {to}");
                assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before, "{json}{command} {to}");
            }
            assert_eq!(redirected(&sandbox, &format!("{json}--vault new.vault init --key"), to).code, 1);
            assert!(!sandbox.project().join("new.vault").exists(), "{json} {to}");
        }
    }
    redirected(&sandbox, "passwd --key", ">/dev/null").fails(1).says("the key would be lost");
    redirected(&sandbox, "user add ci", ">/dev/null").fails(1).says("the new user's key would be lost");
}

#[test]
fn a_recovery_key_that_cannot_be_printed_does_not_replace_the_old_one() {
    let sandbox = Sandbox::empty();
    let run = |arguments: &str, to: &str| {
        let mut command = sandbox.other("sh", ["-c", &format!("{PIPE} '{}' {arguments} {to}", program().display())]);
        command.env("VAULT_PASSPHRASE", PASSPHRASE);
        finish(command)
    };
    run("init --work-factor 10", "").ok();
    let before = std::fs::read(sandbox.vault()).unwrap();
    for json in ["", "--json "] {
        for to in [">/dev/full", ">&-", GONE] {
            assert_eq!(run(&format!("{json}recovery --work-factor 10"), to).code, 1, "{json} {to}");
            assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before, "{json} {to}");
        }
    }
    let json = run("--json recovery --work-factor 10", "").ok();
    assert!(is_key(&json.json()["recoveryKey"]) && json.json()["user"]["username"] == "mia", "{json:?}");
    assert!(!json.stderr.contains("AGE-SECRET-KEY"), "{json:?}");
}

#[test]
fn all_commands_that_print_keys_print_the_same_object() {
    let sandbox = Sandbox::empty();
    let created = sandbox.run(["init", "--key", "--json"]).ok().json();
    assert!(is_key(&created["key"]) && created.get("recoveryKey").is_none(), "{created}");
    assert_eq!(created["user"]["username"], "mia");
    assert_eq!(created["user"]["slots"], serde_json::json!(["key"]));
    let mia = Device::new(&sandbox, "mia").with_key(created["key"].as_str().unwrap());
    let added = mia.run(&["user", "add", "ben", "--read", "dev", "--json"]).ok().json();
    assert!(is_key(&added["key"]), "{added}");
    assert_eq!(added["user"]["grants"], serde_json::json!([{ "environment": "dev", "right": "read" }]));
    assert_eq!((&added["user"]["issuedBy"], &added["user"]["slots"]), (&"mia".into(), &serde_json::json!(["key"])));
    // ben joins with a passphrase, so the printed key is the recovery key.
    let ben = Device::new(&sandbox, "ben").with_key(added["key"].as_str().unwrap());
    let mut join = ben.command(&["join", "--work-factor", "10", "--json"]);
    join.env("VAULT_PASSPHRASE", PASSPHRASE);
    let joined = finish(join).ok();
    assert!(!joined.stderr.contains("AGE-SECRET-KEY"), "{joined:?}");
    let joined = joined.json();
    assert!(is_key(&joined["recoveryKey"]) && joined.get("key").is_none(), "{joined}");
    assert_eq!(joined["user"]["slots"], serde_json::json!(["passphrase", "key"]));
    Device::new(&sandbox, "rescue").with_key(joined["recoveryKey"].as_str().unwrap()).run(&["list"]).ok();
    let changed = mia.run(&["passwd", "--key", "--json"]).ok().json();
    assert!(is_key(&changed["key"]) && changed["user"]["username"] == "mia", "{changed}");
    Device::new(&sandbox, "new").with_key(changed["key"].as_str().unwrap()).run(&["list"]).ok();
    // Keys that were made elsewhere are not printed.
    let zoe = Device::new(&sandbox, "zoe");
    let line = zoe.run(&["join", "--request", "--user", "zoe"]).ok().text();
    let mia = Device::new(&sandbox, "new").with_key(changed["key"].as_str().unwrap());
    let added = mia.run(&["user", "add", "zoe", "--keys", line.trim(), "--json"]).ok().json();
    assert!(added["user"]["username"] == "zoe" && added.get("key").is_none(), "{added}");
}
