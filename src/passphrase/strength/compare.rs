//! Compares the estimates with those of the crate zxcvbn, which is the paper's own program in Rust.

use super::words::{Words, each_word};
use crate::ordered::InOrder as _;
use crate::{generate, packed};
use zxcvbn::zxcvbn;

/// No estimate may be higher than the crate's by more than this factor.
const FACTOR: f64 = 100.0;
/// Every phrase above this is strong, and the crate's numbers end soon after.
const STRONG: f64 = 1e15;
const PHRASES: usize = 2_500;
/// Longer phrases take a debug build too long.
const LONGEST: usize = 26;

// `111111.` is left out: the crate takes it for a falling sequence, which it is not.

/// Pseudo-random numbers that are the same in each run (Knuth's MMIX generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

fn phrase(numbers: &mut Numbers, known: &[String]) -> String {
    let word = |numbers: &mut Numbers| -> String { known[numbers.below(known.len())].clone() };
    let date = |numbers: &mut Numbers| {
        let (day, month, year) = (1 + numbers.below(28), 1 + numbers.below(12), 1940 + numbers.below(90));
        let separator = numbers.pick(&["", ".", "-", "/", " ", "_"]);
        match numbers.below(4) {
            0 => format!("{year}{separator}{month:02}{separator}{day:02}"),
            1 => format!("{month}{separator}{day}{separator}{year}"),
            2 => format!("{day:02}{separator}{month:02}{separator}{:02}", year % 100),
            _ => format!("{day:02}{separator}{month:02}{separator}{year}"),
        }
    };
    let part = |numbers: &mut Numbers| match numbers.below(12) {
        0..=3 => word(numbers),
        4 => {
            let word = word(numbers);
            word[..1].to_uppercase() + &word[1..]
        }
        5 => word(numbers).replace('a', "4").replace('e', "3").replace('o', "0").replace('s', "$"),
        6 => word(numbers).chars().rev().collect(),
        7 | 8 => date(numbers),
        9 => numbers.pick(&["qwertz", "asdfgh", "zxcvbn", "1qaz2wsx", "abcdef", "987654", "abcabc"]).to_owned(),
        10 => numbers.below(100_000).to_string(),
        _ => (0..1 + numbers.below(5)).map(|_| char::from(33 + u8::try_from(numbers.below(94)).unwrap())).collect(),
    };
    let separator = numbers.pick(&["", "", " ", "-", ".", "_", "!"]);
    let count = 1 + numbers.below(4);
    let mut parts: Vec<String> = (0..count).map(|_| part(numbers)).collect();
    if numbers.below(8) == 0 {
        parts.extend(parts.clone());
    }
    parts.join(separator)
}

fn known_words() -> Vec<String> {
    let mut words: Vec<String> = generate::words().map(str::to_owned).collect();
    for line in packed::FREQUENCY.text().lines().filter(|line| !line.starts_with('#')) {
        let list = line.rsplit(' ').next().unwrap();
        each_word(list, |word| words.push(word.to_owned()));
    }
    words.retain(|word| word.is_ascii() && !word.is_empty());
    words
}

#[test]
fn no_phrase_is_estimated_much_stronger_than_by_the_zxcvbn_crate() {
    let (mut numbers, known, words) = (Numbers(20_261_128), known_words(), Words::load());
    let mut wrong = Vec::new();
    for _ in 0..PHRASES {
        let phrase: String = phrase(&mut numbers, &known).chars().take(LONGEST).collect();
        #[allow(clippy::cast_precision_loss, reason = "a number of guesses")]
        let theirs = zxcvbn(&phrase, &[]).guesses() as f64;
        let ours = words.estimate(&phrase.chars().collect::<Vec<_>>()).guesses;
        if theirs < STRONG && ours > theirs * FACTOR {
            wrong.push((ours / theirs, phrase, theirs, ours));
        }
    }
    wrong.order_by(|one, other| other.0.total_cmp(&one.0));
    assert!(wrong.is_empty(), "{} of {PHRASES}: {:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);
}
