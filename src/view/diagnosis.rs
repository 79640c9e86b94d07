//! The findings of `doctor`.

use crate::doctor::Finding;
use crate::error::Hint;
use serde::Serialize;

/// A finding of `doctor`. It never holds a value.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Diagnosis {
    /// `ok`, `note` or `fix`. The command fails only for `fix`.
    pub level: &'static str,
    /// The check that made the finding: `vault`, `merge-driver`, `plain-file`, `reused`, ...
    pub check: &'static str,
    /// The subject: a file's name, an item, a user, or whatever else was checked.
    pub subject: String,
    /// The finding in words.
    pub what: String,
    /// The fix: a command to type, or words if no command can do it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Diagnosis {
    /// Returns the object for a finding. `words` formats its remedy.
    pub fn new(finding: &Finding, words: impl Fn(&Hint) -> String) -> Self {
        let Finding { level, check, subject, what, remedy } = finding;
        Self {
            level: level.word(),
            check,
            subject: subject.clone(),
            what: what.clone(),
            remedy: remedy.as_ref().map(words),
        }
    }
}
