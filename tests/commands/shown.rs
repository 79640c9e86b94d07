//! What is printed, logged and written as JSON: no key in the place of a name, no control characters on a terminal, and
//! every warning about a rollback.

use crate::harness::{Run, Sandbox, finish};
use std::process::Stdio;

/// Returns all output of a run, and asserts that no part of the key is in it.
#[track_caller]
fn without_key(run: &Run, key: &str) -> String {
    let printed = format!("{}{}", String::from_utf8_lossy(&run.stdout), run.stderr);
    let secret = &key["AGE-SECRET-KEY-1".len()..][..6];
    assert!(!printed.to_lowercase().contains(&secret.to_lowercase()), "{printed}");
    printed
}

#[test]
fn a_key_given_as_a_file_is_not_shown_and_the_hint_says_where_it_belongs() {
    let sandbox = Sandbox::with_vault();
    let key = sandbox.key().to_owned();
    let lower = format!("/run/{}", key.to_lowercase());
    for (variable, value) in [
        ("VAULT_KEY_FILE", &key),
        ("VAULT_KEY_FILE", &lower),
        ("VAULT_PASSPHRASE_FILE", &key),
        ("VAULT_FILE", &key),
        ("VAULT_STATE_DIR", &key),
        ("VAULT_ENV", &key),
        ("VAULT_USER", &key),
    ] {
        for json in [&["list"][..], &["list", "--json"]] {
            let mut command = sandbox.command(json);
            if variable != "VAULT_STATE_DIR" && variable != "VAULT_FILE" {
                command.env_remove("VAULT_KEY");
            }
            command.env(variable, value);
            let run = finish(command);
            assert_ne!(run.code, 0, "{variable}: {run:?}");
            let printed = without_key(&run, &key);
            assert!(variable == "VAULT_STATE_DIR" || printed.contains("VAULT_KEY"), "{variable}: {printed}");
        }
    }
}

#[test]
fn a_key_given_as_any_argument_is_not_shown() {
    let sandbox = Sandbox::with_vault();
    let key = sandbox.key().to_owned();
    let option = format!("--{key}");
    let part = &key[..40];
    for arguments in [
        &["--key-file", &key, "list"][..],
        &["--passphrase-file", &key, "list"],
        &["--vault", &key, "list"],
        &["--user", &key, "list"],
        &["--color", &key, "list"],
        &["-e", &key, "list"],
        &["-e", &key.to_lowercase(), "list"],
        &["-e", &part.to_lowercase(), "list"],
        &[&key],
        &[part],
        &[&option],
        &["get", &key],
        &["get", &format!("dev/{key}")],
        &["set", &key],
        &["log", "--action", &key],
        &["import", &key],
        &["render", &key],
        &["import", "--format", &key, "x"],
        &["exec", "--", &key],
        &["exec", "--mask", "--", &key],
        &["exec", "--only", &key, "--", "true"],
        &["exec", "--env-file", &key, "--", "true"],
        &["man", &key],
        &["help", &key],
    ] {
        for arguments in [arguments.to_vec(), [&["--json"], arguments].concat()] {
            let run = sandbox.run(&arguments);
            assert_ne!(run.code, 0, "{arguments:?}");
            without_key(&run, &key);
        }
    }
    sandbox.run([key.as_str()]).fails(2).says("AGE-SECRET-KEY-[redacted]").says("VAULT_KEY");
    sandbox.run(["exec", "--", &key]).fails(127).says("[redacted]");
}

#[test]
fn a_key_given_as_a_command_passphrase_or_name_is_refused_with_a_hint() {
    let sandbox = Sandbox::with_vault();
    let key = sandbox.key().to_owned();
    sandbox.set("TOKEN", b"1");
    for arguments in [
        &["get", &key][..],
        &["set", &format!("{key}=1")],
        &["history", &format!("dev/{key}")],
        &["rotate", "TOKEN", "--command", &key],
        &["--passphrase-fd", &key, "list"],
        &["completions", &key],
    ] {
        let run = sandbox.run(arguments).fails(2).says("hint: put the key itself into VAULT_KEY");
        without_key(&run, &key);
    }
    for variable in ["VISUAL", "EDITOR"] {
        let mut edit = sandbox.command(["edit"]);
        edit.env(variable, &key);
        without_key(&finish(edit).fails(2).says("is a key, not a command").says("VAULT_KEY"), &key);
    }
    for (variable, code) in [("VAULT_PASSPHRASE", 4), ("VAULT_PASSPHRASE_CMD", 4), ("VAULT_PASSPHRASE_FILE", 4)] {
        let mut init = sandbox.command(["init", "--vault", "other.vault"]);
        init.env_remove("VAULT_KEY").env(variable, &key);
        without_key(&finish(init).fails(code).says("hint: put the key itself into VAULT_KEY"), &key);
    }
    sandbox.run(["log", "verify"]).ok();
}

#[test]
fn no_key_gets_into_the_log() {
    let sandbox = Sandbox::with_vault();
    let key = sandbox.key().to_owned();
    sandbox.set("TOKEN", b"1");
    sandbox.run(["exec", "--", &key]).fails(127);
    sandbox.run(["get", "TOKEN", "--reason", &format!("for {key}")]).ok();
    for arguments in [&["log"][..], &["log", "--json"]] {
        let printed = without_key(&sandbox.run(arguments).ok(), &key);
        assert_eq!(printed.matches("AGE-SECRET-KEY-[redacted]").count(), 3, "{printed}");
    }
    sandbox.run(["log", "verify"]).ok();
}

#[test]
fn a_newline_in_a_programs_name_adds_no_line_to_the_log() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("TOKEN", b"1");
    sandbox.run(["exec", "--", "a\n12:00  root  get\u{1b}[2J"]).fails(127);
    let log = sandbox.run(["log"]).ok().text();
    assert!(log.contains(r"a\n12:00  root  get\u{1b}[2J"), "{log}");
    // The heading, and an entry each for init, set and exec.
    assert_eq!(log.lines().count(), 4, "{log}");
}

#[test]
fn e7_json_has_no_control_characters_for_a_terminal() {
    let sandbox = Sandbox::with_vault();
    let hostile = "a\u{9b}31m\u{7f}\u{202e}\u{2066}\u{85}\u{2028}\u{1b}]52;c;eA==\u{7} é 🦀";
    sandbox.run_with_input(["set", "A", "--note", hostile], hostile.as_bytes()).ok();
    for arguments in
        [&["get", "A", "--json"][..], &["list", "--values", "--json"], &["history", "A", "--json", "--values"]]
    {
        let run = sandbox.run(arguments).ok();
        let text = run.text();
        let drives = |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{2066}\u{2028}".contains(c);
        assert!(!text.contains(drives), "{text:?}");
        assert!(text.contains("é 🦀"), "{text:?}");
    }
    assert_eq!(sandbox.run(["get", "A", "--json"]).ok().json()["value"], hostile);
    let run = sandbox.run(["--json", "get", "A", "-o", "no\u{9b}/such\u{202e}"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(!run.stderr.contains(['\u{9b}', '\u{202e}']), "{run:?}");
}

#[test]
fn e7_export_and_render_escape_control_characters_only_on_a_terminal() {
    if !crate::harness::has("script") {
        return;
    }
    let sandbox = Sandbox::with_vault();
    let hostile = b"x\x1b]52;c;eA==\x07\xc2\x9b31m";
    sandbox.set("A", hostile);
    sandbox.write("t", "v=vault://A\n");
    let program = crate::harness::program().display();
    for arguments in ["export", "export -f json", "export -f yaml", "export -f shell", "render t", "get A"] {
        let line = format!("'{program}' {arguments}");
        let run = finish(sandbox.other("script", ["-qec", &line, "/dev/null"])).ok();
        let shown = String::from_utf8_lossy(&run.stdout).into_owned();
        assert!(shown.contains("52;c;eA=="), "{arguments}: {shown:?}");
        assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{9b}']), "{arguments}: {shown:?}");
        if arguments.ends_with("json") {
            let read: serde_json::Value = serde_json::from_str(&shown).unwrap();
            assert_eq!(read["A"].as_str().unwrap().as_bytes(), hostile, "it must be valid JSON on a terminal, too");
        }
    }
    let exact = [b"v=".as_slice(), hostile, b"\n"].concat();
    assert_eq!(sandbox.run(["render", "t"]).ok().stdout, exact);
}

#[test]
fn quiet_does_not_hide_a_rollback() {
    let sandbox = Sandbox::empty();
    sandbox.git(&["init", "-q"]).ok();
    let sandbox = sandbox.into_vault();
    sandbox.set("A", b"1");
    let old = std::fs::read(sandbox.vault()).unwrap();
    sandbox.set("A", b"2");
    sandbox.run(["-q", "get", "A"]).ok();
    sandbox.write("secrets.vault", old);
    for arguments in [&["-q", "get", "A"][..], &["-q", "exec", "--", "true"], &["-q", "list"]] {
        sandbox.run(arguments).ok().says("warning: dev version 3").says("is missing from this file");
    }
    // Other warnings are not printed.
    let run = sandbox.run(["-q", "env", "list"]).ok();
    assert!(!run.stderr.contains("hint:"), "{run:?}");
}

#[test]
fn a_path_in_a_hint_is_quoted_for_a_shell() {
    let sandbox = Sandbox::with_vault();
    let run = sandbox.run(["get", "X", "--key-file", "no such/it's"]);
    assert!(run.stderr.contains("no such/it's"), "{run:?}");
    sandbox.run(["render", "no such/it's"]).fails(1).says("ls -la 'no such'");
    sandbox.run(["render", "$(touch x)/y"]).fails(1).says("ls -la '$(touch x)'");
}

#[test]
fn a_terminal_without_escape_sequences_gets_none() {
    let sandbox = Sandbox::with_vault();
    sandbox.run(["set", "--kind", "variable", "A=one"]).ok();
    let shown = |terminal: Option<&str>, arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
        terminal.iter().for_each(|terminal| _ = command.env("TERM", terminal));
        rexpect::session::spawn_command(command, Some(30_000)).unwrap().exp_eof().unwrap()
    };
    for arguments in [&["list"][..], &["get", "NOWHERE"], &["log"], &["--help"], &["env", "list"]] {
        for terminal in [None, Some("dumb"), Some("")] {
            let text = shown(terminal, arguments);
            assert!(!text.is_empty() && !text.contains('\x1b'), "{terminal:?} {arguments:?}: {text:?}");
        }
    }
    assert!(shown(Some("xterm"), &["list"]).contains("\x1b[1mNAME"));
}
