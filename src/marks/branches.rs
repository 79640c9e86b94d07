//! What was seen on which branch: `branches.json`, beside the marks of a vault in a git work tree.
//!
//! One mark, the highest, is not enough there: work on a branch would raise it above what was seen on main, and then an older
//! main would pass for just another branch. So what was seen last on each branch is kept, with the commit it was seen at.

use super::Seen;
use super::judge::Judged;
use crate::name::{EnvironmentName, UserName};
use crate::roster::Roster;
use crate::signature::{Hash, Signature};
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// How many sightings are kept of the roster, and of each environment.
pub const MAX_SIGHTINGS: usize = 32;
const MAX_ANSWERS: usize = 32;
const MAX_MADE: usize = 256;
const MAX_GIVEN_UP: usize = 256;
const MAX_TOLD: usize = 256;

/// What was seen on branches, and what git has said about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branches {
    /// What was seen, the oldest first.
    pub seen: Vec<Sighting>,
    /// The statements that were made here, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made: Vec<Hash>,
    /// What git has said, the oldest first: only to save asking again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// The statements that a person has given up by accepting a file without them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given_up: Vec<Hash>,
    /// What is gone with its branch, and was told once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<Hash>,
}

/// A roster or a block that was seen on a branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sighting {
    /// The environment; none for the roster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentName>,
    /// The roster version that added the environment; zero for the roster.
    pub added: u32,
    /// Its version.
    pub version: u32,
    /// The hash of its statement: of the last one, for the roster.
    pub hash: Hash,
    /// Who signed it.
    pub author: UserName,
    /// The signature, by whose text it is found in git's history.
    pub signature: Signature,
    /// The branch; none where the head was detached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The clone it was seen in, which is all work trees of one repository: the path of git's directory.
    pub clone: String,
    /// When it was seen there first.
    pub time: Time,
    /// The commit that was checked out; none before the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Where the file was in the work tree.
    pub path: String,
    /// Whether it was made here: others have it only once it was committed and pushed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_own: bool,
    /// Whether the highest goes on from it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub covered: bool,
}

/// What git has said of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The hash of the question: the file, the commit and branch, and what it was compared with.
    pub question: Hash,
    /// What stands for the references on which it rests, as they were.
    pub references: String,
    /// What it comes to.
    pub judged: Vec<Judged>,
}

/// What is there to be noted of a file in a git work tree.
pub struct Noted<'a> {
    /// The roster and the blocks, as they are in the file.
    pub sightings: Vec<Sighting>,
    /// What of others a merge took in: the side that was there is seen with it.
    pub sides: Vec<Side>,
    /// Whether the file goes on from what was seen.
    pub goes_on: &'a dyn Fn(&Sighting) -> bool,
    /// What was undone and gives way.
    pub undone: Vec<Hash>,
    /// Whether the file's roster is no part of the highest one, nor goes on from it.
    pub is_roster_fork: bool,
}

/// Something that others made, of a side of a merge.
#[derive(Debug, Clone)]
pub struct Side {
    /// As it was there.
    pub sighting: Sighting,
    /// What it goes on from, of all that was seen.
    pub goes_on: Vec<Hash>,
    /// The roster itself, if it is one.
    pub roster: Option<Roster>,
}

impl Branches {
    /// What was seen of the roster, or of an environment as it was added then, and was not given up.
    pub fn of(&self, environment: Option<&EnvironmentName>, added: u32) -> impl Iterator<Item = &Sighting> {
        let is_of = move |sighting: &&Sighting| sighting.environment.as_ref() == environment && sighting.added == added;
        self.seen.iter().filter(is_of).filter(|sighting| !self.given_up.contains(&sighting.hash))
    }

    /// The rosters that were seen.
    pub(super) fn rosters(&self) -> Vec<Hash> {
        self.seen.iter().filter(|sighting| sighting.environment.is_none()).map(|sighting| sighting.hash).collect()
    }

    /// What git said to this question, if nothing has changed since.
    #[must_use]
    pub fn answer(&self, question: &Hash) -> Option<&Answer> {
        self.answers.iter().find(|answer| answer.question == *question)
    }

    /// Keeps what git has said.
    pub fn remember(&mut self, answer: Answer) {
        self.answers.retain(|old| old.question != answer.question);
        self.answers.push(answer);
        let surplus = self.answers.len().saturating_sub(MAX_ANSWERS);
        self.answers.drain(..surplus);
    }

    /// Notes that statements were made here.
    pub(super) fn note_made(&mut self, hashes: impl Iterator<Item = Hash>) {
        keep_newest(&mut self.made, hashes, MAX_MADE);
    }

    /// Notes what was told.
    pub(super) fn note_told(&mut self, hashes: impl Iterator<Item = Hash>) {
        keep_newest(&mut self.told, hashes, MAX_TOLD);
    }

    /// Notes what of others a merge takes in, which is all that is known of it if the merge is undone again.
    pub fn note_sides(&mut self, sides: &[Side], highest: &[Hash]) {
        for Side { sighting: new, goes_on, .. } in sides {
            if self.given_up.contains(&new.hash)
                || self.seen.iter().any(|old| old.is_at_place_of(new) && old.hash == new.hash)
            {
                continue;
            }
            self.seen.retain(|old| !(old.is_at_place_of(new) && goes_on.contains(&old.hash)));
            self.seen.push(new.clone());
            self.forget_surplus(new.environment.as_ref(), highest);
        }
    }

    /// Notes what was seen. What it goes on from on its own branch gives way to it, and so does what was undone. What others
    /// made does not give way to what was made here: that may be undone again. `highest` are the statements that are marked
    /// as such.
    pub(super) fn note(&mut self, noted: &Noted<'_>, highest: &[Hash]) {
        self.seen.retain(|old| !noted.undone.contains(&old.hash));
        self.note_sides(&noted.sides, highest);
        self.note_made(noted.sightings.iter().filter(|new| new.is_own).map(|new| new.hash));
        for new in &noted.sightings {
            if let Some(old) = self.seen.iter_mut().find(|old| old.is_at_place_of(new) && old.hash == new.hash) {
                old.commit = old.commit.take().or_else(|| new.commit.clone());
                continue;
            }
            let gives_way = |old: &Sighting| old.is_at_place_of(new) && (old.is_own || !new.is_own);
            self.seen.retain(|old| !(gives_way(old) && (noted.goes_on)(old)));
            self.seen.push(new.clone());
            self.forget_surplus(new.environment.as_ref(), highest);
        }
    }

    /// Where one is too many, the oldest goes that the highest goes on from, and never the highest.
    fn forget_surplus(&mut self, environment: Option<&EnvironmentName>, highest: &[Hash]) {
        let is_of = |sighting: &Sighting| sighting.environment.as_ref() == environment;
        let may_go = |sighting: &Sighting| is_of(sighting) && !highest.contains(&sighting.hash);
        while self.seen.iter().filter(|sighting| is_of(sighting)).count() > MAX_SIGHTINGS {
            let oldest = self.seen.iter().position(|sighting| may_go(sighting) && sighting.covered);
            match oldest.or_else(|| self.seen.iter().position(may_go)) {
                Some(oldest) => drop(self.seen.remove(oldest)),
                None => return,
            }
        }
    }

    /// Says of each sighting whether the highest of its kind goes on from it; gives whether one is left from which it does
    /// not.
    pub(super) fn cover(&mut self, noted: &Noted<'_>, highest: &dyn Fn(&Sighting) -> Option<Highest>) -> bool {
        for sighting in &mut self.seen {
            // One of an environment that is not there any more, or not the same, is past.
            sighting.covered = highest(sighting).is_none_or(|Highest { hash, was_before, is_files }| {
                hash == sighting.hash || (was_before && sighting.covered) || (is_files && (noted.goes_on)(sighting))
            });
        }
        self.seen.iter().any(|sighting| !sighting.covered && !self.given_up.contains(&sighting.hash))
    }

    /// The clone in which all was seen, if it is one.
    pub(super) fn only_clone(&self) -> Option<String> {
        let first = &self.seen.first()?.clone;
        self.seen.iter().all(|sighting| sighting.clone == *first).then(|| first.clone())
    }

    /// A person has accepted a file: what it does not go on from is given up. Outside of a work tree that is everything.
    pub(super) fn give_up(&mut self, noted: Option<&Noted<'_>>) {
        let (kept, seen) = (noted.map_or(&[][..], |noted| &noted.sightings), std::mem::take(&mut self.seen));
        let lost = seen.iter().filter(|sighting| noted.is_none_or(|noted| !(noted.goes_on)(sighting)));
        keep_newest(&mut self.given_up, lost.map(|sighting| sighting.hash), MAX_GIVEN_UP);
        self.given_up.retain(|hash| kept.iter().all(|sighting| sighting.hash != *hash));
        self.seen = kept.to_vec();
        self.answers.clear();
    }
}

/// Adds to a list what is not in it, and forgets the oldest where it is too long.
fn keep_newest(list: &mut Vec<Hash>, new: impl Iterator<Item = Hash>, most: usize) {
    for hash in new {
        if !list.contains(&hash) {
            list.push(hash);
        }
    }
    list.drain(..list.len().saturating_sub(most));
}

/// The highest of a kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Highest {
    /// The hash of its statement.
    pub hash: Hash,
    /// Whether it was the highest before, too.
    pub was_before: bool,
    /// Whether it is what the file at hand has.
    pub is_files: bool,
}

impl Sighting {
    /// As a mark.
    #[must_use]
    pub fn seen(&self) -> Seen {
        Seen { added: self.added, version: self.version, hash: self.hash }
    }

    /// Whether both are of the same thing, on the same branch of the same clone.
    fn is_at_place_of(&self, other: &Self) -> bool {
        self.environment == other.environment && self.branch == other.branch && self.clone == other.clone
    }
}

#[cfg(test)]
mod tests;
