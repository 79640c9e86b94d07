//! What a change reads and makes is in the log, whatever the code that makes it says.

use super::env_protect::protect;
use super::set::{Change, Set};
use super::testing::{Sandbox, environment, value};
use crate::dangerous::AllowedOnce;
use crate::error::{Error, Reason, Result};
use crate::identity::Key;
use crate::item::{Description, Setting};
use crate::log::{Action, Entry, Extent, Outcome};
use crate::name::{EnvironmentName, ItemName, UserName, VariableName};
use crate::roster::{Change as RosterChange, Protection, Right, Role};
use crate::vault::{Edit, KeyEdit, NewUser, Session};

fn token() -> ItemName {
    ItemName::new("TOKEN").unwrap()
}

/// The entries since the vault was created, such as `set dev failed`.
fn log(session: &Session) -> Vec<String> {
    let log = session.read_log_of(session.user(), Extent::Whole).unwrap();
    let line = |line: Result<crate::log::Line>| {
        let entry = line.unwrap().entry;
        format!("{} {} {}", entry.action.word(), entry.environment.as_deref().unwrap_or("-"), entry.outcome)
    };
    log.lines().map(line).filter(|line| !line.starts_with("init")).collect()
}

/// Sets TOKEN in `dev` to the value it already has and returns the answer, in a change that fails.
fn guess(session: &mut Session, attempt: &[Entry]) -> Option<String> {
    let (description, allowed) = (Description::default(), AllowedOnce::default());
    let set = Set { changes: Vec::new(), description: &description, allowed: &allowed, may_be_empty: false };
    let (name, value): (EnvironmentName, _) = (environment("dev"), Some(value("hunter2")));
    let change = Change { place: (name, token()), value };
    let mut answer = None;
    let failed = session.edit(attempt, |edit| -> Result<()> {
        answer = Some(format!("{:?}", set.store(edit, &change)?.outcome));
        Err(Error::failed("enough"))
    });
    assert!(failed.is_err());
    answer
}

#[test]
fn a_change_that_fails_leaves_an_entry_for_what_it_read_whatever_it_announced() {
    let mut sandbox = Sandbox::with(&["dev/TOKEN=hunter2", "prod/TOKEN=hunter2"]);
    let session = &mut sandbox.session;
    assert_eq!(guess(session, &[]), None, "a change without an attempt must read nothing");
    assert_eq!(log(session), [""; 0]);
    let same = || Some("SameValue".to_owned());
    assert_eq!(guess(session, &[Entry::new(Action::Set).environment(&environment("prod"))]), same());
    assert_eq!(log(session), ["set prod failed", "set dev failed"]);
    assert_eq!(guess(session, &[Entry::new(Action::Set)]), same());
    assert_eq!(log(session)[2..], ["set - failed", "set dev failed"]);
    assert_eq!(guess(session, &[Entry::new(Action::Set).environment(&environment("dev"))]), same());
    assert_eq!(log(session)[4..], ["set dev failed"]);
}

#[test]
fn a_change_in_a_protected_environment_needs_confirmation_whatever_it_announced() {
    let mut sandbox = Sandbox::with(&["dev/TOKEN=hunter2", "prod/TOKEN=hunter2"]);
    let session = &mut sandbox.session;
    protect(session, &environment("prod"), Protection::Yes).unwrap();
    let (description, allowed) = (Description::default(), AllowedOnce::default());
    let set = Set { changes: Vec::new(), description: &description, allowed: &allowed, may_be_empty: false };
    let change = Change { place: (environment("prod"), token()), value: Some(value("other")) };
    for (attempt, entries) in [
        (Entry::new(Action::Set), &["set - denied", "set prod denied"][..]),
        (Entry::new(Action::Set).environment(&environment("dev")), &["set dev denied", "set prod denied"]),
    ] {
        let before = log(session).len();
        let changed = session.edit(&[attempt], |edit| set.store(edit, &change).map(drop));
        assert_eq!(changed.unwrap_err().reason(), Reason::Protected);
        assert_eq!(log(session)[before..], *entries);
    }
}

/// Sets TOKEN in dev, as part of a change that writes its own log entry.
fn set_token(edit: &mut Edit<'_>, text: &str) -> Result<String> {
    let (description, allowed) = (Description::default(), AllowedOnce::default());
    let set = Set { changes: Vec::new(), description: &description, allowed: &allowed, may_be_empty: false };
    let change = Change { place: (environment("dev"), token()), value: Some(value(text)) };
    Ok(format!("{:?}", set.store(edit, &change)?.outcome))
}

#[test]
fn a_change_cannot_be_announced_as_an_action_that_changes_nothing() {
    let mut sandbox = Sandbox::with(&["dev/TOKEN=hunter2", "prod/TOKEN=hunter2"]);
    let session = &mut sandbox.session;
    for action in [Action::Check, Action::Scan, Action::Get, Action::Damage, Action::Lock, Action::Undo, Action::Merge]
    {
        let attempt = [Entry::new(action).environment(&environment("dev"))];
        let mut is_called = false;
        let mut guess = |edit: &mut Edit<'_>| {
            is_called = true;
            set_token(edit, "hunter2")
        };
        assert!(session.rehearse(&attempt, &mut guess).is_err(), "{action:?}");
        assert!(session.edit(&attempt, &mut guess).is_err(), "{action:?}");
        assert!(!is_called, "{action:?}");
    }
    let attempt = [Entry::new(Action::Grant).environment(&environment("dev")).note("mia")];
    assert!(session.rehearse(&attempt, |edit| set_token(edit, "hunter2")).is_err());
    assert!(session.edit(&attempt, |edit| set_token(edit, "hunter2")).is_err());
    assert_eq!(log(session), [""; 0], "no value was read");
}

#[test]
fn a_changed_item_is_in_an_entry_whatever_the_change_logs() {
    let mut sandbox = Sandbox::with(&["dev/TOKEN=hunter2", "prod/TOKEN=hunter2"]);
    let session = &mut sandbox.session;
    let attempt = [Entry::new(Action::Set).environment(&environment("dev"))];
    let logged = [
        Entry::new(Action::Check).environment(&environment("dev")),
        Entry::new(Action::Set).environment(&environment("prod")),
    ];
    let set = session.edit(&attempt, |edit| {
        logged.iter().for_each(|entry| edit.log(entry.clone()));
        set_token(edit, "replaced")
    });
    set.unwrap();
    assert_eq!(log(session), ["check dev ok", "set prod ok", "set dev ok"]);
    let named = |session: &Session| {
        let log = session.read_log_of(session.user(), Extent::Whole).unwrap();
        let line = log.lines().last().unwrap().unwrap();
        line.items().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(named(session), ["TOKEN"]);
    let failed = Entry::new(Action::Set).environment(&environment("dev")).outcome(Outcome::Failed);
    let set = session.edit(&attempt, |edit| {
        edit.log(failed.clone());
        set_token(edit, "again")
    });
    assert!(set.unwrap_err().to_string().contains("items of dev were changed"));
    assert_eq!((log(session).last().unwrap().as_str(), named(session)), ("set dev failed", vec!["TOKEN".to_owned()]));
}

#[test]
fn each_change_of_users_and_environments_needs_an_entry_that_describes_it() {
    let mut sandbox = Sandbox::with(&["dev/TOKEN=hunter2", "prod/TOKEN=hunter2"]);
    let session = &mut sandbox.session;
    let (dev, eva) = (environment("dev"), UserName::new("eva").unwrap());
    let key = Key::generate().unwrap();
    let add = |edit: &mut KeyEdit<'_, '_>| {
        let grants = vec![(dev.clone(), Right::Write)];
        edit.add_user(NewUser { name: eva.clone(), email: None, role: Role::Admin, grants }, &key)
    };
    let remove =
        |edit: &mut KeyEdit<'_, '_>| edit.change_roster(RosterChange::RemoveEnvironment { environment: dev.clone() });
    let protect = |edit: &mut KeyEdit<'_, '_>| {
        edit.change_roster(RosterChange::SetEnvironment { environment: dev.clone(), protected: Protection::Yes })
    };
    type Made<'m> = &'m dyn Fn(&mut KeyEdit<'_, '_>) -> Result<()>;
    let wrong: [(Entry, Made<'_>); 6] = [
        (Entry::new(Action::UserRole).note("eva: admin"), &add),
        (Entry::new(Action::UserAdd).note("ben"), &add),
        (Entry::new(Action::UserAdd), &add),
        (Entry::new(Action::EnvProtect).environment(&dev), &remove),
        (Entry::new(Action::EnvRemove).environment(&environment("prod")), &remove),
        (Entry::new(Action::EnvUnprotect).environment(&dev), &protect),
    ];
    for (entry, make) in wrong {
        let made = session.edit_with_keys(std::slice::from_ref(&entry), |edit| {
            make(edit)?;
            edit.log(entry.clone());
            Ok(())
        });
        assert!(made.unwrap_err().to_string().starts_with("no log entry of this change says: "), "{entry:?}");
    }
    let entry = Entry::new(Action::UserAdd).note("eva, by a front end");
    let added = session.edit_with_keys(std::slice::from_ref(&entry), |edit| {
        edit.log(entry.clone());
        add(edit)
    });
    added.unwrap();
}

#[test]
fn a_panic_after_an_answer_leaves_an_entry() {
    let mut sandbox = Sandbox::with(&["dev/TOKEN=hunter2", "prod/TOKEN=hunter2"]);
    let session = &mut sandbox.session;
    let attempt = [Entry::new(Action::Set).environment(&environment("dev"))];
    let mut answers = Vec::new();
    let mut guess = |edit: &mut Edit<'_>| -> Result<()> {
        answers.push(set_token(edit, "hunter2")?);
        // Unlike a panic, this prints nothing.
        std::panic::resume_unwind(Box::new("enough"))
    };
    let rehearsed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| session.rehearse(&attempt, &mut guess)));
    let edited = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| session.edit(&attempt, &mut guess)));
    assert!(rehearsed.is_err() && edited.is_err());
    assert_eq!(answers, ["SameValue", "SameValue"]);
    assert_eq!(log(session), ["set dev failed", "set dev failed"]);
}

#[test]
fn without_a_log_entry_no_error_says_why_a_change_cannot_be_saved() {
    let mut sandbox = Sandbox::with(&["dev/TOKEN=hunter2"]);
    let log = sandbox.session.vault().state_directory().join("log");
    // Two items with one variable. Whether the file would be too large, which depends on the values, is checked there, too.
    let variable = Setting::Set(VariableName::new("TOKEN").unwrap());
    let (description, allowed) = (Description { variable, ..Description::default() }, AllowedOnce::default());
    let other = ItemName::new("OTHER").unwrap();
    let mut clash = || {
        let changes = vec![Change { place: (environment("dev"), other.clone()), value: Some(value("hunter3")) }];
        let set = Set { changes, description: &description, allowed: &allowed, may_be_empty: false };
        set.save(&mut sandbox.session).map(drop).unwrap_err()
    };
    assert!(clash().to_string().contains("TOKEN"));
    std::fs::rename(&log, log.with_extension("away")).unwrap();
    std::fs::write(&log, "no directory").unwrap();
    assert!(clash().to_string().starts_with("cannot create "));
}
