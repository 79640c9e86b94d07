//! Changes a vault. Changes to the roster and to environments are saved together, by atomically replacing the file.

mod account;
mod checked;
mod fallback;
mod key_edit;
mod remember;
mod renewal;
mod restart;
mod roster;
mod run;
mod save;
mod take_back;
mod users;
mod variables;

pub use fallback::Fallbacks;
pub(crate) use key_edit::KeyEdit;
pub use users::{Lost, NewUser, Removed};

use super::proven::missing_block;
use super::verified::Standing;
use super::verified::Verified;
use super::{Session, Vault, Warning};
use crate::dangerous::AllowedOnce;
use crate::error::{Error, Result};
use crate::file::Slot;
use crate::identity::PrivateKeys;
use crate::item::{Content, Item, Outline};
use crate::log::{Action, Entry};
use crate::name::{EnvironmentName, ItemName, UserName};
use crate::roster::{Right, Roster};
use crate::signature::Hash;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// A change in progress. It is written as a whole, or not at all.
///
/// Only the actions of this library make changes, so their log entries say what was done. A front end that is called in
/// the middle of a change, to show new keys, sees users and slots as they will be. Of items it sees at most names, kinds and
/// dates as they were stored before, so it can't learn anything about a value and end the process before the entry is written. It can't make a change of its own:
///
/// ```compile_fail
/// # fn guess(session: &mut vault::vault::Session, entry: vault::log::Entry) {
/// session.edit(&[entry], |_| Ok(()));
/// # }
/// ```
///
/// # Errors
/// Besides errors of its own, every change fails if the file is not valid or was changed meanwhile, if the user has no
/// right to it, if somebody has to confirm it and does not, or if the log or the file can't be written. Then nothing has
/// changed.
pub struct Edit<'a> {
    session: &'a Session,
    /// The intended change, in log entries. There is at least one.
    attempt: &'a [Entry],
    roster: Roster,
    /// The user's new keys, if this change replaces them.
    new_keys: Option<PrivateKeys>,
    verified: BTreeMap<EnvironmentName, Verified>,
    /// Environments whose version jumps farther than an honest history allows. This change must replace them.
    jumped: BTreeMap<EnvironmentName, Error>,
    contents: BTreeMap<EnvironmentName, Content>,
    touched: BTreeSet<EnvironmentName>,
    /// The environments whose content was passed to the code that makes the change, with the items that it is about,
    /// as far as they are known.
    looked: BTreeMap<EnvironmentName, BTreeSet<ItemName>>,
    slots: Vec<Slot>,
    entries: Vec<Entry>,
    /// The dangerous names that items may get by this change.
    allowed: AllowedOnce,
    /// The environments that this change may leave without a reader or writer.
    orphaned: Vec<EnvironmentName>,
    /// The content to save for environments that can't be read or kept.
    fallbacks: BTreeMap<EnvironmentName, Content>,
    /// Warnings: which fallbacks were used and why, and others.
    replaced: Vec<Warning>,
    /// The content of environments before their items were changed.
    before: BTreeMap<EnvironmentName, Content>,
    /// If this change is an undo: the action that is undone, and whether this undoes the change itself (true) or an
    /// earlier undo of it.
    undoing: Option<(Action, bool)>,
    now: Time,
}

/// The result of a change.
#[derive(Default)]
pub(super) struct Saved {
    /// The vault as it was read back, if its file changed.
    pub vault: Option<Vault>,
    /// The user's new keys, if they were replaced.
    pub new_keys: Option<PrivateKeys>,
    /// Warnings about the change.
    pub replaced: Vec<Warning>,
    /// The entries that were logged.
    pub entries: Vec<Entry>,
}

impl<'a> Edit<'a> {
    pub(super) fn begin(session: &'a Session, attempt: &'a [Entry]) -> Result<Self> {
        session.vault.check_merged()?;
        let (verified, jumped) = checked::verify_all(&session.vault)?;
        // Only the slots of users are kept. A slot that somebody planted under another name would otherwise stay forever.
        let slots = session.vault.slots().cloned().collect();
        Ok(Self {
            session,
            attempt,
            roster: session.vault.roster.clone(),
            new_keys: None,
            verified,
            jumped,
            contents: BTreeMap::new(),
            touched: BTreeSet::new(),
            looked: BTreeMap::new(),
            slots,
            entries: Vec::new(),
            allowed: AllowedOnce::default(),
            orphaned: Vec::new(),
            fallbacks: BTreeMap::new(),
            replaced: Vec::new(),
            before: BTreeMap::new(),
            undoing: None,
            now: Time::now(),
        })
    }

    /// Returns the time of this change.
    #[must_use]
    pub(crate) fn now(&self) -> Time {
        self.now
    }

    /// Returns the user who makes the change.
    #[must_use]
    pub fn user(&self) -> &'a UserName {
        self.session.user()
    }

    /// Returns the vault before the change.
    #[must_use]
    pub(crate) fn vault(&self) -> &'a Vault {
        &self.session.vault
    }

    /// Returns the hash of an environment's block before the change, which is another one after each save. `None` if the
    /// block can't be used.
    #[must_use]
    pub(crate) fn hash_of(&self, environment: &EnvironmentName) -> Option<Hash> {
        self.verified.get(environment).map(|verified| verified.seen.hash)
    }

    /// Returns the roster as changed so far.
    #[must_use]
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Returns the slots as changed so far.
    #[must_use]
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Returns the environments that this change renews, and whose blocks were left pending after somebody lost the
    /// right to read them.
    ///
    /// # Errors
    /// Never for a verified vault.
    pub(crate) fn cured(&self) -> Result<Vec<EnvironmentName>> {
        let vault = &self.session.vault;
        let mut cured = Vec::new();
        for name in &self.touched {
            let pending = self.verified.get(name).is_some_and(|verified| verified.standing == Standing::Pending);
            if pending && vault.lost_at(vault.block(name)?)?.is_some() {
                cured.push(name.clone());
            }
        }
        Ok(cured)
    }

    /// Lets this change give items these dangerous names. Others are refused before anything is saved, unless this
    /// device allows them.
    pub(crate) fn allow(&mut self, names: &AllowedOnce) {
        self.allowed.extend(names);
    }

    /// Adds an entry to those that are logged for this change.
    pub(crate) fn log(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Returns the item of this name as changed so far, without its values; `None` if there is none.
    ///
    /// # Errors
    /// A denied error without the right to read the environment.
    pub(crate) fn item(&mut self, environment: &EnvironmentName, name: &ItemName) -> Result<Option<Outline<'_>>> {
        self.look_at(environment, Some(name))?;
        Ok(self.load(environment)?.items().get(name).map(Item::outline))
    }

    /// Returns an environment as changed so far. Values from it leave the library only through [`Session::edit`], after
    /// the entry is written.
    ///
    /// # Errors
    /// A denied error without the right to read the environment; if the attempt is not about items.
    pub(crate) fn content(&mut self, name: &EnvironmentName) -> Result<&Content> {
        self.look_at(name, None)?;
        self.load(name).map(|content| &*content)
    }

    /// Returns an environment to be changed in this item. The log entry gets the item's name, even if the change fails.
    ///
    /// # Errors
    /// The same as for [`Edit::content_mut`].
    pub(crate) fn content_for(&mut self, environment: &EnvironmentName, item: &ItemName) -> Result<&mut Content> {
        self.look_at(environment, Some(item))?;
        self.content_mut(environment)
    }

    /// Returns an environment to be changed.
    ///
    /// # Errors
    /// A denied error without the right to write the environment; if the attempt is not about items.
    pub(crate) fn content_mut(&mut self, name: &EnvironmentName) -> Result<&mut Content> {
        self.look_at(name, None)?;
        self.session.check_right_in(&self.roster, name, Right::Write)?;
        self.keep_before(name)?;
        self.touch(name)
    }

    /// Does the same as [`Edit::content_mut`], for changes that don't pass the content on.
    pub(super) fn touch(&mut self, name: &EnvironmentName) -> Result<&mut Content> {
        self.session.check_right_in(&self.roster, name, Right::Write)?;
        self.touched.insert(name.clone());
        self.load(name)
    }

    /// Returns the environments whose items were passed on to be changed.
    pub(super) fn changed(&self) -> impl Iterator<Item = &EnvironmentName> {
        self.before.keys()
    }

    fn load(&mut self, name: &EnvironmentName) -> Result<&mut Content> {
        if !self.contents.contains_key(name) {
            self.session.check_right_in(&self.roster, name, Right::Read)?;
            let content = self.read_or_fall_back(name)?;
            self.contents.insert(name.clone(), content);
        }
        self.contents.get_mut(name).ok_or_else(|| missing_block(name))
    }
}
