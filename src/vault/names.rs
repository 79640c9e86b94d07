//! Dangerous names that were allowed on this device, and names that it sees for the first time. Both are kept here and not in
//! the file: whoever writes an environment must not be able to allow anything, nor to add a variable without a word.

use super::{Session, UnreadInjectables, Vault};
use crate::error::{Error, Result};
use crate::log::Entry;
use crate::marks::Place;
use crate::name::{EnvironmentName, UserName, VariableName};
use crate::signature::Hash;
use crate::time::Time;
use std::collections::BTreeSet;

/// A name that this device has not seen before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewName {
    /// The item's.
    pub name: String,
    /// Who added the item, in the words of those who write the environment.
    pub owner: UserName,
    /// When.
    pub created_at: Time,
}

impl Vault {
    /// Whether a dangerous name was allowed for an environment on this device.
    #[must_use]
    pub fn allows_name(&self, environment: &EnvironmentName, name: &str) -> bool {
        self.names_kept(environment).is_some_and(|names| names.allowed.contains(name))
    }

    /// The dangerous names that were allowed for an environment on this device.
    pub fn allowed_names(&self, environment: &EnvironmentName) -> impl Iterator<Item = &str> {
        self.names_kept(environment).into_iter().flat_map(|names| names.allowed.iter().map(String::as_str))
    }

    /// Allows a dangerous name for an environment, on this device; says whether it was not allowed before.
    ///
    /// # Errors
    /// A not-found error if there is no such environment; or if the state directory can't be written.
    pub fn allow_name(&self, environment: &EnvironmentName, name: &VariableName) -> Result<bool> {
        let place = self.names_place(environment)?;
        let name = name.as_str().to_owned();
        self.marks_store().change_names(&self.roster, self.is_in_git(), place, |names| names.allowed.insert(name))
    }

    /// Takes back what [`Vault::allow_name`] did; says whether there was something to take back.
    ///
    /// # Errors
    /// As [`Vault::allow_name`].
    pub fn deny_name(&self, environment: &EnvironmentName, name: &VariableName) -> Result<bool> {
        let place = self.names_place(environment)?;
        let change = |names: &mut crate::marks::Names| names.allowed.remove(name.as_str());
        self.marks_store().change_names(&self.roster, self.is_in_git(), place, change)
    }

    /// Whether this device has seen every name of this very block of an environment.
    pub(super) fn has_seen_names(&self, environment: &EnvironmentName, block: &Hash) -> bool {
        self.names_kept(environment).is_some_and(|names| names.seen.as_ref() == Some(block))
    }

    fn names_kept(&self, environment: &EnvironmentName) -> Option<&crate::marks::Names> {
        self.marks.as_ref()?.names_of(self.names_place(environment).ok()?)
    }

    fn names_place<'a>(&self, environment: &'a EnvironmentName) -> Result<Place<'a>> {
        let added = self.roster.state().environment(environment)?.added;
        Ok(Place { environment, added })
    }
}

impl Session {
    /// Those of these items whose names this device has not seen in their environment before; they are seen now. On the
    /// first look at an environment none is new. Where that can't be kept, it is said again.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub fn new_names(&self, unread: &[UnreadInjectables]) -> Result<Vec<NewName>> {
        let mut new = Vec::new();
        for unread in unread {
            if let Some(block) = unread.unseen() {
                new.extend(self.new_names_in(unread, block)?);
            }
        }
        Ok(new)
    }

    fn new_names_in(&self, unread: &UnreadInjectables, block: Hash) -> Result<Vec<NewName>> {
        let (store, environment) = (self.vault.marks_store(), unread.environment());
        let place = self.vault.names_place(environment)?;
        let content = self.content_of(environment)?;
        let all = || content.items().keys().map(ToString::to_string);
        let known = store.seen_names(place)?;
        let given: BTreeSet<String> = match &known {
            None => all().collect(),
            Some(known) => {
                unread.items().map(|item| item.name().to_string()).filter(|name| !known.contains(name)).collect()
            }
        };
        let is_told = |name: &String| known.as_ref().is_none_or(|known| known.contains(name)) || given.contains(name);
        let has_all = all().all(|name| is_told(&name));
        let new = match &known {
            None => Vec::new(),
            Some(_) => content.items().values().filter(|item| given.contains(item.name.as_str())).collect(),
        };
        let new = new.into_iter().map(|item| NewName {
            name: item.name.to_string(),
            owner: item.owner.clone(),
            created_at: item.created_at,
        });
        let new = new.collect();
        let kept = store.add_seen_names(place, given).and_then(|()| match has_all {
            true => store.change_names(&self.vault.roster, self.vault.is_in_git(), place, |names| {
                names.seen = Some(block);
            }),
            false => Ok(()),
        });
        // It is said again then, and nothing else is lost.
        drop(kept.map_err(|error: Error| error));
        Ok(new)
    }

    /// What this user has just saved is not news here.
    pub(super) fn note_own_names(&self, entries: &[Entry]) {
        let store = self.vault.marks_store();
        for entry in entries.iter().filter(|entry| !entry.items.is_empty()) {
            let Some(environment) = entry.environment.as_ref().and_then(|name| EnvironmentName::new(name).ok()) else {
                continue;
            };
            let Ok(place) = self.vault.names_place(&environment) else { continue };
            // Before the first look there is no list, and nothing is news.
            if let Ok(Some(known)) = store.seen_names(place)
                && entry.items.iter().any(|name| !known.contains(&**name))
            {
                drop(store.add_seen_names(place, entry.items.iter().map(ToString::to_string).collect()));
            }
        }
    }
}
