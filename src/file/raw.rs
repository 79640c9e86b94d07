//! The tables of the file as they stand there, before any field means something.

use super::{MAX_KEY_SLOTS, read};
use crate::roster::{MAX_CHANGES, MAX_ENVIRONMENTS, MAX_USERS, Statement};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use std::borrow::Cow;
use std::marker::PhantomData;
use std::ops::Deref;

pub(super) const MAX_SLOTS: usize = MAX_USERS * (MAX_KEY_SLOTS + 1);

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outline<'a> {
    pub format: u32,
    pub roster: Bounded<ReadStatement, MAX_CHANGES>,
    #[serde(borrow, default)]
    pub slot: Bounded<RawSlot<'a>, MAX_SLOTS>,
    #[serde(borrow, default)]
    pub environment: Bounded<RawBlock<'a>, MAX_ENVIRONMENTS>,
}

/// A change of the roster, or what is wrong with it. There can be thousands: each is converted at once, so that their
/// tables never lie in memory all together.
#[derive(Debug, PartialEq)]
pub(super) struct ReadStatement(pub crate::error::Result<Statement>);

impl<'de> Deserialize<'de> for ReadStatement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RawStatement::deserialize(deserializer).map(|raw| Self(read::statement(raw)))
    }
}

/// All fields that any change has; which of them belong together is checked when the change is known.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStatement<'a> {
    pub version: u32,
    #[serde(borrow)]
    pub author: Text<'a>,
    #[serde(borrow)]
    pub time: Text<'a>,
    #[serde(borrow)]
    pub change: Text<'a>,
    #[serde(borrow, default)]
    pub random: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub user: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub email: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub role: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub environment: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub environments: Option<Bounded<Text<'a>, MAX_ENVIRONMENTS>>,
    #[serde(borrow, default)]
    pub grants: Option<Bounded<Text<'a>, MAX_USERS>>,
    #[serde(borrow, default)]
    pub recipient: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub verifying_key: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub keys_signature: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub pending: Option<Bounded<Text<'a>, MAX_ENVIRONMENTS>>,
    #[serde(borrow)]
    pub signature: Text<'a>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSlot<'a> {
    #[serde(borrow)]
    pub user: Text<'a>,
    #[serde(borrow)]
    pub kind: Text<'a>,
    #[serde(borrow, default)]
    pub hint: Option<Text<'a>>,
    #[serde(borrow)]
    pub data: Text<'a>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBlock<'a> {
    #[serde(borrow)]
    pub name: Text<'a>,
    pub version: u32,
    #[serde(borrow)]
    pub previous: Bounded<Text<'a>, 2>,
    #[serde(borrow, default)]
    pub ancestors: Option<Text<'a>>,
    pub roster: u32,
    #[serde(borrow)]
    pub roster_hash: Text<'a>,
    #[serde(borrow)]
    pub author: Text<'a>,
    #[serde(borrow)]
    pub time: Text<'a>,
    #[serde(borrow)]
    pub signature: Text<'a>,
    #[serde(borrow)]
    pub data: Text<'a>,
}

/// A string, borrowed from the file where it stands there as it is; serde borrows a bare `Cow` only, none in an `Option`.
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

/// A list that refuses to grow beyond `N` items while it is read.
#[derive(Debug, PartialEq)]
pub(super) struct Bounded<T, const N: usize>(pub Vec<T>);

impl<T, const N: usize> Bounded<T, N> {
    /// An empty list with room for so many, or as many as it may hold.
    pub fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count.min(N)))
    }

    /// `None` if the list is full.
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
