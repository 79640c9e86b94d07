//! What this command has asked git about the branches of a file, and what it has found missing from the file.

use super::location::Location;
use crate::error::{Error, Result};
use crate::file::{Block, File, MAX_FILE};
use crate::fs;
use crate::git::{AtRevision, Git, Head, work_trees_above};
use crate::marks::judge::Judged;
use crate::marks::{Branches, Seen, Side, Sighting, Store};
use crate::name::{EnvironmentName, UserName};
use crate::roster::Roster;
use crate::signature::{Hash, Signature};
use crate::time::Time;
use std::cell::{Cell, OnceCell, RefCell};
use std::path::PathBuf;

/// The git work tree that contains the vault, and what this device has seen on its branches.
#[derive(Debug)]
pub(super) struct Tree {
    pub head: Head,
    /// The path of the vault file, relative to the top of the work tree.
    pub path: PathBuf,
    /// The clone, identified as in a [`Sighting`].
    pub clone: String,
    pub branches: Branches,
}

impl Tree {
    /// Returns the work tree that contains this file.
    pub fn containing(location: &Location, marks: &Store) -> Result<Option<Self>> {
        let real = &location.real;
        let Some(top) = work_trees_above(fs::parent(real)).next() else { return Ok(None) };
        let Some(head) = Head::read(top) else { return Ok(None) };
        let path = real.strip_prefix(top).unwrap_or(real).to_owned();
        let clone = head.clone_path().to_string_lossy().into_owned();
        Ok(Some(Self { head, path, clone, branches: marks.branches()? }))
    }

    /// Returns a sighting of a statement that is seen here now. The caller sets the environment.
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

    /// Returns an environment's block from the file of a commit.
    pub fn block_at(&self, commit: &str, name: &EnvironmentName) -> Option<Block> {
        let read = self.git().revision(commit).and_then(|revision| revision.read(&self.path, MAX_FILE));
        let Ok(AtRevision::File(bytes)) = read else { return None };
        File::parse(bytes).ok()?.block(name).cloned()
    }

    pub fn git(&self) -> Git {
        Git::at(&self.head.top)
    }
}

/// What this command has found out about a file so far.
#[derive(Debug, Default)]
pub(super) struct GitAnswers {
    /// The git work tree that contains the file; empty until it is first needed.
    pub tree: OnceCell<Option<Tree>>,
    /// Whether merges in this clone have joined something that the file lacks. If so, it has been recorded.
    pub joined: OnceCell<bool>,
    /// What a merge or rebase in progress joins, and the file lacks.
    pub being_joined: OnceCell<Vec<Side>>,
    pub missing_rosters: OnceCell<Vec<MissingRoster>>,
    /// Everything found to be missing from the file.
    pub missing: RefCell<Vec<Missing>>,
    /// Rosters that are not ancestors of the file's roster, but whose changes it contains.
    pub included: RefCell<Vec<Hash>>,
    /// The error that keeps git from answering.
    pub silence: RefCell<Option<Error>>,
    /// Whether a loss has been reported.
    pub warned: Cell<bool>,
    /// Whether the search for statements that disappeared with their branch has been made.
    pub warned_of_gone: Cell<bool>,
    /// Whether the search for statements that a commit in this clone has put back has been made.
    pub warned_of_put_back: Cell<bool>,
}

/// A statement that was seen on a branch, and from which the current file does not descend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Missing {
    /// The environment; `None` for the roster.
    pub environment: Option<EnvironmentName>,
    pub version: u32,
    pub hash: Hash,
    /// The signer, if known.
    pub author: Option<UserName>,
    pub branch: Option<String>,
    /// The commit that was checked out when it was seen.
    pub commit: Option<String>,
    /// Whether the statement was made on this device.
    pub is_own: bool,
    /// The highest statement of the same kind, if it descends from this one and is missing too.
    pub covered_by: Option<Hash>,
    pub judged: Judged,
}

/// A roster that was seen and is not in the file.
#[derive(Debug)]
pub(super) struct MissingRoster {
    pub missing: Missing,
    pub roster: Roster,
}
