//! Passphrases: which ones are allowed, how strong they must be, and how they are generated.
//!
//! Keyboards and systems differ in how they write `é`: as one character, or as `e` with a combining accent. A new
//! passphrase is normalized to Unicode's form C, and a typed one works in either form. Stock `age` compares bytes, so
//! there you have to type form C, as nearly all keyboards do.

mod strength;
mod strong;
mod weak;

pub use strong::Strong;
pub(crate) use weak::is_weak;

use crate::error::{Error, Hint, Part, Reason, Remedy, Result};
use crate::secret::{ExposeSecret as _, SecretString};
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization as _;
use weak::weakness;
use zeroize::Zeroizing;

/// The longest passphrase, in bytes.
pub const MAX_PASSPHRASE: usize = 1_024;

/// What to do when a passphrase is refused.
const HINT: Hint =
    Hint::from_static(&[Part::Text(Cow::Borrowed("take several random words: ")), Part::Remedy(Remedy::GenerateWords)]);

/// Returns a passphrase in the form that vault stores: Unicode's form C (UAX #15).
fn kept(passphrase: &SecretString) -> SecretString {
    SecretString::from(normal_form(passphrase.expose_secret().nfc()).as_str())
}

/// Returns the spellings to try for a passphrase that was given: in Unicode's form C, which vault stores, then as it
/// was given, then in form D. Each spelling is tried once and costs as much as a guess. ASCII has one spelling, form C
/// or D has two, and only a mixture of both forms has three. If vault wrote the slot, the first spelling of a right
/// passphrase works.
pub(crate) fn spellings(given: &SecretString) -> Vec<SecretString> {
    let text = given.expose_secret();
    if text.is_ascii() {
        return vec![given.clone()];
    }
    let mut spellings = vec![kept(given)];
    for form in [Zeroizing::new(text.to_owned()), normal_form(text.nfd())] {
        if spellings.iter().all(|known| known.expose_secret() != form.as_str()) {
            spellings.push(SecretString::from(form.as_str()));
        }
    }
    spellings
}

/// Collects the characters into memory of the right size, so that growing leaves no copy behind.
fn normal_form(characters: impl Iterator<Item = char> + Clone) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(characters.clone().map(char::len_utf8).sum()));
    text.extend(characters);
    text
}

/// Checks a new passphrase: see [`Strong::new`].
fn check(passphrase: &str) -> Result<()> {
    if passphrase.len() > MAX_PASSPHRASE {
        return Err(Error::usage(format!("a passphrase has at most {MAX_PASSPHRASE} bytes")).hint(HINT));
    }
    if passphrase.chars().any(char::is_control) {
        return Err(Error::usage("a passphrase is one line without control characters").hint(HINT));
    }
    match weakness(&normal_form(passphrase.nfc())) {
        Some(reason) => {
            Err(Error::new(Reason::WeakPassphrase, format!("the passphrase is too easy to guess: {reason}")).hint(HINT))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use proptest::prelude::*;

    fn refusal(passphrase: &str) -> Error {
        let error = check(passphrase).expect_err("the passphrase must be refused");
        assert_eq!(error.kind(), Kind::Usage);
        assert!(error.advice().is_some());
        error
    }

    #[test]
    fn g6_weak_passphrases_are_refused_with_the_reason_and_never_shown() {
        for weak in
            ["", "a", "password", "P4ssw0rd!", "qwertyuiop", "monkey1987", "aaaaaaaaaaaaaaaaaaaaaaaa", "Margaret"]
        {
            let error = refusal(weak);
            assert!(error.to_string().starts_with("the passphrase is too easy to guess: it "), "{error}");
            assert!(weak.len() < 2 || !error.to_string().contains(weak));
        }
        assert_eq!(
            refusal("password").to_string(),
            "the passphrase is too easy to guess: it is one of the ten most common"
        );
    }

    #[test]
    fn g6_well_known_phrases_are_refused_in_every_spelling() {
        for famous in [
            "correct horse battery staple",
            "Correct-Horse-Battery-Staple",
            "CORRECTHORSEBATTERYSTAPLE",
            "correct horse battery staple 1!",
            "correct horse battery staple correct horse battery staple",
            "May the Force be with you.",
            "Winter is coming, carpe diem!",
            "It was the best of times, it was the worst of times",
            "supercalifragilisticexpialidocious",
        ] {
            assert_eq!(refusal(famous).to_string(), "the passphrase is too easy to guess: it is a famous phrase");
        }
    }

    #[test]
    fn a_passphrase_is_stored_in_form_c_and_tried_in_both_forms() {
        let (composed, decomposed) = ("caf\u{e9} \u{212b}ngstr\u{f6}m", "cafe\u{301} A\u{30a}ngstro\u{308}m");
        let form_c = "caf\u{e9} \u{c5}ngstr\u{f6}m";
        let tried = |text: &str| -> Vec<String> {
            spellings(&SecretString::from(text)).iter().map(|spelling| spelling.expose_secret().to_owned()).collect()
        };
        assert_eq!(tried("plain ascii"), ["plain ascii"]);
        assert_eq!(tried(form_c), [form_c, decomposed]);
        assert_eq!(tried(decomposed), [form_c, decomposed]);
        assert_eq!(tried(composed), [form_c, composed, decomposed]);
        for text in [composed, decomposed, form_c] {
            assert_eq!(kept(&SecretString::from(text)).expose_secret(), form_c);
        }
    }

    #[test]
    fn strong_passphrases_are_accepted() {
        for strong in [
            "orbit velvet cactus mimic dusk ferry",
            "v8$kQz!2mP^x",
            "не-забудь-купить-молоко-42",
            "open sesame orbit velvet cactus mimic dusk",
        ] {
            check(strong).unwrap();
        }
    }

    #[test]
    fn g2_too_long_and_control_characters_are_refused() {
        let longest = "x7Kq".repeat(MAX_PASSPHRASE / 4);
        assert!(!refusal(&format!("{longest}y")).to_string().contains("guess"));
        for control in ["\n", "\0", "\u{1b}[A", "\t", "\r", "\u{7f}", "\u{85}"] {
            let error = refusal(&format!("orbit velvet cactus{control} mimic dusk ferry"));
            assert_eq!(error.to_string(), "a passphrase is one line without control characters");
        }
    }

    #[test]
    fn g2_a_megabyte_is_refused_at_once() {
        refusal(&"orbit velvet ".repeat(80_000));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_passphrase_panics_and_none_is_shown(passphrase in "\\PC{0,120}") {
            if let Err(error) = check(&passphrase) {
                let text = error.to_string();
                prop_assert!(passphrase.chars().count() < 12 || !text.contains(&passphrase));
            }
        }
    }
}
