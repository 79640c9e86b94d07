//! What opens a slot: a passphrase or a key, and how each is read from a file, a variable or what somebody typed.

use crate::error::{Error, Result};
use crate::identity::Key;
use crate::passphrase::MAX_PASSPHRASE;
use crate::redact;
use crate::secret::{ExposeSecret as _, SecretString};

/// What opens a slot.
pub enum Credential {
    /// A passphrase, by scrypt.
    Passphrase(SecretString),
    /// A key of a machine, or a recovery key.
    Key(Key),
}

impl Credential {
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
        true => Err(Error::unlock(format!("{what} is a key, not a passphrase")).of_a_key()),
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
    fn a_key_is_the_first_line_that_is_no_comment() {
        let key = Key::generate().unwrap();
        let text = key.to_text();
        let file = format!("\u{feff}# created today\n\n  {}\r\n", text.expose_secret());
        assert!(matches!(Credential::read_key(file.as_bytes(), "it"), Ok(Credential::Key(_))));
        let none = Credential::read_key(b"# only a comment\n", "it").err().unwrap();
        assert_eq!(none.to_string(), "it contains no key");
    }
}
