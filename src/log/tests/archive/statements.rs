//! Segments may be missing only if a statement by the user says that they were archived.

use super::*;

#[test]
fn k2_segments_missing_without_a_statement_are_a_problem() {
    let log = Log::with_days(&DAYS);
    log.remove([1]);
    assert_eq!(log.problem(), "segment 1 is missing, and no signed record says that it was archived");
    log.append(Action::Get);
    assert!(log.problem().starts_with("segment 1 is missing"));
    // One more segment is missing than was archived.
    let log = Log::with_days(&DAYS);
    log.archive("2026-01-03T00:00:00Z", "archive");
    log.remove([4]);
    assert!(log.problem().starts_with("segments 1 to 4 are missing, and no signed record says"));
    // A log with a problem can't be archived, because that would hide the problem.
    let reading = log.read();
    let refused =
        log.signing(|signer| log.writer().seal_archive(&reading, (Time::now(), MAX_ARCHIVE), signer, &log.keys));
    assert_eq!(refused.unwrap_err().kind(), Kind::Integrity);
}

#[test]
fn k2_the_key_file_is_not_enough_for_a_statement() {
    let strangers = PrivateKeys::generate().unwrap();
    let log = Log::with_days(&DAYS);
    log.forge_statement(log.end_of(3), &strangers);
    assert_eq!(log.problem(), "its record of what was archived is not signed by the user");
    log.remove([1, 2, 3]);
    assert!(log.read().problem.is_some());
    // The user's statement about fewer segments, put into another entry, doesn't cover more.
    let log = Log::with_days(&DAYS);
    log.archive("2026-01-03T00:00:00Z", "archive");
    let last = log.lines().pop().unwrap().entry;
    for change in [|_: &mut Statement| (), |statement: &mut Statement| statement.end.segment += 1] {
        let mut entry = last.clone();
        change(entry.archive.as_mut().unwrap());
        log.writer().append_unsigned(entry).unwrap();
    }
    assert_eq!(log.problem(), "its record of what was archived is not signed by the user");
    log.remove([4]);
    assert!(log.read().problem.is_some());
}

#[test]
fn k2_replaced_keys_cannot_make_a_statement() {
    let mut log = Log::with_days(&DAYS);
    let end = log.end_of(3);
    let old = log.signing(|signer| Statement::sign(end, Hash::ZERO, signer.user, signer.roster, &log.keys));
    log.replace_keys();
    log.append(Action::Get);
    let mut entry = Entry::new(Action::LogArchive);
    entry.archive = Some(Box::new(old));
    log.writer().append_unsigned(entry).unwrap();
    assert_eq!(log.problem(), "its record of what was archived is not signed by the user");
}

#[test]
fn archives_from_before_the_keys_were_replaced_stay_valid() {
    let mut log = Log::with_days(&DAYS);
    log.archive("2026-01-03T00:00:00Z", "archive");
    log.replace_keys();
    log.append(Action::Get);
    let reading = log.read();
    assert_eq!((reading.problem, reading.archived.unwrap().last), (None, 4));
}
