//! `vault exec`: becomes the command, with the values in its environment.
//!
//! What is guaranteed: exit code, signals, job control, terminal, standard input, process id, working directory, umask
//! and limits are the command's own, because `execve` replaces this program. Inherited descriptors pass through; none of
//! ours is left open. A blocked signal mask and ignored signals pass through unchanged, but for SIGPIPE, which is the
//! default for the command whatever Rust's runtime did to it here.

mod env_file;
mod environment;
mod fit;
mod handed;
mod hints;
mod limits;
mod prepare;
mod program;
mod supervise;
mod variables;

use super::context::Context;
use super::names::AllowNames;
use super::selection::SelectionArgs;
use handed::HandedArgs;
pub use limits::longest_string;
use prepare::Plan;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
pub use supervise::lead;
use supervise::{OnChange, Watch};
use variables::VariableArgs;
use vault::Result;
use vault::name::EnvironmentName;

/// Runs CMD with every item whose name can be a variable's. Of several environments later ones win. Everything from CMD
/// on is CMD's own. Exit code: CMD's; 127 not found, 126 not executable, 125 when vault itself failed, or could not write
/// what CMD printed under --mask.
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
    /// Mask secrets in what CMD prints, also their parts and encoded, and say at the end which items were masked (not with
    /// -q); values under 4 bytes and variables stay visible. Into a pipe or file, waits for what CMD left running in the
    /// background and still prints
    #[arg(long)]
    mask: bool,
    /// Restart CMD when its values or kinds change, and end what it has started, but for daemons, which left its session
    /// (setsid): SIGTERM, after 10 seconds SIGKILL; or send it SIGHUP
    #[arg(long, value_name = "ACTION", num_args = 0..=1, require_equals = true, default_missing_value = "restart")]
    watch: Option<OnChange>,
    /// Let VAULT_KEY, VAULT_PASSPHRASE and their kin through to CMD: for a command that runs vault itself
    #[arg(long)]
    pass_key: bool,
    #[command(flatten)]
    allow: AllowNames,
    /// The command and its arguments
    #[arg(trailing_var_arg = true, required = true, value_name = "CMD")]
    command: Vec<OsString>,
}

impl Args {
    /// Whether the command is a child of this process.
    fn is_supervised(&self) -> bool {
        self.mask || self.watch.is_some()
    }
}

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let watch = args.watch.map(|on_change| context.path().map(|path| Watch::new(path, on_change))).transpose()?;
    let session = context.session()?;
    let plan = Plan::new(args, &session, context)?;
    let known: Vec<EnvironmentName> = session.vault().environments().cloned().collect();
    if let Some(error) = plan.unstartable() {
        let (code, error) = program::failure(&args.command, &known, &error);
        plan.log_failure(&session, &error)?;
        context.ui.error(&error, code);
        return Ok(ExitCode::from(code));
    }
    let prepared = plan.read(&session)?;
    prepared.hints.iter().for_each(|hint| context.ui.hint(hint));
    if args.is_supervised() {
        return supervise::run(prepared, session, args, watch, context);
    }
    let (code, error) = prepared.become_command(&known);
    context.ui.error(&error, code);
    Ok(ExitCode::from(code))
}
