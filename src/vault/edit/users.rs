//! Users come, change and go: their keys and rights, and what has to be replaced after somebody lost a right.

use super::Edit;
use crate::error::{Error, Result};
use crate::identity::{Identity, Key, PrivateKeys};
use crate::name::{EnvironmentName, ItemName, UserName};
use crate::roster::{Change, NewKeys, Right, Role};
use crate::vault::seal::{Keyring, slots};

/// A user who is to be added.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The name.
    pub name: UserName,
    /// The e-mail address, where given; the file shows it.
    pub email: Option<String>,
    /// Member or admin.
    pub role: Role,
    /// The rights.
    pub grants: Vec<(EnvironmentName, Right)>,
}

/// What somebody could read of an environment until a right on it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The environment.
    pub environment: EnvironmentName,
    /// What is marked as to be replaced now; `None` where the author can't write the environment, so that the next save
    /// by somebody who writes it marks them.
    pub marked: Option<Vec<ItemName>>,
    /// Who still writes the environment.
    pub writers: Vec<UserName>,
}

impl Edit<'_> {
    /// Adds a user with new keys, which this key opens: nobody else has it, and it can be shown once.
    ///
    /// # Errors
    /// Why the change is not allowed.
    pub fn add_user(&mut self, new: NewUser, key: &Key) -> Result<()> {
        let keys = PrivateKeys::generate()?;
        let public = self.roster.sign_new_keys(&new.name, &keys)?;
        let user = new.name.clone();
        self.append_user(new, public)?;
        let identity = Identity { vault: self.roster.id(), user, keys, roster: self.roster.head() };
        self.slots.extend(slots(&identity, &Keyring { passphrase: None, keys: vec![key] })?);
        Ok(())
    }

    /// Adds a user with keys of which only the public halves are known here: see [`crate::vault::KeyRequest`].
    ///
    /// # Errors
    /// Why the change is not allowed; an integrity error if the keys did not sign for themselves, as the next change of
    /// this roster.
    pub fn add_user_with_keys(&mut self, new: NewUser, keys: NewKeys) -> Result<()> {
        self.roster.check_next_keys(&new.name, &keys)?;
        self.append_user(new, keys)
    }

    fn append_user(&mut self, new: NewUser, keys: NewKeys) -> Result<()> {
        let NewUser { name, email, role, grants } = new;
        self.change_roster(Change::AddUser { user: name, email, role, grants, keys: keys.into() })
    }

    /// Removes a user. What the user could read is encrypted without them and marked as to be replaced.
    ///
    /// # Errors
    /// Why the change is not allowed.
    pub fn remove_user(&mut self, name: &UserName) -> Result<Vec<Lost>> {
        if name == self.user() {
            return Err(Error::denied("you can't remove yourself").hint("ask another admin to do it"));
        }
        self.check_admin()?;
        self.roster.state().user(name)?;
        let environments = &self.roster.state().environments;
        let seen: Vec<_> = environments.iter().filter(|(_, of)| of.reads(name)).map(|(of, _)| of.clone()).collect();
        let lost = self.mark_lost(name, &seen)?;
        self.change_roster(Change::RemoveUser { user: name.clone() })?;
        self.slots.retain(|slot| slot.user != *name);
        Ok(lost)
    }

    /// Sets rights of a user; the environments are encrypted anew with that.
    ///
    /// # Errors
    /// Why the change is not allowed; a usage error if nobody could write an environment afterwards.
    pub fn grant(&mut self, name: &UserName, grants: Vec<(EnvironmentName, Right)>) -> Result<()> {
        for (environment, _) in grants.iter().filter(|(_, right)| *right < Right::Write) {
            self.check_other_writer(name, environment)?;
        }
        self.change_roster(Change::Grant { user: name.clone(), grants })
    }

    /// Takes all rights on these environments from a user; what they could read is encrypted without them and marked as
    /// to be replaced.
    ///
    /// # Errors
    /// Why the change is not allowed; a usage error if nobody could write an environment afterwards.
    pub fn revoke(&mut self, name: &UserName, environments: &[EnvironmentName]) -> Result<Vec<Lost>> {
        self.check_admin()?;
        let state = self.roster.state();
        state.user(name)?;
        for environment in environments {
            if !state.environment(environment)?.reads(name) {
                return Err(Error::not_found(format!("\"{name}\" has no right on {environment}")));
            }
            self.check_other_writer(name, environment)?;
        }
        let lost = self.mark_lost(name, environments)?;
        self.change_roster(Change::Revoke { user: name.clone(), environments: environments.to_vec() })?;
        Ok(lost)
    }

    /// An environment that nobody writes could never be changed again, and no right on it given.
    fn check_other_writer(&self, name: &UserName, environment: &EnvironmentName) -> Result<()> {
        let of = self.roster.state().environment(environment)?;
        if of.writes(name) && of.grants.keys().all(|user| user == name || !of.writes(user)) {
            return Err(Error::usage(format!("nobody else writes {environment}: it could never be changed again"))
                .hint(format!("let somebody else write it first, or remove it: vault env rm {environment}")));
        }
        Ok(())
    }

    /// Marks what `name` can read and the author writes; before the change, because the author may lose the right, too.
    fn mark_lost(&mut self, name: &UserName, environments: &[EnvironmentName]) -> Result<Vec<Lost>> {
        let mut lost = Vec::new();
        for environment in environments {
            let of = self.roster.state().environment(environment)?;
            let writers: Vec<UserName> =
                of.grants.keys().filter(|user| of.writes(user) && *user != name).cloned().collect();
            let marked = if writers.contains(self.user()) {
                let now = self.now;
                Some(self.content_mut(environment)?.mark_all_due(now))
            } else {
                None
            };
            lost.push(Lost { environment: environment.clone(), marked, writers });
        }
        Ok(lost)
    }

    /// Before anything is read for a change that will not be allowed.
    fn check_admin(&self) -> Result<()> {
        self.roster.state().check_admin(self.user())
    }
}
