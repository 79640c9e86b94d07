//! The passphrase prompt, and the error if nobody can be asked.

use super::context::Context;
use super::hint_commands;
use crate::cli::asking::terminal::NO_PROMPT;
use crate::cli::showing::ui::one_line;
use crate::cli::showing::words::shown_path;
use vault::Error;
use vault::error::Reason;
use vault::name::UserName;
use vault::vault::{Need, Vault};

/// Returns the prompt with user, vault and purpose: `Passphrase for mia in ./secrets.vault (to run npm): `
pub fn question(user: &UserName, need: Need, vault: &Vault, context: &Context) -> String {
    let always = if need == Need::Identity { ", which always asks" } else { "" };
    let path = shown_path(vault.path());
    one_line(&format!("Passphrase for {user} in {path} ({}{always}): ", context.purpose()))
}

/// Returns why nobody can be asked, and what to do.
pub fn nowhere(need: Need, vault: &Vault, context: &Context) -> Error {
    let why = if context.globals.non_interactive { "prompting is off" } else { "there is no terminal to ask at" };
    match need {
        Need::Session => {
            let unlock = hint_commands::command("unlock --for 8h", context);
            Error::new(Reason::Locked, format!("the vault is locked and {why}: {}", shown_path(vault.path())))
                .hint(format!("in a terminal: {unlock}; without one: {NO_PROMPT}"))
        }
        Need::Identity => Error::unlock(format!("this command always needs your passphrase or key, and {why}"))
            .hint(format!("{NO_PROMPT} (vault unlock is not enough)")),
    }
}
