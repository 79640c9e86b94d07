use super::{VALUE, item, output, texts};
use crate::format::dotenv::{Dialect, References, parse};
use crate::format::export::{Format, write};
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
if sys.argv[1] == 'keep' and [int(part) for part in version('python-dotenv').split('.')[:3]] < [1, 2, 4]:
    sys.exit('older than 1.2.4')
logging.disable(logging.CRITICAL)
def read(source):
    values = dotenv_values(stream=io.StringIO(source, newline=None), interpolate=sys.argv[1] == 'interpolate')
    return {name: value for name, value in values.items() if value is not None}
sources = json.loads(sys.stdin.buffer.read())
sys.stdout.buffer.write(json.dumps([read(source) for source in sources]).encode())
";

#[allow(clippy::disallowed_methods, reason = "a test's own variable")]
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
fn node_reads_what_we_read_in_its_dialect() {
    let sources = texts(SOURCE, 24, 4000);
    let Some(theirs) = read_by_node(&sources) else { return };
    assert_read_as(Dialect::Node, &sources, &theirs);
}

#[test]
fn python_reads_what_we_read_in_its_dialect() {
    let sources = texts(SOURCE, 24, 4000);
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

#[test]
fn f2_dotenv_comes_back_equal_from_the_node_reader() {
    let (sources, expected) = exported_dotenv();
    let Some(theirs) = read_by_node(&sources) else { return };
    assert_eq!(theirs, expected);
}

/// Node's own reader, `node --env-file`; there is none before 20.12.
const NODE_ITSELF: &str = r"
const { parseEnv } = require('util');
const sources = JSON.parse(require('fs').readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(parseEnv ? sources.map((source) => parseEnv(source)) : null));
";

#[test]
fn f2_dotenv_comes_back_equal_from_nodes_own_reader() {
    let (sources, expected) = exported_dotenv();
    let Some(output) = output(Command::new("node").args(["-e", NODE_ITSELF]), &serde_json::to_vec(&sources).unwrap())
    else {
        return;
    };
    let theirs: Option<Vec<Values>> = serde_json::from_slice(&output).unwrap();
    let Some(theirs) = theirs else { return };
    let differing: Vec<_> =
        sources.iter().zip(theirs.iter().zip(&expected)).filter(|(_, (own, same))| own != same).collect();
    assert!(
        differing.is_empty(),
        "{} of {}: {:#?}",
        differing.len(),
        sources.len(),
        &differing[..differing.len().min(12)]
    );
}

#[test]
fn f2_dotenv_comes_back_equal_from_the_python_reader_with_interpolation() {
    let (sources, expected) = exported_dotenv();
    let Some(theirs) = read_by_python(&sources, true) else { return };
    assert_eq!(theirs, expected);
}
