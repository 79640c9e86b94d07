//! Handles an environment that one side removed and added again, while the other side changed rights on the old one.

use super::Again;
use crate::name::{EnvironmentName, UserName};
use crate::roster::{Change, Draft, Protection, Right, State};

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
            let lowered = self.lowered(name, &user).filter(|_| user != draft.author);
            let right = lowered.map_or(Some(right), |lowered| lowered.map(|lowered| lowered.min(right)));
            left.extend(right.map(|right| (user, right)));
        }
        let add = Change::AddEnvironment { environment: name.clone(), grants: left };
        let [before, onto] = [self.before, self.onto].map(|state| state.environments.get(name));
        let is_raised = before.zip(onto).is_some_and(|(before, onto)| onto.protected > before.protected);
        let protect = Change::SetEnvironment { environment: name.clone(), protected: Protection::Yes };
        [Some(add), is_raised.then_some(protect)].into_iter().flatten().collect()
    }

    /// Returns the right that the other side left a user on the environment that both had under this name, if it lowered
    /// it.
    fn lowered(&self, name: &EnvironmentName, user: &UserName) -> Option<Option<Right>> {
        let [before, onto] = [self.before, self.onto].map(|state| state.environments.get(name));
        let (before, onto) = before.zip(onto)?;
        let [had, has] = [before, onto].map(|environment| environment.grants.get(user).copied());
        (before.added == onto.added && has < had).then_some(has)
    }

    /// Whether another environment has replaced the one that both had under this name.
    pub(super) fn is_replaced(&self, name: &EnvironmentName, now: &State) -> bool {
        let [before, now] = [self.before, now].map(|state| state.environments.get(name));
        !self.added_environments.contains(name)
            && before.zip(now).is_some_and(|(before, now)| before.added != now.added)
    }
}
