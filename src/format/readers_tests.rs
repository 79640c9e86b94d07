//! The real readers: node's `dotenv`, `python-dotenv`, dash, bash, zsh and fish.
//!
//! A program that is not there is skipped with a line that says so; with `CI` set it is a failure. The npm package is
//! looked for in `VAULT_TEST_NODE_MODULES`, or where `NODE_PATH` says.

use super::dotenv::{Dialect, References, parse};
use super::export::{Format, Item, write};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

type Values = BTreeMap<String, String>;

const NODE: &str = r"
const { parse } = require('dotenv');
const sources = JSON.parse(require('fs').readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(sources.map((source) => parse(source))));
";

const PYTHON: &str = r"
import io, json, logging, sys
from dotenv import dotenv_values
logging.disable(logging.CRITICAL)
def read(source):
    values = dotenv_values(stream=io.StringIO(source, newline=None), interpolate=sys.argv[1] == 'interpolate')
    return {name: value for name, value in values.items() if value is not None}
sources = json.loads(sys.stdin.buffer.read())
sys.stdout.buffer.write(json.dumps([read(source) for source in sources]).encode())
";

/// Runs a program with this input, or says that it is not there. Its output if it ended well.
fn output(command: &mut Command, input: &[u8]) -> Option<Vec<u8>> {
    let name = command.get_program().to_string_lossy().into_owned();
    let Ok(mut child) = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() else {
        return missing(&name);
    };
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    if errors.contains("Cannot find module 'dotenv'") || errors.contains("No module named 'dotenv'") {
        return missing(&format!("{name}'s dotenv package"));
    }
    assert!(output.status.success(), "{name}: {errors}");
    Some(output.stdout)
}

fn missing<T>(what: &str) -> Option<T> {
    assert!(std::env::var_os("CI").is_none(), "{what} is not installed");
    println!("skipped: {what} is not installed");
    None
}

fn read_by_node(sources: &[String]) -> Option<Vec<Values>> {
    let mut command = Command::new("node");
    if let Some(modules) = std::env::var_os("VAULT_TEST_NODE_MODULES") {
        command.env("NODE_PATH", modules);
    }
    let output = output(command.args(["-e", NODE]), &serde_json::to_vec(sources).unwrap())?;
    Some(serde_json::from_slice(&output).unwrap())
}

fn read_by_python(sources: &[String], interpolate: bool) -> Option<Vec<Values>> {
    let mode = if interpolate { "interpolate" } else { "keep" };
    let output = output(Command::new("python3").args(["-c", PYTHON, mode]), &serde_json::to_vec(sources).unwrap())?;
    Some(serde_json::from_slice(&output).unwrap())
}

/// The same texts in every run: `count` strings of up to `length` of these pieces.
fn texts(pieces: &'static [&'static str], length: usize, count: usize) -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let strategy = prop::collection::vec(prop::sample::select(pieces), 0..length).prop_map(|parts| parts.concat());
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

const SOURCE: &[&str] = &[
    "A", "B", "A=", "B=", "\nA=", "\nC=", "=", " ", "\t", "'", "\"", "`", "\\", "\\n", "\\r", "\\t", "\\'", "\\\"",
    "#", " #", "$", "${A}", "\n", "\r\n", "\r", "export ", "x", ":", ": ", "é", "\u{a0}", "-", ".", "\u{2028}",
    "\u{b}", "\u{85}", "\u{feff}",
];

const VALUE: &[&str] = &[
    "a",
    "'",
    "\"",
    "`",
    "\\",
    "\\n",
    "\\t",
    "\n",
    "\r",
    "\r\n",
    " ",
    "\t",
    "#",
    " #",
    "$",
    "${A}",
    "${",
    "}",
    ":-",
    ":",
    "=",
    "!",
    "%",
    "$(touch x)",
    "`touch x`",
    "é",
    "\u{a0}",
    "\u{2028}",
    "\u{b}",
    "\u{85}",
    "\u{feff}",
    "\u{1f}",
    "~",
    "*",
    "\\\\",
    "\u{1b}[0m",
    "&&",
    ";",
    "<",
    "|",
    "(",
];

fn ours(source: &str, dialect: Dialect) -> Values {
    let imported = parse(source.as_bytes(), dialect, References::Keep).unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    imported.entries.into_iter().map(|entry| (entry.name, text(&entry.value))).collect()
}

#[track_caller]
fn assert_read_as(dialect: Dialect, sources: &[String], theirs: &[Values]) {
    let differing: Vec<_> = sources
        .iter()
        .zip(theirs)
        .filter(|(source, values)| ours(source, dialect) != **values)
        .map(|(source, values)| format!("{source:?}\n  theirs {values:?}\n  ours   {:?}", ours(source, dialect)))
        .collect();
    let shown = differing.iter().take(8).cloned().collect::<Vec<_>>().join("\n");
    assert!(differing.is_empty(), "{} of {} differ:\n{shown}", differing.len(), sources.len());
}

#[test]
fn node_reads_what_we_read_in_its_dialect() {
    let sources = texts(SOURCE, 24, 4000);
    let Some(theirs) = read_by_node(&sources) else { return };
    assert_read_as(Dialect::Node, &sources, &theirs);
}

#[test]
fn python_reads_what_we_read_in_its_dialect() {
    // Known to differ, and left out: a byte order mark, which python-dotenv takes for a part of the first name, and white
    // space other than blanks and tabs around a value. A quote behind a backslash that no quote follows closes the value
    // there, because python-dotenv's pattern goes back; here the line is left out and noted.
    let odd = ["\u{feff}", "\u{85}", "\u{a0}", "\u{2028}", "\u{b}", "\\'", "\\\""];
    let plain = |source: &String| !odd.iter().any(|text| source.contains(text));
    let sources: Vec<String> = texts(SOURCE, 24, 8000).into_iter().filter(plain).collect();
    assert!(sources.len() > 300, "{}", sources.len());
    let Some(theirs) = read_by_python(&sources, false) else { return };
    assert_read_as(Dialect::Python, &sources, &theirs);
}

/// A file per value that can be carried, with neighbours, and what its readers must find.
fn exported_dotenv() -> (Vec<String>, Vec<Values>) {
    let mut sources = Vec::new();
    let mut expected = Vec::new();
    for value in texts(VALUE, 10, 4000) {
        let values = [("FIRST", "1"), ("A", value.as_str()), ("EMPTY", ""), ("LAST", "it's #1")];
        let items = values.map(|(name, value)| item(name, value.as_bytes()));
        let Ok(file) = write(Format::Dotenv, &items) else { continue };
        sources.push(file.as_str().unwrap().to_owned());
        expected.push(values.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    }
    assert!(sources.len() > 2000, "most values can be carried, not {}", sources.len());
    (sources, expected)
}

fn item<'a>(name: &'a str, value: &'a [u8]) -> Item<'a> {
    Item { name, value, is_variable: false, note: None }
}

#[test]
fn f2_dotenv_comes_back_equal_from_the_node_reader() {
    let (sources, expected) = exported_dotenv();
    let Some(theirs) = read_by_node(&sources) else { return };
    assert_eq!(theirs, expected);
}

#[test]
fn f2_dotenv_comes_back_equal_from_the_python_reader_with_interpolation() {
    let (sources, expected) = exported_dotenv();
    let Some(theirs) = read_by_python(&sources, true) else { return };
    assert_eq!(theirs, expected);
}

/// Values that a shell could run, change or lose.
fn awkward_values() -> Vec<Vec<u8>> {
    let mut values: Vec<Vec<u8>> = texts(VALUE, 10, 300).into_iter().map(String::into_bytes).collect();
    for text in
        ["$(touch x)", "`touch x`", "'; touch x; '", "\\'; touch x #", "\n", "a\n", "\n\na b\n\n", "-n", "!!", "%s"]
    {
        values.push(text.as_bytes().to_vec());
    }
    values.push((1..=255).collect());
    values.push(vec![0xff, b'a', 0xfe]);
    values.push("\u{f600}\u{fdd0}\u{e000}\u{f8ff}".into());
    values
}

/// Evaluates an export in a shell and compares what a program started there is given.
fn f1_through(shell: &str, script: &str, format: Format) {
    let values = awkward_values();
    let names: Vec<String> = (0..values.len()).map(|i| format!("VAULT_TEST_{i}")).collect();
    let items: Vec<Item<'_>> = names.iter().zip(&values).map(|(name, value)| item(name, value)).collect();
    let exported = write(format, &items).unwrap();
    for locale in ["C", "C.UTF-8"] {
        let directory = tempfile::tempdir().unwrap();
        let mut command = Command::new(shell);
        command.args(["-c", script]).current_dir(directory.path()).env("LC_ALL", locale).env("HOME", directory.path());
        let Some(environment) = output(&mut command, &exported) else { return };
        let found: BTreeMap<&[u8], &[u8]> = environment
            .split(|byte| *byte == 0)
            .filter_map(|pair| pair.iter().position(|byte| *byte == b'=').map(|at| (&pair[..at], &pair[at + 1..])))
            .collect();
        for (name, value) in names.iter().zip(&values) {
            let found = found.get(name.as_bytes()).map(|bytes| bytes.to_vec());
            assert_eq!(found.as_ref(), Some(value), "{shell} {locale} {name} {}", String::from_utf8_lossy(value));
        }
        assert!(!directory.path().join("x").exists(), "{shell} ran a value");
    }
}

const EVAL: &str = "eval \"$(cat)\"; env -0";

#[test]
fn f1_shell_values_come_back_through_eval_in_sh() {
    f1_through("sh", EVAL, Format::Shell);
}

#[test]
fn f1_shell_values_come_back_through_eval_in_dash() {
    f1_through("dash", EVAL, Format::Shell);
}

#[test]
fn f1_shell_values_come_back_through_eval_in_bash() {
    f1_through("bash", EVAL, Format::Shell);
}

#[test]
fn f1_shell_values_come_back_through_eval_in_zsh() {
    f1_through("zsh", EVAL, Format::Shell);
}

#[test]
fn f1_fish_values_come_back_through_source() {
    f1_through("fish", "source; env -0", Format::Fish);
}

#[test]
fn f1_fish_values_come_back_through_eval() {
    f1_through("fish", "eval (cat); env -0", Format::Fish);
}
