//! Long texts inside the program, compressed by `build.rs`, because they are rarely needed and shrink by half.

use miniz_oxide::inflate::decompress_to_vec;

/// A text, packed.
#[derive(Debug, Clone, Copy)]
pub struct Packed(&'static [u8]);

macro_rules! packed {
    ($name:literal) => {
        Packed(include_bytes!(concat!(env!("OUT_DIR"), "/", $name)))
    };
}

/// vault-format(5): the file, the rights, the log.
pub const FORMAT_PAGE: Packed = packed!("format");
/// vault-team(7): several people and machines, from docs/team.md.
pub const TEAM_PAGE: Packed = packed!("team");
/// vault-ci(7): CI, containers and services, from docs/ci.md.
pub const CI_PAGE: Packed = packed!("ci");
/// The objects of `--json`.
pub const SCHEMA: Packed = packed!("schema");
/// The ranked lists that a passphrase is compared with.
pub(crate) const FREQUENCY: Packed = packed!("frequency");
/// The words that passphrases are made of, one a line.
pub(crate) const WORDS: Packed = packed!("words");

impl Packed {
    /// The text.
    #[must_use]
    pub fn text(self) -> String {
        // What was packed comes out again: the test below goes through all.
        let text = decompress_to_vec(self.0).unwrap_or_default();
        String::from_utf8(text).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_out_again() {
        let all = [
            (FORMAT_PAGE, include_str!("../man/vault-format.5")),
            (TEAM_PAGE, include_str!("../man/vault-team.7")),
            (CI_PAGE, include_str!("../man/vault-ci.7")),
            (SCHEMA, include_str!("../schema/vault.schema.json")),
            (FREQUENCY, include_str!("passphrase/frequency.txt")),
            (WORDS, include_str!("words.txt")),
        ];
        for (packed, text) in all {
            assert!(!text.is_empty() && packed.text() == text);
        }
    }
}
