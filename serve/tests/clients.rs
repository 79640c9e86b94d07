//! Real clients, with their calls as they are.

use crate::harness::{MIA, Place, Server};
use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where Parse's JavaScript SDK is installed, if it is. On a machine that says CI it must be.
#[allow(clippy::disallowed_methods, reason = "the tests have variables of their own")]
fn node_modules() -> Option<OsString> {
    let modules = std::env::var_os("VAULT_TEST_PARSE_MODULES");
    assert!(modules.is_some() || std::env::var_os("CI").is_none(), "Parse's SDK is missing on CI");
    modules
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn run(server: &Server, mut command: Command, input: &str) -> String {
    command.env("VAULT_URL", format!("{}/parse", server.base)).env("VAULT_USERNAME", "mia");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_javascript_sdk_runs_unchanged() {
    let Some(modules) = node_modules() else { return };
    let place = Place::new();
    let server = place.serve();
    let mut node = Command::new("node");
    node.arg(file("tests/clients/sdk.js")).arg(format!("{}/parse", server.base)).arg(MIA).env("NODE_PATH", modules);
    let said = run(&server, node, "");
    let expected = include_str!("clients/sdk.txt");
    assert_eq!(said.lines().collect::<Vec<_>>(), expected.lines().collect::<Vec<_>>());
    assert_eq!(place.log("mia").last().unwrap().entry.program, "sdk-test");
}

#[test]
fn the_example_for_node_runs() {
    let Some(modules) = node_modules() else { return };
    let place = Place::new();
    let server = place.serve();
    let mut node = Command::new("node");
    node.arg(file("../examples/node/app.js")).env("NODE_PATH", modules);
    let said = run(&server, node, &format!("{MIA}\n"));
    assert!(said.contains("there before: 0") && said.contains("EXAMPLE_TWO version 1 has 20 bytes"), "{said}");
    assert!(said.contains("saved again: 2") && said.ends_with("left: 0\n"), "{said}");
}

#[test]
fn python_needs_nothing_but_its_own_library() {
    let place = Place::new();
    let server = place.serve();
    let mut python = Command::new("python3");
    python.arg(file("tests/clients/rest.py")).arg(format!("{}/parse", server.base)).arg(MIA);
    let said = run(&server, python, "");
    let expected = [
        "found ['TOKEN'] False",
        "value s3cret-of-dev",
        "changed 2",
        "read by python",
        "made 32",
        "removed {}",
        "refused 101",
        "out {}",
        "ended 209",
    ];
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
}
