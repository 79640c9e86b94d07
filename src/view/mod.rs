//! The data dictionary: the objects that `--json` prints and that `schema/vault.schema.json` describes.

mod accept;
mod access;
mod diagnosis;
mod diff;
mod done;
mod environment;
mod error;
mod exit_code;
mod item;
mod left_behind;
mod log;
#[cfg(test)]
mod schema;
mod serving;
mod status;
mod verification;

pub use accept::Accept;
pub use access::{Exposure, Keys, RosterChange, User};
pub use diagnosis::Diagnosis;
pub use diff::{Diff, EnvironmentDiff, EnvironmentVersion, ItemDiff};
pub use done::{Allowed, AllowedNames, Generated, Import, LogArchive, Lost, Pin, Request};
pub use environment::Environment;
pub use error::{ErrorDetail, ErrorObject};
pub use exit_code::exit_code;
pub use item::{Secret, Version, text_of};
pub use left_behind::{LeftBehind, RightsSet, Unmanaged};
pub use log::{AccessLog, LogStats, LogTally};
pub use serving::{ServerSession, ServerStatus};
pub use status::{AgentStatus, Elsewhere, EnvironmentStatus, Status, Unlocked};
pub use verification::{LogVerification, Verification};

use crate::check::{self, Problem};
use crate::format::needs::Need;
use crate::name::EnvironmentName;
use serde::Serialize;

/// A finding of `check` or `scan`. It never holds a value.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// `missing`, `extra`, `empty`, `expired`, `expiring`, or `leak`.
    pub problem: &'static str,
    /// Whether the command fails because of it. Otherwise it is a note.
    pub is_fault: bool,
    /// The environment's name.
    pub environment: String,
    /// The item's name.
    pub name: String,
    /// The file that has the value, or that needs the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The vault, if several vaults were searched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault: Option<String>,
    /// The line in the file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The encoding of the value in the file: `plain`, `line`, `part`, `base64`, `base32`, `hex`, `url`, `html` or
    /// `escaped`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<&'static str>,
    /// The git commit that has the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// When the value expires or expired: RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}

impl Finding {
    /// Returns a finding about an item, without a file.
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

    /// Returns the object for a finding of `check`. `needs` are the files that were compared.
    #[must_use]
    pub fn of_check(environment: &EnvironmentName, finding: &check::Finding, needs: &[(String, Vec<Need>)]) -> Self {
        let mut object = Self::new(finding.problem.word(), environment, &finding.name);
        object.is_fault = finding.is_fault;
        match finding.problem {
            Problem::Missing { file, line, .. } => {
                object.file = needs.get(file).map(|(name, _)| name.clone());
                object.line = Some(line);
            }
            Problem::Expired(time) | Problem::Expiring(time) => object.expires_at = Some(time.to_string()),
            Problem::Empty | Problem::Extra => {}
        }
        object
    }
}
