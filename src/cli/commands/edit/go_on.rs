//! How to continue with a draft.

use crate::cli::unlocking::again;
use crate::cli::unlocking::context::Context;

/// Says what to type after a text was not saved.
pub fn how_to_go_on(context: &Context) -> String {
    let (resume, discard) = (again::command("edit --resume", context), again::command("edit --discard", context));
    format!("to continue with it: {resume}; to drop it: {discard}")
}
