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

/// Text of nothing but the byte that [`repeated`] values are made of.
fn repeated_text(fixture: &Fixture) -> PathBuf {
    let path = fixture.path("repeated.txt");
    if !path.exists() {
        std::fs::write(&path, "a".repeat(SIZE)).unwrap();
    }
    path
}

/// Values as keys are.
fn keys(count: u64) -> String {
    let words = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (1..=count).map(|i| format!("S_{i}={:016x}{:016x}\n", words(i), words(i + 5_000))).collect()
}

/// A value that repeats itself.
fn repeated(length: usize) -> String {
    format!("S={}\n", "a".repeat(length))
}

/// How fast text is searched, warm; the start of the program is included. What the values are must make no difference.
pub fn scan(fixture: &Fixture, rounds: usize) {
    let cases = [
        ("1000 values", keys(1_000)),
        ("4000 equal bytes", repeated(4_000)),
        ("100000 equal bytes", repeated(100_000)),
    ];
    for (name, secrets) in cases {
        let (vault, key) = fixture.init(&format!("scan {name}"), &secrets);
        let mut command = fixture.vault(&vault, Some(&key));
        command.arg("scan").arg(plain_text(fixture));
        print_rate(&format!("vault scan, {name}"), &measure(&[Subject::new("scan", command)], rounds)[0]);
    }
}

/// How fast the output of a command passes through a mask, into a pipe and from one.
pub fn mask(fixture: &Fixture, rounds: usize) {
    let (plain, same) = (plain_text(fixture), repeated_text(fixture));
    for (name, secrets, text) in [
        ("100 values", keys(100), &plain),
        ("1000 values", keys(1_000), &plain),
        ("4000 equal bytes", repeated(4_000), &plain),
        ("100000 equal bytes", repeated(100_000), &plain),
        ("4000 equal bytes, in such a text", repeated(4_000), &same),
        ("15 equal bytes, in such a text", repeated(15), &same),
    ] {
        let (vault, key) = fixture.init(&format!("mask {name}"), &secrets);
        let mut masked = fixture.vault(&vault, Some(&key));
        masked.args(["exec", "--mask", "--", "cat"]).arg(text);
        print_rate(&format!("vault exec --mask, {name}"), &measure(&[Subject::new("mask", masked)], rounds)[0]);
    }
}

fn print_rate(what: &str, times: &Times) {
    println!("{what}: {:.0} MB/s\n", SIZE as f64 / 1e6 / times.minimum().as_secs_f64());
}
