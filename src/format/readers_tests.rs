//! Tests with the real readers: node's `dotenv`, `python-dotenv`, shells, and programs that read data formats.
//!
//! If a program is missing, its tests print a line and are skipped; with `CI` set they fail. The npm package is
//! searched in `VAULT_TEST_NODE_MODULES`, or in `NODE_PATH`.

mod data;
mod dotenv;
mod shells;

use super::export::Item;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::io::Write;
use std::process::{Command, Stdio};

/// Runs a program with this input and returns its output. If the program is missing, it says so and returns `None`.
fn output(command: &mut Command, input: &[u8]) -> Option<Vec<u8>> {
    let name = command.get_program().to_string_lossy().into_owned();
    let Ok(mut child) = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn() else {
        return missing(&name);
    };
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = crate::thread::start(crate::thread::STACK, move || drop(stdin.write_all(&input))).unwrap();
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let absent = ["Cannot find module 'dotenv", "No module named", "older than 1.2.4"];
    if absent.iter().any(|text| errors.contains(text)) {
        return missing(&format!("a current version of what {name} needs"));
    }
    assert!(output.status.success(), "{name}: {errors}");
    Some(output.stdout)
}

#[allow(clippy::disallowed_methods, reason = "a test's own variable")]
fn missing<T>(what: &str) -> Option<T> {
    assert!(std::env::var_os("CI").is_none(), "{what} is not installed");
    println!("skipped: {what} is not installed");
    None
}

/// Returns the same texts in every run: `count` strings of fewer than `length` pieces each.
fn texts(pieces: &'static [&'static str], length: usize, count: usize) -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let strategy = prop::collection::vec(prop::sample::select(pieces), 0..length).prop_map(|parts| parts.concat());
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

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

fn item<'a>(name: &'a str, value: &'a [u8]) -> Item<'a> {
    Item { name, value, is_variable: false, note: None }
}
