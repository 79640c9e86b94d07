//! Tests of signals that arrive during a question.

use super::*;

#[test]
fn g5_signals_end_the_program_after_the_terminal_was_restored() {
    for (signal, number) in [(Signal::SIGINT, 2), (Signal::SIGTERM, 15), (Signal::SIGHUP, 1), (Signal::SIGQUIT, 3)] {
        let mut session = asked("hidden", "Passphrase: ");
        enter(&mut session, "half a passphr");
        session.process_mut().signal(signal).unwrap();
        match ended(&session) {
            WaitStatus::Signaled(_, ended_by, _) => assert_eq!(ended_by as i32, number),
            other => panic!("{signal}: {other:?}"),
        }
        assert!(has_echo(&session), "{signal}");
    }
}

#[test]
fn g5_ctrl_c_and_ctrl_backslash_give_the_shell_the_right_status() {
    for (key, status) in [("\u{3}", 130), ("\u{1c}", 131)] {
        let mut session =
            shell("hidden", "ulimit -c 0; trap : INT QUIT; $PROGRAM; echo status=$?; read line; echo got=$line");
        session.exp_string("Passphrase: ").unwrap();
        enter(&mut session, format!("half a passphr{key}"));
        session.exp_string(&format!("status={status}")).unwrap();
        assert!(has_echo(&session));
        enter(&mut session, "ls\n");
        session.exp_string("got=ls").unwrap();
    }
}

#[test]
fn g5_a_signal_leaves_no_half_typed_line_to_the_shell() {
    let mut session = shell("hidden", "trap : TERM; $PROGRAM; echo status=$?; read line; echo got=$line");
    session.exp_string("Passphrase: ").unwrap();
    enter(&mut session, "half a passphr");
    std::thread::sleep(Duration::from_millis(100));
    rustix::process::kill_process(foreground_child(&session), rustix::process::Signal::TERM).unwrap();
    session.exp_string("status=143").unwrap();
    enter(&mut session, "ls\n");
    session.exp_string("got=ls").unwrap();
}

#[test]
fn g5_a_stopped_prompt_restores_the_terminal_and_asks_again() {
    let mut session = shell("hidden", "set -m; $PROGRAM; echo stopped=$?; read go; fg >/dev/null; echo ended=$?");
    session.exp_string("Passphrase: ").unwrap();
    enter(&mut session, "half a passphr\u{1a}");
    let (_, status) = session.exp_regex("stopped=1[0-9]+").unwrap();
    assert!(["stopped=147", "stopped=148"].contains(&status.as_str()), "{status}");
    wait_until("echo is back", || has_echo(&session));
    enter(&mut session, "\n");
    let shown = session.exp_string("Passphrase: ").unwrap();
    assert!(!shown.contains("Passphrase"), "the question must be repeated only once: {shown}");
    assert!(!has_echo(&session));
    enter(&mut session, "orbit\n");
    session.exp_string("answer=<5> orbit").unwrap();
    session.exp_string("ended=0").unwrap();
}

#[test]
fn g5_after_sigstop_the_question_is_asked_again_without_echo() {
    let mut session =
        shell("hidden", "set -m; $PROGRAM; stty echo; echo stopped=$?; read go; fg >/dev/null; echo ended=$?");
    session.exp_string("Passphrase: ").unwrap();
    rustix::process::kill_process(foreground_child(&session), rustix::process::Signal::STOP).unwrap();
    session.exp_string("stopped=").unwrap();
    enter(&mut session, "\n");
    session.exp_string("Passphrase: ").unwrap();
    assert!(!has_echo(&session));
    enter(&mut session, "orbit\n");
    session.exp_string("answer=<5> orbit").unwrap();
    assert!(has_echo(&session), "echo must be as before the first question");
}

#[test]
fn in_the_background_a_prompt_stops_until_it_is_in_the_foreground() {
    let mut session = shell("hidden", "set -m; $PROGRAM & sleep 0.3; jobs; fg >/dev/null; echo ended=$?");
    session.exp_string("Stopped").unwrap();
    session.exp_string("Passphrase: ").unwrap();
    enter(&mut session, "orbit\n");
    let shown = session.exp_string("answer=<5> orbit").unwrap();
    assert!(!shown.contains("Passphrase"), "the question must be asked once: {shown}");
    assert!(has_echo(&session));
}

#[test]
fn ctrl_z_is_ignored_if_nothing_could_continue_the_program() {
    let mut session = asked("hidden", "Passphrase: ");
    enter(&mut session, "\u{1a}");
    std::thread::sleep(Duration::from_millis(100));
    assert!(!has_echo(&session));
    enter(&mut session, "orbit\n");
    session.exp_string("answer=<5> orbit").unwrap();
}

#[test]
fn ignored_signals_stay_ignored() {
    let mut session = shell("hidden", "trap '' INT TERM; exec $PROGRAM");
    session.exp_string("Passphrase: ").unwrap();
    session.process_mut().signal(Signal::SIGINT).unwrap();
    session.process_mut().signal(Signal::SIGTERM).unwrap();
    enter(&mut session, "orbit\n");
    session.exp_string("answer=<5> orbit").unwrap();
}

#[test]
fn after_the_answer_signals_have_their_default_action() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let mut session = asked("idle", "Passphrase: ");
        enter(&mut session, "orbit\n");
        session.exp_string("idle").unwrap();
        session.process_mut().signal(signal).unwrap();
        assert!(matches!(ended(&session), WaitStatus::Signaled(_, by, _) if by == signal), "{signal}");
    }
}

#[test]
fn a_supervisor_may_handle_the_signals_itself_after_a_prompt() {
    let mut session = asked("supervisor", "Passphrase: ");
    enter(&mut session, "orbit\n");
    session.exp_string("supervising").unwrap();
    session.process_mut().signal(Signal::SIGINT).unwrap();
    session.exp_string("survived").unwrap();
}
