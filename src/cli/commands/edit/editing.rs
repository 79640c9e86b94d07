//! Takes a text from the editor into the vault. It is kept as a draft first, so that nothing that fails afterwards
//! loses the text, even if the process is killed.

use super::drafts::how_to_continue;
use super::file::{self, Edited};
use super::{Args, declined, editor, is_on_terminal};
use crate::cli::asking::terminal;
use crate::cli::showing::remedies::hint_of;
use crate::cli::showing::ui::one_line;
use crate::cli::unlocking::context::Context;
use std::process::ExitCode;
use vault::actions::edit::{Changes, Collision, Draft, Rules};
use vault::error::{Kind, Reason};
use vault::name::ItemName;
use vault::secret::SecretBytes;
use vault::vault::{DraftId, Drafts, Purpose, SavedDraft, Session, Use};
use vault::{Error, Result};

/// The maximum number of times that the editor is opened.
const MOST_OPENED: usize = 10;
/// The beginning of a message above the text.
const MESSAGE: &str = "# error: ";

/// A draft that is being edited.
pub struct Editing<'a> {
    args: &'a Args,
    context: &'a Context,
    session: Session,
    keeper: Drafts,
    id: DraftId,
    draft: Draft,
    /// Whether the draft is from an earlier run.
    is_resumed: bool,
    /// Why the draft could not be kept, if so.
    unkept: Option<Error>,
}

/// What follows an attempt to save.
enum Next {
    Done,
    /// Nothing differs from the vault.
    Unchanged,
    /// The user has to look at the text again.
    Again(Error),
}

impl<'a> Editing<'a> {
    /// Begins with a text that nobody has changed yet.
    pub fn begin(draft: Draft, session: Session, args: &'a Args, context: &'a Context) -> Result<Self> {
        Self::new(DraftId::new()?, draft, session, args, context)
    }

    /// Continues with a draft.
    pub fn resume(id: DraftId, draft: Draft, session: Session, args: &'a Args, context: &'a Context) -> Result<Self> {
        Ok(Self { is_resumed: true, ..Self::new(id, draft, session, args, context)? })
    }

    fn new(id: DraftId, draft: Draft, session: Session, args: &'a Args, context: &'a Context) -> Result<Self> {
        let keeper = session.drafts()?;
        editor::warn_of_copies(context.ui);
        Ok(Self { args, context, session, keeper, id, draft, is_resumed: false, unkept: None })
    }

    /// Runs the editor until the text is saved or the user gives up.
    pub fn run(mut self) -> Result<ExitCode> {
        // The error that prevented saving it before may still occur.
        let is_shown = self.is_resumed && is_on_terminal(self.context);
        let mut message = if is_shown { self.changes().err() } else { None };
        for _ in 0..MOST_OPENED {
            let is_changed = self.open(message.as_ref())?;
            match message.take() {
                // A user who leaves the text unchanged has given up.
                Some(error) if !is_changed => return Err(self.kept(error)),
                None if !is_changed && !self.is_resumed => return Ok(self.unchanged()),
                _ => {}
            }
            match self.save(is_changed) {
                Ok(Next::Done) => return Ok(ExitCode::SUCCESS),
                Ok(Next::Unchanged) => return Ok(self.unchanged()),
                Ok(Next::Again(error)) if is_on_terminal(self.context) && self.is_opened_again(&error)? => {
                    message = Some(error);
                }
                Ok(Next::Again(error)) | Err(error) => return Err(self.kept(error)),
            }
        }
        Err(self.kept(message.unwrap_or_else(|| Error::failed("the editor was opened too many times"))))
    }

    /// Opens the editor, and keeps what it leaves. Returns whether the text has changed.
    fn open(&mut self, message: Option<&Error>) -> Result<bool> {
        // A text that is opened again was kept before.
        let is_kept = self.is_resumed || message.is_some();
        let (name, is_text) = match self.draft.item() {
            Some(item) => (item.to_string(), false),
            None => (format!("{}.env", self.draft.environment()), true),
        };
        let message = message.filter(|_| is_text).map(|error| format!("{MESSAGE}{error}\n")).unwrap_or_default();
        let before = self.draft.text.clone();
        let shown = joined(message.as_bytes(), &before);
        let first = (!is_kept).then_some(&before);
        let edited = file::edit(&name, &shown, &mut |text| self.take(&text, first))?;
        let Edited { text, ended } = edited;
        self.take(&text, first);
        match ended {
            Ok(()) => Ok(self.draft.text != before),
            Err(error) if self.draft.text == before && !is_kept => {
                let hint = hint_of(&error).map(|hint| format!("; {hint}")).unwrap_or_default();
                Err(error.hint(format!("nothing was changed{hint}")))
            }
            Err(error) => Err(self.kept(error)),
        }
    }

    /// Keeps a text that an editor has saved or left, if it is new. `first` is the text at the first opening; that text
    /// is no draft.
    fn take(&mut self, text: &SecretBytes, first: Option<&SecretBytes>) {
        let text = if self.draft.item().is_none() { without_message(text) } else { text.clone() };
        if text == self.draft.text && self.unkept.is_none() {
            return;
        }
        let is_as_it_was = first.is_some_and(|first| text == *first);
        self.draft.text = text;
        if is_as_it_was {
            self.unkept = None;
            self.keeper.forget(&self.id);
        } else {
            self.keep();
        }
    }

    fn keep(&mut self) {
        self.unkept = self.keeper.keep(&self.id, &mut self.draft).err();
    }

    /// Tries once to save the text.
    fn save(&mut self, is_changed: bool) -> Result<Next> {
        let changes = match self.changes() {
            Ok(changes) => changes,
            Err(error) if error.kind() == Kind::Usage => return Ok(Next::Again(error)),
            Err(error) => return Err(error),
        };
        if changes.is_empty() {
            return Ok(Next::Unchanged);
        }
        self.confirm(&changes, is_changed)?;
        match self.save_unlocked(&changes) {
            Ok(SavedDraft::Saved) => {
                self.keeper.forget(&self.id);
                self.context.show_warnings(self.session.vault());
                self.context.ui.done(&format!("In {}: {}.", self.draft.environment(), changes.summary()));
                Ok(Next::Done)
            }
            Ok(SavedDraft::Conflict(collisions)) => self.collide(&collisions),
            // Only the vault as a whole shows these: a dangerous name, two items with the same variable, or a file that grows too large.
            Err(error) if error.kind() == Kind::Usage => Ok(Next::Again(error)),
            Err(error) if error.is_after_the_change() => {
                self.keeper.forget(&self.id);
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Saves the text. If the keys are gone by now and somebody can be asked, it unlocks the vault again.
    fn save_unlocked(&mut self, changes: &Changes) -> Result<SavedDraft> {
        let allowed = self.args.allow.once();
        let saved = self.session.save_draft(&self.draft, changes, &allowed);
        let is_locked = saved.as_ref().is_err_and(|error| {
            let reason = error.reason();
            matches!(
                reason,
                Reason::Locked | Reason::NeedsKeys | Reason::AgentEnded | Reason::AgentSilent | Reason::KeysReplaced
            )
        });
        if !is_locked || !is_on_terminal(self.context) {
            return saved;
        }
        let session = self.context.session()?;
        if session.user() != self.session.user() {
            return saved;
        }
        self.session = session;
        // The keys may be new.
        self.keeper = self.session.drafts()?;
        self.keep();
        self.session.save_draft(&self.draft, changes, &allowed)
    }

    fn changes(&self) -> Result<Changes> {
        self.draft.changes(&Rules { accepts_empty: self.args.empty, is_below_message: is_on_terminal(self.context) })
    }

    /// Asks before items are removed, and before an unchanged draft is saved.
    fn confirm(&self, changes: &Changes, is_changed: bool) -> Result<()> {
        if self.args.yes {
            return Ok(());
        }
        let removed = changes.removed();
        if !removed.is_empty() {
            let is_yes = self.context.confirm(&format!("Remove {}?", removed.join(", ")))?;
            return if is_yes { Ok(()) } else { Err(declined()) };
        }
        if is_changed || !is_on_terminal(self.context) {
            return Ok(());
        }
        let question = format!("Save the draft in {}: {}?", self.draft.environment(), changes.summary());
        if terminal::confirm(&question)? { Ok(()) } else { Err(declined()) }
    }

    /// Handles changes that others have made meanwhile. The text shows them and is opened again. For a single item, the
    /// user is asked.
    fn collide(&mut self, collisions: &[Collision]) -> Result<Next> {
        let error = self.draft.conflict(collisions);
        if !is_on_terminal(self.context) {
            return Err(error);
        }
        if self.draft.item().is_some() {
            if !terminal::confirm(&format!("{error}. Save yours over it?"))? {
                return Err(error);
            }
            self.draft.accept(collisions);
            return self.save(true);
        }
        let is_in_conflict = |name: &ItemName| collisions.iter().any(|collision| collision.name == *name);
        let purpose = Purpose::new(Use::Edit);
        let unread = self.session.open(&purpose, self.draft.environment())?.only(|item| is_in_conflict(item.name()));
        let now = self.session.read(&purpose, unread)?;
        self.draft.tell(collisions, &now)?;
        self.keep();
        Ok(Next::Again(error))
    }

    /// Returns whether to open the editor again after an error. A text shows the message. A single item's value has no
    /// place for it, so the user is asked.
    fn is_opened_again(&self, error: &Error) -> Result<bool> {
        if self.draft.item().is_none() {
            return Ok(true);
        }
        let hint = hint_of(error).map(|hint| format!(" ({hint})")).unwrap_or_default();
        terminal::confirm(&one_line(&format!("{error}{hint}. Open the editor again?")))
    }

    fn unchanged(&self) -> ExitCode {
        self.keeper.forget(&self.id);
        self.context.ui.done("Nothing changed, nothing was written.");
        if let Some(waiting) = editor::how_to_wait() {
            self.context.ui.hint(&format!(
                "if the editor is still open, make it wait until you close the file: EDITOR='{waiting}'"
            ));
        }
        ExitCode::SUCCESS
    }

    /// Returns the error with a hint about the draft. If the text could not be kept, the user may make room and try
    /// again.
    fn kept(&mut self, error: Error) -> Error {
        while let Some(why) = self.unkept.take() {
            let question = format!("{error}. The text can't be kept as a draft: {why}. Try again?");
            let is_again = is_on_terminal(self.context) && terminal::confirm(&one_line(&question)).unwrap_or(false);
            if !is_again {
                self.context.ui.alarm(&format!("what you typed could not be kept: {why}"));
                return error;
            }
            self.keep();
        }
        let before = hint_of(&error).map(|hint| format!("{hint}; ")).unwrap_or_default();
        let how = how_to_continue(self.context);
        error.hint(format!("{before}nothing was written, and your text is kept as a draft; {how}"))
    }
}

/// Returns the text that the user wrote, without the message above it.
fn without_message(text: &[u8]) -> SecretBytes {
    let has_message = text.starts_with(MESSAGE.as_bytes());
    let end = memchr::memchr(b'\n', text).filter(|_| has_message).map_or(0, |end| end + 1);
    SecretBytes::new(text[end..].to_vec())
}

/// Joins both. The memory is allocated at once, because a buffer that grows leaves copies behind.
fn joined(first: &[u8], second: &[u8]) -> SecretBytes {
    let mut text = Vec::with_capacity(first.len() + second.len());
    text.extend_from_slice(first);
    text.extend_from_slice(second);
    SecretBytes::new(text)
}
