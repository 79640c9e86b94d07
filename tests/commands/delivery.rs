//! The delivery of an item is stored with it: as a variable under some name, as a file, or not at all. What is stored
//! there never allows a dangerous name.

use crate::harness::{Run, Sandbox};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    sandbox.set("TOKEN", b"hunter2-hunter2");
    sandbox
}

/// Returns these variables as a command sees them, one `NAME=VALUE` per line.
fn seen(sandbox: &Sandbox, options: &[&str]) -> Run {
    sandbox.run([&["exec", "--pristine"], options, &["--", "env"]].concat()).ok()
}

#[test]
fn an_item_that_cannot_be_a_variable_causes_no_message_once_it_is_delivered_as_a_file_or_not_at_all() {
    let sandbox = sandbox();
    let large = vec![b'x'; 200 * 1024];
    let stored = sandbox.run_with_input(["set", "--raw", "BINARY"], b"a\0b").ok();
    stored.says("BINARY contains a NUL byte").says("set dev/BINARY --deliver file");
    sandbox.run_with_input(["set", "--raw", "LARGE"], &large).ok().says("128 KiB").says("set dev/LARGE --deliver file");
    sandbox.run_with_input(["set", "odd.name"], b"odd").ok().says("set dev/odd.name --as VAR").says("--deliver none");
    seen(&sandbox, &[]).says("left out: ");
    sandbox.run(["set", "BINARY", "--deliver", "file"]).ok();
    sandbox.run(["set", "LARGE", "--deliver", "none"]).ok();
    sandbox.run(["set", "odd.name", "--as", "ODD_NAME"]).ok();
    for option in [&[][..], &["--mask"], &["--watch"]] {
        let script = "echo t=${TOKEN:+set} o=${ODD_NAME:+set} l=${LARGE:+set}; od -An -c \"$BINARY_FILE\"";
        let run = sandbox.run([&["exec"], option, &["--", "sh", "-c", script]].concat()).ok();
        assert_eq!(run.text(), "t=set o=set l=\n   a  \\0   b\n", "{run:?}");
        assert!(!run.stderr.contains("left out: "), "{run:?}");
    }
    // An item that is named explicitly is delivered.
    let run = sandbox.run(["exec", "--stdin", "LARGE", "--", "wc", "-c"]).ok();
    assert_eq!(run.text().trim(), large.len().to_string());
}

#[test]
fn as_renames_a_variable_in_every_command_that_hands_out_values() {
    let sandbox = sandbox();
    sandbox.run(["set", "TOKEN", "--as", "API_TOKEN"]).ok();
    let text = seen(&sandbox, &[]).text();
    assert!(text.contains("API_TOKEN=hunter2-hunter2") && !text.contains("\nTOKEN="), "{text}");
    assert_eq!(sandbox.run(["export"]).ok().text().trim(), "API_TOKEN=hunter2-hunter2");
    assert_eq!(sandbox.run(["get", "TOKEN"]).ok().text(), "hunter2-hunter2");
    // Then back to the item's own name.
    sandbox.run(["set", "TOKEN", "--as", ""]).ok();
    assert!(seen(&sandbox, &[]).text().contains("TOKEN=hunter2-hunter2"));
}

#[test]
fn as_cannot_set_a_dangerous_variable_unless_this_device_allows_it() {
    let sandbox = sandbox();
    let dangerous = "BASH_ENV can make a program load code";
    sandbox
        .run(["set", "TOKEN", "--as", "BASH_ENV"])
        .fails(2)
        .says(dangerous)
        .says("vault allow --name BASH_ENV -e dev");
    // Every writer of the environment can store a name, so another device doesn't take it as permission.
    sandbox.run(["set", "TOKEN", "--as", "BASH_ENV", "--allow-name", "BASH_ENV"]).ok().says("exec leaves it out");
    for options in [&[][..], &["--only", "T*"]] {
        let run = seen(&sandbox, options).says("BASH_ENV");
        assert!(!run.text().contains("hunter2"), "{run:?}");
    }
    sandbox.run(["exec", "--only", "TOKEN", "--", "true"]).fails(125).says(dangerous);
    let given = |sandbox: &Sandbox| seen(sandbox, &[]).text().contains("BASH_ENV=hunter2-hunter2");
    assert!(seen(&sandbox, &["--allow-name", "BASH_ENV"]).text().contains("BASH_ENV=hunter2-hunter2"));
    sandbox.run(["allow", "--name", "BASH_ENV", "-e", "prod"]).ok();
    assert!(!given(&sandbox), "it was allowed for another environment");
    sandbox.run(["allow", "--name", "BASH_ENV", "-e", "dev"]).ok().says("Allowed dev/BASH_ENV on this device");
    assert!(given(&sandbox));
    sandbox.run(["deny", "--name", "BASH_ENV", "-e", "dev"]).ok().says("Denied dev/BASH_ENV");
    assert!(!given(&sandbox));
}

#[test]
fn a_dangerous_variable_needs_permission_to_enter_another_environment() {
    let sandbox = sandbox();
    let dangerous = "BASH_ENV can make a program load code";
    sandbox.run(["set", "TOKEN", "--as", "BASH_ENV", "--allow-name", "BASH_ENV"]).ok();
    for command in [
        &["cp", "TOKEN", "prod/"][..],
        &["mv", "TOKEN", "prod/"],
        &["env", "copy", "dev", "prod"],
        &["env", "copy", "dev", "prod", "--dry-run"],
    ] {
        sandbox.run(command).fails(2).says(dangerous).says("vault allow --name BASH_ENV -e prod");
    }
    // A new environment can't allow it permanently.
    for command in [&["env", "copy", "dev", "qa"][..], &["env", "copy", "dev", "qa", "--dry-run"]] {
        let run = sandbox.run(command).fails(2).says(dangerous).says("--allow-name BASH_ENV");
        assert!(!format!("{run:?}").contains("vault allow"), "{run:?}");
    }
    assert!(!sandbox.run(["list", "-e", "prod"]).ok().text().contains("TOKEN"));
    sandbox.run(["env", "copy", "dev", "qa", "--allow-name", "BASH_ENV"]).ok();
    sandbox.run(["env", "copy", "dev", "prod", "--except", "TOKEN"]).ok();
    sandbox.run(["allow", "--name", "BASH_ENV", "-e", "prod"]).ok();
    sandbox.run(["env", "copy", "dev", "prod"]).ok();
}

#[test]
fn shell_code_sets_no_dangerous_variable_unless_this_device_allows_it() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"1");
    sandbox.run_with_input(["set", "LD_PRELOAD", "--allow-name", "LD_PRELOAD"], b"/x.so").ok();
    sandbox.run_with_input(["set", "B", "--as", "BASH_ENV", "--allow-name", "BASH_ENV"], b"/x.sh").ok();
    for format in ["shell", "fish", "powershell"] {
        let run = sandbox.run(["export", "-f", format]).ok().says("not exported: BASH_ENV can make");
        let text = run.text();
        assert!(text.contains('A') && !text.contains("LD_PRELOAD") && !text.contains("BASH_ENV"), "{text}");
    }
    assert_eq!(sandbox.run(["export", "-f", "shell", "--strict"]).code, 1);
    let text = sandbox.run(["export", "-f", "shell", "--allow-name", "LD_PRELOAD"]).ok().text();
    assert!(text.contains("export LD_PRELOAD='/x.so'") && !text.contains("BASH_ENV"), "{text}");
    sandbox.run(["allow", "--name", "BASH_ENV", "-e", "dev"]).ok();
    assert!(sandbox.run(["export", "-f", "shell"]).ok().text().contains("export BASH_ENV="));
    // These formats run nothing, so the names are harmless there.
    assert!(sandbox.run(["export", "-f", "json"]).ok().text().contains("LD_PRELOAD"));
}

#[test]
fn allowed_names_are_stored_on_this_device_and_listed() {
    let sandbox = sandbox();
    sandbox.run(["allow", "--name", "NODE_OPTIONS", "-e", "prod"]).ok();
    // Without -e, the name is allowed in the default environment, and denied in all environments.
    sandbox.run(["allow", "--name", "NODE_OPTIONS"]).ok().says("Allowed dev/NODE_OPTIONS");
    let denied = sandbox.run(["deny", "--name", "NODE_OPTIONS"]).ok();
    denied.says("Denied dev/NODE_OPTIONS").says("Denied prod/NODE_OPTIONS");
    sandbox.run(["deny", "--name", "NODE_OPTIONS"]).ok().says("NODE_OPTIONS was not allowed in dev, prod.");
    let several = Sandbox::with_environments(&["staging", "prod"]);
    let run = several.run(["allow", "--name", "NODE_OPTIONS"]).fails(2).says("say which environment: prod, staging");
    run.says("vault allow --name NODE_OPTIONS -e prod");
    sandbox.run(["allow", "--name", "TOKEN", "-e", "dev"]).fails(2).says("TOKEN is an ordinary name");
    sandbox.run(["allow", "--name", "NODE_OPTIONS", "-e", "nowhere"]).fails(3);
    let before = std::fs::read(sandbox.vault()).unwrap();
    sandbox.run(["allow", "--name", "NODE_OPTIONS,PATH", "-e", "dev"]).ok();
    sandbox.run(["allow", "--name", "PATH", "-e", "dev"]).ok().says("was allowed already");
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before, "the vault's file must not change");
    assert_eq!(sandbox.run(["allow", "--list"]).ok().text(), "dev/NODE_OPTIONS\ndev/PATH\n");
    let listed = sandbox.run(["allow", "--list", "--json"]).ok().json();
    assert_eq!(listed["names"], serde_json::json!([{"environment": "dev", "names": ["NODE_OPTIONS", "PATH"]}]));
    assert_eq!(listed["shells"], false);
    // Storing and delivering the item no longer need an option.
    sandbox.run_with_input(["set", "NODE_OPTIONS"], b"--no-warnings").ok();
    assert!(seen(&sandbox, &[]).text().contains("NODE_OPTIONS=--no-warnings"));
    // A new environment with the same name is a different environment.
    sandbox.run(["env", "rm", "dev", "-y"]).ok();
    sandbox.run(["env", "add", "dev"]).ok();
    assert_eq!(sandbox.run(["allow", "--list"]).ok().text(), "");
    sandbox.run(["deny", "--name", "PATH", "-e", "dev"]).ok().says("PATH was not allowed in dev.");
}

#[test]
fn two_items_of_an_environment_never_become_one_variable() {
    let sandbox = sandbox();
    sandbox.set("URL", b"postgres://x");
    let both = "dev/TOKEN and dev/URL would both be the variable TOKEN";
    sandbox.run(["set", "URL", "--as", "TOKEN"]).fails(2).says(both).says("vault set dev/URL --as VAR");
    sandbox.run(["set", "URL", "--as", "SAME"]).ok();
    sandbox.run(["set", "TOKEN", "--as", "SAME"]).fails(2).says("would both be the variable SAME");
    sandbox.run_with_input(["set", "SAME"], b"x").fails(2).says("would both be the variable SAME");
    sandbox.run(["set", "TOKEN", "--deliver", "file", "--as", "SAME"]).fails(2).says("SAME");
    // An item that isn't delivered can't clash.
    sandbox.run(["set", "TOKEN", "--deliver", "none", "--as", "SAME"]).ok();
    assert!(seen(&sandbox, &[]).text().contains("SAME=postgres://x"));
}

#[test]
fn copying_moving_and_changing_an_item_keeps_its_delivery() {
    let sandbox = sandbox();
    sandbox.run(["set", "TOKEN", "--deliver", "file", "--as", "TOKEN_PATH"]).ok();
    let delivery = |name: &str| {
        let (environment, _) = name.split_once('/').unwrap();
        let items = sandbox.run(["list", "--json", "-e", environment]).ok().json();
        let item = items
            .as_array()
            .unwrap()
            .iter()
            .find(|item| item["name"] == name[environment.len() + 1..])
            .unwrap()
            .clone();
        format!("{} {}", item["deliver"].as_str().unwrap_or("-"), item["as"].as_str().unwrap_or("-"))
    };
    assert_eq!(delivery("dev/TOKEN"), "file TOKEN_PATH");
    sandbox.run_with_input(["set", "TOKEN"], b"a new value").ok();
    sandbox.run(["rotate", "TOKEN", "--generate"]).ok();
    sandbox.run(["rollback", "TOKEN", "--version", "1"]).ok();
    assert_eq!(delivery("dev/TOKEN"), "file TOKEN_PATH");
    let file = sandbox.write("new.env", "TOKEN=imported\n");
    sandbox.run(["import", file.to_str().unwrap()]).ok();
    assert_eq!(sandbox.run(["get", "TOKEN"]).ok().text(), "imported");
    assert_eq!(delivery("dev/TOKEN"), "file TOKEN_PATH");
    sandbox.run(["cp", "TOKEN", "prod/TOKEN"]).ok();
    assert_eq!(delivery("prod/TOKEN"), "file TOKEN_PATH");
    sandbox.run(["mv", "prod/TOKEN", "prod/OTHER"]).ok();
    assert_eq!(delivery("prod/OTHER"), "file TOKEN_PATH");
    sandbox.run(["env", "copy", "dev", "third"]).ok();
    assert_eq!(delivery("third/TOKEN"), "file TOKEN_PATH");
    // An item that commands get as a file is exported if it is named explicitly.
    let export = sandbox.run(["export"]).ok().says("TOKEN");
    assert!(!export.text().contains("imported"), "{export:?}");
    assert!(sandbox.run(["export", "--only", "TOKEN"]).ok().text().contains("TOKEN=imported"));
}

#[test]
fn exec_reports_names_that_are_new_on_this_device_once() {
    let sandbox = sandbox();
    let new = " new here";
    // At first sight of the vault, nothing counts as new. Neither does an item that was set on this device.
    assert!(!seen(&sandbox, &[]).stderr.contains(new));
    sandbox.set("MINE", b"x");
    assert!(!seen(&sandbox, &[]).stderr.contains(new));
    // An item that another device added is new.
    let mut elsewhere = sandbox.command(["set", "THEIRS"]);
    let state = sandbox.home().join("another-device");
    elsewhere.env("VAULT_STATE_DIR", &state);
    crate::harness::feed(elsewhere, b"y").ok();
    seen(&sandbox, &["--only", "TOKEN"]);
    let run = seen(&sandbox, &[]).says("THEIRS is new here: added by ");
    assert!(run.text().contains("THEIRS=y"));
    assert!(!seen(&sandbox, &[]).stderr.contains(new));
    // The file with the known names doesn't reveal them.
    let kept = std::fs::read_to_string(sandbox.vault_state().join("names.json")).unwrap();
    assert!(!kept.contains("THEIRS") && !kept.contains("TOKEN"), "{kept}");
}
