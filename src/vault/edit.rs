//! Changing a vault: roster changes and environments, saved in one atomic replace.

mod fallback;
mod remember;
mod renewal;
mod restart;
mod save;
mod take_back;
mod users;

pub(super) use fallback::error_of;
pub use users::{Lost, NewUser, Removed};

use super::block::Standing;
use super::seal::{Keyring, slots};
use super::{Session, Vault, Verified, Warning};
use crate::error::{Error, Result};
use crate::file::Slot;
use crate::identity::{Identity, PrivateKeys};
use crate::item::{Content, Item, Outline};
use crate::log::{Action, Entry};
use crate::name::{EnvironmentName, ItemName, UserName};
use crate::roster::{Change, Draft, Right, Roster};
use crate::signature::Hash;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// A change in progress. Nothing of it is written before all of it is.
pub struct Edit<'a> {
    session: &'a Session,
    roster: Roster,
    /// New ones, once they replace the session's.
    new_keys: Option<PrivateKeys>,
    verified: BTreeMap<EnvironmentName, Verified>,
    /// Environments whose version jumps farther than any honest history: they have to be replaced by this change.
    jumped: BTreeMap<EnvironmentName, Error>,
    contents: BTreeMap<EnvironmentName, Content>,
    touched: BTreeSet<EnvironmentName>,
    /// The environments whose content was given to who makes the change.
    looked: BTreeSet<EnvironmentName>,
    slots: Vec<Slot>,
    entries: Vec<Entry>,
    /// The environments that this change may leave without a reader or writer.
    orphaned: Vec<EnvironmentName>,
    /// What environments are to hold that can't be read or kept.
    fallbacks: BTreeMap<EnvironmentName, Content>,
    /// Which of these were needed, and why; and what else there is to warn of.
    replaced: Vec<Warning>,
    /// What environments held before their items were changed.
    before: BTreeMap<EnvironmentName, Content>,
    /// Of an undoing: what is undone, and whether it is done again.
    undoing: Option<(Action, bool)>,
    now: Time,
}

/// What a change came to.
#[derive(Default)]
pub(super) struct Saved {
    /// The vault as read back, if its file changed.
    pub vault: Option<Vault>,
    /// The user's new keys, if they were replaced.
    pub new_keys: Option<PrivateKeys>,
    /// What there is to warn of.
    pub replaced: Vec<Warning>,
    /// What was logged of it.
    pub entries: Vec<Entry>,
}

impl<'a> Edit<'a> {
    pub(super) fn begin(session: &'a Session) -> Result<Self> {
        session.vault.check_merged()?;
        let (verified, jumped) = restart::verify_all(&session.vault)?;
        // What somebody planted under other names would be carried on for ever.
        let slots = session.vault.slots().cloned().collect();
        Ok(Self {
            session,
            roster: session.vault.roster.clone(),
            new_keys: None,
            verified,
            jumped,
            contents: BTreeMap::new(),
            touched: BTreeSet::new(),
            looked: BTreeSet::new(),
            slots,
            entries: Vec::new(),
            orphaned: Vec::new(),
            fallbacks: BTreeMap::new(),
            replaced: Vec::new(),
            before: BTreeMap::new(),
            undoing: None,
            now: Time::now(),
        })
    }

    /// When all of this happens.
    #[must_use]
    pub fn now(&self) -> Time {
        self.now
    }

    /// Who changes.
    #[must_use]
    pub fn user(&self) -> &'a UserName {
        self.session.user()
    }

    /// The vault before the change.
    #[must_use]
    pub fn vault(&self) -> &'a Vault {
        &self.session.vault
    }

    /// The roster as changed so far.
    #[must_use]
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// The slots as changed so far.
    #[must_use]
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The environments whose block is left pending after somebody lost the right to read it, and that this change renews.
    ///
    /// # Errors
    /// Never for a verified vault.
    pub fn cured(&self) -> Result<Vec<EnvironmentName>> {
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

    /// What this will be remembered as, from now on.
    pub fn log(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// The item of this name as changed so far, if there is one, without its values.
    ///
    /// # Errors
    /// A denied error without the right to read the environment.
    pub fn item(&mut self, environment: &EnvironmentName, name: &ItemName) -> Result<Option<Outline<'_>>> {
        Ok(self.content(environment)?.items().get(name).map(Item::outline))
    }

    /// An environment as changed so far. What of it leaves the library comes out of [`Session::edit`], after its entry.
    ///
    /// # Errors
    /// A denied error without the right to read it.
    pub(crate) fn content(&mut self, name: &EnvironmentName) -> Result<&Content> {
        self.looked.insert(name.clone());
        self.load(name).map(|content| &*content)
    }

    /// An environment to be changed.
    ///
    /// # Errors
    /// A denied error without the right to write it.
    pub(crate) fn content_mut(&mut self, name: &EnvironmentName) -> Result<&mut Content> {
        self.looked.insert(name.clone());
        self.session.check_right_in(&self.roster, name, Right::Write)?;
        self.keep_before(name)?;
        self.touch(name)
    }

    /// As [`Edit::content_mut`], where nothing of it is given away.
    pub(super) fn touch(&mut self, name: &EnvironmentName) -> Result<&mut Content> {
        self.session.check_right_in(&self.roster, name, Right::Write)?;
        self.touched.insert(name.clone());
        self.load(name)
    }

    /// Whether content was given to who makes the change.
    pub(super) fn has_looked(&self) -> bool {
        !self.looked.is_empty()
    }

    /// The entry that is to be logged of the same.
    pub(super) fn said(&self, attempt: &Entry) -> Option<&Entry> {
        let is_same = |entry: &&Entry| entry.action == attempt.action && entry.environment == attempt.environment;
        self.entries.iter().find(is_same)
    }

    /// Logs every look into an environment that nothing else is logged of.
    pub(super) fn log_looks(&mut self, attempt: &[Entry]) -> Result<()> {
        let mut looks = self.looks(attempt)?;
        let is_of = |look: &Entry, entry: &Entry| look.environment == entry.environment;
        looks.retain(|look| !self.entries.iter().any(|entry| is_of(look, entry)));
        self.entries.extend(looks);
        Ok(())
    }

    /// An entry for each environment that was looked into.
    pub(super) fn looks(&self, attempt: &[Entry]) -> Result<Vec<Entry>> {
        let mut looks = Vec::new();
        for name in &self.looked {
            let known = attempt.iter().find(|entry| entry.environment.as_deref() == Some(name.as_str()));
            let other = || attempt.first().map(|entry| entry.clone().environment(name).items::<&str>([]));
            let look = known.cloned().or_else(other);
            looks.push(look.ok_or_else(|| Error::failed("a change without a log entry"))?);
        }
        Ok(looks)
    }

    /// Changes the roster. What the change takes rights on is re-encrypted and signed anew with it; blocks this user
    /// can't write are left pending, by their hash.
    ///
    /// # Errors
    /// Why the change is not allowed.
    pub fn change_roster(&mut self, change: Change) -> Result<()> {
        let keys = self.private_keys()?.clone();
        if let Change::RemoveEnvironment { environment } = &change {
            self.keep_removed(environment);
        }
        self.append(change, &keys)
    }

    fn private_keys(&self) -> Result<&PrivateKeys> {
        match &self.new_keys {
            Some(keys) => Ok(keys),
            None => self.session.keys.identity().map(|identity| &identity.keys),
        }
    }

    /// Adds an empty environment, with these rights.
    ///
    /// # Errors
    /// If there is one of that name, or the user may not add it.
    pub fn add_environment(&mut self, name: &EnvironmentName, grants: Vec<(UserName, Right)>) -> Result<()> {
        self.change_roster(Change::AddEnvironment { environment: name.clone(), grants })?;
        self.contents.insert(name.clone(), Content::default());
        self.verified.remove(name);
        self.touched.insert(name.clone());
        Ok(())
    }

    /// Gives the user new keys: every slot is dropped but those of the keyring, and all this user writes is re-encrypted.
    ///
    /// # Errors
    /// If randomness or memory fails.
    pub fn replace_keys(&mut self, keyring: &Keyring<'_>) -> Result<()> {
        let user = self.user();
        let old = self.private_keys()?.clone();
        let new = old.renew()?;
        let keys = self.roster.sign_new_keys(user, &new)?;
        // Loaded before, with the keys they are encrypted to.
        let environments = &self.roster.state().environments;
        let own: Vec<_> = environments.iter().filter(|(_, of)| of.writes(user)).map(|(name, _)| name.clone()).collect();
        own.iter().try_for_each(|name| self.load(name).map(|_| ()))?;
        self.append(Change::ReplaceKeys { keys: keys.into() }, &old)?;
        self.new_keys = Some(new.clone());
        let identity = Identity { vault: self.roster.id(), user: user.clone(), keys: new, roster: self.roster.head() };
        self.slots.retain(|slot| slot.user != *user);
        self.slots.extend(slots(&identity, keyring)?);
        Ok(())
    }

    fn append(&mut self, change: Change, keys: &PrivateKeys) -> Result<()> {
        let author = self.user().clone();
        let mut draft = Draft { author, time: self.now, change, pending: Vec::new() };
        let mut next = self.roster.append(draft.clone(), keys)?;
        let affected = self.affected_by(&next);
        draft.pending = self.pending(&next, &affected)?;
        if !draft.pending.is_empty() {
            next = self.roster.append(draft, keys)?;
        }
        // Loaded with the rights from before: afterwards they may be gone.
        for name in affected {
            if next.state().environments.get(&name).is_some_and(|environment| environment.writes(self.user())) {
                self.load(&name)?;
                self.touched.insert(name);
            }
        }
        self.contents.retain(|name, _| next.state().environments.contains_key(name) || !self.touched.contains(name));
        self.touched.retain(|name| next.state().environments.contains_key(name));
        self.roster = next;
        Ok(())
    }

    /// The environments on which the last change of `next` took a right, changed a writer's key or set rights.
    fn affected_by(&self, next: &Roster) -> Vec<EnvironmentName> {
        let before = &self.roster.state().environments;
        let changed = |(name, environment): (&EnvironmentName, &crate::roster::Environment)| {
            let old = before.get(name)?;
            let affected = old.threshold() != environment.threshold() || old.grants != environment.grants;
            affected.then(|| name.clone())
        };
        next.state().environments.iter().filter_map(changed).collect()
    }

    fn pending(&self, next: &Roster, affected: &[EnvironmentName]) -> Result<Vec<(EnvironmentName, Hash)>> {
        let left = |name: &&EnvironmentName| {
            let environment = next.state().environments.get(*name);
            environment.is_some_and(|of| of.threshold() == next.head().version && !of.writes(self.user()))
        };
        let mut pending = Vec::new();
        for name in affected.iter().filter(left) {
            let Some(Verified { seen, .. }) = self.verified.get(name) else { continue };
            self.session.vault.check_may_stay(self.session.vault.block(name)?, seen)?;
            pending.push((name.clone(), seen.hash));
        }
        Ok(pending)
    }

    fn load(&mut self, name: &EnvironmentName) -> Result<&mut Content> {
        if !self.contents.contains_key(name) {
            self.session.check_right_in(&self.roster, name, Right::Read)?;
            let content = self.read_or_fall_back(name)?;
            self.contents.insert(name.clone(), content);
        }
        self.contents.get_mut(name).ok_or_else(|| super::missing_block(name))
    }
}
