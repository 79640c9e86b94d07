//! Characters that can do harm when text is displayed.

/// Returns whether a character controls a terminal or the order in which it displays text: control characters, line
/// separators and the bidirectional formatting characters of Unicode (UAX 9).
#[must_use]
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}')
}
