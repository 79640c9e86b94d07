//! `vault exec`: becomes the command, with the values in its environment.
//!
//! What is guaranteed: exit code, signals, job control, terminal, standard input, process id, working directory, umask
//! and limits are the command's own, because `execve` replaces this program. Inherited descriptors pass through; none of
//! ours is left open. A blocked signal mask and ignored signals pass through unchanged, but for SIGPIPE, which is the
//! default for the command whatever Rust's runtime did to it here.

mod env_file;
mod environment;
mod hints;
mod limits;
mod program;

use super::context::Context;
use super::names::AllowNames;
use super::selection::{Selection, SelectionArgs};
use environment::Inherit;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use vault::item::Injectable;
use vault::log::{Action, Entry};
use vault::name::{EnvironmentName, ItemName};
use vault::time::Time;
use vault::vault::Session;
use vault::{Error, Result};

/// Runs CMD with every item whose name can be a variable's. Of several environments later ones win. Everything from CMD
/// on is CMD's own. Exit code: CMD's; 127 not found, 126 not executable, 125 when vault itself failed.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    selection: SelectionArgs,
    /// Inherit nothing but PATH, HOME, TERM, LANG, TZ, USER, SHELL and TMPDIR
    #[arg(long)]
    pristine: bool,
    /// Inherited variables win over the vault's: all, or these
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, value_delimiter = ',', default_missing_value = "")]
    preserve_env: Option<Vec<String>>,
    /// Also set the variables of this .env file; its values may be vault://NAME or vault://ENV/NAME, and they win
    #[arg(long, value_name = "FILE")]
    env_file: Vec<PathBuf>,
    #[command(flatten)]
    allow: AllowNames,
    /// The command and its arguments
    #[arg(trailing_var_arg = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let session = context.session()?;
    let environments = context.environments(session.vault())?;
    let selection = Selection::new(&args.selection)?;
    let mut chosen = Vec::new();
    for environment in &environments {
        let entry = || entry(environment, &args.command).items::<String>([]);
        let read = session.read_injectables(environment, &|name| selection.takes(name));
        chosen.push(read.map_err(|error| session.log_refusal(entry(), error))?);
    }
    context.show_warnings(session.vault());
    selection.check_names(chosen.iter().flatten().map(|item| item.name.as_str()))?;
    check_expiry(chosen.iter().flatten(), context)?;
    let files = env_file::read(&args.env_file, &session, &environments, context)?;
    chosen.push(files.items);
    leave_out_what_is_no_variable(&mut chosen, args, context)?;
    let items = || chosen.iter().flatten();
    let mut command = Command::new(&args.command[0]);
    command.args(&args.command[1..]);
    environment::set(&mut command, &inherit(args), items())?;
    limits::check(&command)?;
    log(&session, &environments, &chosen, &files.used, args)?;
    hints::before(&args.command, items().map(|item| item.name.as_str())).iter().for_each(|hint| context.ui.hint(hint));
    let known: Vec<EnvironmentName> = session.vault().environments().cloned().collect();
    let (code, error) = program::become_program(command, &known);
    context.ui.error(&error, code);
    Ok(ExitCode::from(code))
}

fn inherit(args: &Args) -> Inherit {
    match &args.preserve_env {
        _ if args.pristine => Inherit::Pristine,
        None => Inherit::All,
        Some(names) if names.iter().all(String::is_empty) => Inherit::Preserved,
        Some(names) => Inherit::PreservedOnly(names.clone()),
    }
}

/// Items whose names no variable can have are named and left out; dangerous names are refused.
fn leave_out_what_is_no_variable(chosen: &mut [Vec<Injectable>], args: &Args, context: &Context) -> Result<()> {
    let mut skipped = Vec::new();
    for items in chosen.iter_mut() {
        items.retain(|item| {
            let fits = vault::name::is_variable_name(&item.name);
            if !fits {
                skipped.push(item.name.clone());
            }
            fits
        });
        args.allow.check(items.iter().map(|item| item.name.as_str()))?;
    }
    if !skipped.is_empty() {
        context.ui.warn(&format!("not injected, because no variable can have the name: {}", skipped.join(", ")));
    }
    Ok(())
}

fn check_expiry<'a>(items: impl Iterator<Item = &'a Injectable>, context: &Context) -> Result<()> {
    let now = Time::now();
    let expired: Vec<_> =
        items.filter(|item| item.expires_at.is_some_and(|at| at <= now)).map(|item| item.name.as_str()).collect();
    if expired.is_empty() {
        return Ok(());
    }
    let what = format!("expired: {}", expired.join(", "));
    if context.strict() {
        return Err(Error::failed(what).hint("--strict makes this an error; set new values: vault set"));
    }
    context.ui.warn(&what);
    Ok(())
}

fn entry(environment: &EnvironmentName, command: &[OsString]) -> Entry {
    let mut entry = Entry::new(Action::Exec).environment(environment);
    let name = command.first().map(Path::new).and_then(Path::file_name).unwrap_or_default();
    entry.program = name.to_string_lossy().into_owned();
    entry
}

/// One entry for each environment, in one write; nothing is handed out before.
fn log(
    session: &Session,
    environments: &[EnvironmentName],
    chosen: &[Vec<Injectable>],
    referred: &[(EnvironmentName, Vec<ItemName>)],
    args: &Args,
) -> Result<()> {
    let entries = environments.iter().zip(chosen).map(|(environment, items)| {
        let all = referred.iter().filter(|(own, _)| own == environment).flat_map(|(_, names)| names);
        let mut names: Vec<&str> = items.iter().map(|item| item.name.as_str()).collect();
        names.extend(all.map(ItemName::as_str).filter(|name| items.iter().all(|item| item.name != *name)));
        entry(environment, &args.command).items(names)
    });
    session.log(entries.collect())
}
