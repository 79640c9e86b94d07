//! Warnings, in addition to the result of a command.

use crate::error::Hint;

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

    pub(super) fn take_new(&mut self) -> Vec<Warning> {
        let new = self.all[self.taken..].to_vec();
        self.taken = self.all.len();
        new
    }
}
