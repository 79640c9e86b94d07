//! Checks the clocks: a date in the future comes from a wrong clock, on this machine or another.

use super::Finding;
use super::modes::name_of;
use crate::time::Time;
use crate::vault::{LastSave, Vault};
use std::path::Path;
use std::time::{Duration, SystemTime};

const CHECK: &str = "clock";
/// The tolerance: the clocks of a team differ by less.
const SLACK: Duration = Duration::from_secs(5 * 60);
const COMMAND: &str = "timedatectl status";

/// Reports dates in the future: of saves, of roster changes and of the file itself.
#[must_use]
pub fn clock(vault: &Vault, now: Time) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in vault.environments() {
        // Of a block that is not validly signed nothing is known, and `blocks` reports it.
        let Ok(LastSave { statement, .. }) = vault.signed_save(name) else { continue };
        if is_future(statement.time, now) {
            let (author, time) = (&statement.author, statement.time);
            let what = format!("{name} was saved by {author} at {time}, which is in the future");
            findings.push(Finding::note(CHECK, CHECK, what).command(COMMAND));
        }
    }
    if let Some(draft) = vault.roster().statements().last().map(|statement| &statement.draft)
        && is_future(draft.time, now)
    {
        let (author, time) = (&draft.author, draft.time);
        let what = format!("{author} last changed the roster at {time}, which is in the future");
        findings.push(Finding::note(CHECK, CHECK, what).command(COMMAND));
    }
    findings.extend(of_file(vault.path()));
    findings
}

fn of_file(path: &Path) -> Option<Finding> {
    let modified = std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok()?;
    let is_future = modified.duration_since(SystemTime::now()).is_ok_and(|ahead| ahead > SLACK);
    let what = "by this machine's clock, it was last changed in the future";
    is_future.then(|| Finding::fix(CHECK, name_of(path), what).command(COMMAND))
}

/// Returns whether a moment lies in the future by more than the tolerance.
pub(super) fn is_future(time: Time, now: Time) -> bool {
    (time.utc() - now.utc()).to_std().is_ok_and(|ahead| ahead > SLACK)
}
