//! A narrow interface to age: encrypts to recipients or a passphrase, as armored files, and limits what a file may
//! demand.

mod armor;
mod header;
mod work_factor;

pub(crate) use armor::BEGIN;
pub use armor::dearmor;
pub(crate) use header::stanza_at;
pub use work_factor::WorkFactor;

use crate::error::{Error, Remedy, Result};
use age::armor::{ArmoredWriter, Format};
use age::secrecy::{ExposeSecret as _, SecretString};
use age_core::format::{FileKey, Stanza};
use age_core::primitives::hkdf;
use header::WholeHeader;
use std::cell::RefCell;
use std::io::{self, Write};
use vault_quick::payload;
use zeroize::Zeroizing;

/// Encrypts to recipients. The result is ASCII-armored with LF line endings, without the last one.
///
/// # Errors
/// If a recipient fails, or the system provides no randomness.
pub fn encrypt<'a>(recipients: impl Iterator<Item = &'a dyn age::Recipient>, plaintext: &[u8]) -> Result<String> {
    // Base64 grows a text to 4/3 of its size, and line endings that to 65/64; the header has about 200 bytes per recipient.
    let armored = Vec::with_capacity(plaintext.len() / 2 * 3 + 4096);
    let armored = encrypt_into(recipients, armored, |writer| writer.write_all(plaintext));
    let mut armored = String::from_utf8(armored.map_err(|_| failed("encrypt"))?).map_err(|_| failed("encrypt"))?;
    armored.truncate(armored.trim_end().len());
    Ok(armored)
}

/// Encrypts to recipients what `plaintext` writes. Writes the result to `armored`, with the last line ending, and
/// returns `armored`. The memory needed does not grow with the text.
///
/// # Errors
/// If a recipient fails, the system provides no randomness, `armored` can't be written to, or `plaintext` fails.
pub fn encrypt_into<'a, W: Write>(
    recipients: impl Iterator<Item = &'a dyn age::Recipient>,
    armored: W,
    plaintext: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<W> {
    let encryptor = age::Encryptor::with_recipients(recipients).map_err(|_| io::Error::other(failed("encrypt")))?;
    let mut writer = encryptor.wrap_output(ArmoredWriter::wrap_output(armored, Format::AsciiArmor)?)?;
    plaintext(&mut writer)?;
    writer.finish()?.finish()
}

/// Encrypts with a passphrase, using scrypt with this work factor.
///
/// # Errors
/// If there is not enough memory for scrypt.
pub fn encrypt_with_passphrase(passphrase: SecretString, work_factor: WorkFactor, plaintext: &[u8]) -> Result<String> {
    memory_for_scrypt(work_factor.log_n())?;
    let mut recipient = age::scrypt::Recipient::new(passphrase);
    recipient.set_work_factor(work_factor.log_n());
    encrypt(std::iter::once(&recipient as _), plaintext)
}

/// Decrypts a binary age file, in its place in memory, with the first of these identities that fits; `None` if none does.
///
/// # Errors
/// An integrity error if the file is damaged.
pub(crate) fn decrypt<'a>(
    bytes: Vec<u8>,
    identities: impl Iterator<Item = &'a dyn age::Identity>,
) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let damaged = || Error::integrity("an encrypted block is damaged");
    let file_key = RefCell::default();
    let noting: Vec<_> = identities.map(|identity| Noting { identity, file_key: &file_key }).collect();
    let mut rest = WholeHeader(&bytes);
    let decryptor = age::Decryptor::new_buffered(&mut rest).map_err(|_| damaged())?;
    // This verifies the header's MAC; nothing is read by it.
    match decryptor.decrypt(noting.iter().map(|identity| identity as _)) {
        Ok(_) => {}
        Err(age::DecryptError::NoMatchingKeys | age::DecryptError::DecryptionFailed) => return Ok(None),
        Err(_) => return Err(damaged()),
    }
    let header = bytes.len() - rest.0.len();
    let nonce = header.checked_sub(PAYLOAD_NONCE).and_then(|begin| bytes.get(begin..header)).ok_or_else(damaged)?;
    let file_key = file_key.into_inner().ok_or_else(damaged)?;
    let key = Zeroizing::new(hkdf(nonce, b"payload", file_key.expose_secret()));
    payload::open(bytes, header, &key).map(Some).ok_or_else(damaged)
}

/// The length of the nonce between a header and its payload, in bytes.
const PAYLOAD_NONCE: usize = 16;

/// An identity that notes the file key it finds.
struct Noting<'a> {
    identity: &'a dyn age::Identity,
    file_key: &'a RefCell<Option<FileKey>>,
}

impl age::Identity for Noting<'_> {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, age::DecryptError>> {
        self.unwrap_stanzas(std::slice::from_ref(stanza))
    }

    fn unwrap_stanzas(&self, stanzas: &[Stanza]) -> Option<Result<FileKey, age::DecryptError>> {
        let found = self.identity.unwrap_stanzas(stanzas)?;
        let note = |key: &FileKey| FileKey::init_with_mut(|own| own.copy_from_slice(key.expose_secret()));
        self.file_key.replace(found.as_ref().ok().map(note));
        Some(found)
    }
}

/// An identity that knows which stanza of a file is probably its own, and tries that one first: with a hundred readers,
/// trying them all takes milliseconds.
pub(crate) struct Placed<'a> {
    /// The identity.
    pub identity: &'a age::x25519::Identity,
    /// The index of the stanza that is probably its own.
    pub place: usize,
}

impl age::Identity for Placed<'_> {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, age::DecryptError>> {
        self.identity.unwrap_stanza(stanza)
    }

    fn unwrap_stanzas(&self, stanzas: &[Stanza]) -> Option<Result<FileKey, age::DecryptError>> {
        let likely = stanzas.get(self.place).and_then(|stanza| self.unwrap_stanza(stanza));
        likely.or_else(|| stanzas.iter().find_map(|stanza| self.unwrap_stanza(stanza)))
    }
}

/// Decrypts a binary age file with a passphrase; `None` if it is wrong. Runs scrypt once, which needs 1 KiB times 2 to
/// the work factor of memory.
///
/// # Errors
/// An integrity error for a damaged file or a work factor over [`WorkFactor::HIGHEST`]; a failure if there is not enough
/// memory.
pub(crate) fn decrypt_with_passphrase(bytes: &[u8], passphrase: &SecretString) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let identity = GuardedPassphrase { passphrase, refusal: RefCell::default() };
    let opened = decrypt(bytes.to_vec(), std::iter::once(&identity as _));
    identity.refusal.into_inner().map_or(opened, Err)
}

/// A passphrase that checks what a file asks for before it starts the work.
struct GuardedPassphrase<'a> {
    passphrase: &'a SecretString,
    refusal: RefCell<Option<Error>>,
}

impl GuardedPassphrase<'_> {
    fn check(&self, stanza: &Stanza) -> Result<()> {
        let factor = stanza.args.get(1).and_then(|text| text.parse().ok()).unwrap_or(u8::MAX);
        if factor > WorkFactor::HIGHEST.log_n() {
            return Err(Error::integrity(format!(
                "a passphrase slot asks for scrypt work factor {factor}; the maximum is {}",
                WorkFactor::HIGHEST
            ))
            .hint("the file was changed by somebody else: restore it from a copy you trust"));
        }
        memory_for_scrypt(factor)
    }
}

impl age::Identity for GuardedPassphrase<'_> {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, age::DecryptError>> {
        if stanza.tag != "scrypt" {
            return None;
        }
        if let Err(refusal) = self.check(stanza) {
            self.refusal.replace(Some(refusal));
            return Some(Err(age::DecryptError::InvalidHeader));
        }
        let mut identity = age::scrypt::Identity::new(self.passphrase.clone());
        identity.set_max_work_factor(WorkFactor::HIGHEST.log_n());
        identity.unwrap_stanza(stanza)
    }
}

/// Allocates as much memory as scrypt needs and frees it: the age crate would abort the process if there were none.
fn memory_for_scrypt(log_n: u8) -> Result<()> {
    const BLOCK: usize = 128 * 8;
    let bytes = BLOCK << log_n;
    Vec::<u8>::new().try_reserve_exact(bytes).map_err(|_| {
        Error::failed(format!("not enough memory to unlock: {} MiB are needed", bytes >> 20)).hint((
            "raise the limit: ",
            Remedy::AllowMemory,
            "; or give a key, which takes no memory, in ",
            Remedy::GiveKey,
        ))
    })
}

fn failed(what: &str) -> Error {
    Error::failed(format!("cannot {what}: there is no randomness or memory"))
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[test]
    fn only_the_same_passphrase_decrypts() {
        let armored = encrypt_with_passphrase(secret("right"), WorkFactor::LOWEST, b"text").unwrap();
        let bytes = dearmor(&armored).unwrap();
        assert_eq!(&**decrypt_with_passphrase(&bytes, &secret("right")).unwrap().unwrap(), b"text");
        assert!(decrypt_with_passphrase(&bytes, &secret("wrong")).unwrap().is_none());
    }

    #[test]
    fn d19_an_excessive_work_factor_is_refused_before_any_work() {
        let armored = encrypt_with_passphrase(secret("right"), WorkFactor::LOWEST, b"text").unwrap();
        let bytes = dearmor(&armored).unwrap();
        let end = bytes.windows(4).position(|w| w == b" 10\n").unwrap();
        let forged = [&bytes[..end], b" 30\n", &bytes[end + 4..]].concat();
        let error = decrypt_with_passphrase(&forged, &secret("right")).unwrap_err();
        assert_eq!(error.kind(), crate::error::Kind::Integrity);
        assert!(error.to_string().contains("work factor 30"), "{error}");
    }

    #[test]
    fn every_recipient_can_decrypt_whatever_position_is_guessed() {
        let readers: Vec<_> = (0..40).map(|_| age::x25519::Identity::generate()).collect();
        let recipients: Vec<_> = readers.iter().map(age::x25519::Identity::to_public).collect();
        // The plaintext contains a line that looks like the one with the MAC.
        let armored = encrypt(recipients.iter().map(|key| key as _), b"text\n--- text\n").unwrap();
        let bytes = dearmor(&armored).unwrap();
        for (index, identity) in readers.iter().enumerate() {
            for place in [index, 0, 39, usize::MAX] {
                let opened = decrypt(bytes.clone(), std::iter::once(&Placed { identity, place } as _)).unwrap();
                assert_eq!(&**opened.unwrap(), b"text\n--- text\n");
            }
        }
        let identity = &age::x25519::Identity::generate();
        assert!(decrypt(bytes.clone(), std::iter::once(&Placed { identity, place: 3 } as _)).unwrap().is_none());
        // A truncated file is an error and never a panic.
        for end in (0..bytes.len()).step_by(7) {
            let cut = decrypt(bytes[..end].to_vec(), std::iter::once(&readers[0] as _));
            assert!(cut.is_err(), "{end}");
        }
    }
}
