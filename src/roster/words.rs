//! What a change says, in words.

use super::{Change, Protection, Right, Role, Statement};
use crate::name::{EnvironmentName, UserName};
use std::fmt::Display;

impl Statement {
    /// The user whom the change is about, if it is about one.
    #[must_use]
    pub fn about(&self) -> Option<&UserName> {
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

    /// What its author did: `granted ben prod:read`.
    #[must_use]
    pub fn describe(&self) -> String {
        let author = &self.draft.author;
        match &self.draft.change {
            Change::Create { .. } => format!("created the vault, with {author} as admin"),
            Change::AddUser { user, role, grants, .. } => {
                let role = if *role == Role::Admin { " as admin" } else { "" };
                format!("added {user}{role}{}", behind_colon(&rights(grants)))
            }
            Change::RemoveUser { user } => format!("removed {user}"),
            Change::SetRole { user, role } => format!("made {user} {role}"),
            Change::ReplaceKeys { .. } => "replaced their own keys".to_owned(),
            Change::AddEnvironment { environment, grants } => {
                format!("added environment {environment}{}", behind_colon(&rights(grants)))
            }
            Change::RemoveEnvironment { environment } => format!("removed environment {environment}"),
            Change::SetEnvironment { environment, protected: Protection::Yes } => {
                format!("protected environment {environment}")
            }
            Change::SetEnvironment { environment, protected: Protection::No } => {
                format!("ended the protection of environment {environment}")
            }
            Change::Grant { user, grants } => format!("granted {user} {}", rights(grants)),
            Change::Revoke { user, environments } => {
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
