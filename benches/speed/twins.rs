//! Measures the gain of each part of the program that does the same as another part, but faster: without a gain it has
//! no place.

use crate::fixture::{Fixture, Subject as Items};
use crate::measure::{PROGRAM, Subject, count_instructions, measure, print};
use std::path::{Path, PathBuf};
use std::process::Command;

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
}

/// The same vault in a file that means the same as TOML, but is formatted differently from how `vault` writes it.
fn by_toml(fixture: &Fixture, items: &Items) -> Items {
    let name = format!("{}-toml", items.name);
    let vault = fixture.path(&format!("{name}.vault"));
    let text = std::fs::read_to_string(&items.vault).unwrap();
    std::fs::write(&vault, text.replacen("format = ", "format =  ", 1)).unwrap();
    items.renamed(name, vault)
}

/// `exec` of a program with its own `main` (`src/cli/start.rs`), and of one that starts as Rust's runtime does it. Both
/// have to be built first, which takes minutes.
pub fn start(fixture: &Fixture, rounds: usize) {
    let own = build("own-start", &[]);
    let ordinary = build("rust-start", &["--cfg", "rust_start"]);
    for size in [10, 1_000] {
        let items = fixture.subject(&format!("start-{size}"), size);
        let exec = ["exec", "--", PROGRAM];
        let subjects = [
            Subject::new(format!("exec of {size} items"), fixture.other(&own, &items, &exec)),
            Subject::new("started by Rust's runtime", fixture.other(&ordinary, &items, &exec)),
        ];
        let mut times = measure(&subjects, rounds);
        count_instructions(&subjects, &mut times);
        print(&times, &[("exec", 0)]);
    }
}

/// Builds the program as it is released, with further arguments for the compiler, and returns a copy with this name.
fn build(name: &str, arguments: &[&str]) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("start");
    let mut build = Command::new(env!("CARGO"));
    build.args(["rustc", "--quiet", "--locked", "--release", "--bin", "vault", "--target-dir"]).arg(&target);
    build.arg("--").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    assert!(build.status().unwrap().success());
    let copy = target.join(name);
    std::fs::copy(target.join("release/vault"), &copy).unwrap();
    copy
}

/// Runs the script that builds the program without each override of the release profile. That takes half an hour, so it
/// has to be asked for by name.
pub fn overrides() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/overrides");
    assert!(Command::new(script).status().unwrap().success());
}
