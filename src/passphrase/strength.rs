//! Estimates how many guesses a passphrase withstands, after Wheeler, "zxcvbn: Low-Budget Password Strength Estimation"
//! (USENIX Security 2016). The estimate is the cheapest way to compose the passphrase from common words, repeats,
//! sequences, keyboard rows, dates, years and single characters.
//!
//! The crate zxcvbn does this and more, but it brings two regular expression engines with their Unicode tables: half
//! the size of a binary that should start in a millisecond. This module uses its ranked lists (`frequency.py` turns
//! them into `frequency.txt`), and a test compares the estimates of both.

mod cheapest;
#[cfg(test)]
mod compare;
mod date;
mod part;
mod series;
mod words;

pub(super) use part::Pattern;

use cheapest::cheapest;
use date::{date, year};
use part::{Part, count};
use series::series;
use words::{Words, capitals};
use zeroize::Zeroizing;

/// Characters beyond this many add nothing to the estimate.
const MOST: usize = 100;
/// Rows and columns of keys on US and Dvorak keyboards, and the US ones with Shift; then rows of German, French and
/// Russian keyboards.
const ROWS: [&str; 20] = [
    "`1234567890-=",
    "qwertyuiop[]\\",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "',.pyfgcrl/=\\",
    "aoeuidhtns-",
    ";qjkxbmwvz",
    "~!@#$%^&*()_+",
    "{}|:\"<>?",
    "!qaz@wsx#edc$rfv%tgb^yhn&ujm*ik<(ol>)p:?",
    "qwertzuiopü+",
    "asdfghjklöä#",
    "yxcvbnm,.-",
    "azertyuiop^$",
    "qsdfghjklmù*",
    "wxcvbn,;:!",
    "ёйцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю.",
];
/// Guesses for each further key of a row: the starting points and the neighbors on a keyboard, as the paper counts
/// them.
const PER_KEY: f64 = 430.0;
/// The fewest guesses for a part that is not the whole passphrase.
const LEAST_PART: f64 = 50.0;

/// The estimate for a whole passphrase.
#[derive(Debug, Clone)]
pub(super) struct Estimate {
    /// The number of guesses.
    pub guesses: f64,
    /// The longest known pattern in the passphrase.
    pub pattern: Pattern,
    /// Whether that pattern is the whole passphrase, exactly as it is in its list.
    pub is_whole: bool,
}

/// Estimates the guesses for the first 100 characters.
pub(super) fn estimate(passphrase: &str) -> Estimate {
    let words = Words::load();
    let characters: Zeroizing<Vec<char>> = Zeroizing::new(passphrase.chars().take(MOST).collect());
    words.estimate(&characters)
}

impl Words {
    fn estimate(&self, characters: &[char]) -> Estimate {
        let length = characters.len();
        if length == 0 {
            return Estimate { guesses: 1.0, pattern: Pattern::Characters, is_whole: true };
        }
        let parts = self.parts(characters);
        let chosen = cheapest(&parts, length);
        let longest = chosen.parts.iter().filter(|part| part.pattern != Pattern::Characters);
        let longest = longest.max_by_key(|part| part.end - part.start);
        let whole = longest.is_some_and(|part| part.end - part.start == length && part.is_plain);
        let pattern = longest.map_or(Pattern::Characters, |part| part.pattern);
        Estimate { guesses: chosen.guesses, pattern, is_whole: whole }
    }

    /// Returns every reading of every part.
    fn parts(&self, characters: &[char]) -> Vec<Part> {
        let length = characters.len();
        let mut parts = Vec::new();
        for start in 0..length {
            for end in start + 1..=length {
                let text = &characters[start..end];
                let mut add = |guesses: f64, pattern, is_plain| {
                    let least = if text.len() == length { 1.0 } else { LEAST_PART.min(10_f64.powi(count(text.len()))) };
                    parts.push(Part { start, end, guesses: guesses.max(least), pattern, is_plain });
                };
                add(10_f64.powi(count(text.len())), Pattern::Characters, true);
                if let Some((guesses, pattern, is_plain)) = self.word(text) {
                    add(guesses, pattern, is_plain);
                }
                if let Some(guesses) = sequence(text) {
                    add(guesses, Pattern::Sequence, true);
                }
                if let Some(guesses) = series(text) {
                    add(guesses, Pattern::Sequence, true);
                }
                if let Some(guesses) = row(text) {
                    add(guesses, Pattern::Row, true);
                }
                if let Some(guesses) = year(text) {
                    add(guesses, Pattern::Year, true);
                }
                if let Some(guesses) = date(text) {
                    add(guesses, Pattern::Date, true);
                }
                if let Some((unit, times)) = repeat(text) {
                    add(self.estimate(&text[..unit]).guesses * times, Pattern::Repeat(unit), true);
                }
            }
        }
        parts
    }
}

/// The guesses for characters that rise or fall by the same small step.
fn sequence(text: &[char]) -> Option<f64> {
    let step = |pair: &[char]| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0]));
    let first = text.get(..2).map(step)?;
    if text.len() < 3 || first == 0 || first.abs() > 5 || !text.windows(2).all(|pair| step(pair) == first) {
        return None;
    }
    let start = match text[0] {
        'a' | 'A' | 'z' | 'Z' | '0' | '1' | '9' => 4.0,
        c if c.is_ascii_digit() => 10.0,
        _ => 26.0,
    };
    Some(start * if first < 0 { 2.0 } else { 1.0 } * text.len() as f64)
}

/// The guesses for adjacent keys.
fn row(text: &[char]) -> Option<f64> {
    if text.len() < 3 {
        return None;
    }
    let lower: Zeroizing<String> = Zeroizing::new(text.iter().flat_map(|c| c.to_lowercase()).collect());
    let backwards: Zeroizing<String> = Zeroizing::new(lower.chars().rev().collect());
    let runs = ROWS.iter().any(|row| row.contains(lower.as_str()) || row.contains(backwards.as_str()));
    runs.then(|| PER_KEY * text.len() as f64 * capitals(text))
}

/// Returns the shortest unit that the text repeats, in characters, and the guesses for how often it does and what is
/// between the repetitions: up to two signs.
fn repeat(text: &[char]) -> Option<(usize, f64)> {
    const LONGEST_SEPARATOR: usize = 2;
    let length = text.len();
    for unit in 1..=length / 2 {
        for separator in 0..=LONGEST_SEPARATOR {
            let period = unit + separator;
            let is_whole = (length + separator).is_multiple_of(period) && length > period;
            if is_whole
                && text[period..] == text[..length - period]
                && text[unit..period].iter().all(|c| !c.is_alphanumeric())
            {
                return Some((unit, ((length + separator) / period) as f64 * 10_f64.powi(count(separator))));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests;
