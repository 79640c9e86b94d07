//! The cheapest way to compose a passphrase from parts.

use super::part::{Part, count};
use crate::ordered::InOrder as _;

/// The parts of the cheapest way, and its guesses.
pub struct Chosen {
    pub guesses: f64,
    pub parts: Vec<Part>,
}

/// For each end in a text and each number of parts, beginning with one: the smallest product of their guesses up to there,
/// and the last of these parts.
type Products = Vec<Vec<Option<(f64, usize)>>>;

/// Returns the cheapest sequence of parts by the paper's measure: l! times the product of their guesses, plus
/// 10000^(l-1) for a guesser who doesn't know the number of parts.
pub fn cheapest(parts: &[Part], length: usize) -> Chosen {
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
