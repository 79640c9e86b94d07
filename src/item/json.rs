//! The plaintext of a block, to and from what it holds.

use super::{Content, Injectables, Place, wire};
use crate::error::Result;
use crate::time::Time;
use zeroize::Zeroizing;

impl Content {
    /// Parses the plaintext of a block, and checks that it belongs to `place`. `written` is when the block was written;
    /// anchors with a later time are dropped.
    ///
    /// # Errors
    /// An integrity error that repeats nothing of the plaintext.
    pub fn from_json(json: &[u8], place: &Place<'_>, written: Time) -> Result<Self> {
        wire::read(json, place, written)
    }

    /// Returns the plaintext of a block.
    #[must_use]
    pub fn to_json(&self, place: &Place<'_>) -> Zeroizing<Vec<u8>> {
        wire::write(self, place)
    }
}

/// Parses only what `exec` needs, of the items whose names `wanted` accepts.
///
/// # Errors
/// An integrity error that repeats nothing of the plaintext.
pub(crate) fn injectables(
    json: Zeroizing<Vec<u8>>,
    place: &Place<'_>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Injectables> {
    wire::read_injectables(json, place, wanted)
}
