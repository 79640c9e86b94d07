//! Whether a file goes on from the one at a git revision. It is compared under the path that was asked for: who can change
//! a repository can put a link, or a repository of its own, in a file's place.

use super::Vault;
use crate::error::{Error, Result};
use crate::file::{Block, BlockStatement, File, MAX_FILE, Relation};
use crate::fs;
use crate::git::{AtRevision, Git, work_trees_above};
use crate::roster::Roster;
use crate::signature::Hash;
use std::path::{Path, PathBuf};

/// What it means that the revision doesn't have the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// Nothing tells what the file goes on from.
    Refused,
    /// The file is new: a person says so.
    New,
}

impl Vault {
    /// What changed since a git revision, in words, after checking that this file goes on from the one there.
    ///
    /// # Errors
    /// An integrity error if it doesn't, or the revision has no such file; a usage error for an unknown revision; a failure
    /// in git's words.
    pub fn since(&self, reference: &str, absent: Absent) -> Result<Vec<String>> {
        let (top, outer) = self.work_trees()?;
        let path = below(&self.location.asked, top);
        let before = Git::at(top).revision(reference)?.read(&path, MAX_FILE)?;
        for outer in outer {
            check_outer(outer, &below(&self.location.asked, outer), reference)?;
        }
        match (before, absent) {
            (AtRevision::Absent, Absent::New) => Ok(vec![format!("the file was not there at {reference}")]),
            (AtRevision::Absent, Absent::Refused) => {
                Err(Error::integrity(format!("{reference} has no {}", path.display()))
                    .hint("if the file is new since then, say so: vault verify --since REF --new"))
            }
            (AtRevision::File(_), _) if is_behind_a_link(top, &path) => {
                Err(Error::integrity(format!("{} was a file at {reference}, and is a link now", path.display()))
                    .hint("what the link leads to is another file: put the file itself back in its place"))
            }
            (AtRevision::File(bytes) | AtRevision::BehindLink(bytes), _) => self.goes_on_from(bytes, reference),
        }
    }

    /// The file's bytes at a git revision, if it was there.
    ///
    /// # Errors
    /// A usage error for an unknown revision; a failure in git's words.
    pub fn at_revision(&self, reference: &str) -> Result<Option<Vec<u8>>> {
        let (top, _) = self.work_trees()?;
        match Git::at(top).revision(reference)?.read(&below(&self.location.asked, top), MAX_FILE)? {
            AtRevision::Absent => Ok(None),
            AtRevision::File(bytes) | AtRevision::BehindLink(bytes) => Ok(Some(bytes)),
        }
    }

    /// The file's bytes as the next commit will have them, if it will have the file.
    ///
    /// # Errors
    /// If it is in conflict there; a failure in git's words.
    pub fn staged(&self) -> Result<Option<Vec<u8>>> {
        let (top, _) = self.work_trees()?;
        Git::at(top).staged_file(&below(&self.location.asked, top), MAX_FILE)
    }

    /// The top of the work tree that the file is in, and those around it, if this is a submodule or the like.
    fn work_trees(&self) -> Result<(&Path, Vec<&Path>)> {
        let asked = &self.location.asked;
        let mut tops = work_trees_above(fs::parent(asked)).filter(|top| Git::at(top).is_top().unwrap_or(true));
        match tops.next() {
            Some(top) => Ok((top, tops.collect())),
            None => Err(Error::usage(format!("{} is in no git work tree", asked.display()))
                .hint("git's history is needed: name the file in a clone, with --vault")),
        }
    }

    fn goes_on_from(&self, bytes: Vec<u8>, reference: &str) -> Result<Vec<String>> {
        let invalid = |error: Error| Error::integrity(format!("the file at {reference} is not valid: {error}"));
        let mut old = File::parse(bytes).map_err(invalid)?;
        let roster = Roster::verify(std::mem::take(&mut old.roster), None).map_err(invalid)?;
        if roster.id() != self.id() {
            return Err(Error::integrity(format!("this is another vault than at {reference}")));
        }
        if !self.roster.extends(&roster) {
            return Err(Error::integrity(format!("the roster does not go on from the one at {reference}"))
                .hint("two branches changed users or environments: redo one side's change on top of the other"));
        }
        let mut changes: Vec<String> = Vec::new();
        for statement in &self.roster.statements()[roster.head().version as usize..] {
            let (version, draft) = (statement.version, &statement.draft);
            changes.push(format!("roster change {version}: {} by {}", draft.change.word(), draft.author));
        }
        for block in &self.file.blocks {
            let added = self.roster.state().environment(&block.statement.name)?.added;
            let before = old.block(&block.statement.name).filter(|_| added <= roster.head().version);
            changes.extend(block_since(block, before, &self.id())?);
        }
        if changes.is_empty() {
            changes.push(format!("nothing changed since {reference}"));
        }
        Ok(changes)
    }
}

fn below(path: &Path, top: &Path) -> PathBuf {
    path.strip_prefix(top).unwrap_or(path).to_owned()
}

/// Whether the path, or a directory on the way to it from the top, is a link.
fn is_behind_a_link(top: &Path, path: &Path) -> bool {
    let mut place = top.to_owned();
    path.components().any(|component| {
        place.push(component);
        place.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink())
    })
}

/// A repository of its own, such as a submodule, has a history of its own: it must not stand where the one above had a file.
fn check_outer(top: &Path, path: &Path, reference: &str) -> Result<()> {
    let Ok(revision) = Git::at(top).revision(reference) else { return Ok(()) };
    match revision.read(path, MAX_FILE)? {
        AtRevision::Absent => Ok(()),
        AtRevision::File(_) | AtRevision::BehindLink(_) => {
            let (path, top) = (path.display(), top.display());
            Err(Error::integrity(format!(
                "{path} was a file of {top} at {reference}, and another repository has it now"
            ))
            .hint("a submodule's history says nothing about that file: put the file back in its place"))
        }
    }
}

/// What changed in an environment, after checking that it goes on from what it was.
fn block_since(block: &Block, before: Option<&Block>, vault: &Hash) -> Result<Option<String>> {
    let BlockStatement { name, version, author, .. } = &block.statement;
    let changed = Some(format!("environment {name}: version {version} by {author}"));
    let Some(before) = before else { return Ok(changed) };
    let old = before.statement.version;
    let (hash, old_hash) = (block.dearmor(vault)?.hash, before.dearmor(vault)?.hash);
    match block.statement.relation(&hash, (old, &old_hash)) {
        Relation::Same => Ok(None),
        Relation::GoesOn | Relation::CannotTell { .. } => Ok(changed),
        Relation::Older => {
            Err(Error::integrity(format!("environment {name} went back from version {old} to {version}"))
                .hint("an old file was put back, or a change was lost in a merge"))
        }
        Relation::Jump => Err(Error::integrity(format!("environment {name} jumps from version {old} to {version}"))
            .hint("no honest history is that long: take the file from a copy you trust")),
        Relation::Fork => Err(parted(format!("environment {name} has another version {version}"))),
        Relation::Lost => Err(parted(format!("version {version} of environment {name} does not follow version {old}"))),
    }
}

fn parted(what: String) -> Error {
    Error::integrity(what).hint(
        "two branches changed it: take one side whole (git checkout --ours or --theirs), and change again what the other did",
    )
}
