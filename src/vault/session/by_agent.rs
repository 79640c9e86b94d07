//! A session with the keys that an agent holds.

use super::Session;
use crate::agent::{Client, CurrentKeys, Patience, Reached};
use crate::crypto;
use crate::error::Result;
use crate::identity::{Head, PublicKeys};
use crate::name::{EnvironmentName, UserName};
use crate::vault::access::Access;
use crate::vault::keys::Keys;
use crate::vault::{Unproven, Vault};
use age_core::format::Stanza;
use std::path::Path;

/// What an agent can do for a file.
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
    /// Creates a session with the keys that an agent holds. Returns the file if these are not the current keys of a
    /// user, or if the roster is older than the one for which they were made. A branch that does not have the newest
    /// keys yet is an exception: it can be read.
    ///
    /// # Errors
    /// If the roster is not validly signed, or the vault is not fresh: see [`Vault::open`].
    pub(in crate::vault) fn with_agent(file: Unproven, client: Client) -> Result<ByAgent> {
        let claims = file.claims();
        let Some(held) = claims.held_by(client.status()) else { return Self::with_newer_agent(file, client) };
        // Somebody may have replaced the file with another vault whose keys the agent holds.
        claims.check_sighting()?;
        let known = claims.verified_with(&held);
        Self::with_held(file, client, held, known)
    }

    /// Creates a session as [`Session::with_agent`] does, with the agent at `socket`. With one request, the agent says
    /// whose keys it holds and opens the environment that is read first. Before that, the environment passes every
    /// check of a session. If it doesn't, the agent only says whose keys it holds, and the session says what is wrong.
    ///
    /// # Errors
    /// The same as for [`Session::with_agent`] and [`Client::connect`].
    pub(in crate::vault) fn at_agent(
        mut file: Unproven,
        (socket, patience): (&Path, Patience),
        first: Option<&FirstRead>,
    ) -> Result<ByAgent> {
        let Some(agent) = Reached::at(socket, patience)? else { return Ok(ByAgent::Locked(file)) };
        let ahead = first.and_then(|first| Ahead::check(&mut file, first));
        let Some(Ahead { held, known, stanza }) = ahead else {
            return match agent.client()? {
                Some(client) => Self::with_agent(file, client),
                None => Ok(ByAgent::Locked(file)),
            };
        };
        let keys = file.claims().current_keys(&held.1);
        let Some(client) = agent.client_opening(keys, stanza)? else { return Ok(ByAgent::Locked(file)) };
        if file.claims().held_by(client.status()).as_ref() != Some(&held) {
            return Self::with_agent(file, client);
        }
        Self::with_held(file, client, held, known)
    }

    fn with_held(
        file: Unproven,
        client: Client,
        (user, public): (UserName, PublicKeys),
        known: Option<Head>,
    ) -> Result<ByAgent> {
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
        let vault = file.prove_of_any_age()?;
        let Some((user, public)) = vault.held_since(client.status())? else { return Ok(ByAgent::Locked(vault.into())) };
        vault.check_sighting()?;
        let keys = Keys::NewerAgent { user, public: Box::new(public), client: Box::new(client) };
        Self::with_keys(vault, keys).map(ByAgent::Unlocked)
    }
}

/// An environment that has passed every check, provided that the user's keys are those that the file claims.
struct Ahead {
    held: (UserName, PublicKeys),
    /// The roster that was verified with these keys.
    known: Option<Head>,
    /// The stanza that is most likely the user's own.
    stanza: Stanza,
}

impl Ahead {
    fn check(file: &mut Unproven, FirstRead { user, environment }: &FirstRead) -> Option<Self> {
        let claims = file.claims();
        let held = (user.clone(), claims.roster.state().users.get(user)?.keys.clone());
        let known = claims.verified_with(&held);
        // Whether the keys are the agent's own isn't known yet, so the roster that they vouch for stays unverified.
        file.verify_after(known).ok()?;
        let claims = file.claims();
        claims.check_sighting().ok()?;
        claims.check_roster_freshness(Access::Read).ok()?;
        if !claims.roster.state().environment(environment).ok()?.reads(user) {
            return None;
        }
        let verified = claims.verify_block(claims.block(environment).ok()?, Access::Read).ok()?;
        let stanza = crypto::stanza_at(&verified.bytes, claims.place_of(user, environment).ok()?)?;
        claims.ahead.replace(Some((environment.clone(), verified)));
        Some(Self { held, known, stanza })
    }
}

impl Vault {
    /// Returns the roster that this device has verified with these keys.
    fn verified_with(&self, (user, public): &(UserName, PublicKeys)) -> Option<Head> {
        self.marks.as_ref()?.signed_by(&self.id(), user, &public.verifying_key)
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
