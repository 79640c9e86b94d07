//! The ways in which an item reaches a program: as a variable, as a file whose path is in a variable, or not at all.

use crate::name::{VariableName, is_variable_name};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How `exec` gives an item to a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deliver {
    /// A variable holds the value.
    #[default]
    Variable,
    /// A variable holds the path of a file that exists only in memory.
    File,
    /// A program gets the item only if the user asks for it by name.
    None,
}

impl Deliver {
    /// Returns the word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Variable => "variable",
            Self::File => "file",
            Self::None => "none",
        }
    }
}

impl std::fmt::Display for Deliver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// Returns the default variable of an item: its name or, for the path of a file, the name with `_FILE`. The result may
/// not be a valid variable name.
#[must_use]
pub(crate) fn usual_variable(item: &str, deliver: Deliver) -> Cow<'_, str> {
    match deliver {
        Deliver::Variable | Deliver::None => Cow::Borrowed(item),
        Deliver::File => Cow::Owned(format!("{item}_FILE")),
    }
}

/// Returns the variable that holds an item's value, or the path of its file.
#[must_use]
pub fn variable<'a>(item: &'a str, deliver: Deliver, chosen: Option<&'a VariableName>) -> Cow<'a, str> {
    chosen.map_or_else(|| usual_variable(item, deliver), |chosen| Cow::Borrowed(chosen.as_str()))
}

/// Returns the variable for an item's value itself, for example in an export. The path of a file has a different
/// variable.
#[must_use]
pub(crate) fn value_variable<'a>(item: &'a str, deliver: Deliver, chosen: Option<&'a VariableName>) -> &'a str {
    chosen.filter(|_| deliver != Deliver::File).map_or(item, VariableName::as_str)
}

/// Whether an item that is delivered as a file has no valid variable for the path.
pub(super) fn lacks_variable(item: &str, deliver: Deliver, is_chosen: bool) -> bool {
    deliver == Deliver::File && !is_chosen && !is_variable_name(&usual_variable(item, deliver))
}
