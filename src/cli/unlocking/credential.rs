//! Where the passphrase or key comes from. Options come before variables. The first source that is present is used, and
//! if it fails, the command fails. No other source is tried.

use super::context::Context;
use super::question::{nowhere, question};
use crate::cli::asking::terminal;
use crate::cli::globals::Globals;
use crate::cli::process::{hardening, programs};
use crate::cli::showing::ui::Ui;
use rustix::event::{PollFd, PollFlags, poll};
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use vault::name::UserName;
use vault::settings::{self, Variable};
use vault::vault::{Credential, Need, Vault, check_no_key};
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
    /// Returns whether only the terminal is left.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Terminal)
    }

    /// Returns whether the source gives a key and not a passphrase.
    pub fn is_key(&self) -> bool {
        matches!(self, Self::KeyFile(_) | Self::Key(_))
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
            Self::KeyFile(path) => {
                Credential::read_key(&read_secret_file(&path, "key file", context.ui)?, "the key file")
            }
            Self::PassphraseFile(path) => Credential::read_passphrase(
                &read_secret_file(&path, "passphrase file", context.ui)?,
                "the passphrase file",
            ),
            Self::PassphraseFd(descriptor) => {
                Credential::read_passphrase(&context.line(|| read_descriptor(descriptor))?, "the passphrase")
            }
            Self::Key(bytes) => Credential::read_key(&bytes, "VAULT_KEY"),
            Self::Passphrase(bytes) => Credential::read_passphrase(&bytes, "VAULT_PASSPHRASE"),
            Self::PassphraseCommand(command) => {
                Credential::read_passphrase(&context.line(|| run(&command))?, "the output of VAULT_PASSPHRASE_CMD")
            }
            Self::Terminal => Err(Error::unlock("no passphrase or key was given")),
        }
    }
}

/// The largest key or passphrase file, in bytes.
const MAX_SECRET_FILE: usize = 64 * 1024;

fn read_secret_file(path: &Path, what: &str, ui: Ui) -> Result<Zeroizing<Vec<u8>>> {
    let unlock = |error: Error| {
        let missing = error.is_missing_file().then(|| format!("there is no {what} {}", path.display()));
        Error::unlock(missing.unwrap_or_else(|| error.to_string())).hint(format!(
            "check the name of the {what}: --key-file, --passphrase-file, VAULT_KEY_FILE, VAULT_PASSPHRASE_FILE"
        ))
    };
    if path.as_os_str().is_empty() {
        return Err(Error::unlock(format!("the name of the {what} is empty"))
            .hint("name a file, or unset the variable: VAULT_KEY_FILE, VAULT_PASSPHRASE_FILE"));
    }
    let (file, metadata) = vault::fs::open_named(path).map_err(unlock)?;
    check_mode(path, &metadata, what, ui)?;
    read_all(file, what)
}

/// Refuses a file that others can read, if it belongs to the user and is in the home directory. Elsewhere there is only
/// a warning, because mounted secrets are often readable by all.
fn check_mode(path: &Path, metadata: &std::fs::Metadata, what: &str, ui: Ui) -> Result<()> {
    if metadata.mode() & 0o077 == 0 {
        return Ok(());
    }
    let home = settings::home().and_then(|home| std::fs::canonicalize(home).ok());
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let is_own = metadata.uid() == rustix::process::geteuid().as_raw();
    if is_own && home.is_some_and(|home| path.starts_with(home)) {
        return Err(Error::unlock(format!("the {what} {} can be read by others", path.display()))
            .hint(format!("chmod 600 {}", vault::path::shell_word(&path))));
    }
    ui.warn(&format!("the {what} {} can be read by other users", path.display()));
    Ok(())
}

fn read_descriptor(descriptor: i32) -> Result<Zeroizing<Vec<u8>>> {
    // A duplicate, because closing the caller's descriptor could surprise the caller. Opening it by its name in /dev/fd
    // would fail for a socket and for another user's pipe.
    let duplicate = hardening::duplicate(descriptor).ok_or_else(|| {
        Error::unlock(format!("file descriptor {descriptor} can't be read"))
            .hint("for example: --passphrase-fd 3 3<file")
    })?;
    read_all(FirstLine { file: duplicate.into(), is_over: false }, "passphrase")
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

fn read_all(file: impl std::io::Read, what: &str) -> Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_SECRET_FILE + 1));
    let read = file.take(MAX_SECRET_FILE as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| Error::unlock(format!("the {what} can't be read: {}", vault::error::reason(&error))))?;
    check_size(&bytes, what)?;
    Ok(bytes)
}

fn check_size(bytes: &[u8], what: &str) -> Result<()> {
    if bytes.len() > MAX_SECRET_FILE {
        return Err(Error::unlock(format!("the {what} is larger than {} KiB", MAX_SECRET_FILE >> 10)));
    }
    Ok(())
}

/// Runs VAULT_PASSPHRASE_CMD with `sh -c`. It writes to vault's standard error, and its standard input is empty.
fn run(command: &std::ffi::OsStr) -> Result<Zeroizing<Vec<u8>>> {
    if command.as_bytes().is_empty() {
        return Err(Error::unlock("VAULT_PASSPHRASE_CMD is empty"));
    }
    check_no_key(&command.to_string_lossy(), "VAULT_PASSPHRASE_CMD")?;
    let shell = programs::shell(command, "VAULT_PASSPHRASE_CMD")?;
    let run = programs::printed(shell, MAX_SECRET_FILE);
    let (status, printed) =
        run.map_err(|error| Error::unlock(format!("VAULT_PASSPHRASE_CMD: {}", vault::error::reason(&error))))?;
    check_size(&printed, "output of VAULT_PASSPHRASE_CMD")?;
    if !status.success() {
        return Err(Error::unlock(format!("VAULT_PASSPHRASE_CMD failed ({status})")));
    }
    Ok(printed)
}
