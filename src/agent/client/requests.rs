//! What a client asks an agent for.

use super::Client;
use crate::agent::protocol::{Request, StanzaFields};
use crate::error::{Error, Result};
use crate::file::BlockStatement;
use crate::identity::FingerprintKey;
use crate::item::AnchorStatement;
use crate::log::SegmentHeader;
use crate::signature::{Hash, Signature};
use age_core::format::{FileKey, Stanza};
use zeroize::Zeroizing;

impl Client {
    /// Asks for the file key of an age file; `None` if the file is not encrypted to the agent's user.
    ///
    /// # Errors
    /// If the agent is gone or refuses.
    pub(crate) fn file_key(&self, vault: &Hash, likely: usize, stanzas: &[Stanza]) -> Result<Option<FileKey>> {
        let is_opened = |(stanza, _): &(Stanza, FileKey)| stanzas.get(likely) == Some(stanza);
        if self.opened.borrow().as_ref().is_some_and(is_opened) {
            return Ok(self.opened.take().map(|(_, key)| key));
        }
        let request = Request::Open {
            vault: *vault,
            likely,
            is_use: self.is_use.get(),
            stanzas: stanzas.iter().map(StanzaFields::new).collect(),
        };
        let key = self.ask(&request)?;
        match key.len() {
            0 => Ok(None),
            16 => Ok(Some(FileKey::init_with_mut(|file_key| file_key.copy_from_slice(&key)))),
            _ => Err(Error::failed("the agent's answer can't be read")),
        }
    }

    /// Asks for the signature for an environment's statement. The author is the agent's user, and the vault is the
    /// agent's.
    ///
    /// # Errors
    /// If the agent is gone or refuses.
    pub(crate) fn sign(&self, statement: &BlockStatement, data: &Hash) -> Result<Signature> {
        let BlockStatement { name, version, previous, ancestors, roster, time, .. } = statement;
        let request = Request::SignEnvironment {
            name: name.to_string(),
            version: *version,
            previous: previous.clone(),
            ancestors: ancestors.clone(),
            roster: *roster,
            time: *time,
            data: *data,
        };
        self.signature(&request)
    }

    /// Asks for the signature for a header of the access log. `key` is the hash of the header's encrypted key. The user
    /// and the vault are the agent's.
    ///
    /// # Errors
    /// If the agent is gone or refuses.
    pub(crate) fn sign_segment(&self, header: &SegmentHeader, key: &Hash) -> Result<Signature> {
        let SegmentHeader { device, segment, previous, last_number, last_hash, roster, .. } = header;
        self.signature(&Request::SignLogSegment {
            device: device.clone(),
            segment: *segment,
            previous: *previous,
            last_number: *last_number,
            last_hash: *last_hash,
            roster: *roster,
            key: *key,
        })
    }

    /// Asks for the signature for an anchor of the access log. The user and the vault are the agent's.
    ///
    /// # Errors
    /// If the agent is gone or refuses.
    pub(crate) fn sign_anchor(&self, anchor: &AnchorStatement<'_>) -> Result<Signature> {
        let AnchorStatement { user: _, device, segment, number, hash, time, roster } = *anchor;
        let device = device.to_owned();
        self.signature(&Request::SignLogAnchor { device, segment, number, hash, time, roster })
    }

    /// Asks for the fingerprint key of the agent's user.
    ///
    /// # Errors
    /// If the agent is gone or refuses.
    pub(crate) fn fingerprint_key(&self) -> Result<FingerprintKey> {
        let answer = self.ask(&Request::FingerprintKey)?;
        let key = <[u8; 32]>::try_from(&**answer).map(Zeroizing::new);
        key.map(FingerprintKey::from_bytes).map_err(|_| Error::failed("the agent's answer can't be read"))
    }

    fn signature(&self, request: &Request) -> Result<Signature> {
        let answer = self.ask(request)?;
        let signature = std::str::from_utf8(&answer).unwrap_or_default().parse();
        signature.map_err(|_| Error::failed("the agent's answer can't be read"))
    }
}
