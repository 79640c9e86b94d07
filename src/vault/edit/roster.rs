//! Changes of the roster, and what they mean for the environments.

use super::{Edit, KeyEdit};
use crate::error::Result;
use crate::identity::{Identity, PrivateKeys};
use crate::item::Content;
use crate::name::{EnvironmentName, UserName};
use crate::roster::{Change, Draft, Right, Roster};
use crate::signature::Hash;
use crate::vault::seal::{Keyring, slots};
use crate::vault::verified::Verified;

impl KeyEdit<'_, '_> {
    /// Changes the roster. Environments on which the change takes rights are encrypted and signed again. Blocks that
    /// this user can't write are left pending, by their hash.
    ///
    /// # Errors
    /// Why the change is not allowed.
    pub(crate) fn change_roster(&mut self, change: Change) -> Result<()> {
        let keys = self.private_keys().clone();
        if let Change::RemoveEnvironment { environment } = &change {
            self.keep_removed(environment);
        }
        self.append(change, &keys)
    }

    /// Adds an empty environment with these rights.
    ///
    /// # Errors
    /// If an environment of that name exists, or the user may not add one.
    pub(crate) fn add_environment(&mut self, name: &EnvironmentName, grants: Vec<(UserName, Right)>) -> Result<()> {
        self.change_roster(Change::AddEnvironment { environment: name.clone(), grants })?;
        self.contents.insert(name.clone(), Content::default());
        self.verified.remove(name);
        self.touched.insert(name.clone());
        Ok(())
    }

    /// Gives the user new keys. All slots are replaced with those of the keyring, and every environment that this user
    /// writes is encrypted again.
    ///
    /// # Errors
    /// If the operating system provides no randomness or memory.
    pub(crate) fn replace_keys(&mut self, keyring: &Keyring<'_>) -> Result<()> {
        let user = self.user();
        let old = self.private_keys().clone();
        let new = old.renew()?;
        let keys = self.roster.sign_new_keys(user, &new)?;
        // Read these first, with the keys to which they are encrypted.
        let environments = &self.roster.state().environments;
        let written = environments.iter().filter(|(_, environment)| environment.writes(user));
        let written: Vec<_> = written.map(|(name, _)| name.clone()).collect();
        written.iter().try_for_each(|name| self.load(name).map(|_| ()))?;
        self.append(Change::ReplaceKeys { keys: keys.into() }, &old)?;
        self.new_keys = Some(new.clone());
        let identity = Identity { vault: self.roster.id(), user: user.clone(), keys: new, roster: self.roster.head() };
        self.slots.retain(|slot| slot.user != *user);
        self.slots.extend(slots(&identity, keyring)?);
        Ok(())
    }
}

impl Edit<'_> {
    fn append(&mut self, change: Change, keys: &PrivateKeys) -> Result<()> {
        let author = self.user().clone();
        let mut draft = Draft { author, time: self.now, change, pending: Vec::new() };
        let mut next = self.roster.append(draft.clone(), keys)?;
        let affected = self.affected_by(&next);
        draft.pending = self.pending(&next, &affected)?;
        if !draft.pending.is_empty() {
            next = self.roster.append(draft, keys)?;
        }
        // Read these with the rights from before the change, which may take them away.
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

    /// Returns the environments on which the last change of `next` took a right, changed a writer's key or set rights.
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
            environment.is_some_and(|left| left.threshold() == next.head().version && !left.writes(self.user()))
        };
        let mut pending = Vec::new();
        for name in affected.iter().filter(left) {
            let Some(Verified { seen, .. }) = self.verified.get(name) else { continue };
            self.session.vault.check_may_stay(self.session.vault.block(name)?, seen)?;
            pending.push((name.clone(), seen.hash));
        }
        Ok(pending)
    }
}
