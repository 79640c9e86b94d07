//! Tests of archiving segments, and of the statements that record it.

mod statements;

use super::{Log, lines};
use crate::error::Kind;
use crate::identity::PrivateKeys;
use crate::log::archive::ReadBack;
use crate::log::join::Joint;
use crate::log::statement::Statement;
use crate::log::{
    Action, Archive, Archived, Entry, Exported, Extent, Fit, Form, Logs, MAX_ARCHIVE, Reading, SegmentEnd, open_export,
};
use crate::signature::Hash;
use crate::time::Time;
use std::cell::Cell;
use std::path::PathBuf;

thread_local! {
    static NOW: Cell<&'static str> = const { Cell::new("") };
}

fn time(text: &str) -> Time {
    Time::parse(text).unwrap()
}

fn now() -> Time {
    time(NOW.get())
}

const DAYS: [&str; 5] = [
    "2026-01-01T12:00:00Z",
    "2026-01-02T12:00:00Z",
    "2026-01-03T12:00:00Z",
    "2026-01-04T12:00:00Z",
    "2026-01-05T12:00:00Z",
];

impl Log {
    /// Creates a log that has, after the first segment, one segment per day with one entry.
    fn with_days(days: &[&'static str]) -> Self {
        NOW.set(DAYS[0]);
        let log = Self::beginning(now);
        for day in days {
            NOW.set(day);
            let mut writer = log.writer().with_clock(now);
            writer.full = 0;
            log.signing(|signer| writer.append(vec![Entry::new(Action::Get)], signer)).unwrap();
        }
        log
    }

    fn seal(&self, before: &str) -> Option<Archive> {
        self.seal_at_most(before, MAX_ARCHIVE)
    }

    fn seal_at_most(&self, before: &str, most: u64) -> Option<Archive> {
        let reading = self.read_extent(Extent::Checked);
        let chosen = (time(before), most);
        self.signing(|signer| self.writer().seal_archive(&reading, chosen, signer, &self.keys)).unwrap()
    }

    fn move_into(&self, archive: &Archive, name: &str) -> PathBuf {
        let path = self.state.path().join(name);
        let open = |bytes: &[u8]| self.keys.decrypt(bytes);
        let back = ReadBack { open: &open, anchors: &[] };
        let entry = Entry::new(Action::LogArchive);
        let writer = self.writer().with_clock(now);
        self.signing(|signer| writer.move_into(&path, archive, entry, signer, &self.keys, &back)).unwrap();
        path
    }

    fn archive(&self, before: &str, name: &str) -> PathBuf {
        self.move_into(&self.seal(before).unwrap(), name)
    }

    fn export(&self, name: &str) -> PathBuf {
        let path = self.state.path().join(name);
        let entry = Entry::new(Action::LogExport);
        let sealed = self.signing(|signer| self.writer().export(entry, signer, &self.keys, Vec::new()));
        std::fs::write(&path, sealed.unwrap()).unwrap();
        path
    }

    fn open(&self, path: &PathBuf) -> Exported {
        let keys = |bytes: &[u8]| self.keys.decrypt(bytes);
        let text = std::fs::read_to_string(path).unwrap();
        open_export(&text, &self.roster, &keys, &[], Extent::Whole).unwrap()
    }

    fn remove(&self, segments: impl IntoIterator<Item = u32>) {
        segments.into_iter().for_each(|segment| std::fs::remove_file(self.path(segment)).unwrap());
    }

    fn end_of(&self, segment: u32) -> SegmentEnd {
        self.read().parts.iter().find(|part| part.segment == segment).unwrap().end.unwrap()
    }

    /// Appends a statement signed with these keys, for which the key file is enough.
    fn forge_statement(&self, end: SegmentEnd, keys: &PrivateKeys) {
        let mut entry = Entry::new(Action::LogArchive);
        let statement = self.signing(|signer| Statement::sign(end, Hash::ZERO, signer.user, signer.roster, keys));
        entry.archive = Some(Box::new(statement));
        self.writer().append_unsigned(entry).unwrap();
    }
}

fn numbers(reading: &Reading) -> Vec<u64> {
    lines(reading).iter().map(|line| line.number).collect()
}

#[test]
fn closed_segments_with_only_older_entries_are_chosen_starting_with_the_oldest() {
    let log = Log::with_days(&DAYS);
    for (before, last) in [
        ("2026-01-01T12:00:00Z", None),
        ("2026-01-01T12:00:01Z", Some(3)),
        ("2026-01-02T12:00:00Z", Some(3)),
        ("2026-01-04T00:00:00Z", Some(5)),
        // The current segment is never archived, whatever the date.
        ("2999-01-01T00:00:00Z", Some(6)),
    ] {
        assert_eq!(log.seal(before).map(|archive| archive.last()), last, "{before}");
    }
    // Entries that don't fit are counted, and one segment always fits.
    let fits = |most| log.seal_at_most("2026-01-04T00:00:00Z", most).map(|archive| (archive.last(), archive.left()));
    assert_eq!((fits(MAX_ARCHIVE), fits(1)), (Some((5, 0)), Some((2, 3))));
    // Nothing after a segment that is too new is archived, even if a clock was wrong.
    let log = Log::with_days(&[DAYS[3], DAYS[1], DAYS[4]]);
    assert_eq!(log.seal("2026-01-03T00:00:00Z").unwrap().last(), 2);
    assert!(Log::new().seal("2999-01-01T00:00:00Z").is_none());
}

#[test]
fn an_archive_has_the_moved_segments_and_both_log_and_archive_verify() {
    let log = Log::with_days(&DAYS);
    let hashes = |reading: &Reading| lines(reading).iter().map(|line| line.hash).collect::<Vec<_>>();
    let before = hashes(&log.read());
    let path = log.archive("2026-01-03T00:00:00Z", "first");
    let (archive, rest) = (log.open(&path), log.read());
    assert_eq!(
        (archive.form, &archive.reading.problem, numbers(&archive.reading)),
        (Form::Archive, &None, vec![1, 2, 3, 4])
    );
    assert_eq!((&rest.problem, numbers(&rest)), (&None, vec![5, 6, 7, 8]));
    assert_eq!(rest.archived.unwrap().last, 4);
    assert_eq!(archive.reading.joint(&rest), Joint::Joined);
    assert_eq!([hashes(&archive.reading), hashes(&rest)].concat()[..7], before[..]);
    let last = lines(&rest).last().unwrap().entry.clone();
    assert_eq!((last.action, last.note.as_deref()), (Action::LogArchive, Some("entries 1 to 4 in first")));
    // The log continues, is exported, and is archived again.
    log.append(Action::Get);
    let mut writer = log.writer();
    writer.full = 0;
    log.signing(|signer| writer.append(vec![Entry::new(Action::Get)], signer)).unwrap();
    assert_eq!((log.read().problem, lines(&log.read_extent(Extent::Last(2)))[0].number), (None, 9));
    let export = log.open(&log.export("export")).reading;
    assert_eq!((&export.problem, export.archived.unwrap().last), (&None, 4));
    assert_eq!(archive.reading.joint(&export), Joint::Joined);
    let second = log.open(&log.archive("2999-01-01T00:00:00Z", "second")).reading;
    let rest = log.read();
    assert_eq!((&second.problem, &rest.problem), (&None, &None));
    assert_eq!((archive.reading.joint(&second), second.joint(&rest)), (Joint::Joined, Joint::Joined));
    assert_eq!(archive.reading.joint(&rest), Joint::Gap(5, second.last));
    let first = &archive.reading;
    assert_eq!(Fit::between(&[]), Fit::Whole);
    assert_eq!(Fit::between(&[first, &second, &rest]), Fit::Whole);
    assert_eq!(Fit::between(&[first, &rest]), Fit::Gap(5, second.last));
    // A part that lies within what was reached does not end it.
    assert_eq!(Fit::between(&[&export, &second, &rest]), Fit::between(&[&export, &rest]));
}

#[test]
fn segments_left_by_a_crash_are_no_damage_and_are_removed_the_next_time() {
    let log = Log::with_days(&DAYS);
    let kept = [2, 3].map(|segment| (log.path(segment), std::fs::read(log.path(segment)).unwrap()));
    let first = log.open(&log.archive("2026-01-03T00:00:00Z", "first")).reading;
    kept.iter().for_each(|(path, bytes)| std::fs::write(path, bytes).unwrap());
    let rest = log.read();
    assert_eq!((&rest.problem, lines(&rest)[0].number), (&None, 3));
    let when = log.lines().pop().unwrap().entry.archive.unwrap().time;
    assert_eq!(rest.archived, Some(Archived { last: 2, time: Some(when) }));
    assert_eq!(first.joint(&rest), Joint::Joined);
    let second = log.open(&log.archive("2026-01-03T00:00:00Z", "second")).reading;
    assert_eq!((numbers(&second), first.joint(&second)), (vec![3, 4], Joint::Joined));
    assert_eq!((log.read().problem, log.lines()[0].number), (None, 5));
}

#[test]
fn an_archive_that_differs_from_what_was_written_moves_nothing() {
    let log = Log::with_days(&DAYS);
    let archive = log.seal("2026-01-03T00:00:00Z").unwrap();
    let path = log.state.path().join("there");
    std::fs::write(&path, "another file").unwrap();
    let open = |bytes: &[u8]| log.keys.decrypt(bytes);
    let nobody = |_: &[u8]| Ok(None);
    let anchors = [];
    let try_at = |path: PathBuf, back: &ReadBack<'_>| {
        let entry = Entry::new(Action::LogArchive);
        log.signing(|signer| log.writer().move_into(&path, &archive, entry, signer, &log.keys, back)).unwrap_err()
    };
    let error = try_at(path.clone(), &ReadBack { open: &open, anchors: &anchors });
    assert!(error.to_string().contains("already exists"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), b"another file");
    // A file that can't be decrypted again is not a valid archive.
    try_at(log.state.path().join("new"), &ReadBack { open: &nobody, anchors: &anchors });
    let reading = log.read();
    assert_eq!((reading.problem, log.lines().len(), reading.archived), (None, 7, None));
}

#[test]
fn an_older_checkout_archives_nothing() {
    let mut log = Log::with_days(&DAYS);
    let older = log.replace_keys();
    log.append(Action::Get);
    let reading = log.read();
    (log.keys, log.roster) = older;
    let refused =
        log.signing(|signer| log.writer().seal_archive(&reading, (Time::now(), MAX_ARCHIVE), signer, &log.keys));
    assert!(refused.unwrap_err().to_string().contains("newer vault file"));
}

#[test]
fn parts_of_two_logs_do_not_join() {
    let (one, other) = (Log::with_days(&DAYS), Log::with_days(&DAYS));
    let archive = one.open(&one.archive("2026-01-03T00:00:00Z", "archive")).reading;
    other.archive("2026-01-03T00:00:00Z", "archive");
    assert_eq!(archive.joint(&other.read()), Joint::Broken);
    assert_eq!(archive.joint(&one.read()), Joint::Joined);
    let (rest, others) = (one.read(), other.read());
    assert_eq!(Fit::between(&[&archive, &rest, &others]), Fit::Broken { earlier: 1, later: 2 });
}

#[test]
fn entries_are_counted_once_however_often_they_appear() {
    let log = Log::with_days(&DAYS);
    let mut logs = Logs::default();
    // Logs read before and after the first segments were moved. The entries are in the archive, too.
    let export = log.export("export");
    logs.add_exported(log.open(&log.archive("2026-01-03T00:00:00Z", "archive")));
    logs.add_exported(log.open(&export));
    logs.add(log.user.clone(), log.read());
    let all: Vec<u64> = logs.lines().map(|line| line.unwrap().number).collect();
    assert_eq!(all, (1..=9).collect::<Vec<_>>());
    assert_eq!(logs.iter().next().unwrap().gaps(), []);
}
