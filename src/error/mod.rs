//! The library's only error type: what went wrong, a reason that programs can match, and what to do.
//!
//! A message is one line and never holds a value of the vault. A hint says what a person can do. Steps that vault can
//! do are values of a type ([`Remedy`]), which each front end words: the command line shows a command.

mod hint;
mod reason;
mod remedy;

pub use hint::{Hint, Part};
pub use reason::Reason;
pub use remedy::Remedy;

use crate::path;
use crate::redact;
use rustix::io::Errno;
use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::Path;

/// What went wrong. The command line has an exit code for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The operation failed, or a check found something.
    Failed,
    /// The command was used wrongly, or the input breaks a rule.
    Usage,
    /// No such vault, environment, item or user.
    NotFound,
    /// The vault could not be unlocked.
    Unlock,
    /// The user lacks the right.
    Denied,
    /// Tampering, rollback or a broken log.
    Integrity,
    /// A lock could not be had in time.
    Busy,
}

impl Kind {
    /// The `code` of an error in JSON.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::NotFound => "not-found",
            Self::Unlock => "unlock",
            Self::Denied => "denied",
            Self::Integrity => "integrity",
            Self::Busy => "busy",
        }
    }
}

/// An error with a one-line message and, where there is something to do, a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    reason: Reason,
    message: Cow<'static, str>,
    hint: Option<Hint>,
    /// Whether somebody gave a key where something else was meant; the message is without it.
    names_a_key: bool,
    is_after_the_change: bool,
}

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error for this reason; a kind stands for the reason that says no more.
    pub fn new(reason: impl Into<Reason>, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        let (message, names_a_key) = match redact::keys(&message) {
            Cow::Borrowed(_) => (message, false),
            Cow::Owned(redacted) => (Cow::Owned(redacted), true),
        };
        Self { reason: reason.into(), message, hint: None, names_a_key, is_after_the_change: false }
    }

    /// The operation failed.
    pub fn failed(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Failed, message)
    }

    /// The command or its input is wrong.
    pub fn usage(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// There is no such thing.
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::NotFound, message)
    }

    /// The vault stays locked.
    pub fn unlock(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Unlock, message)
    }

    /// The user may not do this.
    pub fn denied(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Denied, message)
    }

    /// The file, the state or the log is not what its users wrote.
    pub fn integrity(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Integrity, message)
    }

    /// Somebody else holds the lock.
    pub fn busy(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Busy, message)
    }

    /// An operating system error while doing `what` to `path`. That a file is missing is a failure like any other: only
    /// who opens a vault knows that this is the vault ([`Error::is_missing_file`]). One of ours that went through a writer
    /// comes out as it was.
    #[must_use]
    pub fn io(what: &str, path: &Path, error: &io::Error) -> Self {
        if let Some(own) = Self::carried_by(error) {
            return own;
        }
        let is_missing = error.kind() == io::ErrorKind::NotFound;
        let reason = if is_missing { Reason::MissingFile } else { Reason::System };
        let failed = Self::new(reason, format!("cannot {what} {}: {}", path.display(), self::reason(error)));
        match limit_remedy(error) {
            Some(remedy) => failed.hint(remedy),
            None => failed.hint(remedy(path, error.kind())),
        }
    }

    /// The error of ours that an error of a reader or writer carries.
    #[must_use]
    pub fn carried_by(error: &io::Error) -> Option<Self> {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).cloned()
    }

    /// The same error where a key stands in the place of something else, and the message doesn't repeat it.
    #[must_use]
    pub fn of_a_key(mut self) -> Self {
        self.names_a_key = true;
        self
    }

    /// Whether this is about a file that is not there.
    #[must_use]
    pub fn is_missing_file(&self) -> bool {
        self.reason == Reason::MissingFile
    }

    /// The same error for another reason.
    #[must_use]
    pub fn because(mut self, reason: impl Into<Reason>) -> Self {
        self.reason = reason.into();
        self
    }

    /// The same error in other words, which repeat what it said.
    #[must_use]
    pub fn reworded(self, message: impl Into<Cow<'static, str>>) -> Self {
        let Self { reason, hint, names_a_key, is_after_the_change, .. } = self;
        let reworded = Self::new(reason, message);
        Self { hint, names_a_key: reworded.names_a_key || names_a_key, is_after_the_change, ..reworded }
    }

    /// The same error with a hint that says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same error where the change itself is in the file already: to run the command again would do it twice.
    #[must_use]
    pub fn after_the_change(mut self) -> Self {
        self.message = format!("the change was written, but {}", self.message).into();
        self.with_the_change_written()
    }

    /// The same error, whose message says that the change is in the file already.
    #[must_use]
    pub fn with_the_change_written(mut self) -> Self {
        self.is_after_the_change = true;
        self
    }

    /// Whether the change is in the file already.
    #[must_use]
    pub fn is_after_the_change(&self) -> bool {
        self.is_after_the_change
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.reason.kind()
    }

    /// Why, as far as programs can match it.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// What to do about it, if anything can be said.
    #[must_use]
    pub fn advice(&self) -> Option<&Hint> {
        if self.names_a_key { Some(&KEY_HINT) } else { self.hint.as_ref() }
    }
}

/// What was meant where a key stands in a name's place.
static KEY_HINT: Hint = Hint::of(&[Part::Text(Cow::Borrowed(
    "put the key itself into VAULT_KEY; VAULT_KEY_FILE takes the name of a file that holds it",
))]);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// What to do where the system had no room for another process or file: that says nothing about the file or command.
#[must_use]
pub fn limit_remedy(error: &io::Error) -> Option<&'static str> {
    match Errno::from_io_error(error)? {
        Errno::MFILE => Some("too many files are open: close some, or raise the limit: ulimit -n 1024"),
        Errno::NFILE => Some("the whole system has too many open files: close some programs"),
        Errno::AGAIN => Some("too many processes are running: end some, or raise the limit: ulimit -u"),
        Errno::NOMEM => Some("close some programs, or raise the limit: ulimit -v"),
        _ => None,
    }
}

/// What to do about an operating system error at `path`.
fn remedy(path: &Path, kind: io::ErrorKind) -> String {
    let directory = path::shell_word(path::parent(path));
    match kind {
        io::ErrorKind::NotFound => format!("check the name: ls -a {directory}"),
        io::ErrorKind::PermissionDenied => format!("check who may read and write there: ls -la {directory}"),
        io::ErrorKind::ReadOnlyFilesystem => format!("{directory} is read-only: work on a copy elsewhere"),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => format!("free some space: df {directory}"),
        _ => format!("the operating system reports this; to see what is there: ls -la {directory}"),
    }
}

/// The operating system's words for an error, in lower case and without its number.
#[must_use]
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
