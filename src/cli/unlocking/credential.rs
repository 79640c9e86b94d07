//! Where the passphrase or key comes from. Options come before variables. The first source that is present is used, and
//! if it fails, the command fails. No other source is tried.

use super::context::Context;
use super::question::{nowhere, question};
use crate::cli::asking::terminal;
use crate::cli::globals::Globals;
use crate::cli::process::{hardening, programs};
use crate::cli::showing::ui::Ui;
use rustix::event::{PollFd, PollFlags, poll};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use vault::name::UserName;
use vault::settings::Variable;
use vault::vault::{
    Credential, CredentialKind, MAX_SOURCE, Need, Readers, Vault, check_no_key, check_source, read_source,
};
use vault::{Error, Result};
use zeroize::Zeroizing;

/// The sources, in the order in which they are checked.
pub enum Source {
    KeyFile(PathBuf),
    PassphraseFd(i32),
    PassphraseFile(PathBuf),
    Key(Zeroizing<Vec<u8>>),
    Passphrase(Zeroizing<Vec<u8>>),
    PassphraseCommand(std::ffi::OsString),
    Terminal,
}

/// Returns the first source that is present.
pub fn source(globals: &Globals) -> Result<Source> {
    if let Some(path) = &globals.key_file {
        return Ok(Source::KeyFile(path.clone()));
    }
    let key = || {
        let key = Variable::Key.value().map(|key| Source::Key(bytes(key)));
        key.or_else(|| Variable::KeyFile.value().map(|path| Source::KeyFile(path.into())))
    };
    let source = passphrase_option(globals).or_else(key).or_else(passphrase_variable);
    Ok(source.unwrap_or(Source::Terminal))
}

/// Returns the first source of a passphrase, and ignores keys. For a user who joins, it gives the new passphrase.
pub fn passphrase_source(globals: &Globals) -> Source {
    passphrase_option(globals).or_else(passphrase_variable).unwrap_or(Source::Terminal)
}

fn passphrase_option(globals: &Globals) -> Option<Source> {
    let descriptor = globals.passphrase_fd.map(Source::PassphraseFd);
    descriptor.or_else(|| globals.passphrase_file.clone().map(Source::PassphraseFile))
}

fn passphrase_variable() -> Option<Source> {
    let passphrase = Variable::Passphrase.value().map(|passphrase| Source::Passphrase(bytes(passphrase)));
    passphrase
        .or_else(|| Variable::PassphraseFile.value().map(|path| Source::PassphraseFile(path.into())))
        .or_else(|| Variable::PassphraseCommand.value().map(Source::PassphraseCommand))
}

fn bytes(value: std::ffi::OsString) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(std::os::unix::ffi::OsStringExt::into_vec(value))
}

impl Source {
    /// Returns what kind of credential the source gives; `None` if only the terminal is left.
    pub fn kind(&self) -> Option<CredentialKind> {
        match self {
            Self::KeyFile(_) | Self::Key(_) => Some(CredentialKind::Key),
            Self::PassphraseFd(_) | Self::PassphraseFile(_) | Self::Passphrase(_) | Self::PassphraseCommand(_) => {
                Some(CredentialKind::Passphrase)
            }
            Self::Terminal => None,
        }
    }

    /// Returns whether only the terminal is left.
    pub fn is_terminal(&self) -> bool {
        self.kind().is_none()
    }

    /// Returns whether the source gives a key and not a passphrase.
    pub fn is_key(&self) -> bool {
        self.kind() == Some(CredentialKind::Key)
    }

    /// Gets the credential. Only [`Source::Terminal`] prompts for it.
    pub fn credential(
        self,
        vault: &Vault,
        user: Option<&UserName>,
        need: Need,
        context: &Context,
    ) -> Result<Credential> {
        if self.is_terminal() {
            if !context.is_interactive() {
                return Err(nowhere(need, vault, context));
            }
            let typed = terminal::hidden(&question(vault.asked_user(user)?, need, vault, context))?;
            return Credential::of_passphrase(typed, "what was typed");
        }
        self.given(context)
    }

    /// Gets the credential from a source that needs no prompt.
    pub fn given(self, context: &Context) -> Result<Credential> {
        match self {
            Self::KeyFile(path) => from_file(&path, "key file", Credential::of_key_file, context.ui),
            Self::PassphraseFile(path) => {
                from_file(&path, "passphrase file", Credential::of_passphrase_file, context.ui)
            }
            Self::PassphraseFd(descriptor) => {
                Credential::read_passphrase(&context.read_once(|| read_descriptor(descriptor))?, "the passphrase")
            }
            Self::Key(bytes) => Credential::read_key(&bytes, "VAULT_KEY"),
            Self::Passphrase(bytes) => Credential::read_passphrase(&bytes, "VAULT_PASSPHRASE"),
            Self::PassphraseCommand(command) => {
                Credential::read_passphrase(&context.read_once(|| run(&command))?, "the output of VAULT_PASSPHRASE_CMD")
            }
            Self::Terminal => Err(Error::unlock("no passphrase or key was given")),
        }
    }
}

/// Reads a file, and warns if others can read it.
fn from_file(path: &Path, what: &str, read: fn(&Path) -> Result<(Credential, Readers)>, ui: Ui) -> Result<Credential> {
    if path.as_os_str().is_empty() {
        return Err(Error::unlock(format!("the name of the {what} is empty"))
            .hint("name a file, or unset the variable: VAULT_KEY_FILE, VAULT_PASSPHRASE_FILE"));
    }
    let (credential, readers) = read(path).map_err(|error| match error.advice().is_some() {
        true => error,
        false => error.hint(format!(
            "check the name of the {what}: --key-file, --passphrase-file, VAULT_KEY_FILE, VAULT_PASSPHRASE_FILE"
        )),
    })?;
    if readers == Readers::Others {
        ui.warn(&format!("the {what} {} can be read by other users", path.display()));
    }
    Ok(credential)
}

fn read_descriptor(descriptor: i32) -> Result<Zeroizing<Vec<u8>>> {
    // A duplicate, because closing the caller's descriptor could surprise the caller. Opening it by its name in /dev/fd
    // would fail for a socket and for another user's pipe.
    let duplicate = hardening::duplicate(descriptor).ok_or_else(|| {
        Error::unlock(format!("file descriptor {descriptor} can't be read"))
            .hint("for example: --passphrase-fd 3 3<file")
    })?;
    read_source(FirstLine { file: duplicate.into(), is_over: false }, "passphrase")
}

/// Reads a descriptor up to the end of its first line, because the writer may leave a socket open. Waits if the
/// descriptor is non-blocking.
struct FirstLine {
    file: std::fs::File,
    is_over: bool,
}

impl std::io::Read for FirstLine {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.is_over {
            return Ok(0);
        }
        let read = loop {
            match self.file.read(buffer) {
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    poll(&mut [PollFd::new(&self.file, PollFlags::IN)], None)?;
                }
                read => break read?,
            }
        };
        self.is_over = buffer[..read].contains(&b'\n');
        Ok(read)
    }
}

/// Runs VAULT_PASSPHRASE_CMD with `sh -c`. It writes to vault's standard error, and its standard input is empty.
fn run(command: &std::ffi::OsStr) -> Result<Zeroizing<Vec<u8>>> {
    if command.as_bytes().is_empty() {
        return Err(Error::unlock("VAULT_PASSPHRASE_CMD is empty"));
    }
    check_no_key(&command.to_string_lossy(), "VAULT_PASSPHRASE_CMD")?;
    let shell = programs::shell(command, "VAULT_PASSPHRASE_CMD")?;
    let run = programs::printed(shell, MAX_SOURCE);
    let (status, printed) =
        run.map_err(|error| Error::unlock(format!("VAULT_PASSPHRASE_CMD: {}", vault::error::reason(&error))))?;
    check_source(&printed, "output of VAULT_PASSPHRASE_CMD")?;
    if !status.success() {
        return Err(Error::unlock(format!("VAULT_PASSPHRASE_CMD failed ({status})")));
    }
    Ok(printed)
}
