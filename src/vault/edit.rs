//! Changing a vault: roster changes and environments, saved in one atomic replace.

mod fallback;
mod users;

pub(super) use fallback::error_of;
pub use users::{Lost, NewUser, Removed};

use super::block::{self, Standing};
use super::seal::{Keyring, replace, sign, slots};
use super::{Access, Session, Vault, Verified};
use crate::error::{Error, Result};
use crate::file::{Block, BlockStatement, File, MAX_FILE, Slot};
use crate::fs::{self, Lock};
use crate::identity::{Identity, PrivateKeys, encrypt_to};
use crate::item::{Anchor, Content, Place};
use crate::log::Entry;
use crate::name::{EnvironmentName, UserName};
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
    contents: BTreeMap<EnvironmentName, Content>,
    touched: BTreeSet<EnvironmentName>,
    slots: Vec<Slot>,
    entries: Vec<Entry>,
    /// The environments that this change may leave without a reader or writer.
    orphaned: Vec<EnvironmentName>,
    /// What environments are to hold that can't be read or kept.
    fallbacks: BTreeMap<EnvironmentName, Content>,
    /// Which of these were needed, and why.
    replaced: Vec<String>,
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
    pub replaced: Vec<String>,
}

impl<'a> Edit<'a> {
    pub(super) fn begin(session: &'a Session) -> Result<Self> {
        let verified = session.vault.verify_all(Access::Write)?;
        // What somebody planted under other names would be carried on for ever.
        let slots = session.vault.slots().cloned().collect();
        Ok(Self {
            session,
            roster: session.vault.roster.clone(),
            new_keys: None,
            verified,
            contents: BTreeMap::new(),
            touched: BTreeSet::new(),
            slots,
            entries: Vec::new(),
            orphaned: Vec::new(),
            fallbacks: BTreeMap::new(),
            replaced: Vec::new(),
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

    /// An environment as changed so far.
    ///
    /// # Errors
    /// A denied error without the right to read it.
    pub fn content(&mut self, name: &EnvironmentName) -> Result<&Content> {
        self.load(name).map(|content| &*content)
    }

    /// An environment to be changed.
    ///
    /// # Errors
    /// A denied error without the right to write it.
    pub fn content_mut(&mut self, name: &EnvironmentName) -> Result<&mut Content> {
        self.session.check_right_in(&self.roster, name, Right::Write)?;
        self.touched.insert(name.clone());
        self.load(name)
    }

    /// Changes the roster. What the change takes rights on is re-encrypted and signed anew with it; blocks this user
    /// can't write are left pending, by their hash.
    ///
    /// # Errors
    /// Why the change is not allowed.
    pub fn change_roster(&mut self, change: Change) -> Result<()> {
        let keys = self.private_keys()?.clone();
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

    /// Logs, encrypts, signs and replaces the file.
    pub(super) fn save(mut self, lock: &Lock) -> Result<Saved> {
        let changed = !self.touched.is_empty() || self.roster.head() != self.session.vault.roster.head();
        if !changed {
            if !self.entries.is_empty() {
                self.session.log(self.entries)?;
            }
            return Ok(Saved::default());
        }
        let (device, anchor) = self.log_and_anchor()?;
        // The anchor is never later than the block that carries it.
        self.now = self.now.max(anchor.time);
        let mut text = self.text()?;
        if text.len() > MAX_FILE && self.shed(&device, anchor)? {
            text = self.text()?;
        }
        if text.len() > MAX_FILE {
            return Err(self.too_large());
        }
        let vault = &self.session.vault;
        replace(lock, &vault.path, text.as_bytes(), Some(vault.stamp))?;
        let saved = read_back(vault, text.as_bytes()).map_err(Error::after_the_change)?;
        Ok(Saved { vault: Some(saved), new_keys: self.new_keys, replaced: self.replaced })
    }

    fn text(&self) -> Result<String> {
        let blocks = self.blocks()?;
        Ok(File { roster: self.roster.statements().to_vec(), slots: self.slots.clone(), blocks }.to_text())
    }

    /// The entry is in the log before the file changes, and the file then carries its place.
    fn log_and_anchor(&mut self) -> Result<(String, Anchor)> {
        let entries = std::mem::take(&mut self.entries);
        if entries.is_empty() {
            return Err(Error::failed("a change without a log entry"));
        }
        let (device, anchor) = self.session.log_change(entries)?;
        let touched: Vec<_> = self.touched.iter().cloned().collect();
        for name in touched {
            self.load(&name)?.anchor(&device, anchor);
        }
        Ok((device, anchor))
    }

    fn blocks(&self) -> Result<Vec<Block>> {
        let kept = |name| self.session.vault.block(name).cloned();
        let block = |name| if self.touched.contains(name) { self.seal(name) } else { kept(name) };
        let blocks: Vec<Block> = self.roster.state().environments.keys().map(block).collect::<Result<_>>()?;
        // What can't stand must not be written: it would lock everybody out.
        for block in &blocks {
            let (_, standing) = block::verify(&self.roster, block)?;
            debug_assert!(standing == Standing::Valid || !self.touched.contains(&block.statement.name));
        }
        Ok(blocks)
    }

    fn seal(&self, name: &EnvironmentName) -> Result<Block> {
        let content = self.contents.get(name).ok_or_else(|| super::missing_block(name))?;
        let state = self.roster.state();
        let environment = state.environment(name)?;
        // A block that was there when the environment was removed and added again is not what the new one follows.
        let before = self.verified.get(name).filter(|verified| verified.seen.added == environment.added);
        let version =
            before.map_or(Some(0), |verified| Some(verified.seen.version)).and_then(|v: u32| v.checked_add(1));
        let version = version.ok_or_else(|| Error::failed(format!("environment {name} has no version left")))?;
        let readers = environment.grants.keys().filter_map(|user| Some(&state.users.get(user)?.keys.recipient));
        let plaintext = content.to_json(&Place { vault: &self.roster.id(), environment: name, version });
        let data = encrypt_to(readers, &plaintext)?;
        let statement = BlockStatement {
            name: name.clone(),
            version,
            previous: before.map(|verified| verified.seen.hash).into_iter().collect(),
            roster: self.roster.head(),
            author: self.user().clone(),
            time: self.now,
        };
        match &self.new_keys {
            Some(keys) => sign(statement, data, &self.roster.id(), keys),
            None => self.session.keys.sign(statement, data, &self.roster.id()),
        }
    }
}

/// Marks are raised only from a file that was read back after its rename.
fn read_back(before: &Vault, written: &[u8]) -> Result<Vault> {
    let (bytes, stamp) = fs::read(&before.path, MAX_FILE)?;
    if bytes != written {
        return Err(Error::integrity("the file is not what was just written")
            .hint("another program writes to it, or the disk fails: look at it with vault verify"));
    }
    let mut vault = before.renewed(&before.path, bytes, stamp)?;
    let seen = vault.seen_blocks()?;
    vault.note_seen(&seen)?;
    vault.marks = vault.marks_store().load()?;
    Ok(vault)
}
