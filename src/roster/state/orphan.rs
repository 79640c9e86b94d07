//! Keeps environments from being left without a reader or a writer.

use super::{Environment, State};
use crate::error::{Error, Reason, Remedy, Result};
use crate::name::{EnvironmentName, UserName};
use crate::roster::Right;

/// Who loses rights on which environments.
#[derive(Debug, Clone, Copy)]
pub struct Taking<'a> {
    /// The users who lose rights.
    pub users: &'a [UserName],
    /// The environments.
    pub environments: &'a [EnvironmentName],
    /// The right that the users keep, if any.
    pub left: Option<Right>,
    /// Who takes the rights away.
    pub by: &'a UserName,
}

impl State {
    /// Checks that somebody can still read and write each environment afterwards, except those in `orphaned`. Nobody
    /// could grant a right on an environment without a writer, or change its values.
    ///
    /// # Errors
    /// [`Reason::LastHolder`], with the environments and the right that nobody would have.
    pub(crate) fn check_orphans(&self, taking: &Taking<'_>, orphaned: &[EnvironmentName]) -> Result<()> {
        for name in orphaned {
            self.environment(name)?;
        }
        let mut all = Vec::new();
        for name in taking.environments.iter().filter(|name| !orphaned.contains(name)) {
            if let Some(lost) = self.environment(name)?.lost_with(taking) {
                all.push((name, lost));
            }
        }
        let Some((first, lost)) = all.first().copied() else { return Ok(()) };
        // The error names all environments that lose the same right of the same users.
        let holders = self.holders(first, taking.users);
        let is_alike =
            |(name, right): &(&EnvironmentName, Right)| *right == lost && self.holders(name, taking.users) == holders;
        let names: Vec<&EnvironmentName> = all.iter().filter(|one| is_alike(one)).map(|(name, _)| *name).collect();
        Err(self.orphaning(&names, lost, &holders, taking.by))
    }

    fn orphaning(&self, names: &[&EnvironmentName], lost: Right, holders: &[&str], by: &UserName) -> Error {
        let (noun, verb) = match lost {
            Right::Read => ("reader", "read"),
            Right::Write => ("writer", "change"),
        };
        let last = if holders.len() == 1 { format!("is the last {noun}") } else { format!("are the last {noun}s") };
        let them = if names.len() == 1 { "it" } else { "them" };
        let listed: Vec<String> = names.iter().map(ToString::to_string).collect();
        let (who, which) = (holders.join(" and "), listed.join(", "));
        let error = format!("{who} {last} of {which}: nobody could {verb} {them} any more");
        let (error, orphan) = (Error::new(Reason::LastHolder, error), Remedy::Orphan(listed));
        let writes =
            |name: &&EnvironmentName| self.environments.get(*name).is_some_and(|environment| environment.writes(by));
        if names.iter().all(writes) {
            let grants = names.iter().map(|name| format!("{name}:write")).collect::<Vec<_>>().join(" ");
            return error.hint((
                "give somebody else the right first: ",
                Remedy::Grant { user: "USER".to_owned(), rights: grants },
                format!("; to give {them} up: "),
                orphan,
            ));
        }
        let givers: Vec<&str> = names
            .first()
            .and_then(|name| self.environments.get(*name))
            .map(|environment| self.givers(environment).map(UserName::as_str).collect())
            .unwrap_or_default();
        match &givers[..] {
            [] => error.hint((format!("no admin can give somebody else that right; to give {them} up: "), orphan)),
            givers => error.hint((
                format!("{} can give somebody else the right first: ", givers.join(" or ")),
                Remedy::Grant { user: "USER".to_owned(), rights: format!("{}:write", names[0]) },
                format!("; to give {them} up: "),
                orphan,
            )),
        }
    }

    fn holders<'a>(&self, name: &EnvironmentName, users: &'a [UserName]) -> Vec<&'a str> {
        let environment = self.environments.get(name);
        users
            .iter()
            .filter(|user| environment.is_some_and(|environment| environment.reads(user)))
            .map(UserName::as_str)
            .collect()
    }
}

impl Environment {
    /// Returns a right that somebody has now and nobody would have afterwards.
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
