//! Drafts: texts that were not saved.

use super::{is_on_terminal, subject_of};
use crate::cli::asking::terminal;
use crate::cli::showing::words::ago;
use crate::cli::unlocking::context::Context;
use crate::cli::unlocking::hint_commands;
use std::process::ExitCode;
use vault::actions::edit::Subject;
use vault::time::Time;
use vault::vault::{OpenDraft, Session};
use vault::words::plural;
use vault::{Error, Result};

/// Returns the draft for `--resume`: the newest, or the one of the named item or environment.
pub fn chosen(word: Option<&str>, session: &Session, context: &Context) -> Result<OpenDraft> {
    let (drafts, unusable) = session.open_drafts()?;
    let named =
        word.map(|word| subject_of(Some(word), session, context)).transpose()?.map(|subject| subject.to_string());
    let is_meant = |draft: &OpenDraft| named.as_ref().is_none_or(|named| draft.subject() == *named);
    let subjects: Vec<_> = drafts.iter().map(OpenDraft::subject).collect();
    if let Some(draft) = drafts.into_iter().find(is_meant) {
        return Ok(draft);
    }
    let what = named.map(|named| format!(" of {named}")).unwrap_or_default();
    let error = Error::not_found(format!("there is no draft{what}"));
    if !subjects.is_empty() {
        return Err(error.hint(format!("drafts exist for: {}", subjects.join(", "))));
    }
    if unusable > 0 {
        let discard = hint_commands::command("edit --discard", context);
        let drafts = plural(unusable, "draft");
        let them = if unusable == 1 { "it" } else { "them" };
        return Err(error.hint(format!("{drafts} can't be opened with your keys; to drop {them}: {discard}")));
    }
    Err(error.hint("vault keeps a draft when it can't save a text"))
}

/// Returns the draft of the same item or environment, if there is one and the user wants to continue with it.
pub fn wanted(subject: &Subject, session: &Session, context: &Context) -> Result<Option<OpenDraft>> {
    let (drafts, _) = session.open_drafts()?;
    let named = subject.to_string();
    let Some(draft) = drafts.into_iter().find(|draft| draft.subject() == named) else { return Ok(None) };
    let when = ago(draft.time(), Time::now());
    if !is_on_terminal(context) {
        context.ui.warn(&format!("there is a draft of {named} from {when}, which was not saved"));
        context.ui.hint(&how_to_continue(context));
        return Ok(None);
    }
    let question = format!("There is a draft of {named} from {when}, which was not saved. Continue with it?");
    Ok(terminal::confirm(&question)?.then_some(draft))
}

/// Drops all drafts, or those of the named item or environment.
pub fn discard(word: Option<&str>, session: &Session, context: &Context) -> Result<ExitCode> {
    let (drafts, unusable) = session.open_drafts()?;
    context.show_warnings(session.vault());
    if let Some(word) = word {
        let named = subject_of(Some(word), session, context)?.to_string();
        let keeper = session.drafts()?;
        let meant: Vec<_> = drafts.iter().filter(|draft| draft.subject() == named).collect();
        if meant.is_empty() {
            return Err(
                Error::not_found(format!("there is no draft of {named}")).hint("all drafts: vault edit --discard")
            );
        }
        meant.iter().for_each(|draft| keeper.forget(draft.id()));
        context.ui.done(&format!("Dropped {} of {named}.", plural(meant.len(), "draft")));
        return Ok(ExitCode::SUCCESS);
    }
    if drafts.is_empty() && unusable == 0 {
        context.ui.done("There is no draft.");
        return Ok(ExitCode::SUCCESS);
    }
    session.forget_drafts();
    let mut subjects: Vec<_> = drafts.iter().map(OpenDraft::subject).collect();
    subjects.dedup();
    let subjects_text = if subjects.is_empty() { String::new() } else { format!(" of {}", subjects.join(", ")) };
    context.ui.done(&format!("Dropped {}{subjects_text}.", plural(drafts.len() + unusable, "draft")));
    Ok(ExitCode::SUCCESS)
}

/// Says what to type after a text was not saved.
pub fn how_to_continue(context: &Context) -> String {
    let resume = hint_commands::command("edit --resume", context);
    let discard = hint_commands::command("edit --discard", context);
    format!("to continue with it: {resume}; to drop it: {discard}")
}
