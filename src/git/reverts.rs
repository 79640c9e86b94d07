//! Finds the reverts that were made in this clone, from its reflogs.
//!
//! A commit message alone is no proof of a revert, because a host chooses commits and their messages.

use super::{Git, Step, is_commit_id};
use crate::error::Result;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;

const REVERT: &str = "revert: ";
const AMENDED: &str = "commit (amend): ";
/// The beginning of a step that committed by hand.
const BY_HAND: &str = "commit: ";
/// The maximum number of such commits to examine.
const MAX_LOOKED_AT: usize = 64;
/// The beginning of a step that may have committed a `git revert --no-commit`.
const COMMITTED: &str = "commit: Revert \"";
const REVERTS: &str = "This reverts commit ";

impl Git {
    /// Returns the commits that `git revert` made here, including those amended right away or committed after
    /// `--no-commit`.
    #[must_use]
    pub fn reverts(&self) -> Vec<String> {
        let (mut reverts, mut is_revert) = (Vec::new(), false);
        for step in self.steps("HEAD").into_iter().rev() {
            is_revert = step.what.starts_with(REVERT)
                || (is_revert && step.what.starts_with(AMENDED))
                || (step.what.starts_with(COMMITTED) && self.is_commit_of_revert(&step.commit));
            if is_revert {
                reverts.push(step.commit);
            }
        }
        reverts
    }

    /// Returns the commits of `head` since `since` that were made by hand in this clone, including those amended right
    /// away, newest first. Merges don't count.
    ///
    /// # Errors
    /// If git fails.
    pub fn committed_since(&self, since: &str, head: &str) -> Result<Vec<String>> {
        let list = self.call(["rev-list", "--no-merges", head, "--not", since, "--"]).output()?;
        let list = String::from_utf8_lossy(&list);
        let (mut by_hand, mut is_by_hand) = (BTreeSet::new(), false);
        for step in self.steps("HEAD").into_iter().rev() {
            is_by_hand = step.what.starts_with(BY_HAND) || (is_by_hand && step.what.starts_with(AMENDED));
            if is_by_hand {
                by_hand.insert(step.commit);
            }
        }
        let committed = list.lines().filter(|commit| by_hand.contains(*commit));
        Ok(committed.take(MAX_LOOKED_AT).map(str::to_owned).collect())
    }

    /// Returns the known commits of others that added one of these texts to a file or removed it.
    ///
    /// # Errors
    /// If git fails.
    pub fn changed_by_others(&self, texts: &[String], path: &Path) -> Result<Vec<String>> {
        let fetched = self.commit("FETCH_HEAD");
        let made = self.made_here();
        let mut changed = BTreeSet::new();
        for text in texts {
            let shown = ["--no-show-signature", "--no-patch", "--no-textconv", "--no-ext-diff", "--format=%H"];
            let found = ["log", "--all", "--reflog", "--full-history", "--no-renames"];
            let text = format!("-S{text}");
            let options = found.iter().chain(&shown).copied().chain([text.as_str()]);
            let arguments = options.chain(fetched.as_deref()).chain(["--"]).map(OsStr::new).chain([path.as_os_str()]);
            let list = self.call(arguments).output()?;
            let list = String::from_utf8_lossy(&list).into_owned();
            changed.extend(list.lines().filter(|commit| !made.contains(*commit)).map(str::to_owned));
        }
        Ok(changed.into_iter().collect())
    }

    /// Whether a commit made here has the message that `git revert --no-commit` prepares. A commit of somebody else,
    /// applied here with its message, would look the same; so no commit of others that is known here may have that line.
    fn is_commit_of_revert(&self, commit: &str) -> bool {
        let shown = ["log", "--max-count=1", "--no-show-signature", "--no-patch", "--no-color", "--format=%B"];
        let message = self.call(shown.iter().chain(&[commit, "--"])).output().unwrap_or_default();
        let message = String::from_utf8_lossy(&message);
        let Some(line) = message.lines().find(|line| reverted_by(line).is_some_and(|id| self.is_before(id, commit)))
        else {
            return false;
        };
        let grep = format!("--grep={line}");
        let found = ["log", "--all", "--reflog", "--fixed-strings", "--no-show-signature", "--no-patch", "--format=%H"];
        let fetched = self.commit("FETCH_HEAD");
        let arguments = found.iter().copied().chain([grep.as_str()]).chain(fetched.as_deref()).chain(["--"]);
        let Ok(known) = self.call(arguments).output() else { return false };
        let made: BTreeSet<String> = self.made_here();
        String::from_utf8_lossy(&known).lines().all(|known| made.contains(known))
    }

    /// Whether a revert is in the history of a commit, either itself or as a rebase of one of these branches rewrote it.
    #[must_use]
    pub fn is_revert_in(&self, revert: &str, commit: &str, branches: &[&str]) -> bool {
        let is_made_anew = |(old, new): (String, String)| self.is_before(revert, &old) && self.is_before(&new, commit);
        self.is_before(revert, commit)
            || branches.iter().any(|branch| self.rebases(branch).into_iter().any(is_made_anew))
    }

    /// Returns the commits of a branch before and after each rebase made here.
    #[must_use]
    pub fn rebases(&self, branch: &str) -> Vec<(String, String)> {
        let steps = self.steps(&format!("refs/heads/{branch}"));
        let rebases = steps.windows(2).filter(|pair| is_rebase_of_branch(&pair[0]));
        rebases.map(|pair| (pair[1].commit.clone(), pair[0].commit.clone())).collect()
    }

    /// Returns the commit that `git revert --no-commit` has reverted, or is reverting.
    #[must_use]
    pub fn being_reverted(&self) -> Option<String> {
        self.commit("REVERT_HEAD")
    }
}

fn is_rebase_of_branch(step: &Step) -> bool {
    let is_rebase = ["rebase", "pull "].iter().any(|start| step.what.starts_with(start));
    is_rebase && step.what.contains("(finish): refs/heads/")
}

/// Returns the commit that a line of a message names as reverted.
fn reverted_by(line: &str) -> Option<&str> {
    let id = line.strip_prefix(REVERTS)?;
    // The message for a reverted merge has more words after the id.
    let id = id.split([',', '.']).next()?;
    is_commit_id(id).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n2_the_line_that_git_adds_to_a_revert_names_the_commit() {
        let id = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(reverted_by(&format!("This reverts commit {id}.")), Some(id));
        assert_eq!(reverted_by(&format!("This reverts commit {id}, reversing")), Some(id));
        for line in ["This reverts commit main.", "This reverts commit 0123456.", "this is no revert", ""] {
            assert_eq!(reverted_by(line), None, "{line}");
        }
    }
}
