//! The names of items, environments and users: the characters they may have, and patterns that match them.

mod close;
mod named_item;
mod pattern;

pub use close::closest;
pub use named_item::NamedItem;
pub use pattern::Pattern;
pub(crate) use vault_values::words::{Marks, speaks_of_secrets, words};

use crate::error::{Error, Reason, Result};
use crate::redact;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use vault_quick::names::{Class, is_made_of};

macro_rules! name_type {
    ($(#[$doc:meta])* $type:ident, $parse:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// Checks and accepts a name.
            ///
            /// # Errors
            /// A usage error that says which rule the text breaks.
            pub fn new(text: impl Into<String>) -> Result<Self> {
                let text = text.into();
                $parse(&text)?;
                Ok(Self(text))
            }

            /// Returns the name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl TryFrom<String> for $type {
            type Error = Error;

            fn try_from(text: String) -> Result<Self> {
                Self::new(text)
            }
        }

        impl std::str::FromStr for $type {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self> {
                Self::new(text)
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> String {
                name.0
            }
        }

        impl std::borrow::Borrow<str> for $type {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

name_type!(
    /// An item's name: `[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}`.
    ItemName,
    check_item_name
);

name_type!(
    /// An environment's name: `[a-z0-9][a-z0-9_-]{0,62}`.
    EnvironmentName,
    check_environment_name
);

name_type!(
    /// A user's name: `[a-z0-9][a-z0-9_-]{0,62}`.
    UserName,
    check_user_name
);

name_type!(
    /// The name of a variable: `[A-Za-z_][A-Za-z0-9_]{0,254}`.
    VariableName,
    check_variable_name
);

impl VariableName {
    /// Checks that `text` is a variable name.
    pub(crate) fn check(text: &str) -> Result<()> {
        check_variable_name(text)
    }
}

impl EnvironmentName {
    /// Returns the name of the environment of a vault that is created without naming any. In a vault with several
    /// environments it is the one that commands use if none is named.
    #[must_use]
    pub fn usual() -> Self {
        Self("dev".to_owned())
    }
}

impl UserName {
    /// Checks that `text` is a user name.
    pub(crate) fn check(text: &str) -> Result<()> {
        check_user_name(text)
    }

    /// Returns the login name, adapted to the rules for user names; `me` if nothing of it is left.
    #[must_use]
    pub fn from_login(login: &str) -> Self {
        let fit = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' { c } else { '-' };
        let name: String = login.to_lowercase().chars().map(fit).take(MAX_LABEL).collect();
        let name = name.trim_start_matches(['-', '_']);
        Self(if name.is_empty() { "me" } else { name }.to_owned())
    }
}

impl ItemName {
    /// Checks that `text` is an item name.
    pub(crate) fn check(text: &str) -> Result<()> {
        check_item_name(text)
    }

    /// Returns whether the name can be that of an environment variable: `[A-Za-z_][A-Za-z0-9_]*`.
    #[must_use]
    pub fn is_variable(&self) -> bool {
        is_variable_name(&self.0)
    }
}

/// Returns whether `text` is a valid variable name (POSIX.1-2024, 3.216): a letter or `_`, then letters, digits and
/// `_`.
#[must_use]
pub fn is_variable_name(text: &str) -> bool {
    let first = text.as_bytes().first();
    first.is_some_and(|byte| !byte.is_ascii_digit()) && is_made_of(text, Class::Variable)
}

/// The maximum length of the name of an item or a variable, in bytes.
pub const MAX_ITEM_NAME: usize = 255;
/// The maximum length of the name of an environment or a user, in bytes.
pub const MAX_LABEL: usize = 63;

fn check_item_name(text: &str) -> Result<()> {
    let ok = text.len() <= MAX_ITEM_NAME
        && text.get(..1).is_some_and(|first| is_made_of(first, Class::Variable))
        && is_made_of(text, Class::Item);
    // Names are logged and shown, so a key in place of a name must not pass.
    if ok && matches!(redact::keys(text), Cow::Owned(_)) {
        return Err(Error::new(Reason::BadName, "this is a key, not an item name").of_a_key());
    }
    if ok {
        return Ok(());
    }
    let wrong = wrong_character(text, "_.-");
    Err(Error::new(Reason::BadName, format!("this is not a valid item name{wrong}"))
        .hint("names are made of A-Z a-z 0-9 _ . - and start with a letter, a digit or _; at most 255 long"))
}

/// Describes the first character that is neither a letter, a digit nor one of `others`. The text itself is not
/// repeated: what people type in place of a name by mistake is often a value.
fn wrong_character(text: &str, others: &str) -> String {
    let is_wrong = |c: &char| !(c.is_ascii_alphanumeric() || others.contains(*c));
    let Some((at, c)) = text.chars().enumerate().find(|(_, c)| is_wrong(c)) else { return String::new() };
    let c = if c == ' ' { "a space".to_owned() } else { format!("\"{}\"", shown(c.encode_utf8(&mut [0; 4]), 1)) };
    format!(": {c} (character {}) can't be part of it", at + 1)
}

fn check_variable_name(text: &str) -> Result<()> {
    if text.len() <= MAX_ITEM_NAME && is_variable_name(text) && matches!(redact::keys(text), Cow::Borrowed(_)) {
        return Ok(());
    }
    let wrong = wrong_character(text, "_");
    Err(Error::new(Reason::BadName, format!("this is not a valid variable name{wrong}"))
        .hint("variable names are made of A-Z a-z 0-9 _ and don't start with a digit; at most 255 long"))
}

fn check_environment_name(text: &str) -> Result<()> {
    check_label(text, "an environment")
}

fn check_user_name(text: &str) -> Result<()> {
    check_label(text, "a user")
}

fn check_label(text: &str, what: &str) -> Result<()> {
    let ok = text.len() <= MAX_LABEL
        && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte));
    if ok {
        return Ok(());
    }
    Err(Error::new(Reason::BadName, format!("{} is not a valid name for {what}", quoted(text)))
        .hint("use a-z 0-9 _ -, starting with a letter or a digit; at most 63 long"))
}

/// Returns the one of `all` with this name; `what` says what it should be.
///
/// # Errors
/// A usage error with a hint that lists all names.
pub(crate) fn one_of<T: Copy, N: AsRef<str>>(text: &str, what: &str, all: &[T], name: impl Fn(T) -> N) -> Result<T> {
    all.iter().copied().find(|one| name(*one).as_ref() == text).ok_or_else(|| {
        let names: Vec<N> = all.iter().map(|one| name(*one)).collect();
        let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        Error::usage(format!("{} is not a known {what}", quoted(text)))
            .hint(format!("use one of: {}", names.join(", ")))
    })
}

/// Returns `text` in double quotes, with control characters escaped, and cut to fit on one line.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", shown(text, 40))
}

/// Returns `text` for display on one line: unprintable characters are escaped, and the rest after `most` is cut off.
#[must_use]
pub fn shown(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for c in text.chars().take(most) {
        match c {
            // A single quote ends nothing here.
            '\'' => shown.push(c),
            _ => shown.extend(c.escape_debug()),
        }
    }
    if text.chars().nth(most).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_name_becomes_a_user_name_whatever_is_in_it() {
        let long = "a".repeat(80);
        for (login, name) in [
            ("mia", "mia"),
            ("Mia.Ortiz", "mia-ortiz"),
            ("_www", "www"),
            ("CORP\\mia", "corp-mia"),
            ("j\u{f6}rg", "j-rg"),
            ("", "me"),
            ("--_", "me"),
            (&long, &long[..MAX_LABEL]),
        ] {
            assert_eq!(UserName::from_login(login).as_str(), name);
            UserName::check(name).unwrap();
        }
    }
}
