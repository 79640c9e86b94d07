//! `vault exec`: becomes the command, with the values in its environment.
//!
//! What is guaranteed: exit code, signals, job control, terminal, standard input, process id, working directory, umask
//! and limits are the command's own, because `execve` replaces this program. Inherited descriptors pass through; none of
//! ours is left open. A blocked signal mask and ignored signals pass through unchanged, but for SIGPIPE, which is the
//! default for the command whatever Rust's runtime did to it here.

mod env_file;
mod environment;
mod handed;
mod hints;
mod limits;
mod program;
mod variables;

use super::context::Context;
use super::names::AllowNames;
use super::selection::{Selection, SelectionArgs};
use environment::Inherit;
use handed::HandedArgs;
use std::borrow::Cow;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use variables::{VariableArgs, Variables};
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
    variables: VariableArgs,
    #[command(flatten)]
    handed: HandedArgs,
    /// Let VAULT_KEY, VAULT_PASSPHRASE and their kin through to CMD: for a command that runs vault itself
    #[arg(long)]
    pass_key: bool,
    #[command(flatten)]
    allow: AllowNames,
    /// The command and its arguments
    #[arg(trailing_var_arg = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// What an environment gives.
struct Chosen {
    environment: EnvironmentName,
    /// What becomes variables.
    items: Vec<Injectable>,
    /// The names of items that reach the command another way.
    handed: Vec<String>,
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let session = context.session()?;
    let environments = context.environments(session.vault())?;
    let variables = Variables::new(&args.variables)?;
    let mut chosen = choose(args, &session, &environments, context)?;
    let handed = args.handed.take(&mut chosen)?;
    let files = env_file::read(&args.env_file, &session, &environments, context)?;
    args.allow.check(files.items.iter().map(|item| item.name.as_str()).chain(handed.variables()))?;
    let skipped = variables.fit(&mut chosen, &args.allow)?;
    if !skipped.is_empty() {
        context.ui.warn(&format!("not injected, because no variable can have the name: {}", skipped.join(", ")));
    }
    let own = chosen.iter().flat_map(|chosen| &chosen.items).map(|item| (variables.name_of(&item.name), item));
    let items: Vec<_> = own.chain(files.items.iter().map(|item| (Cow::from(&item.name), item))).collect();
    let mut command = Command::new(&args.command[0]);
    command.args(&args.command[1..]);
    environment::set(&mut command, &inherit(args), args.pass_key, &items)?;
    let open = handed.give(&mut command)?;
    limits::check(&command)?;
    log(&session, &chosen, &files.used, args)?;
    let names = items.iter().map(|(name, _)| &**name).chain(handed.variables());
    hints::before(&args.command, names).iter().for_each(|hint| context.ui.hint(hint));
    let known: Vec<EnvironmentName> = session.vault().environments().cloned().collect();
    handed::pass(&open)?;
    let (code, error) = program::become_program(command, &known);
    context.ui.error(&error, code);
    Ok(ExitCode::from(code))
}

/// Reads what the options ask for.
fn choose(args: &Args, session: &Session, environments: &[EnvironmentName], context: &Context) -> Result<Vec<Chosen>> {
    let selection = Selection::new(&args.selection)?;
    let mut chosen = Vec::new();
    for environment in environments {
        let entry = || entry(environment, &args.command).items::<String>([]);
        let read = session.read_injectables(environment, &|name| selection.takes(name) || args.handed.takes(name));
        let items = read.map_err(|error| session.log_refusal(entry(), error))?;
        chosen.push(Chosen { environment: environment.clone(), items, handed: Vec::new() });
    }
    context.show_warnings(session.vault());
    let items = || chosen.iter().flat_map(|chosen| &chosen.items);
    selection.check_names(items().map(|item| item.name.as_str()))?;
    check_expiry(items(), context)?;
    Ok(chosen)
}

fn inherit(args: &Args) -> Inherit {
    match &args.preserve_env {
        _ if args.pristine => Inherit::Pristine,
        None => Inherit::All,
        Some(names) if names.iter().all(String::is_empty) => Inherit::Preserved,
        Some(names) => Inherit::PreservedOnly(names.clone()),
    }
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
fn log(session: &Session, chosen: &[Chosen], referred: &[(EnvironmentName, Vec<ItemName>)], args: &Args) -> Result<()> {
    let entries = chosen.iter().map(|Chosen { environment, items, handed }| {
        let mut names: Vec<&str> = items.iter().map(|item| item.name.as_str()).collect();
        let others = referred.iter().filter(|(own, _)| own == environment).flat_map(|(_, names)| names);
        for name in others.map(ItemName::as_str).chain(handed.iter().map(String::as_str)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        entry(environment, &args.command).items(names)
    });
    session.log(entries.collect())
}
