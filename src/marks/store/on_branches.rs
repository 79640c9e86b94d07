//! What the marks know of branches, and the rosters that belong to it.

use super::{BRANCHES, MAX_MARKS, Store, damaged, read_roster};
use crate::error::{Error, Result};
use crate::file;
use crate::fs::{self, Durability, Lock};
use crate::identity::Head;
use crate::marks::Marks;
use crate::marks::branches::{Answer, Branches, Side};
use crate::roster::Roster;
use crate::signature::Hash;

impl Store {
    /// What was seen on branches.
    ///
    /// # Errors
    /// An integrity error if it was damaged.
    pub fn branches(&self) -> Result<Branches> {
        let path = self.directory.join(BRANCHES);
        let bytes = fs::read_if_there(&path, MAX_MARKS).map_err(fs::name_elsewhere)?;
        let Some(bytes) = bytes else { return Ok(Branches::default()) };
        serde_json::from_slice(&bytes).map_err(|_| damaged(&path))
    }

    /// Keeps what git has said.
    ///
    /// # Errors
    /// If the state directory can't be written.
    pub fn remember_answer(&self, answer: Answer) -> Result<()> {
        self.change_branches(|branches, _| branches.remember(answer))
    }

    /// Notes what a merge has made here and what of others it took in, before it is seen in a file.
    ///
    /// # Errors
    /// If the state directory can't be written.
    pub fn note_merge(&self, made: &[Hash], sides: &[Side]) -> Result<()> {
        self.change_branches(|branches, marked| {
            branches.note_made(made.iter().copied());
            branches.note_sides(sides, marked);
        })
    }

    /// Notes what of others a side of a merge has that was begun: until a file goes on from it, each is asked about, also
    /// where the file is the one that was seen last.
    ///
    /// # Errors
    /// If the state directory can't be written.
    pub fn note_begun(&self, sides: &[Side]) -> Result<()> {
        self.note_merge(&[], sides)?;
        let lock = self.lock()?;
        match self.load()? {
            Some(marks) if !marks.forks => self.write_marks(&lock, &Marks { forks: true, ..marks }, Durability::Begun),
            _ => Ok(()),
        }
    }

    /// Notes what was told of.
    ///
    /// # Errors
    /// If the state directory can't be written.
    pub fn note_told(&self, told: &[Hash]) -> Result<()> {
        self.change_branches(|branches, _| branches.note_told(told.iter().copied()))
    }

    /// Changes what is known of branches; the statements are those that are marked as the highest.
    fn change_branches(&self, change: impl FnOnce(&mut Branches, &[Hash])) -> Result<()> {
        let lock = self.lock()?;
        let marked = self.load()?.map_or_else(Vec::new, |marks| marks.hashes());
        let mut branches = self.branches()?;
        change(&mut branches, &marked);
        self.write_branches(&lock, &branches)
    }

    pub(super) fn write_branches(&self, lock: &Lock, branches: &Branches) -> Result<()> {
        let json = serde_json::to_vec(branches).map_err(|_| Error::failed("the marks can't be written"))?;
        self.replace(lock, BRANCHES, &json, Durability::Begun)
    }

    /// A roster that was seen on a branch, and is not part of the highest one.
    ///
    /// # Errors
    /// An integrity error if it is missing or damaged.
    pub fn other_roster(&self, hash: &Hash) -> Result<Roster> {
        let path = self.directory.join(name_of_other(hash));
        let roster = Roster::verify(read_roster(&path)?, None)?;
        if roster.head().hash == *hash { Ok(roster) } else { Err(damaged(&path)) }
    }

    /// Keeps the roster of a file that is no part of the highest, and no other than those that were seen.
    pub(super) fn keep_rosters(
        &self,
        lock: &Lock,
        new: Option<&Roster>,
        before: Vec<Hash>,
        branches: &Branches,
    ) -> Result<()> {
        if let Some(roster) = new {
            let text = file::roster_to_text(roster.statements());
            self.replace(lock, &name_of_other(&roster.head().hash), text.as_bytes(), Durability::Waited)?;
        }
        let now = branches.rosters();
        for hash in before.into_iter().filter(|hash| !now.contains(hash)) {
            // As a rule it was part of the highest one, and there is no such file.
            let _ = std::fs::remove_file(self.directory.join(name_of_other(&hash)));
        }
        Ok(())
    }

    /// Keeps what was seen of a roster that is not the highest any more, where the new one does not have it.
    pub(super) fn keep_parts(&self, lock: &Lock, old: &Roster, new: &Roster, branches: &Branches) -> Result<()> {
        for sighting in branches.seen.iter().filter(|sighting| sighting.environment.is_none()) {
            let head = Head { version: sighting.version, hash: sighting.hash };
            if old.contains(head) && !new.contains(head) {
                let text = file::roster_to_text(old.until(head.version)?.statements());
                self.replace(lock, &name_of_other(&head.hash), text.as_bytes(), Durability::Waited)?;
            }
        }
        Ok(())
    }
}

fn name_of_other(hash: &Hash) -> String {
    format!("roster-{hash}.toml")
}
