//! One request of a user who is signed in: the current vault, the user's keys, and the client's name.

use super::error::{ApiError, Result};
use super::object::{Object, Rows};
use super::opened::Opened;
use super::served_vault::ServedVault;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use vault::actions::get;
use vault::agent::{KeptText, now};
use vault::item::Content;
use vault::log::{Caller, GivenReason, ProgramName};
use vault::name::{EnvironmentName, ItemName, UserName};
use vault::vault::{KeySession, Purpose, Session, Unproven, Unread, Use};

/// How long an opened vault stays in memory without a request.
const WARM: Duration = Duration::from_secs(30);

/// Where the keys of a session are.
pub enum Keys {
    /// In this process, in a memory page of their own.
    Kept(KeptText),
    /// In the agent of this user.
    Agent(UserName),
    /// Wiped: the session has ended.
    Gone,
}

/// The keys of a session, and the vault that they opened while requests keep coming.
pub struct Holder {
    keys: Keys,
    warm: Option<Warm>,
}

struct Warm {
    opened: Opened,
    /// The decrypted environments. No value was read from them yet.
    contents: Option<Vec<Unread>>,
    /// The objects without their secret fields, by class.
    objects: HashMap<&'static str, Arc<Rows>>,
    /// The log entries that were read last.
    log: Option<ReadLog>,
    used: Duration,
}

/// Verified log entries, and the stamps of the log files at that time.
struct ReadLog {
    stamps: Vec<vault::log::Stamp>,
    /// How many of the newest entries these are; `None` means all.
    newest: Option<usize>,
    rows: Arc<Rows>,
}

/// More entries than this are not kept in memory.
const KEPT: usize = 2_000;

impl Warm {
    fn new(opened: Opened) -> Self {
        Self { opened, contents: None, objects: HashMap::new(), log: None, used: now() }
    }

    /// Forgets everything decrypted.
    fn forget(&mut self) {
        (self.contents, self.objects, self.log) = (None, HashMap::new(), None);
    }
}

impl Holder {
    pub fn new(keys: Keys, opened: Opened) -> Self {
        Self { keys, warm: Some(Warm::new(opened)) }
    }

    /// Returns a holder without keys.
    #[cfg(test)]
    pub fn closed() -> Self {
        Self { keys: Keys::Gone, warm: None }
    }

    /// Wipes the keys and everything that they opened.
    pub fn close(&mut self) {
        if let Keys::Kept(kept) = &mut self.keys {
            kept.wipe();
        }
        self.keys = Keys::Gone;
        self.warm = None;
    }

    /// Forgets the opened vault if no request came for [`WARM`].
    pub fn cool(&mut self) {
        if self.warm.as_ref().is_some_and(|warm| now().saturating_sub(warm.used) >= WARM) {
            self.warm = None;
        }
    }

    /// Returns the opened vault, and opens it again if its file has changed.
    fn warmed(&mut self, served: &ServedVault, caller: &Caller) -> Result<&mut Warm> {
        let is_current = self.warm.as_mut().is_some_and(|warm| warm.opened.session().vault().is_current());
        if !is_current {
            let opened = match self.warm.take() {
                Some(warm) => warm.opened.reopen(),
                None => self.open(served, caller),
            };
            let opened = opened.map_err(|error| ended(error.into()))?;
            self.warm = Some(Warm::new(opened));
        }
        let warm = self.warm.as_mut().ok_or_else(ApiError::invalid_session)?;
        warm.used = now();
        Ok(warm)
    }

    fn open(&mut self, served: &ServedVault, caller: &Caller) -> vault::Result<Opened> {
        match &mut self.keys {
            // The session compares it with what this device has seen.
            Keys::Kept(kept) => {
                let vault = Unproven::open(&served.vault, &served.settings)?.prove_of_any_age()?;
                vault.unlock_kept(kept, caller).map(Opened::WithKeys)
            }
            Keys::Agent(user) => served.agent_session(user, caller).map(Opened::ByAgent),
            Keys::Gone => Err(vault::Error::unlock("the session has ended")),
        }
    }
}

/// Turns the reason why the keys no longer open the vault into "Invalid session token", which ends the session for the
/// client.
fn ended(error: ApiError) -> ApiError {
    match error.code {
        super::error::Code::InvalidSession => ApiError { message: ApiError::invalid_session().message, ..error },
        _ => error,
    }
}

/// The note in the log entries of this server.
const BY_SERVE: &str = "by vault serve";

/// The client of a request, as the log records it.
#[derive(Debug, Clone)]
pub struct Client {
    /// The client's own name for itself.
    pub name: ProgramName,
    /// Why the client sends the request.
    pub reason: Option<GivenReason>,
}

impl Client {
    /// Checks the name and the reason of a client. A client need not name itself, but an empty reason is a mistake.
    pub fn new(name: Option<&str>, reason: Option<&str>) -> Result<Self> {
        let name = name.filter(|name| !name.trim().is_empty()).unwrap_or("unknown client");
        Ok(Self { name: ProgramName::new(name)?, reason: reason.map(GivenReason::new).transpose()? })
    }

    /// Returns the client as the log names it.
    pub fn caller(&self) -> Caller {
        Caller::new(self.name.clone()).note(BY_SERVE).reason(self.reason.clone())
    }
}

/// One request.
pub struct Call<'a> {
    holder: &'a mut Holder,
    pub served: &'a ServedVault,
}

impl<'a> Call<'a> {
    /// Begins a request. The vault is read again if its file has changed.
    pub fn begin(holder: &'a mut Holder, served: &'a ServedVault, client: &Client) -> Result<Self> {
        let caller = client.caller();
        holder.warmed(served, &caller)?.opened.session().begin_request(caller);
        Ok(Self { holder, served })
    }

    fn warm(&mut self) -> Result<&mut Warm> {
        self.holder.warm.as_mut().ok_or_else(ApiError::invalid_session)
    }

    /// The session: the vault, opened with the caller's keys.
    pub fn session(&mut self) -> Result<&mut Session> {
        Ok(self.warm()?.opened.session())
    }

    /// Returns the contents of every environment that the caller may read: names, kinds and dates.
    pub fn contents(&mut self) -> Result<&[Unread]> {
        let purpose = Purpose::new(Use::Get);
        let warm = self.warm()?;
        if warm.contents.is_none() {
            warm.contents = Some(warm.opened.session().open_readable(&purpose)?);
        }
        Ok(warm.contents.as_deref().unwrap_or_default())
    }

    /// Returns the objects of a class. `make` makes them once for each version of the file.
    pub fn objects(
        &mut self,
        class: &'static str,
        make: impl FnOnce(&mut Self) -> Result<Vec<Object>>,
    ) -> Result<Arc<Rows>> {
        if let Some(known) = self.warm()?.objects.get(class) {
            return Ok(Arc::clone(known));
        }
        let rows = Arc::new(Rows::new(make(self)?));
        self.warm()?.objects.insert(class, Arc::clone(&rows));
        Ok(rows)
    }

    /// Returns the newest log entries, or all of them. `make` makes them again only after the log files changed.
    pub fn log(
        &mut self,
        newest: Option<usize>,
        make: impl FnOnce(&mut Self) -> Result<Vec<Object>>,
    ) -> Result<Arc<Rows>> {
        // The stamps are taken before the log is read: what is written in between counts as new the next time.
        let stamps = vault::log::stamps(&self.session()?.vault().state_directory());
        if let Some(known) = self.warm()?.log.as_ref().filter(|log| (log.newest, &log.stamps) == (newest, &stamps)) {
            return Ok(Arc::clone(&known.rows));
        }
        let rows = Arc::new(Rows::new(make(self)?));
        let is_kept = rows.all.len() <= KEPT;
        self.warm()?.log = is_kept.then(|| ReadLog { stamps, newest, rows: Arc::clone(&rows) });
        Ok(rows)
    }

    /// Returns the current values of these items, after the log recorded that the client gets them.
    pub fn values(&mut self, wanted: &[(EnvironmentName, ItemName)]) -> Result<Vec<(EnvironmentName, Content)>> {
        let mut copies = Vec::new();
        for unread in self.contents()? {
            let names =
                wanted.iter().filter(|(environment, _)| environment == unread.environment()).map(|(_, name)| name);
            copies.push(unread.copy_of(names));
        }
        copies.retain(|copy| copy.count() > 0);
        Ok(get::current(self.session()?, copies)?)
    }

    /// Changes the vault by an action of the library, and forgets everything decrypted before the change.
    pub fn act<T>(&mut self, action: impl FnOnce(&mut Session) -> vault::Result<T>) -> Result<T> {
        let warm = self.warm()?;
        warm.forget();
        Ok(action(warm.opened.session())?)
    }

    /// Does what [`Call::act`] does, for an action that needs the caller's keys.
    pub fn act_with_keys<T>(&mut self, action: impl FnOnce(&mut KeySession) -> vault::Result<T>) -> Result<T> {
        let warm = self.warm()?;
        warm.forget();
        Ok(action(warm.opened.with_keys()?)?)
    }
}
