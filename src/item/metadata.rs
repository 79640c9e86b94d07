//! What users say about an item, and the limits of it.

use super::{Deliver, Kind, MAX_NOTE, MAX_TAGS, delivery, variable};
use crate::error::{Error, Remedy, Result};
use crate::name::{ItemName, VariableName, is_variable_name, quoted};
use crate::time::Time;
use std::borrow::Cow;

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
    /// Returns the variable that programs get from an item of this name, or `None` for an item that is kept from
    /// programs. A variable that was chosen for such an item counts, because it takes effect as soon as the delivery
    /// changes.
    #[must_use]
    pub(crate) fn given_variable<'a>(&'a self, name: &'a ItemName) -> Option<Cow<'a, str>> {
        let is_given = self.deliver != Deliver::None || self.variable.is_some();
        is_given.then(|| variable(name.as_str(), self.deliver, self.variable.as_ref()))
    }

    /// Returns the metadata for a new value: without the expiry, which was about the old value.
    #[must_use]
    pub(crate) fn for_new_value(&self) -> Self {
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
pub(super) struct Described<'a> {
    pub(super) kind: Kind,
    pub(super) note: Option<&'a str>,
    pub(super) provider: Option<&'a str>,
    /// The number of tags.
    pub(super) tags: usize,
    pub(super) deliver: Deliver,
    /// Whether a variable was chosen for the item.
    pub(super) has_variable: bool,
}

impl Described<'_> {
    pub(super) fn check<'a>(&self, name: &str, mut tags: impl Iterator<Item = &'a str>) -> Result<()> {
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
