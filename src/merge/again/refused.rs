//! The errors of changes that can't be made again.

use crate::error::{Error, Hint, Remedy, SystemStep};
use crate::name::{EnvironmentName, UserName};

pub(super) fn not_lowered(author: &UserName, user: &UserName, name: &EnvironmentName) -> Error {
    Error::failed(format!(
        "one side took the right to write {name} from {author}, and the other side took it from {user}: {author} \
         can't do that again"
    ))
    .hint(keep_one_file())
}

/// Returns the hint for a change that nobody can sign again. Granting a right again on one branch doesn't help: a device
/// refuses to save on that branch without what the other one took away.
#[must_use]
pub fn keep_one_file() -> Hint {
    let how = "keep this branch's file, accept what that drops as the next command says, and make the other side's changes again: ";
    (how, SystemStep::ResolveAsOurs).into()
}

pub(super) fn taken(what: &str, name: &str) -> Error {
    let error = Error::failed(format!("both sides added the {what} \"{name}\""));
    match what {
        "environment" => {
            error.hint(("rename it on one of the branches, then merge: ", Remedy::RenameEnvironment(name.to_owned())))
        }
        _ => error.hint(format!("remove \"{name}\" on one of the branches, then merge again")),
    }
}
