//! Words for why an imported file stays.

use std::path::Path;
use vault::Error;
use vault::actions::import::Stays;
use vault::error::Reason;
use vault::path::shell_word;

/// Returns the error for a file that should be deleted and stays.
pub(super) fn kept(file: &Path, why: Stays) -> Error {
    let kept = |why: &str| Error::new(Reason::SourceKept, format!("{} stays: {why}", file.display()));
    match why {
        Stays::NotAFile => kept("it is not a regular file").hint("import it again without --delete-source"),
        Stays::Incomplete => kept("something in it was left out or skipped")
            .hint("the notes above name it; allow, correct or remove it there, and import again"),
        Stays::Link(target) => kept(&format!("it is a link, and {} holds the values", target.display()))
            .hint("import that file by its own name, or remove both yourself"),
        Stays::OtherNames => kept("it has other names (hard links), which would still hold the values")
            .hint(format!("to find them: find / -xdev -samefile {}", shell_word(file))),
        Stays::Changed => kept("somebody changed it in the meantime").hint("nothing is lost: import it again"),
        Stays::Failed(error) => error,
    }
}
