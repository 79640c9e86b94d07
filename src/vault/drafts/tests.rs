use super::*;
use crate::draft::Rules;
use crate::identity::Key;
use crate::item::{Content, Metadata};
use crate::log::{Caller, Extent};
use crate::name::{EnvironmentName, ItemName};
use crate::secret::SecretBytes;
use crate::vault::{Creation, Keyring, Settings, create};
use std::collections::BTreeSet;

#[test]
fn a_conflict_is_reported_only_after_its_log_entry() {
    let directory = tempfile::tempdir().unwrap();
    let (user, dev, key) =
        (UserName::new("mia").unwrap(), EnvironmentName::new("dev").unwrap(), Key::generate().unwrap());
    let content = |value: &str| {
        let (mut content, name) = (Content::default(), ItemName::new("A").unwrap());
        content.set(&name, SecretBytes::from(value), &Metadata::default(), &user, Time::now()).unwrap();
        content
    };
    let creation = Creation {
        user: user.clone(),
        email: None,
        environments: [(dev.clone(), content("theirs"))].into(),
        slots: Keyring { passphrase: None, key: &key },
        allowed: AllowedOnce::default(),
        caller: Caller::default(),
    };
    let settings = Settings::at(directory.path().join("state"));
    let file = directory.path().join("secrets.vault");
    let mut session = create(&file, creation, &settings, |_, _| Ok(())).unwrap();
    let mut draft = Draft::of_environment(&dev, &content("old"), BTreeSet::new(), Time::now()).unwrap();
    draft.text = "A=mine\n".into();
    let rules = Rules { accepts_empty: false, is_below_message: false };
    let changes = draft.changes(&rules).unwrap();
    let mut save = || session.save_draft(&draft, &changes, &AllowedOnce::default());
    assert!(matches!(save(), Ok(SavedDraft::Conflict(_))));
    let log = session.read_log_of(&user, Extent::Whole).unwrap();
    let entry = log.lines().last().unwrap().unwrap().entry;
    assert_eq!((entry.action, entry.outcome), (Action::Edit, Outcome::Failed));
    assert_eq!(entry.note.as_deref(), Some("dev/A was changed by mia in the meantime"));
    drop(log);
    let logs = session.vault().state_directory().join("log");
    let away = logs.with_extension("away");
    std::fs::rename(&logs, away).unwrap();
    std::fs::write(&logs, "no directory").unwrap();
    assert!(session.save_draft(&draft, &changes, &AllowedOnce::default()).is_err());
}
