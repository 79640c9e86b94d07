//! Verifies blocks. A block is valid if it is signed by a user who may write the environment now, and was saved after
//! the last change that took a right on the environment.

use super::{Standing, Vault};
use crate::error::{Error, Reason, Result};
use crate::file::{Block, Dearmored};
use crate::identity::Head;
use crate::name::{EnvironmentName, UserName};
use crate::roster::{Roster, State};
use crate::signature::Hash;

impl Vault {
    /// Returns the readers of an environment who replaced their keys after it was saved. Until a writer saves it again,
    /// it is encrypted to keys that should no longer be used.
    #[must_use]
    pub fn old_keys_of(&self, name: &EnvironmentName) -> Vec<&UserName> {
        let Some(block) = self.file.block(name) else { return Vec::new() };
        let state = self.roster.state();
        let is_old = |user: &&UserName| {
            state.users.get(*user).is_some_and(|user| user.keys_since > block.statement.roster.version)
        };
        let readers = state.environments.get(name).into_iter().flat_map(|environment| environment.grants.keys());
        readers.filter(is_old).collect()
    }

    /// Returns the position of a user among the readers of an environment. Usually it is the same as when the block was
    /// written.
    pub(super) fn place_of(&self, user: &UserName, name: &EnvironmentName) -> Result<usize> {
        let readers = self.roster.state().environment(name)?.grants.keys();
        Ok(readers.take_while(|reader| *reader != user).count())
    }
}

/// Verifies a block under the latest roster change, before anything in it is decrypted.
pub(super) fn verify(roster: &Roster, block: &Block) -> Result<(Dearmored, Standing)> {
    let dearmored = block.dearmor(&roster.id())?;
    let standing = standing(roster, block, &dearmored)?;
    Ok((dearmored, standing))
}

fn standing(roster: &Roster, block: &Block, dearmored: &Dearmored) -> Result<Standing> {
    let (state, head) = (roster.state(), roster.head().version);
    let Err(refusal) = valid_at(roster, state, head, block, dearmored) else { return Ok(Standing::Valid) };
    let name = &block.statement.name;
    // A block is pending if each later change that took a right names this statement, and it was valid before the first
    // of them.
    let thresholds = state.environments.get(name).map_or(&[][..], |environment| &environment.thresholds);
    let since = &thresholds[thresholds.partition_point(|change| *change <= block.statement.roster.version)..];
    let Some(first) = since.first() else { return Err(refusal) };
    if !since.iter().all(|change| leaves_pending(roster, *change, name, &dearmored.hash)) {
        return Err(refusal);
    }
    let before = first - 1;
    match valid_at(roster, &roster.state_at(before)?, before, block, dearmored) {
        Ok(()) => Ok(Standing::Pending),
        Err(_) => Err(refusal),
    }
}

fn leaves_pending(roster: &Roster, threshold: u32, name: &EnvironmentName, hash: &Hash) -> bool {
    let change = (threshold as usize).checked_sub(1).and_then(|index| roster.statements().get(index));
    change.is_some_and(|change| {
        change.draft.pending.iter().any(|(pending, statement)| pending == name && statement == hash)
    })
}

fn valid_at(roster: &Roster, state: &State, head: u32, block: &Block, dearmored: &Dearmored) -> Result<()> {
    let statement = &block.statement;
    let (name, author) = (&statement.name, &statement.author);
    let refuse = |why: String| {
        Err(Error::new(Reason::NotSigned, format!("environment {name} is not valid: {why}"))
            .hint("restore the file from a copy you trust, or ask a writer to save it again"))
    };
    let Some(environment) = state.environments.get(name) else {
        return refuse("it did not exist then".to_owned());
    };
    let Head { version, .. } = statement.roster;
    if version > head || !roster.contains(statement.roster) {
        return refuse("it was written under another roster".to_owned());
    }
    if version < environment.threshold() {
        return refuse(format!(
            "it is from before roster change {}, which revoked a right on it",
            environment.threshold()
        ));
    }
    if !environment.writes(author) {
        return refuse(format!("{author} wrote it without the right to"));
    }
    let signed = state
        .users
        .get(author)
        .is_some_and(|user| user.keys.verifying_key.verifies(&dearmored.message, &block.signature));
    if signed { Ok(()) } else { refuse(format!("it is not signed by {author}")) }
}
