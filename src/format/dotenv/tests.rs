mod effort;
mod references;

use super::*;
use crate::error::Kind;
use crate::format::Notes;
use proptest::prelude::*;

fn read(source: &str, dialect: Dialect) -> Imported {
    parse(source.as_bytes(), dialect, References::Keep).unwrap()
}

/// Returns the values by name, in the order of the file.
fn values(imported: &Imported) -> Vec<(&str, &str)> {
    imported.entries.iter().map(|entry| (entry.name.as_str(), entry.value.as_str().unwrap())).collect()
}

fn notes(imported: &Imported) -> Vec<String> {
    imported.notes.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn reads(source: &str, expected: &[(&str, &str)]) {
    assert_eq!(values(&read(source, Dialect::Node)), expected, "{source:?}");
}

#[test]
fn plain_lines_quotes_comments_and_spaces_are_read() {
    reads(
        "# a comment\n\nexport A=1\nB = two words  # said\nC='it # is'\nD=\"x\" # y\nE=\n",
        &[("A", "1"), ("B", "two words"), ("C", "it # is"), ("D", "x"), ("E", "")],
    );
}

#[test]
fn e3_multi_line_values_and_escapes_are_read() {
    reads(
        "A=\"one\ntwo\"\nB='one\n two '\nC=\"a\\nb\"\nD='a\\nb'\n",
        &[("A", "one\ntwo"), ("B", "one\n two "), ("C", "a\nb"), ("D", "a\\nb")],
    );
}

#[test]
fn a_dollar_sign_stays_literal() {
    reads(
        "HASH=$2a$10$abcdefghijklmnopqrstuv\nB=\"${HOME}\"\nC=pa$$word\nD=$(id)\n",
        &[("HASH", "$2a$10$abcdefghijklmnopqrstuv"), ("B", "${HOME}"), ("C", "pa$$word"), ("D", "$(id)")],
    );
}

#[test]
fn crlf_a_byte_order_mark_and_a_missing_final_newline_do_not_matter() {
    for dialect in Dialect::ALL {
        if dialect == Dialect::Docker {
            continue; // Docker's reader itself keeps the CR.
        }
        let imported = read("\u{feff}A=1\r\nB=two words\r\nC='x\r\ny'\r\nD=4", dialect);
        let c = if dialect == Dialect::Compose { "x\r\ny" } else { "x\ny" };
        assert_eq!(values(&imported), [("A", "1"), ("B", "two words"), ("C", c), ("D", "4")], "{dialect}");
        assert_eq!(imported.entries.iter().map(|entry| entry.line).collect::<Vec<_>>(), [1, 2, 3, 5], "{dialect}");
    }
}

#[test]
fn of_two_assignments_the_last_counts_and_the_first_is_noted() {
    let imported = read("A=1\nB=2\nA=3\n", Dialect::Node);
    assert_eq!(values(&imported), [("B", "2"), ("A", "3")]);
    assert_eq!(notes(&imported), ["line 1  A: set again on line 3; took the last, as node does"]);
}

#[test]
fn a_python_name_that_a_later_line_unsets_is_noted() {
    let imported = read("A=1\nA\n", Dialect::Python);
    assert_eq!(values(&imported), []);
    assert_eq!(imported.notes.len(), 2, "{:?}", imported.notes);
}

#[test]
fn lines_that_readers_parse_differently_name_the_readers_and_the_chosen_one() {
    let imported = read("A=1\nAPI_HASH=a#more\nB=x\n", Dialect::Node);
    assert_eq!(values(&imported)[1], ("API_HASH", "a"));
    assert_eq!(notes(&imported), ["line 2  API_HASH: node reads it differently from python and compose; took node's"]);
    let imported = read("API_HASH=a#more\n", Dialect::Python);
    assert_eq!(values(&imported), [("API_HASH", "a#more")]);
    assert_eq!(notes(&imported), ["line 1  API_HASH: python reads it differently from node; took python's"]);
}

#[test]
fn readers_that_would_expand_are_named() {
    let imported = read("URL=http://${HOST}/\nHASH=$2a$10$abc\nCOST=5$\n", Dialect::Node);
    assert_eq!(
        notes(&imported),
        [
            "line 1  URL: python and compose expand the $ in it; kept as written",
            "line 2  HASH: compose expands the $ in it; kept as written",
        ]
    );
}

#[test]
fn docker_takes_each_line_literally() {
    let imported = read("A=\"x\" # y\nB='z'\n", Dialect::Docker);
    assert_eq!(values(&imported), [("A", "\"x\" # y"), ("B", "'z'")]);
    assert_eq!(imported.notes.len(), 2);
}

#[test]
fn a_file_that_its_reader_refuses_is_refused() {
    for (source, dialect, line) in [
        ("A=1\nhunter2 hunter3\n", Dialect::Docker, 2),
        ("A=1\nB C=2\n", Dialect::Docker, 2),
        ("A=1\n=2\n", Dialect::Docker, 2),
        ("A=1\nhunter2 hunter3\nB=\n", Dialect::Compose, 2),
        ("A=\"hunter2\n", Dialect::Compose, 1),
        ("A=1\nB%C=2\n", Dialect::Compose, 2),
    ] {
        let error = parse(source.as_bytes(), dialect, References::Keep).unwrap_err();
        assert_eq!(error.to_string(), format!("{dialect} refuses the whole file because of line {line}"), "{source:?}");
        assert!(parse(source.as_bytes(), Dialect::Node, References::Keep).is_ok());
    }
    let error = parse(b"A=1\nB=${hunter2\n", Dialect::Compose, References::Keep).unwrap_err();
    assert_eq!(error.to_string(), "B holds a $ that makes compose refuse the whole file");
}

#[test]
fn a_file_with_very_many_lines_is_refused_before_it_fills_the_memory() {
    for source in ["x\n".repeat(MAX_LINES + 1), format!("A=\"{}\"", "x\n".repeat(MAX_LINES + 1)), "\\n".repeat(1 << 20)]
    {
        let error = parse(source.as_bytes(), Dialect::Node, References::Keep).unwrap_err();
        assert!(error.to_string().starts_with("the file has more than"), "{error}");
    }
}

#[test]
fn of_many_notes_the_first_are_kept_and_the_rest_are_counted() {
    let imported = read(&"hunter2\n".repeat(10_000), Dialect::Node);
    assert_eq!((imported.notes.len(), imported.notes.further()), (Notes::MAX, 10_000 - Notes::MAX));
    assert!(imported.notes.is_anything_left_out());
}

#[test]
fn lines_that_set_nothing_are_noted_by_number_and_never_quoted() {
    for dialect in [Dialect::Node, Dialect::Python] {
        let imported = read("A=1\nhunter2 hunter3\nHUNTER4\nB=2\n", dialect);
        assert_eq!(values(&imported), [("A", "1"), ("B", "2")], "{dialect}");
        let lines: Vec<_> = imported.notes.iter().map(|note| note.line).collect();
        assert_eq!(lines, [2, 3], "{dialect}");
        assert!(!format!("{:?}", imported.notes).to_lowercase().contains("hunter"), "{dialect}");
    }
}

#[test]
fn a_line_that_only_another_reader_accepts_is_noted() {
    let imported = read("'A'=1\n", Dialect::Node);
    assert_eq!(notes(&imported), ["line 1  not an assignment for node, but one for python; left out"]);
}

#[test]
fn an_unquoted_pem_block_is_refused_and_a_quoted_one_is_read() {
    let block = "-----BEGIN PRIVATE KEY-----\nMIIEabc=\n-----END PRIVATE KEY-----";
    for dialect in Dialect::ALL {
        let error = parse(format!("A=1\nKEY={block}\n").as_bytes(), dialect, References::Keep).unwrap_err();
        assert_eq!(error.to_string(), format!("line 2 starts a PEM block, but {dialect} reads only that line"));
        assert!(error.advice().is_some());
    }
    reads(&format!("KEY=\"{block}\"\n"), &[("KEY", block)]);
}

#[test]
fn input_that_is_not_utf_8_is_refused_with_its_line() {
    let error = parse(b"A=1\nB=2\nC=\xff\xfe\n", Dialect::Node, References::Keep).unwrap_err();
    assert_eq!(error.to_string(), "line 3 is not UTF-8");
    let error = parse(b"\xff\xfeA\0=\0", Dialect::Node, References::Keep).unwrap_err();
    assert_eq!(
        (error.to_string(), error.advice().unwrap().to_string()),
        ("the file is UTF-16".to_owned(), "save it as UTF-8".to_owned())
    );
}

#[test]
fn an_unterminated_quote_loses_no_line_silently() {
    for dialect in [Dialect::Node, Dialect::Python, Dialect::Docker] {
        let imported = read("A=1\nB=\"unfinished\nC=3\n", dialect);
        let mut seen: Vec<usize> = imported.entries.iter().map(|entry| entry.line).collect();
        seen.extend(imported.notes.iter().map(|note| note.line));
        for line in 1..=2 {
            assert!(seen.contains(&line), "{dialect}: line {line} in {seen:?}");
        }
    }
}

#[test]
fn python_replaces_what_its_pattern_matches() {
    for value in ["${A}", "${}", "x${A:-}y", "${A:-b:c}", "a:${A}", "${${A}", "${A:${B}", "${A:-${B}"] {
        assert!(compare::python_interpolates(value), "{value}");
    }
    for value in ["$A", "${A", "${A:b}", "${A:-b", "}${", "$ {A}", "${A:?b}", "{A}:-}"] {
        assert!(!compare::python_interpolates(value), "{value}");
    }
}

#[test]
fn a_dialect_is_chosen_by_its_name() {
    for dialect in Dialect::ALL {
        assert_eq!(dialect.name().parse::<Dialect>().unwrap(), dialect);
    }
    assert_eq!("ruby".parse::<Dialect>().unwrap_err().kind(), Kind::Usage);
}

proptest! {
    #[test]
    fn any_input_is_read_or_refused(source in prop::collection::vec(any::<u8>(), 0..200)) {
        for dialect in Dialect::ALL {
            for references in [References::Keep, References::Expand] {
                let _ = parse(&source, dialect, references);
            }
        }
    }

    #[test]
    fn no_note_contains_a_value(value in "[a-z]{6}[ #'\"\\\\$\\n]{0,3}[a-z]{6}") {
        for dialect in Dialect::ALL {
            let source = format!("A={value}\nB=\"{value}\nC='{value}\n{value}\n");
            let messages: Vec<String> = match parse(source.as_bytes(), dialect, References::Keep) {
                Ok(imported) => imported.notes.iter().map(ToString::to_string).collect(),
                Err(error) => vec![error.to_string(), error.advice().map(ToString::to_string).unwrap_or_default()],
            };
            for text in messages {
                prop_assert!(!text.contains(&value[..6]) && !text.contains(&value[value.len() - 6..]), "{}", text);
            }
        }
    }
}
