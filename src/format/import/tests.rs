mod complete;
mod settings;
mod tools;

use super::*;
use crate::error::Kind;
use crate::format::export::{self, Format, Item};
use proptest::prelude::*;

const PLAIN: Options<'_> = Options { dialect: Dialect::Node, references: References::Keep, flatten: None };
const FLAT: Options<'_> = Options { flatten: Some("_"), ..PLAIN };

fn values(imported: &Imported) -> Vec<(&str, &str)> {
    imported.entries.iter().map(|entry| (entry.name.as_str(), entry.value.as_str().unwrap())).collect()
}

fn notes(imported: &Imported) -> Vec<String> {
    imported.notes.iter().map(ToString::to_string).collect()
}

fn lines(imported: &Imported) -> Vec<usize> {
    imported.entries.iter().map(|entry| entry.line).collect()
}

fn flat(source: Source, text: &str) -> Imported {
    read(source, text.as_bytes(), &FLAT).unwrap()
}

fn error(source: Source, text: &str) -> Error {
    read(source, text.as_bytes(), &PLAIN).unwrap_err()
}

#[test]
fn numbers_and_words_keep_their_spelling() {
    let json = flat(Source::Json, "{\"A\": 1.10, \"B\": 12345678901234567890123, \"C\": true, \"D\": \"0123\"}");
    assert_eq!(values(&json), [("A", "1.10"), ("B", "12345678901234567890123"), ("C", "true"), ("D", "0123")]);
    let yaml = flat(Source::Yaml, "A: 0123\nB: no\nC: 1.10\nD: 2024-01-01\nE: '0x1F'\nF: 1e3\nG: \"a\\tb\"\n");
    let expected =
        [("A", "0123"), ("B", "no"), ("C", "1.10"), ("D", "2024-01-01"), ("E", "0x1F"), ("F", "1e3"), ("G", "a\tb")];
    assert_eq!(values(&yaml), expected);
    let toml = flat(Source::Toml, "Z = 0x1F\nA = 1_000\nB = 1.10\nC = 2024-01-01T00:00:00Z\nD = true\nE = 'a\\n'\n");
    let expected =
        [("Z", "0x1F"), ("A", "1_000"), ("B", "1.10"), ("C", "2024-01-01T00:00:00Z"), ("D", "true"), ("E", "a\\n")];
    assert_eq!(values(&toml), expected);
}

#[test]
fn a_line_that_ends_with_cr_alone_is_counted_in_every_message() {
    for end in ["\n", "\r\n", "\r"] {
        let ended = |text: &str| text.replace('\n', end);
        for (source, text, message) in [
            (Source::Json, "{\n\"A\": 1,\n\n\"B\" 2}\n", "line 4 is not JSON"),
            (Source::Json, "{\n\"A\": 1,\n\n\"B\":", "line 4 is not JSON"),
            (Source::Json, "{\n\"A\": [1,\n\n{\"B\": 2]}\n", "line 4 is not JSON"),
            (Source::Yaml, "A: 1\n# text\nB: |\n  b\n  c\nC: [\n", "line 7 is not YAML"),
            (Source::Yaml, "A: 1\n\n\nB: 'b\n", "line 4 is not YAML"),
        ] {
            assert_eq!(error(source, &ended(text)).to_string(), message, "{text:?} with {end:?}");
        }
        for source in [Source::Json, Source::Yaml, Source::Dotenv] {
            let refused = read(source, &[ended("A\n\n").as_bytes(), b"\xff"].concat(), &PLAIN).unwrap_err();
            assert_eq!(refused.to_string(), "line 3 is not UTF-8", "{source:?} with {end:?}");
        }
    }
}

#[test]
fn a_comment_that_looks_like_a_value_is_found_on_its_line_whatever_ends_the_lines() {
    for end in ["\n", "\r\n", "\r"] {
        for (source, text, line) in [
            (Source::Yaml, "A: 1\nB: |\n  # b: 1\n# OLD: 1\nC: 1\n", 4),
            (Source::Properties, "A=1\n\n! OLD=1\nC=1\n", 3),
            (Source::Dotenv, "A=1\n# text\n# OLD=1\nC=1\n", 3),
        ] {
            let text = text.replace('\n', end);
            let mut imported = read(source, text.as_bytes(), &PLAIN).unwrap();
            note_comments(source, text.as_bytes(), &mut imported).unwrap();
            let found: Vec<_> = notes(&imported).into_iter().filter(|note| note.contains("comment")).collect();
            assert_eq!(
                found,
                [format!("line {line}  a comment that looks like a value; left out")],
                "{source:?} {end:?}"
            );
        }
    }
}

#[test]
fn nested_groups_are_joined_on_request_and_otherwise_refused_by_name() {
    let expected = [("db_host", "h"), ("db_port", "1"), ("tags_0", "a"), ("tags_1", "b")];
    let json = "{\n\"db\": {\"host\": \"h\",\n\"port\": 1},\n\"tags\": [\"a\", \"b\"]}";
    let yaml = "db:\n  host: h\n  port: 1\ntags: [a, b]\n";
    let toml = "tags = ['a', 'b']\n[db]\nhost = 'h'\nport = 1\n";
    assert_eq!(values(&flat(Source::Json, json)), expected);
    assert_eq!(lines(&flat(Source::Json, json)), [2, 3, 4, 4]);
    assert_eq!(values(&flat(Source::Yaml, yaml)), expected);
    assert_eq!(lines(&flat(Source::Yaml, yaml)), [2, 3, 4, 4]);
    let mut found = flat(Source::Toml, toml);
    assert_eq!(lines(&found), [1, 1, 3, 4]);
    found.entries.rotate_left(2);
    assert_eq!(values(&found), expected);
    for (source, text, message) in [
        (Source::Json, json, "line 2: \"db\" is a group of values, not a single value"),
        (Source::Yaml, yaml, "line 1: \"db\" is a group of values, not a single value"),
        (Source::Toml, toml, "line 1: \"tags\" is a group of values, not a single value"),
    ] {
        let error = error(source, text);
        assert_eq!((error.to_string().as_str(), error.kind()), (message, Kind::Usage));
        assert!(error.advice().unwrap().to_string().contains("flatten"));
    }
}

#[test]
fn a_repeated_name_is_noted_and_the_last_one_counts() {
    let json = flat(Source::Json, "{\"A\": \"1\",\n\"A\": \"2\",\n\"a_b\": \"3\",\n\"a\": {\"b\": \"4\"}}");
    assert_eq!(values(&json), [("A", "2"), ("a_b", "4")]);
    let expected = ["line 1  A: set again on line 2; took the last", "line 3  a_b: set again on line 4; took the last"];
    assert_eq!(notes(&json), expected);
}

#[test]
fn null_and_empty_groups_are_left_out_and_noted() {
    let yaml = flat(Source::Yaml, "A:\nB: ~\nC: ''\nD: {}\n");
    assert_eq!(values(&yaml), [("C", "")]);
    let expected = ["line 1  A: null; left out", "line 2  B: null; left out", "line 4  D: it is empty; left out"];
    assert_eq!(notes(&yaml), expected);
    assert_eq!(flat(Source::Json, "{\"A\": null}").notes.len(), 1);
    assert_eq!(flat(Source::Yaml, "# nothing\n"), Imported::default());
}

#[test]
fn yaml_features_beyond_values_are_refused_with_their_line() {
    for (text, message) in [
        ("a: &x 1\nb: *x\n", "line 2 refers to an anchor"),
        ("a: 1\n---\nb: 2\n", "line 2 begins a second YAML document"),
        ("a: !vault 1\n", "line 1 has an unsupported YAML tag"),
        ("a: !!binary aGk=\n", "line 1 has an unsupported YAML tag"),
        ("? [a]\n: 1\n", "line 1 has a name that is not text"),
    ] {
        assert_eq!(error(Source::Yaml, text).to_string(), message);
    }
    assert_eq!(values(&flat(Source::Yaml, "a: !!str 1\n")), [("a", "1")]);
}

#[test]
fn yaml_blocks_keep_their_lines() {
    let yaml = flat(Source::Yaml, "KEY: |\n  -----BEGIN-----\n  abc\n  -----END-----\nB: >-\n  one\n  two\n");
    assert_eq!(values(&yaml), [("KEY", "-----BEGIN-----\nabc\n-----END-----\n"), ("B", "one two")]);
    assert_eq!(lines(&yaml), [1, 5]);
}

#[test]
fn d20_deep_nesting_is_refused_without_a_stack_overflow() {
    let deep = 100_000;
    let json = [r#"{"a":"#.repeat(deep), "1".to_owned(), "}".repeat(deep)].concat();
    let list = ["[".repeat(deep), "]".repeat(deep)].concat();
    let toml = format!("a = {list}");
    let yaml: String = (0..200).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
    let sources = [
        (Source::Json, &json),
        (Source::Json, &list),
        (Source::Yaml, &list),
        (Source::Yaml, &yaml),
        (Source::Toml, &toml),
    ];
    for (source, text) in sources {
        assert_eq!(read(source, text.as_bytes(), &FLAT).unwrap_err().kind(), Kind::Usage, "{source}");
    }
}

#[test]
fn invalid_input_is_refused_with_its_line_and_never_quoted() {
    for (source, text, message) in [
        (Source::Json, "{\n\"A\": hunter2}", "line 2 is not JSON"),
        (Source::Json, "{\n\"A\": \"\\ud800hunter2\"}", "line 2 is not JSON"),
        (Source::Yaml, "A: 1\nB: \"hunter2\n", "line 2 is not YAML"),
        (Source::Toml, "A = 1\nB = hunter2\n", "line 2 is not TOML"),
        (Source::Toml, "A = 1\nA = 'hunter2'\n", "line 2 is not TOML"),
        (Source::Csv, "name,value\nA,\"hunter2\n", "line 2 has a misplaced quote"),
        (Source::Csv, "name,value\nA,hunter\"2\n", "line 2 has a misplaced quote"),
        (Source::Json, "\"hunter2\"", "the file holds one value without a name"),
        (Source::Json, "[{\"A\": \"hunter2\"}]", "line 1: the values of a list have no names"),
    ] {
        assert_eq!(error(source, text).to_string(), message, "{source}");
    }
    for source in Source::ALL {
        assert_eq!(read(source, b"A\n\xff", &PLAIN).unwrap_err().to_string(), "line 2 is not UTF-8");
    }
}

#[test]
fn the_syntax_is_detected_by_the_file_name_and_then_by_the_first_character() {
    for (name, bytes, source) in [
        (Some("a.JSON"), "A=1", Source::Json),
        (Some("secrets.yml"), "", Source::Yaml),
        (Some("docker-compose.yml.example"), "", Source::Yaml),
        (Some("conf/app.toml"), "", Source::Toml),
        (Some("export.csv"), "", Source::Csv),
        (Some("prod.auto.tfvars"), "", Source::Tfvars),
        (Some("application.properties"), "", Source::Properties),
        (Some("terraform.tfvars.json"), "", Source::Json),
        (Some(".env"), "A=1", Source::Dotenv),
        (Some(".env.production"), "A: 1", Source::Dotenv),
        (Some(".env.key"), "A=1", Source::Dotenv),
        (None, "\u{feff} \n{\"A\": 1}", Source::Json),
        (None, "[ \"A=1\"]", Source::Json),
        (None, "kind: Secret\napiVersion: v1\n", Source::Yaml),
        (None, "A: 1\nB:\nC: x\nD='\nfoo:\nbar'\n", Source::Dotenv),
        (None, "", Source::Dotenv),
    ] {
        assert_eq!(detect(name, bytes.as_bytes()).unwrap(), source, "{name:?} {bytes:?}");
    }
    for source in Source::ALL {
        assert_eq!(source.name().parse::<Source>().unwrap(), source);
    }
}

#[test]
fn a_file_that_is_no_env_file_is_not_read_as_one() {
    for (name, bytes, message) in [
        (Some("app.ini"), "[db]\nA=1", "vault can't import a .ini file"),
        (Some("app.ini.example"), "A=1", "vault can't import a .ini file"),
        (Some("key.pem"), "", "vault can't import a .pem file"),
        (Some("main.tf"), "", "vault can't import a .tf file"),
        (None, "# c\n[db]\nA=1", "line 2 is the name of a section, as in .ini and TOML files: this is not a .env file"),
        (None, "---\nA: 1\n", "line 1 begins a YAML document: this is not a .env file"),
        (None, "version: 3\nservers:\n  web:\n    x: y\n", "line 2 opens a group, as in YAML: this is not a .env file"),
        (None, "tags:\n- a\n", "line 1 opens a group, as in YAML: this is not a .env file"),
        (None, "a = 1\ntags = {\n}\n", "line 2 opens a block, as in a Terraform file: this is not a .env file"),
        (Some("x.txt"), "key = <<-EOT\n", "line 1 opens a block, as in a Terraform file: this is not a .env file"),
        (Some("s.sh"), "A=1\nf() {\n  X=1\n}\n", "line 2 is shell code: this is not a .env file"),
        (None, "if [ -f x ]; then\n", "line 1 is shell code: this is not a .env file"),
        (None, "-----BEGIN KEY-----\n", "line 1 begins a PEM block: this is not a .env file"),
        (None, "<?xml version=\"1.0\"?>", "line 1 is XML: this is not a .env file"),
    ] {
        let error = detect(name, bytes.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert!(error.advice().unwrap().to_string().contains("input-format"));
    }
    let text = error(Source::Dotenv, "hunter2\nhunter3 hunter4\n").to_string();
    assert_eq!(text, "no line of the file is NAME=value");
}

#[test]
fn nested_names_are_joined_with_the_given_separator() {
    let options = Options { flatten: Some("__"), ..PLAIN };
    let read = read(Source::Json, br#"{"ConnectionStrings": {"Main": "x"}, "List": ["a"]}"#, &options).unwrap();
    assert_eq!(values(&read), [("ConnectionStrings__Main", "x"), ("List__0", "a")]);
}

const TEXT: &str = "([a-z '\"`\\\\\n\r\t#$={}:,|>&*!%@-]|\\PC){0,16}";

proptest! {
    #[test]
    fn exported_values_are_imported_unchanged(values in prop::collection::vec(TEXT, 1..4)) {
        let names: Vec<String> = (0..values.len()).map(|i| format!("A{i}")).collect();
        let items: Vec<Item<'_>> = names
            .iter()
            .zip(&values)
            .map(|(name, value)| Item { name, value: value.as_bytes(), is_variable: false, note: None })
            .collect();
        let formats = [
            (Format::Json, Source::Json),
            (Format::Yaml, Source::Yaml),
            (Format::Toml, Source::Toml),
            (Format::Csv, Source::Csv),
        ];
        for (format, source) in formats {
            let file = export::write(format, &items).unwrap();
            let imported = read(source, &file, &PLAIN).unwrap();
            let found: Vec<&str> = imported.entries.iter().map(|entry| entry.value.as_str().unwrap()).collect();
            prop_assert_eq!(&found, &values, "{}", format);
        }
    }

    #[test]
    fn any_input_is_read_or_refused(bytes in "([a-c\\[\\]{}:,\"'\n\r\t =#&*!|>%@\\\\-]|\\PC){0,80}") {
        for source in Source::ALL {
            for options in [PLAIN, FLAT] {
                let _ = read(source, bytes.as_bytes(), &options);
            }
        }
    }
}
