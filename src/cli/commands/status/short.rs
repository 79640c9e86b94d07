//! `vault status --short`: a few words for a prompt or a status line.
//!
//! The words are printed before every prompt. So nothing is verified, unlocked, started or written, and errors are left
//! to the next command. The words can only contain names of environments, digits, and vault's own words, in which no
//! shell, tmux or terminal finds anything to expand.

use crate::cli::unlocking::context::Context;
use crate::cli::unlocking::{agent, credential};
use std::process::ExitCode;
use vault::Result;
use vault::error::{Kind, Reason};
use vault::name::EnvironmentName;
use vault::words::{briefly, several};

pub fn run(context: &Context) -> Result<ExitCode> {
    if let Some(line) = line(context) {
        // A failure to print is ignored as well.
        let _ = context.ui.line(&line);
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the words. `None` if there is no vault.
fn line(context: &Context) -> Option<String> {
    let file = match context.glance() {
        Ok(file) => file,
        Err(error) if error.reason() == Reason::UnresolvedMerge => return Some("unmerged".to_owned()),
        Err(error) if error.kind() == Kind::Integrity => return Some("damaged".to_owned()),
        Err(_) => return None,
    };
    let source = credential::source(&context.globals).ok()?;
    if !source.is_terminal() {
        let what = if source.is_key() { "key" } else { "passphrase" };
        return Some(with_environments(&context.chosen().likely(&file, None), what));
    }
    let Some((user, status)) = agent::glance(context, &file) else { return Some("locked".to_owned()) };
    let environments = context.chosen().likely(&file, Some(&user));
    Some(with_environments(&environments, &format!("unlocked {}", briefly(status.left().div_ceil(1000)))))
}

fn with_environments(names: &[EnvironmentName], what: &str) -> String {
    let names = several(&names.iter().map(EnvironmentName::as_str).collect::<Vec<_>>(), true);
    format!("{names} {what}").trim_start().to_owned()
}
