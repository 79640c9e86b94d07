//! A vault with an identity: reads environments and writes the log.

mod audit;
mod by_agent;
mod hand_over;
mod key_session;
mod log;
mod reading;
mod reopen;

pub(super) use by_agent::FirstRead;
pub(super) use reading::unsealed;

pub(super) use log::replace_anchors;

pub use audit::Unheard;
pub use by_agent::ByAgent;
pub use hand_over::Continued;
pub use key_session::KeySession;

use super::Vault;
use super::access::Access;
use super::confirmation::Ask;
use super::keys::Keys;
use crate::agent::Client;
use crate::error::{Error, Reason, Remedy, Result};
use crate::identity::Identity;
use crate::item::Origin;
use crate::log::Caller;
use crate::name::{EnvironmentName, UserName};
use crate::progress::Progress;
use crate::roster::{Right, Roster};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

/// An unlocked vault, as its file was when it was opened. A change is made to the current file. What is read is what was
/// opened, with the rights and the protection of that time: a program that keeps a session opens the file again
/// ([`Session::reopen`]) when it is no longer current ([`Vault::is_current`]).
pub struct Session {
    pub(super) vault: Vault,
    pub(super) keys: Keys,
    /// Marks what this session decrypts.
    pub(super) origin: Origin,
    /// The program that asks for everything in this session, and the user's reason.
    pub(super) caller: Caller,
    /// The function that asks a person about a protected environment.
    pub(super) ask: Option<Ask>,
    /// The protected environments that were confirmed.
    pub(super) confirmed: RefCell<BTreeSet<EnvironmentName>>,
    /// Whether the session serves requests of others. What somebody confirmed at this device's terminal doesn't count then.
    pub(super) serves_requests: bool,
    progress: Option<Arc<dyn Progress>>,
}

impl Session {
    fn with_keys(vault: Vault, keys: Keys, caller: &Caller) -> Result<Self> {
        vault.check_roster_freshness(Access::Read)?;
        let caller = caller.clone();
        let (origin, confirmed) = (Origin::new(), RefCell::default());
        Ok(Self { vault, keys, origin, caller, ask: None, confirmed, serves_requests: false, progress: None })
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

    /// Begins a request, in a session that serves one request after another. The log entries of this request name its
    /// caller and the caller's reason. Confirmations from the previous request no longer count, and those that a person
    /// gave to other programs on this device don't count either.
    pub fn begin_request(&mut self, caller: Caller) {
        self.caller = caller;
        self.confirmed.get_mut().clear();
        self.serves_requests = true;
    }

    /// Reports the progress of changes in this session, as their environments are encrypted.
    pub fn set_progress(&mut self, progress: Arc<dyn Progress>) {
        self.progress = Some(progress);
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
    pub(crate) fn check_right(&self, name: &EnvironmentName, right: Right) -> Result<()> {
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
