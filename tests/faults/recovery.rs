//! L6: recovery with stock age, sed and awk, without this program.

use crate::harness::{Run, Sandbox, finish, has};
use base64::Engine as _;
use serde_json::Value;

/// Follows vault-format(5) for somebody who has the file and a key but no `vault`.
const RECOVER: &str = r#"
set -eu
sed -n '/^\[\[slot\]\]/,/^-----END AGE/p' secrets.vault | sed -n '/^-----BEGIN AGE/,/^-----END AGE/p' > slot.age
age -d $1 slot.age > identity
awk -v name="name = \"$2\"" '
    $0 == name { wanted = 1 }
    wanted && /^-----BEGIN AGE/ { inside = 1 }
    inside { print }
    inside && /^-----END AGE/ { exit }
' secrets.vault > block.age
age -d -i identity block.age
"#;

fn recover(sandbox: &Sandbox, options: &str, name: &str) -> Run {
    finish(sandbox.other("sh", ["-c", RECOVER, "sh", options, name]))
}

/// Returns the bytes of an item in a recovered plaintext.
fn value(plaintext: &Value, name: &str) -> Vec<u8> {
    let item = plaintext["items"].as_array().unwrap().iter().find(|item| item["name"] == name).unwrap();
    let text = item["value"].as_str().unwrap();
    if item["encoding"] == "base64" {
        return base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    }
    text.as_bytes().to_vec()
}

#[test]
fn l6_stock_age_recovers_every_environment_byte_for_byte() {
    if !has("age") {
        return;
    }
    let sandbox = Sandbox::with_environments(&["dev", "prod", "staging"]);
    let any_byte: Vec<u8> = (0..=255).collect();
    let large = "0123456789abcdef\n".repeat(20_000);
    let values: [&[u8]; 9] = [
        b"",
        b"\n",
        b"line one\nline two \"quoted\" \\ '\n",
        b"a\r\nb",
        b"trailing  ",
        &any_byte,
        "\u{e9}\u{2028}\u{1f511}".as_bytes(),
        b"-----BEGIN AGE ENCRYPTED FILE-----\n[[slot]]\nname = \"prod\"\n",
        large.as_bytes(),
    ];
    for name in ["dev", "prod", "staging"] {
        for (number, value) in values.iter().enumerate() {
            sandbox.set(&format!("{name}/V{number}"), value);
        }
    }
    sandbox.write("opener", sandbox.key());
    for name in ["dev", "prod", "staging"] {
        let plaintext = recover(&sandbox, "-i opener", name).ok().json();
        assert_eq!(plaintext["environment"], name);
        assert_eq!(plaintext["items"].as_array().unwrap().len(), values.len());
        for (number, expected) in values.iter().enumerate() {
            assert_eq!(value(&plaintext, &format!("V{number}")), *expected, "{name}/V{number}");
        }
    }
}

#[test]
fn l6_after_new_keys_the_new_key_recovers_and_the_old_one_does_not() {
    if !has("age") {
        return;
    }
    let mut sandbox = Sandbox::with_environments(&["dev", "prod"]);
    sandbox.set("prod/KEY", b"before");
    let old = sandbox.key().to_owned();
    let new = sandbox.run(["passwd", "--key"]).ok().text();
    sandbox.use_key(&new);
    sandbox.set("prod/KEY", b"after");
    sandbox.write("opener", &new);
    let plaintext = recover(&sandbox, "-i opener", "prod").ok().json();
    assert_eq!(value(&plaintext, "KEY"), b"after");
    sandbox.write("opener", &old);
    let run = recover(&sandbox, "-i opener", "prod");
    assert!(run.code != 0 && run.stdout.is_empty(), "{run:?}");
}
