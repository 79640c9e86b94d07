//! When a segment is started, who can sign it, and which ones are read.

use super::*;

#[test]
fn replaced_keys_cannot_sign_a_segment_after_their_successors() {
    let mut log = Log::new();
    let (old, before) = log.replace_keys();
    log.append(Action::Get);
    assert!(log.path(2).exists() && log.read().problem.is_none());
    log.forge(&log.keys, |_| ());
    assert!(log.read().problem.is_none());
    std::fs::remove_file(log.path(3)).unwrap();
    log.forge(&old, |header| header.roster = before.head().version);
    assert!(log.problem().contains("is signed under an older roster than the one before"));
}

#[test]
fn an_older_checkout_continues_the_segment_of_the_newer_roster() {
    let mut log = Log::new();
    let older = log.replace_keys();
    log.append(Action::Get);
    let newer = (std::mem::replace(&mut log.keys, older.0), std::mem::replace(&mut log.roster, older.1));
    log.append(Action::Get);
    (log.keys, log.roster) = newer;
    let reading = log.read();
    assert!(reading.problem.is_none() && !log.path(3).exists(), "{reading:?}");
    assert_eq!((reading.segments, lines(&reading).len()), (2, 4));
}

#[test]
fn a_full_segment_is_followed_by_a_new_one_if_the_user_can_sign_it() {
    let log = Log::new();
    let full = std::fs::metadata(log.path(1)).unwrap().len();
    let mut writer = log.writer();
    writer.full = full;
    writer.append_unsigned(Entry::new(Action::Get)).unwrap();
    assert!(!log.path(2).exists());
    log.signing(|signer| writer.append(vec![Entry::new(Action::Get)], signer)).unwrap();
    assert!(log.path(2).exists());
    let reading = log.read();
    assert!(reading.problem.is_none(), "{reading:?}");
    assert_eq!((reading.segments, lines(&reading).len()), (2, 4));
}

#[test]
fn only_the_segments_with_the_last_entries_are_read() {
    let log = Log::new();
    let mut writer = log.writer();
    writer.full = 0;
    for _ in 0..5 {
        log.signing(|signer| writer.append(vec![Entry::new(Action::Get)], signer)).unwrap();
    }
    for (count, segments, first) in [(1, 1, 7), (3, 3, 5), (6, 6, 2), (7, 6, 1), (100, 6, 1)] {
        let reading = log.read_extent(Extent::Last(count));
        assert!(reading.problem.is_none(), "{reading:?}");
        assert_eq!((reading.segments, lines(&reading).len()), (segments, count.min(7)));
        assert_eq!((lines(&reading)[0].number, reading.last), (first, 7));
    }
    let checked = log.read_extent(Extent::Checked);
    assert_eq!((checked.entries, lines(&checked).len(), checked.segments), (7, 0, 6));
    // Segments that aren't needed are not read.
    std::fs::write(log.path(2), "damaged").unwrap();
    assert!(log.read_extent(Extent::Last(2)).problem.is_none());
    assert!(log.read_extent(Extent::Checked).problem.is_some());
}

#[test]
fn the_last_entries_of_a_long_segment_are_read_again_from_a_nearby_position() {
    let log = Log::new();
    let entry = |number: u32| {
        let named = if number.is_multiple_of(100) { 40 } else { 1 };
        Entry::new(Action::Get).items((0..named).map(|item| format!("ITEM_{item}"))).note(number.to_string())
    };
    log.signing(|signer| log.writer().append((0..1000).map(entry).collect(), signer)).unwrap();
    let shown = |extent| {
        let summary = |line: &Line| (line.number, line.hash, line.entry.note.clone(), line.items().len());
        lines(&log.read_extent(extent)).iter().map(summary).collect::<Vec<_>>()
    };
    let all = shown(Extent::Whole);
    assert_eq!((all.len(), all[2].3, all[902].3), (1002, 40, 40));
    for count in [0, 1, 102, 255, 256, 257, 600, 1001, 1002, 5000] {
        assert_eq!(shown(Extent::Last(count)), all[1002_usize.saturating_sub(count)..], "{count}");
    }
    let read = log.read_extent(Extent::Last(1));
    assert!(read.stretches[0].count() <= 512, "{read:?}");
}

#[test]
fn an_entry_that_could_not_be_read_again_is_not_written() {
    let log = Log::new();
    let count = lines(&log.read()).len();
    let large = Entry::new(Action::Get).items(["x".repeat(crate::log::segment::MAX_FRAME)]);
    let refused = log.signing(|signer| log.writer().append(vec![large], signer)).unwrap_err();
    assert_eq!(refused.to_string(), "the log entry is too large");
    log.append(Action::Get);
    let reading = log.read();
    assert!(reading.problem.is_none(), "{reading:?}");
    assert_eq!(lines(&reading).len(), count + 1);
}
