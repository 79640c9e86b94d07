//! The words that guessers try first.

use super::part::{Pattern, count};
use crate::packed;
use std::collections::HashMap;
use zeroize::Zeroizing;

/// The longest word that is looked up, in characters.
const LONGEST_WORD: usize = 24;
/// The number of words in the list that passphrases are generated from.
const OWN_WORDS: usize = 7_772;

/// What addresses of websites begin and end with.
const ADDRESSES: [&str; 9] =
    ["https://www.", "http://www.", "https://", "http://", "www.", ".com", ".org", ".net", ".de"];

/// All lists combined: the best rank of each word, rounded down to a power of two.
pub struct Words(HashMap<Box<str>, (usize, Pattern)>);

impl Words {
    pub fn load() -> Self {
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
        for affix in ADDRESSES {
            words.insert(Box::from(affix), (ADDRESSES.len(), Pattern::Word));
        }
        Self(words)
    }

    /// Looks a word up in the lists: forwards, backwards, and with letters in place of digits and signs.
    pub fn word(&self, text: &[char]) -> Option<(f64, Pattern, bool)> {
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
pub fn each_word(list: &str, mut use_word: impl FnMut(&str)) {
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
pub fn capitals(text: &[char]) -> f64 {
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
