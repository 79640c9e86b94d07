//! Who could read which environment, and when. Computed by replaying the chain.

use super::{Roster, State, Statement};
use crate::error::Result;
use crate::name::{EnvironmentName, UserName};
use crate::time::Time;
use std::collections::BTreeSet;

/// A period in which a user could read an environment. Its times are those of the changes, by their authors' clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The environment.
    pub environment: EnvironmentName,
    /// The roster version that added the environment. It distinguishes the environment from a later one of the same
    /// name.
    pub added: u32,
    /// When the user gained the right to read.
    pub from: Time,
    /// When the user lost it; `None` if the user can still read.
    pub until: Option<Time>,
}

impl Roster {
    /// Returns every period in which a user of this name could read an environment, oldest first.
    ///
    /// # Errors
    /// None for a verified chain.
    pub(crate) fn accesses(&self, user: &UserName) -> Result<Vec<Access>> {
        let mut state = State::default();
        let mut accesses: Vec<Access> = Vec::new();
        for (statement, hash) in self.statements.iter().zip(&self.hashes) {
            state.apply(statement.version, hash, &statement.draft)?;
            let now = statement.draft.happened();
            let reads = |access: &Access| {
                let environment = state.environments.get(&access.environment);
                environment.is_some_and(|environment| environment.added == access.added && environment.reads(user))
            };
            accesses.iter_mut().filter(|access| access.until.is_none() && !reads(access)).for_each(|access| {
                access.until = Some(now);
            });
            for (name, environment) in state.environments.iter().filter(|(_, environment)| environment.reads(user)) {
                let known = |access: &Access| {
                    access.until.is_none() && access.environment == *name && access.added == environment.added
                };
                if !accesses.iter().any(known) {
                    accesses.push(Access {
                        environment: name.clone(),
                        added: environment.added,
                        from: now,
                        until: None,
                    });
                }
            }
        }
        Ok(accesses)
    }
    /// Returns the time of every change after `after` (a roster version) by which somebody lost the right to read
    /// `environment`.
    ///
    /// # Errors
    /// None for a verified chain.
    pub(crate) fn losses(&self, environment: &EnvironmentName, after: u32) -> Result<Vec<Time>> {
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
    /// Returns everybody who could read `environment` (any environment, if `None`) at some moment between `since` and
    /// `until`. Times are those of the changes, by their authors' clocks.
    ///
    /// # Errors
    /// None for a verified chain.
    pub(crate) fn readers_between(
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
                None => all.extend(state.environments.values().flat_map(|known| known.grants.keys().cloned())),
            }
        }
        Ok(all)
    }

    /// Returns the version of the last change dated at or before `time`, if there is one. All changes before that one in
    /// the chain count as made by then, whatever their dates: a change can't be older than its predecessors.
    #[must_use]
    pub fn version_as_of(&self, time: Time) -> Option<u32> {
        let was_made = |statement: &&Statement| statement.draft.happened() <= time;
        self.statements.iter().rev().find(was_made).map(|statement| statement.version)
    }

    /// Returns the versions, up to `version`, of the changes dated later than `time`. With a version from
    /// [`Roster::version_as_of`], these precede a change with an earlier date, so some clock was wrong.
    #[must_use]
    pub fn misdated(&self, version: u32, time: Time) -> Vec<u32> {
        let before = self.statements.iter().take(version as usize);
        before.filter(|statement| statement.draft.happened() > time).map(|statement| statement.version).collect()
    }
}

fn readers<'a>(state: &'a State, environment: &EnvironmentName) -> impl Iterator<Item = &'a UserName> {
    state.environments.get(environment).into_iter().flat_map(|environment| environment.grants.keys())
}
