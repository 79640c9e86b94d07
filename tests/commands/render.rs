//! `render`, and the references of `exec --env-file`.

use crate::harness::{Sandbox, finish};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    sandbox.set("USER_NAME", b"mia");
    sandbox.set("PW", b"hunter2-hunter2");
    sandbox.set("prod/PW", b"prod-password");
    sandbox
}

#[test]
fn references_are_filled_and_everything_else_stays() {
    let sandbox = sandbox();
    let template = b"\xef\xbb\xbfurl: postgres://vault://USER_NAME:vault://dev/PW@h\r\n$X ${Y} {{Z}} \xff\0";
    sandbox.write("a.tmpl", template);
    let filled = sandbox.run(["render", "a.tmpl"]).ok().stdout;
    assert_eq!(filled, b"\xef\xbb\xbfurl: postgres://mia:hunter2-hunter2@h\r\n$X ${Y} {{Z}} \xff\0");
    assert_eq!(sandbox.run_with_input(["render", "-"], b"vault://PW").ok().text(), "hunter2-hunter2");
    let log = sandbox.run(["log", "--json"]).ok().text();
    assert!(log.contains("\"render\"") && log.contains(r#"["PW","USER_NAME"]"#), "{log}");
}

#[test]
fn a_missing_item_is_named_with_file_and_line() {
    let sandbox = sandbox();
    sandbox.write("a.tmpl", "vault://PW\n\nvault://ABSENT\n");
    let run = sandbox.run(["render", "a.tmpl"]).fails(3).says("a.tmpl:3: there is no item dev/ABSENT");
    assert!(run.stdout.is_empty());
}

#[test]
fn f6_a_value_is_not_expanded_again() {
    let sandbox = sandbox();
    sandbox.set("NESTED", b"vault://PW {{PW}} ${PW}");
    sandbox.write("a.tmpl", "vault://NESTED");
    assert_eq!(sandbox.run(["render", "a.tmpl"]).ok().text(), "vault://PW {{PW}} ${PW}");
    sandbox.write("a.env", "X=vault://NESTED\n");
    let run = sandbox.run(["exec", "--env-file", "a.env", "--", "printenv", "X"]).ok();
    assert_eq!(run.text(), "vault://PW {{PW}} ${PW}\n");
}

#[test]
fn f7_a_file_reaches_only_the_chosen_environments() {
    let sandbox = sandbox();
    sandbox.write("a.tmpl", "x\nvault://prod/PW\n");
    sandbox.write("a.env", "X=vault://prod/PW\n");
    let refused = "vault://prod/PW is outside the chosen environment";
    let run = sandbox.run(["render", "a.tmpl"]).fails(5).says(&format!("a.tmpl:2: {refused}"));
    run.says("to allow both: -e dev -e prod");
    sandbox.run(["exec", "--env-file", "a.env", "true"]).fails(125).says(&format!("a.env:1: {refused}"));
    assert_eq!(sandbox.run(["render", "-e", "dev", "-e", "prod", "a.tmpl"]).ok().text(), "x\nprod-password\n");
    sandbox.write("b.tmpl", "vault://PW vault://USER_NAME");
    assert_eq!(sandbox.run(["render", "-e", "dev,prod", "b.tmpl"]).ok().text(), "prod-password mia");
}

#[test]
fn f8_the_output_is_private_and_never_written_through_a_link() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = sandbox();
    sandbox.write("a.tmpl", "vault://PW");
    sandbox.run(["render", "a.tmpl", "-o", "out"]).ok();
    let out = sandbox.project().join("out");
    assert_eq!(std::fs::read(&out).unwrap(), b"hunter2-hunter2");
    assert_eq!(out.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    std::os::unix::fs::symlink("elsewhere", sandbox.project().join("link")).unwrap();
    sandbox.run(["render", "a.tmpl", "-o", "link"]).fails(1);
    assert!(!sandbox.project().join("elsewhere").exists());
}

#[test]
fn variables_in_an_env_file_override_items() {
    let sandbox = sandbox();
    sandbox.write("a.env", "URL=\"pg://vault://USER_NAME:vault://PW@h\"\nPLAIN=1\nUSER_NAME=other\n");
    let run = sandbox.run(["exec", "--env-file", "a.env", "--", "sh", "-c", "echo $URL $PLAIN $USER_NAME $PW"]).ok();
    assert_eq!(run.text(), "pg://mia:hunter2-hunter2@h 1 other hunter2-hunter2\n");
    let only = ["exec", "--only", "USER_NAME", "--env-file", "a.env", "--", "sh", "-c", "echo $URL [$PW]"];
    assert_eq!(sandbox.run(only).ok().text(), "pg://mia:hunter2-hunter2@h []\n");
    let log = sandbox.run(["log", "--json"]).ok().text();
    assert!(log.contains(r#"["USER_NAME","PW"]"#), "{log}");
    sandbox.write("bad.env", "LD_PRELOAD=evil.so\n");
    sandbox.run(["exec", "--env-file", "bad.env", "true"]).fails(125).says("LD_PRELOAD");
    sandbox.run(["exec", "--env-file", "absent.env", "true"]).fails(125).says("absent.env");
}

#[test]
fn templates_and_env_files_may_be_pipes_and_are_limited_in_size() {
    let sandbox = Sandbox::with_vault();
    let program = crate::harness::program().display();
    let bash =
        |script: &str| finish(sandbox.other("bash", ["-c", &script.replace("vault ", &format!("'{program}' "))]));
    bash("vault set A --from-file <(printf %s one)").ok();
    assert_eq!(bash("vault render <(echo vault://A)").ok().text(), "one\n");
    bash("vault import <(echo B=two)").ok();
    assert_eq!(bash("vault exec --env-file <(echo C=vault://B) -- printenv C").ok().text(), "two\n");
    assert!(bash("vault check --against <(echo D=)").text().contains("missing  dev/D"));
    bash("head -c 2M /dev/zero | vault set E --from-file -").fails(2).says("larger than 1 MiB");
    bash("vault set E --from-file <(head -c 2M /dev/zero)").fails(2).says("larger than 1 MiB");
}
