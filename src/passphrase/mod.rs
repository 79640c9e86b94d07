//! Passphrases: which ones are allowed, how strong they must be, and generating them.
//!
//! Keyboards and systems differ in how they write `é`: as one character or as `e` with an accent. A new passphrase is
//! normalized to Unicode's form C, and a typed one works in either form. Stock `age` compares bytes, so there you have
//! to type form C, as nearly all keyboards do.

mod strength;

use crate::error::{Error, Result};
use crate::generate::Recipe;
use crate::secret::{ExposeSecret as _, SecretString};
use strength::{Estimate, Pattern, estimate};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// The longest passphrase, in bytes.
pub const MAX_PASSPHRASE: usize = 1_024;

/// The fewest guesses a passphrase has to stand: with a second of scrypt each, 30,000 years.
const MIN_GUESSES: f64 = 1e12;

/// How many words a generated passphrase has: 77 bits.
const GENERATED_WORDS: usize = 6;

/// What to do about any passphrase that is refused.
const HINT: &str = "take several random words, or press Enter at the prompt to have some generated";

/// Phrases that every guesser has, but the estimate counts by their words. As [`normalised`]; a phrase stands before its own
/// beginnings.
#[rustfmt::skip]
const FAMOUS: &[&str] = &[
    "correcthorsebatterystaple", "tobeornottobethatisthequestion", "tobeornottobe",
    "thequickbrownfoxjumpsoverthelazydog", "thequickbrownfox", "loremipsumdolorsitamet", "maytheforcebewithyou",
    "iamyourfather", "thesearenotthedroidsyourelookingfor", "allyourbasearebelongtous", "allyourbase",
    "speakfriendandenter", "oneringtorulethemall", "youshallnotpass", "notallthosewhowanderarelost", "opensesame",
    "winteriscoming", "valarmorghulis", "alannisteralwayspayshisdebts", "whenyouplaythegameofthronesyouwinoryoudie",
    "myvoiceismypassport", "shallweplayagame", "imsorrydaveimafraidicantdothat", "openthepodbaydoorshal",
    "theanswertolifetheuniverseandeverything", "solongandthanksforallthefish", "dontpanic", "iamthewalrus",
    "wearethechampions", "stairwaytoheaven", "heyjudedontmakeitbad", "nevergonnagiveyouup", "nevergonnaletyoudown",
    "isthisthereallifeisthisjustfantasy", "twinkletwinklelittlestar", "happybirthdaytoyou",
    "franklymydearidontgiveadamn", "hereslookingatyoukid", "illbeback", "houstonwehaveaproblem",
    "toinfinityandbeyond", "justkeepswimming", "lifeislikeaboxofchocolates", "theresnoplacelikehome",
    "ithinkthereforeiam", "cogitoergosum", "carpediem", "venividivici", "fourscoreandsevenyearsago",
    "wethepeopleoftheunitedstates", "wethepeople", "ihaveadream", "asknotwhatyourcountrycandoforyou",
    "onesmallstepforman", "inthebeginninggodcreatedtheheavenandtheearth", "inthebeginningwastheword",
    "inthebeginninggodcreated", "thelordismyshepherd", "forgodsolovedtheworld", "ourfatherwhoartinheaven",
    "itwasthebestoftimesitwastheworstoftimes", "itwasthebestoftimes", "callmeishmael", "itwasadarkandstormynight",
    "onceuponatime", "allhappyfamiliesarealike", "romeoromeowhereforeartthouromeo", "shallicomparetheetoasummersday",
    "alltheworldsastage", "godsavethequeen", "godsavetheking", "letmeinplease", "thisismypassword", "thisisapassword",
    "thisismypassphrase", "thisisapassphrase", "passwordpassword", "whatisthepassword", "iloveyouverymuch",
    "abcdefghijklmnopqrstuvwxyz",
];

/// A passphrase as it is kept: in Unicode's form C (UAX #15).
#[must_use]
pub fn kept(passphrase: &SecretString) -> SecretString {
    SecretString::from(normal_form(passphrase.expose_secret().nfc()).as_str())
}

/// What to try for a passphrase that was given: in Unicode's form C, in which vault keeps it, then as it is, then in form D.
/// Each is tried once, and costs what a guess costs: one of ASCII is one, one of form C or D is two, and only one that mixes
/// both forms is three. A right one of either form costs one where vault has written the slot.
pub fn spellings(given: &SecretString) -> Vec<SecretString> {
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

/// Its memory is taken at once, so that no copy is left behind by growing.
fn normal_form(characters: impl Iterator<Item = char> + Clone) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(characters.clone().map(char::len_utf8).sum()));
    text.extend(characters);
    text
}

/// Whether a new passphrase is one that can be kept.
///
/// The strength of its first 100 characters counts, since no more are looked at. An empty one is weak like any other: the
/// caller who takes "empty" for "generate one" asks before.
///
/// # Errors
/// A usage error with the reason, without the passphrase: over [`MAX_PASSPHRASE`], control characters, fewer than 10¹²
/// guesses, or a famous phrase and little else.
pub fn check(passphrase: &str) -> Result<()> {
    if passphrase.len() > MAX_PASSPHRASE {
        return Err(Error::usage(format!("a passphrase has at most {MAX_PASSPHRASE} bytes")).hint(HINT));
    }
    if passphrase.chars().any(char::is_control) {
        return Err(Error::usage("a passphrase is one line without control characters").hint(HINT));
    }
    match weakness(&normal_form(passphrase.nfc())) {
        Some(reason) => Err(Error::usage(format!("the passphrase is too easy to guess: {reason}")).hint(HINT)),
        None => Ok(()),
    }
}

/// A new passphrase of six random words joined by `-`: 77 bits from the operating system's randomness.
///
/// # Errors
/// If the operating system has no randomness to give.
pub fn generate() -> Result<SecretString> {
    let words = Recipe::Words { count: GENERATED_WORDS }.generate()?;
    Ok(SecretString::from(words.as_str().unwrap_or_default()))
}

/// Whether a secret is as easy to guess as no passphrase may be.
pub(crate) fn is_weak(secret: &str) -> bool {
    weakness(secret).is_some()
}

/// Why it is easy to guess, if it is.
fn weakness(passphrase: &str) -> Option<&'static str> {
    let estimate = estimate(passphrase);
    if is_famous(passphrase) {
        return Some("it is a famous phrase");
    }
    (estimate.guesses < MIN_GUESSES).then(|| reason(&estimate))
}

/// Whether it is made of famous phrases with no strength of its own beside them.
fn is_famous(passphrase: &str) -> bool {
    let whole = normalised(passphrase);
    let rest = FAMOUS.iter().fold(whole.clone(), |text, phrase| Zeroizing::new(text.replace(phrase, "")));
    rest.len() < whole.len() && estimate(&rest).guesses < MIN_GUESSES
}

/// Letters and digits only, in lower case.
fn normalised(passphrase: &str) -> Zeroizing<String> {
    Zeroizing::new(passphrase.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect())
}

/// What makes it weak, in words that go on from "too easy to guess".
fn reason(estimate: &Estimate) -> &'static str {
    match (estimate.pattern, estimate.is_whole) {
        // A rank is rounded down to a power of two.
        (Pattern::Password(..=4), true) => "it is one of the ten most common",
        (Pattern::Password(..=32), true) => "it is one of the hundred most common",
        (Pattern::Password(_), true) => "it is a common one",
        (Pattern::Password(_), false) => "it is close to a common one",
        (Pattern::Word, true) => "it is a single word",
        (Pattern::Name, true) => "it is a name",
        (Pattern::Name, false) => "it holds a common name",
        (Pattern::Repeat(1), _) => "it repeats a character",
        (Pattern::Repeat(_), _) => "it repeats itself",
        (Pattern::Sequence, _) => "it holds a sequence",
        (Pattern::Row, _) => "it follows a row of keys",
        (Pattern::Date, _) => "it holds a date",
        (Pattern::Year, _) => "it holds a recent year",
        (Pattern::Word | Pattern::Characters, _) => "it is too short or too regular",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use proptest::prelude::*;

    fn refusal(passphrase: &str) -> Error {
        let error = check(passphrase).expect_err("it is refused");
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
    fn g6_famous_phrases_are_refused_however_they_are_written() {
        for famous in [
            "correct horse battery staple",
            "Correct-Horse-Battery-Staple",
            "CORRECTHORSEBATTERYSTAPLE",
            "correct horse battery staple 1!",
            "correct horse battery staple correct horse battery staple",
            "May the Force be with you.",
            "Winter is coming, carpe diem!",
            "It was the best of times, it was the worst of times",
        ] {
            assert_eq!(refusal(famous).to_string(), "the passphrase is too easy to guess: it is a famous phrase");
        }
    }

    #[test]
    fn a_passphrase_is_kept_in_form_c_and_tried_in_both_and_ascii_once() {
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
    fn the_famous_are_written_the_way_they_are_compared() {
        for phrase in FAMOUS {
            assert_eq!(*normalised(phrase), *phrase);
        }
    }

    #[test]
    fn strong_passphrases_are_taken() {
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

    #[test]
    fn generated_ones_have_six_words_differ_and_pass_the_check() {
        let first = generate().unwrap();
        assert_eq!(first.expose_secret().split('-').count(), 6);
        assert_ne!(first.expose_secret(), generate().unwrap().expose_secret());
        for _ in 0..50 {
            check(generate().unwrap().expose_secret()).unwrap();
        }
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
