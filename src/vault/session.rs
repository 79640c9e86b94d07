//! A vault and an identity: reading environments and writing the log.

mod audit;
mod log;
mod readable;

pub use audit::Unheard;

use super::edit::error_of;
use super::keys::Keys;
use super::{Edit, Standing, Vault, Verified};
use crate::agent::{Client, ended};
use crate::error::{Error, Kind, Result};
use crate::file::{Block, BlockStatement, MAX_FILE};
use crate::fs::{self, Lock};
use crate::identity::{Head, Identity};
use crate::item::{self, Content, Injectable, Place};
use crate::log::{Action, Entry, Outcome};
use crate::name::{EnvironmentName, UserName};
use crate::roster::{Right, Roster};
use crate::signature::Hash;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// An unlocked vault.
pub struct Session {
    pub(super) vault: Vault,
    pub(super) keys: Keys,
    reason: Option<String>,
    attempt: Option<Action>,
}

impl Session {
    pub(super) fn new(vault: Vault, identity: Identity) -> Result<Self> {
        Self::with_keys(vault, Keys::Own(Box::new(identity)), None)
    }

    /// A session that notes that the roster was verified with these keys at hand, if that was not known. Where it can't be
    /// written, the next run verifies again: nothing is lost but time.
    pub(super) fn vouching(vault: Vault, identity: Identity, known: Option<Head>) -> Result<Self> {
        let session = Self::new(vault, identity)?;
        let vault = &session.vault;
        if known != Some(vault.roster.head()) && !vault.settings.looks_back {
            let _ = vault.marks_store().remember_verified(&vault.roster, session.identity()?, vault.is_in_git());
        }
        Ok(session)
    }

    /// Whatever was opened, no session begins before every signature of the roster is verified, but for those of a part
    /// that the holder of the keys vouched for.
    fn with_keys(mut vault: Vault, keys: Keys, known: Option<Head>) -> Result<Self> {
        vault.roster.verify_signatures(known)?;
        vault.check_roster_freshness(super::Access::Read)?;
        Ok(Self { vault, keys, reason: None, attempt: None })
    }

    /// A session with the keys that an agent holds; gives the vault back if they are not the current keys of a user of it, or
    /// if the roster is older than the one that the keys were made with.
    ///
    /// # Errors
    /// If the vault is not fresh enough: see [`Vault::open`].
    pub fn with_agent(vault: Vault, client: Client) -> Result<std::result::Result<Self, Box<Vault>>> {
        let Some((user, public)) = vault.held_by(client.status()) else { return Ok(Err(Box::new(vault))) };
        // The agent may hold the keys of another vault of one's own, which somebody has put here.
        vault.check_sighting()?;
        let marks = vault.marks.as_ref();
        let known = marks.and_then(|marks| marks.signed_by(&vault.id(), &user, &public.verifying_key));
        let keys = Keys::Agent { user, public: Box::new(public), client: Box::new(client) };
        Self::with_keys(vault, keys, known).map(Ok)
    }

    /// The private keys themselves.
    ///
    /// # Errors
    /// An unlock error if an agent holds them: it gives them to nobody.
    pub fn identity(&self) -> Result<&Identity> {
        self.keys.identity()
    }

    /// The agent that holds the keys, if one does.
    #[must_use]
    pub fn agent(&self) -> Option<&Client> {
        match &self.keys {
            Keys::Own(_) => None,
            Keys::Agent { client, .. } => Some(client),
        }
    }

    /// The vault as its file is now, with the same keys.
    ///
    /// # Errors
    /// As [`Vault::open`]; an unlock error if the user's keys were replaced.
    pub fn reopen(&self) -> Result<Self> {
        let vault = self.vault.open_again()?;
        let session = match &self.keys {
            Keys::Own(identity) => {
                let identity = vault.check_identity((**identity).clone(), self.user(), None)?;
                Self::new(vault, identity)?
            }
            Keys::Agent { client, .. } => {
                Self::with_agent(vault, client.again()?.ok_or_else(ended)?)?.map_err(|_| ended())?
            }
        };
        Ok(session.with_reason(self.reason.clone()).with_attempt(self.attempt))
    }

    /// Every log entry of this session will say why.
    #[must_use]
    pub fn with_reason(mut self, reason: Option<String>) -> Self {
        self.reason = reason;
        self
    }

    /// A change that is refused for want of a right will be logged as this.
    #[must_use]
    pub fn with_attempt(mut self, action: Option<Action>) -> Self {
        self.attempt = action;
        self
    }

    /// The vault.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Whose session this is.
    #[must_use]
    pub fn user(&self) -> &UserName {
        self.keys.user()
    }

    /// Reads an environment with all its items.
    ///
    /// # Errors
    /// A denied error without the right to it; an integrity error if the block is not valid.
    pub fn read(&self, name: &EnvironmentName) -> Result<Content> {
        let (block, verified) = self.verified(name)?;
        self.with_losses(block, verified.standing, self.content(block, &verified)?)
    }

    /// What is read of a block that is pending is as the next save by a writer will have it.
    fn with_losses(&self, block: &Block, standing: Standing, mut content: Content) -> Result<Content> {
        if standing == Standing::Pending {
            if let Some(time) = self.vault.lost_at(block)? {
                content.mark_all_due(time);
            }
            self.warn_of_pending(&block.statement.name)?;
        }
        Ok(content)
    }

    fn content(&self, block: &Block, verified: &Verified) -> Result<Content> {
        unsealed(&self.open(block, verified)?, &block.statement, &self.vault.id())
    }

    fn warn_of_pending(&self, name: &EnvironmentName) -> Result<()> {
        self.vault.warn(format!(
            "{name} is pending: who saved it last has lost that right; the next save by a writer renews it"
        ))
    }

    /// Reads of an environment what a program gets, for those names that are wanted.
    ///
    /// # Errors
    /// As [`Session::read`].
    pub fn read_injectables(&self, name: &EnvironmentName, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<Injectable>> {
        let (block, verified) = self.verified(name)?;
        let plaintext = self.open(block, &verified)?;
        if verified.standing == Standing::Pending {
            self.warn_of_pending(name)?;
        }
        let statement = &block.statement;
        let place = Place { vault: &self.vault.id(), environment: name, version: statement.version };
        item::injectables(plaintext, &place, wanted).map_err(|error| error_of(statement, &error))
    }

    /// Changes the vault: see [`Edit`]. The file is read anew under its lock, changed, and replaced whole. That
    /// the user lacks the right is logged.
    ///
    /// # Errors
    /// Whatever `change` gives, and what can be wrong with the file or the disk; then nothing has changed.
    pub fn edit<T>(&mut self, change: impl FnOnce(&mut Edit<'_>) -> Result<T>) -> Result<T> {
        let attempt: Vec<Entry> = self.attempt.map(Entry::new).into_iter().collect();
        self.edit_as(&attempt, change)
    }

    /// As [`Session::edit`], where it is known before what is to be changed: so these entries tell of a refusal.
    ///
    /// # Errors
    /// As [`Session::edit`].
    pub fn edit_as<T>(&mut self, attempt: &[Entry], change: impl FnOnce(&mut Edit<'_>) -> Result<T>) -> Result<T> {
        self.try_edit(change).map_err(|error| {
            if error.kind() != Kind::Denied || attempt.is_empty() {
                return error;
            }
            let refused = |entry: &Entry| entry.clone().note(error.to_string()).outcome(Outcome::Denied);
            let entries = attempt.iter().map(refused).collect();
            self.log(entries).err().unwrap_or(error)
        })
    }

    /// Does what [`Session::edit`] does, and neither saves nor logs it: whether it would be refused.
    ///
    /// # Errors
    /// As [`Session::edit`].
    pub fn rehearse<T>(&self, change: impl FnOnce(&mut Edit<'_>) -> Result<T>) -> Result<T> {
        let mut edit = Edit::begin(self)?;
        let result = change(&mut edit)?;
        edit.check_size()?;
        Ok(result)
    }

    fn try_edit<T>(&mut self, change: impl FnOnce(&mut Edit<'_>) -> Result<T>) -> Result<T> {
        let path = self.vault.location.real.clone();
        let lock = Lock::of_file(&path, fs::LOCK_TIMEOUT)?;
        // Values that were to be written beside the vault, as often as not.
        fs::remove_left_behind(fs::parent(&path));
        let (bytes, stamp) = fs::read(&path, MAX_FILE)?;
        let vault = self.vault.renewed(bytes, stamp)?;
        if vault.id() != self.vault.id() {
            return Err(Error::integrity("the file is another vault now"));
        }
        vault.warnings.swap(&self.vault.warnings);
        let current = vault.user(self.user())?;
        if current.keys != self.keys.public()? {
            return Err(Error::unlock("your keys were replaced by another command").hint("unlock again"));
        }
        self.vault = vault;
        let (result, cured, saved) = {
            let mut edit = Edit::begin(self)?;
            let result = change(&mut edit)?;
            let cured = edit.cured()?;
            (result, cured, edit.save(&lock)?)
        };
        if let (Some(keys), Keys::Own(identity)) = (saved.new_keys, &mut self.keys) {
            identity.keys = keys;
        }
        if let Some(vault) = saved.vault {
            vault.warnings.swap(&self.vault.warnings);
            self.vault = vault;
        }
        saved.replaced.into_iter().for_each(|replaced| self.vault.tell(replaced));
        for name in cured {
            self.vault.tell(format!(
                "{name} is renewed after somebody lost their right on it: replace what they knew (vault list --due -e {name})"
            ));
        }
        Ok(result)
    }

    /// The block of an environment that this user may read, with every check passed.
    fn verified(&self, name: &EnvironmentName) -> Result<(&Block, Verified)> {
        self.check_right(name, Right::Read)?;
        let block = self.vault.block(name)?;
        let verified = self.vault.verify_block(block, super::Access::Read)?;
        self.vault.note_seen(&BTreeMap::from([(name.clone(), verified.seen)]), &[])?;
        Ok((block, verified))
    }

    pub(super) fn open(&self, block: &Block, verified: &Verified) -> Result<Zeroizing<Vec<u8>>> {
        let name = &block.statement.name;
        // Where this user stood among the readers when the block was written, as a rule.
        let readers = self.vault.roster.state().environment(name)?.grants.keys();
        let place = readers.take_while(|reader| *reader != self.user()).count();
        let opened = self.keys.open(&verified.bytes, place, &self.vault.id());
        let opened = opened.map_err(|error| match error.kind() {
            Kind::Integrity => error_of(&block.statement, &Error::integrity(format!("environment {name}: {error}"))),
            _ => error,
        })?;
        opened.ok_or_else(|| {
            let BlockStatement { version, author, .. } = &block.statement;
            Error::denied(format!(
                "environment {name} was not encrypted for {}; {author} saved it, as version {version}",
                self.user()
            ))
            .hint(format!("somebody who writes {name} has to save it once"))
        })
    }

    /// Whether this user has the right.
    ///
    /// # Errors
    /// A denied error that says which right is missing and who can give it.
    pub fn check_right(&self, name: &EnvironmentName, right: Right) -> Result<()> {
        self.check_right_in(&self.vault.roster, name, right)
    }

    pub(super) fn check_right_in(&self, roster: &Roster, name: &EnvironmentName, right: Right) -> Result<()> {
        let state = roster.state();
        let environment = state.environment(name)?;
        if environment.grants.get(self.user()).is_some_and(|own| *own >= right) {
            return Ok(());
        }
        let can_give: Vec<_> = state.givers(environment).map(UserName::as_str).collect();
        let error = Error::denied(format!("{} may not {right} {name}", self.user()));
        if can_give.is_empty() {
            return Err(error.hint("nobody can give that right: no admin writes the environment"));
        }
        Err(error.hint(format!("{} can give it: vault grant {} {name}:{right}", can_give.join(" or "), self.user())))
    }
}

/// What a block holds, to be looked at.
pub(super) fn unsealed(plaintext: &[u8], statement: &BlockStatement, vault: &Hash) -> Result<Content> {
    let place = Place { vault, environment: &statement.name, version: statement.version };
    let content = Content::from_json(plaintext, &place, statement.written());
    let content = content.map_err(|error| error_of(statement, &error))?;
    Ok(content.as_of(&statement.name, statement.written()))
}
