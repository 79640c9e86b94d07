//! `vault allow` and `vault deny`: which vaults a shell with the hook uses by itself.

use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::Result;
use vault::settings::Variable;

/// Lets shells with the hook (vault hook) set the values of this vault as variables in its directory and below, as long as
/// it is unlocked. Holds on this device, for this vault at this path. Every program of such a shell sees the values: vault
/// exec gives them to one program only.
#[derive(Debug, clap::Args)]
pub struct AllowArgs {}

/// Ends what vault allow began: shells that have the values lose them at the next prompt.
#[derive(Debug, clap::Args)]
pub struct DenyArgs {}

pub fn allow(_args: &AllowArgs, context: &Context) -> Result<ExitCode> {
    let vault = context.vault()?;
    vault.allow()?;
    let path = vault.path().display();
    context.ui.done(&format!("Allowed {path}: shells with the hook set its variables there. `vault deny` ends it."));
    if Variable::Hook.value().is_none() {
        context.ui.hint("this shell has no hook yet: vault hook --help shows how to install it");
    }
    Ok(ExitCode::SUCCESS)
}

pub fn deny(_args: &DenyArgs, context: &Context) -> Result<ExitCode> {
    let path = context.path()?;
    let was_allowed = vault::vault::deny(&context.settings()?.state, &path)?;
    let path = path.display();
    context.ui.done(&match was_allowed {
        true => format!("Denied {path}: shells set none of its variables any more."),
        false => format!("{path} was not allowed."),
    });
    Ok(ExitCode::SUCCESS)
}
