//! Compares two states of a vault, or two environments. This module opens and reads nothing.

mod items;
mod roster;

pub use items::{Field, ItemDifference, fields, items};
pub use roster::RosterDifference;
