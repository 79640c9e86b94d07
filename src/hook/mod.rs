//! The shell hook: the variables that a shell got when it entered a directory, and the code that sets them and restores
//! the previous values.
//!
//! The shell itself stores this in the variable VAULT_HOOK, so that subshells, tmux and `exec bash` continue with it.
//! An attacker gains nothing by changing it: whoever can do that can change every other variable of the shell as well.

mod prompt;
mod script;
mod state;

pub use prompt::{Start, start};
pub use script::script;
pub use state::Entered;

use crate::fs::Stamp;
use crate::name::EnvironmentName;
use crate::ordered::Ordered as _;
use crate::settings::{self, Variable};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

/// What a shell remembers about the vault of its directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The path of the vault, in base64 because a path need not be text.
    vault: String,
    /// The stamp of the file.
    stamp: Stamp,
    /// The environments that VAULT_ENV named.
    chosen: Vec<String>,
    /// The outcome of entering the directory.
    pub outcome: Outcome,
}

/// The outcome of entering the directory of a vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Nobody has allowed this vault at this path. The user was told.
    NotAllowed,
    /// The vault could not be unlocked without asking a question. The user was told.
    Locked,
    /// The agent did not answer. The user was told.
    NoAnswer,
    /// An environment is protected, and nobody confirmed its use. The user was told.
    Protected,
    /// The vault could not be read. The user was told why.
    Failed,
    /// The shell has its values.
    Loaded(Loaded),
}

/// The variables that a shell was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loaded {
    /// The environments that they come from.
    pub environments: Vec<EnvironmentName>,
    /// The names of the variables, each with its previous value in base64; `None` for one that was not set.
    before: BTreeMap<String, Option<String>>,
}

/// Returns whether the shell that runs vault has the hook. It may have nothing to remember yet.
#[must_use]
pub fn is_in_use() -> bool {
    Variable::Hook.value().is_some()
}

impl Seen {
    /// Returns what the shell remembers; `None` if it remembers nothing, or nothing readable.
    #[must_use]
    pub fn remembered() -> Option<Self> {
        serde_json::from_slice(&STANDARD.decode(Variable::Hook.text()?).ok()?).ok()
    }

    /// Records the outcome for a vault.
    #[must_use]
    pub fn new(vault: &Path, stamp: Stamp, outcome: Outcome) -> Self {
        let vault = STANDARD.encode(vault.as_os_str().as_bytes());
        Self { vault, stamp, chosen: settings::chosen_environments(), outcome }
    }

    /// Returns whether nothing has changed since: it is the same file, and VAULT_ENV names the same environments.
    #[must_use]
    pub fn is_of(&self, vault: &Path, stamp: Stamp) -> bool {
        *self == Self::new(vault, stamp, self.outcome.clone())
    }

    /// Returns whether this is about a vault at the same path, changed or not.
    #[must_use]
    pub(crate) fn is_at(&self, vault: &Path) -> bool {
        self.vault == STANDARD.encode(vault.as_os_str().as_bytes())
    }

    /// Returns the path of the vault.
    #[must_use]
    pub fn vault(&self) -> PathBuf {
        PathBuf::from(std::ffi::OsString::from_vec(STANDARD.decode(&self.vault).unwrap_or_default()))
    }

    /// Returns the text that the shell stores.
    #[must_use]
    pub fn to_text(&self) -> String {
        STANDARD.encode(serde_json::to_vec(self).unwrap_or_default())
    }
}

impl Loaded {
    /// Records the variables that are about to be set. The value that the last hook set does not count as the previous
    /// one.
    #[must_use]
    pub fn new<'a>(
        environments: Vec<EnvironmentName>,
        names: impl Iterator<Item = &'a str>,
        last: Option<&Self>,
    ) -> Self {
        let inherited: BTreeMap<_, _> = settings::environment().ordered();
        let before = |name: &str| match last.and_then(|last| last.before.get(name)) {
            Some(before) => before.clone(),
            None => inherited.get(std::ffi::OsStr::new(name)).map(|value| STANDARD.encode(value.as_bytes())),
        };
        let before = names.map(|name| (name.to_owned(), before(name))).collect();
        Self { environments, before }
    }

    /// Returns the names of the variables.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.before.keys().map(String::as_str)
    }

    /// Returns the previous values of the variables that are not in `kept`.
    #[must_use]
    pub fn before(&self, kept: Option<&Self>) -> Vec<(&str, Option<Vec<u8>>)> {
        let is_kept = |name: &str| kept.is_some_and(|kept| kept.before.contains_key(name));
        let gone = self.before.iter().filter(|(name, _)| !is_kept(name));
        gone.map(|(name, before)| (name.as_str(), before.as_ref().and_then(|text| STANDARD.decode(text).ok())))
            .collect()
    }
}

/// Shows one line for people: the environments and as many names of variables as fit.
impl fmt::Display for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WIDTH: usize = 60;
        let environments: Vec<_> = self.environments.iter().map(EnvironmentName::as_str).collect();
        let count = self.before.len();
        write!(f, "{}, {count} variable{}", environments.join(", "), if count == 1 { "" } else { "s" })?;
        let (mut shown, mut is_first) = (0, true);
        for name in self.names() {
            shown += name.len() + 2;
            let is_last = shown > WIDTH && !is_first;
            f.write_str(if is_first { " (" } else { ", " })?;
            f.write_str(if is_last { "..." } else { name })?;
            is_first = false;
            if is_last {
                break;
            }
        }
        if is_first { Ok(()) } else { f.write_str(")") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(names: &[&str], last: Option<&Loaded>) -> Loaded {
        Loaded::new(vec![EnvironmentName::new("dev").unwrap()], names.iter().copied(), last)
    }

    #[test]
    fn the_message_lists_names_that_fit_and_no_value() {
        assert_eq!(loaded(&[], None).to_string(), "dev, 0 variables");
        assert_eq!(loaded(&["PORT"], None).to_string(), "dev, 1 variable (PORT)");
        let names: Vec<String> = (10..40).map(|number| format!("NAME_{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let line = loaded(&names, None).to_string();
        assert!(line.starts_with("dev, 30 variables (NAME_10, NAME_11, ") && line.ends_with(", ...)"), "{line}");
        assert!(line.len() < 90, "{line}");
    }

    #[test]
    fn values_set_by_the_last_hook_are_not_taken_for_earlier_ones() {
        let path = Variable::Path.value().unwrap();
        let first = loaded(&["PATH", "VAULT_TEST_NOT_SET"], None);
        let second = loaded(&["PATH", "VAULT_TEST_OTHER"], Some(&first));
        assert_eq!(second.before(None)[0], ("PATH", Some(path.as_bytes().to_vec())));
        assert_eq!(first.before(Some(&second)), [("VAULT_TEST_NOT_SET", None)]);
    }

    #[test]
    fn the_state_that_a_shell_keeps_round_trips_and_names_its_vault() {
        let metadata = std::fs::metadata("/").unwrap();
        let stamp = Stamp::from_metadata(&metadata);
        let seen = Seen::new(Path::new("/srv/\u{e4}/secrets.vault"), stamp, Outcome::Loaded(loaded(&["A"], None)));
        let read: Seen = serde_json::from_slice(&STANDARD.decode(seen.to_text()).unwrap()).unwrap();
        assert_eq!(read, seen);
        assert!(seen.is_of(&seen.vault(), stamp) && seen.is_at(&seen.vault()) && !seen.is_at(Path::new("/srv")));
    }
}
