//! A vault for the tests of actions, in its own directory, with the environments dev and prod.

use super::Place;
use crate::identity::Key;
use crate::item::{Content, Item, Kind, Metadata};
use crate::log::{Action, Extent};
use crate::name::{EnvironmentName, ItemName, UserName};
use crate::secret::SecretBytes;
use crate::time::Time;
use crate::vault::{Creation, Credential, Keyring, Purpose, Session, Settings, Vault, create};

/// An unlocked vault.
pub struct Sandbox {
    pub session: Session,
    /// The credential that opened the vault.
    pub credential: Credential,
    _directory: tempfile::TempDir,
}

pub fn environment(name: &str) -> EnvironmentName {
    EnvironmentName::new(name).unwrap()
}

pub fn place(environment_name: &str, name: &str) -> Place {
    (environment(environment_name), ItemName::new(name).unwrap())
}

pub fn value(text: &str) -> SecretBytes {
    SecretBytes::new(text.as_bytes().to_vec())
}

impl Sandbox {
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// Makes a vault with these items, given as `ENV/NAME=VALUE`.
    pub fn with(items: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (file, key) = (directory.path().join("secrets.vault"), Key::generate().unwrap());
        let settings = Settings { state: directory.path().join("state"), ..Settings::default() };
        let user = UserName::new("mia").unwrap();
        let mut environments = ["dev", "prod"].map(|name| (environment(name), Content::default()));
        for item in items {
            let (place, text) = item.split_once('=').unwrap();
            let (environment_name, name) = place.split_once('/').unwrap();
            let (_, content) = environments.iter_mut().find(|(name, _)| name.as_str() == environment_name).unwrap();
            let metadata = Metadata { kind: Kind::Secret, ..Metadata::default() };
            content.set(&ItemName::new(name).unwrap(), value(text), &metadata, &user, Time::now()).unwrap();
        }
        let creation = Creation {
            user,
            email: None,
            environments: environments.into(),
            slots: Keyring { passphrase: None, keys: vec![&key] },
            reason: None,
        };
        create(&file, creation, &settings, |_, _| Ok(())).unwrap();
        let vault = Vault::open(&file, &settings).unwrap();
        let credential = Credential::Key(key);
        Self { session: vault.unlock(&credential, None).unwrap(), credential, _directory: directory }
    }

    /// Returns the names in an environment.
    pub fn names(&self, environment_name: &str) -> Vec<String> {
        let unread = self.session.open(&Purpose::new(Action::List), &environment(environment_name)).unwrap();
        unread.items().map(|item| item.name().to_string()).collect()
    }

    /// Returns an item with its values.
    pub fn item(&self, (environment_name, name): &Place) -> Item {
        let purpose = Purpose::new(Action::Get);
        let unread = self.session.open(&purpose, environment_name).unwrap();
        self.session.read(&purpose, unread).unwrap().item(environment_name, name).unwrap().clone()
    }

    /// Returns the log, one line per entry: `set dev A,B`.
    pub fn log(&self) -> Vec<String> {
        let log = self.session.read_log_of(self.session.user(), Extent::Whole).unwrap();
        let line = |line: crate::error::Result<crate::log::Line>| {
            let line = line.unwrap();
            let (entry, items) = (&line.entry, line.items());
            let items: Vec<_> = items.iter().map(ToString::to_string).collect();
            format!("{} {} {}", entry.action.word(), entry.environment.as_deref().unwrap_or("-"), items.join(","))
        };
        log.lines().map(line).collect()
    }
}
