//! A session with the keys that an agent holds.

use super::Session;
use crate::agent::{Client, CurrentKeys, Patience, Reached};
use crate::crypto;
use crate::error::Result;
use crate::identity::{Head, PublicKeys};
use crate::log::Caller;
use crate::name::{EnvironmentName, UserName};
use crate::vault::access::Access;
use crate::vault::keys::Keys;
use crate::vault::{Claims, Unproven, Vault};
use age_core::format::Stanza;
use std::path::Path;

/// What an agent can do for a file.
#[allow(clippy::large_enum_variant, reason = "it is taken apart at once, and never kept")]
pub enum ByAgent {
    /// It holds the current keys of a user.
    Unlocked(Session),
    /// It does not, so nothing is unlocked.
    Locked(Unproven),
}

/// The environment that a command reads first.
pub(in crate::vault) struct FirstRead {
    /// The user whose keys the agent should hold.
    pub user: UserName,
    /// The environment.
    pub environment: EnvironmentName,
}

impl Session {
    /// Creates a session of this caller with the keys that an agent holds. Returns the file if these are not the current keys of a
    /// user, or if the roster is older than the one for which they were made. A branch that does not have the newest
    /// keys yet is an exception: it can be read.
    ///
    /// # Errors
    /// If the roster is not validly signed, or the vault is not fresh: see [`Vault::open`].
    pub(in crate::vault) fn with_agent(file: Unproven, client: Client, caller: &Caller) -> Result<ByAgent> {
        let Some(held) = file.held_by(client.status()) else {
            return Self::with_newer_agent(file, client, caller);
        };
        let known = file.verified_with(&held);
        let vault = file.prove_from(known)?;
        // Somebody may have replaced the file with another vault whose keys the agent holds.
        vault.check_sighting()?;
        Self::with_held(vault, client, held, caller)
    }

    /// Creates a session as [`Session::with_agent`] does, with the agent at `socket`. With one request, the agent says
    /// whose keys it holds and opens the environment that is read first. Before that, the environment passes every
    /// check of a session. If it doesn't, the agent only says whose keys it holds, and the session says what is wrong.
    ///
    /// # Errors
    /// The same as for [`Session::with_agent`] and [`Client::connect`].
    pub(in crate::vault) fn at_agent(
        file: Unproven,
        (socket, patience): (&Path, Patience),
        first: Option<&FirstRead>,
        caller: &Caller,
    ) -> Result<ByAgent> {
        let Some(agent) = Reached::at(socket, patience)? else { return Ok(ByAgent::Locked(file)) };
        let Some((first, keys)) = first.and_then(|first| Some((first, file.keys_of(&first.user)?))) else {
            return Self::with_any(file, agent.client()?, caller);
        };
        let vouched = file.prove_if_held(keys)?;
        let vault = vouched.checked();
        let Some(stanza) = vault.open_ahead(first) else {
            return Self::with_any(vouched.refuse(), agent.client()?, caller);
        };
        let keys = vault.current_keys(vouched.public());
        let Some(client) = agent.client_opening(keys, stanza)? else { return Ok(ByAgent::Locked(vouched.refuse())) };
        match vouched.confirm(client.status()) {
            Ok((vault, held)) => Self::with_held(vault, client, held, caller),
            Err(file) => Self::with_agent(*file, client, caller),
        }
    }

    /// Creates a session with an agent, if there is one.
    fn with_any(file: Unproven, client: Option<Client>, caller: &Caller) -> Result<ByAgent> {
        match client {
            Some(client) => Self::with_agent(file, client, caller),
            None => Ok(ByAgent::Locked(file)),
        }
    }

    fn with_held(
        vault: Vault,
        client: Client,
        (user, public): (UserName, PublicKeys),
        caller: &Caller,
    ) -> Result<ByAgent> {
        let keys = Keys::Agent { user, public: Box::new(public), client: Box::new(client) };
        Self::with_keys(vault, keys, caller).map(ByAgent::Unlocked)
    }

    fn with_newer_agent(file: Unproven, client: Client, caller: &Caller) -> Result<ByAgent> {
        // If no newer roster was seen, nothing has to be verified or asked.
        let is_newer = file.marks.as_ref().is_some_and(|marks| !file.roster.contains(marks.roster));
        if !is_newer || client.status().vault != file.id() {
            return Ok(ByAgent::Locked(file));
        }
        let vault = file.prove_of_any_age()?;
        let Some((user, public)) = vault.held_since(client.status())? else { return Ok(ByAgent::Locked(vault.into())) };
        vault.check_sighting()?;
        let keys = Keys::NewerAgent { user, public: Box::new(public), client: Box::new(client) };
        Self::with_keys(vault, keys, caller).map(ByAgent::Unlocked)
    }
}

impl Claims {
    /// Returns the keys of a user.
    fn keys_of(&self, user: &UserName) -> Option<(UserName, PublicKeys)> {
        Some((user.clone(), self.roster.state().users.get(user)?.keys.clone()))
    }

    /// Returns the roster that this device has verified with these keys.
    pub(in crate::vault) fn verified_with(&self, (user, public): &(UserName, PublicKeys)) -> Option<Head> {
        self.marks.as_ref()?.signed_by(&self.id(), user, &public.verifying_key)
    }
}

impl Vault {
    /// Returns the stanza of an environment that is most likely the user's own, and keeps the environment to be read. It
    /// has then passed every check of a session, provided that the user's keys are those that the file claims.
    fn open_ahead(&self, FirstRead { user, environment }: &FirstRead) -> Option<Stanza> {
        self.check_roster().ok()?;
        if !self.roster.state().environment(environment).ok()?.reads(user) {
            return None;
        }
        let verified = self.verify_block(self.block(environment).ok()?, Access::Read).ok()?;
        let stanza = crypto::stanza_at(&verified.bytes, self.place_of(user, environment).ok()?)?;
        self.ahead.replace(Some((environment.clone(), verified)));
        Some(stanza)
    }

    fn current_keys(&self, public: &PublicKeys) -> CurrentKeys {
        CurrentKeys {
            vault: self.id(),
            recipient: public.recipient.as_str().to_owned(),
            verifying_key: public.verifying_key.to_string(),
            roster: self.roster.head().version,
        }
    }
}
