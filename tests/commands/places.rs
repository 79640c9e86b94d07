//! Without a home directory, or with one that can't be written.

use crate::harness::{Sandbox, finish};
use std::process::Command;

/// A command whose state would be under this home, with a vault that another device has made.
fn at_home(sandbox: &Sandbox, home: &str, arguments: &[&str]) -> Command {
    let mut command = sandbox.command(arguments);
    command.env_remove("VAULT_STATE_DIR").env("HOME", home);
    command
}

/// Homes under which nothing can be kept: none that is absolute, one where not even root can create a directory,
/// and what service accounts have, where nothing can even be looked for.
const HOMES: [&str; 4] = [".", "relative/home", "/proc", "/dev/null"];

#[test]
fn verify_needs_no_home_and_no_key() {
    let sandbox = Sandbox::with_vault();
    let pin = sandbox.run(["status", "--pin"]).ok().text();
    let before = std::fs::read_dir(sandbox.project()).unwrap().count();
    let temporary = sandbox.home().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    for home in HOMES {
        let mut command = at_home(&sandbox, home, &["verify"]);
        command.env_remove("VAULT_KEY").env("TMPDIR", &temporary);
        let run = finish(command).ok().says("first use of this vault on this device");
        assert!(run.text().contains("all signatures valid"), "{run:?}");
        let mut strict = at_home(&sandbox, home, &["verify", "--strict"]);
        strict.env_remove("VAULT_KEY").env("TMPDIR", &temporary).env("VAULT_PIN", pin.trim());
        let run = finish(strict).ok();
        assert!(run.stderr.is_empty(), "{home}: {run:?}");
    }
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0, "what was made for the run is gone");
    assert_eq!(std::fs::read_dir(sandbox.project()).unwrap().count(), before, "a relative home is no home");
}

#[test]
fn verify_refuses_a_changed_file_without_a_home_too() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"1");
    let text = std::fs::read_to_string(sandbox.vault()).unwrap();
    let at = text.rfind("-----END").unwrap() - 10;
    let other = if &text[at..=at] == "A" { "B" } else { "A" };
    sandbox.write("secrets.vault", format!("{}{other}{}", &text[..at], &text[at + 1..]));
    finish(at_home(&sandbox, ".", &["verify"])).fails(6);
}

#[test]
fn what_needs_the_log_names_the_variable_that_moves_it() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"1");
    for home in HOMES {
        for (arguments, code) in [(&["exec", "--", "true"][..], 125), (&["get", "A"], 1)] {
            let run = finish(at_home(&sandbox, home, arguments)).fails(code).says("VAULT_STATE_DIR=/");
            assert!(run.stdout.is_empty(), "{run:?}");
        }
    }
    finish(at_home(&sandbox, ".", &["--personal", "list"])).fails(1).says("HOME is not an absolute path");
}
