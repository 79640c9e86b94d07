//! Continues with a draft.

use super::Args;
use super::editing::Editing;
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::Result;
use vault::actions::edit;
use vault::vault::{OpenDraft, Session};

/// Opens a draft in the editor.
pub fn resume(open: OpenDraft, session: Session, args: &Args, context: &Context) -> Result<ExitCode> {
    let (id, draft) = edit::resume(&session, open)?;
    context.show_warnings(session.vault());
    Editing::resume(id, draft, session, args, context)?.run()
}
