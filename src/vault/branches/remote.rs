//! Finds out from this clone's reflogs what happened to a statement on the remote branches.

use crate::error::Result;
use crate::git::{Commits, Git, Step, taken_by};
use crate::marks::Sighting;
use crate::marks::judge::Remote;
use std::path::Path;

/// The remote branches that matter for the current branch, and a statement that was seen.
pub(super) struct Remotes<'a> {
    pub git: &'a Git,
    pub sighting: &'a Sighting,
    /// The commit of HEAD.
    pub head: &'a str,
    /// The names of the remote branches.
    pub names: &'a [String],
    /// Returns whether the file of a commit has the statement or descends from it.
    pub has: &'a dyn Fn(&str) -> bool,
}

impl Remotes<'_> {
    /// Determines whether a remote branch has taken the statement back. `is_held` says whether any branch or tag still
    /// has it; only then can a remote branch have it.
    pub fn tell(&self, is_held: bool) -> Result<Remote> {
        if self.names.is_empty() && !self.git.has_heard_of_remotes() {
            return Ok(Remote::InOrder);
        }
        let (mut is_certain, mut has_it) = (!self.names.is_empty(), false);
        let since = self.sighting.time.utc().timestamp();
        for name in self.names {
            if is_held && self.is_at(name)? {
                has_it = true;
                continue;
            }
            let steps = self.git.steps_of(name);
            if let Some(commit) = self.taken_back(&steps)? {
                return Ok(Remote::TakenBack(commit));
            }
            is_certain &= self.git.tell_since(&steps, name, since) || self.was_before_this_clone(since);
        }
        Ok(if has_it || is_certain { Remote::InOrder } else { Remote::Unknown })
    }

    /// Returns whether the statement was made on this device before this clone was cloned. It then counts as work that
    /// was lost with an earlier clone at the same path.
    fn was_before_this_clone(&self, since: i64) -> bool {
        self.sighting.is_own && self.git.cloned_at().is_some_and(|cloned| cloned > since)
    }

    fn is_at(&self, name: &str) -> Result<bool> {
        Ok(self.newest(Commits::Any(&[name.to_owned()], self.head))?.is_some())
    }

    /// Returns the newest commit with the statement that a remote branch once had and has moved away from, unless a
    /// push from this clone moved the branch.
    fn taken_back(&self, steps: &[Step]) -> Result<Option<String>> {
        let commits: Vec<String> = steps.iter().map(|step| step.commit.clone()).collect();
        if commits.is_empty() {
            return Ok(None);
        }
        let Some(found) = self.newest(Commits::Any(&commits, self.head))? else { return Ok(None) };
        let is_pushed = taken_by(steps, self.has).is_some_and(Step::is_pushed);
        Ok(if is_pushed { None } else { Some(found) })
    }

    fn newest(&self, commits: Commits<'_>) -> Result<Option<String>> {
        let sighting = self.sighting;
        self.git.newest_with(commits, Path::new(&sighting.path), &sighting.signature.to_string())
    }
}
