//! A real GraphQL client, graphql-request.

use crate::clients::{run, type_passphrase};
use crate::harness::{MIA, Place};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where graphql-request is installed, if it is. It must be on CI.
#[allow(clippy::print_stderr, reason = "nobody should take what wasn't tried for what went well")]
fn node_modules() -> Option<OsString> {
    let modules = std::env::var_os("VAULT_TEST_GRAPHQL_MODULES");
    assert!(modules.is_some() || std::env::var_os("CI").is_none(), "graphql-request is missing on CI");
    if modules.is_none() {
        eprintln!("skipped: VAULT_TEST_GRAPHQL_MODULES is not set, so graphql-request isn't tried");
    }
    modules
}

/// A directory with a copy of the script and a link to its packages, and the command that runs it.
fn node(script: &Path) -> Option<(tempfile::TempDir, Command)> {
    let modules = node_modules()?;
    let beside = tempfile::tempdir().unwrap();
    let copy = beside.path().join(script.file_name().unwrap());
    std::fs::copy(script, &copy).unwrap();
    std::os::unix::fs::symlink(modules, beside.path().join("node_modules")).unwrap();
    let mut node = Command::new("node");
    node.arg(copy);
    Some((beside, node))
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[test]
fn other_clients_can_read_the_schema_which_equals_the_committed_one() {
    let Some((_beside, mut node)) = node(&file("tests/clients/schema.mjs")) else { return };
    let place = Place::new();
    let server = place.serve();
    node.arg(format!("{}/graphql", server.base)).arg(file("schema.graphql"));
    node.arg(file("../examples/graphql-request/app.mjs"));
    let printed = run(&server, node, "");
    assert!(printed.ends_with("types, 8 queries\n"), "{printed}");
}

#[test]
fn the_graphql_example_runs() {
    let Some((_beside, node)) = node(&file("../examples/graphql-request/app.mjs")) else { return };
    let place = Place::new();
    let server = place.serve();
    let printed = run(&server, node, &format!("{MIA}\n"));
    let expected = [
        "signed in: mia admin",
        "EXAMPLE_ONE of mia version 1 has 20 bytes",
        "EXAMPLE_TWO of mia version 1 has 20 bytes",
        "changed: 2 set by the example",
        "refused: 119 EXAMPLE_ONE has version 2 now, not 1: nothing was changed",
        "get EXAMPLE_TWO by example-graphql",
        "set EXAMPLE_ONE by example-graphql",
        "set EXAMPLE_ONE by example-graphql",
        "removed: EXAMPLE_ONE",
        "removed: EXAMPLE_TWO",
    ];
    assert_eq!(printed.lines().collect::<Vec<_>>(), expected);
    assert_eq!(place.log("mia").last().unwrap().entry.program, "example-graphql");
}

#[test]
fn the_graphql_example_does_not_show_the_typed_passphrase() {
    let Some((beside, _)) = node(&file("../examples/graphql-request/app.mjs")) else { return };
    let place = Place::new();
    let server = place.serve();
    let shown = type_passphrase(&server, &format!("node '{}'", beside.path().join("app.mjs").display()), &[]);
    assert!(!shown.contains(MIA) && shown.contains("signed in: mia admin"), "{shown}");
}
