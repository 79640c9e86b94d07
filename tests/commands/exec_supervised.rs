//! `exec --mask` and `--watch`: the command as a child, in pipes and on a terminal.

use crate::harness::{Run, Sandbox, finish, has, program};
use rexpect::session::{PtySession, spawn_command};
use std::process::Stdio;

const SECRET: &str = "hunter2-hunter2";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    sandbox.set("TOKEN", SECRET.as_bytes());
    sandbox.set("PIN", b"123");
    sandbox.set("KEY", b"first line\nsecond line\n");
    sandbox.run(["set", "--kind", "variable", "MODE=production"]).ok();
    sandbox
}

fn exec(sandbox: &Sandbox, options: &[&str], script: &str) -> Run {
    sandbox.run([&["exec"], options, &["--", "sh", "-c", script]].concat())
}

/// Checks the command's own exit code, which comes without an error of ours.
fn ended(run: Run, code: i32) -> Run {
    assert_eq!(run.code, code, "{run:?}");
    run
}

#[test]
fn j8_secrets_are_stars_in_both_streams_in_every_form_and_the_rest_is_as_it_was() {
    let sandbox = sandbox();
    let run =
        exec(&sandbox, &["--mask"], "echo $TOKEN $PIN $MODE; echo \"$KEY\" >&2; printf %s \"x$TOKEN\" | base64").ok();
    assert_eq!(run.stderr, "****\n");
    let text = run.text();
    let (line, base64) = text.split_once('\n').unwrap();
    assert_eq!(line, "**** 123 production", "short values and variables are visible, as documented");
    assert!(base64.contains("****") && base64.len() < 12, "{base64}");
    // Split over writes, line by line, and bytes that are no text.
    let script = "printf hunt; sleep 0.2; printf er2-hunter2; printf '\\377\\000 a: second line;'";
    assert_eq!(exec(&sandbox, &["--mask"], script).ok().stdout, b"****\xff\0 a: ****;");
}

#[test]
fn j8_what_is_handed_over_or_referred_to_is_masked_too() {
    let sandbox = sandbox();
    let run = exec(&sandbox, &["--mask", "--file", "TOKEN", "--stdin", "KEY"], "cat; cat $TOKEN_FILE");
    assert_eq!(run.ok().text(), "****");
    sandbox.write("app.env", "URL=postgres://u:vault://TOKEN@h\nOTHER=plain-text\n");
    let run = exec(&sandbox, &["--mask", "--only", "PIN", "--env-file", "app.env"], "echo \"$URL $OTHER\"");
    assert_eq!(run.ok().text(), "**** plain-text\n");
}

#[test]
fn j7_the_environment_of_the_program_that_watches_over_the_command_holds_no_key() {
    let sandbox = sandbox();
    for option in ["--mask", "--watch"] {
        let parent = exec(&sandbox, &[option], "cat /proc/$PPID/environ || true").ok().text();
        assert!(!parent.contains("AGE-SECRET-KEY") && !parent.contains("VAULT_KEY"), "{option}");
        // Nobody else may read it at all.
        assert_eq!(parent.contains("VAULT_STATE_DIR="), rustix::process::geteuid().is_root(), "{option}");
    }
    let key = format!("VAULT_KEY={}", sandbox.key());
    assert!(exec(&sandbox, &["--watch", "--pass-key"], "env").ok().text().contains(&key));
}

#[test]
fn j1_exit_codes_and_signals_are_the_commands_under_supervision() {
    let sandbox = sandbox();
    for option in ["--mask", "--watch"] {
        for code in [0, 1, 42, 125, 255] {
            assert_eq!(exec(&sandbox, &[option], &format!("exit {code}")).code, code);
        }
        for (signal, code) in [("TERM", 143), ("KILL", 137), ("SEGV", 139)] {
            assert_eq!(exec(&sandbox, &[option], &format!("kill -{signal} $$")).code, code);
        }
        sandbox.run(["exec", option, "--", "no-such-command"]).fails(127).says("not found");
        sandbox.write("plain", "echo x");
        sandbox.run(["exec", option, "--", "./plain"]).fails(126).says("can't be executed");
        // A signal sent to this program is the command's; its parent is this program.
        let script = "trap 'echo got it; exit 5' TERM; kill -TERM $PPID; while :; do sleep 0.05; done";
        assert_eq!(ended(exec(&sandbox, &[option], script), 5).text(), "got it\n");
    }
}

#[test]
fn j4_a_supervised_command_has_no_key_and_no_descriptor_of_ours() {
    let sandbox = sandbox();
    let script = "env | grep -c VAULT_KEY; ls /proc/self/fd";
    let without = finish({
        let mut command = sandbox.other("sh", ["-c", script]);
        command.env_remove("VAULT_KEY");
        command
    });
    for option in ["--mask", "--watch"] {
        assert_eq!(exec(&sandbox, &[option], script).text(), without.text(), "{option}");
    }
}

#[test]
fn j3_a_reader_that_goes_away_ends_the_command() {
    if !has("bash") {
        return;
    }
    let sandbox = sandbox();
    let script = format!("'{}' exec --mask -- yes | head -n 1; echo ${{PIPESTATUS[0]}}", program().display());
    assert_eq!(finish(sandbox.other("bash", ["-c", &script])).text(), "y\n141\n");
}

#[test]
fn a_child_left_behind_does_not_keep_the_output_open() {
    let run = exec(&sandbox(), &["--mask"], "sleep 30 & echo $TOKEN");
    assert_eq!(run.ok().text(), "****\n");
}

#[test]
fn a_changed_value_restarts_the_command_and_the_change_is_named() {
    let sandbox = sandbox();
    let vault = program().display();
    let script = format!(
        "echo run $TOKEN >>ran; [ $TOKEN = new-value ] && exit 9; '{vault}' set -q UNRELATED=1 2>/dev/null; sleep 1; \
         printf new-value | '{vault}' set -q TOKEN; exec sleep 60"
    );
    let options = ["--watch", "--pass-key", "--only", "TOKEN"];
    let run = ended(exec(&sandbox, &options, &script), 9).says("Changed TOKEN; sh is restarted.");
    assert!(!run.stderr.contains("UNRELATED"), "{run:?}");
    let ran = std::fs::read_to_string(sandbox.project().join("ran")).unwrap();
    assert_eq!(ran, format!("run {SECRET}\nrun new-value\n"));
    let log = sandbox.run(["log", "--action", "exec", "--json"]).ok().text();
    assert_eq!(log.lines().count(), 2, "each start is in the log: {log}");
}

#[test]
fn a_restarted_command_is_masked_with_its_new_values() {
    let sandbox = sandbox();
    let vault = program().display();
    let script = format!(
        "echo $TOKEN; [ $TOKEN = new-value ] && exit 0; printf new-value | '{vault}' set -q TOKEN; exec sleep 60"
    );
    let run = exec(&sandbox, &["--watch", "--mask", "--pass-key", "--only", "TOKEN"], &script).ok();
    assert_eq!(run.text(), "****\n****\n");
}

#[test]
fn a_command_that_reads_its_values_anew_gets_sighup_instead() {
    let sandbox = sandbox();
    let vault = program().display();
    let script = format!(
        "trap 'echo $TOKEN; exit 3' HUP; printf new-value | '{vault}' set -q TOKEN; while :; do sleep 0.05; done"
    );
    let run = ended(exec(&sandbox, &["--watch=hup", "--pass-key"], &script), 3).says("Changed TOKEN; sh gets SIGHUP.");
    assert_eq!(run.text(), format!("{SECRET}\n"), "its environment is what it was");
}

#[test]
fn a_vault_that_can_not_be_read_meanwhile_leaves_the_command_running() {
    let sandbox = sandbox();
    let script = "cp secrets.vault kept; echo nonsense >secrets.vault; sleep 1; cp kept secrets.vault; exit 4";
    ended(exec(&sandbox, &["--watch"], script), 4).says("sh runs on with the old values");
}

/// An interactive bash with this program at hand.
fn shell(sandbox: &Sandbox) -> Option<PtySession> {
    if !has("bash") {
        return None;
    }
    let mut command = sandbox.other("bash", ["--norc", "-i"]);
    let directory = program().parent().unwrap().display();
    command.env("PATH", format!("{directory}:{}", std::env::var("PATH").unwrap())).env("TERM", "xterm");
    command.env("PS1", "ready> ").stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    let mut shell = spawn_command(command, Some(20_000)).unwrap();
    shell.exp_string("ready> ").unwrap();
    Some(shell)
}

/// An interactive bash ends at nothing less.
fn leave(mut shell: PtySession) {
    shell.send_line("exit").unwrap();
    shell.exp_eof().unwrap();
}

#[test]
fn a_masked_command_has_a_terminal_of_the_same_size_and_what_is_typed_is_masked() {
    let sandbox = sandbox();
    let Some(mut shell) = shell(&sandbox) else { return };
    shell.send_line("stty rows 33 cols 77; vault exec --mask -- sh -c 'test -t 0 && test -t 1 && test -t 2 && stty size; read x; echo \"<$x>\"'").unwrap();
    shell.exp_string("33 77").unwrap();
    shell.send_line(SECRET).unwrap();
    shell.exp_string("<****>").unwrap();
    // A pipe behind it is a pipe, without a terminal in between.
    shell.send_line("vault exec --mask -- sh -c 'test -t 1 || echo no; echo $TOKEN' | tr '*' '+'").unwrap();
    shell.exp_string("\nno\r\n++++").unwrap();
    shell.send_line("echo x | vault exec --mask -- sh -c 'test -t 0 || cat; test -t 1 && echo $TOKEN'").unwrap();
    shell.exp_string("\nx\r\n****").unwrap();
    leave(shell);
}

#[test]
fn j2_ctrl_c_comes_once_and_the_terminal_is_given_back() {
    let sandbox = sandbox();
    let Some(mut shell) = shell(&sandbox) else { return };
    shell.send_line("stty -g >before; vault exec --mask -- sh -c 'trap \"echo int\" INT; echo up; sleep 60; sleep 0.3; echo end'; echo code $?; stty -g | cmp before - && echo same").unwrap();
    shell.exp_string("\nup").unwrap();
    shell.send_control('c').unwrap();
    assert_eq!(shell.exp_string("end").unwrap().matches("int").count(), 1);
    shell.exp_string("code 0").unwrap();
    shell.exp_string("same").unwrap();
    shell.send_line("vault exec --mask -- sh -c 'echo up; exec sleep 60'; echo code $?").unwrap();
    shell.exp_string("\nup").unwrap();
    shell.send_control('c').unwrap();
    shell.exp_string("code 130").unwrap();
    leave(shell);
}

#[test]
fn j2_ctrl_z_stops_the_command_and_the_shell_goes_on_with_it() {
    let sandbox = sandbox();
    let Some(mut shell) = shell(&sandbox) else { return };
    shell.send_line("stty -g >before; vault exec --mask -- sh -c 'echo up; sleep 60; echo cut'").unwrap();
    shell.exp_string("\nup").unwrap();
    shell.send_control('z').unwrap();
    shell.exp_string("Stopped").unwrap();
    shell.send_line("stty -g | cmp before - && echo same").unwrap();
    shell.exp_string("same\r\n").unwrap();
    shell.send_line("fg; echo code $?").unwrap();
    shell.exp_string("vault exec").unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    shell.send_control('c').unwrap();
    shell.exp_string("code 130").unwrap();
    // In the background it leaves the terminal alone.
    shell
        .send_line("vault exec --mask -- sh -c 'sleep 0.5; echo $TOKEN' & wait; stty -g | cmp before - && echo same")
        .unwrap();
    shell.exp_string("****").unwrap();
    shell.exp_string("same\r\n").unwrap();
    leave(shell);
}

#[test]
fn j2_a_new_size_reaches_a_masked_command() {
    let sandbox = sandbox();
    let Some(mut shell) = shell(&sandbox) else { return };
    let script = "trap 'stty size; exit' WINCH; echo up; while :; do sleep 0.05; done";
    // The resizing program is a child of the shell, so the terminal is the one outside.
    shell
        .send_line(&format!(
            "(sleep 0.7; stty rows 20 cols 50 <$(tty)) & vault exec --mask -- bash -c \"{script}\"; echo done"
        ))
        .unwrap();
    shell.exp_string("20 50").unwrap();
    shell.exp_string("done").unwrap();
    leave(shell);
}
