//! A vault with an identity: reads environments and writes the log.

mod audit;
mod changing;
mod log;
mod reading;

pub(super) use reading::unsealed;

pub use audit::Unheard;

use super::keys::Keys;
use super::{Ask, Unproven, Vault};
use crate::agent::{Client, HandedOver, ended};
use crate::error::{Error, Reason, Remedy, Result};
use crate::identity::{Head, Identity};
use crate::name::{EnvironmentName, UserName};
use crate::progress::Progress;
use crate::roster::{Right, Roster};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What an agent can do for a file.
pub enum ByAgent {
    /// It holds the current keys of a user.
    Unlocked(Session),
    /// It does not, so nothing is unlocked.
    Locked(Unproven),
}

/// An unlocked vault.
pub struct Session {
    pub(super) vault: Vault,
    pub(super) keys: Keys,
    pub(super) reason: Option<String>,
    /// The function that asks a person about a protected environment.
    pub(super) ask: Option<Ask>,
    /// The protected environments that were confirmed.
    pub(super) confirmed: RefCell<BTreeSet<EnvironmentName>>,
    progress: Option<Arc<dyn Progress>>,
}

impl Session {
    pub(super) fn new(vault: Vault, identity: Identity) -> Result<Self> {
        Self::with_keys(vault, Keys::Own(Box::new(identity)))
    }

    /// Creates a session, and records that the roster was verified with these keys in memory. If that can't be written,
    /// the next run verifies again, which only takes time.
    pub(super) fn vouching(vault: Vault, identity: Identity, known: Option<Head>) -> Result<Self> {
        let session = Self::new(vault, identity)?;
        let vault = &session.vault;
        if known != Some(vault.roster.head()) && !vault.settings.looks_back {
            let _ = vault.marks_store().remember_verified(&vault.roster, session.identity()?, vault.is_in_git());
        }
        Ok(session)
    }

    fn with_keys(vault: Vault, keys: Keys) -> Result<Self> {
        vault.check_roster_freshness(super::Access::Read)?;
        Ok(Self { vault, keys, reason: None, ask: None, confirmed: RefCell::default(), progress: None })
    }

    /// Creates a session with the keys that an agent holds. Returns the file if these are not the current keys of a
    /// user, or if the roster is older than the one for which they were made. A branch that does not have the newest
    /// keys yet is an exception: it can be read.
    ///
    /// # Errors
    /// If the roster is not validly signed, or the vault is not fresh: see [`Vault::open`].
    pub fn with_agent(file: Unproven, client: Client) -> Result<ByAgent> {
        let claims = file.claims();
        let Some((user, public)) = claims.held_by(client.status()) else { return Self::with_newer_agent(file, client) };
        // Somebody may have replaced the file with another vault whose keys the agent holds.
        claims.check_sighting()?;
        let marks = claims.marks.as_ref();
        let known = marks.and_then(|marks| marks.signed_by(&claims.id(), &user, &public.verifying_key));
        let keys = Keys::Agent { user, public: Box::new(public), client: Box::new(client) };
        Self::with_keys(file.prove_from(known)?, keys).map(ByAgent::Unlocked)
    }

    fn with_newer_agent(file: Unproven, client: Client) -> Result<ByAgent> {
        let claims = file.claims();
        // If no newer roster was seen, nothing has to be verified or asked.
        let is_newer = claims.marks.as_ref().is_some_and(|marks| !claims.roster.contains(marks.roster));
        if !is_newer || client.status().vault != claims.id() {
            return Ok(ByAgent::Locked(file));
        }
        let vault = file.prove()?;
        let Some((user, public)) = vault.held_since(client.status())? else { return Ok(ByAgent::Locked(vault.into())) };
        vault.check_sighting()?;
        let keys = Keys::NewerAgent { user, public: Box::new(public), client: Box::new(client) };
        Self::with_keys(vault, keys).map(ByAgent::Unlocked)
    }

    /// Returns the private keys, for an agent or a server that keeps them.
    ///
    /// # Errors
    /// An unlock error if an agent holds the keys, because it never gives them away.
    pub fn hand_over(&self) -> Result<HandedOver> {
        self.identity().map(HandedOver::new)
    }

    /// Returns the private keys. They stay inside the library, because they can decrypt without a log entry.
    pub(super) fn identity(&self) -> Result<&Identity> {
        self.keys.identity()
    }

    /// Returns the agent that holds the keys, if one does.
    #[must_use]
    pub fn agent(&self) -> Option<&Client> {
        match &self.keys {
            Keys::Own(_) => None,
            Keys::Agent { client, .. } | Keys::NewerAgent { client, .. } => Some(client),
        }
    }

    /// Opens the current file of the vault with the same keys.
    ///
    /// # Errors
    /// The same as for [`Vault::open`]; an unlock error if the user's keys were replaced.
    pub fn reopen(&self) -> Result<Self> {
        let vault = self.vault.open_again()?;
        let session = match &self.keys {
            Keys::Own(identity) => {
                let identity = vault.check_identity((**identity).clone(), self.user(), None)?;
                Self::new(vault, identity)?
            }
            Keys::Agent { client, .. } | Keys::NewerAgent { client, .. } => {
                match Self::with_agent(vault.into(), client.again()?.ok_or_else(ended)?)? {
                    ByAgent::Unlocked(session) => session,
                    ByAgent::Locked(_) => return Err(ended()),
                }
            }
        };
        let (reason, ask, confirmed) = (self.reason.clone(), self.ask.clone(), self.confirmed.clone());
        Ok(Self { reason, ask, confirmed, progress: self.progress.clone(), ..session })
    }

    /// Adds the reason to every log entry of this session.
    #[must_use]
    pub fn with_reason(mut self, reason: Option<String>) -> Self {
        self.reason = reason;
        self
    }

    /// Begins a request, in a session that serves one request after another. The log entries of this request get its
    /// reason, and confirmations from the previous request no longer count.
    pub fn begin_request(&mut self, reason: Option<String>) {
        self.reason = reason;
        self.confirmed.get_mut().clear();
    }

    /// Reports the progress of changes in this session, as their environments are encrypted.
    #[must_use]
    pub fn with_progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Returns the receiver of progress reports, if there is one.
    pub(super) fn progress(&self) -> Option<&dyn Progress> {
        self.progress.as_deref()
    }

    /// Returns the vault.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Returns the user of this session.
    #[must_use]
    pub fn user(&self) -> &UserName {
        self.keys.user()
    }

    /// Checks that this user has the right.
    ///
    /// # Errors
    /// A denied error that says which right is missing and who can give it.
    pub fn check_right(&self, name: &EnvironmentName, right: Right) -> Result<()> {
        self.check_right_in(&self.vault.roster, name, right)
    }

    pub(super) fn check_right_in(&self, roster: &Roster, name: &EnvironmentName, right: Right) -> Result<()> {
        let state = roster.state();
        let environment = state.environment(name)?;
        if environment.grants.get(self.user()).is_some_and(|granted| *granted >= right) {
            return Ok(());
        }
        let can_give: Vec<_> = state.givers(environment).map(UserName::as_str).collect();
        let error = Error::new(Reason::NoRight, format!("{} may not {right} {name}", self.user()));
        if can_give.is_empty() {
            return Err(error.hint("nobody can give that right: no admin writes the environment"));
        }
        Err(error.hint((
            format!("{} can give it: ", can_give.join(" or ")),
            Remedy::Grant { user: self.user().to_string(), rights: format!("{name}:{right}") },
        )))
    }
}
