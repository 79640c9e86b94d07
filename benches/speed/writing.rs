//! Measures changes, and many processes that share a vault.

use crate::fixture::{Fixture, Subject as Items, value};
use crate::measure::{Subject, Times, measure_after, milliseconds, print, ratio};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// `set` and `import`. Each of them waits for the disk.
pub fn set_and_import(fixture: &Fixture, rounds: usize) {
    let set = |items: &Items| fixture.of(items, &["set", "--kind", "variable", "PORT=3000"]);
    let (small, large) = (fixture.subject("small", 11), fixture.subject("large", 1_001));
    let few = fixture.subject("few", 12);
    let dotenv = fixture.path("import.env");
    std::fs::write(&dotenv, (0..1_000).map(|i| format!("I_{i}={}\n", value(i))).collect::<String>()).unwrap();
    let before = std::fs::read(&few.vault).unwrap();
    let mut import = fixture.of(&few, &["import"]);
    import.arg(&dotenv);
    let subjects = [
        Subject::new("vault set, one of 11", set(&small)),
        Subject::new("vault set, one of 1001", set(&large)),
        Subject::new("vault import, 1000 items", import),
    ];
    // Every round imports the same into the same few items: the file is restored, and the state accepts it again.
    let times = measure_after(&subjects, rounds, |index| {
        if index == 2 {
            std::fs::write(&few.vault, &before).unwrap();
            fixture.accept(&few);
        }
    });
    print(&times, &[("one of 11", 0)]);
}

/// Twenty processes at the same time, each of which starts one command after another.
pub fn contention(fixture: &Fixture, rounds: usize) {
    let items = fixture.subject("contended", 10);
    let one = |arguments: &[&str]| {
        let start = Instant::now();
        assert!(fixture.of(&items, arguments).stdin(Stdio::null()).status().unwrap().success(), "{arguments:?}");
        start.elapsed()
    };
    for (name, arguments) in [
        ("vault exec", &["exec", "--", "/usr/bin/true"][..]),
        ("vault set", &["set", "--kind", "variable", "PORT=3000"][..]),
    ] {
        let alone: Vec<Duration> = (0..rounds).map(|_| one(arguments)).collect();
        let start = Instant::now();
        let together: Vec<Duration> = std::thread::scope(|scope| {
            let work = || (0..rounds).map(|_| one(arguments)).collect::<Vec<_>>();
            let threads: Vec<_> = (0..20).map(|_| scope.spawn(work)).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        let rate = together.len() as f64 / start.elapsed().as_secs_f64();
        let (alone, together) = (Times::of(name, alone), Times::of(name, together));
        let (median, slow, slowest) = (together.median(), together.percentile(99), together.percentile(100));
        println!(
            "{name}, 20 at once: {rate:.0}/s ({:.0}/s alone); median {:.1} ms, p99 {:.2} x median, slowest {:.2} x median",
            1.0 / alone.median().as_secs_f64(),
            milliseconds(median),
            ratio(slow, median),
            ratio(slowest, median)
        );
    }
    println!();
}
