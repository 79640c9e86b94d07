//! Who could read what, and from when to when: the chain replayed for one user.

use super::{Roster, State};
use crate::error::Result;
use crate::name::{EnvironmentName, UserName};
use crate::time::Time;

/// A time in which a user could read an environment, by the clocks of those who gave and took the right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The environment.
    pub environment: EnvironmentName,
    /// The roster version that added it: a later environment of the same name is another.
    pub added: u32,
    /// From when on.
    pub from: Time,
    /// Until when; `None` while it lasts.
    pub until: Option<Time>,
}

impl Roster {
    /// Every time in which a user of this name could read an environment, oldest first.
    ///
    /// # Errors
    /// Never for a verified chain.
    pub fn accesses(&self, user: &UserName) -> Result<Vec<Access>> {
        let mut state = State::default();
        let mut accesses: Vec<Access> = Vec::new();
        for (statement, hash) in self.statements.iter().zip(&self.hashes) {
            state.apply(statement.version, hash, &statement.draft)?;
            let now = statement.draft.happened();
            let reads = |access: &Access| {
                let environment = state.environments.get(&access.environment);
                environment.is_some_and(|of| of.added == access.added && of.reads(user))
            };
            accesses.iter_mut().filter(|access| access.until.is_none() && !reads(access)).for_each(|access| {
                access.until = Some(now);
            });
            for (name, of) in state.environments.iter().filter(|(_, of)| of.reads(user)) {
                let known =
                    |access: &Access| access.until.is_none() && access.environment == *name && access.added == of.added;
                if !accesses.iter().any(known) {
                    accesses.push(Access { environment: name.clone(), added: of.added, from: now, until: None });
                }
            }
        }
        Ok(accesses)
    }
    /// Every time at which somebody lost the right to read an environment after the change with this number.
    ///
    /// # Errors
    /// Never for a verified chain.
    pub fn losses(&self, environment: &EnvironmentName, after: u32) -> Result<Vec<Time>> {
        let mut state = self.state_at(after)?;
        let mut losses = Vec::new();
        for (statement, hash) in self.statements.iter().zip(&self.hashes).skip(after as usize) {
            let before: Vec<UserName> = readers(&state, environment).cloned().collect();
            state.apply(statement.version, hash, &statement.draft)?;
            let reads = |user: &UserName| readers(&state, environment).any(|reader| reader == user);
            if !before.iter().all(reads) {
                losses.push(statement.draft.happened());
            }
        }
        Ok(losses)
    }
}

fn readers<'a>(state: &'a State, environment: &EnvironmentName) -> impl Iterator<Item = &'a UserName> {
    state.environments.get(environment).into_iter().flat_map(|of| of.grants.keys())
}
