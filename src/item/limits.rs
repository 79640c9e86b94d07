//! The limits of what an environment holds.

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
