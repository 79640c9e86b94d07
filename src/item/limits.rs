//! The limits of what an environment holds.

use crate::error::{Error, Reason, Result};
use crate::name::ItemName;
use crate::secret::SecretBytes;

/// The maximum size of a value, in bytes.
pub const MAX_VALUE: usize = 1024 * 1024;
/// The maximum number of earlier values of an item.
pub const MAX_HISTORY: usize = 10;
/// The maximum length of a note or provider, in bytes.
pub const MAX_NOTE: usize = 4096;
/// The maximum number of tags of an item.
pub const MAX_TAGS: usize = 16;
/// The maximum number of devices with anchors in an environment.
pub const MAX_DEVICES: usize = 1000;

/// Checks the size of a value for the item of this name.
///
/// # Errors
/// [`Reason::TooLarge`].
pub(crate) fn check_value(name: &ItemName, value: &SecretBytes) -> Result<()> {
    if value.len() <= MAX_VALUE {
        return Ok(());
    }
    Err(Error::new(Reason::TooLarge, format!("the value of {name} is larger than {} KiB", MAX_VALUE >> 10))
        .hint("a vault is for secrets and settings; keep large files elsewhere and their key here"))
}
