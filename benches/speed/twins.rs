//! Measures the gain of each part of the program that does the same as another part, but faster: without a gain it has
//! no place.

use crate::fixture::{Fixture, Subject as Items};
use crate::measure::{PROGRAM, Subject, count_instructions, measure, milliseconds, print};
use std::process::Command;
use std::time::Instant;

/// How often an operation that takes microseconds is repeated to measure it.
const TIMES: u32 = 200;

/// `exec` with each of the quick ways, and with the general one.
pub fn twins(fixture: &Fixture, rounds: usize) {
    let (small, long) = (fixture.subject("twins", 10), fixture.subject("twins-long", 10));
    for i in 1..=50 {
        fixture.run(&long, &["user", "add", &format!("user{i:02}"), "--read", "dev"]);
    }
    let exec = ["exec", "--", PROGRAM];
    // The quick parser recognizes a command line by its first word.
    let whole = ["--color=auto", "exec", "--", PROGRAM];
    let [small_toml, long_toml] = [&small, &long].map(|items| by_toml(fixture, items));
    let subjects = [
        Subject::new("exec", fixture.of(&small, &exec)),
        Subject::new("the whole command line parsed", fixture.of(&small, &whole)),
        Subject::new("the file read by the TOML parser", fixture.of(&small_toml, &exec)),
        Subject::new("exec, after 50 changes of users", fixture.of(&long, &exec)),
        Subject::new("that file read by the TOML parser", fixture.of(&long_toml, &exec)),
    ];
    let mut times = measure(&subjects, rounds);
    count_instructions(&subjects, &mut times);
    print(&times, &[("exec", 0)]);
    beginning();
}

/// The same vault in a file that means the same as TOML, but is formatted differently from how `vault` writes it.
fn by_toml(fixture: &Fixture, items: &Items) -> Items {
    let name = format!("{}-toml", items.name);
    let vault = fixture.path(&format!("{name}.vault"));
    let text = std::fs::read_to_string(&items.vault).unwrap();
    std::fs::write(&vault, text.replacen("format = ", "format =  ", 1)).unwrap();
    items.renamed(name, vault)
}

/// Measures a part of Rust's own startup: it asks for the end of the stack, for which the C library reads the memory
/// map (`src/cli/start.rs`).
fn beginning() {
    let start = Instant::now();
    for _ in 0..TIMES {
        // A new thread asks the C library the same question; for the main thread, the answer is in this file.
        std::hint::black_box(std::fs::read_to_string("/proc/self/maps").unwrap_or_default());
    }
    let time = start.elapsed() / TIMES;
    println!("Rust's beginning of a program reads the memory map: {:.3} ms\n", milliseconds(time));
}

/// Runs the script that builds the program without each override of the release profile. That takes half an hour, so it
/// has to be asked for by name.
pub fn overrides() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/overrides");
    assert!(Command::new(script).status().unwrap().success());
}
