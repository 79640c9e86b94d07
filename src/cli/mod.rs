//! The command line: `args` parses it, a command runs, and an error is shown.
//!
//! Arrows point down: `args`, `commands`, `running`, `options`, `generated`, `unlocking`, `globals`, `clipboard`, `process`,
//! `asking`, `showing`.

mod args;
mod asking;
mod clipboard;
mod commands;
mod generated;
mod globals;
mod options;
mod process;
mod running;
mod showing;
#[cfg(all(target_os = "linux", target_env = "gnu", not(any(test, rust_start))))]
mod start;
mod unlocking;
// A static program has these functions from the compiler's runtime: parts of the C library need them there.
#[cfg(all(target_os = "linux", target_env = "gnu", panic = "abort", not(target_feature = "crt-static"), not(test)))]
mod unwinding;

use args::{Cli, Refusal};
use commands::Command;
use process::hardening;
use showing::ui::{ColorChoice, Ui};
use std::ffi::OsString;
use std::process::ExitCode;
use unlocking::context::Context;
use vault::view::exit_code;
use vault::{Result, secret};

/// The exit code of `exec` if vault itself failed, so that it can't be taken for the command's own code.
const EXEC_FAILED: u8 = 125;

/// Parses the command line, runs the command, and shows an error.
pub fn main() -> ExitCode {
    #[cfg(all(target_os = "linux", target_env = "gnu", not(test)))]
    process::memory::keep();
    hardening::start();
    let arguments: Vec<_> = std::env::args_os().collect();
    // This comes before anything reads the environment, which belongs to a command here.
    if let Some(code) = running::run_as_leader(&arguments) {
        return code;
    }
    if let Err(error) = generated::completion::answer(args::command) {
        Ui::new(false, false, Default::default()).error(&error, exit_code(error.kind()));
        return ExitCode::from(exit_code(error.kind()));
    }
    let cli = match args::parse(&arguments) {
        Ok(cli) => cli,
        Err(refusal) => return refuse(*refusal, &arguments),
    };
    let ui = Ui::new(cli.globals.json, cli.globals.quiet, cli.globals.color);
    let is_exec = matches!(cli.command, Some(Command::Exec(_) | Command::Shell(_)));
    if is_exec {
        hardening::panic_with(EXEC_FAILED);
    }
    run(cli, ui).unwrap_or_else(|error| {
        let code = if is_exec { EXEC_FAILED } else { exit_code(error.kind()) };
        ui.error(&args::with_help(error, &arguments), code);
        ExitCode::from(code)
    })
}

fn run(cli: Cli, ui: Ui) -> Result<ExitCode> {
    let context = Context::new(ui, cli.globals, cli.environments, args::purpose);
    // By reference: to move them takes room on the stack for the arguments of all commands at once.
    let Some(command) = &cli.command else {
        return commands::status::bare(&context);
    };
    let is_for_prompt = matches!(command, Command::Status(args) if args.is_short());
    // This is left out where every system call counts.
    if !is_for_prompt
        && !matches!(command, Command::Exec(_) | Command::Get(_) | Command::HookEnv(_) | Command::Agent(_))
    {
        commands::edit::clear();
    }
    command.run(&context, args::command)
}

/// Prints help as data, and shows a wrong line as an error. For `exec`, the exit code must not look like the command's
/// own.
fn refuse(refusal: Refusal, arguments: &[OsString]) -> ExitCode {
    match refusal {
        Refusal::Shown(shown) => {
            let ui = Ui::new(false, false, ColorChoice::Auto);
            let text = shown.render();
            let text = if ui.colors_output() { text.ansi().to_string() } else { text.to_string() };
            match ui.bytes(text.as_bytes()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    ui.error(&error, exit_code(error.kind()));
                    ExitCode::from(exit_code(error.kind()))
                }
            }
        }
        Refusal::Wrong(error) => {
            let is_exec = matches!(args::command_name(arguments).as_deref(), Some("exec" | "shell"));
            let code = if is_exec { EXEC_FAILED } else { exit_code(error.kind()) };
            let is_key = |argument: &OsString| secret::is_key(&argument.to_string_lossy());
            let error = if arguments.iter().any(is_key) { error.of_a_key() } else { error };
            let json = arguments.iter().any(|argument| argument == "--json");
            Ui::new(json, false, ColorChoice::Auto).error(&error, code);
            ExitCode::from(code)
        }
    }
}
