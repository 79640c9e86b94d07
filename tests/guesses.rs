//! The library has no public way to confirm a guess of a value without a log entry. These tests use the library as a
//! front end does, and try.

mod limits;

use crate::forge::environment;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use vault::Result;
use vault::actions::edit::Draft;
use vault::actions::env_protect::protect;
use vault::actions::rotate::{Expiry, Rotation};
use vault::actions::scan::{Event, Ignore, Outcome, Sought, Texts};
use vault::actions::set::{Change, Set};
use vault::actions::{self, Expected, Selection, export, rm};
use vault::dangerous::AllowedOnce;
use vault::error::Reason;
use vault::format::export::Format;
use vault::identity::Key;
use vault::item::{Content, Description, MAX_VALUE, Metadata, Outline};
use vault::log::{Caller, Extent, GivenReason, ProgramName};
use vault::name::{ItemName, UserName};
use vault::passphrase::Strong;
use vault::roster::Protection;
use vault::secret::{SecretBytes, SecretString};
use vault::time::Time;
use vault::vault::WorkFactor;
use vault::vault::{
    Agreed, Creation, Credential, DraftId, KeySession, Keyring, Progress, Purpose, Session, Settings, Use, Vault,
    create,
};

fn token() -> ItemName {
    ItemName::new("TOKEN").unwrap()
}

fn value(text: &str) -> SecretBytes {
    SecretBytes::new(text.as_bytes().to_vec())
}

fn settings(directory: &Path) -> Settings {
    Settings::at(directory.join("state"))
}

/// Creates a vault whose environments dev and prod have the item TOKEN, with the value `hunter2`.
fn session(directory: &Path) -> KeySession {
    session_with(directory, None)
}

fn session_with(directory: &Path, passphrase: Option<&Strong>) -> KeySession {
    let settings = settings(directory);
    let (user, key) = (UserName::new("mia").unwrap(), Key::generate().unwrap());
    let content = |name: &str| {
        let mut content = Content::default();
        content.set(&token(), value("hunter2"), &Metadata::default(), &user, Time::now()).unwrap();
        (environment(name), content)
    };
    let creation = Creation {
        user: user.clone(),
        email: None,
        environments: ["dev", "prod"].map(content).into(),
        slots: Keyring { passphrase: passphrase.map(|text| (text, WorkFactor::LOWEST)), key: &key },
        allowed: AllowedOnce::default(),
        caller: Caller::default(),
    };
    create(&directory.join("secrets.vault"), creation, &settings, |_, _| Ok(())).unwrap()
}

/// The entries since the vault was created, such as `set dev failed`.
fn log(session: &Session) -> Vec<String> {
    let log = session.read_log_of(session.user(), Extent::Whole).unwrap();
    let line = |line: Result<vault::log::Line>| {
        let entry = line.unwrap().entry;
        format!("{} {} {}", entry.action.word(), entry.environment.as_deref().unwrap_or("-"), entry.outcome)
    };
    log.lines().map(line).filter(|line| !line.starts_with("init")).collect()
}

/// Sets TOKEN in an environment if it is as expected.
fn set_if(session: &mut Session, name: &str, text: &str, expected: Expected<'_>) -> Result<u32> {
    let (description, allowed) = (Description::default(), AllowedOnce::default());
    let set = Set { changes: Vec::new(), description: &description, allowed: &allowed, may_be_empty: false };
    let change = Change { place: (environment(name), token()), value: Some(value(text)) };
    set.save_if(session, &change, expected, |item| item.current().number())
}

#[test]
fn a_value_is_compared_by_setting_it_after_an_entry_and_in_a_protected_environment_by_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let mut session = session(directory.path());
    assert_eq!(set_if(&mut session, "dev", "hunter2", Expected::Anything).unwrap(), 1, "the value is the same");
    assert_eq!(log(&session), ["set dev ok"]);
    let other = Expected::Item { id: None, version: Some(2) };
    assert_eq!(set_if(&mut session, "dev", "hunter2", other).unwrap_err().reason(), Reason::Changed);
    assert_eq!(log(&session), ["set dev ok", "set dev failed"]);
    protect(&mut session, &environment("prod"), Protection::Yes).unwrap();
    assert_eq!(set_if(&mut session, "prod", "hunter2", Expected::Anything).unwrap_err().reason(), Reason::Protected);
    assert_eq!(log(&session)[2..], ["env-protect prod ok", "set prod denied"]);
}

#[test]
fn a_front_end_sees_what_was_stored_when_the_log_has_the_entry() {
    let directory = tempfile::tempdir().unwrap();
    let mut session = session(directory.path());
    let (description, allowed) = (Description::default(), AllowedOnce::default());
    let set = Set { changes: Vec::new(), description: &description, allowed: &allowed, may_be_empty: false };
    let change = Change { place: (environment("dev"), token()), value: Some(value("hunter2")) };
    // Unlike a panic, this doesn't print anything. It stands for the end of the process.
    let show = |_: Outline<'_>| std::panic::resume_unwind(Box::new("the answer is known"));
    let set = || set.save_if(&mut session, &change, Expected::Anything, show);
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(set)).is_err());
    assert_eq!(log(&session), ["set dev ok"]);
}

#[test]
fn a_guessed_passphrase_or_key_leaves_an_entry_that_names_who_asked() {
    let directory = tempfile::tempdir().unwrap();
    let text = "seven purple lanterns drift over quiet harbors";
    let passphrase = |text: &str| Credential::Passphrase(SecretString::from(text.to_owned()));
    let session = session_with(directory.path(), Some(&Strong::new(&SecretString::from(text.to_owned())).unwrap()));
    let open = || Vault::open(session.vault().path(), &settings(directory.path())).unwrap();
    let other = Key::generate().unwrap();
    assert!(
        Vault::open_with_key(session.vault().path(), &other, &settings(directory.path()), &Caller::default()).is_none()
    );

    let refused = open().unlock(&passphrase("wrong"), None, &Caller::default()).err().unwrap();
    assert_eq!(refused.reason(), Reason::WrongPassphrase);
    let caller =
        Caller::new(ProgramName::new("shop").unwrap()).note("by a test").reason(GivenReason::new("to guess").ok());
    let refused = open().unlock(&Credential::Key(other), None, &caller).err().unwrap();
    assert_eq!(refused.reason(), Reason::WrongKey);
    let nobody = UserName::new("nobody").unwrap();
    assert_eq!(
        open().unlock(&passphrase(text), Some(&nobody), &Caller::default()).err().unwrap().reason(),
        Reason::NoUser
    );

    assert_eq!(log(&session), ["unlock - failed", "unlock - failed"], "a name that isn't a user's is no attempt");
    let reading = session.read_log_of(session.user(), Extent::Whole).unwrap();
    let entry = reading.lines().last().unwrap().unwrap().entry;
    assert_eq!((entry.program.as_str(), entry.note.as_deref()), ("shop", Some("by a test")));
    assert_eq!(entry.reason.as_deref(), Some("to guess"));
    let opened = open().unlock(&passphrase(text), None, &Caller::default()).unwrap();
    assert_eq!((log(&session).len(), opened.vault().last_user().as_ref()), (2, Some(session.user())));
}

#[test]
fn values_that_were_logged_for_a_search_are_searched_for_once() {
    let directory = tempfile::tempdir().unwrap();
    let session = session(directory.path());
    let file = directory.path().join("guess");
    for (guess, is_found) in [("hunter1", false), ("hunter2", true)] {
        std::fs::write(&file, guess).unwrap();
        let mut sought = Sought::default();
        sought.add(&session, &[environment("dev")], None).unwrap();
        let mut found = 0;
        let texts = Texts::files(vec![file.clone()]);
        let tell = &mut |event: Event<'_>| {
            found += usize::from(matches!(event, Event::Found(_)));
            Ok(())
        };
        // This takes `sought`: the next guess has to collect the values again.
        let outcome = sought.search(&texts, &Ignore::default(), tell).unwrap();
        assert_eq!((found == 1, outcome != Outcome::Clean), (is_found, is_found), "{guess}");
    }
    assert_eq!(log(&session), ["scan dev ok", "scan dev ok"]);
}

#[test]
fn what_a_format_or_variable_can_not_hold_is_said_only_by_the_session_that_decrypted_it() {
    let directories = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let [mut mias, other] = [0, 1].map(|number| session(directories[number].path()));
    set_if(&mut mias, "dev", "two\nlines\0", Expected::Anything).unwrap();
    let before = log(&mias);
    let (dev, once, selection) = (environment("dev"), AllowedOnce::default(), Selection::new(&[], &[]).unwrap());
    let request =
        export::Request { target: Format::Docker.into(), selection: &selection, allowed: other.vault().allowed(&once) };
    let unread = export::open(&mias, std::slice::from_ref(&dev)).unwrap();
    let exported = export::Chosen::new(unread, &request).unwrap().write(&other).err();
    let rotation = Rotation::begin(&mias, &(dev, token()), Expiry::Never).unwrap();
    let rotated = rotation.hand_over(&other, "program", "TOKEN").err();
    for error in [exported, rotated] {
        assert_eq!(error.unwrap().reason(), Reason::OtherSession);
    }
    assert!(log(&mias) == before && log(&other).is_empty());
}

/// Stores a draft of dev, as an editor that was closed would.
fn keep_draft(session: &Session) {
    let content =
        session.read(&Purpose::new(Use::Edit), session.open(&Purpose::new(Use::Edit), &environment("dev")).unwrap());
    let mut draft =
        Draft::of_environment(&environment("dev"), &content.unwrap(), BTreeSet::new(), Time::now()).unwrap();
    session.drafts().unwrap().keep(&DraftId::new().unwrap(), &mut draft).unwrap();
}

#[test]
fn a_draft_and_the_values_before_a_change_are_not_had_through_another_session_with_another_log() {
    let directories = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let [mut mias, mut other] = [0, 1].map(|number| session(directories[number].path()));
    keep_draft(&mias);
    let removal = rm::Removal::of(&mias, &[(environment("dev"), token())], Expected::Anything).unwrap();
    Agreed::to(removal).save(&mut mias).unwrap();
    let (purpose, before) = (Purpose::new(Use::Edit), log(&mias));
    let (draft, last) = (mias.open_drafts().unwrap().0.remove(0), mias.last_change().unwrap());
    let refused = [
        other.resume(&purpose, draft).err(),
        actions::edit::resume(&other, mias.open_drafts().unwrap().0.remove(0)).err(),
        other.rehearse_undo(&last).err(),
        other.undo(&last).err(),
    ];
    for error in refused {
        assert_eq!(error.unwrap().reason(), Reason::OtherSession);
    }
    assert!(log(&mias) == before && log(&other).is_empty());
    mias.undo(&last).unwrap();
    mias.resume(&purpose, mias.open_drafts().unwrap().0.remove(0)).unwrap();
    assert_eq!(log(&mias)[before.len()..], ["undo dev ok", "edit dev ok"]);
}

#[test]
fn what_a_session_has_decrypted_is_not_read_through_another_session_with_another_log() {
    let directories = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let [mias, other] = [0, 1].map(|number| session(directories[number].path()));
    let (purpose, dev) = (Purpose::new(Use::Get), environment("dev"));
    let open = || mias.open(&purpose, &dev).unwrap();
    let differences = || mias.compare(None, Some(&mias.snapshot(&[]).unwrap()), |_| true).unwrap();
    let refused = [
        other.read(&purpose, open()).err(),
        other.read_all(&purpose, vec![open()]).err(),
        other.read_differences(&purpose, differences()).err(),
    ];
    for error in refused {
        assert_eq!(error.unwrap().reason(), Reason::OtherSession);
    }
    assert!(log(&mias).is_empty() && log(&other).is_empty());
    mias.read(&purpose, open()).unwrap();
    assert_eq!((log(&mias), log(&other)), (vec!["get dev ok".to_owned()], Vec::new()));
}

/// Counts the operations that are reported.
#[derive(Default)]
struct Count(AtomicUsize);

impl Progress for Count {
    fn begin(&self, _: usize) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
    fn step(&self) {}
    fn end(&self) {}
}

#[test]
fn progress_is_reported_after_the_entry_also_if_the_size_of_the_file_has_to_be_measured() {
    let directory = tempfile::tempdir().unwrap();
    let count = Arc::new(Count::default());
    let mut session = session(directory.path());
    session.set_progress(count.clone());
    let (description, allowed) = (Description::default(), AllowedOnce::default());
    let large = |name: &str, number| Change {
        place: (environment(name), ItemName::new(format!("LARGE{number}")).unwrap()),
        value: Some(SecretBytes::new(vec![b'x'; MAX_VALUE])),
    };
    let changes = (0..5).flat_map(|number| ["dev", "prod"].map(|name| large(name, number))).collect();
    Set { changes, description: &description, allowed: &allowed, may_be_empty: false }.save(&mut session).unwrap();
    assert_eq!(
        count.0.load(Ordering::Relaxed),
        1,
        "it is not reported before the entry that the file is built to measure it"
    );
}
