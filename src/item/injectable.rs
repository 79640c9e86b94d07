//! The parts of an item, and of an environment, that a program gets.

use super::{Deliver, Kind, variable};
use crate::name::VariableName;
use crate::secret::{SecretPart, TextPart};
use crate::time::Time;
use std::borrow::Cow;

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
    pub variable: Option<Box<VariableName>>,
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
        variable(&self.name, self.deliver, self.variable.as_deref())
    }

    /// Whether the value has expired by `now`.
    #[must_use]
    pub fn is_expired(&self, now: Time) -> bool {
        self.expires_at.is_some_and(|expires| expires <= now)
    }
}

/// The items of an environment for a program.
pub(crate) struct Injectables {
    /// The items.
    pub all: Vec<Injectable>,
    /// Whether each item can become the variable of its own name, as far as is known, and they are sorted by it. If so, they
    /// need no second look.
    pub can_be_variables: bool,
}
