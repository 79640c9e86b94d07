//! Parses the command lines that programs run over and over: `vault exec` and `vault get`, with the command as the
//! first word.
//!
//! Building and parsing the whole command line takes a tenth of a warm `exec`, most of it for memory that is used once.
//! Here the options of a single command and the global ones are one flat list, and a line without any option but `-e`
//! needs no list at all. A line that this accepts means the same to the whole command line. Everything else, such as a
//! wrong line or a request for help, is left to the whole command line.

use super::Cli;
use crate::cli::commands::{Command, exec, get};
use crate::cli::globals::{BEHIND, Globals, environment_option, environments_behind};
use clap::{Args, FromArgMatches};
use std::ffi::OsString;
use std::mem::ManuallyDrop;
use vault::name::EnvironmentName;

/// Parses a frequent line. `None` if it is any other line.
pub fn read(arguments: &[OsString]) -> Option<Cli> {
    let [program, word, rest @ ..] = arguments else { return None };
    if let Some(cli) = read_plain(word.to_str()?, rest) {
        return Some(cli);
    }
    match word.to_str()? {
        "exec" | "run" | "x" => read_as(Command::Exec, program, rest),
        "get" => read_as(Command::Get, program, rest),
        _ => None,
    }
}

/// Parses a line that has no option but `-e`: `exec -e dev -- CMD`, `get NAME`.
fn read_plain(word: &str, mut rest: &[OsString]) -> Option<Cli> {
    let mut environments = Vec::new();
    while let [option, names, behind @ ..] = rest
        && (option == "-e" || option == "--env")
    {
        for name in names.to_str()?.split(',') {
            environments.push(EnvironmentName::new(name).ok()?);
        }
        rest = behind;
    }
    let command = match (word, rest) {
        ("exec" | "run" | "x", [dashes, command @ ..]) if dashes == "--" && !command.is_empty() => {
            Command::Exec(exec::Args::for_command(command))
        }
        ("get", [name]) if !name.is_empty() && !name.as_encoded_bytes().starts_with(b"-") => {
            Command::Get(get::Args::for_item(name.to_str()?))
        }
        _ => return None,
    };
    Some(Cli { globals: Globals::default(), command: Some(command), environments })
}

fn read_as<A: Args>(name: fn(A) -> Command, program: &OsString, rest: &[OsString]) -> Option<Cli> {
    let command = A::augment_args(Globals::augment_args(clap::Command::new("vault")));
    let mut command = ManuallyDrop::new(command.arg(environment_option(BEHIND)));
    let arguments = std::iter::once(program).chain(rest);
    let matches = ManuallyDrop::new(command.try_get_matches_from_mut(arguments).ok()?);
    Some(Cli {
        globals: Globals::from_arg_matches(&matches).ok()?,
        command: Some(name(A::from_arg_matches(&matches).ok()?)),
        environments: environments_behind(&matches).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests;
