//! How fast values are found in what passes by.

use crate::fixture::Fixture;
use crate::measure::{Subject, Times, measure};
use std::path::PathBuf;

/// The size of the text that is searched, in bytes.
const SIZE: usize = 256 << 20;

/// Text that holds none of the values.
fn plain_text(fixture: &Fixture) -> PathBuf {
    let path = fixture.path("plain.txt");
    if !path.exists() {
        let line = "The quick brown fox jumps over the lazy dog; let total = prices.iter().sum::<u64>() + 4711;\n";
        std::fs::write(&path, line.repeat(SIZE / line.len())).unwrap();
    }
    path
}

/// How fast plain text is searched for 1,000 values, warm; the start of the program is included.
pub fn scan(fixture: &Fixture, rounds: usize) {
    let words = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let secrets: String = (1..=1_000).map(|i| format!("S_{i}={:016x}{:016x}\n", words(i), words(i + 5_000))).collect();
    let (vault, key) = fixture.init("scan", &secrets);
    let mut command = fixture.vault(&vault, Some(&key));
    command.arg("scan").arg(plain_text(fixture));
    print_rate("vault scan, 1000 values", &measure(&[Subject::new("scan", command)], rounds)[0]);
}

/// How fast the output of a command passes through a mask of 100 values, into a pipe and from one.
pub fn mask(fixture: &Fixture, rounds: usize) {
    let secrets: String = (1..=100_u64)
        .map(|i| format!("S_{i}={:032x}\n", u128::from(i).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)))
        .collect();
    let (vault, key) = fixture.init("mask", &secrets);
    let mut masked = fixture.vault(&vault, Some(&key));
    masked.args(["exec", "--mask", "--", "cat"]).arg(plain_text(fixture));
    print_rate("vault exec --mask, 100 values", &measure(&[Subject::new("mask", masked)], rounds)[0]);
}

fn print_rate(what: &str, times: &Times) {
    println!("{what}: {:.0} MB/s\n", SIZE as f64 / 1e6 / times.minimum().as_secs_f64());
}
