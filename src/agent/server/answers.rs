//! What an agent answers to each request.

use super::{Agent, milliseconds};
use crate::agent::protocol::{MAX_STANZAS, Request, StanzaFields};
use crate::agent::status::{Begun, CurrentKeys, Status};
use crate::crypto::Placed;
use crate::error::{Error, Reason, Result};
use crate::file::BlockStatement;
use crate::identity::Identity;
use crate::item::AnchorStatement;
use crate::log::SegmentHeader;
use crate::name::EnvironmentName;
use crate::secret::ExposeSecret as _;
use crate::signature::{Hash, Signature};
use age::Identity as _;
use age_core::format::{FileKey, Stanza};
use zeroize::Zeroizing;

impl Agent {
    pub(super) fn answer(&self, request: Request) -> Result<Zeroizing<Vec<u8>>> {
        match request {
            Request::Status => self.status_now().bytes(),
            Request::Begin { keys, stanza } => self.begin_client(&keys, stanza)?.bytes(),
            Request::Renew => {
                self.use_now();
                self.status_now().bytes()
            }
            Request::Lock => {
                self.end();
                self.status_now().bytes()
            }
            Request::Open { vault, likely, is_use, stanzas } => self.open(&vault, likely, is_use, stanzas),
            Request::FingerprintKey => {
                let key = self.identity(false)?.keys.fingerprint_key();
                Ok(Zeroizing::new(key.as_bytes().to_vec()))
            }
            Request::SignEnvironment { name, version, previous, ancestors, roster, time, data } => {
                let identity = self.identity(true)?;
                let (name, author) = (EnvironmentName::new(name)?, identity.user.clone());
                let statement = BlockStatement { name, version, previous, ancestors, roster, author, time };
                Ok(text_of(identity.keys.sign(&statement.message(&identity.vault, &data))))
            }
            Request::SignLogAnchor { device, segment, number, hash, time, roster } => {
                let identity = self.identity(false)?;
                let (user, device) = (&identity.user, device.as_str());
                let anchor = AnchorStatement { user, device, segment, number, hash, time, roster };
                Ok(text_of(identity.keys.sign(&anchor.message(&identity.vault))))
            }
            Request::SignLogSegment { device, segment, previous, last_number, last_hash, roster, key } => {
                // Logging alone doesn't restart the idle time.
                let identity = self.identity(false)?;
                let (vault, user) = (identity.vault, identity.user.clone());
                let header = SegmentHeader {
                    vault,
                    user,
                    device,
                    segment,
                    previous,
                    last_number,
                    last_hash,
                    roster,
                    key: String::new(),
                };
                Ok(text_of(identity.keys.sign(&header.message(&key))))
            }
        }
    }

    /// Returns the file key of an age file with these stanzas, or nothing if it is not encrypted to the agent's keys.
    fn open(
        &self,
        vault: &Hash,
        likely: usize,
        is_use: bool,
        stanzas: Vec<StanzaFields>,
    ) -> Result<Zeroizing<Vec<u8>>> {
        if *vault != self.status.vault {
            return Err(Error::new(Reason::OtherVault, "it holds keys of another vault"));
        }
        if stanzas.len() > MAX_STANZAS {
            return Err(Error::usage("too many readers"));
        }
        let stanzas: Vec<Stanza> = stanzas.into_iter().map(StanzaFields::stanza).collect::<Result<_>>()?;
        let key = file_key(&self.identity(is_use)?, likely, &stanzas)?;
        Ok(Zeroizing::new(key.map_or_else(Vec::new, |key| key.expose_secret().to_vec())))
    }

    /// Returns the status, and the file key if these are the agent's keys and they open the stanza. A client that gets no
    /// file key can ask for it alone and learn why.
    fn begin_client(&self, keys: &CurrentKeys, stanza: StanzaFields) -> Result<Begun> {
        let (stanza, status) = (stanza.stanza()?, self.status_now());
        let file_key = match status.holds(keys) && !status.ends_soon() {
            true => file_key(&self.identity(false)?, 0, &[stanza]).ok().flatten(),
            false => None,
        };
        if file_key.is_some() {
            self.use_now();
        }
        Ok(Begun { status: self.status_now(), file_key })
    }

    fn status_now(&self) -> Status {
        let (total, idle) = self.left();
        Status { ends_in: milliseconds(total), idle_in: milliseconds(idle), ..self.status.clone() }
    }
}

/// Returns the file key of an age file with these stanzas, if it is encrypted to the identity.
fn file_key(identity: &Identity, likely: usize, stanzas: &[Stanza]) -> Result<Option<FileKey>> {
    let mut identities = identity.keys.identities();
    let key = identities.find_map(|identity| Placed { identity, place: likely }.unwrap_stanzas(stanzas));
    key.transpose().map_err(|_| Error::integrity("the header is damaged"))
}

fn text_of(signature: Signature) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(signature.to_string().into_bytes())
}
