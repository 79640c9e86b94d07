//! The largest part of memory that a command takes, and how large the program is.

use crate::fixture::Fixture;
use crate::measure::{PROGRAM, again};
use nix::sys::resource::{UsageWho, getrusage};
use std::process::{Command, Stdio};

/// The mode in which the bench runs a command and prints how much memory it took at most, in KiB.
pub const MODE: &str = "peak";

/// Runs a command and says what it took: its parent is told of the largest of all its children, so each gets its own.
pub fn run(words: &[String]) {
    let [program, arguments @ ..] = words else { return };
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).status().unwrap();
    assert!(status.success(), "{words:?}: {status}");
    println!("{}", getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss());
    std::process::exit(0);
}

/// The peak of a command that ran before, in KiB.
pub fn peak(fixture: &Fixture, command: &Command) -> u64 {
    // What a device sees for the first time is looked at more closely, once.
    assert!(again(command).status().unwrap().success());
    let words: Vec<_> =
        std::iter::once(command.get_program()).chain(command.get_args()).map(ToOwned::to_owned).collect();
    let mut outer = fixture.own(command);
    let output = outer.arg(MODE).args(words).stdout(Stdio::piped()).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

/// Peaks of `exec` and `get`, beside the minimal program's, and sizes of files.
pub fn memory(fixture: &Fixture) {
    println!("{:<38} {:>12} {:>12}", "peak of memory", "KiB", "file, KiB");
    for size in [10, 1_000, 10_000] {
        let items = fixture.subject(&format!("memory{size}"), size);
        let file = std::fs::metadata(&items.vault).unwrap().len() / 1024;
        let rows = [
            ("minimal", fixture.minimal(&items, PROGRAM)),
            ("vault exec", fixture.of(&items, &["exec", "--", PROGRAM])),
            ("vault get", fixture.of(&items, &["get", "ITEM_00003"])),
        ];
        for (name, command) in rows {
            println!("{:<38} {:>12} {file:>12}", format!("{name}, {size} items"), peak(fixture, &command));
        }
    }
    println!("\nthe program: {:.2} MB\n", std::fs::metadata(env!("CARGO_BIN_EXE_vault")).unwrap().len() as f64 / 1e6);
}
