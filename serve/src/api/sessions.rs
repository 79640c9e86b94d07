//! The sessions. A token is a random number, and the server keeps only its hash. The keys behind it are in a memory
//! page that is neither swapped nor dumped, and they are wiped when the session ends.

use super::call::Holder;
use super::error::{ApiError, Result};
use super::rate::{Bucket, Rate};
use super::token::Token;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use vault::agent::{Limits, now};
use vault::name::UserName;
use vault::serving::SignedIn;

/// The most sessions at a time. Each holds a locked page.
const MOST: usize = 256;
/// The length of a session's id, in digits.
const ID: usize = 8;

/// The owner of a session.
#[derive(Debug, Clone)]
pub struct Owner {
    pub user: UserName,
    /// The client's name for itself when it signed in.
    pub client: String,
}

/// A session.
pub struct Entry {
    /// The id that `vault serve sessions` shows. It is not a credential.
    id: String,
    owner: Owner,
    begun: Duration,
    used: Mutex<Duration>,
    requests: Bucket,
    /// Whether the session was ended, for requests that still hold it.
    is_closed: AtomicBool,
    /// The keys, and the vault that they opened.
    pub holder: Mutex<Holder>,
    /// Lets the requests of a session run one after the other.
    pub turn: tokio::sync::Mutex<()>,
}

/// All sessions.
pub struct Sessions {
    by_hash: Mutex<HashMap<[u8; 32], Arc<Entry>>>,
    limits: Limits,
    rate: Rate,
}

impl Sessions {
    pub fn new(limits: Limits, rate: Rate) -> Self {
        Self { by_hash: Mutex::default(), limits, rate }
    }

    /// Begins a session.
    pub fn begin(&self, holder: Holder, owner: Owner) -> Result<Token> {
        self.sweep();
        let (token, id) = (Token::generate()?, vault::item::random_id()?.chars().take(ID).collect());
        let begun = now();
        let (used, holder) = (Mutex::new(begun), Mutex::new(holder));
        let (requests, is_closed) = (Bucket::new(self.rate), AtomicBool::new(false));
        let turn = tokio::sync::Mutex::default();
        let entry = Arc::new(Entry { id, owner, begun, used, requests, is_closed, holder, turn });
        let mut all = self.all();
        if all.len() >= MOST {
            return Err(ApiError::new(super::error::Code::TooManyRequests, "too many sessions are open")
                .hint("end some: vault serve sessions"));
        }
        all.insert(token.hash(), entry);
        Ok(token)
    }

    /// Returns the session of this token, if there is one. It does not count as use.
    pub fn look_up(&self, token: &Token) -> Option<Arc<Entry>> {
        self.all().get(&token.hash()).cloned()
    }

    /// Returns the session of this token, and counts as use: the idle limit starts again.
    pub fn find(&self, token: &Token) -> Result<Arc<Entry>> {
        let hash = token.hash();
        let found = self.all().get(&hash).cloned().ok_or_else(ApiError::invalid_session)?;
        if !found.is_alive(self.limits, now()) {
            self.remove(&hash);
            return Err(ApiError::invalid_session());
        }
        *found.used() = now();
        Ok(found)
    }

    /// Returns the session of this token for a request, and checks the rate limit.
    pub fn find_for_request(&self, token: &Token) -> Result<Arc<Entry>> {
        let found = self.find(token)?;
        found.requests.take(self.rate).map_err(ApiError::too_many_requests)?;
        Ok(found)
    }

    /// Returns whether a session is still open. It does not count as use.
    pub fn is_open(&self, entry: &Entry) -> bool {
        !entry.is_closed.load(Ordering::Relaxed) && entry.is_alive(self.limits, now())
    }

    /// Ends the session of this token.
    pub fn end(&self, token: &Token) {
        self.remove(&token.hash());
    }

    /// Returns the open sessions, the oldest first.
    pub fn list(&self) -> Vec<SignedIn> {
        let now = now();
        let mut all: Vec<_> = self.all().values().filter(|entry| entry.is_alive(self.limits, now)).cloned().collect();
        all.sort_by(|one, other| (one.begun, &one.id).cmp(&(other.begun, &other.id)));
        all.iter().map(|entry| entry.describe(self.limits, now)).collect()
    }

    /// Describes the session of this token.
    pub fn describe(&self, token: &Token) -> Result<SignedIn> {
        Ok(self.find(token)?.describe(self.limits, now()))
    }

    /// Ends the sessions that match, and returns them.
    pub fn end_where(&self, is_meant: impl Fn(&SignedIn) -> bool) -> Vec<SignedIn> {
        let now = now();
        let meant = |entry: &Entry| Some(entry.describe(self.limits, now)).filter(&is_meant);
        let ended: Vec<_> = {
            let mut all = self.all();
            let ended: Vec<_> = all.iter().filter_map(|(hash, entry)| Some((*hash, meant(entry)?))).collect();
            ended.into_iter().filter_map(|(hash, session)| Some((all.remove(&hash)?, session))).collect()
        };
        ended.iter().for_each(|(entry, _)| entry.close());
        ended.into_iter().map(|(_, session)| session).collect()
    }

    /// Ends all sessions.
    pub fn end_all(&self) {
        self.end_where(|_| true);
    }

    /// Ends expired sessions, and drops the opened vaults of idle ones.
    pub fn sweep(&self) {
        let now = now();
        let over: Vec<_> = {
            let mut all = self.all();
            let over: Vec<_> =
                all.iter().filter(|(_, entry)| !entry.is_alive(self.limits, now)).map(|(hash, _)| *hash).collect();
            over.iter().filter_map(|hash| all.remove(hash)).collect()
        };
        over.iter().for_each(|entry| entry.close());
        let rest: Vec<_> = self.all().values().cloned().collect();
        for entry in rest {
            // A session that is in use is not idle.
            if let Ok(mut holder) = entry.holder.try_lock() {
                holder.cool();
            }
        }
    }

    fn remove(&self, hash: &[u8; 32]) {
        let removed = self.all().remove(hash);
        removed.iter().for_each(|entry| entry.close());
    }

    fn all(&self) -> MutexGuard<'_, HashMap<[u8; 32], Arc<Entry>>> {
        self.by_hash.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// Describes the session for its user.
    fn describe(&self, limits: Limits, now: Duration) -> SignedIn {
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let used = *self.used();
        let left = |since: Duration, limit: Duration| milliseconds((since + limit).saturating_sub(now));
        SignedIn {
            id: self.id.clone(),
            user: self.owner.user.to_string(),
            client: self.owner.client.clone(),
            begun: milliseconds(now.saturating_sub(self.begun)),
            used: milliseconds(now.saturating_sub(used)),
            idle_in: left(used, limits.idle),
            ends_in: left(self.begun, limits.total),
        }
    }

    fn is_alive(&self, limits: Limits, now: Duration) -> bool {
        now.saturating_sub(self.begun) < limits.total && now.saturating_sub(*self.used()) < limits.idle
    }

    fn used(&self) -> MutexGuard<'_, Duration> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wipes the keys, even if a request still holds the session. A running request finishes first.
    fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
        self.holder.lock().unwrap_or_else(PoisonError::into_inner).close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions(total: u64, idle: u64) -> Sessions {
        let limits = Limits { total: Duration::from_secs(total), idle: Duration::from_secs(idle) };
        Sessions::new(limits, Rate(1_000))
    }

    fn begin(sessions: &Sessions) -> Token {
        sessions.begin(Holder::closed(), owner("mia")).unwrap()
    }

    fn owner(user: &str) -> Owner {
        Owner { user: UserName::new(user).unwrap(), client: "test".to_owned() }
    }

    #[test]
    fn the_description_of_a_session_holds_an_id_but_no_credential() {
        let sessions = sessions(60, 30);
        let (mia, noah) = (begin(&sessions), sessions.begin(Holder::closed(), owner("noah")).unwrap());
        let listed = sessions.list();
        assert!(listed.len() == 2 && listed.iter().all(|one| one.client == "test"));
        let session_of = |user: &str| listed.iter().find(|one| one.user == user).unwrap();
        assert!(
            session_of("mia").idle_in <= 30_000
                && session_of("mia").ends_in > 30_000
                && session_of("mia").id.len() == ID
        );
        assert!(
            !mia.expose().contains(&session_of("mia").id)
                && sessions.find(&Token::sent(session_of("mia").id.clone())).is_err()
        );
        let ended = sessions.end_where(|one| one.id == session_of("mia").id);
        assert_eq!(ended.iter().map(|one| &*one.user).collect::<Vec<_>>(), ["mia"]);
        assert!(sessions.find(&mia).is_err() && sessions.find(&noah).is_ok());
        assert!(sessions.end_where(|one| one.id == session_of("mia").id).is_empty());
    }

    #[test]
    fn a_token_is_stored_as_a_hash_and_works_until_its_session_ends() {
        let sessions = sessions(60, 60);
        let (token, other) = (begin(&sessions), begin(&sessions));
        assert!(token.expose().starts_with("r:") && token.expose().len() == 34 && token.expose() != other.expose());
        assert!(!sessions.all().keys().any(|hash| hash == token.expose().as_bytes()));
        assert!(sessions.find(&token).is_ok() && sessions.find(&Token::sent("r:".to_owned())).is_err());
        let held = sessions.find(&token).unwrap();
        assert!(sessions.is_open(&held));
        sessions.end(&token);
        assert!(sessions.find(&token).is_err() && sessions.find(&other).is_ok() && !sessions.is_open(&held));
        sessions.end_all();
        assert!(sessions.find(&other).is_err());
    }

    #[test]
    fn a_session_ends_after_its_idle_time_and_after_its_total_time() {
        let entry = |begun: u64, used: u64| {
            let (begun, used) = (Duration::from_secs(begun), Mutex::new(Duration::from_secs(used)));
            let holder = Mutex::new(Holder::closed());
            let (requests, is_closed) = (Bucket::new(Rate(1)), AtomicBool::new(false));
            let turn = tokio::sync::Mutex::default();
            Entry { id: String::new(), owner: owner("mia"), begun, used, requests, is_closed, holder, turn }
        };
        let limits = Limits { total: Duration::from_secs(100), idle: Duration::from_secs(10) };
        let is_alive = |entry: Entry, now: u64| entry.is_alive(limits, Duration::from_secs(now));
        assert!(is_alive(entry(0, 0), 9) && !is_alive(entry(0, 0), 10));
        assert!(is_alive(entry(0, 95), 99) && !is_alive(entry(0, 99), 100));
    }

    #[test]
    fn the_number_of_sessions_is_limited_because_each_locks_memory() {
        let sessions = sessions(60, 60);
        for _ in 0..MOST {
            begin(&sessions);
        }
        let refused = sessions.begin(Holder::closed(), owner("mia"));
        assert_eq!(refused.err().map(|error| error.status), Some(429));
    }
}
