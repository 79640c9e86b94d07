//! An item as it is stored: its value, its metadata and its earlier values.

use super::id::random_id;
use super::kind::Kind;
use super::limits::{MAX_HISTORY, check_value};
use super::metadata::Metadata;
use crate::error::{Error, Reason, Result};
use crate::name::{EnvironmentName, ItemName, UserName};
use crate::secret::SecretBytes;
use crate::signature::{Hash, Message};
use crate::time::Time;

/// An item with everything that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The stored id, if it differs from the derived one: see [`Item::id`].
    pub(super) id: Option<String>,
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
    /// Distinguishes the version from another one of the item that was set in the same second.
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
    pub(crate) fn came_from(&self, environment: &EnvironmentName, name: &ItemName) -> bool {
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
    pub(crate) fn identified(mut self, environment: &EnvironmentName, id: String) -> Self {
        self.id = (id != self.usual_id(environment, &self.name)).then_some(id);
        self
    }

    /// Sets a new value. The current one becomes an earlier one.
    ///
    /// # Errors
    /// A usage error if the value is too large; a failure if there are no random numbers.
    pub(crate) fn renew(&mut self, value: SecretBytes, by: &UserName, now: Time) -> Result<()> {
        check_value(&self.name, &value)?;
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

    pub(super) fn touch(&mut self, by: &UserName, now: Time) {
        self.updated_at = now;
        self.updated_by = by.clone();
    }
}
