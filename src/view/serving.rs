//! The servers that somebody runs.

use crate::serving::{Server, SignedIn};
use crate::time::Time;
use chrono::TimeDelta;
use serde::Serialize;

/// A server that runs (`vault serve`).
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServerStatus {
    /// The vault's id.
    pub object_id: String,
    /// The file that it serves.
    pub path: String,
    /// Where it listens.
    pub address: String,
    /// Its process.
    pub pid: u32,
    /// Who is signed in.
    pub sessions: Vec<ServerSession>,
}

/// Somebody who is signed in at a server.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServerSession {
    /// The session's id, for `--end`; it opens nothing.
    pub object_id: String,
    /// Who is signed in.
    pub username: String,
    /// What the client called itself.
    pub program: String,
    /// When the session began.
    pub created_at: String,
    /// When its last request was.
    pub used_at: String,
    /// When it ends if it isn't used.
    pub idle_until: String,
    /// When it ends, used or not.
    pub held_until: String,
    /// How many seconds ago it began.
    #[serde(skip)]
    pub since: u64,
    /// How many seconds ago its last request was.
    #[serde(skip)]
    pub unused: u64,
    /// In how many seconds it ends if it isn't used.
    #[serde(skip)]
    pub left: u64,
    /// In how many seconds it ends in any case.
    #[serde(skip)]
    pub left_if_used: u64,
}

impl ServerStatus {
    /// A server as it says of itself now.
    pub fn new(server: Server, now: Time) -> Self {
        Self {
            object_id: server.vault.to_string(),
            path: server.path,
            address: server.address,
            pid: server.pid,
            sessions: server.sessions.into_iter().map(|session| ServerSession::new(session, now)).collect(),
        }
    }
}

impl ServerSession {
    /// What is told of it, with the moments that its times are from `now`.
    #[must_use]
    pub fn new(session: SignedIn, now: Time) -> Self {
        let at = |milliseconds: Option<i64>| {
            let time = milliseconds.and_then(TimeDelta::try_milliseconds);
            let time = time.and_then(|passing| now.utc().checked_add_signed(passing));
            time.map_or(now, Time::from).to_string()
        };
        let ago = |milliseconds: u64| at(i64::try_from(milliseconds).ok().map(|time| -time));
        let ahead = |milliseconds: u64| at(i64::try_from(milliseconds).ok());
        Self {
            created_at: ago(session.begun),
            used_at: ago(session.used),
            idle_until: ahead(session.idle_in.min(session.ends_in)),
            held_until: ahead(session.ends_in),
            since: session.begun / 1000,
            unused: session.used / 1000,
            left: session.idle_in.min(session.ends_in).div_ceil(1000),
            left_if_used: session.ends_in.div_ceil(1000),
            object_id: session.id,
            username: session.user,
            program: session.client,
        }
    }
}
