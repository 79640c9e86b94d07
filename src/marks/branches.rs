//! Records what was seen on each branch, in `branches.json` next to the marks of a vault in a git work tree.
//!
//! A single, highest mark is not enough there. Work on a branch would raise it above the state of main, and then an older
//! main would pass for just another branch. So the last state seen on each branch is kept, with the commit that was
//! checked out.

use super::Seen;
use super::judge::Judged;
use crate::name::{EnvironmentName, UserName};
use crate::roster::Roster;
use crate::signature::{Hash, Signature};
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// The maximum number of sightings of the roster, and of each environment.
pub const MAX_SIGHTINGS: usize = 32;
const MAX_ANSWERS: usize = 32;
const MAX_MADE: usize = 256;
const MAX_GIVEN_UP: usize = 256;
const MAX_REPORTED: usize = 256;

/// What was seen on branches, and what git has answered about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branches {
    /// What was seen, oldest first.
    pub seen: Vec<Sighting>,
    /// The statements that were made here, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made: Vec<Hash>,
    /// git's answers, oldest first. They only save asking again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// The statements that a person gave up by accepting a file without them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given_up: Vec<Hash>,
    /// The statements that are gone with their branches, and were reported once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reported: Vec<Hash>,
}

/// A roster or a block that was seen on a branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sighting {
    /// The environment; `None` for the roster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentName>,
    /// The roster version that added the environment; zero for the roster.
    pub added: u32,
    /// The version of the roster or block.
    pub version: u32,
    /// The hash of the block's statement, or of the roster's last change.
    pub hash: Hash,
    /// Who signed the statement.
    pub author: UserName,
    /// The signature. Its text is searched for in git's history.
    pub signature: Signature,
    /// The branch; `None` if HEAD was detached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The clone it was seen in: the path of the common git directory, which is the same for all work trees of a
    /// repository.
    pub clone: String,
    /// When it was first seen there.
    pub time: Time,
    /// The commit that was checked out; `None` before the first commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The path of the file in the work tree.
    pub path: String,
    /// Whether it was made here. Then others have it only after a commit and a push.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_own: bool,
    /// Whether the highest statement descends from it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub covered: bool,
}

/// git's answer about a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The hash of the question: the file, the commit, the branch, and what the file was compared with.
    pub question: Hash,
    /// The stamps of the references on which the answer depends.
    pub references: String,
    /// The judgments that result.
    pub judged: Vec<Judged>,
}

/// What to record about a file in a git work tree.
pub struct Observation<'a> {
    /// The roster and the blocks of the file.
    pub sightings: Vec<Sighting>,
    /// What others made and a merge took in. It counts as seen.
    pub sides: Vec<Side>,
    /// Returns whether the file descends from a sighting.
    pub goes_on: &'a dyn Fn(&Sighting) -> bool,
    /// The statements that were undone, whose sightings are removed.
    pub undone: Vec<Hash>,
    /// Whether the file's roster is neither an ancestor nor a descendant of the highest one.
    pub is_roster_fork: bool,
}

/// A roster or a block that others made, from one side of a merge.
#[derive(Debug, Clone)]
pub struct Side {
    /// The sighting of it.
    pub sighting: Sighting,
    /// The earlier sightings from which it descends.
    pub goes_on: Vec<Hash>,
    /// The roster, unless it is a block.
    pub roster: Option<Roster>,
}

impl Branches {
    /// Returns the sightings of the roster or of an environment that were not given up. `added` tells the environment
    /// from a later one of the same name.
    pub fn sightings_of(&self, environment: Option<&EnvironmentName>, added: u32) -> impl Iterator<Item = &Sighting> {
        let is_of = move |sighting: &&Sighting| sighting.environment.as_ref() == environment && sighting.added == added;
        self.seen.iter().filter(is_of).filter(|sighting| !self.given_up.contains(&sighting.hash))
    }

    /// Returns the rosters that were seen.
    pub(super) fn rosters(&self) -> Vec<Hash> {
        self.seen.iter().filter(|sighting| sighting.environment.is_none()).map(|sighting| sighting.hash).collect()
    }

    /// Returns git's stored answer to a question.
    #[must_use]
    pub fn answer(&self, question: &Hash) -> Option<&Answer> {
        self.answers.iter().find(|answer| answer.question == *question)
    }

    /// Stores git's answer.
    pub fn remember(&mut self, answer: Answer) {
        self.answers.retain(|old| old.question != answer.question);
        self.answers.push(answer);
        let surplus = self.answers.len().saturating_sub(MAX_ANSWERS);
        self.answers.drain(..surplus);
    }

    /// Records that statements were made here.
    pub(super) fn note_made(&mut self, hashes: impl Iterator<Item = Hash>) {
        keep_newest(&mut self.made, hashes, MAX_MADE);
    }

    /// Records that statements were reported.
    pub(super) fn note_reported(&mut self, hashes: impl Iterator<Item = Hash>) {
        keep_newest(&mut self.reported, hashes, MAX_REPORTED);
    }

    /// Records what others made and a merge takes in. If the merge is undone, this record is the only trace of it.
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

    /// Records what was seen. It replaces sightings on the same branch from which it descends, and undone ones. What
    /// others made doesn't replace what was made here, because it may be undone again. `highest` are the statements
    /// marked as the highest.
    pub(super) fn note(&mut self, observed: &Observation<'_>, highest: &[Hash]) {
        self.seen.retain(|old| !observed.undone.contains(&old.hash));
        self.note_sides(&observed.sides, highest);
        self.note_made(observed.sightings.iter().filter(|new| new.is_own).map(|new| new.hash));
        for new in &observed.sightings {
            if let Some(old) = self.seen.iter_mut().find(|old| old.is_at_place_of(new) && old.hash == new.hash) {
                old.commit = old.commit.take().or_else(|| new.commit.clone());
                continue;
            }
            let gives_way = |old: &Sighting| old.is_at_place_of(new) && (old.is_own || !new.is_own);
            self.seen.retain(|old| !(gives_way(old) && (observed.goes_on)(old)));
            self.seen.push(new.clone());
            self.forget_surplus(new.environment.as_ref(), highest);
        }
    }

    /// Removes surplus sightings, oldest first. Prefers those from which the highest descends, and never removes the
    /// highest.
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

    /// Records for each sighting whether the highest of its kind descends from it. Returns whether there is a sighting
    /// left from which the highest does not descend.
    pub(super) fn cover(&mut self, observed: &Observation<'_>, highest: &dyn Fn(&Sighting) -> Option<Highest>) -> bool {
        for sighting in &mut self.seen {
            // A sighting of an environment that was removed or replaced doesn't count any more.
            sighting.covered = highest(sighting).is_none_or(|Highest { hash, was_before, is_files }| {
                hash == sighting.hash || (was_before && sighting.covered) || (is_files && (observed.goes_on)(sighting))
            });
        }
        self.seen.iter().any(|sighting| !sighting.covered && !self.given_up.contains(&sighting.hash))
    }

    /// Returns the clone in which everything was seen, if it is a single one.
    pub(super) fn only_clone(&self) -> Option<String> {
        let first = &self.seen.first()?.clone;
        self.seen.iter().all(|sighting| sighting.clone == *first).then(|| first.clone())
    }

    /// Records that a person accepted a file: every sighting from which it does not descend is given up. Outside a work
    /// tree, those are all.
    pub(super) fn give_up(&mut self, observed: Option<&Observation<'_>>) {
        let (kept, seen) = (observed.map_or(&[][..], |observed| &observed.sightings), std::mem::take(&mut self.seen));
        let lost = seen.iter().filter(|sighting| observed.is_none_or(|observed| !(observed.goes_on)(sighting)));
        keep_newest(&mut self.given_up, lost.map(|sighting| sighting.hash), MAX_GIVEN_UP);
        self.given_up.retain(|hash| kept.iter().all(|sighting| sighting.hash != *hash));
        self.seen = kept.to_vec();
        self.answers.clear();
    }
}

/// Adds new hashes to a list, and removes the oldest if the list is too long.
fn keep_newest(list: &mut Vec<Hash>, new: impl Iterator<Item = Hash>, most: usize) {
    for hash in new {
        if !list.contains(&hash) {
            list.push(hash);
        }
    }
    list.drain(..list.len().saturating_sub(most));
}

/// The highest roster, or the highest block of an environment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Highest {
    /// The hash of its statement.
    pub hash: Hash,
    /// Whether it was the highest before.
    pub was_before: bool,
    /// Whether it is the one in the current file.
    pub is_files: bool,
}

impl Sighting {
    /// Returns the sighting as a mark.
    #[must_use]
    pub fn seen(&self) -> Seen {
        Seen { added: self.added, version: self.version, hash: self.hash }
    }

    /// Whether both are sightings of the same roster or environment, on the same branch of the same clone.
    fn is_at_place_of(&self, other: &Self) -> bool {
        self.environment == other.environment && self.branch == other.branch && self.clone == other.clone
    }
}

#[cfg(test)]
mod tests;
