//! Says who saved an environment that can't be read.

use crate::error::{Error, Remedy};
use crate::file::BlockStatement;

/// Adds to an error who saved the environment that can't be read.
pub(super) fn blamed(statement: &BlockStatement, error: &Error) -> Error {
    let BlockStatement { name, version, author, .. } = statement;
    let blamed = error.clone().reworded(format!("{error}; {author} saved it, as version {version}"));
    blamed.hint((
        format!("update vault; if it still can't be read, an admin who writes {name} can restore its content: "),
        Remedy::GrantRestoring { user: "USER".to_owned(), environment: name.to_string() },
    ))
}
