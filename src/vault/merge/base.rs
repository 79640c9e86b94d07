//! What git's history tells beside the two sides: what both went on from where git's own base is none or too old, whether
//! an old state is older than the other side, and whether `git revert` put it there.

use super::Merge;
use super::side::SideFile;
use crate::error::Result;
use crate::file::{Block, BlockStatement, Dearmored, File, Forebears, MAX_FILE, Relation};
use crate::fs;
use crate::git::{AtRevision, Commits, Git, work_trees_above};
use crate::merge::{Applied, Side};
use crate::name::EnvironmentName;
use crate::signature::Hash;
use std::path::PathBuf;

impl Merge {
    /// The files that an environment's items are compared with: git's base, unless both sides have something newer in common
    /// or one of them does not come from it. After branches that merged each other there may be several.
    pub(super) fn other_bases(&self, name: &EnvironmentName) -> Option<Vec<SideFile>> {
        // A commit that is picked or taken back is compared with the one before it, whatever this branch has.
        if matches!(self.applied, Applied::Change | Applied::Revert) {
            return None;
        }
        // Both are merged although one goes on from the other: `git revert` made that one, and took the base back.
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

    /// Whether the history has the saves that lead from a state to that of this side, where the blocks alone don't reach back
    /// so far.
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

    /// Whether a side's state is git's base, or goes on from it.
    pub(super) fn comes_from_base(&self, name: &EnvironmentName, side: Side) -> Result<bool> {
        let Some(Ok((base, before))) = self.base.as_ref().map(|base| base.sealed(name)) else { return Ok(false) };
        let (own, hash) = self.stated(side, name)?;
        Ok(match own.relation(&hash, (base.statement.version, &before.hash)) {
            Relation::Same | Relation::GoesOn => true,
            Relation::CannotTell { .. } => self.is_linked(name, side, (&base.statement, before.hash)),
            _ => false,
        })
    }

    /// What this branch had of all that git's base comes from, and has no more: its history has it, or that of a remote branch
    /// below it before somebody's forced push, and its state does not go on from it.
    ///
    /// A branch that a commit is picked onto need not have what came before that commit. One that had it has lost it, or
    /// somebody put another state in its place.
    pub(super) fn lost_here(&self, name: &EnvironmentName) -> Result<Option<BlockStatement>> {
        let Some(Ok((base, before))) = self.base.as_ref().map(|base| base.sealed(name)) else { return Ok(None) };
        let (ours, hash) = self.stated(Side::Ours, name)?;
        let Some((git, path)) = self.repository() else { return Ok(None) };
        let mut lost: Option<BlockStatement> = None;
        // All of them are looked at: who can push decides about their order.
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
        // Where git doesn't answer, nothing is known to be lost.
        let _ = git.newest_version(Commits::WithHead(&git.published_below()), &path, &mut look);
        Ok(lost)
    }

    /// Whether it was `git revert`, here, that put the state of the older side in the place of the base: in the history of
    /// that side. What was taken back on another branch explains nothing of this one.
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
            // Of a remote branch the one of its name here is what was rebased.
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
        Some(Forebears::of(&block.statement, &sealed.hash))
    }

    /// A file's block: nothing of it is verified but what its hash covers.
    fn block_in(&self, content: &[u8], name: &EnvironmentName) -> Option<(Block, Dearmored)> {
        let file = File::parse(content.to_vec()).ok()?;
        let block = file.block(name)?.clone();
        let dearmored = block.dearmor(&self.ours.vault.roster.id()).ok()?;
        Some((block, dearmored))
    }

    /// The repository, and the vault's path in it.
    fn repository(&self) -> Option<(Git, PathBuf)> {
        let real = &self.location.real;
        let top = work_trees_above(fs::parent(real)).next()?;
        Some((Git::at(top), real.strip_prefix(top).ok()?.to_owned()))
    }
}
