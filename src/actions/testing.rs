//! A vault for the tests of actions, in its own directory, with the environments dev and prod.

use super::env_protect::protect;
use super::grant::Accepted;
use super::set::{Change, Set};
use super::user_add::{self, Rights};
use super::{Expected, Place, env_rm, rm, user_rm};
use crate::dangerous::AllowedOnce;
use crate::error::Result;
use crate::identity::Key;
use crate::item::{Content, Description, Item, Kind, Metadata};
use crate::log::{Action, Caller, Extent};
use crate::name::{EnvironmentName, ItemName, NamedItem, UserName};
use crate::roster::Protection;
use crate::secret::{ExposeSecret as _, SecretBytes};
use crate::time::Time;
use crate::vault::{
    Agreed, Confirmation, Creation, Credential, Edit, KeySession, Keyring, Purpose, Session, Settings, Vault, create,
};
use std::sync::{Arc, Mutex};

/// An unlocked vault.
pub struct Sandbox {
    pub session: KeySession,
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

/// Keeps a new key, as somebody does who is shown it.
pub fn keep(kept: &mut Option<Key>) -> impl FnOnce(&Key, &Edit<'_>) -> Result<()> {
    |key, _| {
        *kept = Some(Key::parse(key.to_text().expose_secret())?);
        Ok(())
    }
}

impl Sandbox {
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// Makes a vault with these items, given as `ENV/NAME=VALUE`.
    pub fn with(items: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (file, key) = (directory.path().join("secrets.vault"), Key::generate().unwrap());
        let settings = Settings::at(directory.path().join("state"));
        let user = UserName::new("mia").unwrap();
        let mut environments = ["dev", "prod"].map(|name| (environment(name), Content::default()));
        for item in items {
            let (place, text) = item.split_once('=').unwrap();
            let NamedItem { environment, name } = place.parse().unwrap();
            let (_, content) = environments.iter_mut().find(|(name, _)| Some(name) == environment.as_ref()).unwrap();
            let metadata = Metadata { kind: Kind::Secret, ..Metadata::default() };
            content.set(&name, value(text), &metadata, &user, Time::now()).unwrap();
        }
        let creation = Creation {
            user,
            email: None,
            environments: environments.into(),
            slots: Keyring { passphrase: None, key: &key },
            allowed: AllowedOnce::new(["LD_PRELOAD".to_owned()]),
            caller: Caller::default(),
        };
        create(&file, creation, &settings, |_, _| Ok(())).unwrap();
        let vault = Vault::open(&file, &settings).unwrap();
        let credential = Credential::Key(key);
        Self {
            session: vault.unlock(&credential, None, &Caller::default()).unwrap(),
            credential,
            _directory: directory,
        }
    }

    /// Sets a value, given as `ENV/NAME=VALUE`.
    pub fn set(&mut self, item: &str) {
        let (named, text) = item.split_once('=').unwrap();
        let NamedItem { environment, name } = named.parse().unwrap();
        let change = Change { place: (environment.unwrap(), name), value: Some(value(text)) };
        let (description, allowed) = (Description::default(), AllowedOnce::default());
        let set = Set { changes: vec![change], description: &description, allowed: &allowed, may_be_empty: false };
        set.save(&mut self.session).unwrap();
    }

    /// Protects an environment, and refuses every confirmation. Returns what was asked: `set dev A,B vault`.
    pub fn refuse_all(&mut self, environment_name: &str) -> Arc<Mutex<Vec<String>>> {
        protect(&mut self.session, &environment(environment_name), Protection::Yes).unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let told = Arc::clone(&asked);
        self.session.set_ask(Arc::new(move |confirmation| {
            let Confirmation { environment, action, items, program, question: _ } = confirmation;
            let text = [action.word(), environment.as_str(), &items.join(","), program].join(" ");
            told.lock().unwrap().push(text);
            Ok(Some(false))
        }));
        asked
    }

    /// Adds a user with these rights, and returns their session.
    pub fn add_user(&mut self, name: &str, rights: &Rights<'_>) -> KeySession {
        let user = user_add::new_user(UserName::new(name).unwrap(), None, rights);
        let mut key = None;
        let show = |keys: &[(UserName, Key)], edit: &Edit<'_>| keep(&mut key)(&keys[0].1, edit);
        user_add::add(&mut self.session, vec![user], show).unwrap();
        let vault = Vault::open(self.session.vault().path(), self.session.vault().settings()).unwrap();
        vault.unlock(&Credential::Key(key.unwrap()), None, &Caller::default()).unwrap()
    }

    /// Returns the names in an environment.
    pub fn names(&self, environment_name: &str) -> Vec<String> {
        let unread = self.session.open(&Purpose::for_action(Action::List), &environment(environment_name)).unwrap();
        unread.items().map(|item| item.name().to_string()).collect()
    }

    /// Returns an item with its values.
    pub fn item(&self, (environment_name, name): &Place) -> Item {
        let purpose = Purpose::for_action(Action::Get);
        let unread = self.session.open(&purpose, environment_name).unwrap();
        self.session.read(&purpose, unread).unwrap().item(environment_name, name).unwrap().clone()
    }

    /// Returns the log, one line per entry: `set dev A,B`.
    pub fn log(&self) -> Vec<String> {
        log_of(&self.session)
    }
}

/// Removes items.
pub fn remove(session: &mut Session, places: &[Place]) {
    Agreed::to(rm::Removal::of(session, places, Expected::Anything).unwrap()).save(session).unwrap();
}

/// Removes an environment.
pub fn remove_environment(session: &mut KeySession, name: &str) {
    Agreed::to(env_rm::Removal::of(session, &environment(name)).unwrap()).save(session).unwrap();
}

/// Removes a user, and the users whose keys that user may have.
pub fn remove_user(session: &mut KeySession, name: &UserName) -> Result<user_rm::Done> {
    Agreed::to(user_rm::Removal::of(session, name, false, Accepted::default())?).save(session)
}

/// Returns the log of a session's user, as [`Sandbox::log`] does.
pub fn log_of(session: &Session) -> Vec<String> {
    let log = session.read_log_of(session.user(), Extent::Whole).unwrap();
    let line = |line: Result<crate::log::Line>| {
        let line = line.unwrap();
        let (entry, items) = (&line.entry, line.items());
        let items: Vec<_> = items.iter().map(ToString::to_string).collect();
        format!("{} {} {}", entry.action.word(), entry.environment.as_deref().unwrap_or("-"), items.join(","))
    };
    log.lines().map(line).collect()
}
