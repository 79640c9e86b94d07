//! Recognizes series: the words of a list in their order, numbers with the same step, and well-known digits.

use super::date::MONTHS;
use super::part::count;
use super::words::capitals;
use zeroize::Zeroizing;

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
#[rustfmt::skip]
const NUMBERS: [&str; 21] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
];
/// The alphabet of radio.
#[rustfmt::skip]
const LETTERS: [&str; 26] = [
    "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett", "kilo", "lima", "mike",
    "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango", "uniform", "victor", "whiskey", "xray", "yankee",
    "zulu",
];
const LISTS: [&[&str]; 4] = [&DAYS, &MONTHS, &NUMBERS, &LETTERS];
/// The digits of pi, e, the square root of 2 and the golden ratio, the Fibonacci numbers and the primes.
const DIGITS: [&str; 6] = [
    "31415926535897932384626433832795028841971693993751",
    "27182818284590452353602874713526624977572470936999",
    "14142135623730950488016887242096980785696718753769",
    "16180339887498948482045868343656381177203091798057",
    "1123581321345589144233377610987159725844181",
    "2357111317192329313741434753596167717379838997",
];
/// Guesses for each further member: the lists, the members to begin with, both directions and the usual separators.
const PER_MEMBER: f64 = 1_000.0;
/// The fewest digits that are no coincidence.
const LEAST_DIGITS: usize = 6;

/// Returns the number of guesses for a series, if the text is one.
pub(super) fn series(text: &[char]) -> Option<f64> {
    if text.len() < 5 {
        return None;
    }
    let lower: Zeroizing<String> = Zeroizing::new(text.iter().flat_map(|c| c.to_lowercase()).collect());
    words(&lower).map(|guesses| guesses * capitals(text)).or_else(|| numbers(&lower)).or_else(|| digits(&lower))
}

/// The guesses for words of a list in their order, forwards or backwards, in full or by their first three letters.
fn words(text: &str) -> Option<f64> {
    for list in LISTS {
        let begins = |first: &usize| text.starts_with(&list[*first][..3]);
        for first in (0..list.len()).filter(begins) {
            for step in [1, list.len() - 1] {
                if let Some(members @ 2..) = members(text, list, first, step) {
                    return Some(PER_MEMBER * members as f64);
                }
            }
        }
    }
    None
}

/// Returns how many members of the list the text consists of, if they have this step.
fn members(text: &str, list: &[&str], first: usize, step: usize) -> Option<usize> {
    const LONGEST_SEPARATOR: usize = 2;
    let (mut rest, mut at, mut members) = (text, first, 0);
    loop {
        rest = rest.strip_prefix(list[at]).or_else(|| rest.strip_prefix(&list[at][..3]))?;
        members += 1;
        if rest.is_empty() {
            return Some(members);
        }
        let next = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        if rest.len() - next.len() > LONGEST_SEPARATOR {
            return None;
        }
        rest = next;
        at = (at + step) % list.len();
    }
}

/// The guesses for three or more numbers with the same step, such as years: the first one, the step and its direction.
fn numbers(text: &str) -> Option<f64> {
    let parts: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).collect();
    let numbers: Vec<i32> = parts.iter().map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let step = |pair: &[i32]| f64::from(pair[1]) - f64::from(pair[0]);
    let first = step(numbers.get(..2)?);
    let is_series = numbers.len() > 2 && numbers.windows(2).all(|pair| step(pair).total_cmp(&first).is_eq());
    is_series.then(|| 10_f64.powi(count(parts[0].len())) * (first.abs() + 1.0) * 2.0 * numbers.len() as f64)
}

/// The guesses for a part of well-known digits.
fn digits(text: &str) -> Option<f64> {
    let digits = Zeroizing::new(text.replacen('.', "", 1));
    let is_known = digits.len() >= LEAST_DIGITS && DIGITS.iter().any(|known| known.contains(digits.as_str()));
    is_known.then(|| PER_MEMBER * digits.len() as f64)
}
