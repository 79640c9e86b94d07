//! Warnings, in addition to the result of a command.

use super::Vault;
use crate::error::{Error, Hint, Result};

/// A warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What is wrong.
    pub text: String,
    /// What to do about it.
    pub hint: Option<Hint>,
}

impl From<String> for Warning {
    fn from(text: String) -> Self {
        Self { text, hint: None }
    }
}

/// The warnings of a vault. A change repeats the checks that opening the file has made, so each warning is kept once.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    all: Vec<Warning>,
    taken: usize,
}

impl Warnings {
    pub(super) fn add(&mut self, warning: Warning) {
        if !self.all.contains(&warning) {
            self.all.push(warning);
        }
    }

    fn take_new(&mut self) -> Vec<Warning> {
        let new = self.all[self.taken..].to_vec();
        self.taken = self.all.len();
        new
    }
}

impl Vault {
    /// Returns the warnings that are new since the last call.
    pub fn take_warnings(&self) -> Vec<Warning> {
        self.warnings.borrow_mut().take_new()
    }

    pub(super) fn warn(&self, warning: impl Into<Warning>) -> Result<()> {
        let warning = warning.into();
        if self.settings.strict {
            return Err(Error::integrity(warning.text).hint("strict mode makes this warning an error"));
        }
        self.tell(warning);
        Ok(())
    }

    /// Adds a warning that is not an error with `--strict`.
    pub(super) fn tell(&self, warning: impl Into<Warning>) {
        self.warnings.borrow_mut().add(warning.into());
    }
}
