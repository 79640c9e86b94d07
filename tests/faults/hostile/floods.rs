//! D20: oversized input, which is refused before it costs memory or time.

use super::small_vault;
use crate::forge::{Forge, refuses};
use crate::harness::{Sandbox, finish};
use vault::identity::Hash;
use vault::vault::File;

/// Runs the program with little memory, so that a late refusal fails.
fn refuses_within_little_memory(sandbox: &Sandbox, text: &str) {
    std::fs::write(sandbox.vault(), text).unwrap();
    let limited = "ulimit -v 600000; ulimit -t 20; exec \"$0\" \"$@\"";
    let program = crate::harness::program().to_str().unwrap();
    finish(sandbox.other("sh", ["-c", limited, program, "get", "KEY"])).fails(6);
}

#[test]
fn d20_oversized_files_are_refused_in_bounded_memory() {
    let sandbox = small_vault();
    let honest = std::fs::read_to_string(sandbox.vault()).unwrap();
    let file = File::parse(honest.as_bytes()).unwrap();
    let line = "A".repeat(64) + "\n";
    let armor = honest.replacen("-----END AGE", &(line.repeat(1 << 20) + "-----END AGE"), 1);
    refuses_within_little_memory(&sandbox, &armor);
    let statement = honest.split("\n[[").find(|part| part.starts_with("roster]]")).unwrap();
    let members = honest.replacen("\n[[slot]]", &(format!("\n[[{statement}").repeat(11_000) + "\n[[slot]]"), 1);
    refuses_within_little_memory(&sandbox, &members);
    let nested = honest.replacen("format = 1", &format!("format = 1\nx = {}", "[".repeat(1_000_000)), 1);
    refuses_within_little_memory(&sandbox, &nested);
    let dotted = honest.replacen("format = 1", &format!("format = 1\n{}x = 1", "x.".repeat(500_000)), 1);
    refuses_within_little_memory(&sandbox, &dotted);
    refuses_within_little_memory(&sandbox, &honest.replacen("format = 1", "format = 1\nformat = 1", 1));
    refuses_within_little_memory(&sandbox, &honest.replacen("kind = ", "kind = \"key\"\nkind = ", 1));
    let mut slots = file.clone();
    slots.slots = vec![file.slots[0].clone(); 9];
    refuses_within_little_memory(&sandbox, &slots.to_text());
    let mut slot = file.clone();
    slot.slots[0].data = slot.slots[0].data.replacen("-----END", &(line.repeat(200) + "-----END"), 1).into();
    refuses_within_little_memory(&sandbox, &slot.to_text());
}

#[test]
fn d20_toml_of_many_tiny_parts_is_refused_before_it_is_parsed() {
    let sandbox = small_vault();
    let honest = std::fs::read_to_string(sandbox.vault()).unwrap();
    let fill = |part: &str| part.repeat(((32 << 20) - honest.len() - 100) / part.len());
    let parts = [
        format!("x = [0{}]", fill(",0")),
        format!("x = [{}]", fill("{},")),
        format!("x{} = 1", fill(".x")),
        format!("x = {}", fill("[")),
        format!("x{}", fill("=")),
        (0..2_500_000).map(|n| format!("a{n} = 1\n")).collect(),
        fill(" \n"),
        fill("#\n"),
        fill("[[a]]\n"),
        fill("x='a'"),
        fill("0 "),
    ];
    for part in parts {
        let text = honest.replacen("format = 1\n", &format!("format = 1\n{part}\n"), 1);
        assert!(text.len() <= 32 << 20 && text != honest);
        refuses_within_little_memory(&sandbox, &text);
    }
}

#[test]
fn d20_small_files_may_be_any_toml() {
    let sandbox = small_vault();
    let honest = std::fs::read_to_string(sandbox.vault()).unwrap();
    let other = honest.replace(" = ", "=").replacen("format=1", "format=1 # one\n\n", 1);
    std::fs::write(sandbox.vault(), other).unwrap();
    assert_eq!(sandbox.run(["get", "KEY"]).ok().text(), "value");
}

#[test]
fn d20_lists_with_many_values_are_refused() {
    let sandbox = small_vault();
    let mut forge = Forge::of(&sandbox);
    forge.block("dev").statement.version = 2;
    forge.block("dev").statement.previous = (0..100_000u32).map(|n| Hash::of(&n.to_be_bytes())).collect();
    forge.write();
    refuses(&sandbox, "KEY", "a list of more than 2");
}
