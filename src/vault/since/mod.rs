//! Checks whether a file descends from the one at a git revision. The file is compared under the path that was given,
//! because anybody who can change a repository can put a link, or a nested repository, in a file's place.

mod compare;
mod names;
mod place;

pub use place::InGit;

use super::location::Location;
use super::parsed::Parsed;
use super::{Saved, Settings, Vault, Warning, WarningReason};
use crate::error::{Error, Reason, Remedy, Result, SystemStep};
use crate::file::MAX_FILE;
use crate::fs::Stamp;
use crate::git::{AtRevision, Revision};
use crate::roster::Roster;
use compare::{Between, Comparison};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

/// What a file is compared with, and which exceptions the user accepts.
#[derive(Debug, Clone, Copy)]
pub struct Since<'a> {
    /// The git revision.
    pub reference: &'a str,
    /// Whether the revision may lack the file, and may lack a vault of that name in another directory.
    pub new: bool,
    /// Whether saves are accepted that can't be linked to the revision.
    pub gap: bool,
    /// Whether commits in between that this clone lacks are an error, and not only a warning.
    pub strict: bool,
}

/// What changed since a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The changes in words, those to the roster first.
    pub lines: Vec<String>,
    /// A warning if this clone lacks commits in between. Then their changes are listed only as far as the file itself
    /// tells them.
    pub lacking: Option<Warning>,
}

/// The file that is compared with an earlier one.
struct Now {
    saved: Saved,
    /// The commit that it belongs to, if there is one yet.
    commit: Option<Revision>,
    is_behind_a_link: bool,
}

impl Vault {
    /// Returns what changed since a git revision, after checking that this file descends from the one there, and that
    /// every version in the commits in between is valid.
    ///
    /// # Errors
    /// An integrity error if it does not, or the revision has no such file; a usage error for an unknown revision; a
    /// failure with git's message, or with [`Since::strict`] if the clone lacks commits in between.
    pub fn since(&self, since: Since<'_>) -> Result<Changes> {
        let place = InGit::containing(&self.location.asked)?;
        let commit = place.git().revision("HEAD").ok();
        place.since(&Now { saved: self.saved()?, commit, is_behind_a_link: place.is_behind_a_link() }, since)
    }

    /// Returns the file's bytes at a git revision; `None` if it was not there.
    ///
    /// # Errors
    /// A usage error for an unknown revision; a failure with git's message.
    pub(crate) fn at_revision(&self, reference: &str) -> Result<Option<Vec<u8>>> {
        InGit::containing(&self.location.asked)?.bytes_at(reference)
    }

    /// Does the same as [`Vault::open`] for the file at a git revision. It is for looking at history while the file in
    /// the work tree has conflicts.
    ///
    /// # Errors
    /// The same as for [`Vault::open`]; a usage error for an unknown revision, a failure with git's message, and a not-found
    /// error if the file was not there.
    pub fn open_at_revision(path: &Path, reference: &str, settings: &Settings) -> Result<Self> {
        let location = Location::resolve(path)?;
        let place = InGit::containing(&location.asked)?;
        let missing = || Error::not_found(format!("{reference} has no {}", place.path().display()));
        let bytes = place.bytes_at(reference)?.ok_or_else(missing)?;
        Parsed::read(bytes, Stamp::none(), settings)?.fold(&location, settings)?.prove_of_any_age()
    }

    /// Returns the file's bytes as the next commit will have them; `None` if the commit will not have the file.
    ///
    /// # Errors
    /// If the file has conflicts in git's index; a failure with git's message.
    pub fn staged(&self) -> Result<Option<Vec<u8>>> {
        let place = InGit::containing(&self.location.asked)?;
        place.git().staged_file(place.path(), MAX_FILE)
    }
}

/// Returns the warning about a shallow clone. The file itself shows which save each environment follows, but only the
/// commits show what was saved in between, and by whom.
fn lacking(strict: bool) -> Result<Warning> {
    const WHAT: &str = "this clone is shallow: commits between are missing, and what they changed is not listed";
    let hint = ("fetch them: ", SystemStep::FetchHistory);
    match strict {
        true => Err(Error::failed(WHAT).hint(hint)),
        false => Ok(Warning::new(WarningReason::ShallowClone, WHAT).hint(hint)),
    }
}

impl InGit {
    fn bytes_at(&self, reference: &str) -> Result<Option<Vec<u8>>> {
        match self.git().revision(reference)?.read(self.path(), MAX_FILE)? {
            AtRevision::Absent => Ok(None),
            AtRevision::File(bytes) | AtRevision::BehindLink(bytes) => Ok(Some(bytes)),
        }
    }

    /// Verifies the file at a revision, and returns what changed since another revision if `since` is given.
    ///
    /// # Errors
    /// A not-found error if the file is not there; otherwise the same as for [`Vault::since`].
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
        let saved = Saved::verify(bytes)?;
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
                Changes { lines: vec![format!("the file did not exist at {reference}")], lacking: None }
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
        let old = Saved::verify_beside(bytes, new.roster())
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
        let lines = comparison.lines()?;
        Ok(Changes { lines, lacking: if is_shallow { Some(lacking(since.strict)?) } else { None } })
    }

    /// Returns every save in the commits in between. Each file there must be valid, and of this vault.
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
            let saved = Saved::verify_beside(bytes, known).map_err(wrong)?;
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
