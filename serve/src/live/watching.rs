//! Watches the files for changes, and wakes the sockets and streams.

use crate::api::Api;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

/// How often to check the files for changes. The check reads their times and sizes. Unlike change notification, that
/// works on every file system, network file systems included.
const INTERVAL: Duration = Duration::from_millis(250);
/// How often to check for ended sessions, and to retry what failed.
const CHECK: Duration = Duration::from_secs(1);
/// The most sockets and streams at a time.
const MOST: usize = 64;
/// How long sockets and streams may take to end with the server.
const FINISH: Duration = Duration::from_secs(2);

/// The state that sockets and streams share.
#[derive(Clone)]
pub struct Live {
    pub(super) api: Arc<Api>,
    /// A number that grows with each change of the vault or its logs.
    changes: watch::Sender<u64>,
    /// Whether the server is shutting down.
    ending: watch::Receiver<bool>,
    /// A place for each socket and stream.
    pub(super) room: Arc<Semaphore>,
}

impl Live {
    pub fn new(api: Arc<Api>, ending: &watch::Sender<bool>) -> Self {
        let (changes, _) = watch::channel(0);
        Self { api, changes, ending: ending.subscribe(), room: Arc::new(Semaphore::new(MOST)) }
    }

    /// Checks for changes while anybody is subscribed.
    pub async fn watch_for_ever(self) {
        let mut last = None;
        loop {
            tokio::time::sleep(INTERVAL).await;
            if self.changes.receiver_count() == 0 {
                continue;
            }
            let api = Arc::clone(&self.api);
            let Ok(now) = tokio::task::spawn_blocking(move || api.served.stamps()).await else { continue };
            if last.as_ref() != Some(&now) {
                last = Some(now);
                self.changes.send_modify(|number| *number = number.wrapping_add(1));
            }
        }
    }

    /// Waits until all sockets and streams have ended.
    pub async fn ended(&self) {
        let all = u32::try_from(MOST).unwrap_or(u32::MAX);
        let _ = tokio::time::timeout(FINISH, self.room.acquire_many(all)).await;
    }
}

/// Wakes a socket or stream when it has something to do besides reading from its client.
pub(super) struct Waking {
    changes: watch::Receiver<u64>,
    ending: watch::Receiver<bool>,
    checks: tokio::time::Interval,
}

/// Why it woke up.
pub(super) enum Woken {
    /// A file changed.
    Changed,
    /// The check is due.
    Check,
    /// The server is shutting down.
    Ending,
}

impl Waking {
    pub fn new(live: &Live) -> Self {
        let mut checks = tokio::time::interval(CHECK);
        checks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        Self { changes: live.changes.subscribe(), ending: live.ending.clone(), checks }
    }

    /// Waits for the next reason. It is cancel-safe.
    pub async fn next(&mut self) -> Woken {
        tokio::select! {
            _ = self.ending.wait_for(|is_ending| *is_ending) => Woken::Ending,
            changed = self.changes.changed() => if changed.is_ok() { Woken::Changed } else { Woken::Ending },
            _ = self.checks.tick() => Woken::Check,
        }
    }
}
