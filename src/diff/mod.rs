//! What differs between two states of a vault, or between two environments. Nothing is opened or read here.

mod items;
mod roster;

pub use items::{Field, ItemDifference, fields, items};
pub use roster::{RosterDifference, rosters};
