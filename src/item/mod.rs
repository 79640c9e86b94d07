//! Items: the content of a decrypted environment.

mod anchor;
mod content;
mod delivery;
mod description;
mod due;
pub mod find;
mod injectable;
mod metadata;
mod outline;
mod planted;
mod restore;
mod variable;
mod wire;

pub use anchor::{Anchor, AnchorStatement};
pub use content::Content;
pub use delivery::{Clash, Deliver, clashes, usual_variable, value_variable, variable};
pub use description::Description;
pub use due::{ANNOUNCED, Outlook};
pub use injectable::Injectable;
pub(crate) use injectable::{Injectables, injectables};
pub use metadata::Metadata;
pub use outline::{InjectableOutline, Outline, VersionOutline};
pub use variable::{MAX_VARIABLE, VariableProblem, is_nothing, value_problem, variable_problem};

use crate::error::{Error, Reason, Result};
use crate::name::{EnvironmentName, ItemName, UserName};
use crate::random;
use crate::secret::SecretBytes;
use crate::signature::{Hash, Message, from_hex, write_hex};
use crate::time::Time;
use metadata::Described;
use serde::{Deserialize, Serialize};

/// The maximum size of a value, in bytes.
pub const MAX_VALUE: usize = 1024 * 1024;
/// The maximum number of earlier values of an item.
pub const MAX_HISTORY: usize = 10;
/// The maximum length of a note or provider, in bytes.
pub const MAX_NOTE: usize = 4096;
/// The maximum number of tags of an item.
pub const MAX_TAGS: usize = 16;
/// The maximum number of devices with anchors in an environment.
pub const MAX_DEVICES: usize = 1000;

/// The kind of an item, which decides how much of the value is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Hidden everywhere.
    #[default]
    Secret,
    /// Ordinary configuration, which is shown in lists and not masked.
    Variable,
    /// Hidden, except for the last 4 characters of long values.
    ApiKey,
}

impl Kind {
    /// Returns the word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Variable => "variable",
            Self::ApiKey => "api-key",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// An item with everything that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The stored id, if it differs from the derived one: see [`Item::id`].
    id: Option<String>,
    /// The name, unique in its environment.
    pub name: ItemName,
    /// Everything that users can change apart from the value.
    pub metadata: Metadata,
    /// The current value.
    pub current: Version,
    /// Who created the item.
    pub owner: UserName,
    /// When the item was created.
    pub created_at: Time,
    /// When any part of the item last changed.
    pub updated_at: Time,
    /// Who last changed the item.
    pub updated_by: UserName,
    /// Earlier values, newest first.
    pub(crate) history: Vec<Version>,
}

/// One value of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The number of the value, counted from 1 for each item.
    pub number: u32,
    /// The value, which can be any bytes.
    pub value: SecretBytes,
    /// When the value was set.
    pub set_at: Time,
    /// Who set the value.
    pub set_by: UserName,
    /// Tells the version from another one of the item that was set in the same second.
    pub set_id: Option<String>,
    /// When a replacement became due, because somebody who knew the value lost the right to read it.
    pub rotate_due: Option<Time>,
}

impl Item {
    /// Returns the item's id, 16 bytes in hexadecimal, which is unique in the vault and stays the same when the item is
    /// renamed. Unless an id is stored, it is derived from the environment, the name and the time of creation. Storing 16
    /// random bytes for each item would take a third of a large vault.
    #[must_use]
    pub fn id(&self, environment: &EnvironmentName) -> String {
        self.id.clone().unwrap_or_else(|| self.usual_id(environment, &self.name))
    }

    /// Whether the item was created in this environment under this name, and has been renamed or moved since.
    #[must_use]
    pub fn came_from(&self, environment: &EnvironmentName, name: &ItemName) -> bool {
        self.id.as_ref().is_some_and(|id| *id == self.usual_id(environment, name))
    }

    fn usual_id(&self, environment: &EnvironmentName, name: &ItemName) -> String {
        let mut message = Message::new("vault/item/v1");
        message.text(environment.as_str()).text(name.as_str()).text(&self.created_at.to_string());
        Hash::of(message.as_bytes()).to_string()[..32].to_owned()
    }

    /// Returns the current version and the earlier ones, newest first.
    pub fn versions(&self) -> impl Iterator<Item = &Version> {
        std::iter::once(&self.current).chain(&self.history)
    }

    /// Returns what lists show of the value: everything of a variable, the end of a long API key, otherwise nothing.
    #[must_use]
    pub fn shown(&self) -> Option<String> {
        const LONG: usize = 20;
        const END: usize = 4;
        let text = String::from_utf8_lossy(&self.current.value);
        match self.metadata.kind {
            Kind::Variable => Some(text.into_owned()),
            Kind::ApiKey => {
                let count = text.chars().count();
                (count >= LONG).then(|| format!("…{}", text.chars().skip(count - END).collect::<String>()))
            }
            Kind::Secret => None,
        }
    }

    /// Returns the version with this number.
    ///
    /// # Errors
    /// A not-found error that says which versions exist.
    pub fn version(&self, number: u32) -> Result<&Version> {
        self.versions().find(|version| version.number == number).ok_or_else(|| {
            let oldest = self.history.last().unwrap_or(&self.current).number;
            Error::new(Reason::NoVersion, format!("{} has no version {number}", self.name))
                .hint(format!("it keeps versions {oldest} to {}", self.current.number))
        })
    }

    /// Returns the item with this id, which it has under another name or on another branch.
    #[must_use]
    pub fn identified(mut self, environment: &EnvironmentName, id: String) -> Self {
        self.id = (id != self.usual_id(environment, &self.name)).then_some(id);
        self
    }

    /// Sets a new value. The current one becomes an earlier one.
    ///
    /// # Errors
    /// A failure if there are no random numbers.
    pub(crate) fn renew(&mut self, value: SecretBytes, by: &UserName, now: Time) -> Result<()> {
        let number = self.current.number.saturating_add(1);
        let rotate_due = self.mark_of(&value);
        // Times have whole seconds. Without the id, a merge would confuse two versions with the same value and time.
        let is_first_then = self.versions().all(|version| version.set_at < now);
        let set_id = (!is_first_then).then(random_id).transpose()?;
        let new = Version { number, value, set_at: now, set_by: by.clone(), set_id, rotate_due };
        self.history.insert(0, std::mem::replace(&mut self.current, new));
        self.history.truncate(MAX_HISTORY);
        self.touch(by, now);
        Ok(())
    }

    fn touch(&mut self, by: &UserName, now: Time) {
        self.updated_at = now;
        self.updated_by = by.clone();
    }
}

/// The place of a plaintext. The plaintext repeats it, so that a block can't be replaced with another one.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The vault's id.
    pub vault: &'a Hash,
    /// The environment.
    pub environment: &'a EnvironmentName,
    /// The version of the block.
    pub version: u32,
}

/// Returns 16 random bytes in hexadecimal.
///
/// # Errors
/// If the operating system provides no randomness.
pub fn random_id() -> Result<String> {
    let mut bytes = [0; 16];
    random::fill(&mut bytes)?;
    let mut text = String::with_capacity(32);
    let _ = write_hex(&bytes, &mut text);
    Ok(text)
}

/// Whether a text has the form of a [`random_id`].
#[must_use]
pub fn is_id(text: &str) -> bool {
    from_hex::<16>(text).is_some()
}
