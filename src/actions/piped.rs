//! A value from a program: the output of a command or of a pipe.
//!
//! - Gives what comes from no vault: `without_final_newline`

use crate::item::is_nothing;
use crate::secret::SecretBytes;
use zeroize::Zeroizing;

/// Returns the value without the final newline if it is a single line: `echo`, here-strings and most commands add one.
/// Values with several lines keep all newlines. A value of newlines alone counts as empty, and so does a byte order
/// mark.
#[must_use]
pub fn without_final_newline(mut bytes: Zeroizing<Vec<u8>>) -> SecretBytes {
    if is_nothing(&bytes) {
        return SecretBytes::default();
    }
    if bytes.iter().filter(|byte| **byte == b'\n').count() == 1 && bytes.ends_with(b"\n") {
        bytes.pop();
    }
    // This takes the memory over and makes no copy.
    SecretBytes::new(std::mem::take(&mut *bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_final_newline_of_a_single_line_is_removed_and_every_other_byte_kept() {
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
