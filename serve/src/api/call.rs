//! One request of somebody who is signed in: the vault as it is now, with their keys, and what their client is called.

use super::error::{ApiError, Result};
use super::object::{Object, Rows};
use super::place::Place;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use vault::agent::{KeptText, now};
use vault::item::Content;
use vault::log::Action;
use vault::name::{EnvironmentName, ItemName, UserName};
use vault::vault::{Purpose, Session, Unread, Vault};

/// How long what was opened with the keys stays opened without a request.
const WARM: Duration = Duration::from_secs(30);

/// Where a session's keys are.
pub enum Keys {
    /// Here, in a page of their own.
    Kept(KeptText),
    /// At the agent of this user.
    Agent(UserName),
    /// Nowhere any more.
    Gone,
}

/// The keys of a session, and the vault as they opened it, for as long as requests come.
pub struct Holder {
    keys: Keys,
    warm: Option<Warm>,
}

struct Warm {
    session: Session,
    /// Decrypted and unread.
    contents: Option<Vec<Unread>>,
    /// Without anything secret, by class.
    objects: HashMap<&'static str, Arc<Rows>>,
    /// The entries of the log that were read last.
    log: Option<ReadLog>,
    used: Duration,
}

/// Entries of the log that were proven, and what its files were then.
struct ReadLog {
    stamps: Vec<vault::log::Stamp>,
    /// How many of the newest; all where nobody says.
    newest: Option<usize>,
    rows: Arc<Rows>,
}

/// More entries than this are not kept.
const KEPT: usize = 2_000;

impl Warm {
    fn new(session: Session) -> Self {
        Self { session, contents: None, objects: HashMap::new(), log: None, used: now() }
    }
}

impl Holder {
    pub fn new(keys: Keys, session: Session) -> Self {
        Self { keys, warm: Some(Warm::new(session)) }
    }

    /// One without keys.
    #[cfg(test)]
    pub fn closed() -> Self {
        Self { keys: Keys::Gone, warm: None }
    }

    /// Wipes the keys, and all that they have opened.
    pub fn close(&mut self) {
        if let Keys::Kept(kept) = &mut self.keys {
            kept.wipe();
        }
        self.keys = Keys::Gone;
        self.warm = None;
    }

    /// Forgets what was opened, if nobody has asked for a while.
    pub fn cool(&mut self) {
        if self.warm.as_ref().is_some_and(|warm| now().saturating_sub(warm.used) >= WARM) {
            self.warm = None;
        }
    }

    /// The vault as its file is now.
    fn warmed(&mut self, place: &Place) -> Result<&mut Warm> {
        let is_current = self.warm.as_ref().is_some_and(|warm| warm.session.vault().is_current());
        if !is_current {
            let session = match self.warm.take() {
                Some(warm) => warm.session.reopen(),
                None => self.session(place),
            };
            let session = session.map_err(|error| ended(error.into()))?;
            self.warm = Some(Warm::new(session));
        }
        let warm = self.warm.as_mut().ok_or_else(ApiError::invalid_session)?;
        warm.used = now();
        Ok(warm)
    }

    fn session(&mut self, place: &Place) -> vault::Result<Session> {
        match &mut self.keys {
            Keys::Kept(kept) => Vault::open(&place.vault, &place.settings)?.unlock_with(kept.identity()?),
            Keys::Agent(user) => place.agent_session(user),
            Keys::Gone => Err(vault::Error::unlock("the session has ended")),
        }
    }
}

/// Keys that open nothing any more end the session, whatever the reason.
fn ended(error: ApiError) -> ApiError {
    match error.code {
        super::error::Code::InvalidSession => ApiError { message: ApiError::invalid_session().message, ..error },
        _ => error,
    }
}

/// Who asks, as the log has it.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// What the client calls itself.
    pub name: String,
    /// Why it asks.
    pub reason: Option<String>,
}

impl Client {
    /// The longest name or reason, in bytes.
    const LONGEST: usize = 255;

    /// A client of this name. Names come from outside and are put into the log: what isn't a line of text is refused.
    pub fn new(name: Option<&str>, reason: Option<&str>) -> Result<Self> {
        let checked = |text: &str, what: &str| {
            if text.len() > Self::LONGEST || text.chars().any(char::is_control) {
                return Err(ApiError::validation(format!("{what} is not a line of at most {} bytes", Self::LONGEST)));
            }
            Ok(text.trim().to_owned())
        };
        let name = name.map(|name| checked(name, "the name of the client")).transpose()?;
        let reason = reason.map(|reason| checked(reason, "the reason")).transpose()?;
        let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown client".to_owned());
        Ok(Self { name, reason: reason.filter(|reason| !reason.is_empty()) })
    }

    /// For the log: this is done for that client.
    pub fn purpose(&self, action: Action) -> Purpose {
        Purpose::new(action).program(&self.name).note("by vault serve")
    }

    /// The same as an entry.
    pub fn entry(&self, action: Action) -> vault::log::Entry {
        let entry = vault::log::Entry::new(action).note("by vault serve");
        vault::log::Entry { program: self.name.clone(), reason: self.reason.clone(), ..entry }
    }
}

/// One request.
pub struct Call<'a> {
    holder: &'a mut Holder,
    pub place: &'a Place,
    pub client: &'a Client,
}

impl<'a> Call<'a> {
    /// Begins a request: the vault is read anew if its file has changed.
    pub fn begin(holder: &'a mut Holder, place: &'a Place, client: &'a Client) -> Result<Self> {
        holder.warmed(place)?.session.begin_request(client.reason.clone());
        Ok(Self { holder, place, client })
    }

    fn warm(&mut self) -> Result<&mut Warm> {
        self.holder.warm.as_mut().ok_or_else(ApiError::invalid_session)
    }

    /// The vault with the caller's keys.
    pub fn session(&mut self) -> Result<&mut Session> {
        Ok(&mut self.warm()?.session)
    }

    /// What every environment holds that the caller may read: names, kinds and dates.
    pub fn contents(&mut self) -> Result<&[Unread]> {
        let warm = self.warm()?;
        if warm.contents.is_none() {
            warm.contents = Some(warm.session.open_readable()?);
        }
        Ok(warm.contents.as_deref().unwrap_or_default())
    }

    /// The objects of a class, as `make` makes them; made once, as long as the file is the same.
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

    /// So many of the newest entries of the log, as `make` makes them; made once, as long as its files are the same.
    pub fn log(
        &mut self,
        newest: Option<usize>,
        make: impl FnOnce(&mut Self) -> Result<Vec<Object>>,
    ) -> Result<Arc<Rows>> {
        // Before it is read: what is written meanwhile is news the next time.
        let stamps = vault::log::stamps(&self.session()?.vault().state_directory());
        if let Some(known) = self.warm()?.log.as_ref().filter(|log| (log.newest, &log.stamps) == (newest, &stamps)) {
            return Ok(Arc::clone(&known.rows));
        }
        let rows = Arc::new(Rows::new(make(self)?));
        let is_kept = rows.all.len() <= KEPT;
        self.warm()?.log = is_kept.then(|| ReadLog { stamps, newest, rows: Arc::clone(&rows) });
        Ok(rows)
    }

    /// The values of these items, once the log says that this client is given them.
    pub fn values(&mut self, wanted: &[(EnvironmentName, ItemName)]) -> Result<Vec<(EnvironmentName, Content)>> {
        let mut copies = Vec::new();
        for unread in self.contents()? {
            let names = wanted.iter().filter(|(of, _)| of == unread.environment()).map(|(_, name)| name);
            copies.push(unread.copy_of(names));
        }
        copies.retain(|copy| copy.count() > 0);
        let purpose = self.client.purpose(Action::Get);
        Ok(self.session()?.read_all(&purpose, copies)?)
    }

    /// Changes the vault. What was decrypted before is forgotten.
    pub fn edit<T>(
        &mut self,
        attempt: &[vault::log::Entry],
        change: impl FnOnce(&mut vault::vault::Edit<'_>) -> vault::Result<T>,
    ) -> Result<T> {
        let warm = self.warm()?;
        (warm.contents, warm.objects, warm.log) = (None, HashMap::new(), None);
        Ok(warm.session.edit(attempt, change)?)
    }
}
