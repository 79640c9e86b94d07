//! What git is asked about a file and something that is not in it.

use super::Tree;
use super::other_clone::OtherClone;
use crate::error::Result;
use crate::file::MAX_FILE;
use crate::fs::{self, Stamp};
use crate::git::{AtRevision, Commits, Git};
use crate::marks::Sighting;
use crate::marks::judge::{Abandoned, Answers, Here, Judged, Seen};
use crate::vault::Vault;
use std::path::Path;

/// One file at one commit, about which git is asked.
pub(super) struct Question<'a> {
    tree: &'a Tree,
    git: Git,
    /// The file's bytes, and the same with the line ends that a repository has.
    contents: Vec<Vec<u8>>,
    /// Whether this is no file yet, but a side of a merge, or both: what git has committed.
    is_merged: bool,
}

impl<'a> Question<'a> {
    pub fn new(vault: &Vault, tree: &'a Tree) -> Self {
        let read = fs::read(&vault.location.real, MAX_FILE).ok();
        // A file that was replaced meanwhile is not the one in question.
        let bytes = read.filter(|(_, stamp)| *stamp == vault.stamp).map(|(bytes, _)| bytes);
        let contents = bytes.map_or_else(Vec::new, |bytes| {
            let plain = without_returns(&bytes);
            if plain == bytes { vec![bytes] } else { vec![bytes, plain] }
        });
        Self { tree, git: tree.git(), contents, is_merged: vault.stamp == Stamp::none() }
    }

    pub fn judge(&self, sighting: &Sighting) -> Result<Judged> {
        let branch = self.tree.head.branch.as_deref();
        let other_clone = (sighting.clone != self.tree.clone).then_some(sighting.clone.as_str());
        let seen = Seen { branch: sighting.branch.as_deref(), other_clone, is_own: sighting.is_own };
        let answers = self.answers(sighting)?;
        let is_committed = answers.elsewhere.is_none() && self.is_committed()?;
        Ok(Judged::new(seen, Here { branch, is_committed }, answers))
    }

    fn answers(&self, sighting: &Sighting) -> Result<Answers> {
        let (git, commit) = (&self.git, sighting.commit.as_deref());
        let (path, signature) = (Path::new(&sighting.path), sighting.signature.to_string());
        let knows_commit = commit.is_none_or(|commit| git.commit(commit).is_some());
        let mut answers = Answers { knows_commit, ..Answers::default() };
        let is_here = sighting.clone == self.tree.clone;
        let Some(head) = self.tree.head.commit.as_deref().filter(|_| answers.knows_commit || !is_here) else {
            return Ok(answers);
        };
        answers.in_head = self.newest(sighting, Commits::Of(head))?;
        if let Some(dropped) = &answers.in_head {
            answers.is_reverted = self.is_reverted(dropped, path, signature.as_bytes())?;
            answers.is_earlier = git.has_version(dropped, &self.tree.path, &self.contents)?;
            return Ok(answers);
        }
        if let Some(found) = self.newest(sighting, Commits::BesidesOf(head))? {
            let holder = git.holder(&found, sighting.branch.as_deref())?;
            answers.elsewhere = holder.map(|holder| (found, holder));
        }
        if answers.elsewhere.is_some() {
            let is_in = |commit| git.has_version(commit, &self.tree.path, &self.contents);
            answers.is_earlier = commit.filter(|_| answers.knows_commit).map_or(Ok(false), is_in)?;
            return Ok(answers);
        }
        answers.has_branch =
            sighting.branch.as_ref().is_some_and(|branch| git.commit(&format!("refs/heads/{branch}")).is_some());
        answers.abandoned = self.abandoned(sighting, head)?;
        if !is_here {
            let other = OtherClone { git: &self.git, sighting };
            answers.withheld = other.withheld();
            answers.is_earlier = other.has_earlier(&self.tree.path, &self.contents);
        }
        Ok(answers)
    }

    /// The newest of these commits that has what was seen.
    fn newest(&self, sighting: &Sighting, commits: Commits<'_>) -> Result<Option<String>> {
        self.git.newest_with(commits, Path::new(&sighting.path), &sighting.signature.to_string())
    }

    /// Where it was, if no branch has it any more: in what remote branches were before, or what was checked out here.
    fn abandoned(&self, sighting: &Sighting, head: &str) -> Result<Option<Abandoned>> {
        // Two clones may share their objects: to have the commit is not to have seen it.
        let is_seen_here = sighting.clone == self.tree.clone;
        let branches = [sighting.branch.as_ref(), self.tree.head.branch.as_ref()];
        let published: Vec<String> =
            branches.into_iter().flatten().flat_map(|branch| self.git.published(branch)).collect();
        let before: [(Vec<String>, bool); 3] = [
            (published, true),
            (sighting.commit.iter().filter(|_| is_seen_here && !sighting.is_own).cloned().collect(), true),
            (self.git.reflog("HEAD"), false),
        ];
        for (commits, was_published) in before {
            if commits.is_empty() {
                continue;
            }
            if let Some(commit) = self.newest(sighting, Commits::Any(&commits, head))? {
                return Ok(Some(Abandoned { commit, was_published }));
            }
        }
        Ok(None)
    }

    /// Whether the last that happened to it was that `git revert` took it back, here.
    fn is_reverted(&self, dropped: &str, path: &Path, signature: &[u8]) -> Result<bool> {
        let has = |revision: &str| -> Result<bool> {
            let read = self.git.revision(revision).and_then(|revision| revision.read(path, MAX_FILE));
            Ok(match read {
                Ok(AtRevision::File(bytes)) => memchr::memmem::find(&bytes, signature).is_some(),
                _ => false,
            })
        };
        for revert in self.git.reverts(&self.tree.head) {
            if self.git.is_before(dropped, &revert) && !has(&revert)? && has(&format!("{revert}~1"))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the file is the one of the last commit.
    fn is_committed(&self) -> Result<bool> {
        if self.is_merged {
            return Ok(true);
        }
        let Some(head) = &self.tree.head.commit else { return Ok(false) };
        match self.git.revision(head)?.read(&self.tree.path, MAX_FILE)? {
            AtRevision::File(bytes) => {
                Ok(self.contents.iter().any(|own| *own == bytes || *own == without_returns(&bytes)))
            }
            AtRevision::Absent | AtRevision::BehindLink(_) => Ok(false),
        }
    }
}

/// With the line ends that a repository has, whatever a checkout made of them.
fn without_returns(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|byte| *byte != b'\r').collect()
}
