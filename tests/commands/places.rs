//! Without a home directory, or with a home directory that can't be written.

use crate::harness::{Sandbox, finish};
use std::process::Command;

/// A command whose state would be in this home directory, with a vault that another device has made.
fn at_home(sandbox: &Sandbox, home: &str, arguments: &[&str]) -> Command {
    let mut command = sandbox.command(arguments);
    command.env_remove("VAULT_STATE_DIR").env("HOME", home);
    command
}

/// Home directories in which nothing can be stored: relative ones, one where not even root can create a directory, and
/// that of a service account, in which nothing can even be looked up.
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
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0, "temporary files must be removed");
    assert_eq!(
        std::fs::read_dir(sandbox.project()).unwrap().count(),
        before,
        "nothing may be stored in a relative home"
    );
}

#[test]
fn verify_also_refuses_a_changed_file_without_a_home() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"1");
    let text = std::fs::read_to_string(sandbox.vault()).unwrap();
    let at = text.rfind("-----END").unwrap() - 10;
    let other = if &text[at..=at] == "A" { "B" } else { "A" };
    sandbox.write("secrets.vault", format!("{}{other}{}", &text[..at], &text[at + 1..]));
    finish(at_home(&sandbox, ".", &["verify"])).fails(6);
}

#[test]
fn commands_that_need_the_log_name_the_variable_that_moves_it() {
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
