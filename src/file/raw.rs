//! The raw tables of the file, before their fields are interpreted.

use super::MAX_KEY_SLOTS;
use super::fields::{Bounded, Text};
use super::statement::ReadStatement;
use crate::roster::{MAX_CHANGES, MAX_ENVIRONMENTS, MAX_USERS};
use serde::Deserialize;

pub(super) const MAX_SLOTS: usize = MAX_USERS * (MAX_KEY_SLOTS + 1);

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(PartialEq))]
#[serde(deny_unknown_fields)]
pub(super) struct Outline<'a> {
    pub format: u32,
    pub roster: Bounded<ReadStatement, MAX_CHANGES>,
    #[serde(borrow, default)]
    pub slot: Bounded<RawSlot<'a>, MAX_SLOTS>,
    #[serde(borrow, default)]
    pub environment: Bounded<RawBlock<'a>, MAX_ENVIRONMENTS>,
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
