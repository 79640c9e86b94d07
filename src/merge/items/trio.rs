//! One item in the three files, and what becomes of it.

use super::fields::is_same;
use crate::diff::Field;
use crate::item::Item;
use crate::merge::Side;
use crate::name::ItemName;

/// One item in the three files.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trio<'a> {
    pub base: Option<&'a Item>,
    pub ours: Option<&'a Item>,
    pub theirs: Option<&'a Item>,
}

impl<'a> Trio<'a> {
    pub(super) fn item_on(&self, side: Side) -> Option<&'a Item> {
        match side {
            Side::Ours => self.ours,
            Side::Theirs => self.theirs,
        }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'a ItemName> {
        [self.ours, self.theirs].into_iter().flatten().map(|item| &item.name)
    }

    /// Whether this side changed, removed or added the item. Marking a value as to be replaced doesn't count as a change.
    pub(super) fn is_changed_by(&self, side: Side) -> bool {
        match (self.base, self.item_on(side)) {
            (Some(base), Some(item)) => !is_same(base, item),
            (None, None) => false,
            (Some(_), None) | (None, Some(_)) => true,
        }
    }
}

/// The result for one item.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The merged item.
    Kept(Box<Item>),
    /// The item is removed.
    Gone,
    /// A person has to decide about these fields or, if there are none, whether the item exists.
    Open(Vec<Field>),
}
