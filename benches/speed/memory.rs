//! Measures the peak memory of a command, and the size of the program.

use crate::fixture::Fixture;
use crate::measure::{PROGRAM, again};
use nix::sys::resource::{UsageWho, getrusage};
use std::process::{Command, Stdio};

/// The mode in which the bench runs a command and prints its peak memory, in KiB.
pub const MODE: &str = "peak";

/// Runs a command and prints its peak memory. The system reports the maximum over all children of a process, so each
/// command gets its own parent.
pub fn run(words: &[String]) {
    let [program, arguments @ ..] = words else { return };
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).status().unwrap();
    assert!(status.success(), "{words:?}: {status}");
    println!("{}", getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss());
    std::process::exit(0);
}

/// Returns the peak memory of a command, in KiB. The command runs once before that.
pub fn peak(fixture: &Fixture, command: &Command) -> u64 {
    // The first run on a device checks more, once.
    assert!(again(command).status().unwrap().success());
    let words: Vec<_> =
        std::iter::once(command.get_program()).chain(command.get_args()).map(ToOwned::to_owned).collect();
    let mut outer = fixture.own(command);
    let output = outer.arg(MODE).args(words).stdout(Stdio::piped()).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

/// Prints the peaks of `exec` and `get`, compared with the minimal program, and the sizes of the files. The last column is
/// what a larger vault takes beyond one of 10 items, in sizes of its file: the rest is the program and its libraries,
/// which all processes share.
pub fn memory(fixture: &Fixture) {
    println!("{:<38} {:>12} {:>12} {:>24}", "peak of memory", "KiB", "file, KiB", "beyond 10 items, x file");
    let mut smallest = Vec::new();
    for size in [10, 1_000, 10_000] {
        let items = fixture.subject(&format!("memory{size}"), size);
        let file = std::fs::metadata(&items.vault).unwrap().len() / 1024;
        let rows = [
            ("minimal", fixture.minimal(&items, PROGRAM)),
            ("vault exec", fixture.of(&items, &["exec", "--", PROGRAM])),
            ("vault get", fixture.of(&items, &["get", "ITEM_00003"])),
        ];
        for (row, (name, command)) in rows.iter().enumerate() {
            let peak = peak(fixture, command);
            if size == 10 {
                smallest.push(peak);
            }
            let beyond = peak.saturating_sub(smallest[row]) as f64 / file as f64;
            println!("{:<38} {peak:>12} {file:>12} {beyond:>24.2}", format!("{name}, {size} items"));
        }
    }
    println!("\nthe program: {:.2} MB\n", std::fs::metadata(env!("CARGO_BIN_EXE_vault")).unwrap().len() as f64 / 1e6);
}
