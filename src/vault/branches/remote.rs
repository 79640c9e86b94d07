//! What the remote branches tell of something that was seen, as this clone has their steps written down.

use crate::error::Result;
use crate::git::{Commits, Git, Step, taken_by};
use crate::marks::Sighting;
use crate::marks::judge::Remote;
use std::path::Path;

/// The remote branches that have to do with the branch at hand, and something that was seen.
pub(super) struct Remotes<'a> {
    pub git: &'a Git,
    pub sighting: &'a Sighting,
    /// The commit at hand.
    pub head: &'a str,
    /// The remote branches.
    pub names: &'a [String],
    /// Whether the file of a commit is, or goes on from, what was seen.
    pub has: &'a dyn Fn(&str) -> bool,
}

impl Remotes<'_> {
    /// Whether one of them has taken it back, or has it where something still does.
    pub fn tell(&self, is_held: bool) -> Result<Remote> {
        if self.names.is_empty() && !self.git.has_heard_of_remotes() {
            return Ok(Remote::InOrder);
        }
        let (mut is_told, mut has_it) = (!self.names.is_empty(), false);
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
            is_told &= self.git.tell_since(&steps, name, since) || self.was_before_this_clone(since);
        }
        Ok(if has_it || is_told { Remote::InOrder } else { Remote::Untold })
    }

    /// Whether it was made here, in a clone that was at this place before: it is taken for work that went with it.
    fn was_before_this_clone(&self, since: i64) -> bool {
        self.sighting.is_own && self.git.cloned_at().is_some_and(|cloned| cloned > since)
    }

    fn is_at(&self, name: &str) -> Result<bool> {
        Ok(self.newest(Commits::Any(&[name.to_owned()], self.head))?.is_some())
    }

    /// The commit with it that one of these steps led to, and a later one away from, unless this clone pushed that one.
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
