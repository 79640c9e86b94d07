//! `exec --mask` and `--watch`: the command as a child process that writes to pipes.

use crate::harness::{Run, Sandbox, finish, has, program};
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

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

/// Checks the command's exit code, and that vault prints no error.
fn ended(run: Run, code: i32) -> Run {
    assert_eq!(run.code, code, "{run:?}");
    run
}

#[test]
fn j8_secrets_are_masked_in_both_streams_in_every_encoding_and_the_rest_is_unchanged() {
    let sandbox = sandbox();
    let run =
        exec(&sandbox, &["--mask"], "echo $TOKEN $PIN $MODE; echo \"$KEY\" >&2; printf %s \"x$TOKEN\" | base64").ok();
    assert_eq!(run.stderr, "****\n\nmasked: TOKEN twice, KEY once\n");
    let text = run.text();
    let (line, base64) = text.split_once('\n').unwrap();
    assert_eq!(line, "**** 123 production", "short values and variables are visible, as documented");
    assert!(base64.contains("****") && base64.len() < 12, "{base64}");
    // Split over several writes, line by line, and with bytes that are not text.
    let script = "printf hunt; sleep 0.2; printf er2-hunter2; printf '\\377\\000 a: second line;'";
    assert_eq!(exec(&sandbox, &["--mask"], script).ok().stdout, b"****\xff\0 a: ****;");
}

#[test]
fn no_variable_decides_how_large_a_threads_stack_is() {
    let sandbox = sandbox();
    let mut command = sandbox.command(["exec", "--mask", "--", "sh", "-c", "echo $TOKEN"]);
    // The standard library would give a thread this many bytes.
    command.env("RUST_MIN_STACK", (usize::MAX / 16).to_string());
    assert_eq!(finish(command).ok().text(), "****\n");
}

#[test]
fn j8_a_long_value_is_masked_even_if_encoders_break_it_into_lines() {
    let sandbox = sandbox();
    let value: String = (0..136_u8).map(|i| char::from(b'A' + i % 57)).collect();
    sandbox.set("LONG", value.as_bytes());
    let script = "printf %s \"$LONG\" | base64; printf %s \"$KEY\" | tail -n 1 | base64";
    // The last characters stay, because they also encode the next bytes.
    let text = exec(&sandbox, &["--mask"], script).ok().text();
    let lines: Vec<_> = text.lines().collect();
    assert!(lines.len() == 2 && lines.iter().all(|line| line.starts_with("****") && line.len() < 9), "{text}");
}

#[test]
fn j8_values_in_files_on_standard_input_and_in_references_are_masked_too() {
    let sandbox = sandbox();
    let run = exec(&sandbox, &["--mask", "--file", "TOKEN", "--stdin", "KEY"], "cat; cat $TOKEN_FILE");
    assert_eq!(run.ok().text(), "****\n****");
    sandbox.write("app.env", "URL=postgres://u:vault://TOKEN@h\nOTHER=plain-text\n");
    let run = exec(&sandbox, &["--mask", "--only", "PIN", "--env-file", "app.env"], "echo \"$URL $OTHER\"");
    assert_eq!(run.ok().text(), "**** plain-text\n");
    sandbox.write("app.env", "URL=https://vault://KEY@example.com/vault://TOKEN?x\n");
    let script = "echo \"${URL#*com/}\"; echo \"$URL\" | cut -c 1-18";
    let run = exec(&sandbox, &["--mask", "--only", "PIN", "--env-file", "app.env"], script);
    assert_eq!(run.ok().text(), "****?x\n****\n", "only the item itself is masked, not the text around it");
}

#[test]
fn j7_the_supervising_process_has_no_key_in_its_environment() {
    let sandbox = sandbox();
    for option in ["--mask", "--watch"] {
        let parent = exec(&sandbox, &[option], "cat /proc/$PPID/environ || true").ok().text();
        assert!(!parent.contains("AGE-SECRET-KEY") && !parent.contains("VAULT_KEY"), "{option}");
        // No other user may read the supervisor's environment.
        assert_eq!(parent.contains("VAULT_STATE_DIR="), rustix::process::geteuid().is_root(), "{option}");
    }
    let key = format!("VAULT_KEY={}", sandbox.key());
    assert!(exec(&sandbox, &["--watch", "--pass-key"], "env").ok().text().contains(&key));
}

#[test]
fn j1_exit_codes_and_signals_are_the_commands_own_under_supervision() {
    let sandbox = sandbox();
    for option in ["--mask", "--watch"] {
        for code in [0, 1, 42, 125, 255] {
            assert_eq!(exec(&sandbox, &[option], &format!("exit {code}")).code, code);
        }
        for (name, signal) in [("INT", 2), ("QUIT", 3), ("KILL", 9), ("SEGV", 11), ("PIPE", 13), ("TERM", 15)] {
            let script = format!("kill -{name} $$");
            let status = sandbox.command(["exec", option, "--", "sh", "-c", &script]).status().unwrap();
            assert_eq!((status.signal(), status.core_dumped()), (Some(signal), false), "{option}, {name}");
        }
        sandbox.run(["exec", option, "--", "no-such-command"]).fails(127).says("not found");
        sandbox.write("plain", "echo x");
        sandbox.run(["exec", option, "--", "./plain"]).fails(126).says("can't be executed");
        // The command gets a signal that is sent to vault. Its parent is vault.
        let script = "trap 'echo got it; exit 5' TERM; kill -TERM $PPID; while :; do sleep 0.05; done";
        assert_eq!(ended(exec(&sandbox, &[option], script), 5).text(), "got it\n");
    }
}

#[test]
fn j4_a_supervised_command_gets_no_key_and_no_descriptor_of_vault() {
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
fn j3_a_closed_pipe_ends_the_command() {
    if !has("bash") {
        return;
    }
    let sandbox = sandbox();
    let script = format!("'{}' exec --mask -- yes | head -n 1; echo ${{PIPESTATUS[0]}}", program().display());
    assert_eq!(finish(sandbox.other("bash", ["-c", &script])).text(), "y\n141\n");
}

#[test]
fn output_of_a_child_that_outlives_the_command_is_masked_too() {
    let sandbox = sandbox();
    let run = exec(&sandbox, &["--mask"], "(sleep 1; echo late $TOKEN) & echo $TOKEN");
    assert_eq!(run.ok().text(), "****\nlate ****\n");
    // vault doesn't wait for a process that no longer prints.
    let start = Instant::now();
    ended(exec(&sandbox, &["--mask"], "sleep 60 >/dev/null 2>&1 & exit 3"), 3);
    assert!(start.elapsed() < Duration::from_secs(30));
}

#[test]
fn output_that_cannot_be_written_is_an_error_with_an_exit_code() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let sandbox = sandbox();
    let to_full = |script: &str| {
        let mut command = sandbox.command(["exec", "--mask", "--", "sh", "-c", script]);
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = command.stdout(full).stderr(Stdio::piped()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, printed) = to_full("echo $TOKEN; sleep 0.3; echo $TOKEN; echo on >&2");
    assert_eq!(code, Some(125));
    assert!(
        printed.starts_with("on\nmasked: TOKEN twice\nerror: cannot write the output: no space left on device"),
        "{printed}"
    );
    assert_eq!(to_full("echo $TOKEN; exit 3").0, Some(3));
    assert_eq!(to_full(":"), (Some(0), String::new()));
}

#[test]
fn a_changed_value_restarts_the_command_and_is_named() {
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
    assert_eq!(log.lines().count(), 3, "each start is in the log, and that TOKEN was compared: {log}");
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
    assert!(run.stderr.ends_with("\nmasked: TOKEN twice\n"), "the old value and the new one: {run:?}");
}

#[test]
fn j8_values_that_a_command_rereads_at_sighup_are_masked_like_the_old_ones() {
    let sandbox = sandbox();
    let vault = program().display();
    let script = format!(
        "trap \"'{vault}' get TOKEN; echo; '{vault}' get LATER; echo; echo $TOKEN; exit 3\" HUP; \
         printf later-value | '{vault}' set -q LATER; printf new-value | '{vault}' set -q TOKEN; \
         while :; do sleep 0.05; done"
    );
    // Two changes, which may be noticed together.
    let script = script.replace("exit 3", "[ -e once ] && exit 3; touch once; printf newer-value | vault set -q TOKEN");
    let script = script.replace("| vault", &format!("| '{vault}'"));
    let run = ended(exec(&sandbox, &["--watch=hup", "--mask", "--pass-key"], &script), 3);
    assert_eq!(run.text(), "****\n".repeat(6));
    assert!(run.stderr.ends_with("\nmasked: TOKEN 4 times, LATER twice\n"), "{run:?}");
}

#[test]
fn a_command_that_rereads_its_values_can_get_sighup_instead_of_a_restart() {
    let sandbox = sandbox();
    let vault = program().display();
    let script = format!(
        "trap 'echo $TOKEN; exit 3' HUP; printf new-value | '{vault}' set -q TOKEN; while :; do sleep 0.05; done"
    );
    let run = ended(exec(&sandbox, &["--watch=hup", "--pass-key"], &script), 3).says("Changed TOKEN; sh gets SIGHUP.");
    assert_eq!(run.text(), format!("{SECRET}\n"), "its environment must not change");
}

#[test]
fn if_the_vault_becomes_unreadable_the_command_keeps_running() {
    let sandbox = sandbox();
    let script = "cp secrets.vault kept; echo nonsense >secrets.vault; sleep 1; cp kept secrets.vault; exit 4";
    ended(exec(&sandbox, &["--watch"], script), 4).says("sh keeps running with the old values");
}

#[test]
fn supervision_works_in_a_container_whose_session_leader_is_outside() {
    let sandbox = sandbox();
    let container = ["--user", "--map-root-user", "--pid", "--fork"];
    if !has("unshare") || finish(sandbox.other("unshare", [&container[..], &["true"]].concat())).code != 0 {
        return;
    }
    let vault = program().to_str().unwrap();
    let command = [vault, "exec", "--mask", "--", "sh", "-c", "echo $TOKEN; exit 3"];
    let inside = || sandbox.other("unshare", container.iter().chain(&command));
    assert_eq!(ended(finish(inside()), 3).text(), "****\n");
    let mut on_terminal = inside();
    on_terminal.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    let mut terminal = rexpect::session::spawn_command(on_terminal, Some(30_000)).unwrap();
    assert_eq!(terminal.exp_eof().unwrap(), "****\r\nmasked: TOKEN once\r\n");
}
