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
    /// The number of the entry in the log, from 1.
    pub number: u64,
    /// The names of the items.
    pub secrets: Vec<String>,
    /// The user whose keys were used.
    pub user: String,
    /// When it happened: RFC 3339, UTC.
    pub access_time: String,
    /// The same time: RFC 3339, UTC.
    pub created_at: String,
    /// The action: a word from the table in vault-format(5).
    #[cfg_attr(test, schemars(extend("enum" = words())))]
    pub action: &'static str,
    /// The environment, if the action concerned one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The program that was run, or `vault`.
    pub program: String,
    /// The name of the machine.
    pub host: String,
    /// The id of the device: 16 random bytes in hexadecimal.
    pub device: String,
    /// `ok`, `denied` or `failed`.
    pub outcome: String,
    /// The user's reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// A remark of vault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

#[cfg(test)]
fn words() -> Vec<&'static str> {
    crate::log::Action::ALL.iter().map(|action| action.word()).collect()
}

impl AccessLog {
    /// Returns the object for an authentic entry.
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

/// How often something occurs in entries of the access log.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogTally {
    /// The thing counted: a user, an action, `ENV/NAME`, an outcome, or an hour, day or month in local time.
    pub name: String,
    /// The number of entries.
    pub count: u64,
}

/// The statistics of `log stats`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogStats {
    /// The number of entries.
    pub entries: u64,
    /// The time of the earliest entry: RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// The time of the latest entry: RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// The users, the most frequent first.
    pub users: Vec<LogTally>,
    /// The actions.
    pub actions: Vec<LogTally>,
    /// The items.
    pub items: Vec<LogTally>,
    /// The outcomes.
    pub outcomes: Vec<LogTally>,
    /// The times, in order: hours if all are on one day, then days, then months from 32 days on.
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
