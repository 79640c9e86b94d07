//! Finds out from git what the merges in this clone have joined. If git merged the file by lines, or somebody took one
//! side as a whole, the file may lack what the other side had, and this device may never have seen it.

use crate::error::Result;
use crate::file::{Block, MAX_FILE};
use crate::fs::Stamp;
use crate::git::{Head as WorkTree, is_plain_since, work_trees_above};
use crate::identity::Head;
use crate::marks::{Looked, Marks, Seen, Side, Sighting};
use crate::merge::Applied;
use crate::name::EnvironmentName;
use crate::vault::Vault;
use crate::vault::git_answers::Tree;
use crate::vault::older::goes_on;
use crate::vault::side::{SideFile, of_sides};
use std::collections::BTreeMap;
use std::path::PathBuf;

impl Vault {
    /// Looks for merges that were made in this clone since the last look. Returns whether they joined something from
    /// which the file does not descend, and records it. git is asked once, and only if its reflogs show a step that may
    /// have joined something.
    pub(in crate::vault) fn has_joined(&self) -> bool {
        if let Some(joined) = self.git_answers.joined.get() {
            return *joined;
        }
        let joined = self.marks.as_ref().is_some_and(|marks| marks.git && self.unmerged.is_none() && self.joins(marks));
        *self.git_answers.joined.get_or_init(|| joined)
    }

    /// Returns false if git does not answer or the result can't be recorded; the next command then looks again.
    fn joins(&self, marks: &Marks) -> bool {
        let top = work_trees_above(crate::fs::parent(&self.location.real)).next();
        let Some(head) = top.and_then(WorkTree::read) else { return false };
        let Some(commit) = &head.commit else { return false };
        let logs: Vec<String> = head.logs().iter().map(|log| log.to_string_lossy().into_owned()).collect();
        let is_known = |log: &String| {
            let looked = marks.looked_at(log);
            looked == Some(commit.as_str()) || is_plain_since(&PathBuf::from(log), looked)
        };
        let begun = self.lacks_what_is_being_joined(&head).unwrap_or_default();
        if logs.iter().all(is_known) {
            return begun;
        }
        let since = logs.first().and_then(|log| marks.looked_at(log));
        let record = || -> Result<bool> {
            let Some(tree) = self.top_tree()? else { return Ok(false) };
            let sides = self.joined_sides(&tree, &tree.git().joined(commit, since)?)?;
            let looked: Vec<_> = logs.iter().map(|log| Looked { log: log.clone(), commit: commit.clone() }).collect();
            self.marks_store().note_joined(&sides, &looked)?;
            Ok(!sides.is_empty())
        };
        record().unwrap_or_default() || begun
    }

    /// Returns whether the file does not descend from what a merge or rebase in progress joins. This is not recorded,
    /// because the merge may still be aborted.
    fn lacks_what_is_being_joined(&self, head: &WorkTree) -> Result<bool> {
        // A side of a merge and an unwritten merge result are skipped: `vault` compares those with each other.
        let is_file = self.stamp != Stamp::none();
        let being_joined = if is_file { head.being_joined() } else { Vec::new() };
        let Some(tree) = (if being_joined.is_empty() { None } else { self.top_tree()? }) else { return Ok(false) };
        let mut sides = self.joined_sides(&tree, &being_joined)?;
        for Side { sighting, .. } in &mut sides {
            (sighting.branch, sighting.commit) = (None, being_joined.first().cloned());
        }
        Ok(!self.git_answers.being_joined.get_or_init(|| sides).is_empty())
    }

    /// Returns the work tree, if git confirms that it is one.
    fn top_tree(&self) -> Result<Option<Tree>> {
        let Some(tree) = Tree::containing(&self.location, &self.marks_store())? else { return Ok(None) };
        Ok(if tree.git().is_top()? { Some(tree) } else { None })
    }

    /// Returns the statements by others that the joined commits have and from which the file does not descend.
    fn joined_sides(&self, tree: &Tree, joined: &[String]) -> Result<Vec<Side>> {
        if joined.is_empty() {
            return Ok(Vec::new());
        }
        let git = tree.git();
        let mut files = Vec::new();
        for (commit, content) in git.contents_at(joined, &tree.path)? {
            // A commit without a valid vault has nothing that could be lost.
            let Some(file) = self.side_file(&commit, content) else { continue };
            let seen = file.seen_blocks()?;
            files.push((file, seen));
        }
        let seen = self.seen_blocks()?;
        let mut sides: Vec<Side> = Vec::new();
        for (file, _) in &files {
            for side in self.sides(tree, &[self, file])? {
                let has_newer = |(other, seen): &(Self, BTreeMap<EnvironmentName, Seen>)| {
                    !other.has(&side.sighting) && other.has_or_follows(&side.sighting, seen)
                };
                let is_noted = sides.iter().any(|known| known.sighting.hash == side.sighting.hash);
                if !is_noted && !self.has_or_follows(&side.sighting, &seen) && !files.iter().any(has_newer) {
                    sides.push(side);
                }
            }
        }
        Ok(sides)
    }

    /// Returns the vault file of a commit, if it is a valid file of this vault.
    pub(super) fn side_file(&self, commit: &str, content: Vec<u8>) -> Option<Self> {
        let is_read = content.len() <= MAX_FILE;
        let read = || {
            SideFile::read(
                content,
                commit,
                Some(&self.roster),
                &self.location,
                &of_sides(&self.settings, Applied::Unknown),
            )
        };
        let file = is_read.then(read)?.ok()?;
        (file.vault.id() == self.id()).then_some(file.vault)
    }

    /// Returns whether this statement is the newest of its kind in the file.
    fn has(&self, sighting: &Sighting) -> bool {
        match &sighting.environment {
            Some(name) => self.file.block(name).is_some_and(|block| block.signature == sighting.signature),
            None => self.roster.head().hash == sighting.hash,
        }
    }

    /// Returns the statements that others made on the two sides of a merge. If the merge is undone and a host drops
    /// those commits, this record is the only trace of them.
    pub(super) fn sides(&self, tree: &Tree, sides: &[&Self]) -> Result<Vec<Side>> {
        let [_, _] = sides else { return Ok(Vec::new()) };
        let mut taken_in = Vec::new();
        for side in sides {
            // A side whose roster was changed by somebody who has lost that right since was never valid.
            if side.roster.signed_by_former(&self.roster)?.is_some() {
                continue;
            }
            taken_in.extend(self.roster_of_side(tree, side)?);
            for block in side.file.blocks.iter().filter(|block| !self.has_block(block)) {
                taken_in.extend(self.block_of_side(tree, side, block)?);
            }
        }
        Ok(taken_in)
    }

    fn roster_of_side(&self, tree: &Tree, side: &Self) -> Result<Option<Side>> {
        let (head, roster) = (side.roster.head(), &side.roster);
        if self.roster.contains(head) || self.roster.includes(roster)? {
            return Ok(None);
        }
        let Some(last) = roster.statements().last() else { return Ok(None) };
        let seen = Seen { added: 0, version: head.version, hash: head.hash };
        let sighting = tree.sighting(seen, (&last.draft.author, last.signature));
        if sighting.is_own {
            return Ok(None);
        }
        let is_part = |known: &&Sighting| roster.contains(Head { version: known.version, hash: known.hash });
        let goes_on = tree.branches.sightings_of(None, 0).filter(is_part).map(|known| known.hash).collect();
        Ok(Some(Side { sighting, goes_on, roster: Some(roster.clone()) }))
    }

    fn block_of_side(&self, tree: &Tree, side: &Self, block: &Block) -> Result<Option<Side>> {
        let (name, author) = (&block.statement.name, &block.statement.author);
        let Some(added) = self.added_as(side, name) else { return Ok(None) };
        let seen = Seen { added, version: block.statement.version, hash: block.dearmor(&self.id())?.hash };
        let sighting = tree.sighting(seen, (author, block.signature));
        if sighting.is_own || side.roster.is_former_writer(&self.roster, name, author)? {
            return Ok(None);
        }
        let before = tree.branches.sightings_of(Some(name), added).map(Sighting::seen);
        let goes_on = before.filter(|before| goes_on(block, &seen, before)).map(|before| before.hash).collect();
        let sighting = Sighting { environment: Some(name.clone()), ..sighting };
        Ok(Some(Side { sighting, goes_on, roster: None }))
    }

    /// Returns the roster version that added an environment of a side, as this file numbers it. Returns `None` if this
    /// file has a different environment of that name.
    fn added_as(&self, side: &Self, name: &EnvironmentName) -> Option<u32> {
        let theirs = side.roster.state().environments.get(name)?.added;
        let Some(ours) = self.roster.state().environments.get(name) else { return Some(theirs) };
        let is_same = self.roster.hash_at(ours.added) == side.roster.hash_at(theirs);
        let is_one_line = self.roster.extends(&side.roster) || side.roster.extends(&self.roster);
        (is_same || !is_one_line).then_some(ours.added)
    }
}
