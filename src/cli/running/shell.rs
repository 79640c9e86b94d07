//! `vault shell`: an interactive shell with the values, under the same rules as `exec`.

use super::{Args, run_in};
use crate::cli::generated::examples;
use crate::cli::options::names::AllowNames;
use crate::cli::options::selection::SelectionArgs;
use crate::cli::unlocking::context::Context;
use crate::cli::unlocking::hint_commands;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use vault::settings::shells::zsh_directory;
use vault::settings::{self, Variable};
use vault::vault::First;
use vault::{Error, Result, fs, hook};

/// Starts your shell ($SHELL) with every item that can be a variable. The prompt of bash, zsh and fish begins with the
/// names of the environments, and your own start-up files are read as usual. The access log records it as exec, and the
/// exit code is the shell's. If you choose an environment with -e, or name a vault, every vault command in the shell
/// uses it, too (VAULT_ENV, VAULT_FILE).
///
/// Every program that you start in it sees the values. exec gives them to one program only.
#[derive(Debug, clap::Args)]
#[command(after_long_help = examples! {
    "vault shell" => "Start a shell with the values of the usual environment",
    "vault shell -e prod --mask" => "Start a shell with the values of prod, and mask secrets in its output",
})]
pub struct ShellArgs {
    #[command(flatten)]
    selection: SelectionArgs,
    /// Mask secrets in the output of the shell and its programs, and say at the end which items were masked
    #[arg(long)]
    mask: bool,
    /// Pass VAULT_KEY, VAULT_PASSPHRASE and similar variables on to the shell, to use vault in it
    #[arg(long)]
    pass_key: bool,
    #[command(flatten)]
    allow: AllowNames,
    /// Nothing that it takes: an environment or a command, by mistake
    #[arg(hide = true, trailing_var_arg = true)]
    words: Vec<OsString>,
}

pub fn run(args: &ShellArgs, context: &Context) -> Result<ExitCode> {
    if let Some(around) = settings::environments_of_shell() {
        context.ui.warn(&format!("this is already a vault shell ({around}): its variables stay, beside the new ones"));
    }
    if let Some(word) = args.words.first() {
        return Err(not_taken(word, context));
    }
    let session = context.session_reading(First::Chosen)?;
    let environments: Vec<_> = context.environments(&session)?.iter().map(ToString::to_string).collect();
    let environments = environments.join(",");
    let shell = settings::login_shell().unwrap_or_else(|| PathBuf::from("/bin/sh"));
    let directory = settings::state_directory()?.join("shell");
    let before = zsh_directory().map(|directory| directory.to_string_lossy().into_owned());
    let start = hook::start(shell.as_os_str(), &directory, &environments, before.as_deref());
    if let Some((file, text)) = &start.file {
        keep(file, text)?;
    }
    let name = shell.file_name().unwrap_or_default().to_string_lossy();
    let announcement = Some(format!("{name} with the variables of {environments}; exit ends it."));
    let mut besides = start.variables;
    besides.extend(inherited(&environments, context)?);
    let args = Args {
        selection: args.selection.clone(),
        mask: args.mask,
        pass_key: args.pass_key,
        allow: args.allow.clone(),
        command: start.words,
        besides,
        announcement,
        ..Args::default()
    };
    run_in(session, &args, None, context)
}

/// Returns variables that make vault commands in the shell use the same vault and environments. Whoever starts a shell
/// for prod means prod. If a vault was named, it is passed on as well, because another vault may have an environment of
/// the same name.
fn inherited(environments: &str, context: &Context) -> Result<Vec<(String, String)>> {
    let mut variables = Vec::new();
    if context.globals.vault.is_some() || context.globals.personal {
        let path = std::path::absolute(context.path()?).map_err(|error| Error::io("find", Path::new("."), &error))?;
        let path = path.to_str().ok_or_else(|| {
            Error::failed(format!("{} is not valid text, so no variable can name it", path.display()))
                .hint("change to its directory, and leave out --vault")
        })?;
        variables.push((Variable::File.name().to_owned(), path.to_owned()));
    }
    if !context.named_environments().is_empty() {
        variables.push((Variable::Env.name().to_owned(), environments.to_owned()));
    }
    Ok(variables)
}

/// Refuses a word. The message doesn't repeat a command, which may hold a value.
fn not_taken(word: &OsStr, context: &Context) -> Error {
    let vault = context.vault().ok();
    let known = vault.as_ref().and_then(|vault| vault.environments().find(|name| word == name.as_str()));
    match known {
        Some(environment) => Error::usage("use -e to name the environment")
            .hint(hint_commands::command(&format!("shell -e {environment}"), context)),
        None => Error::usage("vault shell takes no command").hint("to run one: vault exec -- CMD"),
    }
}

/// Writes a start-up file, unless it has this content already.
fn keep(file: &Path, text: &str) -> Result<()> {
    if std::fs::read(file).is_ok_and(|found| found == text.as_bytes()) {
        return Ok(());
    }
    let directory = file.parent().ok_or_else(|| Error::failed("the shell's start-up file has no directory"))?;
    fs::create_private_directory(directory)?;
    fs::write_private(file, text.as_bytes())
}
