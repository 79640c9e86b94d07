//! A segment of the log: a signed header line, then sealed entries.
//!
//! An entry in the file is `length` (u32 big-endian, of the rest), `number` (u64), a random nonce (24 bytes) and the
//! XChaCha20-Poly1305 ciphertext of its JSON. The associated data are the header's hash, the number, and the hash of the
//! previous entry. Nonces are random because a torn append or a restored snapshot would use a key a second time.

use super::entry::Entry;
use super::key::{EntryKey, MAX_NUMBER, Record, next_key};
use crate::error::{Error, Kind, Reason, Result};
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

/// The maximum size of an entry's frame, in bytes. It leaves room for the names of all items that fit into a file.
pub(super) const MAX_FRAME: usize = 64 * 1024 * 1024;
const NONCE: usize = 24;

/// The header that the user signs at the start of a segment (`vault/log/v1`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    /// The vault's id.
    pub vault: Hash,
    /// Whose log it is.
    pub user: UserName,
    /// The device: 16 random bytes in hexadecimal.
    pub device: String,
    /// The segment's number, from 1.
    pub segment: u32,
    /// The hash of the previous segment's header; zeros for the first segment.
    pub previous: Hash,
    /// The number of the previous segment's last entry; 0 for the first segment.
    pub last_number: u64,
    /// The hash of the previous segment's last entry; zeros for the first segment.
    pub last_hash: Hash,
    /// The roster version at that time, which determines the user's signing key.
    pub roster: u32,
    /// The first entry's key, encrypted with age to the user and the admins; base64.
    pub key: String,
}

/// Decrypts a binary age file with the reader's keys, or with an agent that holds them; `None` if it is not encrypted to
/// them.
pub(crate) type Opener<'a> = dyn Fn(&[u8]) -> Result<Option<Zeroizing<Vec<u8>>>> + 'a;

/// What the log needs the user's keys for. The keys are in this process or in an agent.
pub(crate) trait SegmentKeys {
    /// Decrypts the binary age file with the first key of a segment; `None` if it is not encrypted to this user.
    ///
    /// # Errors
    /// If it is not an age file, or the agent can't be reached.
    fn open_segment(&self, vault: &Hash, wrapped: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>>;

    /// Signs a header. `wrapped` is the hash of its age file.
    ///
    /// # Errors
    /// If the agent can't be reached.
    fn sign_segment(&self, header: &Header, wrapped: &Hash) -> Result<Signature>;

    /// Signs an anchor for this vault.
    ///
    /// # Errors
    /// If the agent can't be reached.
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
    /// Returns the signed message. `wrapped` is the hash of the binary age file in `key`.
    #[must_use]
    pub(crate) fn message(&self, wrapped: &Hash) -> Message {
        let Self { vault, user, device, segment, previous, last_number, last_hash, roster, key: _ } = self;
        let mut message = Message::new("vault/log/v1");
        message.raw(vault.as_bytes()).text(user.as_str()).text(device).integer(*segment).raw(previous.as_bytes());
        message.integer(*last_number).raw(last_hash.as_bytes()).integer(*roster);
        message.raw(wrapped.as_bytes());
        message
    }

    /// Encrypts `key` to the readers, signs the header, and returns its line and its hash.
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

/// A segment's header as read, with what is needed to verify it.
pub(super) struct ReadHeader {
    pub header: Header,
    pub message: Message,
    pub signature: Signature,
    pub hash: Hash,
    wrapped: Vec<u8>,
}

impl ReadHeader {
    /// Splits a segment's bytes into its header and its entries. Returns `None` for a header that this program never
    /// writes.
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

    /// Whether `user` signed the header for this vault, with the key current at that roster version or a later one.
    pub(super) fn is_of(&self, user: &UserName, roster: &Roster) -> bool {
        self.header.vault == roster.id()
            && self.header.user == *user
            && roster.is_signed_since(self.header.roster, user, &self.message, &self.signature)
    }

    /// Returns the chain before the first entry, whose key is `key`.
    pub(super) fn chain(&self, key: EntryKey) -> Chain {
        let Header { last_number, last_hash, .. } = self.header;
        Chain { header: self.hash, number: last_number + 1, previous: last_hash, key }
    }

    /// Decrypts the key of the segment's first entry; `None` if the reader's keys can't.
    pub(super) fn open(&self, open: &Opener<'_>) -> Result<Option<EntryKey>> {
        let plaintext = match open(&self.wrapped) {
            // Something other than an age file can be read by nobody.
            Err(error) if error.kind() == Kind::Integrity => None,
            opened => opened?,
        };
        Ok(plaintext.and_then(|key| Some(Zeroizing::new(key.as_slice().try_into().ok()?))))
    }
}

/// The state before the next entry, on which its encryption depends.
#[derive(Clone)]
pub(super) struct Chain {
    pub header: Hash,
    pub number: u64,
    pub previous: Hash,
    pub key: EntryKey,
}

/// The length of the authentication tag at the end of an entry, in bytes. In practice, a tag is never all zeros.
pub(super) const SEAL: usize = 16;

/// Whether these bytes end in zeros instead of a tag. That is what a power cut leaves if the file had grown and the data
/// had not reached the disk.
pub(super) fn ends_in_zeros(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().rev().take(SEAL).all(|byte| *byte == 0)
}

/// What comes next in a segment.
pub(super) enum Next {
    /// An entry, and the number of its bytes.
    Entry(Box<Entry>, usize),
    /// A whole frame that is not the authentic next entry.
    Forged,
    /// An entry cut off before its end.
    Torn,
    /// The end of the segment.
    End,
}

impl Chain {
    /// Returns the chain at the end of the log, as the key file records it.
    pub(super) fn from_record(record: &Record) -> Self {
        Self { header: record.header, number: record.number, previous: record.previous, key: record.key.clone() }
    }

    /// Stores this place in the record.
    pub(super) fn store_in(self, record: &mut Record) {
        (record.number, record.previous, record.key) = (self.number, self.previous, self.key);
    }

    /// Whether the record holds exactly this place, including the key.
    pub(super) fn is_at(&self, record: &Record) -> bool {
        self.follows_as(record) && *self.key == *record.key
    }

    /// Whether the record holds the same place, whatever its key.
    pub(super) fn follows_as(&self, record: &Record) -> bool {
        (self.header, self.number, self.previous) == (record.header, record.number, record.previous)
    }

    fn associated(&self) -> [u8; 72] {
        let mut associated = [0; 72];
        associated[..32].copy_from_slice(self.header.as_bytes());
        associated[32..40].copy_from_slice(&self.number.to_be_bytes());
        associated[40..].copy_from_slice(self.previous.as_bytes());
        associated
    }

    fn advance(&mut self, frame: &[u8]) {
        self.previous = Hash::of(frame);
        self.number += 1;
        self.key = next_key(&self.key);
    }

    /// Encrypts an entry and advances. An entry that [`Chain::open`] would refuse is refused here, while nothing was
    /// given out yet.
    pub(super) fn seal(&mut self, entry: &Entry) -> Result<Vec<u8>> {
        let failed = || Error::failed("the log entry can't be sealed");
        let json = serde_json::to_vec(entry).map_err(|_| failed())?;
        if 8 + NONCE + json.len() + SEAL > MAX_FRAME {
            let error = Error::new(Reason::TooLarge, "the log entry is too large");
            return Err(error.hint("name fewer items at once"));
        }
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

    /// Decrypts the first entry in `bytes`, and advances if it is authentic.
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
