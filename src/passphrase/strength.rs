//! Estimates how many guesses a passphrase withstands, after Wheeler, "zxcvbn: Low-Budget Password Strength Estimation"
//! (USENIX Security 2016). The estimate is the cheapest way to compose the passphrase from common words, repeats,
//! sequences, keyboard rows, dates, years and single characters.
//!
//! The crate zxcvbn does this and more, but it brings two regular expression engines with their Unicode tables: half
//! the size of a binary that should start in a millisecond. This module uses its ranked lists (`frequency.py` turns
//! them into `frequency.txt`), and a test compares the estimates of both.

#[cfg(test)]
mod compare;
mod date;

use crate::ordered::InOrder as _;
use crate::packed;
use date::{date, year};
use std::collections::HashMap;
use zeroize::Zeroizing;

/// Characters beyond this many add nothing to the estimate.
const MOST: usize = 100;
/// The longest word that is looked up, in characters.
const LONGEST_WORD: usize = 24;
/// Rows and columns of keys on US and Dvorak keyboards, and the US ones with Shift.
const ROWS: [&str; 11] = [
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
];
/// The number of words in the list that passphrases are generated from.
const OWN_WORDS: usize = 7_772;
/// Guesses for each further key of a row: the starting points and the neighbors on a keyboard, as the paper counts
/// them.
const PER_KEY: f64 = 430.0;
/// The fewest guesses for a part that is not the whole passphrase.
const LEAST_PART: f64 = 50.0;

/// What a part of a passphrase consists of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Pattern {
    /// A common password with this rank, counted from 1.
    Password(usize),
    /// A dictionary word.
    Word,
    /// A first or last name.
    Name,
    /// A repeated unit of this many characters.
    Repeat(usize),
    /// A sequence such as `abcd` or `9876`.
    Sequence,
    /// Adjacent keys of a keyboard row.
    Row,
    /// A date.
    Date,
    /// A year.
    Year,
    /// No known pattern.
    Characters,
}

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

/// A part of the passphrase: where it starts and ends, its guesses, and its pattern.
#[derive(Clone, Copy)]
struct Part {
    start: usize,
    end: usize,
    guesses: f64,
    pattern: Pattern,
    is_plain: bool,
}

/// All lists combined: the best rank of each word, rounded down to a power of two.
struct Words(HashMap<Box<str>, (usize, Pattern)>);

impl Words {
    fn load() -> Self {
        let mut words = HashMap::with_capacity(100_000);
        let lists = packed::FREQUENCY.text();
        for line in lists.lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split(' ');
            let mut field = || fields.next().unwrap_or_default();
            let (kind, rank, list) = (field(), field().parse().unwrap_or(1), field());
            let pattern = match kind {
                "password" => Pattern::Password(rank),
                "name" => Pattern::Name,
                _ => Pattern::Word,
            };
            each_word(list, |word| {
                words.insert(Box::from(word), (rank, pattern));
            });
        }
        // Anybody can guess with the words from which vault generates passphrases.
        for word in crate::generate::words() {
            words.entry(Box::from(word)).or_insert((OWN_WORDS, Pattern::Word));
        }
        Self(words)
    }

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

    /// Looks a word up in the lists: forwards, backwards, and with letters in place of digits and signs.
    fn word(&self, text: &[char]) -> Option<(f64, Pattern, bool)> {
        if text.len() > LONGEST_WORD {
            return None;
        }
        let lower: Zeroizing<String> = Zeroizing::new(text.iter().flat_map(|c| c.to_lowercase()).collect());
        let backwards: Zeroizing<String> = Zeroizing::new(lower.chars().rev().collect());
        let letters = |one| Zeroizing::new(lower.chars().map(|c| letter(c, one)).collect::<String>());
        let replaced = text.iter().filter(|c| letter(**c, 'i') != **c).count();
        let readings = [
            (lower.clone(), 1.0),
            (backwards, 2.0),
            (letters('i'), 2_f64.powi(count(replaced))),
            (letters('l'), 2_f64.powi(count(replaced))),
        ];
        let known = |(word, factor): &(Zeroizing<String>, f64)| {
            let (rank, pattern) = self.0.get(word.as_str())?;
            Some((*rank as f64 * factor * capitals(text), *pattern, *factor <= 1.0))
        };
        readings.iter().filter_map(known).min_by(|a, b| a.0.total_cmp(&b.0))
    }
}

/// Calls `use_word` for each word of a list. In the list, a capital letter before each word says how many characters
/// the word shares with the previous one.
fn each_word(list: &str, mut use_word: impl FnMut(&str)) {
    let mut word = String::new();
    let starts = list.char_indices().filter(|(_, c)| c.is_ascii_uppercase()).map(|(start, _)| start);
    let mut starts = starts.peekable();
    while let Some(start) = starts.next() {
        let end = starts.peek().copied().unwrap_or(list.len());
        word.truncate(usize::from(list.as_bytes()[start] - b'A'));
        word.push_str(&list[start + 1..end]);
        use_word(&word);
    }
}

/// Converts a length to an exponent; no length is over 100.
fn count(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}

/// Returns the letter that a digit or sign stands for.
fn letter(c: char, one: char) -> char {
    match c {
        '4' | '@' => 'a',
        '8' => 'b',
        '(' => 'c',
        '3' => 'e',
        '6' | '9' => 'g',
        '1' | '!' | '|' => one,
        '0' => 'o',
        '$' | '5' => 's',
        '+' | '7' => 't',
        '%' => 'x',
        '2' => 'z',
        other => other,
    }
}

/// The number of capitalizations that a guesser tries: two for the usual ones, else the number of combinations.
fn capitals(text: &[char]) -> f64 {
    let upper = text.iter().filter(|c| c.is_uppercase()).count();
    let lower = text.iter().filter(|c| c.is_lowercase()).count();
    let usual = upper == 1 && (text[0].is_uppercase() || text[text.len() - 1].is_uppercase());
    match upper {
        0 => 1.0,
        _ if lower == 0 || usual => 2.0,
        _ => (1..=upper.min(lower)).map(|chosen| choose(upper + lower, chosen)).sum(),
    }
}

fn choose(from: usize, chosen: usize) -> f64 {
    (1..=chosen).fold(1.0, |ways, k| ways * (from - chosen + k) as f64 / k as f64)
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

/// Returns the shortest unit that the text repeats, in characters, and how often it does.
fn repeat(text: &[char]) -> Option<(usize, f64)> {
    let length = text.len();
    let unit = (1..=length / 2).find(|unit| length.is_multiple_of(*unit) && text[*unit..] == text[..length - unit])?;
    Some((unit, (length / unit) as f64))
}

struct Chosen {
    guesses: f64,
    parts: Vec<Part>,
}

/// For each end in a text and each number of parts, beginning with one: the smallest product of their guesses up to there,
/// and the last of these parts.
type Products = Vec<Vec<Option<(f64, usize)>>>;

/// Returns the cheapest sequence of parts by the paper's measure: l! times the product of their guesses, plus
/// 10000^(l-1) for a guesser who doesn't know the number of parts.
fn cheapest(parts: &[Part], length: usize) -> Chosen {
    const PER_PART: f64 = 10_000.0;
    let products = products(parts, length);
    let mut factorial = 1.0;
    let mut least: Option<(f64, usize)> = None;
    for (number, last) in products[length].iter().enumerate() {
        factorial *= (number + 1) as f64;
        if let Some((product, _)) = last {
            let guesses = factorial * product + PER_PART.powi(count(number));
            if least.is_none_or(|(known, _)| guesses < known) {
                least = Some((guesses, number));
            }
        }
    }
    let (guesses, mut number) = least.unwrap_or((f64::MAX, 0));
    let (mut end, mut chosen) = (length, Vec::new());
    while let Some((_, index)) = products[end].get(number).copied().flatten() {
        chosen.push(parts[index]);
        end = parts[index].start;
        if number == 0 {
            break;
        }
        number -= 1;
    }
    Chosen { guesses, parts: chosen }
}

fn products(parts: &[Part], length: usize) -> Products {
    let mut products: Products = vec![vec![None; length]; length + 1];
    let mut by_end: Vec<(usize, &Part)> = parts.iter().enumerate().collect();
    by_end.order_by_key(|(_, part)| part.end);
    for (index, part) in by_end {
        for number in 0..part.end {
            let before = match (part.start, number) {
                (0, 0) => Some(1.0),
                (0, _) | (_, 0) => None,
                (start, number) => products[start][number - 1].map(|(product, _)| product),
            };
            let Some(before) = before else { continue };
            let product = before * part.guesses;
            let place = &mut products[part.end][number];
            if place.is_none_or(|(known, _)| product < known) {
                *place = Some((product, index));
            }
        }
    }
    products
}

#[cfg(test)]
mod tests;
