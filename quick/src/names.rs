//! Which bytes a name is made of.

/// What a name may be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// A letter, a digit or `_`.
    Variable = 1,
    /// The same, or `.` or `-`.
    Item = 2,
}

/// What each byte may be part of. A table, because a program is given thousands of items, and each name is looked at twice.
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

/// What all of these bytes may be part of, as bits.
pub(crate) fn classes(bytes: &[u8]) -> u8 {
    bytes.iter().fold(u8::MAX, |all, byte| all & CLASSES[usize::from(*byte)])
}

/// Whether a text is made of nothing else.
#[must_use]
pub fn is_made_of(text: &str, class: Class) -> bool {
    classes(text.as_bytes()) & class as u8 != 0
}
