//! `vault shell`: an interactive shell with the values, by the rules of `exec`.

use super::{Args, run_in};
use crate::cli::options::names::AllowNames;
use crate::cli::options::selection::SelectionArgs;
use crate::cli::unlocking::context::Context;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use vault::log::Action;
use vault::settings::{self, Variable};
use vault::{Error, Result, fs, hook};

/// Starts your shell ($SHELL) with every item that can be a variable. The prompt of bash, zsh and fish begins with the names
/// of the environments, and your own start-up files are read as ever. The access log has it as exec, and the exit code
/// is the shell's.
///
/// Every program that you start there sees the values. exec gives them to one program only.
#[derive(Debug, clap::Args)]
pub struct ShellArgs {
    #[command(flatten)]
    selection: SelectionArgs,
    /// Mask secrets in what the shell and its programs print, and say at the end which items were masked
    #[arg(long)]
    mask: bool,
    /// Let VAULT_KEY, VAULT_PASSPHRASE and their kin through to the shell: to use vault in there
    #[arg(long)]
    pass_key: bool,
    #[command(flatten)]
    allow: AllowNames,
}

pub fn run(args: &ShellArgs, context: &Context) -> Result<ExitCode> {
    if let Some(around) = Variable::InShell.text() {
        context.ui.warn(&format!("this is a vault shell already ({around}): its variables stay beside the new ones"));
    }
    let session = context.session()?;
    let environments = context.environments(&session)?;
    // Before it says that there is a shell.
    environments.iter().try_for_each(|name| session.confirm(name, Action::Exec))?;
    let environments: Vec<_> = environments.iter().map(ToString::to_string).collect();
    let environments = environments.join(",");
    let shell = Variable::Shell.filled().unwrap_or_else(|| OsString::from("/bin/sh"));
    let directory = settings::state_directory()?.join("shell");
    let before = Variable::Zdotdir.text();
    let start = hook::start(&shell, &directory, &environments, before.as_deref());
    if let Some((file, text)) = &start.file {
        keep(file, text)?;
    }
    let name = Path::new(&shell).file_name().unwrap_or_default().to_string_lossy();
    context.ui.done(&format!("{name} with the variables of {environments}; exit ends it."));
    let args = Args {
        selection: args.selection.clone(),
        mask: args.mask,
        pass_key: args.pass_key,
        allow: args.allow.clone(),
        command: start.words,
        besides: start.variables,
        ..Args::default()
    };
    run_in(session, &args, None, context)
}

/// Writes a start-up file, if it is not there as it should be.
fn keep(file: &Path, text: &str) -> Result<()> {
    if std::fs::read(file).is_ok_and(|found| found == text.as_bytes()) {
        return Ok(());
    }
    let directory = file.parent().ok_or_else(|| Error::failed("the shell's start-up file has no directory"))?;
    fs::create_private_directory(directory)?;
    fs::write_private(file, text.as_bytes())
}
