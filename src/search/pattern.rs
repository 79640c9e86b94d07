//! One form of a value and how it compares with a text, also where an encoder has broken it into lines.

use crate::encodings::Encoding;
use crate::secret::SecretBytes;

/// No encoder breaks into shorter lines; so a form in a text is not much longer than it is itself.
pub(super) const SHORTEST_LINE: usize = 16;

/// What is looked for.
pub(super) struct Pattern {
    pub(super) bytes: SecretBytes,
    pub(super) value: usize,
    pub(super) encoding: Encoding,
}

/// What stands at the beginning of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beginning {
    /// The whole form, in so many bytes.
    Whole(usize),
    /// Nothing else than the form's beginning, and then the text ends.
    Begun,
    Other,
}

impl Pattern {
    /// Whether encoders break it into lines: base64 as `base64`, PEM and MIME do, hexadecimal digits as `xxd -p` does.
    pub(super) fn wraps(&self) -> bool {
        matches!(self.encoding, Encoding::Base64 | Encoding::Hex)
    }

    /// The most bytes that it takes in a text.
    pub(super) fn longest(&self) -> usize {
        let line_ends = if self.wraps() { self.bytes.len().div_ceil(SHORTEST_LINE) } else { 0 };
        self.bytes.len() + 2 * line_ends
    }

    /// Compares it with the beginning of a text.
    pub(super) fn compare(&self, text: &[u8]) -> Beginning {
        let (mut at, mut done) = (0, 0);
        loop {
            let pairs = self.bytes[done..].iter().zip(&text[at..]);
            let same = pairs.take_while(|(own, other)| own == other).count();
            (at, done) = (at + same, done + same);
            if done == self.bytes.len() {
                return Beginning::Whole(at);
            }
            if at == text.len() {
                return Beginning::Begun;
            }
            // The first line may have begun with something else.
            let is_line = same >= SHORTEST_LINE || (same > 0 && same == done);
            match &text[at..] {
                [b'\n', ..] if self.wraps() && is_line => at += 1,
                [b'\r', b'\n', ..] if self.wraps() && is_line => at += 2,
                [b'\r'] if self.wraps() && is_line => return Beginning::Begun,
                _ => return Beginning::Other,
            }
        }
    }
}

/// Whether the line end at this place may stand within a form: behind a line of digits, as far as the text shows.
pub(super) fn may_wrap(text: &[u8], line_end: usize) -> bool {
    let line = &text[line_end.saturating_sub(SHORTEST_LINE)..line_end];
    line.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_compare_over_line_ends_and_other_forms_do_not() {
        let bytes = b"0123456789abcdef0123456789";
        let pattern = |encoding| Pattern { bytes: SecretBytes::new(bytes.to_vec()), value: 0, encoding };
        let (hex, plain) = (pattern(Encoding::Hex), pattern(Encoding::Plain));
        assert_eq!(hex.compare(b"0123456789abcdef0123456789 x"), Beginning::Whole(26));
        assert_eq!(hex.compare(b"0123\n456789abcdef01234567\r\n89"), Beginning::Whole(29));
        assert_eq!(plain.compare(b"0123\n456789abcdef0123456789"), Beginning::Other);
        for begun in [&b""[..], b"0", b"0123\r", b"0123\r\n", b"0123\n4567"] {
            assert_eq!(hex.compare(begun), Beginning::Begun, "{begun:?}");
        }
        for other in [&b"\n0123456789abcdef0123456789"[..], b"01\n23\n456789abcdef0123456789", b"01\n\n23", b"0\rx"] {
            assert_eq!(hex.compare(other), Beginning::Other, "{other:?}");
        }
    }
}
