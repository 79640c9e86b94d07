//! Entries and key files that a crash or a power cut left unfinished.

use super::*;
use crate::log::{directory, key};

#[test]
fn a4_any_part_of_an_unfinished_entry_verifies_and_the_next_entry_removes_and_notes_it() {
    let log = Log::new();
    let key = key::path(&directory::path(log.state.path(), &log.user));
    let (whole, older) = (std::fs::read(log.path(1)).unwrap(), std::fs::read(&key).unwrap());
    log.append(Action::Get);
    let longer = std::fs::read(log.path(1)).unwrap();
    for length in whole.len() + 1..longer.len() {
        std::fs::write(&key, &older).unwrap();
        std::fs::write(log.path(1), &longer[..length]).unwrap();
        let left = length - whole.len();
        let reading = log.read();
        assert_eq!((reading.problem, reading.unfinished), (None, Some(left as u64)));
        log.append(Action::Get);
        let reading = log.read();
        assert_eq!((&reading.problem, reading.unfinished), (&None, None));
        let note = format!("removed {left} bytes of an unfinished entry");
        assert_eq!(lines(&reading).last().unwrap().entry.note.as_deref(), Some(note.as_str()));
    }
    // Before the position in the key file, an unfinished entry is a problem.
    std::fs::write(&key, &older).unwrap();
    std::fs::write(log.path(1), &whole[..whole.len() - 1]).unwrap();
    assert_eq!(log.problem(), "it is unfinished");
}

#[test]
fn a4_an_unfinished_entry_does_not_matter_if_nothing_is_logged() {
    let log = Log::new();
    let mut bytes = std::fs::read(log.path(1)).unwrap();
    bytes.extend([0, 0, 1, 0, 7]);
    std::fs::write(log.path(1), &bytes).unwrap();
    log.signing(|signer| log.writer().append(Vec::new(), signer)).unwrap();
    assert_eq!(std::fs::read(log.path(1)).unwrap(), bytes);
}

#[test]
fn a4_however_far_the_key_file_was_overwritten_the_log_continues() {
    let log = Log::new();
    let path = key::path(&directory::path(log.state.path(), &log.user));
    let older = std::fs::read(&path).unwrap();
    log.append(Action::Get);
    let newer = std::fs::read(&path).unwrap();
    let segment = std::fs::read(log.path(1)).unwrap();
    for written in 0..=newer.len() {
        std::fs::write(&path, [&newer[..written], &older[written..]].concat()).unwrap();
        std::fs::write(log.path(1), &segment).unwrap();
        assert_eq!(log.read().problem, None, "{written}");
        log.append(Action::Get);
        let reading = log.read();
        assert_eq!((reading.problem, reading.entries), (None, 4), "{written}");
        assert!(!log.path(2).exists());
    }
    // If no copy of the record is intact, the log says what can't be known.
    std::fs::write(&path, "damaged").unwrap();
    assert!(log.problem().ends_with("entries after entry 4 may be missing unnoticed"));
}
