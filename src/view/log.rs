//! The access log.

use crate::log::{Line, Stats, Tally};
use serde::Serialize;

/// An entry of the access log.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AccessLog {
    /// The hash of the sealed entry.
    pub object_id: String,
    /// Its number in the log, from 1.
    pub number: u64,
    /// The names of the items.
    pub secrets: Vec<String>,
    /// Whose use it was.
    pub user: String,
    /// RFC 3339, UTC.
    pub access_time: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// What was done: a word of the table in vault-format(5).
    #[cfg_attr(test, schemars(extend("enum" = words())))]
    pub action: &'static str,
    /// Where one was concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The program that was run, or `vault`.
    pub program: String,
    /// The machine.
    pub host: String,
    /// The device's own name: 16 random bytes in hexadecimal.
    pub device: String,
    /// `ok`, `denied` or `failed`.
    pub outcome: String,
    /// What the user gave as a reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the log itself has to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

#[cfg(test)]
fn words() -> Vec<&'static str> {
    crate::log::Action::ALL.iter().map(|action| action.word()).collect()
}

impl AccessLog {
    /// An authentic entry.
    pub fn new(line: &Line) -> Self {
        let entry = &line.entry;
        Self {
            object_id: line.hash.to_string(),
            number: line.number,
            secrets: line.items().iter().map(ToString::to_string).collect(),
            user: line.user.to_string(),
            access_time: entry.time.to_string(),
            created_at: entry.time.to_string(),
            action: entry.action.word(),
            environment: entry.environment.clone(),
            program: entry.program.clone(),
            host: entry.host.clone(),
            device: line.device.clone(),
            outcome: entry.outcome.to_string(),
            reason: entry.reason.clone(),
            note: entry.note.clone(),
        }
    }
}

/// How often something is in entries of the access log.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogTally {
    /// What: a user, an action, `ENV/NAME`, an outcome, or an hour, day or month in local time.
    pub name: String,
    /// In how many entries.
    pub count: u64,
}

/// What `log stats` counts.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogStats {
    /// The number of entries.
    pub entries: u64,
    /// The time of the earliest one: RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// The time of the latest one: RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// Whose use it was, the most frequent first.
    pub users: Vec<LogTally>,
    /// What was done.
    pub actions: Vec<LogTally>,
    /// Which items it was done with.
    pub items: Vec<LogTally>,
    /// How it ended.
    pub outcomes: Vec<LogTally>,
    /// When, in order: hours of one day, days, or months from 32 days on.
    pub times: Vec<LogTally>,
}

impl From<Stats> for LogStats {
    fn from(stats: Stats) -> Self {
        let tallies = |all: Vec<Tally>| {
            let tally = |Tally { name, count }| LogTally { name, count };
            all.into_iter().map(tally).collect()
        };
        Self {
            entries: stats.entries,
            first: stats.first.map(|time| time.to_string()),
            last: stats.last.map(|time| time.to_string()),
            users: tallies(stats.users),
            actions: tallies(stats.actions),
            items: tallies(stats.items),
            outcomes: tallies(stats.outcomes),
            times: tallies(stats.times),
        }
    }
}
