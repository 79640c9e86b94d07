//! Errors: one line that says what is wrong, one hint that says what to type, and the documented exit code.

use crate::harness::{Run, Sandbox, feed, finish, program};

fn vault() -> Sandbox {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    sandbox.set("A", b"hunter2-hunter2");
    sandbox.write("a.tmpl", "vault://nosuch/A\n");
    std::fs::create_dir(sandbox.project().join("directory")).unwrap();
    finish(sandbox.other("mkfifo", ["fifo"])).ok();
    sandbox
}

/// Asserts exactly one error and one hint, no other line, no raw message of the parser, and no value.
#[track_caller]
fn explained(run: Run, code: i32, arguments: &[&str]) -> Run {
    let run = run.fails(code);
    let hints = run.stderr.lines().filter(|line| line.starts_with("hint: ")).count();
    assert!(hints == 1 && run.stderr.lines().count() == 2, "{arguments:?}: {run:?}");
    for raw in ["invalid digit", "[ ", "hunter2", "os error", "--generate[ "] {
        assert!(!run.stderr.contains(raw), "{arguments:?}: {run:?}");
    }
    run
}

/// Command lines that fail, with their exit codes.
const FAILING: &[(&str, i32)] = &[
    ("exec -- nonexist", 127),
    ("exec --stdin A --stdin A -- true", 125),
    ("exec --rename X -- true", 125),
    ("-e dev list -e dev", 2),
    ("-e nosuch list", 3),
    ("grant bob dev", 3),
    ("user role bob admin", 3),
    ("user rm bob", 3),
    ("user add mia", 2),
    ("env add dev", 2),
    ("env rm nosuch", 3),
    ("env rm dev", 2),
    ("env diff dev dev", 2),
    ("env copy dev dev", 2),
    ("cp A A", 2),
    ("mv A prod", 2),
    ("rm A", 2),
    ("rm NOWHERE", 3),
    ("get NOWHERE", 3),
    ("get A --version x", 2),
    ("get A --version 9", 3),
    ("get A --passphrase-fd x", 2),
    ("get A -o /nope/x", 1),
    ("get A -o directory", 1),
    ("get A --key-file nope", 4),
    ("get A --vault nope", 3),
    ("get", 2),
    ("get A B", 2),
    ("gett", 2),
    ("--bogus", 2),
    ("set A --generate --from-file x", 2),
    ("set A --generate=x", 2),
    ("set A --from-file nope", 1),
    ("set A --kind nothing", 2),
    ("set A --expires never-ever", 2),
    ("rotate A --generate --command x", 2),
    ("generate x", 2),
    ("import nope", 1),
    ("import fifo", 1),
    ("import directory", 1),
    ("import --format xml nope", 2),
    ("render nope", 1),
    ("render a.tmpl", 3),
    ("scan nope", 1),
    ("check --against nope", 1),
    ("export -f nothing", 2),
    ("verify --since nope", 2),
    ("log --action typo", 2),
    ("log --since typo", 2),
    ("log show nope", 1),
    ("man nothing", 2),
    ("unlock --for x", 2),
    ("init", 2),
];

#[test]
fn every_error_is_one_line_and_one_hint() {
    let sandbox = vault();
    for (line, code) in FAILING {
        let arguments: Vec<&str> = line.split(' ').collect();
        explained(sandbox.run(&arguments), *code, &arguments);
    }
}

#[test]
fn an_error_has_the_name_in_question_and_never_a_possible_value() {
    let sandbox = vault();
    sandbox.run(["list", "nothing"]).fails(3).says("no item matches \"nothing\" in dev, prod");
    sandbox.run(["list", "it's", "X_*"]).fails(3).says("no item matches \"it's\" or \"X_*\" in");
    let pasted = sandbox.run(["list", "xK8pQ2vR9mT4wZ7bN3cY"]).fails(3);
    assert!(!pasted.stderr.contains("xK8p"), "{pasted:?}");
    let run = sandbox.run(["set", "A", "--as", "A B"]).fails(2);
    run.says("--as \"A B\": this is not a valid variable name: a space (character 2) can't be part of it");
    sandbox.run(["get", "it's"]).fails(2).says("not a valid item name: \"'\" (character 3) can't be part of it");
    sandbox.run(["env", "add", "it's"]).fails(2).says("\"it's\" is not a valid name for an environment");
    sandbox
        .run(["set", "--generate", "32", "B"])
        .fails(2)
        .says("32 is a number where a name is expected")
        .says("--generate=32");
    sandbox.run(["allow", "--name", "FOO"]).fails(2).says("hint: vault allow --help shows how to use it");
}

#[test]
fn problems_with_files_and_variables_are_explained_like_arguments() {
    let sandbox = vault();
    // With a pin, no record on the device is needed, so there is no warning next to the error.
    let pin = sandbox.run(["status", "--pin"]).ok().text();
    for (variable, value, code) in [
        ("VAULT_STATE_DIR", "/proc/nope", 1),
        ("VAULT_STATE_DIR", "relative", 2),
        ("VAULT_FILE", "nope", 3),
        ("VAULT_KEY", "", 4),
        ("VAULT_ENV", "Not A Name", 2),
    ] {
        let mut command = sandbox.command(["get", "A", "--quiet"]);
        command.env("VAULT_PIN", pin.trim()).env(variable, value);
        explained(finish(command), code, &[variable, value]);
    }
    let mut empty = sandbox.command(["get", "A"]);
    empty.env_remove("VAULT_KEY").env("VAULT_PASSPHRASE", "");
    finish(empty).fails(4).says("hint: ");
    let mut full = sandbox.command(["get", "A"]);
    full.stdout(std::fs::File::options().write(true).open("/dev/full").unwrap());
    explained(finish(full), 1, &["get", "A", ">/dev/full"]);
}

#[test]
fn an_unknown_action_lists_all_actions() {
    vault().run(["log", "--action", "typo"]).fails(2).says("use one of: init, set, get");
}

#[test]
fn repeated_and_conflicting_arguments_are_named() {
    let sandbox = vault();
    sandbox.run(["set", "A=1", "dev/A=2"]).fails(2).says("dev/A is given twice");
    sandbox.run(["exec", "--stdin", "A", "--stdin", "A", "--", "true"]).fails(125).says("--stdin is given twice");
    let run = sandbox.run(["set", "A", "--generate", "--from-file", "x"]).fails(2);
    run.says("--generate can't be used with --from-file FILE");
    sandbox.run(["get", "A", "--version", "x"]).fails(2).says("expected a whole number").says("vault get --help");
    sandbox.run(["gett", "A"]).fails(2).says("did you mean get?");
}

#[test]
fn e7_a_reason_is_one_short_line() {
    let sandbox = vault();
    for reason in ["a\u{1b}[2Jb", "a\nb", &"x".repeat(1025)] {
        let run = sandbox.run(["get", "A", "--reason", reason]).fails(2);
        run.says("--reason").says("the reason must be one line of at most 1024 bytes");
    }
    for reason in ["", " "] {
        sandbox.run(["get", "A", "--reason", reason]).fails(2).says("give a few words");
    }
    sandbox.run(["get", "A", "--reason", "ticket 42"]).ok();
}

#[test]
fn a_list_of_environments_may_have_spaces() {
    let sandbox = vault();
    let mut export = sandbox.command(["export"]);
    export.env("VAULT_ENV", "dev, prod");
    finish(export).ok();
}

#[test]
fn an_invalid_environment_in_a_reference_is_an_error() {
    let sandbox = vault();
    let run = sandbox.run(["render", "a.tmpl"]).fails(3).says("there is no environment \"nosuch\"");
    assert!(!run.stderr.contains("to allow both"), "{run:?}");
}

#[test]
fn handing_out_an_expired_value_warns_or_fails_with_strict() {
    let sandbox = vault();
    sandbox.run(["set", "A", "--expires", "1s"]).ok();
    sandbox.write("a.tmpl", "vault://A");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    for arguments in [&["get", "A"][..], &["export"], &["render", "a.tmpl"]] {
        sandbox.run(arguments).ok().says("warning: expired: dev/A");
        let run =
            sandbox.run(arguments.iter().chain(&["--strict"])).fails(1).says("expired: dev/A").says("vault set dev/A");
        assert!(run.stdout.is_empty(), "{run:?}");
    }
    sandbox.run(["export", "-f", "example", "--strict"]).ok();
}

#[test]
fn a_key_causes_no_warning_about_a_work_factor() {
    let run = Sandbox::empty().run(["init", "--key", "--work-factor", "12"]).ok();
    assert!(!run.stderr.contains("work factor"), "{run:?}");
}

#[test]
fn a_vault_made_under_strict_settings_is_no_unknown_one() {
    let sandbox = Sandbox::empty();
    let key = sandbox.run(["init", "--key", "--strict"]).ok().text();
    let mut command = sandbox.command(["env", "list", "--strict"]);
    command.env("VAULT_KEY", key.trim());
    finish(command).ok();
}

#[test]
fn a_recovery_key_that_nobody_would_see_is_refused_before_anything_changes() {
    let sandbox = vault();
    sandbox.write("new", "owl-tram-fig-77-lamp-oslo");
    let before = std::fs::read(sandbox.vault()).unwrap();
    for output in ["2>/dev/full", "2>/dev/null", "2>&-"] {
        let script = format!("\"$0\" passwd --work-factor 10 --new-passphrase-fd 3 3<new {output}");
        assert_eq!(finish(sandbox.other("sh", ["-c", &script, program().to_str().unwrap()])).code, 1, "{output}");
        assert!(std::fs::read(sandbox.vault()).unwrap() == before, "{output}");
    }
}

#[test]
fn a_dry_run_of_a_copy_says_what_would_be_copied() {
    let sandbox = vault();
    sandbox.run(["env", "copy", "dev", "prod", "--dry-run"]).ok().says("Would copy 1 item from dev to prod; added: A.");
}

#[test]
fn a_conflict_in_the_file_names_commands_that_exist() {
    let sandbox = vault();
    let text = std::fs::read_to_string(sandbox.vault()).unwrap();
    std::fs::write(sandbox.vault(), format!("<<<<<<< HEAD\n{text}=======\n>>>>>>> other\n")).unwrap();
    let run = feed(sandbox.command(["list"]), b"").fails(6).says("vault merge");
    assert!(!run.stderr.contains("vault git"), "{run:?}");
}

#[test]
fn an_invalid_word_gets_a_list_of_the_valid_ones() {
    let sandbox = Sandbox::empty();
    for (arguments, hint) in [
        (["export", "-f", "xml"], "use one of: dotenv, "),
        (["import", "--format", "xml"], "use one of: dotenv, json, yaml, toml, csv, tfvars, properties\n"),
        (["import", "--dialect", "php"], "use one of: node, python, compose, docker\n"),
        (["generate", "--alphabet", "greek"], "use one of: alnum, "),
        (["log", "--action", "steal"], "use one of: init, "),
    ] {
        sandbox.run(arguments).fails(2).says(hint);
    }
}
