//! A file whose roster is verified, which takes no key.

mod unproven;

pub use unproven::Unproven;

use super::Claims;
use super::git_answers::GitAnswers;
use super::settings::{log_writer, marks_store};
use super::verified::Verified;
use super::warning::{Warning, WarningReason, Warnings};
use crate::error::{Error, Remedy, Result, SystemStep};
use crate::file::{Block, File};
use crate::fs::Stamp;
use crate::log::Writer;
use crate::marks::{Seen, Store};
use crate::name::{EnvironmentName, UserName};
use crate::roster::Roster;
use crate::signature::Hash;
use crate::time::Time;
use std::cell::{OnceCell, RefCell};
use std::ops::Deref;

/// A file whose roster is verified. Only [`Unproven::prove`] and the other functions of this module make one.
#[derive(Debug)]
pub struct Vault {
    claims: Claims,
    /// The roster that the marks name; empty until it is first needed.
    pub(super) highest: OnceCell<Roster>,
    /// The answers that git gave.
    pub(super) git_answers: GitAnswers,
    pub(super) warnings: RefCell<Warnings>,
    /// A block that was verified before it is read, until then.
    pub(super) ahead: RefCell<Option<(EnvironmentName, Verified)>>,
}

impl Vault {
    /// Makes a vault with the same path and settings, but with another file and a verified roster. The caller checks
    /// that they belong together.
    pub(super) fn of_parts(like: &Self, file: File, roster: Roster) -> Self {
        let (location, settings) = (like.location.clone(), like.settings.clone());
        let (stamp, marks) = (like.stamp, like.marks.clone());
        Self::of_verified(Claims { location, file, roster, stamp, marks, settings, unmerged: None })
    }

    /// Makes a vault of claims whose roster is verified, with the warnings that it has already. Warns if git could not
    /// merge the file.
    fn new(claims: Claims, warnings: Warnings) -> Result<Self> {
        let vault = Self { warnings: RefCell::new(warnings), ..Self::of_verified(claims) };
        if vault.unmerged.is_some() {
            let what = "the file has an unresolved merge, so nothing can be saved";
            let warning = Warning::new(WarningReason::UnresolvedMerge, what);
            vault.warn(warning.hint(("merge both sides, item by item: ", Remedy::Merge)))?;
        }
        Ok(vault)
    }

    fn of_verified(claims: Claims) -> Self {
        Self {
            claims,
            highest: OnceCell::new(),
            git_answers: GitAnswers::default(),
            warnings: RefCell::default(),
            ahead: RefCell::default(),
        }
    }

    /// Reads again what this device has seen, after a change of it.
    pub(super) fn with_marks(mut self) -> Result<Self> {
        self.claims.marks = self.marks_store().load()?;
        Ok(self)
    }

    /// Returns the step that lists the commits of the file, for hints.
    #[must_use]
    pub(crate) fn git_log(&self) -> SystemStep {
        self.location.git_log()
    }

    /// Returns whether the file on disk is still the one that this was read from, according to its stamp.
    #[must_use]
    pub fn is_current(&self) -> bool {
        std::fs::metadata(&self.location.real).is_ok_and(|metadata| Stamp::from_metadata(&metadata) == self.stamp)
    }

    /// Returns the roster: the users and their rights.
    #[must_use]
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Returns the parsed file. What its blocks say is verified by [`Vault::last_saves`].
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Returns whether this device has seen the vault before.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.marks.is_some()
    }

    /// Returns a writer for a user's log of this vault.
    #[must_use]
    pub(crate) fn log_writer(&self, user: &UserName) -> Writer {
        log_writer(&self.settings, &self.id(), user)
    }

    /// Returns when somebody last lost the right to read what a block holds; `None` if nobody did since it was written.
    pub(super) fn lost_at(&self, block: &Block) -> Result<Option<Time>> {
        let losses = self.roster.losses(&block.statement.name, block.statement.roster.version)?;
        Ok(losses.last().copied())
    }

    pub(super) fn block(&self, name: &EnvironmentName) -> Result<&Block> {
        self.roster.state().environment(name)?;
        self.check_environment_merged(name)?;
        self.file.block(name).ok_or_else(|| missing_block(name))
    }

    pub(super) fn seen(&self, block: &Block, hash: Hash) -> Seen {
        let environment = self.roster.state().environments.get(&block.statement.name);
        Seen { added: environment.map_or(0, |environment| environment.added), version: block.statement.version, hash }
    }

    pub(super) fn is_in_git(&self) -> bool {
        self.location.is_in_git_work_tree()
    }

    pub(super) fn marks_store(&self) -> Store {
        marks_store(&self.settings, &self.id())
    }

    /// Returns the warnings that are new since the last call.
    pub fn take_warnings(&self) -> Vec<Warning> {
        self.warnings.borrow_mut().take_new()
    }

    /// Adds a warning.
    ///
    /// # Errors
    /// Under strict settings, the warning as an error.
    pub(super) fn warn(&self, warning: Warning) -> Result<()> {
        if self.settings.strict {
            return Err(warning.into_error());
        }
        self.tell(warning);
        Ok(())
    }

    /// Adds a warning that is no error under strict settings either.
    pub(super) fn tell(&self, warning: Warning) {
        self.warnings.borrow_mut().add(warning);
    }
}

impl Deref for Vault {
    type Target = Claims;

    fn deref(&self) -> &Claims {
        &self.claims
    }
}

/// Returns the error for a file that lacks an environment of its roster.
pub(super) fn missing_block(name: &EnvironmentName) -> Error {
    Error::integrity(format!("environment {name} is missing from the file"))
        .hint("restore the file from a copy you trust")
}
