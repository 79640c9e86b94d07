//! The results of commands, as `--json` reports them.

use super::LeftBehind;
use crate::error::Result;
use crate::log::Archive;
use crate::name::{EnvironmentName, NamedItem, UserName};
use crate::vault::Vault;
use serde::Serialize;
use std::path::Path;

/// What `import` did, or would do with `--dry-run`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Import {
    /// The environment's name.
    pub environment: String,
    /// The names of new items.
    pub added: Vec<String>,
    /// The names of items with a new value.
    pub changed: Vec<String>,
    /// The names of items that had the value already.
    pub same: Vec<String>,
    /// Remarks about the file, in the order of its lines.
    pub notes: Vec<String>,
    /// Whether nothing was written.
    pub dry_run: bool,
}

/// A random value.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Generated {
    /// The value.
    pub value: String,
    /// How hard it is to guess: the base-2 logarithm of the number of guesses, rounded down.
    pub entropy_bits: u64,
}

/// The result of `log archive`.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogArchive {
    /// The user whose log it is.
    pub user: String,
    /// The archive; absent if there was nothing to archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The number of entries in the archive.
    pub entries: u64,
    /// The number of segments in the archive.
    pub segments: u32,
    /// The number of the first entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// The number of the last entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<u64>,
    /// How many more entries from before the given time did not fit. They are in the next file, or still in the log.
    pub left: u64,
}

impl LogArchive {
    /// Returns the object for an archive of a user's log that was moved into this file.
    #[must_use]
    pub fn new(user: &UserName, archive: &Archive, file: &Path) -> Self {
        Self {
            user: user.to_string(),
            file: Some(file.display().to_string()),
            entries: archive.entries(),
            segments: archive.segments(),
            first: Some(archive.first()),
            last: Some(archive.last()),
            left: archive.left(),
        }
    }

    /// Returns the object for a log that has nothing to archive.
    #[must_use]
    pub fn nothing(user: &UserName) -> Self {
        Self { user: user.to_string(), ..Self::default() }
    }
}

/// The keys that somebody who wants to join sends to an admin.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The user's name.
    pub username: String,
    /// The public keys, for `user add --keys`.
    pub keys: String,
}

/// What has to be done after users lost rights.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Lost {
    /// The users who lost rights.
    pub users: Vec<String>,
    /// The items to rotate, because the users knew their values: `ENV/NAME`.
    pub rotate: Vec<String>,
    /// The environments that wait for the next save by a user who can write them.
    pub pending: Vec<String>,
    /// What else is left behind.
    #[serde(flatten)]
    pub left: LeftBehind,
}

impl Lost {
    /// Returns the object for what these users could read before, and what is left behind.
    #[must_use]
    pub fn new(users: &[UserName], lost: &[crate::vault::Lost], left: LeftBehind) -> Self {
        let (mut rotate, mut pending) = (Vec::new(), Vec::new());
        for crate::vault::Lost { environment, marked, .. } in lost {
            match marked {
                Some(names) => rotate.extend(names.iter().map(|name| NamedItem::within(environment, name).to_string())),
                None => pending.push(environment.to_string()),
            }
        }
        Self { users: users.iter().map(ToString::to_string).collect(), rotate, pending, left }
    }
}

/// The pin with which a machine rejects older files.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Pin {
    /// The value for VAULT_PIN.
    pub pin: String,
}

/// The permissions on this device.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Allowed {
    /// The vault's id.
    pub object_id: String,
    /// The vault's file.
    pub path: String,
    /// Whether shells with the hook set the variables of this vault.
    pub shells: bool,
    /// The dangerous names that commands may get, by environment.
    pub names: Vec<AllowedNames>,
}

impl Allowed {
    /// Returns the object for what this device allows for a vault.
    ///
    /// # Errors
    /// If the permissions can't be read.
    pub fn new(vault: &Vault) -> Result<Self> {
        let names = |environment: &EnvironmentName| AllowedNames {
            environment: environment.to_string(),
            names: vault.allowed_names(environment).map(str::to_owned).collect(),
        };
        let all = vault.roster().state().environments.keys().map(names);
        Ok(Self {
            object_id: vault.id().to_string(),
            path: vault.path().display().to_string(),
            shells: vault.is_allowed()?,
            names: all.filter(|allowed| !allowed.names.is_empty()).collect(),
        })
    }
}

/// The dangerous names that commands may get from an environment.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AllowedNames {
    /// The environment's name.
    pub environment: String,
    /// The names.
    pub names: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::passwd;
    use crate::actions::testing::{Sandbox, environment};
    use crate::log::{Action, Entry, MAX_ARCHIVE};
    use crate::time::Time;
    use crate::vault::Fallbacks;

    #[test]
    fn an_archive_names_its_file_and_entries_and_nothing_names_neither() {
        let mut sandbox = Sandbox::with(&["dev/A=1"]);
        passwd::key(&mut sandbox.session, Fallbacks::default(), |_, _| Ok(())).unwrap();
        sandbox.session.log(vec![Entry::new(Action::List)]).unwrap();
        let (session, before) = (&sandbox.session, Time::parse("2999-01-01T00:00:00Z").unwrap());
        let archive = session.seal_archive(before, MAX_ARCHIVE).unwrap().unwrap();
        let moved = LogArchive::new(session.user(), &archive, Path::new("old.txt"));
        assert_eq!((moved.user.as_str(), moved.file.as_deref()), ("mia", Some("old.txt")));
        assert_eq!((moved.first, moved.last, moved.left), (Some(1), Some(moved.entries), 0));
        let nothing = LogArchive::nothing(session.user());
        assert_eq!((nothing.file, nothing.first, nothing.entries, nothing.segments), (None, None, 0, 0));
    }

    #[test]
    fn allowed_names_are_listed_with_the_environments_that_have_them() {
        let sandbox = Sandbox::new();
        let vault = sandbox.session.vault();
        let before = Allowed::new(vault).unwrap();
        assert_eq!((before.object_id, before.shells, before.names.len()), (vault.id().to_string(), false, 0));
        vault.allow().unwrap();
        let name = crate::name::VariableName::new("NODE_OPTIONS").unwrap();
        vault.allow_name(&environment("dev"), &crate::dangerous::DangerousName::new(name).unwrap()).unwrap();
        let allowed = Allowed::new(sandbox.session.reopen().unwrap().vault()).unwrap();
        assert!(allowed.shells);
        assert_eq!(allowed.names.len(), 1);
        assert_eq!(
            (allowed.names[0].environment.as_str(), &allowed.names[0].names[..]),
            ("dev", &["NODE_OPTIONS".to_owned()][..])
        );
    }
}
