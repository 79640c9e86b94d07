//! The kinds of items.

use serde::{Deserialize, Serialize};

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
