//! Describes changes in words.

use super::{Change, Protection, Right, Role, Statement};
use crate::name::{EnvironmentName, UserName};
use std::fmt::Display;

impl Statement {
    /// Returns the user whom the change affects, if it affects one.
    #[must_use]
    pub(crate) fn affected_user(&self) -> Option<&UserName> {
        match &self.draft.change {
            Change::Create { .. } | Change::ReplaceKeys { .. } => Some(&self.draft.author),
            Change::AddUser { user, .. }
            | Change::RemoveUser { user }
            | Change::SetRole { user, .. }
            | Change::Grant { user, .. }
            | Change::Revoke { user, .. } => Some(user),
            Change::AddEnvironment { .. } | Change::RemoveEnvironment { .. } | Change::SetEnvironment { .. } => None,
        }
    }

    /// Describes what the author did: `granted ben prod:read`.
    #[must_use]
    pub fn describe(&self) -> String {
        self.draft.change.describe(&self.draft.author)
    }

    /// Describes who did what: `mia granted ben prod:read`.
    #[must_use]
    pub(crate) fn describe_with_author(&self) -> String {
        format!("{} {}", self.draft.author, self.describe())
    }
}

/// The maximum number of changes that a message lists.
const MAX_LISTED: usize = 8;

/// Describes who did what, for a message: `mia added ben; mia granted ben dev:read; and 900 more`.
pub fn describe_changes<'a>(statements: impl ExactSizeIterator<Item = &'a Statement>) -> String {
    let more = statements.len().saturating_sub(MAX_LISTED);
    let described: Vec<String> = statements.take(MAX_LISTED).map(Statement::describe_with_author).collect();
    let and_more = if more > 0 { format!("; and {more} more") } else { String::new() };
    described.join("; ") + &and_more
}

impl Change {
    /// Describes what the author did: `granted ben prod:read`.
    #[must_use]
    pub fn describe(&self, author: &UserName) -> String {
        match self {
            Self::Create { .. } => format!("created the vault, with {author} as admin"),
            Self::AddUser { user, role, grants, .. } => {
                let role = if *role == Role::Admin { " as admin" } else { "" };
                format!("added {user}{role}{}", behind_colon(&rights(grants)))
            }
            Self::RemoveUser { user } => format!("removed {user}"),
            Self::SetRole { user, role } => format!("made {user} {role}"),
            Self::ReplaceKeys { .. } => "replaced their own keys".to_owned(),
            Self::AddEnvironment { environment, grants } => {
                format!("added environment {environment}{}", behind_colon(&rights(grants)))
            }
            Self::RemoveEnvironment { environment } => format!("removed environment {environment}"),
            Self::SetEnvironment { environment, protected: Protection::Yes } => {
                format!("protected environment {environment}")
            }
            Self::SetEnvironment { environment, protected: Protection::No } => {
                format!("removed the protection of environment {environment}")
            }
            Self::Grant { user, grants } => format!("granted {user} {}", rights(grants)),
            Self::Revoke { user, environments } => {
                let names: Vec<_> = environments.iter().map(EnvironmentName::as_str).collect();
                format!("revoked all rights of {user} on {}", names.join(", "))
            }
        }
    }
}

fn behind_colon(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text}") }
}

fn rights<N: Display>(grants: &[(N, Right)]) -> String {
    grants.iter().map(|(name, right)| format!("{name}:{right}")).collect::<Vec<_>>().join(" ")
}
