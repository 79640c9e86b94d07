//! Limits how many changes and environments a member may add. Without limits, a member could fill the roster in seconds,
//! and then no user could be removed.

use super::State;
use crate::error::{Error, Reason, Remedy, Result};
use crate::name::{EnvironmentName, UserName};
use crate::roster::{Change, Right, Role};

/// The maximum number of changes by one member between two changes by admins.
pub const MAX_BY_MEMBER: u32 = 256;
/// The last change that a member may make. The rest are reserved for admins.
pub const LAST_BY_MEMBERS: u32 = 9_000;
/// The last change that may give something. The rest are reserved for taking rights away and replacing keys.
pub const LAST_THAT_GIVES: u32 = 9_500;
/// From this change on, `vault` warns that the roster is filling up.
pub const NEARLY_FULL: u32 = 8_000;
/// The maximum number of a member's environments that nobody else can read.
pub const MAX_PRIVATE: usize = 4;
/// The number of environments from which on only admins may add more.
pub const MAX_ENVIRONMENTS_BY_MEMBERS: usize = 48;

impl State {
    /// Checks that the limits leave room for a change, and counts it if its author is a member.
    pub(super) fn spend(&mut self, version: u32, author: &UserName, change: &Change) -> Result<()> {
        if version > LAST_THAT_GIVES && !self.takes_away(change) {
            return Err(Error::new(
                Reason::RosterFull,
                format!(
                    "the roster has {LAST_THAT_GIVES} changes: the rest are reserved for revoking rights and \
                     replacing keys"
                ),
            )
            .hint(("a new vault has room again: ", Remedy::Create, ", then import what this one exports")));
        }
        if self.users.get(author).is_none_or(|user| user.role == Role::Admin) {
            self.by_members.clear();
            return Ok(());
        }
        if version > LAST_BY_MEMBERS {
            return Err(Error::new(
                Reason::RosterFull,
                format!("the roster has {LAST_BY_MEMBERS} changes: the rest are reserved for admins"),
            )
            .hint("an admin can still change the roster; a new vault has room again"));
        }
        let count = self.by_members.entry(author.clone()).or_default();
        if *count == MAX_BY_MEMBER {
            return Err(Error::new(
                Reason::RosterFull,
                format!("\"{author}\" has made {MAX_BY_MEMBER} changes since the last one by an admin"),
            )
            .hint("you can continue after the next change by an admin"));
        }
        *count += 1;
        self.check_private(author, change)
    }

    fn check_private(&self, author: &UserName, change: &Change) -> Result<()> {
        if !matches!(change, Change::AddEnvironment { .. }) {
            return Ok(());
        }
        let private: Vec<_> = self
            .environments
            .iter()
            .filter(|(_, environment)| environment.is_private_to(author))
            .map(|(name, _)| name)
            .collect();
        if private.len() >= MAX_PRIVATE {
            let names: Vec<_> = private.into_iter().map(EnvironmentName::as_str).collect();
            return Err(Error::new(
                Reason::RosterFull,
                format!(
                    "\"{author}\" has {MAX_PRIVATE} environments that nobody else reads, and a member can't have more"
                ),
            )
            .hint(("remove one of them: ", Remedy::RemoveEnvironment(names.join(", or ")))));
        }
        if self.environments.len() >= MAX_ENVIRONMENTS_BY_MEMBERS {
            return Err(Error::new(
                Reason::RosterFull,
                format!("there are {MAX_ENVIRONMENTS_BY_MEMBERS} environments: only admins can add more"),
            ));
        }
        Ok(())
    }

    /// Whether a change only takes something away or replaces keys.
    fn takes_away(&self, change: &Change) -> bool {
        match change {
            Change::RemoveUser { .. }
            | Change::Revoke { .. }
            | Change::RemoveEnvironment { .. }
            | Change::ReplaceKeys { .. }
            | Change::SetRole { role: Role::Member, .. } => true,
            Change::Grant { user, grants } => grants.iter().all(|(name, right)| {
                *right == Right::Read && self.environments.get(name).is_some_and(|environment| environment.writes(user))
            }),
            Change::Create { .. }
            | Change::AddUser { .. }
            | Change::SetRole { role: Role::Admin, .. }
            | Change::AddEnvironment { .. }
            | Change::SetEnvironment { .. } => false,
        }
    }
}
