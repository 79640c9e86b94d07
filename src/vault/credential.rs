//! What opens a slot: a passphrase or a key, and how each is read from a file, a variable or what somebody typed.

use crate::error::{Error, Reason, Result, SystemStep};
use crate::identity::Key;
use crate::passphrase::MAX_PASSPHRASE;
use crate::redact;
use crate::secret::{ExposeSecret as _, SecretString};
use crate::{fs, settings};
use std::fs::{Metadata, canonicalize};
use std::io::Read;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use zeroize::Zeroizing;

/// The most that a file or a program may give in place of a key or a passphrase, in bytes.
pub const MAX_SOURCE: usize = 64 * 1024;

/// Who can read a file with a key or a passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// The file's owner.
    Owner,
    /// Other users as well.
    Others,
}

/// What opens a slot.
pub enum Credential {
    /// A passphrase, by scrypt.
    Passphrase(SecretString),
    /// A key of a machine, or a recovery key.
    Key(Key),
}

/// The kind of a credential, which is known before the credential is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialKind {
    /// A passphrase, which doesn't say whose it is.
    Passphrase,
    /// A key, which says whose it is.
    Key,
}

impl Credential {
    /// Reads a key from a file, and returns who else can do that.
    ///
    /// # Errors
    /// An unlock error if the file can't be read, is the user's own and others can read it, or has no key.
    pub fn of_key_file(path: &Path) -> Result<(Self, Readers)> {
        let (bytes, readers) = read_file(path, "key file")?;
        Ok((Self::read_key(&bytes, "the key file")?, readers))
    }

    /// Reads a passphrase from a file, and returns who else can do that.
    ///
    /// # Errors
    /// An unlock error if the file can't be read, is the user's own and others can read it, or has no passphrase.
    pub fn of_passphrase_file(path: &Path) -> Result<(Self, Readers)> {
        let (bytes, readers) = read_file(path, "passphrase file")?;
        Ok((Self::read_passphrase(&bytes, "the passphrase file")?, readers))
    }

    /// Reads a key: the first line that is neither empty nor a comment, as in age's key files. `what` names the source
    /// in errors.
    ///
    /// # Errors
    /// An unlock error if there is no such line, or it is not a key.
    pub fn read_key(bytes: &[u8], what: &str) -> Result<Self> {
        let text = std::str::from_utf8(without_mark(bytes)).unwrap_or_default();
        let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
        let line = line.ok_or_else(|| {
            Error::unlock(format!("{what} contains no key")).hint("a key is one line that starts with AGE-SECRET-KEY-1")
        })?;
        Key::parse(line).map(Self::Key)
    }

    /// Reads a passphrase: the first line, without its line end. `what` names the source in errors.
    ///
    /// # Errors
    /// An unlock error if the line is empty, too long, not UTF-8, or a key.
    pub fn read_passphrase(bytes: &[u8], what: &str) -> Result<Self> {
        let line = without_mark(bytes).split(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return Err(Error::unlock(format!("{what} is empty"))
                .hint("its first line is the passphrase; a variable may be unset"));
        }
        if line.len() > MAX_PASSPHRASE {
            return Err(Error::unlock(format!("{what} is longer than {MAX_PASSPHRASE} bytes")));
        }
        let text = std::str::from_utf8(line).map_err(|_| Error::unlock(format!("{what} is not UTF-8")))?;
        Self::of_passphrase(SecretString::from(text.to_owned()), what)
    }

    /// Takes a passphrase as somebody typed it.
    ///
    /// # Errors
    /// An unlock error if it is a key.
    pub fn of_passphrase(text: SecretString, what: &str) -> Result<Self> {
        check_no_key(text.expose_secret(), what)?;
        Ok(Self::Passphrase(text))
    }
}

/// Refuses a key in place of a passphrase, or of what prints one. A recovery key is easily given by mistake. `what`
/// names the source in the error.
///
/// # Errors
/// An unlock error if the text is a key.
pub fn check_no_key(text: &str, what: &str) -> Result<()> {
    match redact::is_key(text) {
        true => Err(Error::new(Reason::IsAKey, format!("{what} is a key, not a passphrase")).of_a_key()),
        false => Ok(()),
    }
}

fn read_file(path: &Path, what: &str) -> Result<(Zeroizing<Vec<u8>>, Readers)> {
    let (file, metadata) = fs::open_named(path).map_err(|error| {
        let missing = error.is_missing_file().then(|| format!("there is no {what} {}", path.display()));
        Error::unlock(missing.unwrap_or_else(|| error.to_string()))
    })?;
    let readers = readers(path, &metadata, settings::home().as_deref(), what)?;
    Ok((read_source(file, what)?, readers))
}

/// Refuses a file that other users can read, if it belongs to the user and is in the home directory. Elsewhere it is
/// accepted, because mounted secrets are often readable by all.
fn readers(path: &Path, metadata: &Metadata, home: Option<&Path>, what: &str) -> Result<Readers> {
    if metadata.mode() & 0o077 == 0 {
        return Ok(Readers::Owner);
    }
    let home = home.and_then(|home| canonicalize(home).ok());
    let path = canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let is_own = metadata.uid() == rustix::process::geteuid().as_raw();
    if is_own && home.is_some_and(|home| path.starts_with(home)) {
        return Err(Error::unlock(format!("the {what} {} can be read by others", path.display()))
            .hint(SystemStep::DenyReading(path)));
    }
    Ok(Readers::Others)
}

/// Reads what holds a key or a passphrase. `what` names it in errors.
///
/// # Errors
/// An unlock error if it can't be read or is larger than [`MAX_SOURCE`].
pub fn read_source(source: impl Read, what: &str) -> Result<Zeroizing<Vec<u8>>> {
    // Allocated at full size, because a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_SOURCE + 1));
    let read = source.take(MAX_SOURCE as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| Error::unlock(format!("the {what} can't be read: {}", crate::error::reason(&error))))?;
    check_source(&bytes, what)?;
    Ok(bytes)
}

/// Checks the size of what holds a key or a passphrase. `what` names it in the error.
///
/// # Errors
/// An unlock error if it is larger than [`MAX_SOURCE`].
pub fn check_source(bytes: &[u8], what: &str) -> Result<()> {
    match bytes.len() > MAX_SOURCE {
        true => Err(Error::unlock(format!("the {what} is larger than {} KiB", MAX_SOURCE >> 10))),
        false => Ok(()),
    }
}

/// Removes the byte order mark that some editors and shells write at the beginning.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    const KEY: &str = "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ";

    fn passphrase(bytes: &[u8]) -> Result<String, String> {
        match Credential::read_passphrase(bytes, "it").map_err(|error| error.to_string())? {
            Credential::Passphrase(text) => Ok(text.expose_secret().to_owned()),
            Credential::Key(_) => Err("a key".to_owned()),
        }
    }

    #[test]
    fn a_passphrase_is_the_first_line_without_mark_and_line_end() {
        for bytes in [&b"a b"[..], b"a b\n", b"a b\r\nsecond", "\u{feff}a b\n".as_bytes()] {
            assert_eq!(passphrase(bytes).unwrap(), "a b");
        }
        let long = vec![b'x'; MAX_PASSPHRASE + 1];
        for (bytes, problem) in [
            (&b"\nsecond"[..], "it is empty"),
            (b"\xff", "it is not UTF-8"),
            (KEY.as_bytes(), "it is a key, not a passphrase"),
            (&long, &format!("it is longer than {MAX_PASSPHRASE} bytes")),
        ] {
            assert_eq!(passphrase(bytes).unwrap_err(), problem);
        }
        assert!(Credential::of_passphrase(KEY.to_owned().into(), "it").is_err());
    }

    #[test]
    fn a_file_in_the_home_directory_is_for_its_owner_only() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        fs::write_private(&path, b"a passphrase\n").unwrap();
        let readers = |mode, home: Option<&Path>| {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            readers(&path, &path.metadata().unwrap(), home, "key file")
        };
        let home = Some(directory.path());
        assert_eq!(readers(0o600, home).unwrap(), Readers::Owner);
        for mode in [0o640, 0o604, 0o610] {
            let error = readers(mode, home).unwrap_err();
            assert!(error.to_string().ends_with("key can be read by others"), "{mode:o}: {error}");
            for elsewhere in [None, Some(Path::new("/nowhere"))] {
                assert_eq!(readers(mode, elsewhere).unwrap(), Readers::Others, "{mode:o}");
            }
        }
    }

    #[test]
    fn a_file_has_at_most_64_kib() {
        let bytes = vec![b'x'; MAX_SOURCE + 1];
        assert_eq!(read_source(&bytes[1..], "it").unwrap().len(), MAX_SOURCE);
        assert_eq!(read_source(&bytes[..], "key file").unwrap_err().to_string(), "the key file is larger than 64 KiB");
        let missing = Credential::of_key_file(Path::new("/nowhere/key")).err().unwrap();
        assert_eq!(missing.to_string(), "there is no key file /nowhere/key");
    }

    #[test]
    fn a_key_is_the_first_line_that_is_no_comment() {
        let key = Key::generate().unwrap();
        let text = key.to_text();
        let file = format!("\u{feff}# created today\n\n  {}\r\n", text.expose_secret());
        assert!(matches!(Credential::read_key(file.as_bytes(), "it"), Ok(Credential::Key(_))));
        let none = Credential::read_key(b"# only a comment\n", "it").err().unwrap();
        assert_eq!(none.to_string(), "it contains no key");
    }
}
