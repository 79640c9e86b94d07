//! Compresses the texts that the program contains, and tells the linker what to leave out.
//!
//! A build script gives cargo its instructions by printing them.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "this is how a build script talks to cargo")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The texts to compress, with the names under which `src/packed.rs` includes them.
const TEXTS: [(&str, &str); 6] = [
    ("frequency", "src/passphrase/frequency.txt"),
    ("words", "src/words.txt"),
    ("format", "man/vault-format.5"),
    ("team", "man/vault-team.7"),
    ("ci", "man/vault-ci.7"),
    ("schema", "schema/vault.schema.json"),
];
/// The slowest compression level, which compresses best.
const BEST: u8 = 10;

/// The program aborts on a panic and never unwinds, so it doesn't need the unwind tables, a tenth of its size.
const DISCARDED: &str = "SECTIONS { /DISCARD/ : { *(.eh_frame) *(.eh_frame_hdr) } } INSERT AFTER .text;\n";

/// The functions that run in a warm `exec` or `get`, without the hashes in their names. `benches/layout` writes the list.
const RUNNING: &str = "layout.txt";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    let output = PathBuf::from(std::env::var("OUT_DIR")?);
    for (name, path) in TEXTS {
        println!("cargo:rerun-if-changed={path}");
        std::fs::write(output.join(name), miniz_oxide::deflate::compress_to_vec(&std::fs::read(path)?, BEST))?;
    }
    lay_out(&output)
}

/// Tells the linker what to leave out and what to put together. Only in a release build, because tests unwind.
fn lay_out(output: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={RUNNING}");
    let text = |name: &str| std::env::var(name).unwrap_or_default();
    let is_own_linker = text("RUSTC_LINKER").is_empty() && !text("CARGO_ENCODED_RUSTFLAGS").contains("link");
    if is_own_linker && text("CARGO_CFG_TARGET_OS") == "linux" && text("PROFILE") == "release" {
        let script = output.join("layout.ld");
        std::fs::write(&script, format!("{DISCARDED}{}", together(&std::fs::read_to_string(RUNNING)?)))?;
        let by_script = format!("-Wl,--no-eh-frame-hdr,-T,{}", script.display());
        for option in [by_script.as_str(), FOLDING] {
            if takes(option, output) {
                println!("cargo:rustc-link-arg-bins={option}");
            }
        }
    }
    Ok(())
}

/// Puts these functions next to each other. Otherwise, they would be spread over the program, and a start would read
/// three times as many pages.
fn together(functions: &str) -> String {
    let sections: String = functions.lines().map(|function| format!(" .text.{function}")).collect();
    format!("SECTIONS {{ .text.running : {{ *({sections}) }} }} INSERT BEFORE .text;\n")
}

/// Keeps one of several identical functions, which saves a hundredth of the program. The program never compares
/// addresses of functions.
const FOLDING: &str = "-Wl,--icf=all";

/// Returns whether the linker accepts an option, which depends on the compiler's version and on who built it.
fn takes(option: &str, output: &Path) -> bool {
    let source = output.join("empty.rs");
    let variable = |name: &str| std::env::var_os(name).unwrap_or_default();
    let mut compiler = Command::new(variable("RUSTC"));
    compiler.args(["--crate-type=bin", "--target"]).arg(variable("TARGET")).arg(format!("-Clink-arg={option}"));
    compiler.arg("-o").arg(output.join("empty")).arg(&source);
    std::fs::write(source, "fn main() {}").is_ok() && compiler.output().is_ok_and(|output| output.status.success())
}
