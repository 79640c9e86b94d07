//! Stores what was seen on branches, and the rosters that belong to it.

use super::{BRANCHES, MAX_MARKS, Store, damaged, read_roster};
use crate::error::{Error, Result};
use crate::file;
use crate::fs::{self, Durability, Lock};
use crate::identity::Head;
use crate::marks::branches::{Answer, Branches, Side};
use crate::marks::{Looked, Marks};
use crate::roster::Roster;
use crate::signature::Hash;

impl Store {
    /// Reads what was seen on branches.
    ///
    /// # Errors
    /// An integrity error if the file is damaged.
    pub fn branches(&self) -> Result<Branches> {
        let path = self.directory.join(BRANCHES);
        let bytes = fs::read_if_there(&path, MAX_MARKS).map_err(fs::name_elsewhere)?;
        let Some(bytes) = bytes else { return Ok(Branches::default()) };
        serde_json::from_slice(&bytes).map_err(|_| damaged(&path))
    }

    /// Stores git's answer.
    ///
    /// # Errors
    /// If the state directory can't be written.
    pub fn remember_answer(&self, answer: Answer) -> Result<()> {
        self.change_branches(&[], |branches, _| branches.remember(answer))
    }

    /// Records what a merge made and what it took from others, before the merged file is seen.
    ///
    /// # Errors
    /// If the state directory can't be written.
    pub fn note_merge(&self, made: &[Hash], sides: &[Side]) -> Result<()> {
        self.change_branches(sides, |branches, marked| {
            branches.note_made(made.iter().copied());
            branches.note_sides(sides, marked);
        })
    }

    /// Records what others have committed on the sides of a merge, and how far the reflogs were read. Until a file
    /// descends from all of it, git is asked about each file, even if that file was the last one seen.
    ///
    /// # Errors
    /// If the state directory can't be written.
    pub fn note_joined(&self, sides: &[Side], looked: &[Looked]) -> Result<()> {
        let lock = self.lock()?;
        let marks = self.load()?;
        if !sides.is_empty() {
            let marked = marks.as_ref().map_or_else(Vec::new, Marks::hashes);
            self.change_branches_under(&lock, sides, |branches| branches.note_sides(sides, &marked))?;
        }
        let Some(old) = marks else { return Ok(()) };
        let mut new = Marks { forks: old.forks || !sides.is_empty(), ..old.clone() };
        new.note_looked(looked);
        if new == old { Ok(()) } else { self.write_marks(&lock, &new, Durability::Begun) }
    }

    /// Records that statements were reported.
    ///
    /// # Errors
    /// If the state directory can't be written.
    pub fn note_reported(&self, reported: &[Hash]) -> Result<()> {
        self.change_branches(&[], |branches, _| branches.note_reported(reported.iter().copied()))
    }

    /// Changes what is known of branches. `change` also gets the statements that are marked as the highest.
    fn change_branches(&self, sides: &[Side], change: impl FnOnce(&mut Branches, &[Hash])) -> Result<()> {
        let lock = self.lock()?;
        let marked = self.load()?.map_or_else(Vec::new, |marks| marks.hashes());
        self.change_branches_under(&lock, sides, |branches| change(branches, &marked))
    }

    /// Changes what is known of branches, under the lock. Writes the rosters of the sides first, so that every recorded
    /// roster can be read.
    fn change_branches_under(&self, lock: &Lock, sides: &[Side], change: impl FnOnce(&mut Branches)) -> Result<()> {
        let mut branches = self.branches()?;
        let before = branches.rosters();
        change(&mut branches);
        self.keep_rosters(lock, sides.iter().filter_map(|side| side.roster.as_ref()), before, &branches)?;
        self.write_branches(lock, &branches)
    }

    pub(super) fn write_branches(&self, lock: &Lock, branches: &Branches) -> Result<()> {
        let json = serde_json::to_vec(branches)
            .map_err(|_| Error::failed("the record of what this device has seen can't be written"))?;
        self.replace(lock, BRANCHES, &json, Durability::Begun)
    }

    /// Reads and verifies a roster that was seen on a branch and is not part of the highest one.
    ///
    /// # Errors
    /// An integrity error if the roster is missing or damaged.
    pub fn other_roster(&self, hash: &Hash) -> Result<Roster> {
        let path = self.directory.join(name_of_other(hash));
        let roster = Roster::verify(read_roster(&path)?)?;
        if roster.head().hash == *hash { Ok(roster) } else { Err(damaged(&path)) }
    }

    /// Writes rosters that are not part of the highest one, and removes those that do not count as seen any more.
    pub(super) fn keep_rosters<'a>(
        &self,
        lock: &Lock,
        new: impl Iterator<Item = &'a Roster>,
        before: Vec<Hash>,
        branches: &Branches,
    ) -> Result<()> {
        for roster in new {
            let text = file::roster_to_text(roster.statements());
            self.replace(lock, &name_of_other(&roster.head().hash), text.as_bytes(), Durability::Waited)?;
        }
        let now = branches.rosters();
        for hash in before.into_iter().filter(|hash| !now.contains(hash)) {
            // Usually the roster was part of the highest one, and there is no such file.
            let _ = std::fs::remove_file(self.directory.join(name_of_other(&hash)));
        }
        Ok(())
    }

    /// Writes the seen parts of the previously highest roster that the new one lacks.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marks::Sighting;
    use crate::name::UserName;
    use crate::time::Time;

    #[test]
    fn merged_states_are_recorded_with_how_far_the_history_was_read() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::new(directory.path().join("vault"));
        let hash = Hash::of(b"statement");
        let marks = r#"{"git":true,"roster":{"version":1,"hash":"HASH"},"environments":{}}"#;
        std::fs::create_dir(&store.directory).unwrap();
        let path = store.directory.join("marks.json");
        std::fs::write(&path, marks.replace("HASH", &Hash::of(b"roster").to_string())).unwrap();
        let sighting = Sighting {
            environment: None,
            added: 0,
            version: 2,
            hash,
            author: UserName::new("mia").unwrap(),
            // 64 bytes in base64.
            signature: format!("{}==", "A".repeat(86)).parse().unwrap(),
            branch: Some("main".to_owned()),
            clone: "/clone/.git".to_owned(),
            time: Time::now(),
            commit: None,
            path: "secrets.vault".to_owned(),
            is_own: false,
            covered: false,
        };
        let looked = |commit: &str| [Looked { log: "/clone/.git/logs/HEAD".to_owned(), commit: commit.to_owned() }];
        store.note_joined(&[], &looked("first")).unwrap();
        let marks = store.load().unwrap().unwrap();
        assert_eq!((marks.forks, marks.looked_at("/clone/.git/logs/HEAD")), (false, Some("first")));
        let side = Side { sighting, goes_on: Vec::new(), roster: None };
        store.note_joined(&[side], &looked("second")).unwrap();
        let marks = store.load().unwrap().unwrap();
        assert_eq!((marks.forks, marks.looked_at("/clone/.git/logs/HEAD")), (true, Some("second")));
        assert_eq!(marks.looked.len(), 1);
        assert_eq!(store.branches().unwrap().sightings_of(None, 0).map(|seen| seen.hash).collect::<Vec<_>>(), [hash]);
    }
}
