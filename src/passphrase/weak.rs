//! Decides which passphrases are too weak: those that withstand too few guesses, and famous phrases, for which the
//! estimate is too high.

use super::strength::{Estimate, Pattern, estimate};
use zeroize::Zeroizing;

/// The fewest guesses that a passphrase must withstand: 30,000 years at a second of scrypt each.
const MIN_GUESSES: f64 = 1e12;

/// Phrases that every guesser tries, but that the estimate counts word by word. They are written as [`normalized`]
/// returns them, and a phrase comes before the phrases that it starts with.
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
    "abcdefghijklmnopqrstuvwxyz", "supercalifragilisticexpialidocious", "antidisestablishmentarianism",
    "floccinaucinihilipilification", "pneumonoultramicroscopicsilicovolcanoconiosis", "honorificabilitudinitatibus",
    "maryhadalittlelamb", "humptydumptysatonawall", "rosesareredvioletsareblue", "jackandjillwentupthehill",
    "livelongandprosper", "beammeupscotty", "elementarymydearwatson", "thetruthisoutthere", "hakunamatata",
];

/// Returns whether a secret is easier to guess than a passphrase may be.
pub(crate) fn is_weak(secret: &str) -> bool {
    weakness(secret).is_some()
}

/// Returns why a passphrase is easy to guess, if it is.
pub(super) fn weakness(passphrase: &str) -> Option<&'static str> {
    let estimate = estimate(passphrase);
    if is_famous(passphrase) {
        return Some("it is a famous phrase");
    }
    (estimate.guesses < MIN_GUESSES).then(|| reason(&estimate))
}

/// Returns whether a passphrase is little more than famous phrases.
fn is_famous(passphrase: &str) -> bool {
    let whole = normalized(passphrase);
    let rest = FAMOUS.iter().fold(whole.clone(), |text, phrase| Zeroizing::new(text.replace(phrase, "")));
    rest.len() < whole.len() && estimate(&rest).guesses < MIN_GUESSES
}

/// Keeps only letters and digits, in lower case.
fn normalized(passphrase: &str) -> Zeroizing<String> {
    Zeroizing::new(passphrase.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect())
}

/// Returns why a passphrase is weak, in words that follow "too easy to guess:".
fn reason(estimate: &Estimate) -> &'static str {
    match (estimate.pattern, estimate.is_whole) {
        // Ranks are rounded down to a power of two.
        (Pattern::Password(..=4), true) => "it is one of the ten most common",
        (Pattern::Password(..=32), true) => "it is one of the hundred most common",
        (Pattern::Password(_), true) => "it is a common one",
        (Pattern::Password(_), false) => "it is close to a common one",
        (Pattern::Word, true) => "it is a single word",
        (Pattern::Name, true) => "it is a name",
        (Pattern::Name, false) => "it contains a common name",
        (Pattern::Repeat(1), _) => "it repeats a character",
        (Pattern::Repeat(_), _) => "it repeats itself",
        (Pattern::Sequence, _) => "it contains a sequence",
        (Pattern::Row, _) => "it follows a row of the keyboard",
        (Pattern::Date, _) => "it contains a date",
        (Pattern::Year, _) => "it contains a recent year",
        (Pattern::Word | Pattern::Characters, _) => "it is too short or too regular",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_listed_phrases_are_in_the_form_in_which_they_are_compared() {
        for phrase in FAMOUS {
            assert_eq!(*normalized(phrase), *phrase);
        }
    }
}
