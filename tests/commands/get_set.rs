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
    for (input, stored) in [("one\n", "one"), ("one", "one"), ("one\ntwo\n", "one\ntwo\n"), ("\n\na\n", "\n\na\n")] {
        sandbox.run_with_input(["set", "VALUE"], input.as_bytes()).ok();
        assert_eq!(sandbox.run(["get", "VALUE"]).ok().text(), stored);
    }
}

#[test]
fn e1_invalid_names_are_refused() {
    let sandbox = Sandbox::with_vault();
    let before = std::fs::read(sandbox.vault()).unwrap();
    let long = "A".repeat(10_000);
    for name in ["", "a/b/c", "a\nb", "é", "-", ".hidden", &long] {
        sandbox.run_with_input(["set", "--", name], b"v").fails(2);
    }
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
}

#[test]
fn missing_input_is_not_a_value() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("PORT", b"3000");
    let empty = sandbox.write("empty", "");
    let from_file = format!("--from-file={}", empty.display());
    let blank = format!("--from-file={}", sandbox.write("blank", "\u{feff}\r\n").display());
    // The inputs of `false |`, `</dev/null`, `echo "$UNSET" |` and `PORT=$UNSET`.
    for (arguments, input) in [
        (&["set", "PORT"][..], ""),
        (&["set", "PORT"], "\n"),
        (&["set", "PORT"], "\r\n"),
        (&["set", "PORT"], "\n\n"),
        (&["set", "PORT"], "\u{feff}"),
        (&["set", "PORT"], "\u{feff}\r\n"),
        (&["set", "--raw", "PORT"], ""),
        (&["set", "--raw", "PORT"], "\n"),
        (&["set", "NEW"], ""),
        (&["set", "PORT="], ""),
        (&["set", "A=1", "PORT="], ""),
        (&["set", &from_file, "PORT"], ""),
        (&["set", &from_file, "PORT", "--note", "x"], ""),
        (&["set", &blank, "PORT"], ""),
    ] {
        sandbox.run_with_input(arguments, input.as_bytes()).fails(2).says("is empty").says("--empty");
    }
    assert_eq!(sandbox.run(["get", "PORT"]).ok().text(), "3000");
    assert_eq!(sandbox.run(["list", "--json"]).ok().json().as_array().unwrap().len(), 1);
    sandbox.run(["set", "PORT"]).fails(2).says("set -o pipefail");
    // `false | vault set PORT --expires 90d` must not make an old value look new.
    for arguments in [&["set", "PORT", "--expires", "90d"][..], &["set", "--kind", "variable", "PORT", "PORT2"]] {
        sandbox.set("PORT2", b"1");
        sandbox.run_with_input(arguments, b"").fails(2).says("empty pipe").says("</dev/null");
        sandbox.run(arguments).ok();
    }
}

#[test]
fn an_empty_value_can_be_set_with_an_option() {
    let sandbox = Sandbox::with_vault();
    let empty = sandbox.write("empty", "");
    let from_file = format!("--from-file={}", empty.display());
    for arguments in [&["set", "--empty", "A"][..], &["set", "--empty", "A="], &["set", "--empty", &from_file, "A"]] {
        sandbox.set("A", b"before");
        sandbox.run(arguments).ok().says("empty");
        assert_eq!(sandbox.run(["get", "A"]).ok().text(), "");
    }
    sandbox.run_with_input(["set", "--raw", "--empty", "A"], b"\r\n").ok();
    assert_eq!(sandbox.run(["get", "A"]).ok().text(), "\r\n", "with the option, the bytes are kept");
    sandbox.run_with_input(["set", "--empty", "A"], b"\r\n").ok();
    assert_eq!(sandbox.run(["get", "A"]).ok().text(), "");
    sandbox.run_with_input(["set", "--empty", "A"], b"value").ok();
    assert_eq!(sandbox.run(["get", "A"]).ok().text(), "value");
}

#[test]
fn metadata_of_several_items_can_be_set_at_once_without_changing_their_values() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"1");
    sandbox.set("B", b"2");
    sandbox.run(["set", "--kind", "variable", "A", "B"]).ok().says("Set dev/A (same value)").says("Set dev/B");
    let items = sandbox.run(["list", "--values", "--json"]).ok().json();
    let seen = |i: usize| (items[i]["kind"].as_str().unwrap(), items[i]["value"].as_str().unwrap());
    assert_eq!([seen(0), seen(1)], [("variable", "1"), ("variable", "2")]);
    sandbox.run(["set", "--kind", "secret", "A", "C"]).fails(2).says("no value was given for dev/C");
    sandbox
        .run_with_input(["set", "--kind", "secret", "A", "B"], b"x")
        .fails(2)
        .says("one value can't be given to several names");
    sandbox.run(["set", "A", "B"]).fails(2).says("one value can't be given to several names");
}
