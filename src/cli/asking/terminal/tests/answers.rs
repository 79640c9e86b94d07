//! Which keys make which answer.

use super::*;

#[test]
fn editing_keys_work_on_whole_characters() {
    assert_eq!(report("hidden", "Passphrase: ", "aé\u{7f}b\n").1, "answer=<2> ab");
    assert_eq!(report("hidden", "Passphrase: ", "wrong\u{15}right\n").1, "answer=<5> right");
    assert_eq!(report("hidden", "Passphrase: ", "one two\u{17}three\n").1, "answer=<9> one three");
    assert_eq!(report("hidden", "Passphrase: ", "e\u{301}\n").1, r"answer=<3> e\u{301}");
    assert_eq!(report("hidden", "Passphrase: ", "carriage\r").1, "answer=<8> carriage");
}

#[test]
fn enter_alone_is_an_empty_answer_and_ctrl_d_is_no_answer() {
    assert_eq!(report("hidden", "Passphrase: ", "\n").1, "answer=<0>");
    let (shown, cancelled) = report("hidden", "Passphrase: ", "\u{4}");
    assert_eq!(shown, "\r\n");
    assert!(cancelled.starts_with("error=<no passphrase was given>") && cancelled.ends_with("exit 4"), "{cancelled}");
    assert_eq!(report("value", "Value: ", "\u{4}").1, "error=<no value was given> hint=<> exit 1");
}

#[test]
fn only_y_and_yes_mean_yes() {
    for (keys, yes) in
        [("y\n", true), ("YES\n", true), ("\n", false), ("n\n", false), ("yy\n", false), ("\u{4}", false)]
    {
        let (_, answer) = report("confirm", "Sure? [y/N] ", keys);
        assert_eq!(answer.ends_with("true"), yes, "{keys:?}: {answer}");
    }
}

#[test]
fn g2_invalid_passphrases_are_refused_with_the_reason() {
    let refused = |keys: &[u8]| report("hidden", "Passphrase: ", keys).1;
    assert!(refused(&[b"x".repeat(1_025), b"\n".to_vec()].concat()).contains("longer than 1024 bytes"));
    assert!(refused(&[b"x".repeat(20_000), b"\n".to_vec()].concat()).contains("longer than 1024 bytes"));
    assert!(refused(&[b"x".repeat(1_024), b"\n".to_vec()].concat()).starts_with("answer=<1024>"));
    assert!(refused(b"caf\xe9\n").contains("not UTF-8"));
    assert!(refused(b"orbit\nvelvet").contains("more than one line"));
    assert!(refused(b"orbit\nvelvet\n").contains("more than one line"));
    assert!(refused(b"orbit\r\n").starts_with("answer=<5>"));
}

#[test]
fn g2_a_control_character_can_be_corrected_in_two_more_tries() {
    let arrow_typed = |times: usize| {
        let mut session = asked("hidden", "Passphrase: ");
        for _ in 0..times {
            enter(&mut session, b"orbit\x1b[A\n");
            session.exp_string("control character, such as an arrow key; try again.").unwrap();
            session.exp_string("Passphrase: ").unwrap();
        }
        session
    };
    let mut session = arrow_typed(2);
    enter(&mut session, "orbit\n");
    session.exp_string("answer=<5> orbit").unwrap();
    let mut session = arrow_typed(2);
    enter(&mut session, b"orbit\x1b[A\n");
    session.exp_string("Ctrl-U clears the line> exit 4").unwrap();
}

#[test]
fn a_value_may_be_as_long_as_a_line_and_contain_any_text() {
    let longest = prompt::LONGEST_LINE;
    let line = |length: usize| [b"x".repeat(length), b"\n".to_vec()].concat();
    assert!(report("value", "Value: ", line(longest)).1.starts_with(&format!("answer=<{longest}>")));
    assert!(report("value", "Value: ", line(longest + 1)).1.contains("longer than"));
    assert_eq!(report("value", "Value: ", "a\tb\n").1, r"answer=<3> a\tb");
}

#[test]
fn keys_typed_before_the_question_do_not_answer_it() {
    let mut session = shell("hidden", "read go; sleep 0.2; exec $PROGRAM");
    enter(&mut session, "\ntoo early\n");
    session.exp_string("Passphrase: ").unwrap();
    enter(&mut session, "in time\n");
    session.exp_string("answer=<7> in time").unwrap();
}

#[test]
fn two_questions_can_be_asked_in_a_row() {
    let mut session = asked("twice", "Passphrase: ");
    enter(&mut session, "one\n");
    session.exp_string("Again: ").unwrap();
    assert!(!has_echo(&session));
    enter(&mut session, "two\n");
    session.exp_string("answer=<7> one+two").unwrap();
    assert!(has_echo(&session));
}
