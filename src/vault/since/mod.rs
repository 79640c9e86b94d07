//! Whether a file goes on from the one at a git revision. It is compared under the path that was asked for: who can change
//! a repository can put a link, or a repository of its own, in a file's place.

mod compare;
mod names;
mod place;

pub use place::InGit;

use super::open::{Location, Parsed};
use super::{Saved, Settings, Vault};
use crate::error::{Error, Reason, Remedy, Result};
use crate::file::MAX_FILE;
use crate::fs::Stamp;
use crate::git::{AtRevision, Revision};
use crate::roster::Roster;
use compare::{Between, Comparison};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

/// What a file is compared with, and what is taken all the same because a person says so.
#[derive(Debug, Clone, Copy)]
pub struct Since<'a> {
    /// The git revision.
    pub reference: &'a str,
    /// The revision need not have the file, nor a vault of that name in another directory.
    pub new: bool,
    /// Saves that nobody can tell of need not be linked.
    pub gap: bool,
}

/// What changed since a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// In words, the roster first.
    pub lines: Vec<String>,
    /// Whether commits between are not in this clone: what they changed is told only as far as the file itself tells it.
    pub is_shallow: bool,
}

/// The file that is compared with an earlier one.
struct Now {
    saved: Saved,
    /// The commit that it belongs to, if there is one yet.
    commit: Option<Revision>,
    is_behind_a_link: bool,
}

impl Vault {
    /// What changed since a git revision, after checking that this file goes on from the one there, and every version of
    /// it in the commits between.
    ///
    /// # Errors
    /// An integrity error if it doesn't, or the revision has no such file; a usage error for an unknown revision; a failure
    /// in git's words.
    pub fn since(&self, since: Since<'_>) -> Result<Changes> {
        let place = InGit::of(&self.location.asked)?;
        let commit = place.git().revision("HEAD").ok();
        place.since(&Now { saved: self.saved()?, commit, is_behind_a_link: place.is_behind_a_link() }, since)
    }

    /// The file's bytes at a git revision, if it was there.
    ///
    /// # Errors
    /// A usage error for an unknown revision; a failure in git's words.
    pub fn at_revision(&self, reference: &str) -> Result<Option<Vec<u8>>> {
        InGit::of(&self.location.asked)?.bytes_at(reference)
    }

    /// As [`Vault::open`], of the file as it was at a git revision: for who looks at history while what is at the
    /// path is in conflict.
    ///
    /// # Errors
    /// As [`Vault::at_revision`] and [`Vault::open`]; a not-found error if it was not there.
    pub fn open_at_revision(path: &Path, reference: &str, settings: &Settings) -> Result<Self> {
        let location = Location::of(path)?;
        let place = InGit::of(&location.asked)?;
        let missing = || Error::not_found(format!("{reference} has no {}", place.path().display()));
        let bytes = place.bytes_at(reference)?.ok_or_else(missing)?;
        Parsed::read(bytes, Stamp::none(), settings)?.fold(&location, settings)?.prove()
    }

    /// The file's bytes as the next commit will have them, if it will have the file.
    ///
    /// # Errors
    /// If it is in conflict there; a failure in git's words.
    pub fn staged(&self) -> Result<Option<Vec<u8>>> {
        let place = InGit::of(&self.location.asked)?;
        place.git().staged_file(place.path(), MAX_FILE)
    }
}

impl InGit {
    fn bytes_at(&self, reference: &str) -> Result<Option<Vec<u8>>> {
        match self.git().revision(reference)?.read(self.path(), MAX_FILE)? {
            AtRevision::Absent => Ok(None),
            AtRevision::File(bytes) | AtRevision::BehindLink(bytes) => Ok(Some(bytes)),
        }
    }

    /// The file at a revision, verified, and what changed since another one if that is asked.
    ///
    /// # Errors
    /// A not-found error if it is not there, else as [`Vault::since`].
    pub fn verify_at(&self, reference: &str, since: Option<Since<'_>>) -> Result<(Saved, Option<Changes>)> {
        let commit = self.git().revision(reference)?;
        names::check(&commit.paths()?, self.path())?;
        let (bytes, is_behind_a_link) = match commit.read(self.path(), MAX_FILE)? {
            AtRevision::Absent => {
                return Err(Error::not_found(format!("{reference} has no {}", self.path().display())));
            }
            AtRevision::File(bytes) => (bytes, false),
            AtRevision::BehindLink(bytes) => (bytes, true),
        };
        let saved = Saved::verify(bytes, None)?;
        let now = Now { saved: saved.clone(), commit: Some(commit), is_behind_a_link };
        Ok((saved, since.map(|since| self.since(&now, since)).transpose()?))
    }

    fn since(&self, now: &Now, since: Since<'_>) -> Result<Changes> {
        let reference = since.reference;
        let revision = self.git().revision(reference)?;
        let path = self.path();
        let before = revision.read(path, MAX_FILE)?;
        self.check_outer(reference)?;
        let mut others = Vec::new();
        if let Some(commit) = &now.commit {
            let paths = commit.paths()?;
            names::check(&paths, path)?;
            others = names::added(&paths, &revision.paths()?, path, since.new)?;
        }
        let mut changes = match before {
            AtRevision::Absent if since.new => {
                Changes { lines: vec![format!("the file did not exist at {reference}")], is_shallow: false }
            }
            AtRevision::Absent => {
                return Err(Error::integrity(format!("{reference} has no {}", path.display()))
                    .hint(("if the file was added since then: ", Remedy::VerifyNew)));
            }
            AtRevision::File(_) if now.is_behind_a_link => {
                return Err(Error::integrity(format!(
                    "{} was a file at {reference}, but is now a link",
                    path.display()
                ))
                .hint("the link leads to another file: put the file itself back"));
            }
            AtRevision::File(bytes) => self.changes(bytes, now, (&revision, path), since)?,
            AtRevision::BehindLink(bytes) => {
                let real = self.behind_the_link().unwrap_or_else(|| path.to_owned());
                self.changes(bytes, now, (&revision, &real), since)?
            }
        };
        changes.lines.extend(others);
        Ok(changes)
    }

    fn changes(&self, bytes: Vec<u8>, now: &Now, before: (&Revision, &Path), since: Since<'_>) -> Result<Changes> {
        let reference = since.reference;
        let Now { saved: new, commit, .. } = now;
        let old = Saved::verify(bytes, Some(new.roster()))
            .map_err(|error| Error::integrity(format!("the file at {reference} is not valid: {error}")))?;
        if old.id() != new.id() {
            return Err(Error::new(Reason::OtherVault, format!("this is not the same vault as at {reference}")));
        }
        let (revision, path) = before;
        let (mut between, mut is_shallow, mut is_behind) = (Vec::new(), false, false);
        if let Some(commit) = commit {
            between = self.between(revision, commit, path, new.roster())?;
            is_shallow = self.git().lacks_between(revision, commit)?;
            is_behind = !is_shallow && !self.git().is_ancestor(revision, commit);
        }
        let file = self.path();
        let comparison = Comparison { old, new, between, reference, file, is_shallow, is_behind, gap: since.gap };
        Ok(Changes { lines: comparison.lines()?, is_shallow })
    }

    /// Every save in the commits between. Each file there must be valid, and of this vault.
    fn between(&self, since: &Revision, until: &Revision, path: &Path, known: &Roster) -> Result<Vec<Between>> {
        let mut found = BTreeMap::new();
        self.git().between(since, until, path, &mut |version, content| {
            let commit: String = version.commit.as_deref().unwrap_or_default().chars().take(10).collect();
            let wrong = |error: Error| {
                Error::integrity(format!("{} of commit {commit} is not valid: {error}", path.display()))
                    .hint("remove that commit from the branch, for example with git rebase -i")
            };
            let mut bytes = Vec::new();
            content
                .take(MAX_FILE as u64 + 1)
                .read_to_end(&mut bytes)
                .map_err(|error| Error::io("read", path, &error))?;
            let saved = Saved::verify(bytes, Some(known)).map_err(wrong)?;
            if saved.id() != known.id() {
                return Err(wrong(Error::new(Reason::OtherVault, "it is another vault")));
            }
            for save in saved.saves().values() {
                found.entry(save.hash).or_insert_with(|| Between { save: save.clone(), commit: commit.clone() });
            }
            Ok(())
        })?;
        Ok(found.into_values().collect())
    }
}
