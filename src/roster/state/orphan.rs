//! Environments that nobody could read or change any more.

use super::{Environment, State};
use crate::error::{Error, Result};
use crate::name::{EnvironmentName, UserName};
use crate::roster::Right;

/// Who loses what: rights on these environments, down to `left` or altogether.
#[derive(Debug, Clone, Copy)]
pub struct Taking<'a> {
    /// The users who lose it.
    pub users: &'a [UserName],
    /// The environments.
    pub environments: &'a [EnvironmentName],
    /// What stays of the right.
    pub left: Option<Right>,
}

impl State {
    /// Checks that somebody else can still read and write the environments, but for those that are to be `orphaned`: no
    /// right on such a one could be given any more, and what is in it could not be changed.
    ///
    /// # Errors
    /// A usage error that names the environment and what is lost.
    pub fn check_orphans(&self, taking: &Taking<'_>, orphaned: &[EnvironmentName]) -> Result<()> {
        for name in orphaned {
            self.environment(name)?;
        }
        for name in taking.environments.iter().filter(|name| !orphaned.contains(name)) {
            let Some(lost) = self.environment(name)?.lost_with(taking) else { continue };
            let holders = self.holders(name, taking.users);
            let what = match lost {
                Right::Read => "nobody could read it any more",
                Right::Write => "nobody could change it any more",
            };
            let noun = match lost {
                Right::Read => "reader",
                Right::Write => "writer",
            };
            let last = match &holders[..] {
                [_] => format!("is the last {noun}"),
                _ => format!("are the last {noun}s"),
            };
            return Err(Error::usage(format!("{} {last} of {name}: {what}", holders.join(" and "))).hint(format!(
                "give somebody else the right first: vault grant USER {name}:write; to give {name} up: --orphan {name}"
            )));
        }
        Ok(())
    }

    /// The environments that this user is the last admin to write: as a member, nobody could give rights on them.
    #[must_use]
    pub fn managed_only_by(&self, user: &UserName) -> Vec<&EnvironmentName> {
        let is_last = |of: &Environment| self.givers(of).all(|giver| giver == user) && self.givers(of).next().is_some();
        self.environments.iter().filter(|(_, of)| is_last(of)).map(|(name, _)| name).collect()
    }

    fn holders<'a>(&self, name: &EnvironmentName, users: &'a [UserName]) -> Vec<&'a str> {
        let environment = self.environments.get(name);
        users.iter().filter(|user| environment.is_some_and(|of| of.reads(user))).map(UserName::as_str).collect()
    }
}

impl Environment {
    /// The right that nobody would have any more, if somebody has it now.
    fn lost_with(&self, taking: &Taking<'_>) -> Option<Right> {
        let after = |user: &UserName, right: Right| match taking.users.contains(user) {
            true => taking.left.map(|left| left.min(right)),
            false => Some(right),
        };
        let has = |wanted: Right| self.grants.values().any(|right| *right >= wanted);
        let keeps = |wanted: Right| self.grants.iter().any(|(user, right)| after(user, *right) >= Some(wanted));
        [Right::Read, Right::Write].into_iter().find(|wanted| has(*wanted) && !keeps(*wanted))
    }
}
