//! `vault`, the command line: parses arguments, runs the command, reports errors and exits.
#![cfg_attr(all(target_os = "linux", target_env = "gnu", not(any(test, rust_start))), no_main)]

mod cli;

#[cfg(not(all(target_os = "linux", target_env = "gnu", not(any(test, rust_start)))))]
fn main() -> std::process::ExitCode {
    cli::main()
}
