//! What an import doesn't take for values.

use super::changes::Changes;
use crate::cli::options::input;
use std::path::Path;
use vault::format::needs;
use vault::name::EnvironmentName;
use vault::path::shell_word;
use vault::{Error, Result};

/// A file with nothing in it: whatever was to write it may have failed.
pub(super) fn nothing_in(file: &Path, what: &str) -> Error {
    let is_standard = input::is_standard(file);
    let shown = if is_standard { "standard input".into() } else { file.display().to_string() };
    Error::usage(format!("{shown} {what}, so nothing was imported")).hint(match is_standard {
        true => "to stop a script when the command before | fails: set -o pipefail; if you mean it: --allow-empty",
        false => "name the file with the values; if you mean it: --allow-empty",
    })
}

/// Whether the file's name says that its values are placeholders.
pub(super) fn is_example(file: &Path) -> bool {
    file.file_name().and_then(|name| name.to_str()).is_some_and(needs::is_example)
}

/// The values of an example stand for others, and must not replace them.
pub(super) fn check_example(file: &Path, environment: &EnvironmentName, changes: &Changes) -> Result<()> {
    if !is_example(file) || changes.changed.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = changes.changed.iter().map(|change| change.name.as_str()).collect();
    let shown = shell_word(file);
    let error = Error::usage(format!(
        "{} is an example, and would replace values of {environment}: {}",
        file.display(),
        names.join(", ")
    ));
    Err(error.hint(format!("to compare names: vault check --against {shown}; to import it: vault import - <{shown}")))
}
