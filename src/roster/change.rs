//! The statements of the roster. Each is one signed change.

use crate::error::{Error, Result};
use crate::identity::PublicKeys;
use crate::name::{EnvironmentName, UserName};
use crate::signature::{Hash, Message, Signature};
use crate::time::Time;
use std::fmt;
use std::str::FromStr;

/// The maximum number of changes in a roster.
pub const MAX_CHANGES: usize = 10_000;
/// The maximum size of a statement's signed message, in bytes.
pub const MAX_STATEMENT: usize = 64 * 1024;

/// A user's role: whether the user may change the roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Has only the rights granted on environments.
    Member,
    /// May also change the roster. The role alone gives no access to values.
    Admin,
}

/// A right on one environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// May read.
    Read,
    /// May read and write.
    Write,
}

macro_rules! words {
    ($type:ident, $what:literal, $($variant:ident = $word:literal),+) => {
        impl $type {
            /// The word used in the file and on the command line.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(Error::usage(format!(concat!("{} is not a known ", $what), crate::name::quoted(text)))
                        .hint(concat!("use one of:", $(" ", $word),+))),
                }
            }
        }
    };
}

/// Whether commands ask before they read or change the values of an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Protection {
    /// Commands don't ask.
    #[default]
    No,
    /// Commands ask first, or require a reason.
    Yes,
}

words!(Role, "role", Member = "member", Admin = "admin");
words!(Right, "right", Read = "read", Write = "write");
words!(Protection, "protection", No = "no", Yes = "yes");

/// New public keys of a user, signed with the new signing key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKeys {
    /// The keys.
    pub keys: PublicKeys,
    /// The signature over [`PublicKeys::message`], made with the new signing key.
    pub signature: Signature,
}

/// The change that one statement makes.
#[allow(missing_docs, reason = "the fields are named for what they hold")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The first change: creates the vault, with the author as its first user and admin. It is signed with the keys that
    /// it adds, and its hash is the vault's id.
    Create { random: [u8; 16], email: Option<String>, keys: Box<NewKeys> },
    /// Adds a user.
    AddUser {
        user: UserName,
        email: Option<String>,
        role: Role,
        grants: Vec<(EnvironmentName, Right)>,
        keys: Box<NewKeys>,
    },
    /// Removes a user.
    RemoveUser { user: UserName },
    /// Sets a user's role.
    SetRole { user: UserName, role: Role },
    /// Replaces the author's own keys.
    ReplaceKeys { keys: Box<NewKeys> },
    /// Adds an environment, with everybody's rights on it.
    AddEnvironment { environment: EnvironmentName, grants: Vec<(UserName, Right)> },
    /// Removes an environment.
    RemoveEnvironment { environment: EnvironmentName },
    /// Sets rights of one user.
    Grant { user: UserName, grants: Vec<(EnvironmentName, Right)> },
    /// Revokes all rights of one user on some environments.
    Revoke { user: UserName, environments: Vec<EnvironmentName> },
    /// Sets properties of an environment.
    SetEnvironment { environment: EnvironmentName, protected: Protection },
}

impl Change {
    /// The word used in the file.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::AddUser { .. } => "add-user",
            Self::RemoveUser { .. } => "remove-user",
            Self::SetRole { .. } => "set-role",
            Self::ReplaceKeys { .. } => "replace-keys",
            Self::AddEnvironment { .. } => "add-environment",
            Self::RemoveEnvironment { .. } => "remove-environment",
            Self::Grant { .. } => "grant",
            Self::Revoke { .. } => "revoke",
            Self::SetEnvironment { .. } => "set-environment",
        }
    }

    /// Returns the keys that the change adds, and the user they belong to.
    #[must_use]
    pub fn new_keys<'a>(&'a self, author: &'a UserName) -> Option<(&'a UserName, &'a NewKeys)> {
        match self {
            Self::Create { keys, .. } | Self::ReplaceKeys { keys } => Some((author, keys)),
            Self::AddUser { user, keys, .. } => Some((user, keys)),
            Self::RemoveUser { .. }
            | Self::SetRole { .. }
            | Self::AddEnvironment { .. }
            | Self::RemoveEnvironment { .. }
            | Self::Grant { .. }
            | Self::Revoke { .. }
            | Self::SetEnvironment { .. } => None,
        }
    }

    fn write(&self, message: &mut Message) {
        message.text(self.word());
        match self {
            Self::Create { random, email, keys } => {
                message.bytes(random).optional(email.as_deref());
                keys.write(message);
            }
            Self::AddUser { user, email, role, grants, keys } => {
                message.text(user.as_str()).optional(email.as_deref()).text(role.as_str());
                write_grants(grants, message);
                keys.write(message);
            }
            Self::RemoveUser { user } => {
                message.text(user.as_str());
            }
            Self::SetRole { user, role } => {
                message.text(user.as_str()).text(role.as_str());
            }
            Self::ReplaceKeys { keys } => keys.write(message),
            Self::AddEnvironment { environment, grants } => {
                message.text(environment.as_str());
                write_grants(grants, message);
            }
            Self::RemoveEnvironment { environment } => {
                message.text(environment.as_str());
            }
            Self::Grant { user, grants } => {
                message.text(user.as_str());
                write_grants(grants, message);
            }
            Self::Revoke { user, environments } => {
                message.text(user.as_str()).count(environments.len());
                for environment in environments {
                    message.text(environment.as_str());
                }
            }
            Self::SetEnvironment { environment, protected } => {
                message.text(environment.as_str()).text(protected.as_str());
            }
        }
    }
}

impl NewKeys {
    fn write(&self, message: &mut Message) {
        let Self { keys: PublicKeys { recipient, verifying_key }, signature } = self;
        message.text(recipient.as_str()).raw(verifying_key.as_bytes()).bytes(signature.as_bytes());
    }
}

fn write_grants<N: std::borrow::Borrow<str>>(grants: &[(N, Right)], message: &mut Message) {
    message.count(grants.len());
    for (name, right) in grants {
        message.text(name.borrow()).text(right.as_str());
    }
}

/// A change before it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Who makes the change.
    pub author: UserName,
    /// When the change was made, by the author's clock.
    pub time: Time,
    /// The change itself.
    pub change: Change,
    /// The blocks that stay valid although the change revokes their author's right: see vault-format(5).
    pub pending: Vec<(EnvironmentName, Hash)>,
}

impl Draft {
    /// The change's time as readers use it: the author's time, but never later than now.
    #[must_use]
    pub fn happened(&self) -> Time {
        self.time.min(Time::now())
    }
}

/// A signed change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The change's number, from 1.
    pub version: u32,
    /// The change, its author and its time.
    pub draft: Draft,
    /// The author's signature over the message `vault/roster/v1`.
    pub signature: Signature,
}

/// Builds the message that the author signs, `vault/roster/v1`.
#[must_use]
pub(super) fn message(vault: &Hash, version: u32, previous: &Hash, draft: &Draft) -> Message {
    let Draft { author, time, change, pending } = draft;
    let mut message = Message::new("vault/roster/v1");
    message.raw(vault.as_bytes()).integer(version).raw(previous.as_bytes());
    message.text(author.as_str()).text(&time.to_string());
    change.write(&mut message);
    message.count(pending.len());
    for (environment, hash) in pending {
        message.text(environment.as_str()).raw(hash.as_bytes());
    }
    message
}

/// Checks an e-mail address as far as the file format requires: an `@`, printable ASCII without spaces or characters to
/// escape, and at most 254 bytes.
///
/// # Errors
/// A usage error.
pub(crate) fn check_email(text: &str) -> Result<()> {
    let ok =
        text.len() <= 254 && text.contains('@') && text.bytes().all(|b| b.is_ascii_graphic() && !b"\"'\\".contains(&b));
    if ok {
        return Ok(());
    }
    Err(Error::usage(format!("{} is not an e-mail address", crate::name::quoted(text)))
        .hint("for example mia@example.com"))
}
