//! Tests of what an entry's note can be: some are errors of the program that uses the library.

use super::*;
use crate::redact::steers;

#[test]
fn a_note_is_one_line_that_ends_somewhere() {
    let log = Log::new();
    let long = "ä".repeat(1 << 20);
    for (note, logged) in [
        ("wrong passphrase", "wrong passphrase"),
        ("a\nb\u{1b}[2J\u{202e}c\u{2028}", "a?b?[2J?c?"),
        ("x AGE-SECRET-KEY-1QQPZRY9X8", "x AGE-SECRET-KEY-[redacted]"),
        (&long, &long[..4096]),
    ] {
        let entry = Entry::new(Action::Exec).outcome(Outcome::Failed).note(note);
        log.signing(|signer| log.writer().append(vec![entry], signer)).unwrap();
        let entry = log.lines().pop().unwrap().entry;
        assert_eq!(entry.note.as_deref(), Some(logged));
        assert!(!entry.note.unwrap().contains(steers));
    }
}
