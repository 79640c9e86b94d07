//! Environments, and the rights on them.

use crate::name::UserName;
use crate::roster;
use crate::vault::{LastSave, Standing, Vault};
use serde::Serialize;

/// An environment.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// The hash of the roster change that added it, and its name: a later environment of the same name has another id.
    pub object_id: String,
    /// The environment's name.
    pub name: String,
    /// The number of saves since it was added.
    pub version: u32,
    /// The number of items; only if it was unlocked and the user can read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<usize>,
    /// The users who can read it.
    pub readers: Vec<String>,
    /// The users who can write it.
    pub writers: Vec<String>,
    /// When it was added: RFC 3339, UTC.
    pub created_at: String,
    /// When it was last saved: RFC 3339, UTC.
    pub updated_at: String,
    /// The user who saved it last.
    pub updated_by: String,
    /// Whether commands ask for confirmation or a reason before they hand out or change its values.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub protected: bool,
    /// Whether a user lost a right on it, and it waits for the next save by a user who can write it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
}

impl Environment {
    /// Returns the object for an environment of this vault, by its last save, without the number of its items. `None` if
    /// the vault has no environment with this name.
    #[must_use]
    pub fn new(vault: &Vault, LastSave { statement, standing }: LastSave<'_>) -> Option<Self> {
        let name = &statement.name;
        let environment = vault.roster().state().environments.get(name)?;
        let added = vault.roster().hash_at(environment.added)?;
        Some(Self {
            // A server has it in the paths of its addresses, so it has no slash.
            object_id: format!("{added}-{name}"),
            name: name.to_string(),
            version: statement.version,
            items: None,
            readers: users(environment, roster::Environment::reads),
            writers: users(environment, roster::Environment::writes),
            created_at: environment.added_at.to_string(),
            updated_at: statement.written().to_string(),
            updated_by: statement.author.to_string(),
            protected: environment.is_protected(),
            pending: standing == Standing::Pending,
        })
    }
}

fn users(environment: &roster::Environment, may: fn(&roster::Environment, &UserName) -> bool) -> Vec<String> {
    environment.grants.keys().filter(|user| may(environment, user)).map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment};
    use crate::actions::user_add::Rights;

    #[test]
    fn an_environment_has_an_id_without_a_slash_and_lists_its_readers_and_writers() {
        let mut sandbox = Sandbox::new();
        sandbox.add_user("ben", &Rights { read: &[environment("dev")], ..Rights::default() });
        let vault = sandbox.session.vault();
        let save = vault.last_saves().unwrap()[&environment("dev")];
        let dev = Environment::new(vault, save).unwrap();
        let added = vault.roster().state().environments[&environment("dev")].added;
        let added = vault.roster().hash_at(added).unwrap();
        assert_eq!(dev.object_id, format!("{added}-dev"));
        assert_eq!((&dev.readers[..], &dev.writers[..]), (&["ben".into(), "mia".into()][..], &["mia".into()][..]));
        assert_eq!((dev.updated_by.as_str(), dev.items, dev.protected, dev.pending), ("mia", None, false, false));
        assert!(Environment::new(vault, LastSave { standing: Standing::Pending, ..save }).unwrap().pending);
    }
}
