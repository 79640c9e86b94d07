//! Reads from git's history what the two sides alone don't show: the common ancestors if git's merge base is missing or
//! too old, whether an older state is an ancestor of the other side, and whether `git revert` restored it.

use super::Merge;
use crate::error::Result;
use crate::file::{Block, BlockStatement, Dearmored, File, Forebears, MAX_FILE, Relation};
use crate::fs;
use crate::git::{AtRevision, Commits, Git, work_trees_above};
use crate::merge::{Applied, Side};
use crate::name::EnvironmentName;
use crate::signature::Hash;
use crate::vault::side::SideFile;
use std::path::PathBuf;

impl Merge {
    /// Returns the files to compare an environment's items with, if git's merge base is not the right one: because both
    /// sides have a newer common ancestor, or because one of them does not descend from the base. There may be several
    /// after branches merged each other.
    pub(super) fn other_bases(&self, name: &EnvironmentName) -> Option<Vec<SideFile>> {
        // A commit that is cherry-picked or reverted is compared with its parent, whatever this branch has.
        if matches!(self.applied, Applied::Change | Applied::Revert) {
            return None;
        }
        // Both sides are merged although one descends from the other, because `git revert` made the older state and
        // reverted the base.
        if Side::BOTH.into_iter().any(|side| self.goes_on_from_other(name, side).unwrap_or_default()) {
            return None;
        }
        let [ours, theirs] = Side::BOTH.map(|side| self.forebears(side, name));
        let mut shared = ours?.shared_with(&theirs?);
        let newest = shared.newest()?;
        let known = self.base.as_ref().and_then(|base| base.sealed(name).ok());
        if known.is_some_and(|(block, sealed)| {
            let version = block.statement.version;
            version >= newest && shared.has(version, &sealed.hash)
        }) {
            return None;
        }
        let (git, path) = self.repository()?;
        let mut contents = Vec::new();
        let mut look = |content: &[u8]| {
            if let Some((block, found)) = self.block_in(content, name)
                && shared.has(block.statement.version, &found.hash)
            {
                shared.remove(&block.statement, &found.hash);
                contents.push(content.to_vec());
            }
            shared.newest().is_none()
        };
        git.newest_version(Commits::All, &path, &mut look).ok()?;
        let read = |bytes| self.read_base(bytes).ok();
        let files: Vec<SideFile> = contents.into_iter().filter_map(read).collect();
        (!files.is_empty()).then_some(files)
    }

    /// Returns whether the history has the saves that link an older state to the state of the `newer` side, for blocks
    /// whose own list of ancestors is too short.
    pub(super) fn is_linked(&self, name: &EnvironmentName, newer: Side, older: (&BlockStatement, Hash)) -> bool {
        let (Some(mut line), Some((git, path))) = (self.forebears(newer, name), self.repository()) else {
            return false;
        };
        let mut look = |content: &[u8]| {
            if let Some((block, found)) = self.block_in(content, name)
                && line.has(block.statement.version, &found.hash)
            {
                line.add(&block.statement, &found.hash);
            }
            line.has(older.0.version, &older.1)
        };
        git.newest_version(Commits::All, &path, &mut look).is_ok_and(|found| found.is_some())
    }

    /// Returns whether the state of a side is git's merge base or descends from it.
    pub(super) fn comes_from_base(&self, name: &EnvironmentName, side: Side) -> Result<bool> {
        let Some(Ok((base, before))) = self.base.as_ref().map(|base| base.sealed(name)) else { return Ok(false) };
        let (statement, hash) = self.stated(side, name)?;
        Ok(match statement.relation(&hash, (base.statement.version, &before.hash)) {
            Relation::Same | Relation::GoesOn => true,
            Relation::CannotTell { .. } => self.is_linked(name, side, (&base.statement, before.hash)),
            _ => false,
        })
    }

    /// Returns the newest state, among git's merge base and its ancestors, that this branch has lost: HEAD's history
    /// has it, or a remote branch below HEAD had it before a forced push, but our state does not descend from it.
    ///
    /// A branch onto which a commit is cherry-picked need not have what came before that commit. But a branch that had
    /// it either lost it, or somebody replaced it with another state.
    pub(super) fn lost_here(&self, name: &EnvironmentName) -> Result<Option<BlockStatement>> {
        let Some(Ok((base, before))) = self.base.as_ref().map(|base| base.sealed(name)) else { return Ok(None) };
        let (ours, hash) = self.stated(Side::Ours, name)?;
        let Some((git, path)) = self.repository() else { return Ok(None) };
        let mut lost: Option<BlockStatement> = None;
        // Every version is examined, because anybody who can push decides on their order.
        let mut look = |content: &[u8]| {
            let Some((block, found)) = self.block_in(content, name) else { return false };
            let state = (block.statement.version, &found.hash);
            let is_below = matches!(base.statement.relation(&before.hash, state), Relation::Same | Relation::GoesOn);
            let is_lost = matches!(ours.relation(&hash, state), Relation::Lost | Relation::Older | Relation::Fork);
            if is_below && is_lost && lost.as_ref().is_none_or(|lost| lost.version < block.statement.version) {
                lost = Some(block.statement);
            }
            false
        };
        // Without an answer from git, nothing counts as lost.
        let _ = git.newest_version(Commits::WithHead(&git.published_below()), &path, &mut look);
        Ok(lost)
    }

    /// Returns whether `git revert`, run in this clone, replaced the base with the older side's state, in the history
    /// of that side. A revert on another branch does not count.
    pub(super) fn is_reverted_here(&self, name: &EnvironmentName, older: Side) -> bool {
        let Some(base) = &self.base else { return false };
        let (Ok((old, _)), Ok((before, _))) = (self.side(older).sealed(name), base.sealed(name)) else { return false };
        let Some((git, path)) = self.repository() else { return false };
        let has = |revision: &str, block: &Block| {
            let read = git.revision(revision).and_then(|revision| revision.read(&path, MAX_FILE));
            let signature = block.signature.to_string();
            matches!(read, Ok(AtRevision::File(bytes)) if memchr::memmem::find(&bytes, signature.as_bytes()).is_some())
        };
        let (side, branch) = match older {
            Side::Ours => ("HEAD", git.current_branch()),
            // For a remote branch, the local branch of the same name is the one that was rebased.
            Side::Theirs => match &self.applied_from {
                Some(from) => (from.as_str(), Some(from.clone())),
                None => return false,
            },
        };
        let Some(commit) = git.commit(side) else { return false };
        let short = branch.as_deref().and_then(|branch| branch.split_once('/')).map(|(_, short)| short);
        let branches: Vec<&str> = branch.as_deref().into_iter().chain(short).collect();
        git.reverts().iter().any(|revert| {
            has(revert, old) && has(&format!("{revert}~1"), before) && git.is_revert_in(revert, &commit, &branches)
        })
    }

    fn forebears(&self, side: Side, name: &EnvironmentName) -> Option<Forebears> {
        let (block, sealed) = self.side(side).sealed(name).ok()?;
        Some(Forebears::new(&block.statement, &sealed.hash))
    }

    /// Returns a file's block. Only the hash of its statement is checked.
    fn block_in(&self, content: &[u8], name: &EnvironmentName) -> Option<(Block, Dearmored)> {
        let file = File::parse(content.to_vec()).ok()?;
        let block = file.block(name)?.clone();
        let dearmored = block.dearmor(&self.ours.vault.roster.id()).ok()?;
        Some((block, dearmored))
    }

    /// Returns the repository, and the vault's path in it.
    fn repository(&self) -> Option<(Git, PathBuf)> {
        let real = &self.location.real;
        let top = work_trees_above(fs::parent(real)).next()?;
        Some((Git::at(top), real.strip_prefix(top).ok()?.to_owned()))
    }
}
