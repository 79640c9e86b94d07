//! Records what is seen in a git work tree, and reports what other branches have.

use crate::error::Result;
use crate::file::{Block, BlockStatement};
use crate::fs;
use crate::git::work_trees_above;
use crate::identity::Head;
use crate::marks::judge::Judged;
use crate::marks::{Observation, Seen, Sighting};
use crate::name::EnvironmentName;
use crate::ordered::InOrder as _;
use crate::signature::Hash;
use crate::vault::Vault;
use crate::vault::git_answers::{Missing, Tree};
use crate::vault::older::goes_on;
use std::collections::BTreeMap;

/// Something newer that another branch has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// The environment; `None` for the roster.
    pub environment: Option<EnvironmentName>,
    /// Its version on that branch.
    pub version: u32,
    /// The branch, remote branch or tag; or the path of another clone.
    pub holder: String,
    /// Whether the branch is gone and nothing has it any more. If no branch was checked out, the holder is a commit.
    pub is_gone: bool,
}

impl Vault {
    /// Raises the marks if the file shows something higher, and remembers that this vault is at this path. `before`
    /// holds the vaults from which this one was saved: one, or both sides of a merge. It is empty if the file was only
    /// read.
    pub(in crate::vault) fn note_seen(&self, seen: &BTreeMap<EnvironmentName, Seen>, before: &[&Self]) -> Result<()> {
        if self.unmerged.is_some() {
            return Ok(());
        }
        let looked = before.iter().chain([&self]);
        let undone: Vec<Hash> = looked.flat_map(|vault| vault.undone(seen, !before.is_empty())).collect();
        let raises = !undone.is_empty() || self.raises(seen);
        // If no comparison was necessary, the file is exactly what was seen.
        let is_compared = self.git_answers.tree.get().is_some_and(Option::is_some);
        let looked = raises || !before.is_empty() || is_compared || self.is_in_another_clone();
        let tree = if looked { self.tree()? } else { None };
        let sightings = tree.map_or_else(Vec::new, |tree| self.new_sightings(tree, seen, before));
        if !raises && sightings.is_empty() {
            return Ok(());
        }
        self.sighting().remember(&self.id())?;
        let goes_on = |sighting: &Sighting| self.has_or_follows(sighting, seen);
        let is_roster_fork = self.is_roster_fork()?;
        let sides = tree.map_or_else(|| Ok(Vec::new()), |tree| self.sides(tree, before))?;
        let observed = tree.map(|_| Observation { sightings, sides, goes_on: &goes_on, undone, is_roster_fork });
        self.marks_store().raise(&self.roster, seen, self.is_in_git(), observed.as_ref())
    }

    /// Records what a merge made and took in, for a merged file that git puts in place: the blocks that neither side
    /// has, and the statements that others made on either side. A merged roster is not recorded as made here, because
    /// it repeats changes by others.
    pub(in crate::vault) fn note_made(&self, sides: &[&Self]) -> Result<()> {
        let Some(tree) = self.tree()? else { return Ok(()) };
        let is_new = |block: &&Block| sides.iter().all(|side| !side.has_block(block));
        let made = self.file.blocks.iter().filter(is_new).map(|block| Ok(block.dearmor(&self.id())?.hash));
        let made = made.collect::<Result<Vec<Hash>>>()?;
        let taken_in = self.sides(tree, sides)?;
        if made.is_empty() && taken_in.is_empty() {
            return Ok(());
        }
        self.marks_store().note_merge(&made, &taken_in)
    }

    pub(super) fn has_block(&self, block: &Block) -> bool {
        self.file.block(&block.statement.name).is_some_and(|known| known.signature == block.signature)
    }

    /// Returns whether the file is in a different clone than everything seen so far. Then the file must be recorded
    /// even if it raises no mark.
    fn is_in_another_clone(&self) -> bool {
        let Some(marks) = self.marks.as_ref().filter(|marks| marks.git) else { return false };
        let top = work_trees_above(fs::parent(&self.location.real)).next();
        let clone = top.and_then(crate::git::Head::clone_of);
        clone.is_some_and(|clone| marks.clone.as_deref() != Some(&*clone.to_string_lossy()))
    }

    fn raises(&self, seen: &BTreeMap<EnvironmentName, Seen>) -> bool {
        self.marks.as_ref().is_none_or(|marks| {
            let higher = |(name, seen): (&EnvironmentName, &Seen)| {
                marks.environments.get(name).is_none_or(|mark| (seen.added, seen.version) > (mark.added, mark.version))
            };
            self.roster.head().version > marks.roster.version || seen.iter().any(higher)
        })
    }

    /// Returns the statements with which the file is no longer compared: they were undone, or the file has their
    /// changes in another form.
    fn undone(&self, seen: &BTreeMap<EnvironmentName, Seen>, is_saved: bool) -> Vec<Hash> {
        let is_at_hand = |missing: &&Missing| missing.environment.as_ref().is_none_or(|name| seen.contains_key(name));
        let is_undone = |missing: &&Missing| match missing.judged {
            Judged::Undone => true,
            // Others have seen the statement. A save without it confirms that it is not wanted.
            Judged::Reverted { .. } => is_saved,
            _ => false,
        };
        let looked = self.git_answers.missing.borrow();
        let undone = looked.iter().filter(is_at_hand).filter(is_undone).map(|missing| missing.hash);
        undone.chain(self.git_answers.included.borrow().iter().copied()).collect()
    }

    /// Returns the newest statement of an environment that a revert took back in this clone, with its hash.
    pub(in crate::vault) fn reverted(&self, name: &EnvironmentName) -> Option<(BlockStatement, Hash)> {
        let tree = self.git_answers.tree.get()?.as_ref()?;
        let looked = self.git_answers.missing.borrow();
        let reverted = looked.iter().filter(|missing| missing.environment.as_ref() == Some(name));
        let newest = reverted.filter(|missing| matches!(missing.judged, Judged::Reverted { .. }));
        let newest = newest.max_by_key(|missing| missing.version)?;
        let Judged::Reverted { commit, .. } = &newest.judged else { return None };
        let block = tree.block_at(commit, name)?;
        let hash = block.dearmor(&self.id()).ok()?.hash;
        (hash == newest.hash).then_some((block.statement, hash))
    }

    /// Returns sightings of the file's roster and of the blocks in `seen`.
    fn sightings(&self, tree: &Tree, seen: &BTreeMap<EnvironmentName, Seen>, before: &[&Self]) -> Vec<Sighting> {
        let last = &self.roster.statements()[self.roster.statements().len() - 1];
        let head = self.roster.head();
        let roster = Seen { added: 0, version: head.version, hash: head.hash };
        // A merged roster repeats changes by others, so it does not count as made here.
        let is_new_roster = matches!(before, [before] if before.roster.head() != head);
        let roster = tree.sighting(roster, (&last.draft.author, last.signature));
        let is_own = roster.is_own || is_new_roster;
        let mut all = vec![Sighting { is_own, ..roster }];
        for (name, seen) in seen {
            let Some(block) = self.file.block(name) else { continue };
            let is_new = !before.is_empty() && !before.iter().any(|before| before.has_block(block));
            let sighting = tree.sighting(*seen, (&block.statement.author, block.signature));
            let is_own = sighting.is_own || is_new;
            all.push(Sighting { environment: Some(name.clone()), is_own, ..sighting });
        }
        let looked = self.git_answers.missing.borrow();
        for sighting in &mut all {
            let of_it = |missing: &&Missing| missing.environment == sighting.environment;
            // The file is an old checkout, so the highest version descends from it. It does not descend from what was
            // saved here on another line of history.
            let is_older = looked.iter().any(|missing| of_it(&missing));
            sighting.covered =
                is_older && looked.iter().filter(of_it).all(|missing| missing.judged.is_earlier()) && before.is_empty();
        }
        all
    }

    /// Returns those of [`Vault::sightings`] that are not recorded yet. With a detached HEAD, only those that descend
    /// from everything seen are returned.
    fn new_sightings(&self, tree: &Tree, seen: &BTreeMap<EnvironmentName, Seen>, before: &[&Self]) -> Vec<Sighting> {
        let mut all = self.sightings(tree, seen, before);
        let looked = self.git_answers.missing.borrow();
        let is_detached = tree.head.branch.is_none();
        all.retain(|new| {
            let is_there = |old: &Sighting| {
                let is_same = old.environment == new.environment && old.hash == new.hash;
                // A sighting from before the first commit is recorded again as soon as there is a commit.
                is_same
                    && old.branch == new.branch
                    && old.clone == new.clone
                    && (old.commit.is_some() || new.commit.is_none())
            };
            let is_raising = looked.iter().all(|missing| missing.environment != new.environment);
            !tree.branches.seen.iter().any(is_there) && (!is_detached || is_raising)
        });
        all
    }

    pub(super) fn has_or_follows(&self, sighting: &Sighting, seen: &BTreeMap<EnvironmentName, Seen>) -> bool {
        let Some(name) = &sighting.environment else {
            let head = Head { version: sighting.version, hash: sighting.hash };
            return self.roster.contains(head) || self.git_answers.included.borrow().contains(&sighting.hash);
        };
        let block = self.file.block(name).zip(seen.get(name));
        block.is_some_and(|(block, seen)| seen.added == sighting.added && goes_on(block, seen, &sighting.seen()))
    }

    fn is_roster_fork(&self) -> Result<bool> {
        let Some(marks) = self.marks.as_ref().filter(|marks| !self.roster.contains(marks.roster)) else {
            return Ok(false);
        };
        Ok(!self.highest_roster(marks)?.extends(&self.roster))
    }

    /// Accepts the file in a git work tree.
    pub(in crate::vault) fn accept_in(&self, tree: &Tree, seen: &BTreeMap<EnvironmentName, Seen>) -> Result<()> {
        if let Some(sides) = self.git_answers.being_joined.get() {
            // What a merge in progress has dropped is given up, too.
            self.marks_store().note_joined(sides, &[])?;
        }
        let goes_on = |sighting: &Sighting| self.has_or_follows(sighting, seen);
        let sightings = self.sightings(tree, seen, &[]);
        let (sides, undone) = (Vec::new(), Vec::new());
        let observed = Observation { sightings, sides, goes_on: &goes_on, undone, is_roster_fork: false };
        self.marks_store().accept(&self.roster, seen, self.is_in_git(), Some(&observed))
    }

    /// Returns what is newer on other branches, if this file is an old checkout or on an ordinary branch that lacks it.
    /// The file must have been verified before.
    #[must_use]
    pub fn elsewhere(&self) -> Vec<Elsewhere> {
        let looked = self.git_answers.missing.borrow();
        let known = looked.iter().filter_map(|missing| {
            let holder = self.holder(missing)?;
            let (environment, version) = (missing.environment.clone(), missing.version);
            let is_gone = matches!(missing.judged, Judged::BranchGone { .. });
            Some(Elsewhere { environment, version, holder, is_gone })
        });
        let mut elsewhere: Vec<Elsewhere> = known.collect();
        elsewhere.order_by(|a, b| (&a.environment, a.is_gone, b.version).cmp(&(&b.environment, b.is_gone, a.version)));
        elsewhere.dedup_by(|a, b| a.environment == b.environment && a.is_gone == b.is_gone);
        elsewhere
    }

    /// Returns which branch, clone or commit has or had something newer, if it is an ordinary branch or another clone.
    fn holder(&self, missing: &Missing) -> Option<String> {
        match &missing.judged {
            Judged::Earlier(holder) | Judged::OtherLine(holder) | Judged::OtherWork(holder) => {
                Some(super::git_names::plain(holder).to_owned())
            }
            Judged::OtherClone { clone, .. } => Some(super::loss::of_clone(clone).to_owned()),
            Judged::BranchGone { branch, commit } => {
                let commit = commit.as_ref().or(missing.commit.as_ref());
                branch.clone().or_else(|| commit.map(|commit| super::git_names::short(commit).to_owned()))
            }
            _ => None,
        }
    }
}
