//! Long texts in the program, compressed by `build.rs`: they are rarely needed, and compression halves their size.

use miniz_oxide::inflate::decompress_to_vec;

/// A compressed text.
#[derive(Debug, Clone, Copy)]
pub struct Packed(&'static [u8]);

macro_rules! packed {
    ($name:literal) => {
        Packed(include_bytes!(concat!(env!("OUT_DIR"), "/", $name)))
    };
}

/// The page vault-format(5): the file, the rights, the log.
pub const FORMAT_PAGE: Packed = packed!("format");
/// The page vault-team(7), from docs/team.md: several people and machines.
pub const TEAM_PAGE: Packed = packed!("team");
/// The page vault-ci(7), from docs/ci.md: CI, containers and services.
pub const CI_PAGE: Packed = packed!("ci");
/// The schema of the `--json` output.
pub const SCHEMA: Packed = packed!("schema");
/// The ranked lists that passphrases are compared with.
pub(crate) const FREQUENCY: Packed = packed!("frequency");
/// The words that passphrases are generated from, one per line.
pub(crate) const WORDS: Packed = packed!("words");

impl Packed {
    /// Decompresses the text.
    #[must_use]
    pub fn text(self) -> String {
        // This can't fail: the test below decompresses every text.
        let text = decompress_to_vec(self.0).unwrap_or_default();
        String::from_utf8(text).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_texts_are_unpacked_unchanged() {
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
