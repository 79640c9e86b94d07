//! The roster: users and their rights, stored as a chain of signed changes (vault-format(5)).

mod access;
mod append;
mod branches;
mod change;
mod find;
mod former;
mod issue;
mod proof;
mod state;
mod words;

pub use access::Access;
pub use change::{Change, Draft, MAX_CHANGES, MAX_STATEMENT, NewKeys, Protection, Right, Role, Statement, check_email};
pub use find::{EnvironmentSearch, UserSearch};
pub use former::Kept;
pub use issue::Issue;
pub(crate) use state::user_exists;
pub use state::{
    Environment, LAST_BY_MEMBERS, LAST_THAT_GIVES, MAX_BY_MEMBER, MAX_ENVIRONMENTS, MAX_ENVIRONMENTS_BY_MEMBERS,
    MAX_PRIVATE, MAX_USERS, NEARLY_FULL, State, Taking, User,
};
pub use words::describe_changes;

use crate::error::Result;
use crate::identity::Head;
use crate::name::UserName;
use crate::signature::{Hash, Message, Signature, VerifyingKey};
use crate::time::Time;
use proof::{author_key, check_new_keys, hash_at, hash_chain, not_valid};
use state::broken;
use std::ops::Range;

/// A chain of changes that keep the rules, and the state they produce. [`Roster::verify`] also verifies the signatures.
#[derive(Debug, Clone)]
pub struct Roster {
    statements: Vec<Statement>,
    hashes: Vec<Hash>,
    /// The key that must have signed each change, in order.
    signers: Vec<VerifyingKey>,
    /// The changes whose signatures were not verified yet.
    unverified: Range<usize>,
    state: State,
}

impl Roster {
    /// Verifies a chain: its rules and its signatures.
    ///
    /// If the chain contains `trusted`, the signatures and keys up to there are not verified again: the hash covers
    /// everything before it.
    ///
    /// # Errors
    /// An integrity error that names the first change that is wrong.
    pub fn verify(statements: Vec<Statement>, trusted: Option<Head>) -> Result<Self> {
        let mut roster = Self::fold(statements)?;
        roster.verify_signatures(trusted)?;
        Ok(roster)
    }

    /// Applies the changes of a chain and checks their rules, but not their signatures.
    ///
    /// # Errors
    /// An integrity error that names the first change that is wrong.
    pub fn fold(statements: Vec<Statement>) -> Result<Self> {
        let hashes = hash_chain(&statements)?;
        let mut roster = Self { statements: Vec::new(), hashes, ..Self::empty() };
        roster.signers.reserve_exact(statements.len());
        for (statement, hash) in statements.iter().zip(&roster.hashes) {
            let Statement { version, draft, .. } = statement;
            let invalid = |error| not_valid(*version, &error);
            roster.signers.push(author_key(&roster.state, draft).map_err(invalid)?);
            roster.state.apply(*version, hash, draft).map_err(invalid)?;
        }
        roster.unverified = 0..statements.len();
        roster.statements = statements;
        Ok(roster)
    }

    /// Verifies the signatures and keys that were not verified yet, except those up to `trusted`: see [`Roster::verify`].
    ///
    /// # Errors
    /// As [`Roster::verify`].
    pub fn verify_signatures(&mut self, trusted: Option<Head>) -> Result<()> {
        self.verify_after(trusted)?;
        self.unverified.start = self.unverified.end;
        Ok(())
    }

    /// Does the same, but leaves those up to `trusted` unverified, because it isn't known yet whether it can be trusted.
    ///
    /// # Errors
    /// As [`Roster::verify`].
    pub fn verify_after(&mut self, trusted: Option<Head>) -> Result<()> {
        let known = trusted.filter(|head| self.contains(*head)).map_or(0, |head| head.version as usize);
        let first = self.unverified.end.min(self.unverified.start.max(known));
        for statement in &self.statements[first..self.unverified.end] {
            self.check_signatures(statement).map_err(|error| not_valid(statement.version, &error))?;
        }
        self.unverified.end = first;
        Ok(())
    }

    fn empty() -> Self {
        Self {
            statements: Vec::new(),
            hashes: Vec::new(),
            signers: Vec::new(),
            unverified: 0..0,
            state: State::default(),
        }
    }

    /// Returns the id of the vault that `first` creates.
    #[must_use]
    pub fn id_of(first: &Statement) -> Hash {
        change::message(&Hash::ZERO, first.version, &Hash::ZERO, &first.draft).hash(&first.signature)
    }

    /// Returns the vault's id: the hash of the first change.
    #[must_use]
    pub fn id(&self) -> Hash {
        self.hashes[0]
    }

    /// Returns the version and hash of the last change.
    #[must_use]
    pub fn head(&self) -> Head {
        let hash = self.hashes[self.hashes.len() - 1];
        Head { version: u32::try_from(self.hashes.len()).unwrap_or(u32::MAX), hash }
    }

    /// Returns the hash of change `version`.
    #[must_use]
    pub fn hash_at(&self, version: u32) -> Option<Hash> {
        hash_at(&self.hashes, version)
    }

    /// Whether the chain contains the change `head`.
    #[must_use]
    pub fn contains(&self, head: Head) -> bool {
        self.hash_at(head.version) == Some(head.hash)
    }

    /// Whether this chain equals `other` or is a descendant of it.
    #[must_use]
    pub fn extends(&self, other: &Self) -> bool {
        self.contains(other.head())
    }

    /// Returns the chain as it was after change `version`.
    ///
    /// # Errors
    /// None for a verified chain.
    pub fn until(&self, version: u32) -> Result<Self> {
        let mut roster = Self::fold(self.statements[..self.statements.len().min(version as usize)].to_vec())?;
        let count = roster.statements.len();
        roster.unverified = self.unverified.start.min(count)..self.unverified.end.min(count);
        Ok(roster)
    }

    /// Returns the last change that both chains share; `None` if they belong to different vaults.
    #[must_use]
    pub fn fork(&self, other: &Self) -> Option<Head> {
        // Each hash covers the whole chain before it, so chains with the same hash in one place are equal up to there.
        let shared = self.hashes.iter().zip(&other.hashes).take_while(|(ours, other)| ours == other);
        (1..).zip(shared).last().map(|(version, (hash, _))| Head { version, hash: *hash })
    }

    /// Returns the current users, environments and rights.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Returns the signed changes, oldest first.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Returns the users, environments and rights after change `version`.
    ///
    /// # Errors
    /// None for a verified chain.
    pub fn state_at(&self, version: u32) -> Result<State> {
        let mut state = State::default();
        for (statement, hash) in self.statements.iter().zip(&self.hashes).take(version as usize) {
            state.apply(statement.version, hash, &statement.draft)?;
        }
        Ok(state)
    }

    /// Whether `user` signed `message` with the key that was current after change `version`, or with one added later.
    /// Later keys count because a merge can give a change a higher version.
    #[must_use]
    pub fn is_signed_since(&self, version: u32, user: &UserName, message: &Message, signature: &Signature) -> bool {
        if self.hash_at(version).is_none() {
            return false;
        }
        let (before, later) = self.statements.split_at(version as usize);
        let keys_of = |statement: &Statement| {
            let brought = statement.draft.change.new_keys(&statement.draft.author);
            brought.filter(|(owner, _)| *owner == user).map(|(_, keys)| keys.keys.verifying_key)
        };
        let removes = |statement: &Statement| matches!(&statement.draft.change, Change::RemoveUser { user: removed } if removed == user);
        let then = before.iter().rev().take_while(|statement| !removes(statement)).find_map(keys_of);
        let mut keys = then.into_iter().chain(later.iter().filter_map(keys_of));
        keys.any(|key| key.verifies(message, signature))
    }

    /// Returns who last removed this user, and when; `None` if the name belongs to a user now or was never removed.
    #[must_use]
    pub fn removal(&self, name: &UserName) -> Option<(&UserName, Time)> {
        let removes = |change: &Change| matches!(change, Change::RemoveUser { user } if user == name);
        let removal = self.statements.iter().rev().find(|statement| removes(&statement.draft.change))?;
        (!self.state.users.contains_key(name)).then_some((&removal.draft.author, removal.draft.happened()))
    }

    fn next_links(&self) -> (Hash, Hash) {
        (self.hashes.first().copied().unwrap_or(Hash::ZERO), self.hashes.last().copied().unwrap_or(Hash::ZERO))
    }

    /// Verifies the author's signature, and the signature of any new keys.
    fn check_signatures(&self, statement: &Statement) -> Result<()> {
        let Statement { version, draft, signature } = statement;
        let index = *version as usize - 1;
        let first = index == 0;
        let vault = if first { Hash::ZERO } else { self.hashes[0] };
        let previous = if first { Hash::ZERO } else { self.hashes[index - 1] };
        if let Some((user, new)) = draft.change.new_keys(&draft.author) {
            check_new_keys(new, &vault, user)?;
        }
        if self.signers[index].verifies(&change::message(&vault, *version, &previous, draft), signature) {
            Ok(())
        } else {
            Err(broken("is not signed by its author"))
        }
    }
}

#[cfg(test)]
mod tests;
