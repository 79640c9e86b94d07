//! The files that are merged, for the tests of merges, and what has to be decided before a merge is saved.

use super::{Decisions, Merge};
use crate::actions::env_protect::protect;
use crate::actions::testing::{Sandbox, environment, log_of, place, remove_environment, value};
use crate::actions::user_add::{self, Rights};
use crate::error::{Reason, Result};
use crate::item::{MAX_VALUE, Metadata};
use crate::log::{Action, Caller, Entry};
use crate::merge::{Choice, Side};
use crate::name::UserName;
use crate::roster::Protection;
use crate::secret::SecretBytes;
use crate::vault::{KeySession, Purpose, Session, Settings, Use, Vault};
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

/// The files that git gives its merge driver, as copies of a vault that were saved apart from each other.
pub struct Sides {
    pub sandbox: Sandbox,
    directory: TempDir,
}

impl Sides {
    pub fn new() -> Self {
        let sandbox = Sandbox::with(&["dev/A=1", "prod/P=1"]);
        let sides = Self { sandbox, directory: tempfile::tempdir().unwrap() };
        std::fs::copy(sides.sandbox.session.vault().path(), sides.file("base")).unwrap();
        sides
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn settings(&self, name: &str) -> Settings {
        Settings::at(self.file(&format!("state of {name}")))
    }

    /// Copies a file, as on a device that knows no other file of the vault.
    pub fn copy(&self, from: &str, to: &str) -> KeySession {
        std::fs::copy(self.file(from), self.file(to)).unwrap();
        let vault = Vault::open(&self.file(to), &self.settings(to)).unwrap();
        vault.unlock(&self.sandbox.credential, None, &Caller::default()).unwrap()
    }

    fn paths(&self) -> [PathBuf; 3] {
        ["base", "ours", "theirs"].map(|name| self.file(name))
    }

    pub fn by_driver(&self, labels: &[&str]) -> Merge {
        self.by_driver_at("ours", labels).unwrap()
    }

    /// Begins a merge as git's merge driver does, of a vault with this name.
    pub fn by_driver_at(&self, name: &str, labels: &[&str]) -> Result<Merge> {
        let paths = self.paths();
        let labels: Vec<_> = labels.iter().map(std::ffi::OsString::from).collect();
        let files = paths.each_ref().map(|path| &**path);
        Merge::of_driver(files, &self.file(name), &labels, &self.settings("ours"))
    }

    pub fn by_a_person(&self) -> Merge {
        let paths = self.paths();
        let files = paths.each_ref().map(|path| &**path);
        Merge::of_files(files, &self.file("merged"), &self.settings("ours")).unwrap()
    }
}

/// Adds a user.
pub fn add(session: &mut KeySession, user: &str) {
    let user = user_add::new_user(UserName::new(user).unwrap(), None, &Rights::default());
    user_add::add(session, vec![user], |_, _| Ok(())).unwrap();
}

/// Sets an item, named as `ENV/NAME`, to a value that no other call sets.
pub fn set(session: &mut Session, named: &str) {
    let (environment, name) = named.split_once('/').map(|(environment, name)| place(environment, name)).unwrap();
    let entry = || Entry::new(Action::Set).environment(&environment);
    let change = session.edit(&[entry()], |edit| {
        let (now, user) = (edit.now(), edit.user());
        let content = edit.content_mut(&environment)?;
        let new = value(&crate::item::random_id()?);
        content.set(&name, new, &Metadata::default(), user, now)?;
        edit.log(entry());
        Ok(())
    });
    change.unwrap();
}

pub fn reason<T>(result: Result<T>) -> Option<Reason> {
    result.err().map(|error| error.reason())
}

fn choose(decisions: &mut Decisions<'_>, named: &str, choice: Choice) -> Result<()> {
    let (environment, item) = named.split_once('/').map(|(environment, name)| place(environment, name)).unwrap();
    decisions.choose(&environment, &item, choice)
}

#[test]
fn a_merge_is_not_saved_before_somebody_decides_whether_a_half_removed_environment_stays() {
    for both_change_dev in [false, true] {
        let sides = Sides::new();
        let (mut ours, mut theirs) = (sides.copy("base", "ours"), sides.copy("base", "theirs"));
        remove_environment(&mut ours, "prod");
        set(&mut theirs, "prod/P");
        if both_change_dev {
            set(&mut ours, "dev/OURS");
            set(&mut theirs, "dev/THEIRS");
        }
        let save = |merge: &Merge| match merge.without_key().unwrap() {
            Some(opened) => opened.decisions().save(),
            None => merge.open(&ours).unwrap().decisions().save(),
        };
        let content = |name: &str| std::fs::read(sides.file(name)).ok();
        let log = log_of(&ours).len();
        let merges = [(sides.by_a_person(), "merged"), (sides.by_driver(&["base", "main", "feature"]), "ours")];
        for (mut merge, output) in merges {
            let before = content(output);
            assert_eq!(merge.without_key().unwrap().is_none(), both_change_dev);
            assert_eq!(reason(save(&merge)), Some(Reason::Undecided));
            assert!(content(output) == before);
            merge.decide(&environment("prod"), Side::Ours).unwrap();
            save(&merge).unwrap();
            assert!(content(output) != before || output == "ours" && !both_change_dev);
        }
        let merges = log_of(&ours)[log..].iter().filter(|line| **line == "merge dev OURS,THEIRS").count();
        assert_eq!(merges, if both_change_dev { 2 } else { 0 }, "only what was saved is logged as saved");
    }
}

#[test]
fn a_merge_is_not_saved_before_every_conflict_is_decided_and_the_log_names_all_of_them() {
    let sides = Sides::new();
    let (mut ours, mut theirs) = (sides.copy("base", "ours"), sides.copy("base", "theirs"));
    for session in [&mut ours, &mut theirs] {
        set(session, "dev/A");
        set(session, "prod/P");
    }
    set(&mut theirs, "dev/THEIRS");
    let merge = sides.by_a_person();
    let opened = merge.open(&ours).unwrap();
    let mut decisions = opened.decisions();
    let error = decisions.check().unwrap_err();
    assert_eq!(error.to_string(), "2 conflicts to decide; nothing was written");
    choose(&mut decisions, "dev/A", Choice::Side(Side::Theirs)).unwrap();
    let log = log_of(&ours).len();
    assert_eq!(reason(decisions.save()), Some(Reason::Undecided));
    assert_eq!((log_of(&ours).len(), sides.file("merged").exists()), (log, false));
    decisions.choose_all(&environment("prod"), Side::Ours).unwrap();
    decisions.save().unwrap();
    assert_eq!(log_of(&ours)[log..], ["merge dev A,THEIRS", "merge prod P"]);
}

/// A value that is too large to be read would take the whole environment with it.
#[test]
fn what_was_chosen_can_be_read_after_the_merge() {
    let sides = Sides::new();
    let (mut ours, mut theirs) = (sides.copy("base", "ours"), sides.copy("base", "theirs"));
    set(&mut ours, "dev/A");
    set(&mut theirs, "dev/A");
    let merge = sides.by_a_person();
    let opened = merge.open(&ours).unwrap();
    let mut decisions = opened.decisions();
    let large = |size| Choice::Value(SecretBytes::new(vec![b'x'; size]));
    assert_eq!(reason(choose(&mut decisions, "dev/A", large(3 << 20))), Some(Reason::TooLarge));
    assert_eq!(reason(decisions.save()), Some(Reason::Undecided));
    choose(&mut decisions, "dev/A", large(MAX_VALUE)).unwrap();
    decisions.save().unwrap();
    sides.copy("merged", "again").open(&Purpose::new(Use::Get), &environment("dev")).unwrap();
}

#[test]
fn a_merge_that_this_user_can_not_make_is_logged_for_what_it_would_have_decrypted() {
    let mut sides = Sides::new();
    let rights = Rights { read: &[], write: &[environment("dev")], is_admin: false };
    let ben = sides.sandbox.add_user("ben", &rights);
    std::fs::copy(sides.sandbox.session.vault().path(), sides.file("base")).unwrap();
    let (mut ours, mut theirs) = (sides.copy("base", "ours"), sides.copy("base", "theirs"));
    for (session, user) in [(&mut ours, "ann"), (&mut theirs, "eva")] {
        add(session, user);
        set(session, "dev/A");
        set(session, "prod/P");
    }
    let merge = sides.by_a_person();
    let ben = merge.vault(Side::Ours).unlock_with(ben.identity().unwrap().clone(), &Caller::default()).unwrap();
    let error = merge.open(&ben).err().unwrap();
    assert_eq!(error.to_string(), "ben can't apply the changes of either side again");
    assert_eq!(log_of(&ben).last().unwrap(), "merge dev ");
}

/// Calls `test` with a merge in which prod/P is in conflict, and prod is protected on one side.
fn with_protected(protected_by: Side, ask: Option<bool>, test: impl FnOnce(&mut Decisions<'_>, &Session)) {
    let sides = Sides::new();
    let (mut ours, mut theirs) = (sides.copy("base", "ours"), sides.copy("base", "theirs"));
    set(&mut ours, "prod/P");
    set(&mut theirs, "prod/P");
    let protecting = if protected_by == Side::Ours { &mut ours } else { &mut theirs };
    protect(protecting, &environment("prod"), Protection::Yes).unwrap();
    ours.set_ask(Arc::new(move |_| Ok(ask)));
    let merge = sides.by_a_person();
    let opened = merge.open(&ours).unwrap();
    test(&mut opened.decisions(), &ours);
}

#[test]
fn a_new_value_for_a_protected_environment_is_confirmed_and_the_value_of_a_side_is_not() {
    for protected_by in Side::BOTH {
        with_protected(protected_by, None, |decisions, session| {
            assert_eq!(reason(decisions.confirm(&environment("prod"), &place("prod", "P").1)), Some(Reason::Protected));
            let refused = choose(decisions, "prod/P", Choice::Value(value("new")));
            assert_eq!(reason(refused), Some(Reason::Protected));
            assert_eq!(log_of(session).last().unwrap(), "merge prod P");
            assert_eq!(decisions.open().count(), 1, "nothing is decided");
            choose(decisions, "prod/P", Choice::Side(Side::Theirs)).unwrap();
            assert_eq!(reason(choose(decisions, "prod/P", Choice::Value(value("new")))), Some(Reason::Protected));
            assert!(!decisions.environments()[0].conflicts()[0].has_value());
            decisions.check().unwrap();
        });
        with_protected(protected_by, Some(true), |decisions, _| {
            choose(decisions, "prod/P", Choice::Value(value("new"))).unwrap();
            decisions.check().unwrap();
        });
    }
}

#[test]
fn values_in_conflict_are_confirmed_if_either_side_protects_the_environment() {
    for protected_by in Side::BOTH {
        with_protected(protected_by, None, |decisions, session| {
            let conflict = decisions.open().next().unwrap();
            assert_eq!(reason(decisions.read(conflict)), Some(Reason::Protected));
            assert_eq!(log_of(session).last().unwrap(), "get prod P");
        });
        with_protected(protected_by, Some(true), |decisions, _| {
            assert_eq!(decisions.read(decisions.open().next().unwrap()).unwrap().len(), 2);
        });
    }
}

#[test]
fn the_driver_merges_a_vault_that_has_no_file_under_the_name_that_git_gives() {
    let sides = Sides::new();
    add(&mut sides.copy("base", "ours"), "ann");
    set(&mut sides.copy("base", "theirs"), "dev/A");
    let merge = sides.by_driver_at("renamed.vault", &["base", "main", "feature"]).unwrap();
    let opened = merge.without_key().unwrap().unwrap();
    let before = std::fs::read(sides.file("ours")).unwrap();
    opened.decisions().save().unwrap();
    assert!(std::fs::read(sides.file("ours")).unwrap() != before);
}

#[test]
fn a_merge_replaces_no_vault_that_was_saved_while_somebody_decided() {
    let sides = Sides::new();
    let (mut ours, mut theirs) = (sides.copy("base", "ours"), sides.copy("base", "theirs"));
    set(&mut ours, "dev/OURS");
    set(&mut theirs, "dev/THEIRS");
    let merge = sides.by_driver(&["base", "main", "feature"]);
    // Another device, so nothing else than the file itself tells that it changed.
    set(&mut sides.copy("ours", "elsewhere"), "dev/PRECIOUS");
    std::fs::copy(sides.file("elsewhere"), sides.file("ours")).unwrap();
    let saved = std::fs::read(sides.file("ours")).unwrap();
    let refused = merge.open(&ours).unwrap().decisions().save();
    assert_eq!(reason(refused), Some(Reason::Changed));
    assert!(std::fs::read(sides.file("ours")).unwrap() == saved);
}

#[test]
fn named_files_are_never_merged_into_a_vault() {
    let sides = Sides::new();
    let (mut ours, mut theirs) = (sides.copy("base", "ours"), sides.copy("base", "theirs"));
    set(&mut ours, "dev/OURS");
    set(&mut theirs, "dev/THEIRS");
    let paths = sides.paths();
    let into = |output: &str| {
        Merge::of_files(paths.each_ref().map(|path| &**path), &sides.file(output), ours.vault().settings())
    };
    for output in ["base", "ours", "theirs"] {
        assert_eq!(reason(into(output)), Some(Reason::IsAVault), "{output}");
    }
    // A vault that appears meanwhile.
    let merge = into("merged").unwrap();
    let decided = merge.open(&ours).unwrap();
    std::fs::copy(sides.file("base"), sides.file("merged")).unwrap();
    assert_eq!(reason(decided.decisions().save()), Some(Reason::IsAVault));
    assert!(std::fs::read(sides.file("merged")).unwrap() == std::fs::read(sides.file("base")).unwrap());
}
