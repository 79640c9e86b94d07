//! What a change leaves behind after it took a right from a user.

use super::User;
use serde::Serialize;

/// What is left behind after a user lost a right or a role, or was removed.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LeftBehind {
    /// The users whose keys the user may still have, and who keep what the user lost.
    pub known_keys: Vec<String>,
    /// The environments on which nobody can give rights any more.
    pub unmanaged: Vec<Unmanaged>,
}

/// An environment on which nobody can give rights.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Unmanaged {
    /// The environment's name.
    pub environment: String,
    /// A user who writes the environment. If this user becomes an admin, they can give rights on it.
    pub writer: String,
}

/// A user whose rights or role were set, and what that leaves behind if the user lost something.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RightsSet {
    /// The user, with the rights and the role that they have now.
    pub user: User,
    /// What is left behind.
    #[serde(flatten)]
    pub left: LeftBehind,
}
