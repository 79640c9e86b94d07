//! The servers that the user runs.

use crate::serving::{Server, SignedIn};
use crate::time::Time;
use chrono::TimeDelta;
use serde::Serialize;

/// A running server (`vault serve`).
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServerStatus {
    /// The vault's id.
    pub object_id: String,
    /// The vault's file.
    pub path: String,
    /// The address that it listens on.
    pub address: String,
    /// The id of its process.
    pub pid: u32,
    /// The open sessions.
    pub sessions: Vec<ServerSession>,
}

/// A session at a server.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServerSession {
    /// The session's id, for `--end`. It is not a credential.
    pub object_id: String,
    /// The user who is signed in.
    pub username: String,
    /// The client's name for itself.
    pub program: String,
    /// When the session began: RFC 3339, UTC.
    pub created_at: String,
    /// When its last request came: RFC 3339, UTC.
    pub used_at: String,
    /// When it ends if it is not used: RFC 3339, UTC.
    pub idle_until: String,
    /// When it ends, used or not: RFC 3339, UTC.
    pub held_until: String,
    /// How many seconds ago it began.
    #[serde(skip)]
    pub since: u64,
    /// How many seconds ago its last request came.
    #[serde(skip)]
    pub unused: u64,
    /// In how many seconds it ends if it is not used.
    #[serde(skip)]
    pub left: u64,
    /// In how many seconds it ends, used or not.
    #[serde(skip)]
    pub left_if_used: u64,
}

impl ServerStatus {
    /// Returns the object for a server's description of itself.
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
    /// Returns the object for a session. Its times are computed from `now`.
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
