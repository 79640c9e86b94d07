//! `scan`.

use crate::harness::{Run, Sandbox, finish, has};

const VALUE: &str = "hunter2-hunter2";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    sandbox.set("TOKEN", VALUE.as_bytes());
    sandbox.set("prod/KEY", b"a value/of prod");
    sandbox.set("PIN", b"1234");
    sandbox.run(["set", "REGION=eu-central-1", "--kind", "variable"]).ok();
    sandbox
}

fn git(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let identity = ["-c", "user.name=mia", "-c", "user.email=mia@example.org", "-c", "init.defaultBranch=main"];
    let mut command = sandbox.other("git", identity.iter().chain(arguments));
    let directory = crate::harness::program().parent().unwrap();
    let path = std::env::join_paths(
        std::iter::once(directory.to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    command.env("PATH", path.unwrap());
    finish(command)
}

#[track_caller]
fn found(run: &Run, expected: &str) {
    assert_eq!((run.code, run.text().as_str()), (1, expected), "{run:?}");
    assert!(!run.stderr.contains(VALUE), "{run:?}");
}

#[test]
fn values_are_found_by_file_and_line_and_never_printed() {
    let sandbox = sandbox();
    sandbox.run(["scan"]).ok().says("Found none of 2 values").says("1 value of fewer than 6 bytes");
    sandbox.write("a.txt", format!("eu-central-1 1234\ntoken: {VALUE}\n"));
    sandbox.write("b.url", "x=a%20value%2Fof%20prod");
    found(&sandbox.run(["scan"]), "a.txt:2  dev/TOKEN\nb.url:1  prod/KEY, url\n");
    found(&sandbox.run(["scan", "-e", "prod", "a.txt", "b.url"]), "b.url:1  prod/KEY, url\n");
    let expected = serde_json::json!([
        {"problem": "leak", "environment": "dev", "name": "TOKEN", "file": "a.txt", "line": 2, "encoding": "plain"}
    ]);
    assert_eq!(sandbox.run(["scan", "a.txt", "--json"]).json(), expected);
    sandbox.run(["scan", "absent"]).fails(1);
}

#[test]
fn an_encoded_value_is_found_where_it_is_broken_into_lines() {
    let sandbox = sandbox();
    let value: Vec<u8> = (0..136_u32).map(|i| b'A' + u8::try_from(i * i / 7 % 57).unwrap()).collect();
    sandbox.set("LONG", &value);
    let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines: Vec<_> = format!("0000000000{hex}").into_bytes().chunks(60).map(<[u8]>::to_vec).collect();
    sandbox.write("dump", [b"x\n", &lines.join(&b"\r\n"[..])[..]].concat());
    found(&sandbox.run(["scan"]), "dump:2  dev/LONG, hex\n");
}

#[test]
fn standard_input_is_looked_at_and_a_finding_is_one_line_whatever_the_file_is_called() {
    let sandbox = sandbox();
    found(&sandbox.run_with_input(["scan", "-"], format!("x\n{VALUE}\n").as_bytes()), "-:2  dev/TOKEN\n");
    sandbox.run_with_input(["scan", "-"], b"x").ok();
    sandbox.write("a\nb.txt:1  dev", VALUE);
    found(&sandbox.run(["scan"]), "a\\u{a}b.txt:1  dev:1  dev/TOKEN\n");
}

#[test]
fn what_git_ignores_is_left_out() {
    if !has("git") {
        return;
    }
    let sandbox = sandbox();
    git(&sandbox, &["init", "-q"]).ok();
    sandbox.write(".gitignore", ".env\n");
    sandbox.write(".env", VALUE);
    sandbox.write(".hidden", VALUE);
    found(&sandbox.run(["scan"]), ".hidden:1  dev/TOKEN\n");
}

#[test]
fn the_hook_refuses_a_commit_and_the_history_names_one() {
    if !has("git") {
        return;
    }
    let sandbox = sandbox();
    git(&sandbox, &["init", "-q"]).ok();
    sandbox.write("a b.txt", format!("\n\n{VALUE}"));
    sandbox.run(["scan", "--staged"]).ok();
    git(&sandbox, &["add", "a b.txt"]).ok();
    sandbox.write("a b.txt", "clean again, but not in the index");
    found(&sandbox.run(["scan", "--staged"]), "a b.txt:3  dev/TOKEN\n");
    sandbox.run(["scan", "--install-hook"]).ok().says("pre-commit");
    sandbox.run(["scan", "--install-hook"]).ok().says("is there already");
    let refused = git(&sandbox, &["commit", "-q", "-m", "leak"]);
    assert!(refused.code == 1 && refused.stderr.contains("1 finding"), "{refused:?}");
    git(&sandbox, &["commit", "-q", "--no-verify", "-m", "leak"]).ok();
    let commit = git(&sandbox, &["rev-parse", "--short", "HEAD"]).ok().text();
    git(&sandbox, &["rm", "-q", "-f", "a b.txt"]).ok();
    git(&sandbox, &["commit", "-q", "-m", "gone"]).ok();
    sandbox.run(["scan"]).ok();
    let expected = format!("a b.txt:3  dev/TOKEN, commit {}\n", commit.trim());
    found(&sandbox.run(["scan", "--history"]), &expected);
    found(&sandbox.run(["scan", "--history", "a b.txt"]), &expected);
    sandbox.run(["scan", "--history", "other"]).ok();
}

#[test]
fn another_hook_is_left_as_it_is() {
    if !has("git") {
        return;
    }
    let sandbox = sandbox();
    sandbox.run(["scan", "--install-hook"]).fails(1).says("this is no git repository");
    git(&sandbox, &["init", "-q"]).ok();
    std::fs::create_dir_all(sandbox.project().join(".git/hooks")).unwrap();
    let hook = sandbox.write(".git/hooks/pre-commit", "#!/bin/sh\nmake lint\n");
    sandbox.run(["scan", "--install-hook"]).fails(1).says("vault scan --staged || exit 1");
    assert_eq!(std::fs::read_to_string(hook).unwrap(), "#!/bin/sh\nmake lint\n");
}

#[test]
fn outside_of_git_the_index_and_the_history_are_said_to_be_missing() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"hunter2-hunter2");
    for option in ["--staged", "--history", "--install-hook"] {
        sandbox.run(["scan", option]).fails(1).says("this is no git repository");
    }
}
