//! The rules that each change must keep.

use super::{Environment, MAX_ENVIRONMENTS, MAX_USERS, State, User, no_user, user_exists};
use crate::error::{Error, Reason, Remedy, Result};
use crate::identity::PublicKeys;
use crate::name::{EnvironmentName, UserName};
use crate::ordered::Ordered as _;
use crate::roster::{Change, Draft, Issue, NewKeys, Protection, Right, Role, check_email};
use crate::signature::Hash;
use crate::time::Time;
use std::collections::{BTreeMap, HashSet};

impl State {
    /// Applies one change. The caller verifies the signature.
    ///
    /// # Errors
    /// An integrity, denied or usage error that names the rule that the change breaks.
    pub(in crate::roster) fn apply(&mut self, version: u32, hash: &Hash, draft: &Draft) -> Result<()> {
        let Draft { author, time: _, change, pending } = draft;
        self.check_author(version, author, change)?;
        self.spend(version, author, change)?;
        let by_admin = self.users.get(author).is_some_and(|user| user.role == Role::Admin);
        self.make(version, hash, draft)?;
        if pending.is_empty() { Ok(()) } else { self.check_pending(by_admin, author, pending) }
    }

    /// Applies one change without checking the author's role or the limits.
    ///
    /// # Errors
    /// As [`State::apply`].
    pub(in crate::roster) fn make(&mut self, version: u32, hash: &Hash, draft: &Draft) -> Result<()> {
        let (author, time) = (&draft.author, draft.happened());
        match &draft.change {
            Change::Create { random: _, email, keys } => {
                let added = Added { version, by: author, time, id: *hash };
                self.add_user(author, &added, (email.as_deref(), Role::Admin), keys)?;
            }
            Change::AddUser { user, email, role, grants, keys } => {
                let added = Added { version, by: author, time, id: *hash };
                self.add_user(user, &added, (email.as_deref(), *role), keys)?;
                self.grant(version, author, user, grants)?;
            }
            Change::RemoveUser { user } => self.remove_user(version, user)?,
            Change::SetRole { user, role } => self.set_role(user, *role, time)?,
            Change::ReplaceKeys { keys } => self.replace_keys(version, author, keys, time)?,
            Change::AddEnvironment { environment, grants } => {
                self.add_environment(version, environment, grants, time)?;
            }
            Change::RemoveEnvironment { environment } => self.remove_environment(environment)?,
            Change::Grant { user, grants } => {
                self.touch(user, time)?;
                self.grant(version, author, user, grants)?;
            }
            Change::Revoke { user, environments } => {
                self.touch(user, time)?;
                self.revoke(version, user, environments)?;
            }
            Change::SetEnvironment { environment, protected } => self.set_environment(environment, *protected)?,
        }
        Ok(())
    }

    fn check_author(&self, version: u32, author: &UserName, change: &Change) -> Result<()> {
        if let Change::Create { .. } = change {
            return if version == 1 { Ok(()) } else { Err(broken("creates the vault a second time")) };
        }
        let Some(user) = self.users.get(author) else {
            return Err(broken("was made by somebody who is not a user"));
        };
        if self.is_own(author, change) || user.role == Role::Admin { Ok(()) } else { self.check_admin(author) }
    }

    /// Whether a change affects only what its author owns, so that a member may make it.
    pub(in crate::roster) fn is_own(&self, author: &UserName, change: &Change) -> bool {
        match change {
            Change::ReplaceKeys { .. } => true,
            Change::AddEnvironment { grants, .. } => matches!(&grants[..], [(only, Right::Write)] if only == author),
            Change::RemoveEnvironment { environment } => {
                self.environments.get(environment).is_some_and(|environment| environment.is_private_to(author))
            }
            Change::Create { .. }
            | Change::AddUser { .. }
            | Change::RemoveUser { .. }
            | Change::SetRole { .. }
            | Change::Grant { .. }
            | Change::Revoke { .. }
            | Change::SetEnvironment { .. } => false,
        }
    }

    /// Checks the pending blocks. Only admins may leave blocks pending, and only of environments that they can't write.
    fn check_pending(&self, by_admin: bool, author: &UserName, pending: &[(EnvironmentName, Hash)]) -> Result<()> {
        let foreign = |name| self.environments.get(name).is_some_and(|environment| !environment.writes(author));
        let sorted = pending.windows(2).all(|pair| pair[0].0 < pair[1].0);
        if by_admin && sorted && pending.iter().all(|(name, _)| foreign(name)) {
            return Ok(());
        }
        Err(broken("leaves blocks pending that its author may not leave pending"))
    }

    fn add_user(
        &mut self,
        user: &UserName,
        added: &Added<'_>,
        (email, role): (Option<&str>, Role),
        keys: &NewKeys,
    ) -> Result<()> {
        if self.users.contains_key(user) {
            return Err(user_exists(user).hint(("choose another name; ", Remedy::ListUsers, " shows all users")));
        }
        if self.users.len() == MAX_USERS {
            return Err(Error::usage(format!("a vault has at most {MAX_USERS} users")));
        }
        email.map_or(Ok(()), check_email)?;
        self.take_keys(&keys.keys)?;
        let Added { version, by, time, id } = *added;
        let new = User {
            role,
            email: email.map(str::to_owned),
            keys: keys.keys.clone(),
            added_by: by.clone(),
            adder: self.users.get(by).map_or(id, |adder| adder.id),
            added: time,
            updated: time,
            issue: self.users.get(by).map(|maker| Issue::new(by, maker.id, maker.issue.as_ref())),
            keys_since: version,
            id,
        };
        self.users.insert(user.clone(), new);
        Ok(())
    }

    fn remove_user(&mut self, version: u32, user: &UserName) -> Result<()> {
        let removed = self.users.remove(user).ok_or_else(|| no_user(user))?;
        if removed.role == Role::Admin && self.admins().next().is_none() {
            return Err(last_admin(user));
        }
        for environment in self.environments.values_mut() {
            if environment.grants.remove(user).is_some() {
                environment.thresholds.push(version);
            }
        }
        Ok(())
    }

    fn set_role(&mut self, user: &UserName, role: Role, time: Time) -> Result<()> {
        self.touch(user, time)?;
        if role == Role::Member && self.admins().all(|admin| admin == user) {
            return Err(last_admin(user));
        }
        if let Some(user) = self.users.get_mut(user) {
            user.role = role;
        }
        Ok(())
    }

    fn replace_keys(&mut self, version: u32, author: &UserName, keys: &NewKeys, time: Time) -> Result<()> {
        self.take_keys(&keys.keys)?;
        self.touch(author, time)?;
        if let Some(user) = self.users.get_mut(author) {
            user.keys = keys.keys.clone();
            user.issue = None;
            user.keys_since = version;
        }
        for environment in self.environments.values_mut().filter(|environment| environment.writes(author)) {
            environment.thresholds.push(version);
        }
        Ok(())
    }

    fn add_environment(
        &mut self,
        version: u32,
        name: &EnvironmentName,
        grants: &[(UserName, Right)],
        time: Time,
    ) -> Result<()> {
        if self.environments.contains_key(name) {
            return Err(Error::new(Reason::Exists, format!("environment \"{name}\" already exists"))
                .hint(("choose another name; what is in it: ", Remedy::List(name.to_string()))));
        }
        if self.environments.len() == MAX_ENVIRONMENTS {
            return Err(Error::usage(format!("a vault has at most {MAX_ENVIRONMENTS} environments")));
        }
        for (user, _) in grants {
            self.user(user)?;
        }
        let map: BTreeMap<_, _> = grants.iter().cloned().ordered();
        if map.len() != grants.len() || map.is_empty() {
            return Err(broken("lists a right twice or none at all"));
        }
        let (protected, thresholds) = (Protection::No, vec![version]);
        let environment = Environment { grants: map, added: version, added_at: time, protected, thresholds };
        self.environments.insert(name.clone(), environment);
        Ok(())
    }

    fn set_environment(&mut self, name: &EnvironmentName, protected: Protection) -> Result<()> {
        self.environment(name)?;
        if let Some(environment) = self.environments.get_mut(name) {
            environment.protected = protected;
        }
        Ok(())
    }

    fn remove_environment(&mut self, name: &EnvironmentName) -> Result<()> {
        self.check_not_last(name)?;
        self.environments.remove(name);
        Ok(())
    }

    fn check_not_last(&self, name: &EnvironmentName) -> Result<()> {
        self.environment(name)?;
        if self.environments.len() == 1 {
            return Err(Error::usage(format!("\"{name}\" is the last environment, and a vault needs at least one"))
                .hint("add another one first, or delete the file to remove the whole vault"));
        }
        Ok(())
    }

    /// Sets rights. The author must be able to write each environment, because a grant re-encrypts it.
    fn grant(
        &mut self,
        version: u32,
        author: &UserName,
        user: &UserName,
        grants: &[(EnvironmentName, Right)],
    ) -> Result<()> {
        let mut seen = HashSet::new();
        for (name, right) in grants {
            if !self.environment(name)?.writes(author) {
                return Err(Error::new(
                    Reason::NoRight,
                    format!("\"{author}\" can't grant rights on {name} without the right to write it"),
                )
                .hint(self.who_grants(name)?));
            }
            let Some(environment) = self.environments.get_mut(name).filter(|_| seen.insert(name)) else {
                return Err(broken("sets a right twice"));
            };
            if environment.grants.insert(user.clone(), *right) > Some(*right) {
                environment.thresholds.push(version);
            }
        }
        Ok(())
    }

    /// Says who can grant rights on an environment, for a hint.
    fn who_grants(&self, name: &EnvironmentName) -> Result<String> {
        let can: Vec<_> = self.givers(self.environment(name)?).map(UserName::as_str).collect();
        Ok(match &can[..] {
            [] => "nobody can: no admin writes it".to_owned(),
            names => format!("ask {}: an admin who can write {name}", names.join(" or ")),
        })
    }

    fn revoke(&mut self, version: u32, user: &UserName, environments: &[EnvironmentName]) -> Result<()> {
        for name in environments {
            self.environment(name)?;
            let taken = self.environments.get_mut(name).is_some_and(|environment| {
                environment.thresholds.push(version);
                environment.grants.remove(user).is_some()
            });
            if !taken {
                return Err(Error::not_found(format!("\"{user}\" has no right on {name}")));
            }
        }
        Ok(())
    }

    fn touch(&mut self, user: &UserName, time: Time) -> Result<()> {
        self.user(user)?;
        if let Some(user) = self.users.get_mut(user) {
            user.updated = time;
        }
        Ok(())
    }

    fn take_keys(&mut self, keys: &PublicKeys) -> Result<()> {
        let fresh = self.keys.insert(*keys.recipient.as_bytes()) && self.keys.insert(*keys.verifying_key.as_bytes());
        if fresh { Ok(()) } else { Err(broken("names a key that was in use before")) }
    }
}

/// The change that adds a user.
struct Added<'a> {
    version: u32,
    by: &'a UserName,
    time: Time,
    /// The hash of the change.
    id: Hash,
}

/// The error for a change that breaks a rule which `vault` itself never breaks, as the end of a sentence about it.
pub(in crate::roster) fn broken(what: &str) -> Error {
    Error::integrity(format!("it {what}"))
}

fn last_admin(user: &UserName) -> Error {
    Error::new(Reason::LastAdmin, format!("\"{user}\" is the last admin, and a vault needs one"))
        .hint(("make somebody else an admin first: ", Remedy::SetRole))
}
