//! GitHub Actions: lines for the file in `$GITHUB_ENV` or `$GITHUB_OUTPUT`, and the commands that mask values, which
//! must be printed before the file is written.

use super::Item;
use super::encoding::{Encoding, Refusal, text};
use crate::encodings::SHORTEST;
use crate::error::Result;
use crate::format::buffer::Buffer;
use crate::parts;
use crate::random;
use crate::secret::SecretBytes;
use std::collections::HashSet;

pub(super) struct Github;

impl Encoding for Github {
    fn item(&self, item: &Item<'_>, _first: bool, out: &mut Buffer) -> Result<(), Refusal> {
        let value = text(item)?;
        if item.name.eq_ignore_ascii_case("NODE_OPTIONS") {
            return Err("the runner refuses a file that sets that variable");
        }
        if SET_BY_RUNNER.contains(&item.name) {
            return Err("the runner sets that variable itself in each step");
        }
        let end = delimiter(value).map_err(|_| random::UNAVAILABLE)?;
        for part in [item.name, "<<", &end, "\n", value, "\n", &end, "\n"] {
            out.push(part);
        }
        Ok(())
    }
}

/// The variables that the runner sets in each step, whatever the file says (`GitHubContext.cs` and `RunnerContext.cs`
/// of actions/runner).
const SET_BY_RUNNER: [&str; 44] = [
    "GITHUB_ACTION",
    "GITHUB_ACTIONS",
    "GITHUB_ACTION_PATH",
    "GITHUB_ACTION_REF",
    "GITHUB_ACTION_REPOSITORY",
    "GITHUB_ACTOR",
    "GITHUB_ACTOR_ID",
    "GITHUB_API_URL",
    "GITHUB_BASE_REF",
    "GITHUB_ENV",
    "GITHUB_EVENT_NAME",
    "GITHUB_EVENT_PATH",
    "GITHUB_GRAPHQL_URL",
    "GITHUB_HEAD_REF",
    "GITHUB_JOB",
    "GITHUB_OUTPUT",
    "GITHUB_PATH",
    "GITHUB_REF",
    "GITHUB_REF_NAME",
    "GITHUB_REF_PROTECTED",
    "GITHUB_REF_TYPE",
    "GITHUB_REPOSITORY",
    "GITHUB_REPOSITORY_ID",
    "GITHUB_REPOSITORY_OWNER",
    "GITHUB_REPOSITORY_OWNER_ID",
    "GITHUB_RETENTION_DAYS",
    "GITHUB_RUN_ATTEMPT",
    "GITHUB_RUN_ID",
    "GITHUB_RUN_NUMBER",
    "GITHUB_SERVER_URL",
    "GITHUB_SHA",
    "GITHUB_STATE",
    "GITHUB_STEP_SUMMARY",
    "GITHUB_TRIGGERING_ACTOR",
    "GITHUB_WORKFLOW",
    "GITHUB_WORKFLOW_REF",
    "GITHUB_WORKFLOW_SHA",
    "GITHUB_WORKSPACE",
    "RUNNER_ARCH",
    "RUNNER_NAME",
    "RUNNER_OS",
    "RUNNER_TEMP",
    "RUNNER_TOOL_CACHE",
    "RUNNER_WORKSPACE",
];

/// Returns a delimiter line that the value does not contain. It is random each time, so that the author of a value
/// can't predict it.
fn delimiter(value: &str) -> Result<String> {
    loop {
        let mut random = [0; 16];
        random::fill(&mut random)?;
        let line = format!("vault_{:032x}", u128::from_be_bytes(random));
        if !value.contains(&line) {
            return Ok(line);
        }
    }
}

/// Returns the commands that mask the values of these items, and the parts of them that are secret by themselves
/// ([`parts`]): a program may print one field of a JSON value. Items of the kind `variable` are not masked.
#[must_use]
pub fn masks(items: &[Item<'_>]) -> SecretBytes {
    let secrets = items.iter().filter(|item| !item.is_variable);
    let parts: Vec<_> = secrets.flat_map(|item| parts::parts(item.value)).collect();
    let (mut masks, mut known) = (Buffer::default(), HashSet::new());
    for part in &parts {
        for line in std::str::from_utf8(&part.bytes).unwrap_or_default().split(['\n', '\r']).map(str::trim) {
            if known.insert(line) {
                mask(line, &mut masks);
            }
        }
    }
    masks.into_secret()
}

/// Returns the names of the secret items that are too short to mask: none of their lines is masked.
#[must_use]
pub fn unmasked<'a>(items: &[Item<'a>]) -> Vec<&'a str> {
    let is_long = |line: &str| line.trim().len() >= SHORTEST;
    let is_masked = |item: &Item<'_>| {
        let text = std::str::from_utf8(item.value).unwrap_or_default();
        text.trim().is_empty() || text.split(['\n', '\r']).any(is_long)
    };
    items.iter().filter(|item| !item.is_variable && !is_masked(item)).map(|item| item.name).collect()
}

/// Writes the command that masks a line of a value: the runner searches the log line by line. In commands, `%` starts
/// an escape. Short lines, such as the brace of a JSON value, are not masked, because they would hide most of the log.
fn mask(line: &str, out: &mut Buffer) {
    if line.len() < SHORTEST {
        return;
    }
    out.push("::add-mask::");
    for (index, part) in line.split('%').enumerate() {
        out.push(if index > 0 { "%25" } else { "" });
        out.push(part);
    }
    out.push("\n");
}
