//! L6: with stock age and a text editor.

use crate::harness::{Sandbox, finish, has};

/// The armored block behind the n-th mark of its kind.
fn block(text: &str, table: &str, number: usize) -> String {
    let part = text.split(&format!("[[{table}]]")).nth(number).unwrap();
    let start = part.find("-----BEGIN").unwrap();
    let end = part.find("-----END AGE ENCRYPTED FILE-----").unwrap() + 32;
    format!("{}\n", &part[start..end])
}

#[test]
fn l6_stock_age_recovers_every_environment() {
    if !has("age") {
        return;
    }
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    let value = "line one\nline two \"quoted\" \u{e9}\n";
    sandbox.set("A", value.as_bytes());
    sandbox.set("prod/B", &[0xff, 0, 1]);
    let text = std::fs::read_to_string(sandbox.vault()).unwrap();
    sandbox.write("key", sandbox.key());
    sandbox.write("slot.age", block(&text, "slot", 1));
    let identity = finish(sandbox.other("age", ["-d", "-i", "key", "slot.age"])).ok().text();
    sandbox.write("identity", identity);
    for (number, name, expected) in [(1, "A", serde_json::json!(value)), (2, "B", serde_json::json!("/wAB"))] {
        sandbox.write("block.age", block(&text, "environment", number));
        let plaintext = finish(sandbox.other("age", ["-d", "-i", "identity", "block.age"])).ok().json();
        assert_eq!(plaintext["items"][0]["name"], name);
        assert_eq!(plaintext["items"][0]["value"], expected);
    }
}
