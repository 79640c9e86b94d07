//! Parses the changes of the roster.

use super::fields::{Bounded, Text, located, missing, name};
use crate::error::{Error, Reason, Result};
use crate::identity::{PublicKeys, Recipient};
use crate::roster::{Change, Draft, MAX_ENVIRONMENTS, MAX_USERS, NewKeys, Right, Statement};
use crate::signature::{Hash, VerifyingKey, from_hex};
use crate::time::Time;
use serde::Deserialize;
use serde::de::Deserializer;
use std::str::FromStr;

/// A change of the roster, or the error about it. A roster can have thousands of changes. Each is converted right after
/// parsing, so that their raw tables are never in memory all at once.
#[derive(Debug)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct ReadStatement(pub Result<Statement>);

impl ReadStatement {
    pub fn new(raw: RawStatement<'_>) -> Self {
        Self(statement(raw))
    }
}

impl<'de> Deserialize<'de> for ReadStatement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RawStatement::deserialize(deserializer).map(Self::new)
    }
}

/// All fields of any kind of change. Once the kind is known, [`RawStatement::has_more`] finds those that don't belong to
/// it.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStatement<'a> {
    pub version: u32,
    #[serde(borrow)]
    pub author: Text<'a>,
    #[serde(borrow)]
    pub time: Text<'a>,
    #[serde(borrow)]
    pub change: Text<'a>,
    #[serde(borrow, default)]
    pub random: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub user: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub email: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub role: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub environment: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub environments: Option<Bounded<Text<'a>, MAX_ENVIRONMENTS>>,
    #[serde(borrow, default)]
    pub grants: Option<Bounded<Text<'a>, MAX_USERS>>,
    #[serde(borrow, default)]
    pub protected: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub recipient: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub verifying_key: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub keys_signature: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub pending: Option<Bounded<Text<'a>, MAX_ENVIRONMENTS>>,
    #[serde(borrow)]
    pub signature: Text<'a>,
}

fn statement(raw: RawStatement<'_>) -> Result<Statement> {
    let version = raw.version;
    convert(raw).map_err(|error| located(&format!("roster change {version}"), &error))
}

fn convert(mut raw: RawStatement<'_>) -> Result<Statement> {
    let version = raw.version;
    let author = name(&raw.author)?;
    let time = Time::parse(&raw.time)?;
    let signature = raw.signature.parse()?;
    let pending = raw.pending.take().map_or(Ok(Vec::new()), |list| pairs(&list.0, str::parse::<Hash>))?;
    let change = change(&mut raw)?;
    if raw.has_more() {
        return Err(Error::integrity(format!("a {} has fields that belong to another change", &*raw.change)));
    }
    Ok(Statement { version, draft: Draft { author, time, change, pending }, signature })
}

fn change(raw: &mut RawStatement<'_>) -> Result<Change> {
    let word = std::mem::take(&mut raw.change);
    let change = match &*word {
        "create" => Change::Create { random: random(raw)?, email: email(raw), keys: keys(raw)? },
        "add-user" => Change::AddUser {
            user: field(&mut raw.user, "user")?,
            email: email(raw),
            role: field(&mut raw.role, "role")?,
            grants: grants(raw)?,
            keys: keys(raw)?,
        },
        "remove-user" => Change::RemoveUser { user: field(&mut raw.user, "user")? },
        "set-role" => Change::SetRole { user: field(&mut raw.user, "user")?, role: field(&mut raw.role, "role")? },
        "replace-keys" => Change::ReplaceKeys { keys: keys(raw)? },
        "add-environment" => {
            Change::AddEnvironment { environment: field(&mut raw.environment, "environment")?, grants: grants(raw)? }
        }
        "remove-environment" => Change::RemoveEnvironment { environment: field(&mut raw.environment, "environment")? },
        "set-environment" => Change::SetEnvironment {
            environment: field(&mut raw.environment, "environment")?,
            protected: field(&mut raw.protected, "protected")?,
        },
        "grant" => Change::Grant { user: field(&mut raw.user, "user")?, grants: grants(raw)? },
        "revoke" => {
            let environments = raw.environments.take().ok_or_else(|| missing("environments"))?;
            let environments = environments.0.iter().map(|text| name(text)).collect::<Result<_>>()?;
            Change::Revoke { user: field(&mut raw.user, "user")?, environments }
        }
        _ => {
            return Err(Error::new(Reason::NewerFormat, format!("unknown change {}", crate::name::quoted(&word)))
                .hint("it was made by a newer version of vault: update"));
        }
    };
    raw.change = word;
    Ok(change)
}

impl RawStatement<'_> {
    /// Whether there is a field that the change did not use.
    fn has_more(&self) -> bool {
        let texts = [
            &self.random,
            &self.user,
            &self.email,
            &self.role,
            &self.environment,
            &self.protected,
            &self.recipient,
            &self.verifying_key,
            &self.keys_signature,
        ];
        texts.into_iter().any(Option::is_some) || self.environments.is_some() || self.grants.is_some()
    }
}

fn field<T: FromStr<Err = Error>>(slot: &mut Option<Text<'_>>, what: &str) -> Result<T> {
    name(&slot.take().ok_or_else(|| missing(what))?)
}

fn random(raw: &mut RawStatement<'_>) -> Result<[u8; 16]> {
    raw.random.take().and_then(|text| from_hex(&text)).ok_or_else(|| missing("random"))
}

fn email(raw: &mut RawStatement<'_>) -> Option<String> {
    raw.email.take().map(|text| text.0.into_owned())
}

fn keys(raw: &mut RawStatement<'_>) -> Result<Box<NewKeys>> {
    let recipient = raw.recipient.take().ok_or_else(|| missing("recipient"))?;
    let verifying_key = raw.verifying_key.take().ok_or_else(|| missing("verifying_key"))?;
    let signature = field(&mut raw.keys_signature, "keys_signature")?;
    // The keys' curve points are checked together with the signatures, so not again for a verified part of the chain.
    let recipient = Recipient::from_trusted(&recipient)?;
    let verifying_key = VerifyingKey::from_trusted(&verifying_key)?;
    Ok(Box::new(NewKeys { keys: PublicKeys { recipient, verifying_key }, signature }))
}

fn grants<T: FromStr<Err = Error>>(raw: &mut RawStatement<'_>) -> Result<Vec<(T, Right)>> {
    pairs(&raw.grants.take().ok_or_else(|| missing("grants"))?.0, str::parse)
}

/// Parses a list of `name:word`.
fn pairs<T: FromStr<Err = Error>, W>(list: &[Text<'_>], word: fn(&str) -> Result<W>) -> Result<Vec<(T, W)>> {
    let pair = |text: &Text<'_>| -> Result<(T, W)> {
        let (first, second) = text.split_once(':').ok_or_else(|| missing("name:word in a list"))?;
        Ok((name(first)?, word(second).map_err(|error| Error::integrity(error.to_string()))?))
    };
    list.iter().map(pair).collect()
}
