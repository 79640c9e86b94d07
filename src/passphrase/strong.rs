//! A passphrase that may open a vault.

use super::{check, kept};
use crate::error::Result;
use crate::generate::Material;
use crate::secret::{ExposeSecret as _, SecretString};

/// The number of words in a generated passphrase: 77 bits.
const GENERATED_WORDS: usize = 6;

/// A passphrase that is strong enough to open a vault, in the form that vault stores: Unicode's form C (UAX #15). What
/// makes a slot for a passphrase takes only this, so no front end can forget the rule:
///
/// ```compile_fail
/// let weak = vault::secret::SecretString::from("password");
/// let key = vault::identity::Key::generate().unwrap();
/// let slots = vault::vault::Keyring { passphrase: Some((&weak, vault::vault::WorkFactor::USUAL)), key: &key };
/// ```
#[derive(Debug, Clone)]
pub struct Strong(SecretString);

impl Strong {
    /// Takes a passphrase that somebody chose.
    ///
    /// Only the first 100 characters count for the strength. An empty passphrase is weak like any other: a caller for
    /// whom "empty" means "generate one" checks that first.
    ///
    /// # Errors
    /// A usage error with the reason but without the passphrase: it is longer than
    /// [`MAX_PASSPHRASE`](super::MAX_PASSPHRASE), has control characters, takes fewer than 10¹² guesses, or is little
    /// more than a famous phrase.
    pub fn new(chosen: &SecretString) -> Result<Self> {
        check(chosen.expose_secret())?;
        Ok(Self(kept(chosen)))
    }

    /// Generates a passphrase of six random words joined by `-`: 77 bits from the operating system's randomness.
    ///
    /// # Errors
    /// If the operating system provides no randomness.
    pub fn generate() -> Result<Self> {
        let words = Material::Words.recipe(Some(GENERATED_WORDS))?.generate()?;
        Ok(Self(SecretString::from(words.as_str().unwrap_or_default())))
    }

    /// Returns whether somebody typed this passphrase, in any spelling.
    #[must_use]
    pub fn is(&self, typed: &SecretString) -> bool {
        self.0.expose_secret() == kept(typed).expose_secret()
    }

    /// Returns the text of the passphrase.
    #[must_use]
    pub fn text(&self) -> &SecretString {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weak_passphrase_is_refused_and_a_strong_one_matches_every_spelling() {
        assert!(Strong::new(&SecretString::from("password")).is_err());
        let decomposed = SecretString::from("cafe\u{301} orbit velvet cactus");
        let strong = Strong::new(&decomposed).unwrap();
        assert_eq!(strong.text().expose_secret(), "caf\u{e9} orbit velvet cactus");
        assert!(strong.is(&decomposed) && strong.is(strong.text()) && !strong.is(&SecretString::from("cafe")));
    }

    #[test]
    fn generated_passphrases_have_six_words_differ_and_are_strong() {
        let first = Strong::generate().unwrap();
        assert_eq!(first.text().expose_secret().split('-').count(), 6);
        assert!(!first.is(Strong::generate().unwrap().text()));
        for _ in 0..50 {
            check(Strong::generate().unwrap().text().expose_secret()).unwrap();
        }
    }
}
