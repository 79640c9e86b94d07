//! What `doctor` found.

use crate::doctor::Finding;
use crate::error::Hint;
use serde::Serialize;

/// What `doctor` found out about one subject. It never holds a value.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Diagnosis {
    /// `ok`, `note` or `fix`: only for `fix` the command fails.
    pub level: &'static str,
    /// Which check it is from: `vault`, `merge-driver`, `plain-file`, `reused`, ...
    pub check: &'static str,
    /// What it is about: a file's name, an item, a user, or what was looked at.
    pub subject: String,
    /// What is so, in words.
    pub what: String,
    /// What mends it: a command as it is typed, or words where no command does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Diagnosis {
    /// A finding, with its remedy in these words.
    pub fn of(finding: &Finding, words: impl Fn(&Hint) -> String) -> Self {
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
