//! What was seen on branches and is not in the file at hand, and what git says about that (vault-format(5), "Branches").
//!
//! Looked at only where the file is not simply what was seen, and once for each file: git is asked at most once for a file
//! and a commit, and its answer is kept.

mod dropped;
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
use crate::error::{Error, Result};
use crate::file::{Block, File, MAX_FILE};
use crate::fs;
use crate::git::{AtRevision, Commits, Git, Head, work_trees_above};
use crate::marks::branches::Answer;
use crate::marks::judge::Judged;
use crate::marks::{Branches, Seen, Side, Sighting};
use crate::name::{EnvironmentName, UserName};
use crate::signature::{Hash, Signature};
use crate::time::Time;
pub use note::Elsewhere;
use question::Question;
use rules::MissingRoster;
use std::cell::{Cell, OnceCell, RefCell};
use std::path::PathBuf;

/// The work tree that a vault is in, and what was seen on its branches.
#[derive(Debug)]
pub(super) struct Tree {
    pub head: Head,
    /// Where the file is, from the top.
    pub path: PathBuf,
    /// The clone, as [`Sighting`] has it.
    pub clone: String,
    pub branches: Branches,
}

/// What was looked at beside a file so far.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// The git work tree that it is in, once that was needed.
    tree: OnceCell<Option<Tree>>,
    /// Whether merges in this clone have joined what the file lacks, which is noted.
    joined: OnceCell<bool>,
    /// What a merge or rebase under way joins, and the file lacks.
    being_joined: OnceCell<Vec<Side>>,
    missing_rosters: OnceCell<Vec<MissingRoster>>,
    /// What was found to be missing.
    missing: RefCell<Vec<Missing>>,
    /// Rosters whose changes were made again in this one.
    included: RefCell<Vec<Hash>>,
    /// Why git does not answer.
    silence: RefCell<Option<Error>>,
    /// Whether a loss was told.
    told: Cell<bool>,
    /// Whether it was looked for what is gone with its branch.
    told_of_gone: Cell<bool>,
    /// Whether it was looked for what a commit of this clone has put back.
    told_of_put_back: Cell<bool>,
}

/// Something that was seen on a branch, and that the file at hand does not go on from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Missing {
    /// None for the roster.
    pub environment: Option<EnvironmentName>,
    pub version: u32,
    pub hash: Hash,
    /// Whoever signed it, where that is known.
    pub author: Option<UserName>,
    pub branch: Option<String>,
    /// The commit that was checked out then.
    pub commit: Option<String>,
    /// Whether it was made here.
    pub is_own: bool,
    /// What goes on from it and is missing too: the highest of its kind.
    pub covered_by: Option<Hash>,
    pub judged: Judged,
}

/// What is compared: the roster, or an environment, as it is in the file.
pub(super) struct Compared<'a> {
    pub environment: Option<&'a EnvironmentName>,
    /// What the file has.
    pub here: Seen,
    /// The highest that was seen.
    pub highest: Option<Seen>,
    /// Whether the file goes on from what was seen.
    pub goes_on: &'a dyn Fn(&Seen) -> bool,
}

impl Tree {
    fn of(vault: &Vault) -> Result<Option<Self>> {
        let real = &vault.location.real;
        let Some(top) = work_trees_above(fs::parent(real)).next() else { return Ok(None) };
        let Some(head) = Head::of(top) else { return Ok(None) };
        let path = real.strip_prefix(top).unwrap_or(real).to_owned();
        let clone = head.clone_path().to_string_lossy().into_owned();
        Ok(Some(Self { head, path, clone, branches: vault.marks_store().branches()? }))
    }

    /// What is noted of a statement that is seen here now.
    pub fn sighting(&self, seen: Seen, (author, signature): (&UserName, Signature)) -> Sighting {
        Sighting {
            environment: None,
            added: seen.added,
            version: seen.version,
            hash: seen.hash,
            author: author.clone(),
            signature,
            branch: self.head.branch.clone(),
            clone: self.clone.clone(),
            time: Time::now(),
            commit: self.head.commit.clone(),
            path: self.path.to_string_lossy().into_owned(),
            is_own: self.branches.made.contains(&seen.hash),
            covered: false,
        }
    }

    /// An environment as it is in the file of a commit.
    fn block_at(&self, commit: &str, name: &EnvironmentName) -> Option<Block> {
        let read = self.git().revision(commit).and_then(|revision| revision.read(&self.path, MAX_FILE));
        let Ok(AtRevision::File(bytes)) = read else { return None };
        File::parse(bytes).ok()?.block(name).cloned()
    }

    fn git(&self) -> Git {
        Git::at(&self.head.top)
    }
}

impl Vault {
    /// The git work tree that the file is in. Who saw the vault outside of git first knows of none: a `.git` that was planted
    /// later explains nothing.
    pub(super) fn tree(&self) -> Result<Option<&Tree>> {
        if self.marks.as_ref().is_some_and(|marks| !marks.git) {
            return Ok(None);
        }
        if let Some(tree) = self.asked.tree.get() {
            return Ok(tree.as_ref());
        }
        self.has_joined();
        let mut tree = Tree::of(self)?;
        if let Some((tree, sides)) = tree.as_mut().zip(self.asked.being_joined.get()) {
            tree.branches.note_sides(sides, &[]);
        }
        Ok(self.asked.tree.get_or_init(|| tree).as_ref())
    }

    /// What was seen of the roster or an environment, and is not in the file.
    pub(super) fn missing(&self, tree: &Tree, compared: &Compared<'_>) -> Result<Vec<Missing>> {
        let Compared { environment, here, highest, goes_on } = compared;
        let all = tree.branches.of(*environment, here.added);
        let sightings: Vec<&Sighting> = all.filter(|sighting| !goes_on(&sighting.seen())).collect();
        let mut missing = match sightings.is_empty() {
            true => Vec::new(),
            false => self.judged(tree, (here, highest.as_ref()), &sightings)?,
        };
        // Where it was seen is lost; that it was seen is not.
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
        let mut looked = self.asked.missing.borrow_mut();
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
        let question = self.question(tree, here, sightings);
        let known = tree.branches.answer(&question);
        let judged = match known.filter(|answer| answer.references == references(tree, sightings, &answer.judged)) {
            Some(answer) => answer.judged.clone(),
            None => {
                let judged = self.ask(tree, sightings);
                let references = references(tree, sightings, &judged);
                // What is lost may be found again, by a fetch for example.
                // Of another clone nothing here says when it has changed.
                let may_change = |(sighting, judged): (&&Sighting, &Judged)| {
                    judged.is_loss() || matches!(judged, Judged::OtherClone { .. }) || sighting.clone != tree.clone
                };
                if !sightings.iter().zip(&judged).any(may_change) {
                    // Where it can't be written, git is asked again.
                    let _ = self.marks_store().remember_answer(Answer { question, references, judged: judged.clone() });
                }
                judged
            }
        };
        let newest = highest.and_then(|highest| sightings.iter().position(|sighting| sighting.hash == highest.hash));
        let of_newest = newest.and_then(|newest| judged.get(newest)).cloned();
        let with_newest = |sighting: &Sighting, judged: Judged| match &of_newest {
            // It is gone with its branch, and there is more than it had.
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

    /// Everything on which an answer depends, but for where the branches are.
    fn question(&self, tree: &Tree, here: &Seen, sightings: &[&Sighting]) -> Hash {
        let Head { top, commit, branch, .. } = &tree.head;
        let (top, joined) = (top.display(), tree.head.being_joined());
        let mut text = format!("{top} {commit:?} {branch:?} {joined:?} {:?} {}\n", self.stamp, here.hash);
        for Sighting { hash, branch, clone, commit, path, is_own, .. } in sightings {
            text += &format!("{hash} {branch:?} {clone} {commit:?} {path} {is_own}\n");
        }
        Hash::of(text.as_bytes())
    }

    /// Where git can't be asked, nothing is explained.
    fn ask(&self, tree: &Tree, sightings: &[&Sighting]) -> Vec<Judged> {
        let judged = || -> Result<Vec<Judged>> {
            if !tree.git().is_top()? {
                return Ok(vec![Judged::Unknown; sightings.len()]);
            }
            let question = Question::new(self, tree);
            sightings.iter().map(|sighting| question.judge(sighting)).collect()
        };
        judged().unwrap_or_else(|error| {
            *self.asked.silence.borrow_mut() = Some(error);
            vec![Judged::Unknown; sightings.len()]
        })
    }

    /// Whether this very block is in the history of a commit that was checked out when something newer was seen.
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

/// What an answer rests on: the branches that have what is missing, those it was seen on, and the remote branches.
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
