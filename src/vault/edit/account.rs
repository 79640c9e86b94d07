//! Accounts for a change in the log: which entries it needs, and which items they have to name. The code that makes a
//! change writes its entries, and this checks that they say what was done.

use super::Edit;
use crate::error::{Error, Result};
use crate::log::{Edits, Entry, Outcome};
use crate::name::{EnvironmentName, ItemName, UserName};
use crate::ordered::InOrder as _;
use crate::roster::{Change, Protection};

/// Checks that an attempt consists of entries that say what is going to change. The entries for what a change looks at
/// are made from it.
pub(super) fn check_attempt(attempt: &[Entry]) -> Result<()> {
    if attempt.is_empty() {
        return Err(Error::usage("nothing is named that would change").hint("name what to change"));
    }
    match attempt.iter().find(|entry| !entry.action.edits()) {
        Some(entry) => Err(Error::failed(format!("a change can't be logged as {}", entry.action.word()))),
        None => Ok(()),
    }
}

impl Edit<'_> {
    /// Notes that the content of an environment is passed to the code that makes the change, because of this item if
    /// there is only one.
    pub(super) fn look_at(&mut self, environment: &EnvironmentName, item: Option<&ItemName>) -> Result<()> {
        if !self.attempt.iter().any(says_items) {
            return Err(Error::failed(format!("the log entries of this change say nothing of items of {environment}")));
        }
        self.looked.entry(environment.clone()).or_default().extend(item.cloned());
        Ok(())
    }

    /// Returns whether any content was passed to the code that makes the change.
    pub(super) fn has_looked(&self) -> bool {
        !self.looked.is_empty()
    }

    /// Returns an entry for each environment whose content was passed on.
    pub(super) fn looks(&self) -> Vec<Entry> {
        let attempt = || self.attempt.iter().filter(|entry| says_items(entry));
        let mut looks = Vec::new();
        for name in self.looked.keys() {
            let known = attempt().find(|entry| entry.environment.as_deref() == Some(name.as_str()));
            let other = || attempt().next().map(|entry| entry.clone().environment(name).items::<&str>([]));
            looks.extend(known.cloned().or_else(other));
        }
        looks
    }

    /// Returns the entries for a change that failed. The entry that the change was about to log says more than the one
    /// in the attempt.
    pub(super) fn failures(&self) -> Vec<Entry> {
        let best = |attempt: &Entry| {
            let is_same = |entry: &&Entry| entry.action == attempt.action && entry.environment == attempt.environment;
            self.entries.iter().find(is_same).unwrap_or(attempt).clone()
        };
        let mut entries = self.attempt.iter().map(best).collect();
        self.add_looks(&mut entries);
        entries
    }

    /// Returns the entry that says what this change does in an environment.
    pub(super) fn entry_about(&self, environment: &EnvironmentName) -> Entry {
        let mut entries = self.failures();
        match entries.iter().position(|entry| is_about(entry, environment)) {
            Some(at) => entries.swap_remove(at),
            None => entries.swap_remove(0).environment(environment),
        }
    }

    /// Checks that the entries say everything that this change does, after adding the names and the environments that
    /// they leave out. An environment is restarted afterwards, because no entry says that.
    ///
    /// # Errors
    /// A failure that names what no entry says.
    pub(super) fn account(&mut self) -> Result<()> {
        let mut entries = std::mem::take(&mut self.entries);
        self.add_looks(&mut entries);
        self.entries = entries;
        self.check_items_are_said()?;
        let before = &self.session.vault.roster;
        for statement in self.roster.statements().iter().skip(before.statements().len()) {
            self.check_is_said(&statement.draft.change)?;
        }
        let user = self.user();
        let slots = self.slots.iter().filter(|slot| slot.user == *user);
        if slots.eq(self.session.vault.slots().filter(|slot| slot.user == *user)) || self.says(Edits::Keys, None, None)
        {
            return Ok(());
        }
        Err(unsaid(&format!("the keys of {user} were changed")))
    }

    /// Adds an entry for every environment whose content was passed on, unless there is an entry about its items, and
    /// the names of the items that were read or changed.
    fn add_looks(&self, entries: &mut Vec<Entry>) {
        for look in self.looks() {
            if !entries.iter().any(|entry| says_items(entry) && entry.environment == look.environment) {
                entries.push(look);
            }
        }
        for (environment, looked) in &self.looked {
            let is_about =
                |entry: &&mut Entry| says_items(entry) && entry.environment.as_deref() == Some(environment.as_str());
            let Some(entry) = entries.iter_mut().find(is_about) else { continue };
            let mut names: Vec<_> = looked.iter().cloned().chain(self.changed_items(environment)).collect();
            names.order();
            names.dedup();
            names.retain(|name| entry.items.iter().all(|named| **named != *name.as_str()));
            entry.items.extend(names.into_iter().map(|name| name.to_string().into()));
        }
    }

    /// Returns the names of the items that this change adds, changes or removes.
    fn changed_items(&self, environment: &EnvironmentName) -> Vec<ItemName> {
        match (self.before.get(environment), self.contents.get(environment)) {
            (Some(before), Some(after)) if self.touched.contains(environment) => before.differing(after),
            _ => Vec::new(),
        }
    }

    fn check_items_are_said(&self) -> Result<()> {
        let is_same_roster = self.roster.head() == self.session.vault.roster.head();
        for environment in &self.touched {
            let is_said = if !self.changed_items(environment).is_empty() {
                self.says(Edits::Items, Some(environment), None)
            } else if is_same_roster && !self.looked.contains_key(environment) {
                // The environment could not be read, and is saved again with a fallback.
                self.entries.iter().any(|entry| is_about(entry, environment) && entry.action.edits())
            } else {
                true
            };
            if !is_said {
                return Err(unsaid(&format!("items of {environment} were changed")));
            }
        }
        Ok(())
    }

    fn check_is_said(&self, change: &Change) -> Result<()> {
        let is_said = match change {
            Change::Create { .. } => false,
            Change::AddUser { user, .. } => self.says(Edits::NewUser, None, Some(user)),
            Change::RemoveUser { user } => self.says(Edits::FormerUser, None, Some(user)),
            Change::SetRole { user, .. } => self.says(Edits::Role, None, Some(user)),
            Change::ReplaceKeys { .. } => self.says(Edits::Keys, None, None),
            Change::AddEnvironment { environment, .. } => self.says(Edits::NewEnvironment, Some(environment), None),
            Change::RemoveEnvironment { environment } => self.says(Edits::FormerEnvironment, Some(environment), None),
            Change::SetEnvironment { environment, protected } => {
                let edits = match protected {
                    Protection::Yes => Edits::Protection,
                    Protection::No => Edits::EndOfProtection,
                };
                self.says(edits, Some(environment), None)
            }
            Change::Grant { user, grants } => {
                grants.iter().all(|(environment, _)| self.says(Edits::Grant, Some(environment), Some(user)))
            }
            Change::Revoke { user, environments } => {
                environments.iter().all(|environment| self.says(Edits::Revocation, Some(environment), Some(user)))
            }
        };
        if is_said { Ok(()) } else { Err(unsaid(&change.describe(self.user()))) }
    }

    /// Returns whether an entry says that this was changed, in this environment and for this user. Entries name the user
    /// at the beginning of their note. Only actions of this library make entries of changes, and this check keeps them
    /// from naming somebody else; no front end can word a note so that it passes.
    fn says(&self, edits: Edits, environment: Option<&EnvironmentName>, user: Option<&UserName>) -> bool {
        let says = |entry: &Entry| {
            let may = entry.action.edits() || self.undoing.is_some();
            let named = || entry.note.as_deref().and_then(|note| note.split([':', ',']).next());
            may && entry.outcome == Outcome::Ok
                && entry.action.says(edits)
                && environment.is_none_or(|environment| is_about(entry, environment))
                && user.is_none_or(|user| named() == Some(user.as_str()))
        };
        self.entries.iter().any(says)
    }
}

fn says_items(entry: &Entry) -> bool {
    entry.action.says(Edits::Items)
}

fn is_about(entry: &Entry, environment: &EnvironmentName) -> bool {
    entry.environment.as_deref() == Some(environment.as_str())
}

fn unsaid(what: &str) -> Error {
    Error::failed(format!("no log entry of this change says: {what}"))
}
