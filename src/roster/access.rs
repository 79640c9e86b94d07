//! Who could read what, and from when to when: the chain replayed for one user.

use super::{Roster, State, Statement};
use crate::error::Result;
use crate::name::{EnvironmentName, UserName};
use crate::time::Time;
use std::collections::BTreeSet;

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

impl Roster {
    /// Who could read this environment, or any, at some moment of a time, by the clocks of those who gave and took rights.
    ///
    /// # Errors
    /// Never for a verified chain.
    pub fn readers_between(
        &self,
        environment: Option<&EnvironmentName>,
        (since, until): (Option<Time>, Option<Time>),
    ) -> Result<BTreeSet<UserName>> {
        let mut state = State::default();
        let mut all = BTreeSet::new();
        for (place, (statement, hash)) in self.statements.iter().zip(&self.hashes).enumerate() {
            state.apply(statement.version, hash, &statement.draft)?;
            let from = statement.draft.happened();
            let to = self.statements.get(place + 1).map(|next| next.draft.happened());
            let is_before = to.is_some_and(|to| since.is_some_and(|since| to < since));
            let is_after = until.is_some_and(|until| from > until);
            if is_before || is_after {
                continue;
            }
            match environment {
                Some(name) => all.extend(readers(&state, name).cloned()),
                None => all.extend(state.environments.values().flat_map(|of| of.grants.keys().cloned())),
            }
        }
        Ok(all)
    }

    /// The number of the last change that is dated at or before a time; `None` if there is none. A change can't have been
    /// made before those that it follows, so whatever stands before it in the chain was there, whatever its date.
    #[must_use]
    pub fn version_as_of(&self, time: Time) -> Option<u32> {
        let was_made = |statement: &&Statement| statement.draft.happened() <= time;
        self.statements.iter().rev().find(was_made).map(|statement| statement.version)
    }

    /// The changes up to this number that are dated later than a time, although they were made before one that is not: a
    /// clock was wrong.
    #[must_use]
    pub fn misdated(&self, version: u32, time: Time) -> Vec<u32> {
        let before = self.statements.iter().take(version as usize);
        before.filter(|statement| statement.draft.happened() > time).map(|statement| statement.version).collect()
    }
}

fn readers<'a>(state: &'a State, environment: &EnvironmentName) -> impl Iterator<Item = &'a UserName> {
    state.environments.get(environment).into_iter().flat_map(|of| of.grants.keys())
}
