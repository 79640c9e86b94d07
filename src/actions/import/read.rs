//! Reads the input of an import, and refuses what can't be meant.

use super::chosen::{Choice, Chosen};
use super::input::{Input, Origin};
use crate::error::{Error, Hint, Reason, Remedy, Result};
use crate::file::is_vault;
use crate::format::import::{self, Options};
use crate::format::{Source, needs};

/// How an input is read.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The format. If none is given, the file's name or content shows it.
    pub format: Option<Source>,
    /// The options of the format.
    pub options: Options<'a>,
    /// Which of the values are imported.
    pub choice: Choice<'a>,
}

/// Reads an input, and chooses what to import.
///
/// # Errors
/// The reasons for which an input is refused: [`Reason::ExampleFile`], [`Reason::IsAVault`], [`Reason::UnknownFormat`],
/// and, unless empty values are imported as well, [`Reason::NothingToImport`]. A usage error if the input breaks the
/// rules of its format.
pub fn read(input: Input, reading: &Reading<'_>) -> Result<Chosen> {
    let Reading { format, options, choice } = reading;
    let Input { bytes, origin } = input;
    check_example(&origin)?;
    if is_blank(&bytes) && !choice.takes_empty {
        return Err(nothing_in(&origin, "is empty"));
    }
    if is_vault(&bytes) {
        return Err(Error::new(Reason::IsAVault, format!("{origin} is a vault"))
            .hint(("to copy items between environments: ", Remedy::CopyItems)));
    }
    let format = match format {
        Some(format) => *format,
        None => import::detect(origin.file_name(), &bytes)?,
    };
    let mut imported = import::read(format, &bytes, options)?;
    if imported.entries.is_empty() && imported.notes.is_empty() && !choice.takes_empty {
        return Err(nothing_in(&origin, "contains no values"));
    }
    import::note_comments(format, &bytes, &mut imported)?;
    Ok(Chosen::new(imported, *choice, origin.file()))
}

/// Returns whether there is nothing but space. A command that failed may leave a blank line: `echo "$(false)"`.
fn is_blank(bytes: &[u8]) -> bool {
    bytes.strip_prefix(import::BOM.as_bytes()).unwrap_or(bytes).iter().all(u8::is_ascii_whitespace)
}

/// Returns the error for an input without values. Whatever should have written it may have failed.
fn nothing_in(origin: &Origin, what: &str) -> Error {
    let hint = match origin {
        Origin::File(_) => Hint::from("name the file with the values"),
        Origin::Elsewhere(_) => {
            ("to stop a script when the program that prints the values fails: ", Remedy::StopOnFailure).into()
        }
    };
    Error::new(Reason::NothingToImport, format!("{origin} {what}, so nothing was imported"))
        .hint(hint.then("; to import it anyway: ").then(Remedy::AllowEmpty))
}

/// Refuses an example file. It has the right names, but its values are placeholders.
fn check_example(origin: &Origin) -> Result<()> {
    let Origin::File(file) = origin else { return Ok(()) };
    if !origin.file_name().is_some_and(needs::is_example) {
        return Ok(());
    }
    let message = format!("{origin} is an example file, with names and no values, so nothing was imported");
    let compare =
        Hint::from(("to see which of its names are missing: ", Remedy::CheckAgainst(Some(file.path.clone()))));
    let hint = compare.then("; if its values are real: ").then(Remedy::ImportAnyway(file.path.clone()));
    Err(Error::new(Reason::ExampleFile, message).hint(hint))
}
