//! Defines and parses the command line: all commands, and `-e`.

mod frequent;
mod habits;
mod parsed;
mod refusal;

pub use parsed::Cli;

use crate::cli::commands::Command;
use crate::cli::generated;
use crate::cli::globals::{BEFORE, BEHIND, Globals, environment_option, environments_behind, given};
use clap::error::ErrorKind;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use std::ffi::OsString;
use std::mem::ManuallyDrop;
use vault::error::Kind;
use vault::name::EnvironmentName;
use vault::{Error, Result};

/// Keep the secrets of a project in one encrypted file, and run programs with them.
#[derive(Debug, Parser)]
#[command(name = "vault", version, disable_help_subcommand = true, after_help = AFTER_HELP)]
struct Root {
    #[command(flatten)]
    globals: Globals,
}

const AFTER_HELP: &str = "Start with: vault init --import .env\nThen run a program with its values: vault exec -- CMD";

/// Returns the whole command line. Every command takes `-e`, before or after its name but not both.
pub fn command() -> clap::Command {
    Command::augment_subcommands(root()).mut_subcommands(with_environment)
}

fn root() -> clap::Command {
    Root::command().arg(environment_option(BEFORE))
}

/// Adds `-e` after the command's name. This is a separate argument. It is global, so that subcommands (`log show -e
/// dev`) take it, too.
fn with_environment(command: clap::Command) -> clap::Command {
    command.arg(environment_option(BEHIND).global(true))
}

/// Returns a command line with only the command that the arguments seem to name. Adding every global option to every
/// command takes longer than reading the vault. A line that this accepts means the same to the whole command line. A
/// line that this refuses must be parsed by the whole command line.
fn narrow_command(arguments: &[OsString]) -> Option<clap::Command> {
    let mut all = ManuallyDrop::new(Command::augment_subcommands(clap::Command::new("all")));
    let words = arguments.iter().skip(1).filter_map(|argument| argument.to_str());
    let named = words.filter(|word| !word.starts_with('-')).find_map(|word| {
        let name = all.find_subcommand(word)?.get_name().to_owned();
        all.find_subcommand_mut(&name).map(std::mem::take)
    })?;
    Some(root().subcommand(with_environment(named)))
}

/// Why a command line was not accepted.
pub enum Refusal {
    /// The user asked for help or the version, which is no error.
    Shown(clap::Error),
    /// The line is wrong.
    Wrong(Error),
}

/// Parses a command line.
pub fn parse(arguments: &[OsString]) -> Result<Cli, Box<Refusal>> {
    frequent::read(arguments).map_or_else(|| read_whole(arguments), Ok)
}

/// Like [`parse`], without the shortcut for frequent lines.
fn read_whole(arguments: &[OsString]) -> Result<Cli, Box<Refusal>> {
    let narrow = narrow_command(arguments).and_then(|command| read_as(command, arguments).ok());
    narrow.map_or_else(|| read_as(command(), arguments), Ok).map_err(|error| {
        Box::new(match error.kind() {
            ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Refusal::Shown(described(error, arguments)),
            ErrorKind::UnknownArgument => Refusal::Wrong(match detached_value(arguments) {
                Some(hint) => refusal::explain(&error).hint(hint),
                None => with_help(refusal::explain(&error), arguments),
            }),
            _ => Refusal::Wrong(with_help(refusal::explain(&error), arguments)),
        })
    })
}

/// Parses the arguments of this command line.
fn read_as(command: clap::Command, arguments: &[OsString]) -> Result<Cli, clap::Error> {
    // Dropping these takes as long as verifying a signature, and the process ends soon.
    let mut command = ManuallyDrop::new(command);
    let matches = ManuallyDrop::new(command.try_get_matches_from_mut(arguments)?);
    let Root { globals } = Root::from_arg_matches(&matches)?;
    let named = matches.subcommand_name().map(|_| Command::from_arg_matches(&matches));
    Ok(Cli { globals, command: named.transpose()?, environments: environments(&matches)? })
}

/// Renders help with the lines that list the commands, which are only needed for help.
fn described(shown: clap::Error, arguments: &[OsString]) -> clap::Error {
    match shown.kind() {
        ErrorKind::DisplayVersion => shown,
        _ => generated::described(command).try_get_matches_from(arguments).err().unwrap_or(shown),
    }
}

/// Adds a hint to a usage error that has none: how to see the command's help.
pub fn with_help(error: Error, arguments: &[OsString]) -> Error {
    if error.advice().is_some() || error.kind() != Kind::Usage {
        return error;
    }
    let words: String = command_words(arguments).iter().map(|word| format!(" {word}")).collect();
    error.hint(format!("vault{words} --help shows how to use it"))
}

/// Returns a hint for a value after a space, as in `--clip 30s`, which is taken for another argument.
fn detached_value(arguments: &[OsString]) -> Option<String> {
    let mut all = command();
    // The arguments of the commands exist only after the build.
    all.build();
    let mut named = &all;
    for word in command_words(arguments) {
        named = named.find_subcommand(word)?;
    }
    let joined = |word: &str| {
        let option = named.get_arguments().find(|option| option.get_long() == word.strip_prefix("--"))?;
        let value = option.get_value_names()?.first()?;
        option.is_require_equals_set().then(|| format!("write the value right after the option: {word}={value}"))
    };
    let mut pairs = arguments.windows(2).filter_map(|pair| Some((pair[0].to_str()?, pair[1].to_str()?)));
    pairs.find_map(|(word, next)| if next.starts_with('-') { None } else { joined(word) })
}

/// Returns the command that a line names, even if the line is wrong.
pub fn command_name(arguments: &[OsString]) -> Option<String> {
    command_words(arguments).into_iter().next()
}

/// Returns the command and its subcommands: `log show`.
fn command_words(arguments: &[OsString]) -> Vec<String> {
    let mut words = Vec::new();
    if let Ok(matches) = command().ignore_errors(true).try_get_matches_from(arguments) {
        let mut named = matches.subcommand();
        while let Some((name, matches)) = named {
            words.push(name.to_owned());
            named = matches.subcommand();
        }
    }
    words
}

/// Returns what this run is for, as prompts say it: `to run npm`, `for vault user add`. Only prompts need it, so the
/// line is parsed again.
pub fn purpose() -> String {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if let Ok(Cli { command: Some(Command::Exec(exec)), .. }) = parse(&arguments) {
        return format!("to run {}", exec.program());
    }
    let words = command_words(&arguments);
    if words.is_empty() { "for vault".to_owned() } else { format!("for vault {}", words.join(" ")) }
}

fn environments(matches: &ArgMatches) -> Result<Vec<EnvironmentName>, clap::Error> {
    let behind = matches.subcommand().and_then(|(_, matches)| environments_behind(matches));
    match (given(matches, BEFORE), behind) {
        (Some(_), Some(_)) => {
            Err(clap::Error::raw(ErrorKind::ArgumentConflict, "-e is given before and after the command"))
        }
        (before, behind) => Ok(before.or(behind).unwrap_or_default()),
    }
}
