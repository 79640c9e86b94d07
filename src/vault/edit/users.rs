//! Adds, changes and removes users with their keys and rights, and marks the values that must be replaced after
//! somebody lost a right.

use super::{Edit, KeyEdit};
use crate::error::{Error, Reason, Remedy, Result};
use crate::identity::{Identity, Key, PrivateKeys};
use crate::name::{EnvironmentName, ItemName, UserName};
use crate::roster::{Change, NewKeys, Right, Role, Taking};
use crate::vault::seal::{Keyring, slots};

/// A user to be added. Outside the library, only the action that adds users makes one, so it decides what a new user
/// starts with.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The user's name.
    pub(crate) name: UserName,
    /// The e-mail address, if given; it is public in the file.
    pub(crate) email: Option<String>,
    /// Member or admin.
    pub(crate) role: Role,
    /// The user's rights, each environment once.
    pub(crate) grants: Vec<(EnvironmentName, Right)>,
}

impl NewUser {
    /// Returns the user's name.
    #[must_use]
    pub fn name(&self) -> &UserName {
        &self.name
    }
}

/// What a user could read in an environment until a right on it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The environment.
    pub environment: EnvironmentName,
    /// The items that are now marked for replacement; `None` if the author can't write the environment. Then the next
    /// save by a writer marks them.
    pub marked: Option<Vec<ItemName>>,
    /// The users who still write the environment.
    pub writers: Vec<UserName>,
}

/// The users who were removed along with a user, and others who are affected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// All removed users, in the order of removal, for the log. The user named in the command is the last.
    pub all: Vec<UserName>,
    /// Users who were removed as well, because the named user may still have their keys.
    pub too: Vec<UserName>,
    /// Other users whom the named user had added.
    pub added: Vec<UserName>,
    /// What the removed users could read.
    pub lost: Vec<Lost>,
}

impl Edit<'_> {
    /// Lets this change leave these environments without a reader or writer.
    pub(crate) fn may_orphan(&mut self, environments: &[EnvironmentName]) {
        self.orphaned = environments.to_vec();
    }
}

impl KeyEdit<'_, '_> {
    /// Adds a user with new keys, which this key opens. Nobody else has the key, and it can be shown once.
    ///
    /// # Errors
    /// Why the change is not allowed.
    pub(crate) fn add_user(&mut self, new: NewUser, key: &Key) -> Result<()> {
        let keys = PrivateKeys::generate()?;
        let public = self.roster.sign_new_keys(&new.name, &keys)?;
        let user = new.name.clone();
        self.append_user(new, public)?;
        let identity = Identity { vault: self.roster.id(), user, keys, roster: self.roster.head() };
        self.slots.extend(slots(&identity, &Keyring { passphrase: None, key })?);
        Ok(())
    }

    /// Adds a user with keys of which only the public halves are known here: see [`crate::vault::KeyRequest`].
    ///
    /// # Errors
    /// Why the change is not allowed; an integrity error if the keys were not signed with themselves for this user and
    /// this vault.
    pub(crate) fn add_user_with_keys(&mut self, new: NewUser, keys: NewKeys) -> Result<()> {
        self.roster.check_keys(&new.name, &keys)?;
        self.append_user(new, keys)
    }

    fn append_user(&mut self, new: NewUser, keys: NewKeys) -> Result<()> {
        let NewUser { name, email, role, grants } = new;
        self.change_roster(Change::AddUser { user: name, email, role, grants, keys: keys.into() })
    }

    /// Removes a user and, unless they are to be kept, the users whose keys the removed user made and may still have.
    /// The environments that they could read are encrypted again without them, and the values are marked for
    /// replacement.
    ///
    /// # Errors
    /// Why the change is not allowed; a usage error if nobody could read or write an environment afterwards.
    pub(crate) fn remove_user(&mut self, name: &UserName, keep_issued: bool) -> Result<Removed> {
        self.check_admin()?;
        let state = self.roster.state();
        state.user(name)?;
        if name == self.user() {
            return Err(Error::new(Reason::Denied, "you can't remove yourself").hint("ask another admin to do it"));
        }
        let issued = state.issued_by(name);
        let added = state.added_by(name).filter(|user| !issued.contains(user)).cloned().collect();
        let too = if keep_issued { Vec::new() } else { issued };
        if too.contains(self.user()) {
            return Err(Error::denied(format!(
                "{name} made the keys that you use, so removing {name} would remove you, too"
            ))
            .hint(("replace your keys first: ", Remedy::Join(None), ", or ", Remedy::ChangePassphrase)));
        }
        // The others are removed first, after one check that covers all of them, so that none is left behind if one
        // can't be removed. The author is not among them, and keeps all rights.
        let all: Vec<UserName> = too.iter().chain([name]).cloned().collect();
        let environments: Vec<EnvironmentName> = state.environments.keys().cloned().collect();
        let taking = Taking { users: &all, environments: &environments, left: None, by: self.user() };
        state.check_orphans(&taking, &self.orphaned)?;
        let mut lost: Vec<Lost> = Vec::new();
        for user in &all {
            for new in self.remove_one(user)? {
                match lost.iter_mut().find(|lost| lost.environment == new.environment) {
                    Some(known) => *known = new,
                    None => lost.push(new),
                }
            }
        }
        Ok(Removed { all, too, added, lost })
    }

    fn remove_one(&mut self, name: &UserName) -> Result<Vec<Lost>> {
        let environments = &self.roster.state().environments;
        let readable = environments.iter().filter(|(_, environment)| environment.reads(name));
        let seen: Vec<_> = readable.map(|(environment, _)| environment.clone()).collect();
        let lost = self.mark_lost(name, &seen)?;
        self.change_roster(Change::RemoveUser { user: name.clone() })?;
        self.slots.retain(|slot| slot.user != *name);
        Ok(lost)
    }

    /// Sets rights of a user, and encrypts the environments again.
    ///
    /// # Errors
    /// Why the change is not allowed; a usage error if nobody could write an environment afterwards.
    pub(crate) fn grant(&mut self, name: &UserName, grants: Vec<(EnvironmentName, Right)>) -> Result<()> {
        let lowered = grants.iter().filter(|(_, right)| *right < Right::Write);
        let lowered: Vec<EnvironmentName> = lowered.map(|(environment, _)| environment.clone()).collect();
        self.check_orphans(name, &lowered, Some(Right::Read))?;
        self.change_roster(Change::Grant { user: name.clone(), grants })
    }

    /// Takes all rights on these environments from a user. The environments are encrypted again without the user, and
    /// the values that the user could read are marked for replacement.
    ///
    /// # Errors
    /// Why the change is not allowed; a usage error if nobody could write an environment afterwards.
    pub(crate) fn revoke(&mut self, name: &UserName, environments: &[EnvironmentName]) -> Result<Vec<Lost>> {
        self.check_admin()?;
        let state = self.roster.state();
        state.user(name)?;
        for environment in environments {
            if !state.environment(environment)?.reads(name) {
                return Err(Error::not_found(format!("\"{name}\" has no right on {environment}")));
            }
        }
        self.check_orphans(name, environments, None)?;
        let lost = self.mark_lost(name, environments)?;
        self.change_roster(Change::Revoke { user: name.clone(), environments: environments.to_vec() })?;
        Ok(lost)
    }
}

impl Edit<'_> {
    fn check_orphans(&self, name: &UserName, environments: &[EnvironmentName], left: Option<Right>) -> Result<()> {
        let taking = Taking { users: std::slice::from_ref(name), environments, left, by: self.user() };
        self.roster.state().check_orphans(&taking, &self.orphaned)
    }

    /// Marks the values that `name` can read and the author can write. This comes before the change, which may take the
    /// right from the author, too.
    fn mark_lost(&mut self, name: &UserName, environments: &[EnvironmentName]) -> Result<Vec<Lost>> {
        let mut lost = Vec::new();
        for environment in environments {
            let state = self.roster.state().environment(environment)?;
            let writers: Vec<UserName> =
                state.grants.keys().filter(|user| state.writes(user) && *user != name).cloned().collect();
            let marked = if writers.contains(self.user()) {
                let now = self.now;
                Some(self.touch(environment)?.mark_all_due(now))
            } else {
                None
            };
            lost.push(Lost { environment: environment.clone(), marked, writers });
        }
        Ok(lost)
    }

    /// Called before anything is read, so that nothing is read for a change that is refused.
    fn check_admin(&self) -> Result<()> {
        self.roster.state().check_admin(self.user())
    }
}
