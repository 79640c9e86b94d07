//! The data dictionary: the objects for programs, as `--json` prints them and `schema/vault.schema.json` describes
//! them.

mod access;
mod diagnosis;
mod diff;
mod done;
mod exit_code;
mod item;
mod log;
#[cfg(test)]
mod schema;
mod serving;
mod status;

pub use access::{Environment, Exposure, Keys, RosterChange, User};
pub use diagnosis::Diagnosis;
pub use diff::{Diff, EnvironmentDiff, ItemDiff};
pub use done::{
    Allowed, AllowedNames, Generated, Import, LogArchive, LogVerification, Lost, Pin, Request, Verification,
};
pub use exit_code::exit_code;
pub use item::{Secret, Version, text_of};
pub use log::{AccessLog, LogStats};
pub use serving::{ServerSession, ServerStatus};
pub use status::{AgentStatus, Elsewhere, EnvironmentStatus, Status, Unlocked};

use crate::check::{self, Problem};
use crate::format::needs::Need;
use crate::name::EnvironmentName;
use serde::Serialize;

/// Something that `check` or `scan` found. It never holds a value.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// `missing`, `extra`, `empty`, `expired`, `expiring`, or `leak`.
    pub problem: &'static str,
    /// Whether the command fails for it; else it is a note.
    pub is_fault: bool,
    /// The environment's name.
    pub environment: String,
    /// The item's name.
    pub name: String,
    /// The file it was found in, or that needs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Which vault's, where several are looked through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault: Option<String>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// How the value is written there: `plain`, `line`, `part`, `base64`, `base32`, `hex`, `url`, `html` or `escaped`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<&'static str>,
    /// The git commit that holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// When the value stops or stopped working.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}

impl Finding {
    /// A problem with an item, nowhere in particular.
    pub fn new(problem: &'static str, environment: &EnvironmentName, name: &str) -> Self {
        Self {
            problem,
            is_fault: true,
            environment: environment.to_string(),
            name: name.to_owned(),
            file: None,
            vault: None,
            line: None,
            encoding: None,
            commit: None,
            expires_at: None,
        }
    }

    /// What `check` found, where these are the files that were compared.
    #[must_use]
    pub fn of_check(environment: &EnvironmentName, finding: &check::Finding, needs: &[(String, Vec<Need>)]) -> Self {
        let mut object = Self::new(finding.problem.word(), environment, &finding.name);
        object.is_fault = finding.is_fault;
        match finding.problem {
            Problem::Missing { file, line } => {
                object.file = needs.get(file).map(|(name, _)| name.clone());
                object.line = Some(line);
            }
            Problem::Expired(time) | Problem::Expiring(time) => object.expires_at = Some(time.to_string()),
            Problem::Empty | Problem::Extra => {}
        }
        object
    }
}

/// An error, on standard error.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ErrorObject {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// What went wrong.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ErrorDetail {
    /// `failed`, `usage`, `not-found`, `unlock`, `denied`, `integrity` or `busy`.
    pub code: &'static str,
    /// Why, in a word that programs can match: `no-item`, `wrong-passphrase`; the same as `code` where there is none.
    pub reason: &'static str,
    /// The exit code.
    pub exit: u8,
    /// One line.
    pub message: String,
    /// What can be done.
    pub hint: String,
}
