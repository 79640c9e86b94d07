//! What the roster's changes add up to.

mod budget;
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

/// The most users a vault has.
pub const MAX_USERS: usize = 1_000;
/// The most environments a vault has.
pub const MAX_ENVIRONMENTS: usize = 64;

/// A user under the current roster.
#[derive(Debug, Clone)]
pub struct User {
    /// Admin or member.
    pub role: Role,
    /// Where given.
    pub email: Option<String>,
    /// The current public keys.
    pub keys: PublicKeys,
    /// Who added the user; themselves for the first.
    pub added_by: UserName,
    /// The [`User::id`] of who added them.
    pub adder: Hash,
    /// When the user was added.
    pub added: Time,
    /// The last change of role, rights or keys.
    pub updated: Time,
    /// Who made the keys now in use, until the user replaces them.
    pub issue: Option<Issue>,
    /// The change that brought in the keys now in use.
    pub keys_since: u32,
    /// The hash of the change that added the user: an identifier that a later user of the same name doesn't share.
    pub id: Hash,
}

/// An environment under the current roster.
#[derive(Debug, Clone)]
pub struct Environment {
    /// The rights on it.
    pub grants: BTreeMap<UserName, Right>,
    /// The version of the change that added it.
    pub added: u32,
    /// When it was added.
    pub added_at: Time,
    /// Whether commands ask before they read or change its values.
    pub protected: Protection,
    /// The changes that added it, took a right on it from anyone, or replaced the keys of somebody who writes it, oldest
    /// first.
    pub thresholds: Vec<u32>,
}

impl Environment {
    /// Whether `user` may read.
    #[must_use]
    pub fn reads(&self, user: &UserName) -> bool {
        self.grants.contains_key(user)
    }

    /// Whether `user` may write.
    #[must_use]
    pub fn writes(&self, user: &UserName) -> bool {
        self.grants.get(user) == Some(&Right::Write)
    }

    /// t(E): the last of the thresholds. A block is valid only if its author had seen that change.
    #[must_use]
    pub fn threshold(&self) -> u32 {
        self.thresholds.last().copied().unwrap_or_default()
    }

    /// Whether commands ask before they read or change its values.
    #[must_use]
    pub fn is_protected(&self) -> bool {
        self.protected == Protection::Yes
    }

    fn is_private_to(&self, user: &UserName) -> bool {
        self.grants.len() == 1 && self.writes(user)
    }
}

/// Users and environments after some number of changes.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// All users by name.
    pub users: BTreeMap<UserName, User>,
    /// All environments by name.
    pub environments: BTreeMap<EnvironmentName, Environment>,
    /// Every recipient and verifying key the chain ever named.
    keys: HashSet<[u8; 32]>,
    /// How many changes each member has made since the last one by an admin.
    by_members: BTreeMap<UserName, u32>,
}

impl State {
    /// The user of this name.
    ///
    /// # Errors
    /// A not-found error.
    pub fn user(&self, name: &UserName) -> Result<&User> {
        self.users.get(name).ok_or_else(|| no_user(name))
    }

    /// The environment of this name.
    ///
    /// # Errors
    /// A not-found error that lists those there are.
    pub fn environment(&self, name: &EnvironmentName) -> Result<&Environment> {
        self.environments.get(name).ok_or_else(|| {
            let known: Vec<_> = self.environments.keys().map(EnvironmentName::as_str).collect();
            Error::new(Reason::NoEnvironment, format!("there is no environment \"{name}\""))
                .hint(format!("the environments are: {}", known.join(", ")))
        })
    }

    /// The names of all admins.
    pub fn admins(&self) -> impl Iterator<Item = &UserName> {
        self.users.iter().filter(|(_, user)| user.role == Role::Admin).map(|(name, _)| name)
    }

    /// Who can give rights on an environment: it is re-encrypted with that, so an admin must write it, too.
    pub fn givers<'a>(&'a self, environment: &'a Environment) -> impl Iterator<Item = &'a UserName> {
        self.admins().filter(|admin| environment.writes(admin))
    }

    /// Whether `name` may change users and rights.
    ///
    /// # Errors
    /// A denied error that says who may.
    pub fn check_admin(&self, name: &UserName) -> Result<()> {
        if self.users.get(name).is_some_and(|user| user.role == Role::Admin) {
            return Ok(());
        }
        Err(no_admin(name, &self.admins().collect::<Vec<_>>()))
    }

    /// Whether `name` is an admin; one who may be asked instead must write these environments, too.
    ///
    /// # Errors
    /// A denied error that says who may give rights on them.
    pub fn check_grants<'a>(
        &self,
        name: &UserName,
        environments: impl Iterator<Item = &'a EnvironmentName>,
    ) -> Result<()> {
        if self.check_admin(name).is_ok() {
            return Ok(());
        }
        let mut can: Vec<_> = self.admins().collect();
        for environment in environments {
            can.retain(|admin| self.environments.get(environment).is_none_or(|of| of.writes(admin)));
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

fn no_user(name: &UserName) -> Error {
    Error::new(Reason::NoUser, format!("there is no user \"{name}\"")).hint((Remedy::ListUsers, " shows who is"))
}
