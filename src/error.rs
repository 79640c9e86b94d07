//! The one error type of the library: what is wrong, what to do, and which exit code that is.
//!
//! A message is one line and never carries a value of the vault. A hint says what a person can type or change.

use crate::path;
use crate::redact;
use rustix::io::Errno;
use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::Path;

/// What went wrong, by the exit code it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The operation failed, or a check found something. Exit code 1.
    Failed,
    /// The command was used wrongly, or the input breaks a rule. Exit code 2.
    Usage,
    /// No such vault, environment, item or user. Exit code 3.
    NotFound,
    /// The vault could not be unlocked. Exit code 4.
    Unlock,
    /// The user lacks the right. Exit code 5.
    Denied,
    /// Tampering, rollback or a broken log. Exit code 6.
    Integrity,
    /// A lock could not be had in time. Exit code 7.
    Busy,
}

impl Kind {
    /// The documented exit code.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::Unlock => 4,
            Self::Denied => 5,
            Self::Integrity => 6,
            Self::Busy => 7,
        }
    }

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

    /// What to do where an error knows nothing better: no error stands without a hint.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::Failed => "put right what it says and run the command again",
            Self::Usage => "vault COMMAND --help shows how it is meant",
            Self::NotFound => "vault env list, vault list and vault user list show what there is",
            Self::Unlock => "vault unlock --help shows every way to unlock",
            Self::Denied => "vault user list shows who may what, and who is an admin and can change it",
            Self::Integrity => {
                "take the file from a copy you trust, such as an earlier commit, and tell who else uses it"
            }
            Self::Busy => "wait for the other command, and run this one again",
        }
    }
}

/// An error with a one-line message and, where there is something to do, a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    message: Cow<'static, str>,
    hint: Option<Cow<'static, str>>,
    is_missing_file: bool,
    /// Whether somebody gave a key where something else was meant; the message is without it.
    names_a_key: bool,
    is_after_the_change: bool,
}

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of this kind.
    pub fn new(kind: Kind, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        let (message, names_a_key) = match redact::keys(&message) {
            Cow::Borrowed(_) => (message, false),
            Cow::Owned(redacted) => (Cow::Owned(redacted), true),
        };
        Self { kind, message, hint: None, is_missing_file: false, names_a_key, is_after_the_change: false }
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
    /// who opens a vault knows that this is the vault ([`Error::is_missing_file`]).
    #[must_use]
    pub fn io(what: &str, path: &Path, error: &io::Error) -> Self {
        let failed = Self::failed(format!("cannot {what} {}: {}", path.display(), reason(error)));
        let hinted = match limit_remedy(error) {
            Some(remedy) => failed.hint(remedy),
            None => failed.hint(remedy(path, error.kind())),
        };
        Self { is_missing_file: error.kind() == io::ErrorKind::NotFound, ..hinted }
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
        self.is_missing_file
    }

    /// The same error as one of this kind.
    #[must_use]
    pub fn with_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// The same error with a hint that says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        let hint = hint.into();
        self.hint = Some(match redact::keys(&hint) {
            Cow::Borrowed(_) => hint,
            Cow::Owned(redacted) => Cow::Owned(redacted),
        });
        self
    }

    /// The same error where the change itself is in the file already: to run the command again would do it twice.
    #[must_use]
    pub fn after_the_change(mut self) -> Self {
        self.message = format!("the change is written, but {}", self.message).into();
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
        self.kind
    }

    /// What to do about it, if anything can be said.
    #[must_use]
    pub fn hint_text(&self) -> Option<&str> {
        if self.names_a_key { Some(KEY_HINT) } else { self.hint.as_deref() }
    }
}

/// What was meant where a key stands in a name's place.
const KEY_HINT: &str =
    "put the key itself into VAULT_KEY; --key-file and VAULT_KEY_FILE take the name of a file that holds it";

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
        Errno::NFILE => Some("the whole system has too many files open: end some programs"),
        Errno::AGAIN => Some("too many processes run: end some, or raise the limit: ulimit -u"),
        Errno::NOMEM => Some("end some programs, or raise the limit: ulimit -v"),
        _ => None,
    }
}

/// What to do about an operating system error at `path`.
fn remedy(path: &Path, kind: io::ErrorKind) -> String {
    let directory = path::shell_word(path::parent(path));
    match kind {
        io::ErrorKind::NotFound => format!("look whether the name is right: ls -a {directory}"),
        io::ErrorKind::PermissionDenied => format!("look who may read and write there: ls -la {directory}"),
        io::ErrorKind::ReadOnlyFilesystem => format!("{directory} is read-only: work on a copy elsewhere"),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => format!("make room first: df {directory}"),
        _ => format!("the reason is the system's own; look at what is there: ls -la {directory}"),
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
