//! Adds changes to a chain.

use super::Roster;
use super::change::{self, Change, Draft, MAX_CHANGES, MAX_STATEMENT, NewKeys, Statement};
use super::proof::check_new_keys;
use crate::error::{Error, Kind, Result};
use crate::identity::PrivateKeys;
use crate::name::UserName;
use crate::time::Time;

impl Roster {
    /// Returns the chain with one more change, signed with `keys`, the author's current keys.
    ///
    /// # Errors
    /// If the rules don't allow the change, or a usage error if the change is too large or the roster is full.
    pub(crate) fn append(&self, draft: Draft, keys: &PrivateKeys) -> Result<Self> {
        let mut next = self.clone();
        next.push(draft, keys)?;
        Ok(next)
    }

    /// Creates a chain whose author is the first user and admin.
    ///
    /// # Errors
    /// If the e-mail address is not valid, or there are no random numbers.
    pub(crate) fn create(user: UserName, email: Option<String>, time: Time, keys: &PrivateKeys) -> Result<Self> {
        let mut random = [0; 16];
        crate::random::fill(&mut random)?;
        let mut roster = Self::empty();
        let keys_of_user = roster.sign_new_keys(&user, keys)?;
        let change = Change::Create { random, email, keys: keys_of_user.into() };
        roster.push(Draft { author: user, time, change, pending: Vec::new() }, keys)?;
        Ok(roster)
    }

    /// Signs a user's new keys for this vault, with the new signing key.
    ///
    /// # Errors
    /// As [`PrivateKeys::public`].
    pub(crate) fn sign_new_keys(&self, user: &UserName, keys: &PrivateKeys) -> Result<NewKeys> {
        let public = keys.public()?;
        let signature = keys.sign(&public.message(&self.next_links().0, user));
        Ok(NewKeys { keys: public, signature })
    }

    /// Verifies keys that a user made elsewhere.
    ///
    /// # Errors
    /// An integrity error if a key is malformed, or the new signing key did not sign the keys for this user and this
    /// vault.
    pub(crate) fn check_keys(&self, user: &UserName, keys: &NewKeys) -> Result<()> {
        check_new_keys(keys, &self.next_links().0, user)
            .map_err(|_| Error::integrity(format!("the keys for {user} did not sign for themselves")))
    }

    fn push(&mut self, draft: Draft, keys: &PrivateKeys) -> Result<()> {
        if self.statements.len() == MAX_CHANGES {
            return Err(Error::usage(format!("the roster is full: {MAX_CHANGES} changes")));
        }
        let version = self.hashes.len() as u32 + 1;
        let (vault, previous) = self.next_links();
        let message = change::message(&vault, version, &previous, &draft);
        if message.len() > MAX_STATEMENT {
            return Err(Error::usage("the change names too many users or environments"));
        }
        let signature = keys.sign(&message);
        let hash = message.hash(&signature);
        self.state.apply(version, &hash, &draft).map_err(|error| match error.kind() {
            Kind::Integrity => {
                let what = format!("this change is not valid: {error}");
                error.reworded(what)
            }
            _ => error,
        })?;
        self.statements.push(Statement { version, draft, signature });
        self.hashes.push(hash);
        Ok(())
    }
}
