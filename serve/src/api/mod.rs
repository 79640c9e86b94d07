//! What every front end calls: REST, GraphQL and live queries differ in how they are asked, and in nothing else.
//!
//! [`Api`] signs in and out, and runs a [`Call`] for who is signed in. Objects are found, read and changed by
//! [`objects`], by class. All of it blocks: a front end calls it through [`Api::run`], never from the async threads.

pub mod backoff;
pub mod call;
pub mod classes;
pub mod code;
pub mod error;
pub mod functions;
pub mod login;
pub mod object;
pub mod objects;
pub mod people;
pub mod place;
pub mod query;
pub mod rate;
pub mod schema;
pub mod sessions;
pub mod sign_up;
pub mod steps;
pub mod token;

pub use call::{Call, Client};
pub use error::{ApiError, Code, Result};
pub use token::Token;

use call::{Holder, Keys};
use place::Place;
use rate::Rate;
use sessions::Sessions;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use vault::agent::Limits;

/// How many requests are worked on at a time; others wait.
const AT_A_TIME: usize = 16;
/// How often sessions are looked through.
const SWEEP: Duration = Duration::from_secs(5);

/// The API of one vault.
pub struct Api {
    pub place: Place,
    pub sessions: Sessions,
    logins: login::Logins,
    room: Arc<Semaphore>,
}

impl Api {
    pub fn new(place: Place, limits: Limits, rate: Rate) -> Self {
        let (sessions, room) = (Sessions::new(limits, rate), Arc::new(Semaphore::new(AT_A_TIME)));
        Self { place, sessions, logins: login::Logins::default(), room }
    }

    /// Runs what blocks, on a thread for that.
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

    /// The same for a request with this token. Those of one session are done one after the other, and wait for their turn here:
    /// in order, and none of them with a thread that another session could use.
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

    /// Does something as who is signed in with this token.
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

    /// The same of a session at hand, such as a live query's, which makes it live no longer.
    pub fn with_entry<T>(
        &self,
        entry: &sessions::Entry,
        client: &Client,
        work: impl FnOnce(&mut Call<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut holder = entry.holder.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut Call::begin(&mut holder, &self.place, client)?)
    }

    /// Ends sessions in time, for as long as the server runs.
    pub async fn sweep_for_ever(self: Arc<Self>) {
        loop {
            tokio::time::sleep(SWEEP).await;
            let api = Arc::clone(&self);
            let swept = tokio::task::spawn_blocking(move || {
                api.sessions.sweep();
                api.expire_codes();
            });
            let _ = swept.await;
        }
    }

    /// A session's keys, kept for it.
    fn holder(session: vault::vault::Session) -> Result<Holder> {
        Ok(Holder::new(Keys::Kept(session.hand_over()?.keep()?), session))
    }
}
