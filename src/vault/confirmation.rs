//! How a person is asked about a protected environment.

use crate::error::Result;
use crate::log::{Action, Entry};
use crate::name::EnvironmentName;
use std::sync::Arc;

/// What a person is asked about a protected environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Whether to use its values.
    Use,
    /// Whether to remove its protection.
    Unprotect,
}

/// What a person is asked to confirm. If they refuse, the log entry says the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// The protected environment. A confirmation is about all of it.
    pub environment: EnvironmentName,
    /// The question.
    pub question: Question,
    /// What is about to be done.
    pub action: Action,
    /// The names of the items that this is about, as far as they are known.
    pub items: Vec<String>,
    /// The program that gets the values or, if they stay in the vault, the one that asks for the change.
    pub program: String,
}

impl Confirmation {
    pub(super) fn new(environment: &EnvironmentName, question: Question, entry: &Entry) -> Self {
        Self {
            environment: environment.clone(),
            question,
            action: entry.action,
            items: entry.items.iter().map(ToString::to_string).collect(),
            program: entry.program.clone(),
        }
    }
}

/// Asks a person; returns `None` if nobody can answer.
pub type Ask = Arc<dyn Fn(&Confirmation) -> Result<Option<bool>> + Send + Sync>;
