//! What another clone on this device knows of something that was seen there, and whether it is kept from this one.

use crate::error::Result;
use crate::git::{Commits, Git, Moment};
use crate::marks::Sighting;
use std::path::Path;

/// How many steps of a remote branch are looked at, the newest first.
const MAX_STEPS: usize = 32;

/// What was seen in another clone.
pub(super) struct OtherClone<'a> {
    /// This clone.
    pub git: &'a Git,
    pub sighting: &'a Sighting,
    /// Whether the file of a commit of this clone is, or goes on from, what was seen.
    pub has: &'a dyn Fn(&str) -> bool,
}

impl OtherClone<'_> {
    /// The remote branch that had it, and of which this clone has got a state without it since. What can't be told is not
    /// so.
    pub fn withheld(&self) -> Option<String> {
        let branch = self.sighting.branch.as_deref()?;
        let there = self.there();
        self.git.remote_branches(branch).into_iter().find(|reference| {
            let Some((commit, then)) = self.git.fetched(reference) else { return false };
            let was_before = match &there {
                Some(there) => self.was_published_before(there, reference, then),
                // What others have made had come from a remote branch.
                None => Ok(!self.sighting.is_own && Moment::of_second(self.sighting.time.utc().timestamp()) < then),
            };
            // A shallow clone may have what goes on from it alone.
            let lacks_it = || self.has(self.git, &commit).is_ok_and(|has| !has) && !(self.has)(&commit);
            was_before.unwrap_or_default() && lacks_it()
        })
    }

    /// Whether this file is in the history of the commit at which it was seen there.
    pub fn has_earlier(&self, path: &Path, contents: &[Vec<u8>]) -> bool {
        let commit = self.there().zip(self.sighting.commit.as_deref());
        commit.is_some_and(|(git, commit)| git.has_version(commit, path, contents).unwrap_or_default())
    }

    /// The other clone, if it is still the one where it was seen.
    fn there(&self) -> Option<Git> {
        let git = Git::at(Path::new(&self.sighting.clone));
        let commit = self.sighting.commit.as_deref()?;
        git.commit(commit).map(|_| git)
    }

    /// Whether the history of a commit has it.
    fn has(&self, git: &Git, commit: &str) -> Result<bool> {
        let (path, text) = (Path::new(&self.sighting.path), self.sighting.signature.to_string());
        Ok(git.newest_with(Commits::Of(commit), path, &text)?.is_some())
    }

    /// Whether the remote branch had it before then, as the other clone knows that branch. A remote of another address may
    /// have another branch of the same name.
    fn was_published_before(&self, there: &Git, reference: &str, then: Moment) -> Result<bool> {
        if self.git.address_of(reference).is_none_or(|address| there.address_of(reference) != Some(address)) {
            return Ok(false);
        }
        let steps = there.steps_of(reference);
        for (number, step) in steps.iter().take(MAX_STEPS).enumerate() {
            if !self.has(there, &step.commit)? {
                return Ok(false);
            }
            // A step that is not the last one is known by its second alone, at the end of which it was made at the latest.
            let exact = (number == 0).then(|| there.moment_of_last(reference, step)).flatten();
            let moment = exact.unwrap_or(Moment::of_second(step.time + 1));
            if moment < then {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
