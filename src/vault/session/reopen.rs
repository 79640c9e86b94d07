//! Opens the vault again, with the keys of a session.

use super::{ByAgent, KeySession, Session};
use crate::agent::ended;
use crate::error::Result;
use crate::vault::keys::Keys;

impl Session {
    /// Opens the current file of the vault with the same keys.
    ///
    /// # Errors
    /// The same as for [`Vault::open`](crate::vault::Vault::open); an unlock error if the user's keys were replaced.
    pub fn reopen(&self) -> Result<Self> {
        let vault = self.vault.open_again()?;
        let session = match &self.keys {
            Keys::Own(identity) => {
                let identity = vault.check_identity((**identity).clone(), self.user(), None)?;
                KeySession::new(vault, identity, &self.caller)?.into()
            }
            Keys::Agent { client, .. } | Keys::NewerAgent { client, .. } => {
                match Self::with_agent(vault.into(), client.again()?.ok_or_else(ended)?, &self.caller)? {
                    ByAgent::Unlocked(session) => session,
                    ByAgent::Locked(_) => return Err(ended()),
                }
            }
        };
        let (ask, confirmed) = (self.ask.clone(), self.confirmed.clone());
        let (serves_requests, progress) = (self.serves_requests, self.progress.clone());
        Ok(Self { ask, confirmed, serves_requests, progress, ..session })
    }
}
