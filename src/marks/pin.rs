//! The pin: the minimum state that a machine without its own state expects.

use super::Seen;
use crate::error::{Error, Reason, Remedy, Result};
use crate::name::EnvironmentName;
use crate::roster::Roster;
use crate::settings::Variable;
use crate::signature::Hash;
use std::collections::BTreeMap;

/// The minimum state of a vault that a machine without its own state expects: `VAULT_PIN`, printed by `vault status
/// --pin`.
///
/// The text is the vault's id, the roster and each environment, separated by `/`. A version and the first 32 digits of
/// its hash are separated by `.`. An environment's name and a `:` come first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    vault: String,
    roster: PinnedVersion,
    environments: BTreeMap<EnvironmentName, PinnedVersion>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct PinnedVersion {
    version: u32,
    /// The first 128 bits of the hash. Finding another statement with the same bits is infeasible.
    hash: String,
}

const PINNED_DIGITS: usize = 32;

/// What the texts call the pin: the name of the variable that has it.
const PIN: &str = Variable::Pin.name();

impl PinnedVersion {
    fn new(version: u32, hash: &Hash) -> Self {
        Self { version, hash: prefix(hash) }
    }

    fn parse(text: &str) -> Option<Self> {
        let (version, hash) = text.split_once('.')?;
        let valid = hash.len() == PINNED_DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        valid.then_some(Self { version: version.parse().ok()?, hash: hash.to_owned() })
    }
}

fn prefix(hash: &Hash) -> String {
    hash.to_string()[..PINNED_DIGITS].to_owned()
}

impl Pin {
    /// Returns the pin of the current file.
    #[must_use]
    pub(crate) fn new(roster: &Roster, blocks: &BTreeMap<EnvironmentName, Seen>) -> Self {
        let head = roster.head();
        let pinned =
            |(name, seen): (&EnvironmentName, &Seen)| (name.clone(), PinnedVersion::new(seen.version, &seen.hash));
        Self {
            vault: prefix(&roster.id()),
            roster: PinnedVersion::new(head.version, &head.hash),
            environments: blocks.iter().map(pinned).collect(),
        }
    }

    /// Parses what [`Pin`]'s `Display` writes.
    ///
    /// # Errors
    /// A usage error.
    pub fn parse(text: &str) -> Result<Self> {
        let read = || -> Option<Self> {
            let mut parts = text.trim().split('/');
            let vault = parts.next().filter(|id| id.len() == PINNED_DIGITS)?.to_owned();
            let roster = PinnedVersion::parse(parts.next()?)?;
            let environment = |part: &str| {
                let (name, pinned) = part.split_once(':')?;
                Some((EnvironmentName::new(name).ok()?, PinnedVersion::parse(pinned)?))
            };
            Some(Self { vault, roster, environments: parts.map(environment).collect::<Option<_>>()? })
        };
        read().ok_or_else(|| {
            Error::usage(format!("{PIN} can't be read"))
                .hint(("print a new one where you trust the vault: ", Remedy::Pin))
        })
    }

    /// Refuses another vault, and a roster that is older than the pinned one or a fork of it.
    ///
    /// # Errors
    /// An integrity error that says which.
    pub fn check_roster(&self, roster: &Roster) -> Result<()> {
        if prefix(&roster.id()) != self.vault {
            return Err(below_the_pin(format!("this is not the vault that {PIN} names")));
        }
        if roster.hash_at(self.roster.version).is_none_or(|hash| prefix(&hash) != self.roster.hash) {
            return Err(below_the_pin(format!("the roster is older than {PIN}, or differs from it")));
        }
        Ok(())
    }

    /// Refuses an environment that is older than the pinned one or a fork of it.
    ///
    /// # Errors
    /// An integrity error.
    pub(crate) fn check(&self, name: &EnvironmentName, seen: &Seen) -> Result<()> {
        let Some(pinned) = self.environments.get(name).filter(|_| seen.added <= self.roster.version) else {
            return Ok(());
        };
        let same =
            seen.version > pinned.version || (seen.version == pinned.version && prefix(&seen.hash) == pinned.hash);
        if same {
            return Ok(());
        }
        Err(below_the_pin(format!("environment {name} is older than {PIN}, or differs from it")))
    }
}

fn below_the_pin(what: String) -> Error {
    Error::new(Reason::Older, what).hint(format!("{PIN} names a newer state: fetch the current file"))
}

impl std::fmt::Display for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}.{}", self.vault, self.roster.version, self.roster.hash)?;
        self.environments
            .iter()
            .try_for_each(|(name, PinnedVersion { version, hash })| write!(f, "/{name}:{version}.{hash}"))
    }
}
