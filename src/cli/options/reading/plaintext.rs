//! The warning that an imported file still holds the values.

use super::ReadingArgs;
use crate::cli::options::input;
use crate::cli::unlocking::again;
use crate::cli::unlocking::context::{Context, current_directory};
use std::path::{Path, PathBuf};
use vault::actions::import::Chosen;
use vault::git::Git;
use vault::name::EnvironmentName;
use vault::path::shell_word;

impl ReadingArgs {
    /// Warns that the file still holds the values in plain text, and says how to remove it. If nothing was imported, there
    /// is no warning.
    pub fn warn_of_plaintext(&self, file: &Path, chosen: &Chosen, environment: &EnvironmentName, context: &Context) {
        if input::is_standard(file) || chosen.items().is_empty() || !file.exists() {
            return;
        }
        let shown = shell_word(file);
        let tracked = is_tracked(file);
        let and = if tracked { ", and git tracks it" } else { "" };
        let import = format!("import {shown}{} --delete-source", self.typed());
        let import = again::command_in(environment, &import, context);
        let mut hint = vec![format!("{} still contains the values{and}:", file.display()), format!("        {import}")];
        if tracked {
            let vault = shell_word(&vault_from_here(context));
            hint.push(format!("        git rm --cached {shown} && git add {vault}"));
            hint.push("      values already pushed should be rotated".to_owned());
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

fn is_tracked(file: &Path) -> bool {
    let directory = vault::fs::parent(file);
    let Some(name) = file.file_name() else { return false };
    Git::at(directory).tracks(name)
}
