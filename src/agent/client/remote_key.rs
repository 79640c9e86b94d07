//! Lets age decrypt with keys that only the agent has.

use super::Client;
use crate::error::{Error, Result};
use crate::signature::Hash;
use age_core::format::{FileKey, Stanza};
use std::cell::RefCell;

/// The agent's keys as an identity for age.
pub(crate) struct RemoteKey<'a> {
    client: &'a Client,
    vault: &'a Hash,
    likely: usize,
    failure: RefCell<Option<Error>>,
}

impl<'a> RemoteKey<'a> {
    /// Returns an identity for a file of this vault. The recipient at the place `likely`, counted from 0, is most likely
    /// the agent's user.
    #[must_use]
    pub fn new(client: &'a Client, vault: &'a Hash, likely: usize) -> Self {
        Self { client, vault, likely, failure: RefCell::default() }
    }

    /// Returns the error of the agent, if a request failed.
    pub fn failure(self) -> Option<Error> {
        self.failure.into_inner()
    }
}

impl age::Identity for RemoteKey<'_> {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, age::DecryptError>> {
        self.unwrap_stanzas(std::slice::from_ref(stanza))
    }

    fn unwrap_stanzas(&self, stanzas: &[Stanza]) -> Option<Result<FileKey, age::DecryptError>> {
        match self.client.file_key(self.vault, self.likely, stanzas) {
            Ok(key) => key.map(Ok),
            Err(error) => {
                self.failure.replace(Some(error));
                Some(Err(age::DecryptError::DecryptionFailed))
            }
        }
    }
}
