//! Errors for input that an import refuses.

use crate::cli::options::input;
use std::path::Path;
use vault::format::needs;
use vault::path::shell_word;
use vault::{Error, Result};

/// Returns the error for a file without content. Whatever should have written it may have failed.
pub(super) fn nothing_in(file: &Path, what: &str) -> Error {
    let is_standard = input::is_standard(file);
    let shown = if is_standard { "standard input".into() } else { file.display().to_string() };
    Error::usage(format!("{shown} {what}, so nothing was imported")).hint(match is_standard {
        true => "to stop a script when the command before | fails: set -o pipefail; to import it anyway: --allow-empty",
        false => "name the file with the values; to import it anyway: --allow-empty",
    })
}

/// Refuses an example file. It has the right names, but its values are placeholders.
pub(super) fn check_example(file: &Path) -> Result<()> {
    if !file.file_name().and_then(|name| name.to_str()).is_some_and(needs::is_example) {
        return Ok(());
    }
    let shown = shell_word(file);
    let what = format!("{} is an example file, with names and no values, so nothing was imported", file.display());
    Err(Error::usage(what).hint(format!(
        "to see which of its names are missing: vault check --against {shown}; if its values are real: vault import - <{shown}"
    )))
}
