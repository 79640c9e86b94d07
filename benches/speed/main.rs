//! `cargo bench`: runs whole processes, interleaved, and prints ratios within one run. It uses no network, and nothing
//! outside a temporary directory.
//!
//! The baselines are in `minimal.rs`: a program that decrypts an age file of the same items and calls execve, the same
//! program without cryptography (the floor), and `env FOO=bar true`. BENCHMARKS.md says how to read the tables.
//!
//! The programs are copied first, as an installation does: a file that the linker has just written is in the page cache
//! in small pieces, which costs each start of a large program up to a quarter of a millisecond.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench stops at the first thing that fails"
)]

mod differing;
mod fixture;
mod large;
mod measure;
mod memory;
mod merging;
mod minimal;
mod parts;
mod reading;
mod searching;
mod twins;
mod writing;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    minimal::run(&arguments);
    if let [_, mode, command @ ..] = &arguments[..]
        && mode == memory::MODE
    {
        memory::run(command);
    }
    // `cargo test --benches` runs this as well: one round is enough to see that it works.
    let is_test = arguments.iter().any(|argument| argument == "--test");
    bench(if is_test { 1 } else { rounds() });
}

/// The number of rounds; VAULT_BENCH_ROUNDS sets it.
fn rounds() -> usize {
    std::env::var("VAULT_BENCH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60)
}

/// The tables for which programs have to be built, which takes minutes. They are printed only if they are named.
const LONG: [&str; 2] = ["start", "overrides"];

/// Returns whether to print this table: the one that VAULT_BENCH_ONLY names, or every one that isn't in [`LONG`].
fn wants(table: &str) -> bool {
    std::env::var("VAULT_BENCH_ONLY").map_or(!LONG.contains(&table), |only| only == table)
}

fn bench(rounds: usize) {
    let fixture = fixture::Fixture::new();
    println!("{rounds} rounds, interleaved; whole processes; ratios of the medians and of the minima\n");
    let tables: [(&str, &dyn Fn()); 18] = [
        ("exec", &|| reading::exec(&fixture, rounds)),
        ("get", &|| reading::get(&fixture, rounds)),
        ("agent", &|| reading::agent(&fixture, rounds)),
        ("long-roster", &|| reading::long_roster(&fixture, rounds)),
        ("many-environments", &|| reading::many_environments(&fixture, rounds)),
        ("twins", &|| {
            twins::twins(&fixture, rounds);
            parts::parts(rounds);
        }),
        ("start", &|| twins::start(&fixture, rounds)),
        ("overrides", &twins::overrides),
        ("memory", &|| memory::memory(&fixture)),
        ("diff", &|| differing::diff(&fixture, rounds.min(20))),
        ("merge", &|| merging::merge(&fixture, rounds.min(20))),
        ("writing", &|| writing::set_and_import(&fixture, rounds.min(20))),
        ("contention", &|| writing::contention(&fixture, rounds.min(20))),
        ("scan", &|| searching::scan(&fixture, rounds.min(10))),
        ("mask", &|| searching::mask(&fixture, rounds.min(10))),
        ("log", &|| large::log(&fixture, rounds.min(5))),
        ("status", &|| large::status(&fixture, rounds.min(10))),
        ("worst", &|| searching::worst(&fixture, rounds.min(5))),
    ];
    for (name, table) in tables {
        if wants(name) {
            table();
        }
    }
}
