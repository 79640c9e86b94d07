//! A value that a program gives: the output of a command, or of a pipe.

use crate::item::is_nothing;
use crate::secret::SecretBytes;
use zeroize::Zeroizing;

/// The value without the final newline of a single line, which `echo`, here-strings and most commands add. Of several lines
/// every one stays. Newlines alone are an empty value, and so is a byte order mark.
#[must_use]
pub fn without_final_newline(mut bytes: Zeroizing<Vec<u8>>) -> SecretBytes {
    if is_nothing(&bytes) {
        return SecretBytes::default();
    }
    if bytes.iter().filter(|byte| **byte == b'\n').count() == 1 && bytes.ends_with(b"\n") {
        bytes.pop();
    }
    // The same memory, not a copy.
    SecretBytes::new(std::mem::take(&mut *bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_final_newline_of_a_single_line_goes_and_every_other_byte_stays() {
        let value = |text: &str| without_final_newline(Zeroizing::new(text.as_bytes().to_vec()));
        for (given, kept) in [
            ("abc", "abc"),
            ("abc\n", "abc"),
            (" abc \n", " abc "),
            ("a\nb\n", "a\nb\n"),
            ("a\nb", "a\nb"),
            ("abc\r\n", "abc\r"),
            ("\nabc", "\nabc"),
            ("", ""),
            ("\n", ""),
            ("\n\n", ""),
            ("\u{feff}\n", ""),
        ] {
            assert_eq!(&*value(given), kept.as_bytes(), "{given:?}");
        }
    }
}
