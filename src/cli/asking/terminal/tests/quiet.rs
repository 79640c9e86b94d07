//! Tests of input between two questions.

use super::*;

/// Returns the program at work after its first question, on a terminal that should stay quiet.
fn working() -> PtySession {
    let mut session = asked("quiet", "Passphrase: ");
    enter(&mut session, "first\n");
    session.exp_string("working").unwrap();
    wait_until("echo is off", || !has_echo(&session));
    session
}

#[test]
fn g5_between_questions_echo_is_off_and_typed_keys_are_dropped() {
    let mut session = working();
    enter(&mut session, "too early\n");
    session.process_mut().signal(Signal::SIGUSR1).unwrap();
    let mut shown = session.exp_string("Again: ").unwrap();
    assert!(!has_echo(&session));
    enter(&mut session, "second\n");
    shown += &session.exp_string("working").unwrap();
    wait_until("echo is off", || !has_echo(&session));
    enter(&mut session, "too late\n");
    session.process_mut().signal(Signal::SIGUSR1).unwrap();
    shown += &session.exp_string("answer=<12> first+second").unwrap();
    assert!(!shown.contains("too"), "{shown}");
    assert!(has_echo(&session), "the terminal must be restored");
}

#[test]
fn g5_a_signal_between_two_questions_restores_the_terminal() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let mut session = working();
        session.process_mut().signal(signal).unwrap();
        match ended(&session) {
            WaitStatus::Signaled(_, ended_by, _) => assert_eq!(ended_by as i32, signal as i32),
            other => panic!("{signal}: {other:?}"),
        }
        assert!(has_echo(&session), "{signal}");
    }
}

#[test]
fn g5_a_program_stopped_between_two_questions_restores_the_terminal_meanwhile() {
    let mut session = shell("quiet", "set -m; $PROGRAM; echo stopped=$?; read go; fg >/dev/null; echo ended=$?");
    session.exp_string("Passphrase: ").unwrap();
    enter(&mut session, "first\n");
    session.exp_string("working").unwrap();
    wait_until("echo is off", || !has_echo(&session));
    let program = foreground_child(&session);
    enter(&mut session, "\u{1a}");
    session.exp_string("stopped=").unwrap();
    wait_until("echo is back", || has_echo(&session));
    enter(&mut session, "\n");
    wait_until("echo is off again", || !has_echo(&session));
    for question in ["Again: ", "ended=0"] {
        rustix::process::kill_process(program, rustix::process::Signal::USR1).unwrap();
        session.exp_string(question).unwrap();
        if question == "Again: " {
            enter(&mut session, "second\n");
            session.exp_string("working").unwrap();
        }
    }
}
