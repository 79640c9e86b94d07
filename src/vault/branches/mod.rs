//! Compares a file with what this device has seen on other branches, and asks git about the differences
//! (vault-format(5), "Branches").
//!
//! Nothing is compared while the file is the highest state that was seen. git is asked at most once for each pair of
//! file and commit; its answer is kept.

mod dropped;
mod git_names;
mod joined;
mod loss;
mod mixed;
mod note;
mod other_clone;
mod question;
mod remote;
mod renewed;
mod rules;
mod way_back;

use super::Vault;
use super::git_answers::{Missing, Tree};
use crate::error::Result;
use crate::file::Block;
use crate::git::{Commits, Head};
use crate::marks::branches::Answer;
use crate::marks::judge::Judged;
use crate::marks::{Seen, Sighting};
use crate::name::EnvironmentName;
use crate::signature::Hash;
pub use note::Elsewhere;
use question::Question;

/// What is compared: the roster, or one environment, as it is in the file.
pub(super) struct Compared<'a> {
    pub environment: Option<&'a EnvironmentName>,
    /// The version in the file.
    pub here: Seen,
    /// The highest version that this device has seen.
    pub highest: Option<Seen>,
    /// Whether the file descends from a version that was seen.
    pub goes_on: &'a dyn Fn(&Seen) -> bool,
}

impl Vault {
    /// Returns the git work tree that contains the file. Returns `None` if this device first saw the vault outside git,
    /// because a `.git` directory that was planted later must not excuse an older file.
    pub(super) fn tree(&self) -> Result<Option<&Tree>> {
        if self.marks.as_ref().is_some_and(|marks| !marks.git) {
            return Ok(None);
        }
        if let Some(tree) = self.git_answers.tree.get() {
            return Ok(tree.as_ref());
        }
        self.has_joined();
        let mut tree = Tree::containing(&self.location, &self.marks_store())?;
        if let Some((tree, sides)) = tree.as_mut().zip(self.git_answers.being_joined.get()) {
            tree.branches.note_sides(sides, &[]);
        }
        Ok(self.git_answers.tree.get_or_init(|| tree).as_ref())
    }

    /// Returns the statements of the roster, or of an environment, that were seen and are not in the file.
    pub(super) fn missing(&self, tree: &Tree, compared: &Compared<'_>) -> Result<Vec<Missing>> {
        let Compared { environment, here, highest, goes_on } = compared;
        let all = tree.branches.sightings_of(*environment, here.added);
        let sightings: Vec<&Sighting> = all.filter(|sighting| !goes_on(&sighting.seen())).collect();
        let mut missing = match sightings.is_empty() {
            true => Vec::new(),
            false => self.judged(tree, (here, highest.as_ref()), &sightings)?,
        };
        // The marks keep the highest version even when the record of where it was seen is gone.
        let is_known = |seen: &Seen| {
            tree.branches.seen.iter().any(|sighting| sighting.hash == seen.hash)
                || tree.branches.given_up.contains(&seen.hash)
        };
        let highest = highest.filter(|seen| seen.added == here.added && !goes_on(seen) && !is_known(seen));
        missing.extend(highest.map(|seen| Missing {
            environment: environment.cloned(),
            version: seen.version,
            hash: seen.hash,
            author: None,
            branch: None,
            commit: None,
            is_own: false,
            covered_by: None,
            judged: Judged::Unknown,
        }));
        let mut looked = self.git_answers.missing.borrow_mut();
        let new = missing.iter().filter(|missing| !looked.contains(missing)).cloned().collect::<Vec<_>>();
        looked.extend(new);
        Ok(missing)
    }

    fn judged(
        &self,
        tree: &Tree,
        (here, highest): (&Seen, Option<&Seen>),
        sightings: &[&Sighting],
    ) -> Result<Vec<Missing>> {
        let judged = self.answers(tree, here, sightings);
        let newest = highest.and_then(|highest| sightings.iter().position(|sighting| sighting.hash == highest.hash));
        let of_newest = newest.and_then(|newest| judged.get(newest)).cloned();
        let with_newest = |sighting: &Sighting, judged: Judged| match &of_newest {
            // The branch that had this statement is gone, but an ordinary branch has a descendant of the statement.
            Some(line) if sighting.covered && judged.is_branch_gone() && line.is_held() => line.clone(),
            _ => judged,
        };
        let missing = |(sighting, judged): (&&Sighting, Judged)| Missing {
            environment: sighting.environment.clone(),
            version: sighting.version,
            hash: sighting.hash,
            author: Some(sighting.author.clone()),
            branch: sighting.branch.clone(),
            commit: sighting.commit.clone(),
            is_own: sighting.is_own,
            covered_by: newest
                .map(|newest| sightings[newest].hash)
                .filter(|hash| sighting.covered && *hash != sighting.hash),
            judged: with_newest(sighting, judged),
        };
        Ok(sightings.iter().zip(judged).map(missing).collect())
    }

    /// Returns git's answer about each sighting: the one that this device remembers, if nothing has changed since.
    fn answers(&self, tree: &Tree, here: &Seen, sightings: &[&Sighting]) -> Vec<Judged> {
        let question = self.question(tree, here, sightings);
        if let Some(known) = tree.branches.answer(&question)
            && known.references == references(tree, sightings, &known.judged)
        {
            return known.judged.clone();
        }
        let judged = self.ask(tree, sightings);
        let references = references(tree, sightings, &judged);
        // A loss may be repaired later, for example by a fetch. Nothing in this clone shows when another clone changes.
        let may_change = |(sighting, judged): (&&Sighting, &Judged)| {
            judged.is_loss() || matches!(judged, Judged::OtherClone { .. }) || sighting.clone != tree.clone
        };
        if !sightings.iter().zip(&judged).any(may_change) {
            // If the answer can't be stored, git is asked again next time.
            let _ = self.marks_store().remember_answer(Answer { question, references, judged: judged.clone() });
        }
        judged
    }

    /// Returns a hash of everything that the answer depends on, except where the branches are (see [`references`]).
    fn question(&self, tree: &Tree, here: &Seen, sightings: &[&Sighting]) -> Hash {
        let Head { top, commit, branch, .. } = &tree.head;
        let (top, joined) = (top.display(), tree.head.being_joined());
        let mut text = format!("{top} {commit:?} {branch:?} {joined:?} {:?} {}\n", self.stamp, here.hash);
        for Sighting { hash, branch, clone, commit, path, is_own, .. } in sightings {
            text += &format!("{hash} {branch:?} {clone} {commit:?} {path} {is_own}\n");
        }
        Hash::of(text.as_bytes())
    }

    /// Asks git about each sighting. Without an answer from git, every sighting is [`Judged::Unknown`].
    fn ask(&self, tree: &Tree, sightings: &[&Sighting]) -> Vec<Judged> {
        let judged = || -> Result<Vec<Judged>> {
            if !tree.git().is_top()? {
                return Ok(vec![Judged::Unknown; sightings.len()]);
            }
            let question = Question::new(self, tree);
            sightings.iter().map(|sighting| question.judge(sighting)).collect()
        };
        judged().unwrap_or_else(|error| {
            *self.git_answers.silence.borrow_mut() = Some(error);
            vec![Judged::Unknown; sightings.len()]
        })
    }

    /// Returns whether this exact block is in the history of a commit that was checked out when something newer was seen.
    pub(super) fn is_in_history(&self, tree: &Tree, block: &Block, missing: &[Missing]) -> Result<bool> {
        let signature = block.signature.to_string();
        for commit in missing.iter().filter_map(|missing| missing.commit.as_deref()) {
            if tree.git().newest_with(Commits::Of(commit), &tree.path, &signature)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Returns a hash of the references that an answer depends on: the branches that hold what is missing, the branches
/// where it was seen, and the remote branches.
fn references(tree: &Tree, sightings: &[&Sighting], judged: &[Judged]) -> String {
    let branches = sightings.iter().filter_map(|sighting| sighting.branch.as_ref());
    let branches = branches.map(|branch| format!("refs/heads/{branch}"));
    let holders = judged.iter().filter_map(|judged| match judged {
        Judged::Earlier(holder) | Judged::OtherLine(holder) | Judged::Rewound(holder) => Some(holder.clone()),
        _ => None,
    });
    let stamps = branches.chain(holders).map(|reference| tree.head.stamps_of(&reference));
    let stamps: Vec<_> = stamps.chain([tree.head.stamps_of_remotes()]).collect();
    Hash::of(stamps.join("\n").as_bytes()).to_string()
}
