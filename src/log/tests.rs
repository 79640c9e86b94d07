//! Tests of the log: damage, forgery by somebody who holds keys, and reading parts of it.

mod archive;
mod lists;
mod measured;
mod notes;
mod segments;
mod torn;

use super::files;
use super::key::{EntryKey, Stored, load_key_file};
use super::segment::{Chain, Header, ReadHeader};
use super::{Action, Entry, Extent, Line, Outcome, Reading, Signer, Writer, open_export, read};
use crate::identity::PrivateKeys;
use crate::name::UserName;
use crate::roster::{Change, Draft, Roster};
use crate::time::Time;
use std::path::PathBuf;

/// Returns the requested entries.
fn lines(reading: &Reading) -> Vec<Line> {
    reading.lines().map(Result::unwrap).collect()
}

/// A user's log in a state directory of its own.
struct Log {
    state: tempfile::TempDir,
    user: UserName,
    keys: PrivateKeys,
    roster: Roster,
}

impl Log {
    /// Creates a log with two entries.
    fn new() -> Self {
        Self::beginning(Time::now)
    }

    /// Creates a log with two entries at the time of `clock`.
    fn beginning(clock: fn() -> Time) -> Self {
        let (user, keys) = (UserName::new("mia").unwrap(), PrivateKeys::generate().unwrap());
        let roster = Roster::create(user.clone(), None, Time::now(), &keys).unwrap();
        let log = Self { state: tempfile::tempdir().unwrap(), user, keys, roster };
        for action in [Action::Init, Action::Get] {
            let writer = log.writer().with_clock(clock);
            log.signing(|signer| writer.append(vec![Entry::new(action)], signer)).unwrap();
        }
        log
    }

    /// Calls `make` with a signer that has these keys.
    fn signing<T>(&self, make: impl FnOnce(&Signer<'_>) -> T) -> T {
        let (vault, recipient) = (self.roster.id(), self.keys.public().unwrap().recipient);
        let readers = vec![&recipient];
        make(&Signer { vault: &vault, user: &self.user, keys: &self.keys, readers, roster: &self.roster })
    }

    fn writer(&self) -> Writer {
        Writer::new(self.state.path(), &self.user, false)
    }

    fn append(&self, action: Action) {
        self.signing(|signer| self.writer().append(vec![Entry::new(action)], signer)).unwrap();
    }

    fn anchored(&self) -> (String, u64) {
        let entries = vec![Entry::new(Action::Set)];
        let (device, anchor) = self.signing(|signer| self.writer().append_anchored(entries, signer)).unwrap();
        (device, anchor.number)
    }

    fn read(&self) -> Reading {
        self.read_extent(Extent::Whole)
    }

    fn read_extent(&self, extent: Extent) -> Reading {
        let keys = |bytes: &[u8]| self.keys.decrypt(bytes);
        read(self.state.path(), &self.user, &self.roster, &keys, &[], extent, None).unwrap()
    }

    fn lines(&self) -> Vec<Line> {
        lines(&self.read())
    }

    /// Returns the first problem of the log.
    #[track_caller]
    fn problem(&self) -> String {
        self.read().problem.unwrap().what
    }

    /// Replaces the keys, like `passwd`, and returns the old ones.
    fn replace_keys(&mut self) -> (PrivateKeys, Roster) {
        let new = self.keys.renew().unwrap();
        let keys = self.roster.sign_new_keys(&self.user, &new).unwrap();
        let change = Change::ReplaceKeys { keys: keys.into() };
        let draft = Draft { author: self.user.clone(), time: Time::now(), change, pending: Vec::new() };
        let roster = self.roster.append(draft, &self.keys).unwrap();
        (std::mem::replace(&mut self.keys, new), std::mem::replace(&mut self.roster, roster))
    }

    fn path(&self, segment: u32) -> PathBuf {
        files::path(&super::directory::path(self.state.path(), &self.user), segment)
    }

    /// Writes a segment with one entry that follows the last one, after `change` has changed its header.
    fn forge(&self, keys: &PrivateKeys, change: impl FnOnce(&mut Header)) {
        let last = self.lines().pop().unwrap();
        let number = files::list(&super::directory::path(self.state.path(), &self.user)).unwrap().pop().unwrap();
        let before = files::read_head(&self.path(number)).unwrap().unwrap();
        let mut header = Header {
            segment: number + 1,
            previous: before.hash,
            last_number: last.number,
            last_hash: last.hash,
            ..before.header
        };
        change(&mut header);
        let first = EntryKey::new([7; 32]);
        let (last_number, last_hash) = (header.last_number, header.last_hash);
        let recipient = self.keys.public().unwrap().recipient;
        let (line, hash) = header.seal(&first, std::iter::once(&recipient), keys).unwrap();
        let mut chain =
            Chain { header: hash, number: last_number.min(u64::MAX / 2) + 1, previous: last_hash, key: first };
        let entry = chain.seal(&Entry::new(Action::Get)).unwrap();
        std::fs::write(self.path(number + 1), [line, entry].concat()).unwrap();
    }
}

#[test]
fn entries_that_were_archived_since_are_not_read_again() {
    let log = Log::new();
    let reading = log.read();
    std::fs::remove_file(log.path(1)).unwrap();
    let errors: Vec<_> = reading.lines().map(|line| line.unwrap_err().to_string()).collect();
    assert_eq!(errors, ["entries were archived while the log was read"]);
}

#[test]
fn no_log_is_read_while_an_entry_is_written() {
    let log = Log::new();
    let key = super::key::path(&super::directory::path(log.state.path(), &log.user));
    let appender = std::fs::File::open(&key).unwrap();
    appender.lock().unwrap();
    let mut bytes = std::fs::read(log.path(1)).unwrap();
    let whole = bytes.len() as u64;
    bytes.extend([0, 0, 1, 0, 7]);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| log.read());
        std::thread::sleep(std::time::Duration::from_millis(50));
        std::fs::write(log.path(1), &bytes).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert!(!reader.is_finished());
        std::fs::File::options().write(true).open(log.path(1)).unwrap().set_len(whole).unwrap();
        drop(appender);
        assert_eq!(reader.join().unwrap().unfinished, None);
    });
}

#[test]
fn an_entrys_time_is_the_time_of_writing() {
    let log = Log::new();
    let mut entry = Entry::new(Action::Get);
    entry.time = Time::parse("2001-01-01T00:00:00Z").unwrap();
    log.signing(|signer| log.writer().append(vec![entry], signer)).unwrap();
    assert_eq!(log.read().clock_steps, [0; 0]);
}

#[test]
fn k5_a_clock_set_back_is_reported_and_the_order_stays() {
    let log = Log::new();
    let long_ago = || Time::parse("2001-01-01T00:00:00Z").unwrap();
    let writer = log.writer().with_clock(long_ago);
    log.signing(|signer| writer.append(vec![Entry::new(Action::List)], signer)).unwrap();
    log.append(Action::Set);
    let reading = log.read();
    assert!(reading.problem.is_none(), "{reading:?}");
    assert_eq!(reading.clock_steps, [3]);
    let actions: Vec<_> = lines(&reading).iter().map(|line| line.entry.action).collect();
    assert_eq!(actions, [Action::Init, Action::Get, Action::List, Action::Set]);
}

#[test]
fn a_header_with_an_impossible_number_is_invalid() {
    for number in [u64::MAX, u64::MAX - 1, u64::MAX / 2] {
        let log = Log::new();
        log.forge(&log.keys, |header| header.last_number = number);
        assert!(log.problem().contains("no valid header"));
        std::fs::remove_file(super::directory::path(log.state.path(), &log.user).join("key")).unwrap();
        log.append(Action::Get);
        assert!(log.read().problem.is_some());
    }
}

#[test]
fn a_change_is_not_anchored_under_a_header_that_the_user_did_not_sign() {
    let log = Log::new();
    let (honest, _) = log.anchored();
    let bytes = std::fs::read(log.path(1)).unwrap();
    let (head, entries) = ReadHeader::split(&bytes).unwrap();
    // A header with another device, signed by somebody else. The key file points at it.
    let other = Header { device: "0".repeat(32), ..head.header };
    let recipient = log.keys.public().unwrap().recipient;
    let first = EntryKey::new([7; 32]);
    let (line, hash) = other.seal(&first, std::iter::once(&recipient), &PrivateKeys::generate().unwrap()).unwrap();
    let directory = super::directory::path(log.state.path(), &log.user);
    let Stored::Record(mut record) = load_key_file(&directory).unwrap() else { panic!("no key file") };
    record.header = hash;
    record.offset = (line.len() + entries.len()) as u64;
    std::fs::write(log.path(1), [&line, entries].concat()).unwrap();
    record.store(&std::fs::File::options().write(true).open(directory.join("key")).unwrap()).unwrap();
    assert_eq!(log.anchored(), (honest, 5));
    assert!(log.path(2).exists());
    assert!(log.problem().contains("is not signed by the user"));
}

#[test]
fn an_export_that_does_not_end_with_its_own_entry_was_cut() {
    let log = Log::new();
    let keys = |bytes: &[u8]| log.keys.decrypt(bytes);
    let open = |sealed: &str| open_export(sealed, &log.roster, &keys, &[], Extent::Whole).unwrap().reading;
    let export = |entry: Entry| {
        let sealed = log.signing(|signer| log.writer().export(entry, signer, &log.keys, Vec::new()));
        String::from_utf8(sealed.unwrap()).unwrap()
    };
    let honest = export(Entry::new(Action::LogExport));
    assert!(open(&honest).problem.is_none());
    for (action, outcome) in [(Action::Get, Outcome::Ok), (Action::LogExport, Outcome::Failed)] {
        let entry = Entry::new(action).outcome(outcome);
        let cut = export(entry);
        assert!(open(&cut).problem.unwrap().what.contains("ends with the entry of the export"));
    }
}
