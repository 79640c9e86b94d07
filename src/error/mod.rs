//! The library's only error type: what went wrong, a reason that programs can match, and what to do about it.
//!
//! A message is one line and never contains a value of the vault. A hint says what a person can do. The steps that
//! vault offers are a type ([`Remedy`]), and each front end supplies their words: the command line shows a command.

#[cfg(test)]
mod anyhow_tests;
mod argument;
mod hint;
mod kind;
mod reason;
mod remedy;
mod system_step;

pub use hint::{Hint, Part};
pub use kind::Kind;
pub use reason::Reason;
pub use remedy::Remedy;
pub use system_step::SystemStep;

use crate::path;
use crate::redact;
use rustix::io::Errno;
use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::Path;

/// An error with a one-line message and, if there is something to do, a hint.
///
/// No error of another type becomes this one by `?`: each place says what failed, why, and what to do.
///
/// ```compile_fail,E0277
/// fn read() -> vault::Result<Vec<u8>> {
///     Ok(std::fs::read("secrets.vault")?)
/// }
/// ```
///
/// Only tests compare errors: a program that compares messages breaks when one is worded better. Match [`Error::reason`].
#[derive(Debug, Clone)]
#[cfg_attr(test, derive(PartialEq, Eq))]
pub struct Error {
    reason: Reason,
    message: Cow<'static, str>,
    hint: Option<Hint>,
    /// Whether somebody gave a key in place of something else; the message does not contain it.
    names_a_key: bool,
    is_after_the_change: bool,
    /// Whether the change failed after a key was shown for it.
    voids_key: bool,
    /// The warning that the message repeats.
    repeated: Option<Box<str>>,
}

/// The library's result type.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Creates an error with this reason. A kind stands for its most general reason.
    pub fn new(reason: impl Into<Reason>, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        let (message, names_a_key) = match redact::keys(&message) {
            Cow::Borrowed(_) => (message, false),
            Cow::Owned(redacted) => (Cow::Owned(redacted), true),
        };
        let (is_after_the_change, voids_key) = (false, false);
        Self { reason: reason.into(), message, hint: None, names_a_key, is_after_the_change, voids_key, repeated: None }
    }

    /// An operation failed.
    pub fn failed(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Failed, message)
    }

    /// The command or its input is wrong.
    pub fn usage(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Something does not exist.
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::NotFound, message)
    }

    /// The vault stays locked.
    pub fn unlock(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Unlock, message)
    }

    /// The user may not do this.
    pub(crate) fn denied(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Denied, message)
    }

    /// The file, the state or the log is not what its users wrote.
    pub(crate) fn integrity(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Integrity, message)
    }

    /// An error of the operating system while doing `what` to `path`. A missing file is a failure like any other: only
    /// what opens a vault knows that the file should be one ([`Reason::NoVault`]). If `error` carries
    /// an [`Error`], that one is returned unchanged.
    #[must_use]
    pub fn io(what: &str, path: &Path, error: &io::Error) -> Self {
        if let Some(carried) = Self::carried_by(error) {
            return carried;
        }
        let is_missing = error.kind() == io::ErrorKind::NotFound;
        let reason = if is_missing { Reason::MissingFile } else { Reason::System };
        let failed = Self::new(reason, format!("cannot {what} {}: {}", path.display(), self::reason(error)));
        match limit_remedy(error) {
            Some(remedy) => failed.hint(remedy),
            None => failed.hint(remedy(path, error.kind())),
        }
    }

    /// Returns the [`Error`] that an error of a reader or writer carries, if any.
    #[must_use]
    pub fn carried_by(error: &io::Error) -> Option<Self> {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).cloned()
    }

    /// Marks that a key was given in place of something else. The message must not contain the key.
    #[must_use]
    pub fn of_a_key(mut self) -> Self {
        self.names_a_key = true;
        self
    }

    /// Returns whether the error is about a file that does not exist.
    #[must_use]
    pub(crate) fn is_missing_file(&self) -> bool {
        self.reason == Reason::MissingFile
    }

    /// Replaces the reason.
    #[must_use]
    pub fn because(mut self, reason: impl Into<Reason>) -> Self {
        self.reason = reason.into();
        self
    }

    /// Replaces the message. The new message may repeat the old one.
    #[must_use]
    pub fn reworded(self, message: impl Into<Cow<'static, str>>) -> Self {
        let Self { reason, hint, names_a_key, is_after_the_change, voids_key, .. } = self;
        let reworded = Self::new(reason, message);
        Self { hint, names_a_key: reworded.names_a_key || names_a_key, is_after_the_change, voids_key, ..reworded }
    }

    /// Sets the hint that says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says that the message is this warning, after a few words of its own.
    #[must_use]
    pub(crate) fn repeating(mut self, warning: &str) -> Self {
        self.repeated = Some(warning.into());
        self
    }

    /// Returns the warning that the message repeats. Who has just read it needs to know only what does not work because
    /// of it.
    #[must_use]
    pub fn repeated(&self) -> Option<&str> {
        self.repeated.as_deref()
    }

    /// Says in the message that the change itself is already in the file: running the command again would make it
    /// twice.
    #[must_use]
    pub(crate) fn after_the_change(mut self) -> Self {
        self.message = format!("the change was written, but {}", self.message).into();
        self.with_the_change_written()
    }

    /// Marks that the change is already in the file. The message already says so.
    #[must_use]
    pub(crate) fn with_the_change_written(mut self) -> Self {
        self.is_after_the_change = true;
        self
    }

    /// Returns whether the change is already in the file.
    #[must_use]
    pub fn is_after_the_change(&self) -> bool {
        self.is_after_the_change
    }

    /// Says whether a key was shown for the change that failed.
    #[must_use]
    pub(crate) fn after_showing(mut self, was_shown: bool) -> Self {
        self.voids_key = was_shown && !self.is_after_the_change;
        self
    }

    /// Returns whether a new key was shown, and nothing was saved after that: the key opens nothing, and the earlier one
    /// stays valid.
    #[must_use]
    pub fn voids_key(&self) -> bool {
        self.voids_key
    }

    /// Returns the error's kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.reason.kind()
    }

    /// Returns the reason, which programs can match.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// Returns what to do about the error, if there is a hint.
    #[must_use]
    pub fn advice(&self) -> Option<&Hint> {
        if self.names_a_key { Some(&KEY_HINT) } else { self.hint.as_ref() }
    }
}

/// The hint for a key that was given in place of a name.
static KEY_HINT: Hint =
    Hint::from_static(&[Part::Text(Cow::Borrowed("put the key itself into ")), Part::Remedy(Remedy::GiveKey)]);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Returns what to do when the system has no room for another process or file: that has nothing to do with the path or
/// the command.
#[must_use]
pub fn limit_remedy(error: &io::Error) -> Option<Hint> {
    let hint = match Errno::from_io_error(error)? {
        Errno::MFILE => ("too many files are open: close some, or raise the limit: ", Remedy::AllowFiles).into(),
        Errno::NFILE => Hint::from("the whole system has too many open files: close some programs"),
        Errno::AGAIN => {
            ("too many processes are running: end some, or raise the limit: ", Remedy::AllowProcesses).into()
        }
        Errno::NOMEM => ("close some programs, or raise the limit: ", Remedy::AllowMemory).into(),
        _ => return None,
    };
    Some(hint)
}

/// Returns what to do about an operating system error at `path`.
fn remedy(path: &Path, kind: io::ErrorKind) -> Hint {
    let directory = path::parent(path);
    let look = SystemStep::LookAt(directory.to_owned());
    match kind {
        io::ErrorKind::NotFound => ("check the name: ", look).into(),
        io::ErrorKind::PermissionDenied => ("check who may read and write there: ", look).into(),
        io::ErrorKind::ReadOnlyFilesystem => {
            format!("{} is read-only: work on a copy elsewhere", directory.display()).into()
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            ("free some space: ", SystemStep::FreeSpace(directory.to_owned())).into()
        }
        _ => ("to see what is there: ", look).into(),
    }
}

/// Returns the operating system's words for an error, in lower case and without the error number.
#[must_use]
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
