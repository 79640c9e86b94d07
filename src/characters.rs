//! Which characters can do harm where text is shown.

/// Whether a character drives a terminal, or the order in which it shows what follows: controls, the line separators and
/// the bidirectional formatting characters of Unicode (UAX 9).
#[must_use]
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}')
}
