//! The characters that names consist of.

/// A class of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// A letter, a digit or `_`.
    Variable = 1,
    /// A letter, a digit, `_`, `.` or `-`.
    Item = 2,
}

/// The classes of each byte. This is a table because a program may get thousands of items, and each name is checked
/// twice.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        let character = byte as u8;
        if character.is_ascii_alphanumeric() || character == b'_' {
            classes[byte] = Class::Variable as u8 | Class::Item as u8;
        } else if character == b'.' || character == b'-' {
            classes[byte] = Class::Item as u8;
        }
        byte += 1;
    }
    classes
};

/// Returns the classes, as bits, that contain all of these bytes.
pub(crate) fn classes(bytes: &[u8]) -> u8 {
    bytes.iter().fold(u8::MAX, |all, byte| all & CLASSES[usize::from(*byte)])
}

/// Returns whether a text consists only of characters of this class.
#[must_use]
pub fn is_made_of(text: &str, class: Class) -> bool {
    classes(text.as_bytes()) & class as u8 != 0
}
