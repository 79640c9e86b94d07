//! Finds out whether another clone on this device still has a statement that was seen there, and whether a remote
//! withholds the statement from this clone.

use crate::error::Result;
use crate::git::{Commits, Git, Moment};
use crate::marks::Sighting;
use std::path::Path;

/// The number of reflog entries of a remote branch that are examined, newest first.
const MAX_STEPS: usize = 32;

/// A statement that was seen in another clone.
pub(super) struct OtherClone<'a> {
    /// The git repository of this clone.
    pub git: &'a Git,
    pub sighting: &'a Sighting,
    /// Returns whether the file of a commit in this clone has the statement or descends from it.
    pub has: &'a dyn Fn(&str) -> bool,
}

impl OtherClone<'_> {
    /// Returns the remote branch that had the statement before this clone last fetched that branch, if the fetched
    /// state lacks the statement. Returns `None` if that can't be determined.
    pub fn withheld(&self) -> Option<String> {
        let branch = self.sighting.branch.as_deref()?;
        let other = self.git_of_other();
        self.git.remote_branches(branch).into_iter().find(|reference| {
            let Some((commit, then)) = self.git.fetched(reference) else { return false };
            let was_before = match &other {
                Some(other) => self.was_published_before(other, reference, then),
                // A statement made by somebody else must have come from a remote branch.
                None => Ok(!self.sighting.is_own && Moment::of_second(self.sighting.time.utc().timestamp()) < then),
            };
            // In a shallow clone the history may hold only a descendant of the statement.
            let lacks_it = || self.has(self.git, &commit).is_ok_and(|has| !has) && !(self.has)(&commit);
            was_before.unwrap_or_default() && lacks_it()
        })
    }

    /// Returns whether this file is in the history of the commit at which the statement was seen in the other clone.
    pub fn has_earlier(&self, path: &Path, contents: &[Vec<u8>]) -> bool {
        let commit = self.git_of_other().zip(self.sighting.commit.as_deref());
        commit.is_some_and(|(git, commit)| git.has_version(commit, path, contents).unwrap_or_default())
    }

    /// Returns the other clone, if it still has the commit at which the statement was seen.
    fn git_of_other(&self) -> Option<Git> {
        let git = Git::at(Path::new(&self.sighting.clone));
        let commit = self.sighting.commit.as_deref()?;
        git.commit(commit).map(|_| git)
    }

    /// Returns whether the history of a commit has the statement.
    fn has(&self, git: &Git, commit: &str) -> Result<bool> {
        let (path, text) = (Path::new(&self.sighting.path), self.sighting.signature.to_string());
        Ok(git.newest_with(Commits::Of(commit), path, &text)?.is_some())
    }

    /// Returns whether the remote branch had the statement before `then`, according to the other clone. Both clones
    /// must have the same address for the remote, because another remote may have a different branch of the same name.
    fn was_published_before(&self, other: &Git, reference: &str, then: Moment) -> Result<bool> {
        if self.git.address_of(reference).is_none_or(|address| other.address_of(reference) != Some(address)) {
            return Ok(false);
        }
        let steps = other.steps_of(reference);
        for (number, step) in steps.iter().take(MAX_STEPS).enumerate() {
            if !self.has(other, &step.commit)? {
                return Ok(false);
            }
            // Only the last reflog entry has an exact time. The others have a time in seconds, so the end of that
            // second is used.
            let exact = (number == 0).then(|| other.moment_of_last(reference, step)).flatten();
            let moment = exact.unwrap_or(Moment::of_second(step.time + 1));
            if moment < then {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
