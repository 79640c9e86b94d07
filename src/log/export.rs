//! Exports a user's log of one device into a file that only the user and the admins can open: `vault log export`.
//!
//! The file is an armored age file, encrypted to the user and to everybody who was an admin when it was written. The
//! plaintext is one line of JSON, the cover, followed by the segments as they are in the log's directory. The cover holds
//! the first key of each segment that the user could open, so that later admins can read older segments, too. It also
//! holds the user's signature over everything (`vault/log-export/v1`), so that nobody else can shorten or make an export.

use super::Opener;
use super::files;
use super::frames::{Plaintext, Source};
use super::key::EntryKey;
use super::reading::{Extent, Reading, Remembered};
use super::signer::Signer;
use super::walk::Walk;
use super::writers::{Bounded, Hashing};
use crate::crypto;
use crate::error::{Error, Kind, Reason, Remedy, Result, SystemStep};
use crate::identity::{PrivateKeys, Recipient, encrypt_to, encrypt_to_into};
use crate::name::UserName;
use crate::roster::Roster;
use crate::signature::{Hash, Message, Signature};
use crate::time::Time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use zeroize::{Zeroize as _, Zeroizing};

/// The maximum size of an exported log, in bytes, armored.
pub const MAX_EXPORT: usize = 1024 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cover {
    vault: Hash,
    user: UserName,
    time: Time,
    /// The roster version at that time, which determines the user's signing key.
    roster: u32,
    segments: Vec<Part>,
    /// Whether the file is an archive.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    archive: bool,
    signature: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    number: u32,
    /// In bytes.
    length: u64,
    /// The key of the first entry, in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl Drop for Part {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

impl Cover {
    /// Returns the signed message. `segments` is the hash of all segments together.
    fn message(&self, segments: &Hash) -> Message {
        let Self { vault, user, time, roster, segments: parts, archive, signature: _ } = self;
        let mut message = Message::new(if *archive { "vault/log-segments/v1" } else { "vault/log-export/v1" });
        message.raw(vault.as_bytes()).text(user.as_str()).text(&time.to_string()).integer(*roster).count(parts.len());
        for Part { number, length, key } in parts {
            message.integer(*number).integer(*length).optional(key.as_deref());
        }
        message.raw(segments.as_bytes());
        message
    }
}

/// Which part of a log a sealed file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Every segment, to the end of the log.
    Export,
    /// Segments that were moved out of the log.
    Archive,
}

/// An exported log, or an archive.
#[derive(Debug)]
pub struct Exported {
    /// Whether it is an export or an archive.
    pub form: Form,
    /// Whose log it is.
    pub user: UserName,
    /// When it was exported, by the user's clock.
    pub time: Time,
    /// What was read from it.
    pub reading: Reading,
}

/// Segments to be sealed. They are read twice, because the signature over them comes first in the file. No segment is
/// held in memory.
pub(super) struct Unsealed {
    /// The cover, with the signature.
    cover: Cover,
    sources: Vec<Source>,
    digest: Hash,
}

impl Unsealed {
    /// Signs segments of the log in `directory`, each up to the given length. The last entry of an export says that the
    /// log was exported.
    pub(super) fn sign(
        directory: &Path,
        lengths: &[(u32, u64)],
        signer: &Signer<'_>,
        keys: &PrivateKeys,
        form: Form,
    ) -> Result<Self> {
        let mut sources = Vec::new();
        let mut segments = Vec::new();
        for (number, length) in lengths.iter().copied() {
            let source = Source::File(files::path(directory, number), length);
            let mut frames = source.read_from(0)?;
            let length = frames.length();
            let key = frames.header()?.and_then(|head| signer.open(&head).ok()?);
            segments.push(Part { number, length, key: key.map(|key| BASE64.encode(*key)) });
            sources.push(source);
        }
        let digest = digest_of(&sources).map_err(|error| Error::io("read", directory, &error))?;
        let mut cover = Cover {
            vault: *signer.vault,
            user: signer.user.clone(),
            time: Time::now(),
            roster: signer.roster.head().version,
            segments,
            archive: form == Form::Archive,
            signature: String::new(),
        };
        cover.signature = keys.sign(&cover.message(&digest)).to_string();
        Ok(Self { cover, sources, digest })
    }

    /// Seals the segments for the signer's readers into `sealed`, and returns `sealed`.
    ///
    /// # Errors
    /// If `sealed` can't be written to. If a segment can't be read or was changed since, the error wraps this crate's
    /// own.
    pub(super) fn seal_into<W: Write>(&self, signer: &Signer<'_>, sealed: W) -> io::Result<W> {
        let too_large = || Error::failed(format!("the exported log would be larger than {} MiB", MAX_EXPORT >> 20));
        let sealed = Bounded { inner: sealed, room: MAX_EXPORT, too_large };
        let sealed = encrypt_to_into(signer.readers.iter().copied(), sealed, |plaintext| {
            serde_json::to_writer(&mut *plaintext, &self.cover)?;
            plaintext.write_all(b"\n")?;
            let mut copied = Hashing { inner: plaintext, hasher: Sha256::new() };
            self.sources.iter().try_for_each(|source| source.copy_into(&mut copied))?;
            if Hash::from_bytes(copied.hasher.finalize().into()) == self.digest {
                return Ok(());
            }
            Err(io::Error::other(Error::new(Reason::LogChanged, "the log was changed while it was exported")))
        });
        sealed.map(|sealed| sealed.inner)
    }
}

fn digest_of(sources: &[Source]) -> io::Result<Hash> {
    let mut nowhere = Hashing { inner: &mut io::sink(), hasher: Sha256::new() };
    sources.iter().try_for_each(|source| source.copy_into(&mut nowhere))?;
    Ok(Hash::from_bytes(nowhere.hasher.finalize().into()))
}

fn unseal(armored: &str, open: &Opener<'_>) -> Result<Zeroizing<Vec<u8>>> {
    if !armored.trim_start().starts_with(crypto::BEGIN) {
        return Err(
            Error::usage("this is not an exported log").hint("name a file that was exported or archived from a log")
        );
    }
    let changed = |error: Error| match error.kind() {
        Kind::Integrity => Error::new(Reason::LogChanged, "the exported log was changed, or is incomplete").hint((
            "take another copy of the file; what is still in the log can be exported again: ",
            Remedy::ExportLog,
        )),
        _ => error,
    };
    let bytes = crypto::dearmor(armored).map_err(changed)?;
    open(&bytes).map_err(changed)?.ok_or_else(|| {
        Error::new(Reason::NoRight, "the exported log is not for you")
            .hint(("its user, or somebody who was an admin then, can seal it for you: ", Remedy::ExportLogFor))
    })
}

/// Reads an exported log for its user or an admin, and verifies it like the log itself.
///
/// # Errors
/// A denied error if it is not encrypted to these keys; an integrity error if the user didn't sign it. Problems in the
/// log itself are part of the result.
pub(crate) fn open(
    armored: &str,
    roster: &Roster,
    open: &Opener<'_>,
    anchors: &[Remembered],
    extent: Extent,
) -> Result<Exported> {
    let plaintext = Plaintext(Arc::new(unseal(armored, open)?));
    let bytes = plaintext.as_ref();
    let forged = || Error::new(Reason::LogChanged, "the exported log is not what its user wrote");
    let end = bytes.iter().position(|byte| *byte == b'\n').ok_or_else(forged)?;
    let cover: Cover = serde_json::from_slice(&bytes[..end]).map_err(|_| forged())?;
    check_signature(&cover, &bytes[end + 1..], roster)?;
    let form = if cover.archive { Form::Archive } else { Form::Export };
    let mut walk = Walk::new(&cover.user, roster, open, anchors).keeping(extent);
    let mut first = end as u64 + 1;
    for Part { number, length, key } in &cover.segments {
        let behind = first.checked_add(*length).filter(|behind| *behind <= bytes.len() as u64).ok_or_else(forged)?;
        let key = key.as_ref().map(|key| read_key(key).ok_or_else(forged)).transpose()?;
        walk.segment(*number, Source::Exported(plaintext.clone(), first..behind), key)?;
        first = behind;
    }
    let reading = match form {
        Form::Export => walk.finish_at_export(cover.time),
        Form::Archive => walk.finish_archive(),
    };
    Ok(Exported { form, user: cover.user.clone(), time: cover.time, reading })
}

/// Verifies an exported log or an archive, and seals it for other readers. The content and its user's signature stay as
/// they are, so anybody who can read the file can pass it on. Also returns what was read.
///
/// # Errors
/// As [`open`].
pub(crate) fn reseal<'a>(
    armored: &str,
    roster: &Roster,
    opener: &Opener<'_>,
    anchors: &[Remembered],
    readers: impl FnOnce(&UserName) -> Vec<&'a Recipient>,
) -> Result<(Exported, String)> {
    let exported = open(armored, roster, opener, anchors, Extent::Checked)?;
    let plaintext = unseal(armored, opener)?;
    let sealed = encrypt_to(readers(&exported.user).into_iter(), &plaintext)?;
    Ok((exported, sealed))
}

fn check_signature(cover: &Cover, segments: &[u8], roster: &Roster) -> Result<()> {
    if cover.vault != roster.id() {
        return Err(Error::new(Reason::OtherVault, "the exported log belongs to another vault"));
    }
    let signature: Option<Signature> = cover.signature.parse().ok();
    let message = cover.message(&Hash::of(segments));
    if signature.is_some_and(|signature| roster.is_signed_since(cover.roster, &cover.user, &message, &signature)) {
        return Ok(());
    }
    if cover.roster > roster.head().version {
        return Err(Error::new(Reason::Older, "the exported log is from a newer file")
            .hint(("get the newest file: ", SystemStep::Pull)));
    }
    Err(Error::new(Reason::NotSigned, format!("the exported log is not signed by {}", cover.user)))
}

fn read_key(text: &str) -> Option<EntryKey> {
    let bytes = Zeroizing::new(BASE64.decode(text).ok()?);
    Some(Zeroizing::new(bytes.as_slice().try_into().ok()?))
}
