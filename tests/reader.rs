//! vault-format(5) is complete: a reader written only from the page agrees with the program.

use crate::harness::{Run, Sandbox, finish, has};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Reads the vault and, if given, the log.
pub fn read(sandbox: &Sandbox, key: &str, log: Option<&Path>) -> Run {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reader.py");
    let (vault, key_file) = (sandbox.vault(), sandbox.write("reader.key", key));
    let arguments = [&script, &vault, &key_file].map(PathBuf::as_path).into_iter().chain(log);
    finish(sandbox.other("python3", arguments))
}

/// Python has a TOML parser since version 3.11.
pub fn is_possible(sandbox: &Sandbox) -> bool {
    let python = has("python3") && finish(sandbox.other("python3", ["-c", "import tomllib"])).code == 0;
    assert!(python || std::env::var_os("CI").is_none(), "python3 is older than 3.11 on CI");
    has("age") && python
}

#[test]
fn a_reader_written_from_the_man_page_agrees_on_every_hash_and_value() {
    let mut sandbox = Sandbox::with_environments(&["dev", "prod"]);
    if !is_possible(&sandbox) {
        return;
    }
    sandbox.set("MULTILINE", b"one\ntwo\n");
    sandbox.set("BYTES", b"\xff\0");
    sandbox.run(["env", "add", "gone"]).ok();
    sandbox.run(["env", "rm", "-y", "gone"]).ok();
    let key = sandbox.run(["passwd", "--key"]).ok().text();
    sandbox.use_key(&key);
    sandbox.set("prod/MULTILINE", b"three");
    // Two lists that are long enough that their entries are named only once.
    let variables: Vec<String> = (0..20).map(|number| format!("prod/VARIABLE_{number}=1")).collect();
    sandbox
        .run([&["set", "--kind", "variable"][..], &variables.iter().map(String::as_str).collect::<Vec<_>>()].concat())
        .ok();
    for _ in 0..2 {
        sandbox.run(["exec", "-e", "prod", "--", "true"]).ok();
    }

    let verified = sandbox.run(["verify", "--json"]).ok().json();
    let pin = sandbox.run(["status", "--pin"]).ok().text();
    let entries = sandbox.run(["log", "--json"]).ok().text();
    let read = read(&sandbox, &key, Some(&sandbox.vault_state().join("log/mia"))).ok().json();

    for field in ["objectId", "rosterVersion", "rosterHash"] {
        assert_eq!(read[field], verified[field], "{field}");
    }
    assert_eq!(pin_of(&read), pin.trim());
    assert_eq!(
        read["environments"]["dev"]["items"],
        serde_json::json!({"MULTILINE": "6f6e650a74776f0a", "BYTES": "ff00"})
    );
    assert_eq!(read["environments"]["prod"]["items"]["MULTILINE"], "7468726565");
    assert_eq!(read["environments"]["prod"]["anchors"].as_object().unwrap().len(), 1);
    let entries: Vec<Value> = entries.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |entries: &[Value], field: &str| entries.iter().map(|entry| entry[field].clone()).collect::<Vec<_>>();
    let log = read["log"].as_array().unwrap();
    // The reader was added after the log was shown, and showing the log doesn't count as access to a value.
    assert_eq!(of(log, "hash"), of(&entries, "objectId"));
    assert_eq!(of(log, "items"), of(&entries, "secrets"));
}

/// The pin, computed as the page describes.
fn pin_of(read: &Value) -> String {
    let short = |hash: &Value| hash.as_str().unwrap()[..32].to_owned();
    let mut pin = format!("{}/{}.{}", short(&read["objectId"]), read["rosterVersion"], short(&read["rosterHash"]));
    for (name, block) in read["environments"].as_object().unwrap() {
        pin.push_str(&format!("/{name}:{}.{}", block["version"], short(&block["hash"])));
    }
    pin
}

#[test]
fn the_reader_refuses_a_changed_roster() {
    let sandbox = Sandbox::with_vault();
    if !is_possible(&sandbox) {
        return;
    }
    sandbox.set("NAME", b"value");
    let text = std::fs::read_to_string(sandbox.vault()).unwrap();
    sandbox.write("secrets.vault", text.replacen("mia:write", "mia:read", 1));
    let run = read(&sandbox, sandbox.key(), Some(&sandbox.vault_state().join("log/mia")));
    assert!(run.code != 0 && run.stderr.contains("a signature does not verify"), "{run:?}");
}

#[test]
fn the_reader_accepts_an_archived_beginning_of_the_log_and_no_other_gap() {
    let mut sandbox = Sandbox::with_vault();
    if !is_possible(&sandbox) {
        return;
    }
    for _ in 0..3 {
        sandbox.set("NAME", b"value");
        let key = sandbox.run(["passwd", "--key"]).ok().text();
        sandbox.use_key(&key);
    }
    let log = sandbox.vault_state().join("log/mia");
    sandbox.run(["get", "NAME"]).ok();
    let first = std::fs::read(log.join("000001.log")).unwrap();
    std::fs::remove_file(log.join("000001.log")).unwrap();
    let run = read(&sandbox, sandbox.key(), Some(&log));
    assert!(run.code != 0 && run.stderr.contains("segments are missing at the beginning"), "{run:?}");
    std::fs::write(log.join("000001.log"), &first).unwrap();

    sandbox.run(["log", "archive", "--before", "2999-01-01", "-o", "old"]).ok();
    let entries = sandbox.run(["log", "--json"]).ok().text();
    let entries: Vec<Value> = entries.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let read = read(&sandbox, sandbox.key(), Some(&log)).ok().json();
    let hashes: Vec<&Value> = read["log"].as_array().unwrap().iter().map(|entry| &entry["hash"]).collect();
    assert_eq!(hashes, entries.iter().map(|entry| &entry["objectId"]).collect::<Vec<_>>());
    assert!(!log.join("000001.log").exists() && hashes.len() == 2);
}
