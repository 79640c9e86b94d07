//! Types of the file's fields, and errors about them.

use crate::error::{Error, Hint, Part, Remedy, Result, SystemStep};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use std::borrow::Cow;
use std::marker::PhantomData;
use std::ops::Deref;
use std::str::FromStr;

/// A string that borrows from the file's text if it has no escapes. serde borrows for a bare `Cow`, but not for one in an
/// `Option`.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Text<'a>(pub Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(TextVisitor)
    }
}

/// A list that refuses more than `N` items while it is read.
#[derive(Debug, PartialEq)]
pub(super) struct Bounded<T, const N: usize>(pub Vec<T>);

impl<T, const N: usize> Bounded<T, N> {
    /// Returns an empty list with room for `count` items, but at most `N`.
    pub fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count.min(N)))
    }

    /// Adds an item; `None` if the list is full.
    pub fn push(&mut self, item: T) -> Option<()> {
        (self.0.len() < N).then(|| self.0.push(item))
    }
}

impl<T, const N: usize> Default for Bounded<T, N> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>, const N: usize> Deserialize<'de> for Bounded<T, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T, const N: usize>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>, const N: usize> Visitor<'de> for Items<T, N> {
            type Value = Bounded<T, N>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "a list of at most {N}")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Bounded<T, N>, A::Error> {
                let mut items = Bounded::default();
                while let Some(item) = list.next_element()? {
                    items.push(item).ok_or_else(|| A::Error::custom(format!("a list of more than {N}")))?;
                }
                Ok(items)
            }
        }

        deserializer.deserialize_seq(Items::<T, N>(PhantomData))
    }
}

const RESTORE: &[Part] = &[
    Part::Text(Cow::Borrowed("restore the file from a copy you trust, for example: ")),
    Part::Remedy(Remedy::System(SystemStep::RestoreFile)),
];

/// The hint for a damaged file.
pub(super) fn restore() -> Hint {
    Hint::from_static(RESTORE)
}

/// Returns the error with its place in front. Keeps the error's own hint.
pub(super) fn located(place: &str, error: &Error) -> Error {
    let hint = error.advice().cloned().unwrap_or_else(restore);
    Error::integrity(format!("{place}: {error}")).hint(hint)
}

/// Parses a name or another word. Its errors become integrity errors, because the word is from the file, not from the
/// user.
pub(super) fn name<T: FromStr<Err = Error>>(text: &str) -> Result<T> {
    text.parse().map_err(|error: Error| Error::integrity(error.to_string()))
}

pub(super) fn missing(field: &str) -> Error {
    Error::integrity(format!("the field {field} is missing"))
}
