//! Why the crate rpassword doesn't read hidden answers. Each test shows a promise of this module that rpassword 7.5
//! doesn't keep. If one fails after an update, look at rpassword again.

use super::*;
use rpassword::{ConfigBuilder, read_password_with_config};

/// Returns what rpassword reads from these keys, if something else handles the terminal and its signals.
fn taken(keys: &[u8]) -> String {
    read_password_with_config(ConfigBuilder::new().input_data(keys).output_discard().build()).unwrap()
}

#[test]
fn rpassword_leaves_the_terminal_without_echo_when_a_signal_ends_the_program() {
    for question in ["rpassword", "hidden"] {
        let mut session = asked(question, "Passphrase: ");
        wait_until("echo is off", || !has_echo(&session));
        session.process_mut().signal(Signal::SIGTERM).unwrap();
        assert!(matches!(ended(&session), WaitStatus::Signaled(..)));
        assert_eq!(has_echo(&session), question == "hidden", "{question}");
    }
}

#[test]
fn rpassword_cannot_be_stopped_with_ctrl_z() {
    let mut session = shell("rpassword", "set -m; $PROGRAM; echo ended=$?");
    session.exp_string("Passphrase: ").unwrap();
    wait_until("echo is off", || !has_echo(&session));
    // Here, `hidden` gives the terminal back to the shell.
    enter(&mut session, "half\u{1a}\n");
    session.exp_string("answer=<4> half").unwrap();
    session.exp_string("ended=0").unwrap();
}

#[test]
fn rpassword_leaves_a_second_line_for_the_shell_to_run() {
    let mut session = shell("rpassword", "$PROGRAM; read line; echo got=$line");
    session.exp_string("Passphrase: ").unwrap();
    wait_until("echo is off", || !has_echo(&session));
    enter(&mut session, "orbit\nvelvet\n");
    session.exp_string("answer=<5> orbit").unwrap();
    session.exp_string("got=velvet").unwrap();
}

#[test]
fn rpassword_silently_drops_typed_characters() {
    // A value may contain a tab. A passphrase with a key that isn't an editing key is refused instead of shortened.
    assert_eq!(taken(b"a\tb\n"), "ab");
    assert_eq!(taken(b"orbit\x1b[Avelvet\n"), "orbitvelvet");
}

#[test]
fn rpassword_reads_without_a_limit() {
    let answer = taken(&[vec![b'x'; 20_000], vec![b'\n']].concat());
    // So its memory grows while somebody types, and the old memory is freed without being wiped.
    assert_eq!(answer.len(), 20_000);
}
