//! Deletes an imported file, which still holds the values in plain text.

use crate::cli::unlocking::context::Context;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use vault::actions::import::{Chosen, Import};
use vault::fs::Stamp;
use vault::path::shell_word;
use vault::vault::Session;
use vault::{Error, Result};

/// Removes the file, but only if the vault on the disk gives back everything that was in it, and no other name of the
/// file would keep the values.
pub(super) fn delete(
    file: &Path,
    import: &Import,
    stamp: Option<Stamp>,
    session: &Session,
    context: &Context,
) -> Result<()> {
    import.check_saved(session)?;
    if let Some(error) = obstacle(file, &import.chosen, stamp) {
        return Err(error);
    }
    std::fs::remove_file(file).map_err(|error| Error::io("remove", file, &error))?;
    context.ui.done(&format!("Removed {}: all of its values are in the vault.", file.display()));
    Ok(())
}

/// Returns why the file has to stay, if it has to.
pub(super) fn obstacle(file: &Path, chosen: &Chosen, stamp: Option<Stamp>) -> Option<Error> {
    let stays = |why: &str| Error::failed(format!("{} stays: {why}", file.display()));
    if !chosen.is_complete() {
        let error = stays("some of what it sets was left out or skipped");
        return Some(error.hint("the notes above name it; allow, correct or remove it there, and import again"));
    }
    let metadata = match std::fs::symlink_metadata(file) {
        Ok(metadata) => metadata,
        Err(error) => return Some(Error::io("remove", file, &error)),
    };
    if metadata.is_symlink() {
        let target = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
        let error = stays(&format!("it is a link, and {} holds the values", target.display()));
        return Some(error.hint("import that file by its own name, or remove both yourself"));
    }
    if metadata.nlink() > 1 {
        let error = stays("it has other names (hard links), which would still hold the values");
        return Some(error.hint(format!("to find them: find / -xdev -samefile {}", shell_word(file))));
    }
    let is_other = stamp != Some(Stamp::from_metadata(&metadata));
    is_other.then(|| stays("somebody changed it in the meantime").hint("nothing is lost: import it again"))
}
