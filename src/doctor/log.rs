//! Checks this user's access log on this device: that it is complete, and that it agrees with the anchors in the vault.

use super::Finding;
use super::clock::is_future;
use crate::error::Remedy;
use crate::log::{Action, Extent, Reading};
use crate::time::Time;
use crate::vault::Session;
use crate::words::plural;

const CHECK: &str = "log";
const SUBJECT: &str = "access log";

/// Reports what is wrong with the log.
#[must_use]
pub fn log(session: &Session, now: Time) -> Vec<Finding> {
    match session.read_log_for(Action::Doctor, session.user(), Extent::Checked) {
        Ok(reading) => findings(&reading, now),
        Err(error) => vec![Finding::of_error(CHECK, SUBJECT, &error)],
    }
}

pub(super) fn findings(reading: &Reading, now: Time) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(problem) = &reading.problem {
        let what = format!("entry {}: {}", problem.entry, problem.what);
        findings.push(Finding::fix(CHECK, SUBJECT, what).command(Remedy::VerifyLog));
    }
    if reading.unfinished.is_some() {
        let what = "vault was killed while writing the last entry; the next entry removes it";
        findings.push(Finding::note(CHECK, SUBJECT, what));
    }
    for environment in &reading.planted {
        let what = format!("{environment} has a planted log anchor; it is ignored, and the next save removes it");
        findings.push(Finding::note("log-anchor", SUBJECT, what).command(Remedy::Set(format!("{environment}/NAME"))));
    }
    if let Some(first) = reading.clock_steps.first() {
        let what = format!("entry {first} is dated before the one above it: the clock was set back");
        findings.push(Finding::note("clock", SUBJECT, what).command(Remedy::VerifyLog));
    }
    if let Some(time) = reading.last_time.filter(|last| is_future(*last, now)) {
        let what = format!("the last entry is dated {time}, which is in the future");
        findings.push(Finding::fix("clock", SUBJECT, what).command("timedatectl status"));
    }
    if reading.problem.is_none() {
        let sealed = match reading.sealed {
            0 => String::new(),
            sealed => format!(", {} sealed to other keys", plural(sealed, "segment")),
        };
        let entries = match reading.entries {
            1 => "1 entry".to_owned(),
            entries => format!("{entries} entries"),
        };
        findings.insert(0, Finding::ok(CHECK, SUBJECT, format!("{entries}, all authentic{sealed}")));
    }
    findings
}
