//! Handles an environment that one side removed and added again, while the other side changed rights on the old one.

use super::Again;
use crate::name::{EnvironmentName, UserName};
use crate::roster::{Change, Draft, Protection, Right, State};

/// What a side did to a user's right.
enum Restriction {
    None,
    LoweredTo(Right),
    Revoked,
}

impl Again<'_> {
    /// Adds an environment that the other side lacks, or has only in its old form. In the latter case the new environment
    /// replaces the old one, and the rights and the protection that the other side restricted on the old one are
    /// restricted on the new one, too.
    pub(super) fn add_anew(
        &self,
        draft: &Draft,
        name: &EnvironmentName,
        grants: Vec<(UserName, Right)>,
    ) -> Vec<Change> {
        let mut left = Vec::new();
        for (user, right) in grants {
            // The user who adds an environment must be able to write it.
            let restriction = if user == draft.author { Restriction::None } else { self.restriction(name, &user) };
            match restriction {
                Restriction::None => left.push((user, right)),
                Restriction::LoweredTo(lowered) => left.push((user, lowered.min(right))),
                Restriction::Revoked => {}
            }
        }
        let add = Change::AddEnvironment { environment: name.clone(), grants: left };
        let [before, onto] = [self.before, self.onto].map(|state| state.environments.get(name));
        let is_raised = before.zip(onto).is_some_and(|(before, onto)| onto.protected > before.protected);
        let protect = Change::SetEnvironment { environment: name.clone(), protected: Protection::Yes };
        [Some(add), is_raised.then_some(protect)].into_iter().flatten().collect()
    }

    /// Returns what the other side did to a user's right on the environment that both had under this name.
    fn restriction(&self, name: &EnvironmentName, user: &UserName) -> Restriction {
        let [before, onto] = [self.before, self.onto].map(|state| state.environments.get(name));
        let Some((before, onto)) = before.zip(onto).filter(|(before, onto)| before.added == onto.added) else {
            return Restriction::None;
        };
        let [had, has] = [before, onto].map(|environment| environment.grants.get(user).copied());
        match has {
            _ if has >= had => Restriction::None,
            Some(right) => Restriction::LoweredTo(right),
            None => Restriction::Revoked,
        }
    }

    /// Whether another environment has replaced the one that both had under this name.
    pub(super) fn is_replaced(&self, name: &EnvironmentName, now: &State) -> bool {
        let [before, now] = [self.before, now].map(|state| state.environments.get(name));
        !self.added_environments.contains(name)
            && before.zip(now).is_some_and(|(before, now)| before.added != now.added)
    }
}
