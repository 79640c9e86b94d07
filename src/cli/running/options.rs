//! The options of `vault exec`.

use super::handed::HandedArgs;
use super::on_change::OnChange;
use super::program;
use super::variables::VariableArgs;
use crate::cli::generated::examples;
use crate::cli::options::moment;
use crate::cli::options::names::AllowNames;
use crate::cli::options::selection::SelectionArgs;
use crate::cli::process::programs::check_line;
use clap::builder::{OsStringValueParser, TypedValueParser as _};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;
use vault::{Error, Result};

/// Runs CMD with every item whose name can be a variable name. If you name several environments, later ones win.
/// Everything from CMD on belongs to CMD. Exit code: CMD's; 127 not found, 126 not executable, 125 if vault itself
/// failed, or could not write CMD's output under --mask.
#[derive(Debug, Default, clap::Args)]
#[command(after_long_help = examples! {
    "vault exec -- npm start" => "Run a program with the values of the usual environment",
    "vault exec -e prod --only 'AWS_*' -- aws s3 ls" => "Run a program with some values of prod",
})]
pub struct Args {
    #[command(flatten)]
    pub(super) selection: SelectionArgs,
    /// Inherit only PATH, HOME, TERM, LANG, TZ, USER, SHELL and TMPDIR
    #[arg(long)]
    pub(super) pristine: bool,
    /// Let inherited variables win over the vault's: all, or these
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, value_delimiter = ',', default_missing_value = "")]
    pub(super) preserve_env: Option<Vec<String>>,
    /// Also set the variables of this .env file; its values may be vault://NAME or vault://ENV/NAME, and they win
    #[arg(long, value_name = "FILE")]
    pub(super) env_file: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) variables: VariableArgs,
    #[command(flatten)]
    pub(super) handed: HandedArgs,
    /// Mask secrets in CMD's output, including parts and encoded forms, and say at the end which items were masked (not
    /// with -q); values under 4 bytes and variables stay visible. If the output is a pipe or file, wait for background
    /// processes of CMD that still print
    #[arg(long)]
    pub(super) mask: bool,
    /// Restart CMD when its values or kinds change, or send it SIGHUP. A restart ends all processes that CMD has started
    /// (SIGTERM, after 10 seconds SIGKILL), except daemons in their own session (setsid)
    #[arg(long, value_name = "ACTION", num_args = 0..=1, require_equals = true, default_missing_value = "restart")]
    pub(super) watch: Option<OnChange>,
    /// Pass VAULT_KEY, VAULT_PASSPHRASE and similar variables on to CMD: for a command that runs vault itself
    #[arg(long)]
    pub(super) pass_key: bool,
    /// Report items that expire within this time, such as 14d (default 7d)
    #[arg(long, value_name = "DURATION", value_parser = moment::ahead)]
    pub(super) within: Option<Duration>,
    #[command(flatten)]
    pub(super) allow: AllowNames,
    /// Run a line of shell (sh -c) instead of CMD: 'a && b', pipes, $NAME. Quote it, or your own shell expands it
    #[arg(short = 'c', long = "command", value_name = "LINE", value_parser = OsStringValueParser::new().try_map(line))]
    pub(super) line: Option<OsString>,
    /// The command and its arguments
    #[arg(trailing_var_arg = true, required_unless_present = "line", conflicts_with = "line", value_name = "CMD")]
    pub(super) command: Vec<OsString>,
    /// Further variables that the command gets, with their values
    #[arg(skip)]
    pub(super) besides: Vec<(String, String)>,
    /// A line that is shown as the last step before the command starts
    #[arg(skip)]
    pub(super) announcement: Option<String>,
}

/// Parses a line for `sh`. A key is refused, because `sh` would print it as the name of a command that it can't find.
fn line(line: OsString) -> Result<OsString> {
    if line.is_empty() {
        return Err(Error::usage("the line is empty").hint("vault exec --command 'a && b'"));
    }
    check_line(&line, "it")?;
    Ok(line)
}

impl Args {
    /// Returns the options of a command without any option.
    pub fn for_command(command: &[OsString]) -> Self {
        Self { command: command.to_vec(), ..Self::default() }
    }

    /// Returns the program's name, for messages.
    pub fn program(&self) -> String {
        program::name_of(&self.words())
    }

    /// Returns the command and its arguments. A line is read by `sh`, not by `$SHELL`, so that it means the same for
    /// every user.
    pub(super) fn words(&self) -> Vec<OsString> {
        match &self.line {
            Some(line) => vec!["sh".into(), "-c".into(), line.clone()],
            None => self.command.clone(),
        }
    }

    /// Returns whether the command runs as a child of this process.
    pub(super) fn is_supervised(&self) -> bool {
        self.mask || self.watch.is_some()
    }
}
