//! Packs the texts that the program carries, and tells the linker what to leave out.
//!
//! A build script prints its orders to cargo.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "this is how a build script talks to cargo")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is packed, and under which name `src/packed.rs` finds it.
const TEXTS: [(&str, &str); 6] = [
    ("frequency", "src/passphrase/frequency.txt"),
    ("words", "src/words.txt"),
    ("format", "man/vault-format.5"),
    ("team", "man/vault-team.7"),
    ("ci", "man/vault-ci.7"),
    ("schema", "schema/vault.schema.json"),
];
/// The slowest level, which packs best.
const BEST: u8 = 10;

/// A program that ends where it panics never unwinds: the tables for that, a tenth of it, are of no use.
const DISCARDED: &str = "SECTIONS { /DISCARD/ : { *(.eh_frame) *(.eh_frame_hdr) } } INSERT AFTER .text;\n";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    let output = PathBuf::from(std::env::var("OUT_DIR")?);
    for (name, path) in TEXTS {
        println!("cargo:rerun-if-changed={path}");
        std::fs::write(output.join(name), miniz_oxide::deflate::compress_to_vec(&std::fs::read(path)?, BEST))?;
    }
    discard_unwind_tables(&output)
}

/// Only of the program that is released: tests unwind. Where another linker is chosen, it may not take such a script.
fn discard_unwind_tables(output: &Path) -> Result<(), Box<dyn Error>> {
    let text = |name: &str| std::env::var(name).unwrap_or_default();
    let is_own_linker = text("RUSTC_LINKER").is_empty() && !text("CARGO_ENCODED_RUSTFLAGS").contains("link");
    if is_own_linker && text("CARGO_CFG_TARGET_OS") == "linux" && text("PROFILE") == "release" {
        let script = output.join("discard.ld");
        std::fs::write(&script, DISCARDED)?;
        println!("cargo:rustc-link-arg-bins=-Wl,--no-eh-frame-hdr,-T,{}", script.display());
        if takes(FOLDING, output) {
            println!("cargo:rustc-link-arg-bins={FOLDING}");
        }
    }
    Ok(())
}

/// Of functions that are the same one is kept, a hundredth of the program; nothing here compares where functions are.
const FOLDING: &str = "-Wl,--icf=all";

/// Whether the linker knows an option, which depends on the compiler's version and on who built it.
fn takes(option: &str, output: &Path) -> bool {
    let source = output.join("empty.rs");
    let variable = |name: &str| std::env::var_os(name).unwrap_or_default();
    let mut compiler = Command::new(variable("RUSTC"));
    compiler.args(["--crate-type=bin", "--target"]).arg(variable("TARGET")).arg(format!("-Clink-arg={option}"));
    compiler.arg("-o").arg(output.join("empty")).arg(&source);
    std::fs::write(source, "fn main() {}").is_ok() && compiler.output().is_ok_and(|output| output.status.success())
}
