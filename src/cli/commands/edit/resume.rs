//! Continues with a draft.

use super::Args;
use super::editing::Editing;
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::Result;
use vault::vault::{OpenDraft, Purpose, Session, Use};

/// Opens a draft in the editor.
pub fn resume(open: OpenDraft, session: Session, args: &Args, context: &Context) -> Result<ExitCode> {
    let purpose = Purpose::new(Use::Edit).note("draft");
    let (id, draft) = session.resume(&purpose, open)?;
    context.show_warnings(session.vault());
    Editing::resume(id, draft, session, args, context)?.run()
}
