//! The warning that an imported file still holds the values.

use super::ReadingArgs;
use crate::cli::unlocking::context::{Context, current_directory};
use crate::cli::unlocking::hint_commands;
use std::path::{Path, PathBuf};
use vault::actions::import::{Chosen, PlainCopy};
use vault::name::EnvironmentName;
use vault::path::shell_word;

impl ReadingArgs {
    /// Warns that the file still holds the values in plain text, and says how to remove it.
    pub fn warn_of_plaintext(&self, file: &Path, chosen: &Chosen, environment: &EnvironmentName, context: &Context) {
        let Some(PlainCopy { is_tracked }) = PlainCopy::of(chosen) else { return };
        let shown = shell_word(file);
        let and = if is_tracked { ", and git tracks it" } else { "" };
        let import = format!("import {shown}{} --delete-source", self.typed());
        let import = hint_commands::command_in(environment, &import, context);
        let mut hint = vec![format!("{} still contains the values{and}:", file.display()), format!("        {import}")];
        if is_tracked {
            let vault = shell_word(&vault_from_here(context));
            hint.push(format!("        git rm --cached {shown} && git add {vault}"));
            hint.push("      replace values that were already pushed".to_owned());
        }
        context.ui.hint_lines(&hint);
    }
}

/// Returns the vault's path, relative to the current directory if the vault is below it.
fn vault_from_here(context: &Context) -> PathBuf {
    let path = context.path().unwrap_or_else(|_| vault::vault::DEFAULT_NAME.into());
    let below = current_directory().ok().and_then(|here| path.strip_prefix(here).map(Path::to_owned).ok());
    below.unwrap_or(path)
}
