//! Asks git about a file and a statement that was seen and is not in the file.

use super::other_clone::OtherClone;
use super::remote::Remotes;
use crate::error::Result;
use crate::file::{File, MAX_FILE, Relation};
use crate::fs::{self, Stamp};
use crate::git::{AtRevision, Commits, Git, Step, taken_by};
use crate::marks::Sighting;
use crate::marks::judge::{Answers, Here, Judged, OnBranch, Seen};
use crate::vault::Vault;
use crate::vault::git_answers::Tree;
use std::path::Path;

/// One file at one commit, about which git is asked.
pub(super) struct Question<'a> {
    tree: &'a Tree,
    git: Git,
    vault: &'a Vault,
    /// The bytes of the file, and the same bytes with the line ends that a repository stores, if they differ.
    contents: Vec<Vec<u8>>,
    /// Whether the vault is not a file in the work tree but a side of a merge, or its result. It then counts as committed.
    is_merged: bool,
    /// The commits that a merge in progress joins to the history. Once the file is resolved in git's index, it must
    /// descend from them.
    joined: Vec<String>,
}

impl<'a> Question<'a> {
    pub fn new(vault: &'a Vault, tree: &'a Tree) -> Self {
        let read = fs::read(&vault.location.real, MAX_FILE).ok();
        // If the file was replaced in the meantime, its bytes are not those in question.
        let bytes = read.filter(|(_, stamp)| *stamp == vault.stamp).map(|(bytes, _)| bytes);
        let contents = bytes.map_or_else(Vec::new, |bytes| {
            let plain = without_returns(&bytes);
            if plain == bytes { vec![bytes] } else { vec![bytes, plain] }
        });
        let is_merged = vault.stamp == Stamp::none();
        let is_decided = !is_merged && vault.unmerged.is_none();
        let joined = if is_decided { tree.head.being_joined() } else { Vec::new() };
        Self { tree, git: tree.git(), vault, contents, is_merged, joined }
    }

    pub(crate) fn judge(&self, sighting: &Sighting) -> Result<Judged> {
        let here = &self.tree.head;
        let other_clone = (sighting.clone != self.tree.clone).then_some(sighting.clone.as_str());
        let branch = sighting.branch.as_deref();
        let is_main = branch.is_some_and(|branch| here.is_main(branch));
        let seen = Seen { branch, other_clone, is_own: sighting.is_own, is_main };
        let answers = self.answers(sighting)?;
        let is_committed = answers.elsewhere.is_none() && self.is_committed()?;
        Ok(Judged::new(seen, Here { branch: here.branch.as_deref(), is_committed }, answers))
    }

    fn answers(&self, sighting: &Sighting) -> Result<Answers> {
        let (git, commit) = (&self.git, sighting.commit.as_deref());
        let knows_commit = commit.is_none_or(|commit| git.commit(commit).is_some());
        let mut answers = Answers { knows_commit, ..Answers::default() };
        let is_here = sighting.clone == self.tree.clone;
        let Some(head) = self.tree.head.commit.as_deref().filter(|_| answers.knows_commit || !is_here) else {
            return Ok(answers);
        };
        let history = if self.joined.is_empty() { Commits::Of(head) } else { Commits::WithHead(&self.joined) };
        answers.in_head = self.newest(sighting, history)?;
        if let Some(dropped) = &answers.in_head {
            answers.is_reverted = self.is_reverted(dropped, sighting);
            if !answers.is_reverted {
                answers.put_back = self.put_back_by(dropped, head, sighting)?;
            }
            answers.is_earlier = git.has_version(dropped, &self.tree.path, &self.contents)?;
            return Ok(answers);
        }
        let names = self.remote_branches();
        let has = |revision: &str| self.has(revision, sighting);
        let remotes = Remotes { git, sighting, head, names: &names, has: &has };
        answers.here = self.on_branch(sighting, head)?;
        if let Some(found) = self.newest(sighting, Commits::BesidesOf(head))? {
            answers.elsewhere = git.holder(&found, sighting.branch.as_deref())?;
        }
        answers.remote = remotes.tell(answers.elsewhere.is_some())?;
        let other = (!is_here).then_some(OtherClone { git, sighting, has: &has });
        answers.withheld = other.as_ref().and_then(OtherClone::withheld);
        if answers.elsewhere.is_some() {
            let is_in = |commit| git.has_version(commit, &self.tree.path, &self.contents);
            answers.is_earlier = commit.filter(|_| answers.knows_commit).map_or(Ok(false), is_in)?;
            return Ok(answers);
        }
        answers.has_branch =
            sighting.branch.as_ref().is_some_and(|branch| git.commit(&format!("refs/heads/{branch}")).is_some());
        answers.left = self.left(sighting, head)?;
        if let Some(other) = other {
            answers.is_earlier = other.has_earlier(&self.tree.path, &self.contents);
        }
        Ok(answers)
    }

    /// Determines from the reflog what happened to the statement on the current branch.
    fn on_branch(&self, sighting: &Sighting, head: &str) -> Result<OnBranch> {
        let Some(branch) = &self.tree.head.branch else { return Ok(OnBranch::Unknown) };
        let reference = format!("refs/heads/{branch}");
        let steps = self.git.steps_of(&reference);
        let commits: Vec<String> = steps.iter().map(|step| step.commit.clone()).collect();
        let found = if commits.is_empty() { None } else { self.newest(sighting, Commits::Any(&commits, head))? };
        let since = sighting.time.utc().timestamp();
        let is_by_hand = |found: &str| {
            // A merge commit that dropped the statement still has it in its history. So the branch lost the statement
            // when it moved away from that merge.
            let had = |revision: &str| self.git.is_before(found, revision) || self.has(revision, sighting);
            taken_by(&steps, &had).is_some_and(Step::is_by_hand)
        };
        Ok(match found {
            None if steps.last().is_some_and(|first| first.time <= since) => OnBranch::Never,
            None => OnBranch::Unknown,
            Some(found) if is_by_hand(&found) => OnBranch::MovedByHand,
            Some(_) => OnBranch::Moved,
        })
    }

    /// Returns the remote branches that matter for the current branch, and those of the main branch.
    fn remote_branches(&self) -> Vec<String> {
        let head = &self.tree.head;
        self.git.remote_branches_for(head.branch.as_deref(), &|branch| head.is_main(branch))
    }

    /// Returns the newest of these commits whose file has the statement.
    fn newest(&self, sighting: &Sighting, commits: Commits<'_>) -> Result<Option<String>> {
        self.git.newest_with(commits, Path::new(&sighting.path), &sighting.signature.to_string())
    }

    /// Returns the commit that had the statement if no branch has it any more: the one at which it was seen, or one
    /// that was checked out in this clone.
    fn left(&self, sighting: &Sighting, head: &str) -> Result<Option<String>> {
        // Two clones may share their objects, so having the commit does not mean that the statement was seen here.
        let is_seen_here = sighting.clone == self.tree.clone;
        let seen_at = sighting.commit.iter().filter(|_| is_seen_here && !sighting.is_own);
        let commits: Vec<String> = seen_at.cloned().chain(self.git.reflog("HEAD")).collect();
        if commits.is_empty() { Ok(None) } else { self.newest(sighting, Commits::Any(&commits, head)) }
    }

    /// Returns whether `git revert` took the statement back in this clone, and nothing brought it back since, according
    /// to the reflogs.
    fn is_reverted(&self, dropped: &str, sighting: &Sighting) -> bool {
        let (git, here) = (&self.git, &self.tree.head);
        let has = |revision: &str| self.has(revision, sighting);
        if let Some(reverted) = git.being_reverted() {
            // A revert of a merge took the statement back if one of the merge's parents lacks it.
            let lacks = |parent: &str| git.commit(&format!("{reverted}^{parent}")).is_some_and(|parent| !has(&parent));
            if has(&reverted) && (lacks("1") || lacks("2")) {
                return true;
            }
        }
        let Some(head) = &here.commit else { return false };
        let took_back = |revert: &String| !has(revert) && has(&format!("{revert}~1"));
        let reverts: Vec<String> = git.reverts().into_iter().filter(took_back).collect();
        let is_in_head = |revert: &String| git.is_before(dropped, revert) && git.is_before(revert, head);
        if reverts.iter().any(is_in_head) {
            return true;
        }
        // A rebase makes a new commit from a revert. The new commit is recognized by two facts: the branch had the
        // revert before the rebase, and the file has the block that the revert left.
        let rebased = |(old, new): &(String, String)| {
            git.is_before(dropped, new)
                && git.is_before(new, head)
                && !has(new)
                && reverts.iter().any(|revert| git.is_before(revert, old) && self.is_as_in(revert, sighting))
        };
        let rebases = here.branch.as_deref().map_or_else(Vec::new, |branch| git.rebases(branch));
        !reverts.is_empty() && rebases.iter().any(rebased)
    }

    /// Returns the commit that somebody made by hand in this clone and that restored an earlier version from its own
    /// history, as `git revert --no-commit` does when it is committed with a message that does not mention a revert.
    /// Returns `None` if a known commit by somebody else did the same, because the commit here may have been copied
    /// from it.
    fn put_back_by(&self, dropped: &str, head: &str, sighting: &Sighting) -> Result<Option<String>> {
        let git = &self.git;
        let took_back = |commit: &str| !self.has(commit, sighting) && self.has(&format!("{commit}~1"), sighting);
        let Some(by) = git.committed_since(dropped, head)?.into_iter().find(|commit| took_back(commit)) else {
            return Ok(None);
        };
        let Some(now) = self.signature_at(&by, sighting) else { return Ok(None) };
        let is_earlier = self.git.newest_with(Commits::Of(dropped), Path::new(&sighting.path), &now)?.is_some();
        let signatures = [now, sighting.signature.to_string()];
        let by_others = || -> Result<bool> {
            let changed = git.changed_by_others(&signatures, Path::new(&sighting.path))?;
            Ok(changed.iter().any(|commit| took_back(commit)))
        };
        Ok(if is_earlier && !by_others()? { Some(by) } else { None })
    }

    /// Returns the signature that the file of a commit has for this sighting's environment, or for the last roster change.
    fn signature_at(&self, revision: &str, sighting: &Sighting) -> Option<String> {
        let file = File::parse(self.file_at(revision, sighting)?).ok()?;
        let signature = match &sighting.environment {
            Some(name) => file.block(name)?.signature,
            None => file.roster.last()?.signature,
        };
        Some(signature.to_string())
    }

    /// Returns whether a commit has the same block as the current file.
    fn is_as_in(&self, revision: &str, sighting: &Sighting) -> bool {
        let block = sighting.environment.as_ref().and_then(|name| self.vault.file.block(name));
        let Some(block) = block else { return false };
        let bytes = self.file_at(revision, sighting);
        bytes.is_some_and(|bytes| memchr::memmem::find(&bytes, block.signature.to_string().as_bytes()).is_some())
    }

    fn file_at(&self, revision: &str, sighting: &Sighting) -> Option<Vec<u8>> {
        let revision = self.git.revision(revision).ok()?;
        match revision.read(Path::new(&sighting.path), MAX_FILE).ok()? {
            AtRevision::File(bytes) => Some(bytes),
            AtRevision::Absent | AtRevision::BehindLink(_) => None,
        }
    }

    /// Returns whether the file of a commit has the statement or descends from it.
    fn has(&self, revision: &str, sighting: &Sighting) -> bool {
        let Some(bytes) = self.file_at(revision, sighting) else { return false };
        if memchr::memmem::find(&bytes, sighting.signature.to_string().as_bytes()).is_some() {
            return true;
        }
        // A roster contains the signatures of all its ancestors, so the search above has found them.
        let Some(name) = &sighting.environment else { return false };
        let Ok(file) = File::parse(bytes) else { return false };
        let Some(block) = file.block(name) else { return false };
        let Ok(dearmored) = block.dearmor(&self.vault.id()) else { return false };
        block.statement.relation(&dearmored.hash, (sighting.version, &sighting.hash)) == Relation::GoesOn
    }

    /// Returns whether the file is the same as in the last commit.
    fn is_committed(&self) -> Result<bool> {
        if self.is_merged {
            return Ok(true);
        }
        let Some(head) = &self.tree.head.commit else { return Ok(false) };
        match self.git.revision(head)?.read(&self.tree.path, MAX_FILE)? {
            AtRevision::File(bytes) => {
                Ok(self.contents.iter().any(|content| *content == bytes || *content == without_returns(&bytes)))
            }
            AtRevision::Absent | AtRevision::BehindLink(_) => Ok(false),
        }
    }
}

/// Removes carriage returns: this gives the line ends that a repository stores, whatever a checkout made of them.
fn without_returns(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|byte| *byte != b'\r').collect()
}
