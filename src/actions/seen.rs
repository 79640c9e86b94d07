//! An item as somebody sees it before they agree that it goes, or that its value is replaced.

use super::Place;
use crate::item::Outline;

/// An item that a change would remove or replace, without its values.
///
/// It is equal to what is seen later if that is the same item, with the same current value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Where the item is.
    pub place: Place,
    /// How many earlier values it has.
    pub earlier: usize,
    id: String,
    version: u32,
}

impl Seen {
    pub(super) fn new(place: &Place, item: Outline<'_>) -> Self {
        Self {
            place: place.clone(),
            earlier: item.versions().count() - 1,
            id: item.id(&place.0),
            version: item.current().number(),
        }
    }
}
