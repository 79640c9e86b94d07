//! Items: the content of a decrypted environment.

mod anchor;
mod content;
mod delivery;
mod description;
mod due;
pub mod find;
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
pub use outline::{InjectableOutline, Outline, VersionOutline};
pub use variable::{MAX_VARIABLE, Unfit, is_nothing, unfit, unfit_value};

use crate::error::{Error, Reason, Remedy, Result};
use crate::name::{EnvironmentName, ItemName, UserName, VariableName, is_variable_name, quoted};
use crate::random;
use crate::secret::{SecretBytes, SecretPart, TextPart};
use crate::signature::{Hash, Message, from_hex, write_hex};
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use zeroize::Zeroizing;

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
    pub history: Vec<Version>,
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

/// Everything about an item that users can change apart from the value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// The kind of the item.
    pub kind: Kind,
    /// Free text.
    pub note: Option<String>,
    /// Words by which to find the item.
    pub tags: Vec<String>,
    /// Who issued the API key.
    pub provider: Option<String>,
    /// When the value expires.
    pub expires_at: Option<Time>,
    /// The number of days after which a value should be replaced.
    pub rotate_after: Option<u32>,
    /// How a program gets the item.
    pub deliver: Deliver,
    /// The variable that holds the value or the path of its file, if it is not the default one.
    pub variable: Option<VariableName>,
}

impl Metadata {
    /// Returns the metadata for a new value: without the expiry, which was about the old value.
    #[must_use]
    pub fn for_new_value(&self) -> Self {
        Self { expires_at: None, ..self.clone() }
    }

    /// Checks the limits, and that an item of kind `variable` has a valid variable name.
    ///
    /// # Errors
    /// A usage error that says what is not valid.
    pub fn check(&self, name: &ItemName) -> Result<()> {
        let Self { kind, note, provider, tags, deliver, variable, .. } = self;
        let described = Described {
            kind: *kind,
            note: note.as_deref(),
            provider: provider.as_deref(),
            tags: tags.len(),
            deliver: *deliver,
            has_variable: variable.is_some(),
        };
        described.check(name.as_str(), tags.iter().map(String::as_str))
    }
}

/// The parts of an item's metadata that have limits.
struct Described<'a> {
    kind: Kind,
    note: Option<&'a str>,
    provider: Option<&'a str>,
    /// The number of tags.
    tags: usize,
    deliver: Deliver,
    /// Whether a variable was chosen for the item.
    has_variable: bool,
}

impl Described<'_> {
    fn check<'a>(&self, name: &str, mut tags: impl Iterator<Item = &'a str>) -> Result<()> {
        if self.kind == Kind::Variable && !is_variable_name(name) {
            return Err(Error::usage(format!("{name} can't be a variable: it is not a variable name"))
                .hint("variable names are made of A-Z a-z 0-9 _ and don't start with a digit"));
        }
        if delivery::lacks_variable(name, self.deliver, self.has_variable) {
            return Err(Error::usage(format!(
                "{name} needs a variable for the path of its file: {name}_FILE can't be a variable name"
            ))
            .hint(("choose one: ", Remedy::ChooseVariable)));
        }
        if [self.note, self.provider].into_iter().flatten().any(|text| text.len() > MAX_NOTE) {
            return Err(Error::usage(format!("a note or provider is longer than {MAX_NOTE} bytes")));
        }
        if self.tags > MAX_TAGS {
            return Err(Error::usage(format!("an item has at most {MAX_TAGS} tags")));
        }
        match tags.find(|tag| ItemName::check(tag).is_err()) {
            Some(tag) => {
                Err(Error::usage(format!("{} is not a tag", quoted(tag))).hint("tags are made of A-Z a-z 0-9 _ . -"))
            }
            None => Ok(()),
        }
    }
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

/// The parts of an item that `exec` needs. Decoding the rest would take most of its time.
#[derive(Clone)]
pub struct Injectable {
    /// The name.
    pub name: TextPart,
    /// The kind of the item.
    pub kind: Kind,
    /// The value.
    pub value: SecretPart,
    /// When the value expires.
    pub expires_at: Option<Time>,
    /// How a program gets the item.
    pub deliver: Deliver,
    /// The variable that was chosen for the item.
    pub variable: Option<VariableName>,
}

impl Injectable {
    /// Returns a secret with this name and value, to be delivered as a variable.
    #[must_use]
    pub fn new(name: impl Into<TextPart>, value: impl Into<SecretPart>) -> Self {
        Self {
            name: name.into(),
            kind: Kind::Secret,
            value: value.into(),
            expires_at: None,
            deliver: Deliver::Variable,
            variable: None,
        }
    }

    /// Returns the variable that holds the value or the path of its file.
    #[must_use]
    pub fn variable(&self) -> Cow<'_, str> {
        variable(&self.name, self.deliver, self.variable.as_ref())
    }

    /// Whether the value has expired by `now`.
    #[must_use]
    pub fn is_expired(&self, now: Time) -> bool {
        self.expires_at.is_some_and(|expires| expires <= now)
    }
}

/// Parses only what `exec` needs, of the items whose names `wanted` accepts.
///
/// # Errors
/// An integrity error that repeats nothing of the plaintext.
pub(crate) fn injectables(
    json: Zeroizing<Vec<u8>>,
    place: &Place<'_>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Injectable>> {
    wire::read_injectables(json, place, wanted)
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
