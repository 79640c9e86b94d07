//! The state that the roster's changes produce.

mod budget;
mod issued;
mod orphan;
mod rules;

pub use budget::{
    LAST_BY_MEMBERS, LAST_THAT_GIVES, MAX_BY_MEMBER, MAX_ENVIRONMENTS_BY_MEMBERS, MAX_PRIVATE, NEARLY_FULL,
};
pub use orphan::Taking;
pub(super) use rules::broken;

use super::Issue;
use super::change::{Protection, Right, Role};
use crate::error::{Error, Reason, Remedy, Result};
use crate::identity::PublicKeys;
use crate::name::{EnvironmentName, UserName};
use crate::signature::Hash;
use crate::time::Time;
use std::collections::{BTreeMap, HashSet};

/// The maximum number of users in a vault.
pub const MAX_USERS: usize = 1_000;
/// The maximum number of environments in a vault.
pub const MAX_ENVIRONMENTS: usize = 64;

/// A user, after some number of changes.
#[derive(Debug, Clone)]
pub struct User {
    /// Admin or member.
    pub role: Role,
    /// The e-mail address, if one was given.
    pub email: Option<String>,
    /// The current public keys.
    pub keys: PublicKeys,
    /// Who added the user. The first user added themselves.
    pub added_by: UserName,
    /// The [`User::id`] of whoever added the user.
    pub adder: Hash,
    /// When the user was added.
    pub added: Time,
    /// When the user's role, rights or keys last changed.
    pub updated: Time,
    /// Who made the user's current keys, if somebody else did.
    pub issue: Option<Issue>,
    /// The version of the change that added the current keys.
    pub keys_since: u32,
    /// The hash of the change that added the user. It distinguishes the user from a later one of the same name.
    pub id: Hash,
}

/// An environment, after some number of changes.
#[derive(Debug, Clone)]
pub struct Environment {
    /// The right of each user who has one.
    pub grants: BTreeMap<UserName, Right>,
    /// The version of the change that added it.
    pub added: u32,
    /// When it was added.
    pub added_at: Time,
    /// Whether commands ask before they read or change its values.
    pub protected: Protection,
    /// The versions, oldest first, of the changes that added the environment, took a right on it from somebody, or
    /// replaced a writer's keys.
    pub thresholds: Vec<u32>,
}

impl Environment {
    /// Whether `user` may read the environment.
    #[must_use]
    pub fn reads(&self, user: &UserName) -> bool {
        self.grants.contains_key(user)
    }

    /// Whether `user` may write the environment.
    #[must_use]
    pub fn writes(&self, user: &UserName) -> bool {
        self.grants.get(user) == Some(&Right::Write)
    }

    /// Returns the users who may write the environment.
    pub fn writers(&self) -> impl Iterator<Item = &UserName> {
        self.grants.keys().filter(|user| self.writes(user))
    }

    /// Returns whether anybody may write the environment, so that a save of it can come.
    #[must_use]
    pub(crate) fn has_writer(&self) -> bool {
        self.writers().next().is_some()
    }

    /// Returns t(E), the last threshold. A block is valid only if its author had seen that change.
    #[must_use]
    pub(crate) fn threshold(&self) -> u32 {
        self.thresholds.last().copied().unwrap_or_default()
    }

    /// Whether commands ask before they read or change its values.
    #[must_use]
    pub(crate) fn is_protected(&self) -> bool {
        self.protected == Protection::Yes
    }

    fn is_private_to(&self, user: &UserName) -> bool {
        self.grants.len() == 1 && self.writes(user)
    }
}

/// Users and environments, after some number of changes.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// All users, by name.
    pub users: BTreeMap<UserName, User>,
    /// All environments, by name.
    pub environments: BTreeMap<EnvironmentName, Environment>,
    /// Every recipient and verifying key that the chain ever added. None may be added again.
    keys: HashSet<[u8; 32]>,
    /// How many changes each member has made since the last one by an admin.
    by_members: BTreeMap<UserName, u32>,
}

impl State {
    /// Returns the user `name`.
    ///
    /// # Errors
    /// A not-found error.
    pub fn user(&self, name: &UserName) -> Result<&User> {
        self.users.get(name).ok_or_else(|| no_user(name))
    }

    /// Returns the environment `name`.
    ///
    /// # Errors
    /// A not-found error that lists the existing environments.
    pub fn environment(&self, name: &EnvironmentName) -> Result<&Environment> {
        self.environments.get(name).ok_or_else(|| {
            let known: Vec<_> = self.environments.keys().map(EnvironmentName::as_str).collect();
            Error::new(Reason::NoEnvironment, format!("there is no environment \"{name}\""))
                .hint(format!("the environments are: {}", known.join(", ")))
        })
    }

    /// Returns the names of all admins.
    pub fn admins(&self) -> impl Iterator<Item = &UserName> {
        self.users.iter().filter(|(_, user)| user.role == Role::Admin).map(|(name, _)| name)
    }

    /// Returns the admins who can grant rights on an environment. A grant re-encrypts the environment, so they must be
    /// able to write it.
    pub(crate) fn givers<'a>(&'a self, environment: &'a Environment) -> impl Iterator<Item = &'a UserName> {
        self.admins().filter(|admin| environment.writes(admin))
    }

    /// Checks that `name` may change the roster.
    ///
    /// # Errors
    /// A denied error that names the admins.
    pub(crate) fn check_admin(&self, name: &UserName) -> Result<()> {
        if self.users.get(name).is_some_and(|user| user.role == Role::Admin) {
            return Ok(());
        }
        Err(no_admin(name, &self.admins().collect::<Vec<_>>()))
    }

    /// Checks that `name` is an admin. The error suggests only admins who can write all these environments.
    ///
    /// # Errors
    /// A denied error that says who can grant rights on the environments.
    pub(crate) fn check_grants<'a>(
        &self,
        name: &UserName,
        environments: impl Iterator<Item = &'a EnvironmentName>,
    ) -> Result<()> {
        if self.check_admin(name).is_ok() {
            return Ok(());
        }
        let mut can: Vec<_> = self.admins().collect();
        for environment in environments {
            can.retain(|admin| self.environments.get(environment).is_none_or(|environment| environment.writes(admin)));
            if can.is_empty() {
                return Err(no_admin(name, &[]).hint(format!("nobody can: no admin writes {environment}")));
            }
        }
        Err(no_admin(name, &can))
    }
}

fn no_admin(name: &UserName, admins: &[&UserName]) -> Error {
    let admins: Vec<_> = admins.iter().map(|admin| admin.as_str()).collect();
    Error::new(
        Reason::NotAdmin,
        format!("\"{name}\" is not an admin and may not change users, rights or shared environments"),
    )
    .hint(format!("ask an admin: {}", admins.join(", ")))
}

/// The error for a new user whose name somebody has.
pub(crate) fn user_exists(user: &UserName) -> Error {
    Error::new(Reason::Exists, format!("user \"{user}\" already exists"))
}

fn no_user(name: &UserName) -> Error {
    Error::new(Reason::NoUser, format!("there is no user \"{name}\"")).hint((Remedy::ListUsers, " shows all users"))
}
