//! What only whoever holds keys can forge.

use super::files;
use super::key::{EntryKey, Stored, load_key_file};
use super::segment::{Chain, Header, ReadHeader};
use super::{Action, Entry, Outcome, Reading, Signer, Writer, open_export, read};
use crate::identity::PrivateKeys;
use crate::name::UserName;
use crate::roster::{Change, Draft, Roster};
use crate::time::Time;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A user's log in a state directory of its own.
struct Log {
    state: tempfile::TempDir,
    user: UserName,
    keys: PrivateKeys,
    roster: Roster,
}

impl Log {
    /// With two entries.
    fn new() -> Self {
        let (user, keys) = (UserName::new("mia").unwrap(), PrivateKeys::generate().unwrap());
        let roster = Roster::create(user.clone(), None, Time::now(), &keys).unwrap();
        let log = Self { state: tempfile::tempdir().unwrap(), user, keys, roster };
        log.append(Action::Init);
        log.append(Action::Get);
        log
    }

    /// What `of` gives of a signer with these keys.
    fn signing<T>(&self, of: impl FnOnce(&Signer<'_>) -> T) -> T {
        let (vault, recipient) = (self.roster.id(), self.keys.public().unwrap().recipient);
        let readers = vec![&recipient];
        of(&Signer { vault: &vault, user: &self.user, keys: Some(&self.keys), readers, roster: &self.roster })
    }

    fn writer(&self) -> Writer {
        Writer::new(self.state.path(), &self.user, false)
    }

    fn append(&self, action: Action) {
        self.signing(|signer| self.writer().append(vec![Entry::new(action)], Some(signer))).unwrap();
    }

    fn anchored(&self) -> (String, u64) {
        let entries = vec![Entry::new(Action::Set)];
        let (device, anchor) = self.signing(|signer| self.writer().append_anchored(entries, signer)).unwrap();
        (device, anchor.number)
    }

    fn read(&self) -> Reading {
        read(self.state.path(), &self.user, &self.roster, &|bytes| self.keys.decrypt(bytes), &BTreeMap::new()).unwrap()
    }

    /// What is wrong with it.
    #[track_caller]
    fn problem(&self) -> String {
        self.read().problem.unwrap().what
    }

    /// New keys, as `passwd` gives them; gives the old ones back.
    fn replace_keys(&mut self) -> (PrivateKeys, Roster) {
        let new = self.keys.renew().unwrap();
        let keys = self.roster.sign_new_keys(&self.user, &new).unwrap();
        let change = Change::ReplaceKeys { keys: keys.into() };
        let draft = Draft { author: self.user.clone(), time: Time::now(), change, pending: Vec::new() };
        let roster = self.roster.append(draft, &self.keys).unwrap();
        (std::mem::replace(&mut self.keys, new), std::mem::replace(&mut self.roster, roster))
    }

    fn path(&self, segment: u32) -> PathBuf {
        files::path(&super::directory(self.state.path(), &self.user), segment)
    }

    /// Writes a segment of one entry that follows the last one, but for what `change` makes of its header.
    fn forge(&self, keys: &PrivateKeys, change: impl FnOnce(&mut Header)) {
        let last = self.read().lines.pop().unwrap();
        let number = files::list(&super::directory(self.state.path(), &self.user)).unwrap().pop().unwrap();
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
fn keys_that_were_replaced_sign_no_segment_after_their_successors() {
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
fn an_older_checkout_goes_on_in_the_segment_of_the_newer_roster() {
    let mut log = Log::new();
    let older = log.replace_keys();
    log.append(Action::Get);
    let newer = (std::mem::replace(&mut log.keys, older.0), std::mem::replace(&mut log.roster, older.1));
    log.append(Action::Get);
    (log.keys, log.roster) = newer;
    let reading = log.read();
    assert!(reading.problem.is_none() && !log.path(3).exists(), "{reading:?}");
    assert_eq!((reading.segments, reading.lines.len()), (2, 4));
}

#[test]
fn a_full_segment_is_followed_by_a_new_one_once_the_identity_is_at_hand() {
    let log = Log::new();
    let full = std::fs::metadata(log.path(1)).unwrap().len();
    let mut writer = log.writer();
    writer.full = full;
    let entries = || vec![Entry::new(Action::Get)];
    writer.append(entries(), None).unwrap();
    assert!(!log.path(2).exists());
    log.signing(|signer| writer.append(entries(), Some(signer))).unwrap();
    assert!(log.path(2).exists());
    let reading = log.read();
    assert!(reading.problem.is_none(), "{reading:?}");
    assert_eq!((reading.segments, reading.lines.len()), (2, 4));
}

#[test]
fn a_header_that_counts_beyond_all_numbers_is_none() {
    for number in [u64::MAX, u64::MAX - 1, u64::MAX / 2] {
        let log = Log::new();
        log.forge(&log.keys, |header| header.last_number = number);
        assert!(log.problem().contains("no valid header"));
        std::fs::remove_file(super::directory(log.state.path(), &log.user).join("key")).unwrap();
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
    // With another device, signed by somebody else; and the key file points at it.
    let other = Header { device: "0".repeat(32), ..head.header };
    let recipient = log.keys.public().unwrap().recipient;
    let first = EntryKey::new([7; 32]);
    let (line, hash) = other.seal(&first, std::iter::once(&recipient), &PrivateKeys::generate().unwrap()).unwrap();
    let directory = super::directory(log.state.path(), &log.user);
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
fn an_export_that_does_not_end_with_itself_was_cut() {
    let log = Log::new();
    let keys = |bytes: &[u8]| log.keys.decrypt(bytes);
    let open = |sealed: &str| open_export(sealed, &log.roster, &keys, &BTreeMap::new()).unwrap().reading;
    let honest = log.signing(|signer| log.writer().export(Entry::new(Action::LogExport), signer)).unwrap();
    assert!(open(&honest).problem.is_none());
    for (action, outcome) in [(Action::Get, Outcome::Ok), (Action::LogExport, Outcome::Failed)] {
        let entry = Entry::new(action).outcome(outcome);
        let cut = log.signing(|signer| log.writer().export(entry, signer)).unwrap();
        assert!(open(&cut).problem.unwrap().what.contains("ends with the entry of the export"));
    }
}

#[test]
fn every_action_is_known_by_its_word() {
    let refusal = serde_json::from_str::<Action>("\"nonsense\"").unwrap_err().to_string();
    let (_, expected) = refusal.split_once("expected one of ").unwrap();
    let words: Vec<_> = Action::ALL.into_iter().map(|action| format!("`{}`", action.word())).collect();
    assert!(expected.starts_with(&format!("{} ", words.join(", "))), "{expected}");
}

#[test]
fn an_action_goes_by_its_own_word_and_by_that_of_the_command_line() {
    for action in Action::ALL {
        assert_eq!(action.word().parse::<Action>().unwrap(), action);
    }
    for (word, action) in [("rm", Action::Remove), ("mv", Action::Move), ("cp", Action::Copy)] {
        assert_eq!(word.parse::<Action>().unwrap(), action);
    }
    assert!("accept".parse::<Action>().is_err());
}
