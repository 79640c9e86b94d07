//! No public way of the library confirms a guess of a value without an entry in the log. These tests use the library as a
//! front end does, and try.

use crate::forge::environment;
use vault::actions::env_protect::protect;
use vault::actions::set::{Change, Set};
use vault::dangerous::AllowedOnce;
use vault::error::Reason;
use vault::identity::Key;
use vault::item::{Content, Description, Metadata};
use vault::log::{Action, Entry, Extent};
use vault::name::{EnvironmentName, ItemName, UserName};
use vault::roster::Protection;
use vault::secret::SecretBytes;
use vault::time::Time;
use vault::vault::{Creation, Keyring, Session, Settings, create};
use vault::{Error, Result};

fn token() -> ItemName {
    ItemName::new("TOKEN").unwrap()
}

fn value(text: &str) -> SecretBytes {
    SecretBytes::new(text.as_bytes().to_vec())
}

/// Creates a vault whose environments dev and prod have the item TOKEN, with the value `hunter2`.
fn session(directory: &std::path::Path) -> Session {
    let settings = Settings { state: directory.join("state"), ..Settings::default() };
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
        slots: Keyring { passphrase: None, key: &key },
        allowed: AllowedOnce::default(),
        reason: None,
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

/// Sets TOKEN in `dev` to what it is and passes the answer on, in a change that fails.
fn guess(session: &mut Session, attempt: &[Entry]) -> Option<String> {
    let (description, allowed) = (Description::default(), AllowedOnce::default());
    let set = Set { changes: Vec::new(), description: &description, allowed: &allowed, may_be_empty: false };
    let (name, value): (EnvironmentName, _) = (environment("dev"), Some(value("hunter2")));
    let change = Change { environment: name, name: token(), value };
    let mut answer = None;
    let failed = session.edit(attempt, |edit| -> Result<()> {
        answer = Some(format!("{:?}", set.store(edit, &change)?.outcome));
        Err(Error::failed("enough"))
    });
    assert!(failed.is_err());
    answer
}

#[test]
fn a_change_that_fails_leaves_an_entry_for_what_it_looked_at_whatever_it_said_to_attempt() {
    let directory = tempfile::tempdir().unwrap();
    let mut session = session(directory.path());
    assert_eq!(guess(&mut session, &[]), None, "nothing is looked at");
    assert_eq!(log(&session), [""; 0]);
    let same = || Some("SameValue".to_owned());
    assert_eq!(guess(&mut session, &[Entry::new(Action::Set).environment(&environment("prod"))]), same());
    assert_eq!(log(&session), ["set prod failed", "set dev failed"]);
    assert_eq!(guess(&mut session, &[Entry::new(Action::Set)]), same());
    assert_eq!(log(&session)[2..], ["set - failed", "set dev failed"]);
    assert_eq!(guess(&mut session, &[Entry::new(Action::Set).environment(&environment("dev"))]), same());
    assert_eq!(log(&session)[4..], ["set dev failed"]);
}

#[test]
fn a_change_in_a_protected_environment_is_confirmed_whatever_it_said_to_attempt() {
    let directory = tempfile::tempdir().unwrap();
    let mut session = session(directory.path());
    protect(&mut session, &environment("prod"), Protection::Yes).unwrap();
    let (description, allowed) = (Description::default(), AllowedOnce::default());
    let set = Set { changes: Vec::new(), description: &description, allowed: &allowed, may_be_empty: false };
    let change = Change { environment: environment("prod"), name: token(), value: Some(value("other")) };
    for (attempt, entries) in [
        (Entry::new(Action::Scan).environment(&environment("prod")), &["scan prod denied"][..]),
        (Entry::new(Action::Set), &["set - denied", "set prod denied"]),
        (Entry::new(Action::Set).environment(&environment("dev")), &["set dev denied", "set prod denied"]),
    ] {
        let before = log(&session).len();
        let changed = session.edit(&[attempt], |edit| set.store(edit, &change).map(drop));
        assert_eq!(changed.unwrap_err().reason(), Reason::Protected);
        assert_eq!(log(&session)[before..], *entries);
    }
}
