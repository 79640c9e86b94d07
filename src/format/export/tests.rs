use super::*;
use crate::error::Kind;
use crate::format::dotenv::{Dialect, References, parse};
use proptest::prelude::*;

pub(super) fn item<'a>(name: &'a str, value: &'a [u8]) -> Item<'a> {
    Item { name, value, is_variable: false, note: None }
}

pub(super) fn written(format: Format, items: &[Item<'_>]) -> String {
    write(format, items).unwrap().as_str().unwrap().to_owned()
}

pub(super) fn single(format: Format, value: &str) -> String {
    written(format, &[item("A", value.as_bytes())])
}

#[test]
fn dotenv_uses_the_plainest_notation_that_both_readers_share() {
    let cases = [
        ("", "A=\n"),
        ("postgres://db:5432/app", "A=postgres://db:5432/app\n"),
        ("two words", "A='two words'\n"),
        ("$2a$10$abc", "A='$2a$10$abc'\n"),
        ("it's", "A=\"it's\"\n"),
        ("one\ntwo\n", "A=\"one\\ntwo\\n\"\n"),
        ("{\n \"a\": \"$b\"\n}", "A='{\n \"a\": \"$b\"\n}'\n"),
        ("it's \\n", "A=it's \\n\n"),
    ];
    for (value, line) in cases {
        assert_eq!(single(Format::Dotenv, value), line);
    }
}

#[test]
fn f2_dotenv_refuses_what_the_readers_would_change() {
    for value in ["${HOME}", "a${}b", "${A:-x}", "it's\n\"quoted\"", "'\"`\n"] {
        let error = write(Format::Dotenv, &[item("OK", b"1"), item("BAD", value.as_bytes())]).unwrap_err();
        assert!(error.to_string().starts_with("dotenv can't hold BAD ("), "{error}");
        assert!(!error.to_string().contains(value));
    }
    assert_eq!(single(Format::Dotenv, "${A:b}"), "A='${A:b}'\n");
}

#[test]
fn every_refused_item_is_named_and_the_list_is_short() {
    let names: Vec<String> = (0..8).map(|i| format!("A{i}")).collect();
    let items: Vec<Item<'_>> = names.iter().map(|name| item(name, b"\xff")).collect();
    let error = write(Format::Json, &items).unwrap_err();
    assert!(error.to_string().ends_with("A4 (its value is not UTF-8) and 3 more"), "{error}");
    assert_eq!(error.kind(), Kind::Failed);
    assert!(error.advice().is_some());
}

#[test]
fn items_that_can_be_exported_are_written_even_if_others_cannot() {
    for format in [Format::Json, Format::K8s, Format::Shell] {
        let items = [item("A", b"a\0\xff"), item("B", b"b"), item("status", b"c\0\xff"), item("D", b"d")];
        let written = write_carried(format, &items);
        let alone = write(format, &[items[1], items[3]]);
        if written.refused.is_empty() {
            assert_eq!(format, Format::K8s);
            continue;
        }
        assert_eq!(written.refused, ["A", "status"]);
        assert_eq!(written.text, alone.unwrap(), "{format}");
        assert!(written.refusal.unwrap().to_string().contains("can't hold A ("));
    }
    let written = write_carried(Format::Json, &[item("A", b"\xff")]);
    assert_eq!(written.text.as_str(), Some("{}\n"));
}

#[test]
fn f1_shell_quotes_every_value() {
    assert_eq!(single(Format::Shell, "$(touch x)`y`!%"), "export A='$(touch x)`y`!%'\n");
    assert_eq!(single(Format::Shell, "it's\n"), "export A='it'\\''s\n'\n");
    assert_eq!(single(Format::Fish, "it's \\ \n"), "set -gx A 'it\\'s \\\\ '\\X0a'';\n");
}

#[test]
fn names_that_a_shell_reserves_are_refused() {
    // This includes the shell's directory and zsh's prompts, which `cd -` and the hook couldn't restore.
    for name in ["UID", "USERNAME", "PWD", "OLDPWD", "PROMPT", "RPS2", "TMOUT", "POSIXLY_CORRECT"] {
        assert!(write(Format::Shell, &[item(name, b"0")]).unwrap_err().to_string().contains(name), "{name}");
    }
    assert!(write(Format::Fish, &[item("status", b"0")]).unwrap_err().to_string().contains("status"));
    assert_eq!(single(Format::Dotenv, "0"), "A=0\n");
}

#[test]
fn e2_a_nul_byte_is_refused_except_in_json() {
    for format in [Format::Dotenv, Format::Shell, Format::Fish] {
        let error = write(format, &[item("A", b"a\0b")]).unwrap_err();
        assert!(error.to_string().ends_with("can't hold A (its value contains a NUL byte)"), "{error}");
    }
    assert_eq!(single(Format::Json, "a\0b"), "{\n  \"A\": \"a\\u0000b\"\n}\n");
    let escaped = "{\n  \"A\": \"\\u001b\\u009b\\u202e\\\"\\\\é😀\"\n}\n";
    assert_eq!(single(Format::Json, "\x1b\u{9b}\u{202e}\"\\é😀"), escaped);
}

#[test]
fn e1_a_name_that_is_no_variable_name_can_only_be_exported_as_json() {
    for format in [Format::Dotenv, Format::Shell, Format::Fish, Format::Example] {
        assert!(write(format, &[item("1A", b"x")]).is_err(), "{format}");
    }
    assert_eq!(written(Format::Json, &[item("tls.key", b"x")]), "{\n  \"tls.key\": \"x\"\n}\n");
}

#[test]
fn an_example_holds_names_and_notes_and_no_value() {
    let items = [
        Item { name: "A", value: b"hunter2", is_variable: false, note: Some("from the\ndashboard\r\nB=1\u{2028}C=2") },
        Item { name: "PORT", value: b"3000", is_variable: true, note: None },
    ];
    let text = written(Format::Example, &items);
    assert_eq!(text, "# from the\n# dashboard\n# B=1 C=2\nA=\nPORT=\n");
    for dialect in Dialect::ALL {
        let read = parse(text.as_bytes(), dialect, References::Keep).unwrap();
        let found: Vec<_> = read.entries.iter().map(|entry| (entry.name.as_str(), entry.value.len())).collect();
        assert_eq!(found, [("A", 0), ("PORT", 0)], "{dialect}");
    }
    let text = written(Format::Example, &[Item { note: Some("a\rB=hunter2\u{85}\u{2029}C=3"), ..items[1] }]);
    assert_eq!(parse(text.as_bytes(), Dialect::Python, References::Keep).unwrap().entries.len(), 1);
}

#[test]
fn without_items_the_document_is_empty() {
    assert_eq!(written(Format::Json, &[]), "{}\n");
    assert_eq!(written(Format::Dotenv, &[]), "");
}

#[test]
fn a_format_is_chosen_by_its_name() {
    for format in Format::ALL {
        assert_eq!(format.name().parse::<Format>().unwrap(), *format);
    }
    assert_eq!("toast".parse::<Format>().unwrap_err().kind(), Kind::Usage);
}

proptest! {
    #[test]
    fn f2_every_dotenv_export_is_read_alike_by_both_readers(values in prop::collection::vec("([a-z '\"`\\\\\n\r\t#$={}:]|\\PC){0,12}", 1..4)) {
        let names: Vec<String> = (0..values.len()).map(|i| format!("A{i}")).collect();
        let items: Vec<Item<'_>> = names.iter().zip(&values).map(|(name, value)| item(name, value.as_bytes())).collect();
        let Ok(text) = write(Format::Dotenv, &items) else { return Ok(()) };
        for dialect in [Dialect::Node, Dialect::Python] {
            let read = parse(&text, dialect, References::Keep).unwrap();
            let found: Vec<_> = read.entries.iter().map(|entry| entry.value.as_str().unwrap().to_owned()).collect();
            prop_assert_eq!(&found, &values, "{}", dialect);
        }
    }

    #[test]
    fn f2_text_without_quotes_lines_or_references_can_always_be_exported(value in "[^'\n\r\0]{0,40}") {
        prop_assume!(!value.contains("${") && !value.contains("\\\\") && !value.ends_with('\\'));
        prop_assert!(write(Format::Dotenv, &[item("A", value.as_bytes())]).is_ok());
    }

    #[test]
    fn json_round_trips(value in any::<String>()) {
        let text = single(Format::Json, &value);
        let read: std::collections::BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&read["A"], &value);
    }
}
