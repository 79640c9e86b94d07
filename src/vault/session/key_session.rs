//! A session whose private keys are in this process.

use super::Session;
use crate::error::Result;
use crate::identity::{Head, Identity};
use crate::log::Caller;
use crate::vault::Vault;
use crate::vault::keys::Keys;
use std::ops::{Deref, DerefMut};

/// A session that was unlocked with a passphrase or key, so its private keys are in this process.
///
/// Changes of users, rights, environments and keys are signed with the private keys, which an agent never gives away.
/// An action that needs them takes a `KeySession`, and every other action takes a [`Session`]. So its signature says
/// what a front end has to ask for:
///
/// ```
/// # fn add(session: &mut vault::vault::KeySession, prod: &vault::name::EnvironmentName) {
/// vault::actions::env_add::add(session, prod, false);
/// # }
/// ```
///
/// The same call doesn't compile with a session that may be an agent's:
///
/// ```compile_fail
/// # fn add(session: &mut vault::vault::Session, prod: &vault::name::EnvironmentName) {
/// vault::actions::env_add::add(session, prod, false);
/// # }
/// ```
///
/// An action that needs the keys only for some changes takes a [`Session`], says which changes these are
/// ([`Need`](crate::vault::Need)), and refuses them through an agent.
pub struct KeySession(Session);

impl KeySession {
    pub(in crate::vault) fn new(vault: Vault, identity: Identity, caller: &Caller) -> Result<Self> {
        Session::with_keys(vault, Keys::Own(Box::new(identity)), caller).map(Self)
    }

    /// Creates a session, and records that the roster was verified with these keys in memory. If that can't be written,
    /// the next run verifies again, which only takes time.
    pub(in crate::vault) fn vouching(
        vault: Vault,
        identity: Identity,
        known: Option<Head>,
        caller: &Caller,
    ) -> Result<Self> {
        let session = Self::new(vault, identity, caller)?;
        let vault = &session.vault;
        if known != Some(vault.roster.head()) && !vault.settings.looks_back {
            let _ = vault.marks_store().remember_verified(&vault.roster, session.identity()?, vault.is_in_git());
        }
        Ok(session)
    }

    /// Opens the current file of the vault with the same keys.
    ///
    /// # Errors
    /// The same as for [`Session::reopen`].
    pub fn reopen(&self) -> Result<Self> {
        self.0.reopen().map(Self)
    }
}

impl Deref for KeySession {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.0
    }
}

/// Other actions take the session in it. If one put another session in its place, the keys would be missing, and a change
/// that needs them would be refused.
impl DerefMut for KeySession {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.0
    }
}

impl From<KeySession> for Session {
    fn from(session: KeySession) -> Self {
        session.0
    }
}
