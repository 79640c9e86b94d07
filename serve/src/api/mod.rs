//! The API behind every front end. REST, GraphQL and live queries differ only in the form of their requests.
//!
//! [`Api`] signs users in and out, and runs a [`Call`] for a user who is signed in. [`objects`] finds, reads and
//! changes objects by class. All of it blocks: front ends call it through [`Api::run`], never on the async threads.

mod attempts;
mod backoff;
pub mod call;
pub mod classes;
pub mod code;
pub mod error;
pub mod functions;
pub mod login;
pub mod object;
pub mod objects;
mod opened;
mod parameters;
pub mod people;
pub mod query;
pub mod rate;
pub mod schema;
pub mod served_vault;
pub mod sessions;
pub mod sign_up;
pub mod steps;
pub mod token;

pub use call::{Call, Client};
pub use error::{ApiError, Code, Result};
pub use token::Token;

use attempts::Attempts;
use call::{Holder, Keys};
use object::Object;
use opened::Opened;
use rate::Rate;
use served_vault::ServedVault;
use sessions::{Owner, Sessions};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use vault::agent::Limits;
use vault::vault::Continued;
use zeroize::Zeroizing;

/// How many requests run at a time. Further requests wait.
const AT_A_TIME: usize = 16;
/// How often expired sessions and codes are removed.
const SWEEP: Duration = Duration::from_secs(5);

/// The API of one vault.
pub struct Api {
    pub served: ServedVault,
    pub sessions: Sessions,
    attempts: Attempts,
    room: Arc<Semaphore>,
}

impl Api {
    pub fn new(served: ServedVault, limits: Limits, rate: Rate) -> Self {
        let (sessions, room) = (Sessions::new(limits, rate), Arc::new(Semaphore::new(AT_A_TIME)));
        Self { served, sessions, attempts: Attempts::default(), room }
    }

    /// Runs blocking work on a thread of the blocking pool.
    pub async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let unavailable = || ApiError::new(Code::Internal, "the server is shutting down").status(503);
        let place = Arc::clone(&self.room).acquire_owned().await.map_err(|_| unavailable())?;
        let api = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work(&api)
        });
        done.await.map_err(|_| unavailable())?
    }

    /// Runs the work of a request with this token. Requests of one session run one after the other. They wait here, in
    /// order, and don't occupy a thread while they wait.
    pub async fn run_in_turn<T: Send + 'static>(
        self: &Arc<Self>,
        token: Option<&Token>,
        work: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let session = token.and_then(|token| self.sessions.look_up(token));
        let _turn = match &session {
            Some(session) => Some(session.turn.lock().await),
            None => None,
        };
        self.run(work).await
    }

    /// Runs a request as the user who is signed in with this token.
    pub fn with<T>(
        &self,
        token: Option<&Token>,
        client: &Client,
        work: impl FnOnce(&mut Call<'_>) -> Result<T>,
    ) -> Result<T> {
        let token = token.ok_or_else(ApiError::unauthenticated)?;
        let entry = self.sessions.find_for_request(token)?;
        self.with_entry(&entry, client, work)
    }

    /// Runs a request in a known session, such as that of a live query. It does not postpone the session's idle limit.
    pub fn with_entry<T>(
        &self,
        entry: &sessions::Entry,
        client: &Client,
        work: impl FnOnce(&mut Call<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut holder = entry.holder.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut Call::begin(&mut holder, &self.served, client)?)
    }

    /// Makes a one-time code for the user of these keys.
    pub fn issue_code(&self, keys: Keys) -> vault::Result<Zeroizing<String>> {
        self.attempts.codes.issue(keys)
    }

    /// Begins a session at this server with an opened vault, after the log entry about it.
    pub fn begin_session(&self, mut opened: Opened, client: &Client) -> Result<(Token, Object)> {
        let session = opened.session();
        session.begin_request(client.caller());
        let keys = match session.let_continue()? {
            Continued::Keys(keys) => Keys::Kept(keys.keep()?),
            Continued::Agent(user) => Keys::Agent(user),
        };
        let user = session.user().clone();
        let object = classes::user::object(session.vault(), &user)?;
        let owner = Owner { user, client: client.name.as_str().to_owned() };
        Ok((self.sessions.begin(Holder::new(keys, opened), owner)?, object))
    }

    /// Removes expired sessions and codes, as long as the server runs.
    pub async fn sweep_for_ever(self: Arc<Self>) {
        loop {
            tokio::time::sleep(SWEEP).await;
            let api = Arc::clone(&self);
            let swept = tokio::task::spawn_blocking(move || {
                api.sessions.sweep();
                api.attempts.codes.expire();
            });
            let _ = swept.await;
        }
    }
}
