//! Random ids.

use crate::error::Result;
use crate::random;
use crate::signature::{from_hex, write_hex};

/// Returns 16 random bytes in hexadecimal.
///
/// # Errors
/// If the operating system provides no randomness.
pub fn random_id() -> Result<String> {
    let mut bytes = [0; 16];
    random::fill(&mut bytes)?;
    let mut text = String::with_capacity(32);
    let _ = write_hex(&bytes, &mut text);
    Ok(text)
}

/// Whether a text has the form of a [`random_id`].
#[must_use]
pub(crate) fn is_id(text: &str) -> bool {
    from_hex::<16>(text).is_some()
}
