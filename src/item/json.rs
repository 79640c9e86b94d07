//! The plaintext of a block, to and from what it holds.

use super::{Content, Injectables, Place, wire};
use crate::error::{Error, Result};
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

    /// Returns the plaintext of a block that is about to be saved, after reading it once: if it could not be read, nobody
    /// would get at anything in the environment any more, its author included.
    ///
    /// # Errors
    /// A failure that repeats nothing of the plaintext.
    pub(crate) fn to_readable_json(&self, place: &Place<'_>) -> Result<Zeroizing<Vec<u8>>> {
        let json = self.to_json(place);
        match Self::from_json(&json, place, Time::now()) {
            Ok(_) => Ok(json),
            Err(_) => {
                Err(Error::failed(format!("environment {} could not be read again after this", place.environment))
                    .hint("this is a bug in the program that made the change; nothing was saved"))
            }
        }
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
