//! Measures how fast values are found in a stream.

use crate::fixture::Fixture;
use crate::measure::{Subject, Times, measure, ratio};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The size of the text that is searched, in bytes.
const SIZE: usize = 256 << 20;
/// The size of a text that is slow to search, in bytes.
const WORST: usize = 16 << 20;
const LINE: &str = "The quick brown fox jumps over the lazy dog; let total = prices.iter().sum::<u64>() + 4711;\n";
const DUMP: &str = "00000000: 6161 6161 6161 6161 6161 6161 6161 6161  aaaaaaaaaaaaaaaa\n";

/// Creates a text that contains none of the values.
fn plain_text(fixture: &Fixture) -> PathBuf {
    let path = fixture.path("plain.txt");
    if !path.exists() {
        std::fs::write(&path, LINE.repeat(SIZE / LINE.len())).unwrap();
    }
    path
}

/// Creates a text that consists of the byte that [`repeated`] values consist of.
fn repeated_text(fixture: &Fixture) -> PathBuf {
    let path = fixture.path("repeated.txt");
    if !path.exists() {
        std::fs::write(&path, "a".repeat(SIZE)).unwrap();
    }
    path
}

/// Returns values that look like keys.
fn keys(count: u64) -> String {
    let words = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (1..=count).map(|i| format!("S_{i}={:016x}{:016x}\n", words(i), words(i + 5_000))).collect()
}

/// Returns a value that repeats one byte.
fn repeated(length: usize) -> String {
    format!("S={}\n", "a".repeat(length))
}

/// How fast text is searched, warm, including the start of the program. The values must make no difference.
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

/// How fast the output of a command passes through a mask, from a pipe into another one.
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

/// A name, a value, the piece that the text repeats, and the width of the text's lines. All of these are slow to
/// search.
type Hard = (&'static str, String, String, usize);

fn hard() -> Vec<Hard> {
    let long: String = (1..=25_u64).map(|i| format!("{:016x}", i.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    let of = |value: &str| format!("S={value}\n");
    let cases = [
        ("a value of one byte, in such a text, in lines", repeated(4_000), "a", 76),
        ("100,000 bytes of one byte, in such a text, in lines", repeated(100_000), "a", 76),
        ("a value of one byte, in entities", repeated(4_000), "&#97;", WORST),
        ("a value of one byte, in hex with spaces", repeated(4_000), "61 ", 75),
        ("a value of one byte, in base64, in lines", repeated(4_000), "YWFh", 76),
        ("a value of one byte, in a dump", repeated(4_000), DUMP, WORST),
        ("a value that repeats two bytes, nearly that in the text", of(&"ab".repeat(2_000)), "abababc", WORST),
        ("a value that begins as an escape goes on", of(&format!("61{}", "a".repeat(34))), "%61", WORST),
        ("a short one of these", of("61aaaa"), "%61", WORST),
        ("100 values, in nothing but escapes", keys(100), "%41%42", WORST),
        ("100 values, in escaped backslashes", keys(100), "%5c", WORST),
        ("a value of 400 characters, in lines, again and again", of(&long), &long, 64),
    ];
    cases.map(|(name, secrets, piece, width)| (name, secrets, piece.to_owned(), width)).into()
}

/// The slowest searches, compared with plain text.
pub fn worst(fixture: &Fixture, rounds: usize) {
    let text_of = |name: &str, piece: &str, width: usize| {
        let path = fixture.path(name);
        let text = piece.repeat(WORST / piece.len());
        let lines: Vec<&[u8]> = text.as_bytes().chunks(width).collect();
        std::fs::write(&path, lines.join(&b'\n')).unwrap();
        path
    };
    let times = |name: &str, secrets: &str, text: &Path| {
        let (vault, key) = fixture.init(&format!("worst {name}"), secrets);
        let (mut scan, mut mask) = (fixture.vault(&vault, Some(&key)), fixture.vault(&vault, Some(&key)));
        scan.arg("scan").arg(text);
        mask.args(["exec", "--mask", "--", "cat"]).arg(text);
        measure(&[Subject::new("scan", or_true(&scan)), Subject::new("mask", mask)], rounds)
    };
    let plain = times("plain", &keys(100), &text_of("short.txt", LINE, WORST));
    println!("{:<60} {:>16} {:>16}", "times as slow as plain text with 100 values", "scan", "exec --mask");
    for (name, secrets, piece, width) in hard() {
        let own = times(name, &secrets, &text_of("hard.txt", &piece, width));
        let [scan, mask] = [0, 1].map(|at| ratio(own[at].minimum(), plain[at].minimum()));
        println!("{name:<60} {scan:>16.1} {mask:>16.1}");
    }
    println!();
}

/// The same command, but it never fails: `scan` fails if it finds something.
fn or_true(command: &Command) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "\"$0\" \"$@\" || true"]).arg(command.get_program()).args(command.get_args());
    shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.current_dir(command.get_current_dir().unwrap_or(Path::new("/")));
    shell
}

fn print_rate(what: &str, times: &Times) {
    println!("{what}: {:.0} MB/s\n", SIZE as f64 / 1e6 / times.minimum().as_secs_f64());
}
