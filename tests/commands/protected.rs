//! Protected environments: commands ask before they give out or change values, and need a reason without a terminal.

use crate::harness::{Sandbox, finish};
use rexpect::session::PtySession;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    sandbox.set("TOKEN", b"of-dev");
    sandbox.set("prod/TOKEN", b"of-prod");
    sandbox.run(["env", "protect", "prod"]).ok().says("prod is protected now");
    sandbox
}

fn on_terminal(sandbox: &Sandbox, arguments: &[&str]) -> PtySession {
    let mut command = sandbox.command(arguments);
    command.env("TERM", "xterm").env_remove("NO_COLOR");
    command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    rexpect::session::spawn_command(command, Some(30_000)).unwrap()
}

const QUESTION: &str = "is protected against use by mistake. Use it";

#[test]
fn without_a_terminal_giving_out_or_changing_protected_values_needs_a_reason() {
    let sandbox = sandbox();
    let before = std::fs::read(sandbox.vault()).unwrap();
    let env_file = sandbox.write("new.env", "NEW=1\n");
    let template = sandbox.write("template", "{{ vault://prod/TOKEN }}");
    for command in [
        &["get", "prod/TOKEN"][..],
        &["export", "-e", "prod"],
        &["render", "-e", "prod", template.to_str().unwrap()],
        &["set", "prod/OTHER=1"],
        &["rm", "-y", "prod/TOKEN"],
        &["mv", "prod/TOKEN", "prod/OTHER"],
        &["cp", "prod/TOKEN", "dev/OTHER"],
        &["cp", "dev/TOKEN", "prod/OTHER"],
        &["rotate", "prod/TOKEN", "--generate"],
        &["import", "-y", "-e", "prod", env_file.to_str().unwrap()],
        &["env", "copy", "prod", "third"],
        &["env", "rm", "-y", "prod"],
        &["list", "--values", "-e", "prod"],
        &["get", "-o", "taken", "prod/TOKEN"],
        &["history", "--values", "prod/TOKEN"],
    ] {
        let run = sandbox.run(command).fails(5).says("prod is protected").says("--reason TEXT");
        assert!(!run.text().contains("of-prod"), "{run:?}");
    }
    sandbox.run(["exec", "-e", "prod", "--", "echo", "ran"]).fails(125).says("prod is protected");
    let listed = sandbox.run(["list", "--values", "--json", "-e", "prod"]);
    assert!(listed.code == 5 && listed.stdout.is_empty() && listed.stderr.contains("\"protected\""), "{listed:?}");
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
    // Commands that give out no value, and other environments, need no reason.
    sandbox.run(["list", "-e", "prod"]).ok();
    sandbox.run(["exec", "--", "true"]).ok();
    let reason = ["exec", "-e", "prod", "--reason", "release 7", "--", "sh", "-c", "echo $TOKEN"];
    assert_eq!(sandbox.run(reason).ok().text(), "of-prod\n");
    // A reason doesn't confirm the next command, and a refusal is logged.
    sandbox.run(["get", "prod/TOKEN"]).fails(5);
    let log = sandbox.run(["log", "--json", "--action", "get", "-n", "1"]).ok().json();
    assert_eq!(log["outcome"], "denied");
    sandbox.run(["env", "unprotect", "prod", "--reason", "moved"]).ok();
    assert_eq!(sandbox.run(["get", "prod/TOKEN"]).ok().text(), "of-prod");
}

#[test]
fn removing_protection_is_confirmed_each_time_or_needs_a_reason() {
    let sandbox = sandbox();
    sandbox.run(["env", "unprotect", "prod"]).fails(5).says("prod is protected").says("--reason TEXT");
    let mut exec = on_terminal(&sandbox, &["exec", "-e", "prod", "--", "true"]);
    exec.exp_string(QUESTION).unwrap();
    exec.send_line("y").unwrap();
    exec.exp_eof().unwrap();
    // Only the use of values was confirmed, for 15 minutes.
    sandbox.run(["env", "unprotect", "prod"]).fails(5);
    let answer = |answer: &str| {
        let mut unprotect = on_terminal(&sandbox, &["env", "unprotect", "prod"]);
        unprotect
            .exp_string("\x1b[1;31mprod\x1b[0m is protected against use by mistake. Unprotect it for everybody? [y/N]")
            .unwrap();
        unprotect.send_line(answer).unwrap();
        unprotect.exp_eof().unwrap()
    };
    assert!(answer("").contains("nothing was done"));
    assert!(answer("y").contains("prod is no longer protected"));
    sandbox.run(["env", "unprotect", "prod"]).ok().says("prod is not protected.");
}

#[test]
fn on_a_terminal_vault_asks_once_with_the_name_in_color_and_the_answer_stays_valid() {
    let sandbox = sandbox();
    let mut get = on_terminal(&sandbox, &["get", "prod/TOKEN"]);
    let asked = format!("{QUESTION} for vault get, and don't ask again for 15 minutes? [y/N] ");
    get.exp_string(&format!("\x1b[1;31mprod\x1b[0m {asked}")).unwrap();
    get.send_line("").unwrap();
    get.exp_string("prod is protected, so nothing was done").unwrap();
    get.exp_eof().unwrap();
    let mut exec = on_terminal(&sandbox, &["exec", "-e", "prod", "--", "sh", "-c", "echo got $TOKEN"]);
    exec.exp_string(&format!("{QUESTION} to run sh, and")).unwrap();
    exec.send_line("y").unwrap();
    exec.exp_string("got of-prod").unwrap();
    exec.exp_eof().unwrap();
    let mut get = on_terminal(&sandbox, &["get", "prod/TOKEN"]);
    let shown = get.exp_eof().unwrap();
    assert!(shown.contains("of-prod") && !shown.contains("protected"), "{shown}");
    // Nothing was confirmed on another device.
    let mut elsewhere = sandbox.command(["get", "prod/TOKEN"]);
    elsewhere.env("VAULT_STATE_DIR", sandbox.home().join("another-device"));
    finish(elsewhere).fails(5);
}

#[test]
fn only_admins_can_change_protection() {
    let mut sandbox = sandbox();
    sandbox.run(["env", "list"]).ok().says("");
    assert!(
        sandbox
            .run(["env", "list"])
            .ok()
            .text()
            .lines()
            .any(|line| line.starts_with("prod") && line.ends_with("protected"))
    );
    let listed = sandbox.run(["env", "list", "--json"]).ok().json();
    assert_eq!((&listed[0]["protected"], &listed[1]["protected"]), (&serde_json::Value::Null, &true.into()));
    assert!(sandbox.run(["status"]).ok().text().contains("prod protected"));
    assert_eq!(sandbox.run(["status", "--json"]).ok().json()["environments"][1]["protected"], true);
    sandbox.run(["env", "protect", "prod"]).ok().says("prod is protected already");
    sandbox.run(["verify"]).ok();
    let key = sandbox.run(["user", "add", "ben", "--write", "prod", "--json"]).ok().json()["key"]
        .as_str()
        .unwrap()
        .to_owned();
    sandbox.use_key(&key);
    sandbox.run(["env", "unprotect", "prod"]).fails(5);
}

#[test]
fn undo_in_a_protected_environment_needs_a_reason_and_restores_its_protection() {
    let sandbox = sandbox();
    sandbox.run(["set", "prod/TOKEN=new", "--reason", "release 7"]).ok();
    sandbox.run(["undo", "--dry-run"]).ok();
    sandbox.run(["undo"]).fails(5).says("prod is protected, and there is nobody to ask");
    assert_eq!(sandbox.run(["get", "prod/TOKEN", "--reason", "a look"]).ok().text(), "new");
    sandbox.run(["undo", "--reason", "release 7 was wrong"]).ok();
    assert_eq!(sandbox.run(["get", "prod/TOKEN", "--reason", "a look"]).ok().text(), "of-prod");
    sandbox.run(["env", "rm", "-y", "prod", "--reason", "moved"]).ok();
    sandbox.run(["undo"]).ok();
    sandbox.run(["get", "prod/TOKEN"]).fails(5).says("prod is protected");
    // Undoing that again would remove the environment.
    sandbox.run(["undo"]).fails(5).says("prod is protected");
    sandbox.run(["verify"]).ok();
}

#[test]
fn different_values_in_a_protected_environment_are_shown_only_with_a_reason() {
    let Some(sandbox) = Sandbox::in_repository() else { return };
    sandbox.run(["set", "dev/TOKEN=before"]).ok();
    sandbox.run(["env", "protect", "dev"]).ok();
    sandbox.git(&["add", "."]).ok();
    sandbox.git(&["commit", "-qm", "before"]).ok();
    sandbox.run(["set", "dev/TOKEN=after", "--reason", "release 7"]).ok();
    sandbox.run(["diff"]).ok();
    let run = sandbox.run(["diff", "--values"]).fails(5).says("dev is protected");
    assert!(!run.text().contains("before") && !run.text().contains("after"), "{run:?}");
    let shown = sandbox.run(["diff", "--values", "--reason", "a look"]).ok().text();
    assert!(shown.contains("before") && shown.contains("after"), "{shown}");
}

#[test]
fn a_protected_value_needs_confirmation_before_it_is_copied_or_shown_as_a_qr_code() {
    let sandbox = sandbox();
    let programs = sandbox.home().join("programs");
    std::fs::create_dir_all(&programs).unwrap();
    let (xclip, board) = (programs.join("xclip"), sandbox.home().join("board"));
    let script = "#!/bin/sh\ncase $* in *-out*) cat \"$BOARD\";; *) cat >\"$BOARD\";; esac\n";
    std::fs::write(&xclip, script).unwrap();
    std::fs::set_permissions(&xclip, std::fs::Permissions::from_mode(0o755)).unwrap();
    let clip = |reason: &[&str]| {
        let mut command = sandbox.command([&["get", "prod/TOKEN", "--clip=1s"], reason].concat());
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", programs.display())).env("DISPLAY", ":7").env("BOARD", &board);
        finish(command)
    };
    clip(&[]).fails(5).says("prod is protected");
    assert!(!board.exists());
    clip(&["--reason", "a look"]).ok();
    assert!(board.exists());
    let mut code = on_terminal(&sandbox, &["get", "--qr", "prod/TOKEN"]);
    code.exp_string(QUESTION).unwrap();
    code.send_line("n").unwrap();
    let shown = code.exp_eof().unwrap();
    assert!(shown.contains("nothing was done") && !shown.contains('\u{2588}'), "{shown}");
}

#[test]
fn the_shell_hook_and_vault_shell_give_out_protected_values_only_after_confirmation() {
    let sandbox = sandbox();
    sandbox.run(["allow"]).ok();
    let hook = || {
        let mut command = sandbox.command(["hook-env", "bash"]);
        command.env("VAULT_ENV", "prod").env("VAULT_HOOK", "");
        finish(command).ok()
    };
    let run = hook().says("vault: prod is protected: `vault exec -e prod -- true` confirms it for 15 minutes");
    assert!(!run.text().contains("of-prod") && !run.text().contains("TOKEN"), "{run:?}");
    // A reason given to another command doesn't confirm a shell.
    sandbox.run(["exec", "-e", "prod", "--reason", "release 7", "--", "true"]).ok();
    assert!(!hook().text().contains("of-prod"));
    let run = sandbox.run(["shell", "-e", "prod"]).fails(125).says("prod is protected");
    assert!(!run.stderr.contains("exit ends it"), "{run:?}");
    sandbox.run(["exec", "-e", "prod", "--command", "echo $TOKEN"]).fails(125).says("prod is protected");
    let mut exec = on_terminal(&sandbox, &["exec", "-e", "prod", "--", "true"]);
    exec.exp_string(QUESTION).unwrap();
    exec.send_line("y").unwrap();
    exec.exp_eof().unwrap();
    assert!(hook().text().contains("of-prod"));
}

#[test]
fn commands_that_only_compare_protected_values_do_not_ask() {
    let sandbox = sandbox();
    sandbox.write(".env", "TOKEN=of-prod\n");
    let run = sandbox.run(["doctor"]);
    let printed = format!("{}{}", run.text(), run.stderr);
    assert!(printed.contains(".env") && !printed.contains("is protected") && !printed.contains("of-prod"), "{printed}");
}
