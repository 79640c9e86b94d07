//! Checks that need an unlocked vault: its log, dates and values.

use super::plain_files::{PlainFiles, plain_files};
use super::{Finding, blocks, log, values};
use crate::log::Action;
use crate::name::EnvironmentName;
use crate::time::Time;
use crate::vault::{Purpose, Session};

/// Checks the log and these environments, and searches the plaintext files next to the vault for their values.
#[must_use]
pub fn unlocked(session: &Session, environments: &[EnvironmentName], now: Time) -> Vec<Finding> {
    let path = session.vault().path();
    let mut findings = log::log(session, now);
    let (opened, unreadable) = blocks::opened(session, environments);
    findings.extend(unreadable);
    findings.extend(values::due(&opened, now));
    // Values are only compared, with each other and with plain files, and none is shown. So a protected environment
    // needs no confirmation.
    match session.compare_all(&Purpose::for_action(Action::Doctor), opened) {
        Ok(contents) => {
            findings.extend(values::values(&contents));
            findings.extend(plain_files(path, Some(&PlainFiles::new(&contents))));
        }
        // Without a log entry, no value is read.
        Err(error) => {
            findings.push(Finding::of_error("log", "access log", &error));
            findings.extend(plain_files(path, None));
        }
    }
    findings
}
