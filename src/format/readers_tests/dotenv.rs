use super::{VALUE, item, output, texts};
use crate::format::dotenv::{Dialect, References, expand, parse};
use crate::format::export::{Format, Reader, Target, write};
use std::collections::BTreeMap;
use std::process::Command;

type Values = BTreeMap<String, String>;

const NODE: &str = r"
const { parse } = require('dotenv');
const sources = JSON.parse(require('fs').readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(sources.map((source) => parse(source))));
";

const PYTHON: &str = r"
import io, json, logging, sys
from dotenv import dotenv_values
from importlib.metadata import version
if sys.argv[1] != 'interpolate' and [int(part) for part in version('python-dotenv').split('.')[:3]] < [1, 2, 4]:
    sys.exit('older than 1.2.4')
logging.disable(logging.CRITICAL)
def read(source):
    values = dotenv_values(stream=io.StringIO(source, newline=None), interpolate=sys.argv[1] != 'keep')
    return {name: value for name, value in values.items() if value is not None}
sources = json.loads(sys.stdin.buffer.read())
sys.stdout.buffer.write(json.dumps([read(source) for source in sources]).encode())
";

fn read_by_node(sources: &[String]) -> Option<Vec<Values>> {
    read_by_node_with(NODE, sources)
}

#[allow(clippy::disallowed_methods, reason = "a test's own variable")]
fn read_by_node_with(program: &str, sources: &[String]) -> Option<Vec<Values>> {
    let mut command = Command::new("node");
    if let Some(modules) = std::env::var_os("VAULT_TEST_NODE_MODULES") {
        command.env("NODE_PATH", modules);
    }
    let output = output(command.args(["-e", program]), &serde_json::to_vec(sources).unwrap())?;
    Some(serde_json::from_slice(&output).unwrap())
}

/// Reads with python-dotenv. The modes `keep` and `expand` need a current version; `interpolate` works with any.
fn read_by_python(sources: &[String], mode: &str) -> Option<Vec<Values>> {
    let output = output(Command::new("python3").args(["-c", PYTHON, mode]), &serde_json::to_vec(sources).unwrap())?;
    Some(serde_json::from_slice(&output).unwrap())
}

const SOURCE: &[&str] = &[
    "A", "B", "A=", "B=", "\nA=", "\nC=", "=", " ", "\t", "'", "\"", "`", "\\", "\\n", "\\r", "\\t", "\\'", "\\\"",
    "#", " #", "$", "${A}", "\n", "\r\n", "\r", "export ", "x", ":", ": ", "é", "\u{a0}", "-", ".", "\u{2028}",
    "\u{b}", "\u{85}", "\u{feff}",
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
fn vault_reads_the_node_dialect_as_node_does() {
    let sources = texts(SOURCE, 24, 4000);
    let Some(theirs) = read_by_node(&sources) else { return };
    assert_read_as(Dialect::Node, &sources, &theirs);
}

#[test]
fn vault_reads_the_python_dialect_as_python_does() {
    let sources = texts(SOURCE, 24, 4000);
    let Some(theirs) = read_by_python(&sources, "keep") else { return };
    assert_read_as(Dialect::Python, &sources, &theirs);
}

/// Returns one file for each value that can be represented, with other values around it, and what the readers must find
/// in it.
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

#[test]
fn f2_the_node_package_reads_dotenv_back_unchanged() {
    let (sources, expected) = exported_dotenv();
    let Some(theirs) = read_by_node(&sources) else { return };
    assert_eq!(theirs, expected);
}

/// Node's own reader, `node --env-file`. Versions before 20.12 don't have it.
const NODE_ITSELF: &str = r"
const { parseEnv } = require('util');
const sources = JSON.parse(require('fs').readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(parseEnv ? sources.map((source) => parseEnv(source)) : null));
";

#[test]
fn f2_nodes_own_reader_reads_dotenv_back_unchanged() {
    let (sources, expected) = exported_dotenv();
    let Some(output) = output(Command::new("node").args(["-e", NODE_ITSELF]), &serde_json::to_vec(&sources).unwrap())
    else {
        return;
    };
    let theirs: Option<Vec<Values>> = serde_json::from_slice(&output).unwrap();
    let Some(theirs) = theirs else { return };
    let differing: Vec<_> =
        sources.iter().zip(theirs.iter().zip(&expected)).filter(|(_, (ours, same))| ours != same).collect();
    assert!(
        differing.is_empty(),
        "{} of {}: {:#?}",
        differing.len(),
        sources.len(),
        &differing[..differing.len().min(12)]
    );
}

#[test]
fn f2_python_reads_dotenv_back_unchanged_with_interpolation() {
    let (sources, expected) = exported_dotenv();
    let Some(theirs) = read_by_python(&sources, "interpolate") else { return };
    assert_eq!(theirs, expected);
}

const NODE_EXPAND: &str = r"
const { parse } = require('dotenv');
const { expand } = require('dotenv-expand');
const sources = JSON.parse(require('fs').readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(sources.map((source) => expand({ parsed: parse(source), processEnv: {} }).parsed)));
";

/// Returns files whose lines refer to earlier ones, with special cases for each expander.
fn with_references() -> Vec<String> {
    const PIECES: &[&str] = &[
        "a",
        "$A",
        "${A}",
        "${B}",
        "$B",
        "$EMPTY",
        "${NONE}",
        "$NONE",
        "${A:-d}",
        "${NONE:-d}",
        "${NONE-d}",
        "${A:+d}",
        "${NONE+d}",
        "${EMPTY:-d}",
        "${EMPTY-d}",
        "\\$A",
        "\\${A}",
        "\\",
        "$",
        "$$",
        "$$A",
        "${",
        "}",
        "{",
        "'",
        " ",
        "-",
        ":",
        "$&",
        "$1",
        "${}",
        "${A B}",
        "${A:-${B}}",
        "${NONE:-$A}",
        "\n",
        "é",
    ];
    let values = texts(PIECES, 7, 3000);
    let quotes = ["", "'", "\""];
    let line = |name: &str, value: &str, quote: &str| format!("{name}={quote}{value}{quote}\n");
    let file = |(index, values): (usize, &[String])| {
        let quote = |at: usize| quotes[(index / 3_usize.pow(at as u32)) % 3];
        let lines =
            ["A", "B", "C"].iter().zip(values).enumerate().map(|(at, (name, value))| line(name, value, quote(at)));
        format!("EMPTY=\n{}", lines.collect::<String>())
    };
    values.chunks(3).enumerate().map(file).collect()
}

fn expanded_as_readers_do(source: &str, dialect: Dialect) -> Option<Values> {
    let read = source.to_owned();
    let (document, _) = adotenv::parse_with(&read, dialect.grammar());
    let values = expand::expand(&document, dialect, expand::Unset::Empty).ok()?;
    let set = values.into_iter().filter(|(name, _)| document.get(name).is_some());
    Some(set.map(|(name, expanded)| (name, expanded.value.to_string())).collect())
}

/// Leaves out the files that grow forever in the reader, and those that we refuse for their size.
#[track_caller]
fn assert_expanded_as(dialect: Dialect, read: impl Fn(&[String]) -> Option<Vec<Values>>) {
    let sources = with_references();
    let (sources, ours): (Vec<String>, Vec<Values>) = sources
        .into_iter()
        .filter_map(|source| expanded_as_readers_do(&source, dialect).map(|values| (source, values)))
        .unzip();
    assert!(sources.len() > 700, "{}", sources.len());
    let Some(theirs) = read(&sources) else { return };
    let differing: Vec<_> =
        sources.iter().zip(theirs.iter().zip(&ours)).filter(|(_, (theirs, ours))| theirs != ours).collect();
    assert!(differing.is_empty(), "{} differ: {:#?}", differing.len(), &differing[..differing.len().min(5)]);
}

#[test]
fn vault_expands_the_node_dialect_as_node_does() {
    assert_expanded_as(Dialect::Node, |sources| read_by_node_with(NODE_EXPAND, sources));
}

#[test]
fn vault_expands_the_python_dialect_as_python_does() {
    assert_expanded_as(Dialect::Python, |sources| read_by_python(sources, "expand"));
}

/// Returns one file for each value that this reader can be given, and what the reader must find in it.
fn exported_for(reader: Reader, least: usize) -> (Vec<String>, Vec<Values>) {
    let target = Target { format: Format::Dotenv, reader: Some(reader), name: None };
    let mut sources = Vec::new();
    let mut expected = Vec::new();
    for value in texts(VALUE, 10, 3000) {
        let values = [("FIRST", "1"), ("A", value.as_str()), ("EMPTY", ""), ("LAST", "it's ${A} #1")];
        let items = values.map(|(name, value)| item(name, value.as_bytes()));
        let Ok(file) = write(target, &items) else { continue };
        sources.push(file.as_str().unwrap().to_owned());
        expected.push(values.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    }
    assert!(sources.len() > least, "{reader} {}", sources.len());
    (sources, expected)
}

#[test]
fn f2_dotenv_for_python_is_read_back_unchanged_whatever_it_contains() {
    let (sources, expected) = exported_for(Reader::Python, 2990);
    let Some(theirs) = read_by_python(&sources, "expand") else { return };
    assert_eq!(theirs, expected);
}

#[test]
fn f2_dotenv_for_node_is_read_back_unchanged_by_the_package_and_by_node() {
    let (sources, expected) = exported_for(Reader::Node, 1500);
    if let Some(theirs) = read_by_node(&sources) {
        assert_eq!(theirs, expected);
    }
    let Some(output) = output(Command::new("node").args(["-e", NODE_ITSELF]), &serde_json::to_vec(&sources).unwrap())
    else {
        return;
    };
    if let Some(theirs) = serde_json::from_slice::<Option<Vec<Values>>>(&output).unwrap() {
        let differing: Vec<_> =
            sources.iter().zip(theirs.iter().zip(&expected)).filter(|(_, (ours, same))| ours != same).collect();
        assert!(differing.is_empty(), "{}: {:#?}", differing.len(), &differing[..differing.len().min(5)]);
    }
}
