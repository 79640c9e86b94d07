//! Chooses the environment for commands that name none. Other users can add environments, and must not thereby choose
//! where a value is stored. So a device remembers its choice, and asks before it changes.

use super::{Claims, Session};
use crate::fs;
use crate::name::{EnvironmentName, UserName};
use serde::{Deserialize, Serialize};

const MAX_FILE: usize = 8 * 1024;
const MAX_REMEMBERED: usize = 8;

/// The environment for commands that name none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DefaultEnvironment {
    /// This one.
    Is(EnvironmentName),
    /// There is no default.
    Unknown,
    /// It used to be this one, but environments were added or removed, so that the default would change.
    Changed {
        /// The default so far.
        was: EnvironmentName,
    },
}

impl DefaultEnvironment {
    /// Returns the environment, if it is clear which one it is.
    pub(super) fn known(self) -> Option<EnvironmentName> {
        match self {
            Self::Is(name) => Some(name),
            Self::Unknown | Self::Changed { .. } => None,
        }
    }
}

/// An environment, as opposed to a later one of the same name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    name: EnvironmentName,
    added: u32,
}

/// The environment that was used, and the one that the rule gave then. The rule may give something else on another git
/// branch, so several of these are kept, the newest last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Remembered {
    meant: Place,
    rule: Option<Place>,
}

impl Session {
    /// Returns the environment for commands that name none: the only one that this user can read, else `dev`. Returns
    /// [`DefaultEnvironment::Changed`] if it was a different one before on this device.
    pub(super) fn default_environment(&self) -> DefaultEnvironment {
        let choice = self.choice();
        let remembered = choice.remembered();
        let decided = choice.decide(&remembered);
        if let (DefaultEnvironment::Is(name), true) = (&decided, remembered.is_empty()) {
            self.remember_default(name);
        }
        decided
    }

    /// Remembers this environment as the default. If that can't be written, the user is asked again.
    pub(super) fn remember_default(&self, name: &EnvironmentName) {
        let choice = self.choice();
        let Some(meant) = choice.place(name) else { return };
        let (rule, mut remembered) = (choice.rule(), choice.remembered());
        remembered.retain(|known| known.rule != rule);
        remembered.push(Remembered { meant, rule });
        let surplus = remembered.len().saturating_sub(MAX_REMEMBERED);
        remembered.drain(..surplus);
        if let Ok(json) = serde_json::to_vec(&remembered) {
            let _ = self.vault.marks_store().put(&choice.file(), &json);
        }
    }

    fn choice(&self) -> Choice<'_> {
        Choice { claims: &self.vault, user: self.user() }
    }
}

impl Claims {
    /// Returns the environment for this user's commands that name none, without remembering it.
    pub(super) fn default_environment(&self, user: &UserName) -> DefaultEnvironment {
        let choice = Choice { claims: self, user };
        choice.decide(&choice.remembered())
    }
}

/// What determines the default environment.
struct Choice<'a> {
    claims: &'a Claims,
    user: &'a UserName,
}

impl Choice<'_> {
    fn decide(&self, remembered: &[Remembered]) -> DefaultEnvironment {
        let rule = self.rule();
        let known = remembered.iter().rev().find(|known| known.rule == rule && self.is_readable(&known.meant));
        match (known, remembered.last(), rule) {
            (Some(known), _, _) => DefaultEnvironment::Is(known.meant.name.clone()),
            (None, Some(last), _) => DefaultEnvironment::Changed { was: last.meant.name.clone() },
            (None, None, Some(place)) => DefaultEnvironment::Is(place.name),
            (None, None, None) => DefaultEnvironment::Unknown,
        }
    }

    fn rule(&self) -> Option<Place> {
        let environments = &self.claims.roster.state().environments;
        let readable: Vec<_> =
            environments.iter().filter(|(_, environment)| environment.reads(self.user)).map(|(name, _)| name).collect();
        let usual = EnvironmentName::usual();
        match &readable[..] {
            [only] => self.place(only),
            several if several.contains(&&usual) => self.place(&usual),
            _ => None,
        }
    }

    fn place(&self, name: &EnvironmentName) -> Option<Place> {
        let environment = self.claims.roster.state().environments.get(name)?;
        Some(Place { name: name.clone(), added: environment.added })
    }

    fn is_readable(&self, place: &Place) -> bool {
        let environment = self.claims.roster.state().environments.get(&place.name);
        environment.is_some_and(|found| found.added == place.added && found.reads(self.user))
    }

    fn remembered(&self) -> Vec<Remembered> {
        let path = self.claims.state_directory().join(self.file());
        let bytes = fs::read_if_there(&path, MAX_FILE).ok().flatten();
        bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    fn file(&self) -> String {
        format!("default-{}", self.user)
    }
}
