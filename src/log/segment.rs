//! A segment of the log: a signed header line, then sealed entries.
//!
//! An entry stands in the file as `length` (u32 big-endian, of the rest), `number` (u64), a random nonce (24 bytes) and
//! the XChaCha20-Poly1305 ciphertext of its JSON. The associated data are the header's hash, the number and the hash of
//! the entry before. Nonces are random because a torn append or a restored snapshot would use a key a second time.

use super::key::{EntryKey, MAX_NUMBER, Record, next_key};
use super::{Entry, Opener};
use crate::error::{Error, Kind, Result};
use crate::identity::{PrivateKeys, Recipient, encrypt_to};
use crate::item::AnchorStatement;
use crate::name::UserName;
use crate::random;
use crate::roster::Roster;
use crate::signature::{Hash, Message, Signature};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The largest entry, in bytes of its frame: the names of all items that fit into a file.
pub(super) const MAX_FRAME: usize = 64 * 1024 * 1024;
const NONCE: usize = 24;

/// What the user signs at the start of a segment (`vault/log/v1`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The vault's id.
    pub vault: Hash,
    /// Whose log.
    pub user: UserName,
    /// On which device: 16 random bytes in hexadecimal.
    pub device: String,
    /// From 1.
    pub segment: u32,
    /// The hash of the header before; zeros for the first.
    pub previous: Hash,
    /// The last entry of the segment before; 0 for the first.
    pub last_number: u64,
    /// Its hash; zeros for the first.
    pub last_hash: Hash,
    /// The roster then: it tells which key the user signed with.
    pub roster: u32,
    /// The first entry's key, encrypted with age to the user and the admins; base64.
    pub key: String,
}

/// The user's keys, as far as the log needs them: at hand, or at an agent that works with them.
pub trait SegmentKeys {
    /// Opens a binary age file, the first key of a segment in the log of this vault. `None` if it is not for this user.
    ///
    /// # Errors
    /// If it is no age file, or an agent can't be asked.
    fn open_segment(&self, vault: &Hash, wrapped: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>>;

    /// Signs a header whose age file has this hash.
    ///
    /// # Errors
    /// If an agent can't be asked.
    fn sign_segment(&self, header: &Header, wrapped: &Hash) -> Result<Signature>;

    /// Signs an anchor of this vault.
    ///
    /// # Errors
    /// If an agent can't be asked.
    fn sign_anchor(&self, vault: &Hash, anchor: &AnchorStatement<'_>) -> Result<Signature>;
}

impl SegmentKeys for PrivateKeys {
    fn open_segment(&self, _: &Hash, wrapped: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>> {
        self.decrypt(wrapped)
    }

    fn sign_segment(&self, header: &Header, wrapped: &Hash) -> Result<Signature> {
        Ok(self.sign(&header.message(wrapped)))
    }

    fn sign_anchor(&self, vault: &Hash, anchor: &AnchorStatement<'_>) -> Result<Signature> {
        Ok(self.sign(&anchor.message(vault)))
    }
}

#[derive(Serialize, Deserialize)]
struct SignedHeader {
    #[serde(flatten)]
    header: Header,
    signature: String,
}

impl Header {
    /// What is signed, where the binary age file in `key` has this hash.
    #[must_use]
    pub fn message(&self, wrapped: &Hash) -> Message {
        let Self { vault, user, device, segment, previous, last_number, last_hash, roster, key: _ } = self;
        let mut message = Message::new("vault/log/v1");
        message.raw(vault.as_bytes()).text(user.as_str()).text(device).integer(*segment).raw(previous.as_bytes());
        message.integer(*last_number).raw(last_hash.as_bytes()).integer(*roster);
        message.raw(wrapped.as_bytes());
        message
    }

    /// Wraps `key` for these readers, signs, and gives the header's line and its hash.
    pub(super) fn seal<'a>(
        mut self,
        key: &EntryKey,
        readers: impl Iterator<Item = &'a Recipient>,
        keys: &dyn SegmentKeys,
    ) -> Result<(Vec<u8>, Hash)> {
        let wrapped = crate::crypto::dearmor(&encrypt_to(readers, &**key)?)?;
        self.key = BASE64.encode(&wrapped);
        let wrapped = Hash::of(&wrapped);
        let message = self.message(&wrapped);
        let signature = keys.sign_segment(&self, &wrapped)?;
        let signed = SignedHeader { header: self, signature: signature.to_string() };
        let mut line = serde_json::to_vec(&signed).map_err(|_| Error::failed("the log's header can't be written"))?;
        line.push(b'\n');
        Ok((line, message.hash(&signature)))
    }
}

/// A segment's header as read, with what is needed to check it.
pub(super) struct ReadHeader {
    pub header: Header,
    pub message: Message,
    pub signature: Signature,
    pub hash: Hash,
    wrapped: Vec<u8>,
}

impl ReadHeader {
    /// Splits a segment's bytes into its header and its entries. What this program never writes is no header.
    pub(super) fn split(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let SignedHeader { header, signature } = serde_json::from_slice(&bytes[..end]).ok()?;
        if header.last_number >= MAX_NUMBER || !crate::item::is_id(&header.device) {
            return None;
        }
        let signature: Signature = signature.parse().ok()?;
        let wrapped = BASE64.decode(&header.key).ok()?;
        let message = header.message(&Hash::of(&wrapped));
        let hash = message.hash(&signature);
        Some((Self { header, message, signature, hash, wrapped }, &bytes[end + 1..]))
    }

    /// Whether this user signed it, for this vault, with the key that the roster gave them then.
    pub(super) fn is_of(&self, user: &UserName, roster: &Roster) -> bool {
        self.header.vault == roster.id()
            && self.header.user == *user
            && roster.is_signed_since(self.header.roster, user, &self.message, &self.signature)
    }

    /// Where the first entry goes.
    pub(super) fn chain(&self, key: EntryKey) -> Chain {
        let Header { last_number, last_hash, .. } = self.header;
        Chain { header: self.hash, number: last_number + 1, previous: last_hash, key }
    }

    /// The key of the segment's first entry, for who may read it.
    pub(super) fn open(&self, open: &Opener<'_>) -> Result<Option<EntryKey>> {
        let plaintext = match open(&self.wrapped) {
            // What is no age file is for nobody.
            Err(error) if error.kind() == Kind::Integrity => None,
            opened => opened?,
        };
        Ok(plaintext.and_then(|key| Some(Zeroizing::new(key.as_slice().try_into().ok()?))))
    }
}

/// The place of the next entry: what its seal depends on.
#[derive(Clone)]
pub(super) struct Chain {
    pub header: Hash,
    pub number: u64,
    pub previous: Hash,
    pub key: EntryKey,
}

/// As many bytes as the seal of an entry ends with, and it is never all zeros.
pub(super) const SEAL: usize = 16;

/// Whether these bytes end in zeros where an entry ends in its seal. A power cut leaves that where the file had grown and
/// what was written had not reached the disk.
pub(super) fn ends_in_zeros(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().rev().take(SEAL).all(|byte| *byte == 0)
}

/// What the bytes of a segment hold next.
pub(super) enum Next {
    /// An entry, and how many bytes it took.
    Entry(Box<Entry>, usize),
    /// A whole entry that is not what the chain demands.
    Forged,
    /// An entry that ends too early.
    Torn,
    /// Nothing more.
    End,
}

impl Chain {
    /// Where the key file says that the log ends.
    pub(super) fn of(record: &Record) -> Self {
        Self { header: record.header, number: record.number, previous: record.previous, key: record.key.clone() }
    }

    /// Lets the record name this place.
    pub(super) fn store_in(self, record: &mut Record) {
        (record.number, record.previous, record.key) = (self.number, self.previous, self.key);
    }

    /// Whether it is exactly this place that the record names.
    pub(super) fn is_at(&self, record: &Record) -> bool {
        self.follows_as(record) && *self.key == *record.key
    }

    /// Whether the record names the same entry as the one before.
    pub(super) fn follows_as(&self, record: &Record) -> bool {
        (self.header, self.number, self.previous) == (record.header, record.number, record.previous)
    }

    fn associated(&self) -> Vec<u8> {
        [self.header.as_bytes().as_slice(), &self.number.to_be_bytes(), self.previous.as_bytes()].concat()
    }

    fn advance(&mut self, frame: &[u8]) {
        self.previous = Hash::of(frame);
        self.number += 1;
        self.key = next_key(&self.key);
    }

    /// Seals an entry and moves on.
    pub(super) fn seal(&mut self, entry: &Entry) -> Result<Vec<u8>> {
        let failed = || Error::failed("the log entry can't be sealed");
        let json = serde_json::to_vec(entry).map_err(|_| failed())?;
        let mut nonce = [0; NONCE];
        random::fill(&mut nonce)?;
        let cipher = XChaCha20Poly1305::new((&*self.key).into());
        let payload = Payload { msg: &json, aad: &self.associated() };
        let sealed = cipher.encrypt(XNonce::from_slice(&nonce), payload).map_err(|_| failed())?;
        let length = u32::try_from(8 + NONCE + sealed.len()).map_err(|_| failed())?;
        let frame = [&self.number.to_be_bytes()[..], &nonce, &sealed].concat();
        self.advance(&frame);
        Ok([&length.to_be_bytes()[..], &frame].concat())
    }

    /// Opens the next entry of `bytes` and moves on if it is authentic.
    pub(super) fn open(&mut self, bytes: &[u8]) -> Next {
        if bytes.is_empty() {
            return Next::End;
        }
        let Some((length, rest)) = bytes.split_first_chunk() else {
            return Next::Torn;
        };
        let length = u32::from_be_bytes(*length) as usize;
        if !(8 + NONCE..=MAX_FRAME).contains(&length) {
            return Next::Forged;
        }
        let Some(frame) = rest.get(..length) else {
            return Next::Torn;
        };
        let (number, sealed) = frame.split_at(8);
        let (nonce, ciphertext) = sealed.split_at(NONCE);
        let cipher = XChaCha20Poly1305::new((&*self.key).into());
        let payload = Payload { msg: ciphertext, aad: &self.associated() };
        let opened = cipher.decrypt(XNonce::from_slice(nonce), payload).ok();
        let entry = opened.and_then(|json| serde_json::from_slice(&json).ok());
        match entry {
            Some(entry) if *number == self.number.to_be_bytes() => {
                self.advance(frame);
                Next::Entry(Box::new(entry), 4 + length)
            }
            _ => Next::Forged,
        }
    }
}
