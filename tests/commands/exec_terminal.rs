//! `exec --mask` and `--watch` on a terminal: keys, sizes, and a shell's job control.

use crate::harness::{Sandbox, has, program};
use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};
use std::process::Stdio;

const SECRET: &str = "hunter2-hunter2";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    sandbox.set("TOKEN", SECRET.as_bytes());
    sandbox
}

/// An interactive bash with the program under test in its PATH.
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

/// Types `exit` until the shell ends. Nothing else ends an interactive bash, and a masked command may take the input
/// first.
fn leave(mut shell: PtySession) {
    for _ in 0..200 {
        let has_ended = shell.process().status().is_some_and(|status| status != WaitStatus::StillAlive);
        if has_ended || shell.send_line("exit").is_err() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("the shell does not end");
}

#[test]
fn a_masked_command_has_a_terminal_of_the_same_size_and_typed_text_is_masked() {
    let sandbox = sandbox();
    let Some(mut shell) = shell(&sandbox) else { return };
    shell.send_line("stty rows 33 cols 77; vault exec --mask -- sh -c 'test -t 0 && test -t 1 && test -t 2 && stty size; read x; echo \"<$x>\"'").unwrap();
    shell.exp_string("33 77").unwrap();
    shell.send_line(SECRET).unwrap();
    shell.exp_string("<****>").unwrap();
    // Input that arrives before the command has ended goes to the command and is lost with it.
    shell.exp_string("ready> ").unwrap();
    // If the output of `exec` is a pipe, the command gets a pipe and no terminal.
    shell.send_line("vault exec --mask -- sh -c 'test -t 1 || echo no; echo $TOKEN' | tr '*' '+'").unwrap();
    shell.exp_string("\nno\r\n++++").unwrap();
    shell.exp_string("ready> ").unwrap();
    shell.send_line("echo x | vault exec --mask -- sh -c 'test -t 0 || cat; test -t 1 && echo $TOKEN'").unwrap();
    shell.exp_string("\nx\r\n****").unwrap();
    leave(shell);
}

#[test]
fn the_summary_is_printed_after_the_terminal_is_restored() {
    let sandbox = sandbox();
    let Some(mut shell) = shell(&sandbox) else { return };
    shell.send_line("vault exec --mask -- sh -c 'printf %s $TOKEN; stty raw'; echo code $?").unwrap();
    shell.exp_string("****\r\nmasked: TOKEN once\r\ncode 0\r\n").unwrap();
    shell.send_line("vault exec --mask -- sh -c 'echo $TOKEN; kill -TERM $$'; echo code $?").unwrap();
    let shown = shell.exp_string("code 143\r\n").unwrap();
    assert!(shown.contains("****\r\nmasked: TOKEN once\r\n"), "{shown:?}");
    shell.send_line("vault exec --mask -- sh -c 'echo $TOKEN; exec sleep 60'").unwrap();
    shell.exp_string("\n****\r\n").unwrap();
    shell.send_control('c').unwrap();
    shell.exp_string("masked: TOKEN once\r\n").unwrap();
    leave(shell);
}

#[test]
fn j2_ctrl_c_arrives_once_and_the_terminal_is_restored() {
    let sandbox = sandbox();
    let Some(mut shell) = shell(&sandbox) else { return };
    shell.send_line("stty -g >before; vault exec --mask -- sh -c 'trap \"echo int\" INT; echo up; sleep 60; sleep 0.3; echo end'; echo code $?; stty -g | cmp before - && echo same").unwrap();
    shell.exp_string("\nup").unwrap();
    shell.send_control('c').unwrap();
    assert_eq!(shell.exp_string("end").unwrap().matches("int").count(), 1);
    shell.exp_string("code 0").unwrap();
    shell.exp_string("same").unwrap();
    shell.send_line("vault exec --mask -- sh -c 'echo up; exec sleep 60'").unwrap();
    shell.exp_string("\nup").unwrap();
    shell.send_control('c').unwrap();
    shell.exp_string("ready> ").unwrap();
    shell.send_line("echo code $?").unwrap();
    shell.exp_string("code 130").unwrap();
    leave(shell);
}

#[test]
fn j2_ctrl_z_stops_the_command_and_the_shell_can_continue_it() {
    let sandbox = sandbox();
    let Some(mut shell) = shell(&sandbox) else { return };
    shell.send_line("stty -g >before; vault exec --mask -- sh -c 'echo up; sleep 60; echo cut'").unwrap();
    shell.exp_string("\nup").unwrap();
    shell.send_control('z').unwrap();
    shell.exp_string("Stopped").unwrap();
    shell.send_line("stty -g | cmp before - && echo same").unwrap();
    shell.exp_string("same\r\n").unwrap();
    shell.send_line("fg").unwrap();
    shell.exp_string("vault exec").unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    shell.send_control('c').unwrap();
    shell.exp_string("ready> ").unwrap();
    shell.send_line("echo code $?").unwrap();
    shell.exp_string("code 130").unwrap();
    // A background command doesn't change the terminal's settings.
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
    let script = "trap 'stty size; exit' WINCH; touch ready; while :; do sleep 0.05; done";
    // The resizing program is a child of the shell, so it resizes the outer terminal.
    let resize = "while [ ! -e ready ]; do sleep 0.05; done; stty rows 20 cols 50 <$(tty)";
    shell.send_line(&format!("({resize}) & vault exec --mask -- bash -c \"{script}\"; echo done")).unwrap();
    shell.exp_string("20 50").unwrap();
    shell.exp_string("done").unwrap();
    leave(shell);
}

#[test]
fn j2_a_command_that_stops_itself_stops_the_job_and_continues_with_it() {
    let sandbox = sandbox();
    let Some(mut shell) = shell(&sandbox) else { return };
    for option in ["--mask", "--watch"] {
        for signal in ["STOP", "TSTP"] {
            let script = format!("echo up; kill -{signal} $$; echo went on $?");
            shell.send_line(&format!("stty -g >before; vault exec {option} -- sh -c '{script}'")).unwrap();
            shell.exp_string("Stopped").unwrap();
            shell.send_line("stty -g | cmp before - && echo same; jobs").unwrap();
            shell.exp_string("same\r\n").unwrap();
            shell.exp_string("Stopped").unwrap();
            shell.send_line("fg; echo code $?").unwrap();
            shell.exp_string("\nwent on 0").unwrap();
            shell.exp_string("code 0").unwrap();
        }
    }
    // The same in the background.
    shell.send_line("vault exec --mask -- sh -c 'kill -STOP $$; echo went on' & sleep 1; jobs").unwrap();
    shell.exp_string("Stopped").unwrap();
    shell.send_line("fg").unwrap();
    shell.exp_string("\nwent on").unwrap();
    leave(shell);
}

#[test]
fn j2_a_background_command_that_reads_the_terminal_can_continue_in_the_foreground() {
    let sandbox = sandbox();
    let Some(mut shell) = shell(&sandbox) else { return };
    shell.send_line("vault exec --mask -- sh -c 'read line; echo \"<$line>\"' &").unwrap();
    // Wait as long as it takes on a busy machine.
    shell.send_line("while [ -z \"$(jobs -s)\" ]; do sleep 0.1; done; jobs").unwrap();
    shell.exp_string("Stopped").unwrap();
    shell.send_line("fg").unwrap();
    shell.exp_string("vault exec").unwrap();
    shell.send_line("typed").unwrap();
    shell.exp_string("<typed>").unwrap();
    // The same after Ctrl-Z and bg.
    shell.send_line("vault exec --mask -- sh -c 'echo up; read line; echo \"<$line>\"'").unwrap();
    shell.exp_string("\nup").unwrap();
    shell.send_control('z').unwrap();
    shell.exp_string("Stopped").unwrap();
    shell.send_line("bg").unwrap();
    shell.exp_string("vault exec").unwrap();
    shell.send_line("sleep 0.5; fg").unwrap();
    shell.exp_string("vault exec").unwrap();
    shell.send_line("again").unwrap();
    shell.exp_string("<again>").unwrap();
    leave(shell);
}

#[test]
fn j2_ctrl_c_ends_a_loop_and_a_script_around_the_command() {
    let sandbox = sandbox();
    let Some(mut shell) = shell(&sandbox) else { return };
    for option in ["--mask", "--watch"] {
        let command = format!("vault exec {option} -- sh -c 'echo up; exec sleep 60'");
        shell.send_line(&format!("for i in 1 2 3; do {command}; done; echo \"never\" seen")).unwrap();
        shell.exp_string("\nup").unwrap();
        shell.send_control('c').unwrap();
        assert!(!shell.exp_string("ready> ").unwrap().contains("up"), "{option}");
        sandbox.write("script", format!("{command}\necho not \"seen\"\n"));
        shell.send_line("bash ./script").unwrap();
        shell.exp_string("\nup").unwrap();
        shell.send_control('c').unwrap();
        assert!(!shell.exp_string("ready> ").unwrap().contains("not seen"), "{option}");
        shell.send_line("echo code $?").unwrap();
        shell.exp_string("code 130").unwrap();
    }
    leave(shell);
}

#[test]
fn a_shell_in_a_masked_terminal_has_its_own_job_control() {
    let sandbox = sandbox();
    let Some(mut shell) = shell(&sandbox) else { return };
    shell.send_line("vault exec --mask -- env PS1='in''ner> ' bash --norc -i").unwrap();
    shell.exp_string("inner> ").unwrap();
    shell.send_line("sh -c 'echo up; exec sleep 60'").unwrap();
    shell.exp_string("\nup").unwrap();
    shell.send_control('z').unwrap();
    shell.exp_string("Stopped").unwrap();
    shell.exp_string("inner> ").unwrap();
    shell.send_line("fg").unwrap();
    shell.exp_string("sh -c").unwrap();
    shell.send_control('c').unwrap();
    shell.exp_string("inner> ").unwrap();
    shell.send_line("suspend").unwrap();
    shell.exp_string("ready> ").unwrap();
    shell.send_line("fg").unwrap();
    shell.exp_string("inner> ").unwrap();
    shell.send_line("exit 5").unwrap();
    shell.exp_string("ready> ").unwrap();
    shell.send_line("echo code $?").unwrap();
    shell.exp_string("code 5").unwrap();
    leave(shell);
}

#[test]
fn j6_on_a_terminal_a_command_that_cannot_start_is_reported() {
    let sandbox = sandbox();
    let Some(mut shell) = shell(&sandbox) else { return };
    shell.send_line("vault exec --mask -- no-such-command; echo code $?").unwrap();
    shell.exp_string("command \"no-such-command\" not found").unwrap();
    shell.exp_string("code 127").unwrap();
    shell.send_line("vault exec --mask -- dev; echo code $?").unwrap();
    shell.exp_string("to choose an environment").unwrap();
    leave(shell);
}
