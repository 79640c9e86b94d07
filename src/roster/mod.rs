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
mod unproven;
mod words;

pub use access::Access;
pub(crate) use change::check_email;
pub use change::{Change, Draft, MAX_CHANGES, MAX_STATEMENT, NewKeys, Protection, Right, Role, Statement};
pub use find::{EnvironmentSearch, UserSearch};
pub use former::Kept;
pub use issue::Issue;
pub(crate) use state::user_exists;
pub use state::{
    Environment, LAST_BY_MEMBERS, LAST_THAT_GIVES, MAX_BY_MEMBER, MAX_ENVIRONMENTS, MAX_ENVIRONMENTS_BY_MEMBERS,
    MAX_PRIVATE, MAX_USERS, NEARLY_FULL, State, Taking, User,
};
pub(crate) use unproven::{Proof, UnprovenRoster};
pub use words::describe_changes;

use crate::error::Result;
use crate::identity::Head;
use crate::name::UserName;
use crate::signature::{Hash, Message, Signature};
use crate::time::Time;
use proof::hash_at;

/// A chain of changes that keep the rules and were signed by those who may make them, and the state they produce.
///
/// Outside the library, a roster comes from a vault or from [`Roster::verify`], so what it shares with another chain is
/// never verified again. Nothing public signs a change or applies one:
///
/// ```compile_fail,E0624
/// # fn forge(roster: &vault::roster::Roster, draft: vault::roster::Draft, keys: &vault::identity::PrivateKeys) {
/// let forged = roster.append(draft, keys);
/// # }
/// ```
///
/// ```compile_fail,E0624
/// # fn forge(mut state: vault::roster::State, hash: &vault::identity::Hash, draft: &vault::roster::Draft) {
/// state.apply(2, hash, draft);
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Roster {
    statements: Vec<Statement>,
    hashes: Vec<Hash>,
    state: State,
}

impl Roster {
    fn empty() -> Self {
        Self { statements: Vec::new(), hashes: Vec::new(), state: State::default() }
    }

    /// Returns the id of the vault that `first` creates.
    #[must_use]
    pub(crate) fn id_of(first: &Statement) -> Hash {
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

    /// Returns the last change that both chains share; `None` if they belong to different vaults.
    pub(crate) fn fork(&self, other: &Self) -> Option<Head> {
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
    pub(crate) fn is_signed_since(
        &self,
        version: u32,
        user: &UserName,
        message: &Message,
        signature: &Signature,
    ) -> bool {
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
}

#[cfg(test)]
mod tests;
