//! Keeps an encrypted record of each change for `vault undo`. The record is written before the file changes. After a
//! crash in between, the record describes a change that the file does not have, and undo refuses it. An earlier change
//! never counts as the last one.

use super::Edit;
use crate::error::{Error, Result};
use crate::file::Block;
use crate::log::Action;
use crate::marks::Seen;
use crate::name::EnvironmentName;
use crate::roster::Environment;
use crate::signature::Hash;
use crate::undo::{NotKept, Part, Record, is_undoable};
use crate::vault::proven::missing_block;
use crate::vault::sealed_record::SealedRecord;
use crate::vault::{Warning, WarningReason};
use std::collections::BTreeMap;

/// The save of each environment in this change.
pub(super) type Saves = BTreeMap<EnvironmentName, Seen>;

impl Edit<'_> {
    /// Keeps what an environment holds before its items are changed. A new environment holds nothing.
    pub(super) fn keep_before(&mut self, name: &EnvironmentName) -> Result<()> {
        if !self.before.contains_key(name) {
            let content = self.load(name)?.clone();
            self.before.insert(name.clone(), content);
        }
        Ok(())
    }

    /// Keeps what an environment holds before it is removed, if the user can write it. A user who can't write it could
    /// not bring it back either.
    pub(super) fn keep_removed(&mut self, name: &EnvironmentName) {
        let environment = self.session.vault.roster.state().environments.get(name);
        if environment.is_some_and(|environment| environment.writes(self.user())) {
            // An environment that can't be read can be removed nevertheless.
            let _ = self.keep_before(name);
        }
    }

    /// Returns the save of each environment, as the record will have it.
    pub(super) fn saves(&self, blocks: &[(Block, Hash)]) -> Result<Saves> {
        let mut saves = Saves::new();
        for (Block { statement, .. }, hash) in blocks {
            let added = self.roster.state().environment(&statement.name)?.added;
            saves.insert(statement.name.clone(), Seen { added, version: statement.version, hash: *hash });
        }
        Ok(saves)
    }

    /// Removes the record of this change if the file does not have the change.
    pub(super) fn forget(&self, error: &Error) {
        if !error.is_after_the_change() {
            self.session.remove_record(SealedRecord::Undo);
        }
    }

    /// Writes the record of this change. If that fails, the change is saved nevertheless.
    pub(super) fn remember(&mut self, action: Action, saves: &Saves) {
        if let Err(error) = self.write_record(action, saves) {
            self.session.remove_record(SealedRecord::Undo);
            let what = format!("this change can't be undone later: {error}");
            self.replaced.push(Warning::new(WarningReason::NotUndoable, what));
        }
    }

    fn write_record(&self, action: Action, saves: &Saves) -> Result<()> {
        let vault = &self.session.vault;
        let (action, is_undo) = self.undoing.unwrap_or((action, false));
        let done = match self.why_not_kept(action) {
            Some(why) => Err(why),
            None => Ok(self.parts(saves)?),
        };
        let record = Record { action, is_undo, time: self.now, roster: self.roster.head(), done };
        let key = match &self.new_keys {
            Some(keys) => keys.fingerprint_key(),
            None => self.session.keys.fingerprint_key()?,
        };
        let recipient = &self.roster.state().user(self.user())?.keys.recipient;
        let sealed = SealedRecord::Undo.seal(&record.to_bytes(&vault.id()), &key, recipient, &vault.id())?;
        vault.marks_store().put(&SealedRecord::Undo.file(self.user()), sealed.as_bytes())
    }

    /// Returns why this change can't be undone, if so.
    fn why_not_kept(&self, action: Action) -> Option<NotKept> {
        if !is_undoable(action) {
            return Some(NotKept::OtherKind);
        }
        let is_unknown = |(name, _): (&EnvironmentName, _)| !self.before.contains_key(name);
        self.removed().any(is_unknown).then_some(NotKept::NoRight)
    }

    /// Returns the environments that this change removes.
    fn removed(&self) -> impl Iterator<Item = (&EnvironmentName, &Environment)> {
        let (before, after) = (self.session.vault.roster.state(), self.roster.state());
        before.environments.iter().filter(|(name, _)| !after.environments.contains_key(*name))
    }

    fn parts(&self, saves: &Saves) -> Result<Vec<Part>> {
        let before = self.session.vault.roster.state();
        let mut parts = Vec::new();
        for (name, environment) in self.removed() {
            let content = self.before.get(name);
            parts.extend(content.map(|content| Part::removed(name, content, environment, before)));
        }
        for (name, save) in saves {
            let now = || self.contents.get(name).ok_or_else(|| missing_block(name));
            if !before.environments.contains_key(name) {
                parts.push(Part::added(name, now()?, *save));
            } else if let Some(old) = self.before.get(name) {
                parts.extend(Part::changed(name, old, now()?, *save));
            }
        }
        Ok(parts)
    }
}
