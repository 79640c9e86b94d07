//! Signing in and out.

use super::backoff::Backoff;
use super::call::{Call, Client, Holder, Keys};
use super::code::Codes;
use super::error::{ApiError, Code, Result};
use super::sessions::Owner;
use super::{Api, Token, classes, object::Object};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use vault::agent::KeptText;
use vault::error::Kind;
use vault::log::{self, Action};
use vault::name::UserName;
use vault::passphrase::MAX_PASSPHRASE;
use vault::secret::{ExposeSecret as _, SecretString};
use vault::vault::{Credential, Session, Vault};
use zeroize::Zeroizing;

/// How many logins may wait for their key derivation.
const WAITING: usize = 8;

/// What signing in needs.
#[derive(Default)]
pub struct Logins {
    pub(super) backoff: Backoff,
    codes: Codes,
    one: Mutex<()>,
    waiting: AtomicUsize,
}

/// What somebody signs in with.
pub enum Proof {
    Passphrase { username: String, passphrase: SecretString },
    Code(Zeroizing<String>),
}

impl Api {
    /// Signs in. Returns the token and the user's own object.
    pub fn login(&self, proof: &Proof, client: &Client) -> Result<(Token, Object)> {
        let holder = match proof {
            Proof::Passphrase { username, passphrase } => self.by_passphrase(username, passphrase, client)?,
            Proof::Code(code) => self.by_code(code)?,
        };
        self.begin_session(holder, client)
    }

    /// Begins a session with keys that were verified.
    pub fn begin_session(&self, mut holder: Holder, client: &Client) -> Result<(Token, Object)> {
        let (object, user) = {
            let mut call = Call::begin(&mut holder, &self.place, client)?;
            let entry = client.entry(Action::Unlock);
            call.session()?.log(vec![entry])?;
            (classes::user::me(&mut call)?, call.session()?.user().clone())
        };
        Ok((self.sessions.begin(holder, Owner { user, client: client.name.clone() })?, object))
    }

    /// Ends the session of this token.
    pub fn logout(&self, token: &Token) -> Result<()> {
        self.sessions.find(token)?;
        self.sessions.end(token);
        Ok(())
    }

    /// Makes a one-time code for the user of these keys.
    pub fn issue_code(&self, keys: Keys) -> vault::Result<Zeroizing<String>> {
        self.logins.codes.issue(keys)
    }

    /// Drops a code that nobody used in time.
    pub fn expire_codes(&self) {
        self.logins.codes.expire();
    }

    fn by_code(&self, code: &str) -> Result<Holder> {
        // A wrong code causes no wait. Nobody guesses 128 bits, and nobody should be able to lock out the user who has
        // the right code.
        let keys = self.logins.codes.redeem(code).ok_or_else(wrong)?;
        match keys {
            Keys::Agent(user) => {
                let session = self.place.agent_session(&user)?;
                Ok(Holder::new(Keys::Agent(user), session))
            }
            Keys::Kept(mut kept) => Self::holder(self.place.open()?.unlock_kept(&mut kept)?),
            Keys::Gone => Err(wrong()),
        }
    }

    fn by_passphrase(&self, username: &str, passphrase: &SecretString, client: &Client) -> Result<Holder> {
        if passphrase.expose_secret().len() > MAX_PASSPHRASE {
            return Err(wrong());
        }
        self.check_wait(username)?;
        let turn = self.turn_to_derive()?;
        // Other attempts with this name may have failed in the meantime.
        self.check_wait(username)?;
        self.logins.backoff.begin(username);
        let vault = self.place.open()?;
        let session = match asked(&vault, username) {
            Some(name) => self.join_asked(&name, passphrase, client)?,
            None => unlock(vault, username, passphrase, client)?,
        };
        drop(turn);
        self.logins.backoff.succeeded(username);
        Self::holder(session)
    }

    /// Waits for the turn to derive a key from a passphrase. Each derivation takes a second and much memory, so only
    /// one runs at a time.
    pub(super) fn turn_to_derive(&self) -> Result<Turn<'_>> {
        let queue = Queue::join(&self.logins.waiting)?;
        let one = self.logins.one.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Turn { _one: one, _queue: queue })
    }

    pub(super) fn check_wait(&self, name: &str) -> Result<()> {
        match self.logins.backoff.wait(name) {
            None => Ok(()),
            Some(seconds) => Err(ApiError::new(Code::TooManyRequests, "too many failed attempts to sign in")
                .hint(format!("wait {seconds} seconds"))
                .after(seconds)),
        }
    }
}

/// Returns the name if its user asked to join at this server and has no passphrase in the vault yet.
fn asked(vault: &Vault, username: &str) -> Option<UserName> {
    let name = UserName::new(username).ok()?;
    (!vault.passphrase_users().contains(&&name) && vault.has_asked(&name)).then_some(name)
}

/// Opens the vault with a passphrase. An unknown user and a wrong passphrase give the same error after the same work.
fn unlock(vault: Vault, username: &str, passphrase: &SecretString, client: &Client) -> Result<Session> {
    let credential = Credential::Passphrase(passphrase.clone());
    let users = vault.passphrase_users();
    let named = UserName::new(username).ok().filter(|named| users.contains(&named));
    let Some(named) = named else {
        // The work counts, not the result: whatever this passphrase opens is dropped.
        if let Some(other) = users.first().copied() {
            let _ = vault.identity(&credential, Some(other));
        }
        return Err(wrong());
    };
    let (writer, state) = (vault.log_writer(&named), vault.state_directory());
    let unlocked = vault.unlock(&credential, Some(&named)).map_err(|error| {
        let error = log::failed_unlock(Some(&writer), &state, client.entry(Action::Unlock), error);
        if error.kind() == Kind::Unlock { wrong() } else { error.into() }
    })?;
    unlocked.vault().remember_user(&named);
    Ok(unlocked)
}

/// The error of a failed login, in Parse's words.
pub(super) fn wrong() -> ApiError {
    ApiError::new(Code::NotFound, "Invalid username/password.")
}

/// The turn to derive one key.
pub(super) struct Turn<'a> {
    _one: MutexGuard<'a, ()>,
    _queue: Queue<'a>,
}

/// A place in the queue for the turn.
struct Queue<'a>(&'a AtomicUsize);

impl<'a> Queue<'a> {
    fn join(waiting: &'a AtomicUsize) -> Result<Self> {
        let place = Self(waiting);
        if waiting.fetch_add(1, Ordering::SeqCst) >= WAITING {
            return Err(ApiError::new(Code::TooManyRequests, "too many people are signing in at once")
                .hint("try again in a moment")
                .after(5));
        }
        Ok(place)
    }
}

impl Drop for Queue<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Reads the keys that `vault serve` hands over: the text of an identity, up to the end of the stream.
pub fn handed_over(source: &mut impl std::io::Read) -> vault::Result<Keys> {
    let mut kept = KeptText::read(source)?;
    kept.check()?;
    Ok(Keys::Kept(kept))
}
