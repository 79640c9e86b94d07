//! `exec`: how items reach the command: under another name, as a file in memory, or on standard input.

use crate::harness::{Sandbox, feed, finish, has};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    sandbox.set("TOKEN", b"hunter2-hunter2");
    sandbox.set("URL", b"postgres://x");
    sandbox.set("prod/TOKEN", b"of-prod");
    sandbox.set("tls.key", b"key \0 with\nanything\n");
    sandbox
}

fn names(sandbox: &Sandbox, options: &[&str]) -> Vec<String> {
    let run = sandbox.run([&["exec", "--pristine"], options, &["--", "env"]].concat()).ok();
    let name = |line: &str| line.split_once('=').map(|(name, _)| name.to_owned());
    let essential = ["PATH", "HOME", "TERM", "LANG", "TZ", "USER", "SHELL", "TMPDIR"];
    let mut names: Vec<_> = run.text().lines().filter_map(name).collect();
    names.retain(|name| !essential.contains(&name.as_str()));
    names.sort();
    names
}

#[test]
fn a_prefix_is_added_to_every_name_and_a_renamed_item_has_only_its_new_name() {
    let sandbox = sandbox();
    assert_eq!(names(&sandbox, &["--prefix", "APP_", "--only", "TOKEN,URL"]), ["APP_TOKEN", "APP_URL"]);
    let renamed = ["--rename", "DATABASE_URL=URL", "--only", "TOKEN,URL"];
    assert_eq!(names(&sandbox, &renamed), ["DATABASE_URL", "TOKEN"]);
    let both = ["--rename", "DATABASE_URL=URL", "--prefix", "APP_", "--only", "TOKEN,URL"];
    assert_eq!(names(&sandbox, &both), ["APP_TOKEN", "DATABASE_URL"]);
    // The item's own name isn't a valid variable name.
    sandbox.set("odd-name", b"v");
    assert_eq!(names(&sandbox, &["--rename", "ODD=odd-name", "--only", "odd-name"]), ["ODD"]);
}

#[test]
fn invalid_renames_are_refused_before_the_command_runs() {
    let sandbox = sandbox();
    let refused = |options: &[&str], why: &str| {
        let run = sandbox.run([&["exec"], options, &["--", "echo", "ran"]].concat()).fails(125).says(why);
        assert!(run.stdout.is_empty(), "{run:?}");
    };
    refused(&["--rename", "URL=TOKEN"], "dev/TOKEN and dev/URL would both be the variable URL");
    refused(&["--rename", "A=NOWHERE"], "there is no item \"NOWHERE\" to rename");
    refused(&["--rename", "A=TOKEN", "--rename", "B=TOKEN"], "\"TOKEN\" is renamed twice");
    refused(&["--rename", "A-B=TOKEN"], "is not a variable name");
    refused(&["--rename", "TOKEN"], "NEW=OLD");
    refused(&["--rename", "LD_PRELOAD=TOKEN"], "LD_PRELOAD can make a program load code");
    refused(&["--file", "NOWHERE"], "there is no item \"NOWHERE\" to hand over");
    refused(&["--file", "tls.key"], "expected NAME=VAR: the item, then the variable for its path");
    refused(&["--file", "TOKEN=LD_PRELOAD"], "LD_PRELOAD can make a program load code");
    refused(&["--stdin", "NOWHERE"], "there is no item \"NOWHERE\" to hand over");
    sandbox.set("PRELOAD", b"/evil.so");
    // A name that becomes dangerous through the prefix is left out, too.
    let run = sandbox.run(["exec", "--prefix", "LD_", "--except", "PRELOAD", "--", "true"]).ok();
    run.says("TOKEN: LD_TOKEN can make a program load code (--allow-name LD_TOKEN)");
    refused(&["--prefix", "LD_", "--only", "PRELOAD"], "LD_PRELOAD can make a program load code");
}

#[test]
fn a_file_holds_the_exact_bytes_is_private_and_replaces_the_variable() {
    let sandbox = sandbox();
    let script = "cat \"$CERT\"; stat -Lc ' %a %s' \"$CERT\"; env | grep -c hunter2; echo x 2>/dev/null >\"$CERT\" && echo written";
    let run = sandbox.run(["exec", "--file", "tls.key=CERT", "--only", "URL", "--", "sh", "-c", script]);
    assert_eq!(run.text(), "key \0 with\nanything\n 400 20\n0\n");
    assert_eq!(names(&sandbox, &["--file", "TOKEN"]), ["TOKEN_FILE", "URL"]);
    // The later environment wins, and neither value becomes a variable.
    let run =
        sandbox.run(["exec", "-e", "dev,prod", "--file", "TOKEN", "--", "sh", "-c", "cat $TOKEN_FILE; echo $TOKEN"]);
    assert_eq!(run.ok().text(), "of-prod\n");
}

#[test]
fn children_without_inherited_descriptors_can_read_a_file_until_the_command_ends() {
    let sandbox = sandbox();
    let script = "echo $TOKEN_FILE; cat $TOKEN_FILE $TOKEN_FILE";
    let text = sandbox.run(["exec", "--file", "TOKEN", "--", "sh", "-c", script]).ok().text();
    let (path, values) = text.split_once('\n').unwrap();
    assert_eq!(values, "hunter2-hunter2hunter2-hunter2");
    assert!(!std::path::Path::new(path).exists());
    assert!(!std::fs::read_dir(sandbox.project()).unwrap().any(|entry| entry.unwrap().file_name() != "secrets.vault"));
    if has("python3") {
        // Python closes inherited descriptors before it starts a program.
        let child =
            "import os, subprocess; subprocess.run(['cat', os.environ['TOKEN_FILE']], close_fds=True, check=True)";
        assert_eq!(
            sandbox.run(["exec", "--file", "TOKEN", "--", "python3", "-c", child]).ok().text(),
            "hunter2-hunter2"
        );
    }
}

#[test]
fn openssl_can_read_a_tls_key_from_a_file() {
    if !has("openssl") {
        return;
    }
    let sandbox = sandbox();
    let key = finish(sandbox.other("openssl", ["genpkey", "-algorithm", "ed25519"])).ok();
    feed(sandbox.command(["set", "TLS_KEY"]), &key.stdout).ok();
    let public = feed(sandbox.other("openssl", ["pkey", "-pubout"]), &key.stdout).ok().text();
    let script = "openssl pkey -pubout -in \"$TLS_KEY_FILE\"";
    assert_eq!(sandbox.run(["exec", "--file", "TLS_KEY", "--", "sh", "-c", script]).ok().text(), public);
}

#[test]
fn a_value_on_standard_input_is_not_a_variable() {
    let sandbox = sandbox();
    let run = feed(sandbox.command(["exec", "--stdin", "tls.key", "--", "cat"]), b"of the caller");
    assert_eq!(run.ok().stdout, b"key \0 with\nanything\n");
    let run = sandbox.run(["exec", "--stdin", "TOKEN", "--", "sh", "-c", "cat; printf '[%s]' \"$TOKEN\""]);
    assert_eq!(run.ok().text(), "hunter2-hunter2[]");
}

#[test]
fn renamed_items_are_logged_under_their_own_names() {
    let sandbox = sandbox();
    sandbox
        .run(["exec", "--only", "URL", "--rename", "DB=URL", "--file", "TOKEN", "--stdin", "tls.key", "--", "true"])
        .ok();
    let log = sandbox.run(["log", "--json", "--action", "exec"]).ok().json();
    assert_eq!(log["secrets"], serde_json::json!(["TOKEN", "URL", "tls.key"]), "{log}");
}

#[test]
fn keys_reach_the_command_only_if_requested() {
    let sandbox = sandbox();
    let inner = ["--", crate::harness::program().to_str().unwrap(), "get", "TOKEN"];
    sandbox.run([&["exec"][..], &inner].concat()).fails(4);
    assert_eq!(sandbox.run([&["exec", "--pass-key"][..], &inner].concat()).ok().text(), "hunter2-hunter2");
    let pristine = ["exec", "--pass-key", "--pristine", "--", "sh", "-c", "echo ${VAULT_KEY:+there}"];
    assert_eq!(sandbox.run(pristine).ok().text(), "there\n");
}

#[test]
fn an_injected_item_replaces_an_inherited_variable() {
    let sandbox = sandbox();
    for options in [&["--file", "TOKEN"][..], &["--stdin", "TOKEN"], &["--stdin", "TOKEN", "--mask"]] {
        let mut command = sandbox.command([&["exec"], options, &["--", "sh", "-c", "echo ${TOKEN-none}"]].concat());
        command.env("TOKEN", "inherited");
        assert_eq!(finish(command).ok().text(), "none\n", "{options:?}");
        let kept = [&["exec", "--preserve-env=TOKEN"], options, &["--", "sh", "-c", "echo $TOKEN"]].concat();
        let mut command = sandbox.command(kept);
        command.env("TOKEN", "inherited");
        assert_eq!(finish(command).ok().text(), "inherited\n", "{options:?}");
    }
    // The variable with the item's own name is replaced, too, even if an option renames the item.
    let mut command =
        sandbox.command(["exec", "--prefix", "X_", "--file", "TOKEN", "--", "sh", "-c", "echo \"<$TOKEN>\""]);
    command.env("TOKEN", "inherited");
    assert_eq!(finish(command).ok().text(), "<>\n");
}
