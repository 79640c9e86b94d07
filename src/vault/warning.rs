//! What there is to warn of, besides what a command does.

use super::Vault;
use crate::error::{Error, Hint, Result};

/// Something to warn of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What there is.
    pub text: String,
    /// What could be done.
    pub hint: Option<Hint>,
}

impl From<String> for Warning {
    fn from(text: String) -> Self {
        Self { text, hint: None }
    }
}

/// What there is to warn of. A change checks again what opening the file has checked, but one warning is enough.
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
    /// What there is to warn of since the last call.
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

    /// Warns of what `--strict` doesn't change.
    pub(super) fn tell(&self, warning: impl Into<Warning>) {
        self.warnings.borrow_mut().add(warning.into());
    }
}
