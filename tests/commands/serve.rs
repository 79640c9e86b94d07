//! `vault serve` becomes the program beside it, and hands it what it was given.

use crate::harness::{Sandbox, finish, program};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

/// This program in a directory of its own.
fn alone(sandbox: &Sandbox) -> PathBuf {
    let own = sandbox.home().join("vault");
    if std::fs::hard_link(program(), &own).is_err() {
        std::fs::copy(program(), &own).unwrap();
    }
    own
}

/// In the place of the server: it prints its arguments, its variables of ours, and what comes by the descriptor.
const SERVER: &str = r#"#!/bin/sh
echo "$*"
env | grep ^VAULT_KEY
while [ $# -gt 0 ]; do [ "$1" = --keys-fd ] && eval "grep user: <&$2"; shift; done
"#;

#[test]
fn without_the_second_program_the_error_says_where_it_belongs() {
    let sandbox = Sandbox::with_vault();
    let own = alone(&sandbox);
    // One on PATH is not taken: it would be given keys.
    let elsewhere = sandbox.project().join("vault-serve");
    std::fs::write(&elsewhere, SERVER).unwrap();
    std::fs::set_permissions(&elsewhere, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = sandbox.other(own.to_str().unwrap(), ["serve", "--code"]);
    command.env("PATH", format!("{}:/usr/bin:/bin", sandbox.project().display()));
    finish(command).fails(1).says("vault-serve").says("put vault-serve beside vault");
}

#[test]
fn the_second_program_gets_the_options_and_only_for_a_code_the_keys() {
    let sandbox = Sandbox::with_vault();
    let own = alone(&sandbox);
    let server = own.with_file_name("vault-serve");
    std::fs::write(&server, SERVER).unwrap();
    std::fs::set_permissions(&server, std::fs::Permissions::from_mode(0o755)).unwrap();
    let run = |arguments: &[&str]| finish(sandbox.other(own.to_str().unwrap(), arguments)).ok().text();
    let vault = sandbox.vault().canonicalize().unwrap();
    let plain = run(&["serve", "-e", "dev", "--listen", "127.0.0.1:0", "--allow-origin", "http://localhost:3000"]);
    let rest = plain.strip_prefix("--vault ").unwrap();
    assert!(rest.ends_with(" -e dev --listen 127.0.0.1:0 --allow-origin http://localhost:3000\n"), "{plain}");
    assert!(PathBuf::from(rest.split(' ').next().unwrap()).canonicalize().unwrap() == vault, "{plain}");
    let with_keys = run(&["serve", "--code", "--for", "1h", "--json"]);
    assert!(with_keys.contains("--for 3600s --code --json --keys-fd "), "{with_keys}");
    assert!(with_keys.ends_with("# user: mia\n"), "{with_keys}");
    assert!(!with_keys.contains("VAULT_KEY"), "{with_keys}");
}
