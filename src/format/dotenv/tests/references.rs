//! References to other variables, as each reader expands them.

use super::*;

fn expanded(source: &str, dialect: Dialect) -> Imported {
    parse(source.as_bytes(), dialect, References::Expand).unwrap()
}

#[test]
fn references_expand_only_from_the_lines_above() {
    let source = "A=1\nB=$A-${A}-${A:-no}\nC=${NONE:-default}\nD='$A'\nE=${PATH}\nF=$(id)\n";
    let imported = expanded(source, Dialect::Compose);
    assert_eq!(
        values(&imported),
        [("A", "1"), ("B", "1-1-1"), ("C", "default"), ("D", "$A"), ("E", "${PATH}"), ("F", "$(id)"),]
    );
    assert_eq!(notes(&imported)[0], "line 5  E: a $ reference is kept as written: no line above sets it");
}

const ESCAPES: &str = include_str!("../../fixtures/expand-escape.env");

#[test]
fn each_reader_treats_the_dollar_sign_in_its_own_way() {
    assert_eq!(values(&expanded(ESCAPES, Dialect::Node))[1], ("B", "$A"));
    assert_eq!(values(&expanded(ESCAPES, Dialect::Compose))[2], ("C", "pa$A"));
    assert_eq!(values(&expanded(ESCAPES, Dialect::Python))[1..], [("B", "\\$A"), ("C", "pa$$A")]);
    let source = "A=1\nB=$A${A}\nC='${A}'\nD=\"\\$A\\\\$A $$A\"\nE=$$$A\n";
    assert_eq!(values(&expanded(source, Dialect::Python))[1..3], [("B", "$A1"), ("C", "1")]);
    let compose = expanded(source, Dialect::Compose);
    assert_eq!(values(&compose)[1..], [("B", "11"), ("C", "${A}"), ("D", "$A\\1 $A"), ("E", "$1")]);
    assert_eq!(values(&expanded(source, Dialect::Node))[1..3], [("B", "11"), ("C", "1")]);
    for (_, value) in values(&expanded("A=1\nB=$A${A}\n", Dialect::Docker)).iter().skip(1) {
        assert_eq!(*value, "$A${A}", "docker replaces nothing");
    }
}

#[test]
fn compose_accepts_operators_with_and_without_a_colon() {
    let source = "A=1\nE=\nB=${E-x}${E:-y}${N:-z}${A:+p}${E+q}${E:+r}${N-${A}}${A:?no}\nC=${N:-a${N:-b}c}d\n";
    let imported = expanded(source, Dialect::Compose);
    assert_eq!(values(&imported)[2..], [("B", "yzpq11"), ("C", "abcd")]);
}

#[test]
fn a_value_that_refers_to_itself_causes_no_endless_loop() {
    let imported = expanded("A=\\$A x\nB=$A\n", Dialect::Node);
    assert_eq!(values(&imported), [("A", "$A x"), ("B", "$A x")]);
    let error = parse(b"A=\\$A x\nB=y$A\n", Dialect::Node, References::Expand).unwrap_err();
    assert!(error.to_string().starts_with("B "), "{error}");
}

#[test]
fn an_expansion_bomb_is_refused_by_name() {
    let mut source = String::from("A0=aaaaaaaaaaaaaaaa\n");
    for i in 1..20 {
        source.push_str(&format!("A{i}=${{A{p}}}${{A{p}}}${{A{p}}}${{A{p}}}\n", p = i - 1));
    }
    let error = parse(source.as_bytes(), Dialect::Node, References::Expand).unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    assert!(error.to_string().starts_with('A'), "{error}");
}

#[test]
fn a_required_reference_does_not_quote_the_message_in_the_file() {
    let error = parse(b"A=${B:?hunter2}\n", Dialect::Compose, References::Expand).unwrap_err();
    assert_eq!(error.to_string(), "A needs a value that no line above sets");
}
