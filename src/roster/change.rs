//! The statements of the roster: one signed change each.

use crate::error::{Error, Result};
use crate::identity::PublicKeys;
use crate::name::{EnvironmentName, UserName};
use crate::signature::{Hash, Message, Signature};
use crate::time::Time;
use std::fmt;
use std::str::FromStr;

/// The largest statement, in bytes of its message.
pub const MAX_STATEMENT: usize = 64 * 1024;

/// What a user may do to users and rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Uses environments by explicit rights.
    Member,
    /// May change the roster as well; reads nothing by that alone.
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
            /// The word for it in the file and on the command line.
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
                    _ => Err(Error::usage(format!(concat!("{} is no ", $what), crate::name::quoted(text)))
                        .hint(concat!("use one of:", $(" ", $word),+))),
                }
            }
        }
    };
}

/// Whether commands ask before they read or change the values of an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Protection {
    /// They don't ask.
    #[default]
    No,
    /// They ask first, or want a reason.
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
    /// The new key's own signature over [`PublicKeys::message`].
    pub signature: Signature,
}

/// What one statement changes.
#[allow(missing_docs, reason = "the fields are named for what they hold")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The first change: its author becomes the first user and admin. It signs itself, and its hash is the vault's id.
    Create { random: [u8; 16], email: Option<String>, keys: Box<NewKeys> },
    /// A new user.
    AddUser {
        user: UserName,
        email: Option<String>,
        role: Role,
        grants: Vec<(EnvironmentName, Right)>,
        keys: Box<NewKeys>,
    },
    /// A user leaves.
    RemoveUser { user: UserName },
    /// Another role.
    SetRole { user: UserName, role: Role },
    /// The author's own keys change.
    ReplaceKeys { keys: Box<NewKeys> },
    /// A new environment and everybody's right on it.
    AddEnvironment { environment: EnvironmentName, grants: Vec<(UserName, Right)> },
    /// An environment goes.
    RemoveEnvironment { environment: EnvironmentName },
    /// Rights of one user are set.
    Grant { user: UserName, grants: Vec<(EnvironmentName, Right)> },
    /// Rights of one user are taken.
    Revoke { user: UserName, environments: Vec<EnvironmentName> },
    /// Properties of an environment are set.
    SetEnvironment { environment: EnvironmentName, protected: Protection },
}

impl Change {
    /// The word for it in the file.
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

    /// The keys it brings in, and whose they are.
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
    /// Who changes.
    pub author: UserName,
    /// When, by the author's clock.
    pub time: Time,
    /// What.
    pub change: Change,
    /// The blocks that stay valid although the change takes their author's right: see vault-format(5).
    pub pending: Vec<(EnvironmentName, Hash)>,
}

impl Draft {
    /// When it happened, as far as anybody else believes it: a time in the future is now.
    #[must_use]
    pub fn happened(&self) -> Time {
        self.time.min(Time::now())
    }
}

/// A signed change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its number, from 1.
    pub version: u32,
    /// What was signed.
    pub draft: Draft,
    /// The author's signature over `message`.
    pub signature: Signature,
}

/// What the author signs: `vault/roster/v1`.
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

/// Checks an e-mail address as far as the file needs it: printable ASCII that needs no escape, at most 254 long.
///
/// # Errors
/// A usage error.
pub fn check_email(text: &str) -> Result<()> {
    let ok =
        text.len() <= 254 && text.contains('@') && text.bytes().all(|b| b.is_ascii_graphic() && !b"\"'\\".contains(&b));
    if ok {
        return Ok(());
    }
    Err(Error::usage(format!("{} is not an e-mail address", crate::name::quoted(text)))
        .hint("for example mia@example.com"))
}
