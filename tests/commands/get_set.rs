//! `set` and `get`.

use crate::harness::Sandbox;

#[test]
fn e3_values_come_back_byte_for_byte() {
    let sandbox = Sandbox::with_vault();
    let values: [&[u8]; 9] =
        [b"", b"\n", b"a\n", b"a\r\nb", b"trailing  ", b"\xff\xfe", b"\0", "é\u{2028}".as_bytes(), b"no newline"];
    for value in values {
        sandbox.set("VALUE", value);
        assert_eq!(sandbox.run(["get", "VALUE"]).ok().stdout, value);
    }
}

#[test]
fn one_final_newline_of_a_single_line_is_dropped() {
    let sandbox = Sandbox::with_vault();
    for (input, stored) in [("one\n", "one"), ("one", "one"), ("one\ntwo\n", "one\ntwo\n"), ("\n\n", "\n\n")] {
        sandbox.run_with_input(["set", "VALUE"], input.as_bytes()).ok();
        assert_eq!(sandbox.run(["get", "VALUE"]).ok().text(), stored);
    }
}

#[test]
fn e1_what_is_no_name_is_refused() {
    let sandbox = Sandbox::with_vault();
    let before = std::fs::read(sandbox.vault()).unwrap();
    let long = "A".repeat(10_000);
    for name in ["", "a/b/c", "a\nb", "é", "-", ".hidden", &long] {
        sandbox.run_with_input(["set", "--", name], b"v").fails(2);
    }
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
}
