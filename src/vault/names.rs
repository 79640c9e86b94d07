//! Keeps the dangerous names that are allowed on this device, and the names that it has seen. Both are kept on the
//! device and not in the file, so that a user who writes an environment can't allow a name, or add a variable without a
//! notice.

use super::{Session, UnreadInjectables, Vault};
use crate::dangerous::{AllowedOnce, DangerousName, danger, refusal};
use crate::error::Result;
use crate::identity::FingerprintKey;
use crate::item::{Item, Metadata};
use crate::log::Entry;
use crate::marks::Place;
use crate::name::{EnvironmentName, ItemName, UserName, VariableName};
use crate::ordered::Ordered as _;
use crate::signature::Hash;
use crate::time::Time;
use std::collections::{BTreeSet, HashSet};

/// A name that this device has not seen before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewName {
    /// The item's name.
    pub name: String,
    /// The user who added the item, according to the writers of the environment.
    pub owner: UserName,
    /// When the item was added.
    pub created_at: Time,
}

/// The names that are allowed for one action, and those that this device allows for each environment of a vault.
#[derive(Clone, Copy)]
pub struct Allowed<'a> {
    once: &'a AllowedOnce,
    vault: &'a Vault,
}

impl Allowed<'_> {
    /// Returns whether a variable of this name may come from this environment.
    #[must_use]
    pub(crate) fn allows(self, environment: &EnvironmentName, name: &str) -> bool {
        self.once.allows(name) || self.vault.allows_name(environment, name)
    }

    /// Returns whether the name is allowed permanently, and not only for this action.
    #[must_use]
    pub fn is_kept(self, environment: &EnvironmentName, name: &str) -> bool {
        self.vault.allows_name(environment, name)
    }

    /// Refuses a dangerous variable that an item gets by a change and that is not allowed. A variable that programs
    /// already got from the item before the change isn't new, so the item can still be edited.
    ///
    /// # Errors
    /// As [`refusal`].
    pub fn check(
        self,
        environment: &EnvironmentName,
        item: &ItemName,
        (before, after): (Option<&Metadata>, &Metadata),
    ) -> Result<()> {
        let Some(variable) = after.given_variable(item) else { return Ok(()) };
        match danger(&variable) {
            Some(danger) if !self.allows(environment, &variable) => {
                if before.and_then(|before| before.given_variable(item)).is_some_and(|known| known == variable) {
                    return Ok(());
                }
                // In an environment that this change adds, nothing can be allowed permanently yet.
                let known = self.vault.names_place(environment).is_ok().then_some(environment);
                Err(refusal(&variable, danger, known))
            }
            _ => Ok(()),
        }
    }
}

impl Vault {
    /// Returns the names that may be used: those allowed for this action, and those that this device allows.
    #[must_use]
    pub fn allowed<'a>(&'a self, once: &'a AllowedOnce) -> Allowed<'a> {
        Allowed { once, vault: self }
    }

    /// Returns whether a dangerous name is allowed for an environment on this device.
    #[must_use]
    pub(crate) fn allows_name(&self, environment: &EnvironmentName, name: &str) -> bool {
        self.names_kept(environment).is_some_and(|names| names.allowed.contains(name))
    }

    /// Returns the dangerous names that are allowed for an environment on this device.
    pub(crate) fn allowed_names(&self, environment: &EnvironmentName) -> impl Iterator<Item = &str> {
        self.names_kept(environment).into_iter().flat_map(|names| names.allowed.iter().map(String::as_str))
    }

    /// Allows a dangerous name for an environment on this device. Returns whether it was not allowed before.
    ///
    /// # Errors
    /// A not-found error if there is no such environment; or if the state directory can't be written.
    pub fn allow_name(&self, environment: &EnvironmentName, name: &DangerousName) -> Result<bool> {
        let place = self.names_place(environment)?;
        let name = name.as_str().to_owned();
        self.marks_store().change_names(&self.roster, self.is_in_git(), place, |names| names.allowed.insert(name))
    }

    /// Undoes [`Vault::allow_name`], and returns whether the name was allowed.
    ///
    /// # Errors
    /// The same as for [`Vault::allow_name`].
    pub fn deny_name(&self, environment: &EnvironmentName, name: &VariableName) -> Result<bool> {
        let place = self.names_place(environment)?;
        let change = |names: &mut crate::marks::Names| names.allowed.remove(name.as_str());
        self.marks_store().change_names(&self.roster, self.is_in_git(), place, change)
    }

    /// Returns whether this device has seen every name in this block of an environment.
    pub(super) fn has_seen_names(&self, environment: &EnvironmentName, block: &Hash) -> bool {
        self.names_kept(environment).is_some_and(|names| names.seen.as_ref() == Some(block))
    }

    pub(super) fn names_kept(&self, environment: &EnvironmentName) -> Option<&crate::marks::Names> {
        self.marks.as_ref()?.names_of(self.names_place(environment).ok()?)
    }

    pub(super) fn names_place<'a>(&self, environment: &'a EnvironmentName) -> Result<Place<'a>> {
        let added = self.roster.state().environment(environment)?.added;
        Ok(Place { environment, added })
    }
}

impl Session {
    /// Returns the items whose names this device has not seen in their environment before, and records the names as
    /// seen. When an environment is first read, none of its names is new. If the names can't be recorded, they are new
    /// again next time.
    ///
    /// # Errors
    /// The same as for [`Session::open`].
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
        let fingerprints = Fingerprints::new(self)?;
        let known = store.seen_names(&fingerprints.reader, place)?;
        let is_known = |print: &String| known.as_ref().is_some_and(|known| known.contains(print));
        let given: HashSet<&str> = unread.items().map(|item| item.name()).collect();
        let (mut new, mut seen, mut has_all) = (Vec::new(), BTreeSet::new(), true);
        for item in content.items().values() {
            let print = fingerprints.fingerprint(item.name.as_str());
            if is_known(&print) {
                continue;
            }
            let is_given = given.contains(item.name.as_str());
            if known.is_none() || is_given {
                seen.insert(print);
            } else {
                has_all = false;
            }
            if known.is_some() && is_given {
                new.push(NewName::new(item));
            }
        }
        let kept = store.add_seen_names(&fingerprints.reader, place, seen).and_then(|()| match has_all {
            true => store.change_names(&self.vault.roster, self.vault.is_in_git(), place, |names| {
                names.seen = Some(block);
            }),
            false => Ok(()),
        });
        // If the names can't be recorded, they are reported again; nothing else is lost.
        drop(kept);
        Ok(new)
    }

    /// Records the names that this user has just saved, so that they are not reported as new.
    pub(super) fn note_own_names(&self, entries: &[Entry]) {
        // If the agent has stopped in the meantime, they are reported.
        let Ok(fingerprints) = Fingerprints::new(self) else { return };
        let store = self.vault.marks_store();
        for entry in entries.iter().filter(|entry| !entry.items.is_empty()) {
            let Some(environment) = entry.environment.as_ref().and_then(|name| EnvironmentName::new(name).ok()) else {
                continue;
            };
            let Ok(place) = self.vault.names_place(&environment) else { continue };
            let prints: BTreeSet<String> = entry.items.iter().map(|name| fingerprints.fingerprint(name)).ordered();
            // Before the first read of an environment there is no list, and nothing is reported as new.
            if let Ok(Some(known)) = store.seen_names(&fingerprints.reader, place)
                && !prints.is_subset(&known)
            {
                drop(store.add_seen_names(&fingerprints.reader, place, prints));
            }
        }
    }
}

impl NewName {
    fn new(item: &Item) -> Self {
        Self { name: item.name.to_string(), owner: item.owner.clone(), created_at: item.created_at }
    }
}

/// Names as this device keeps them. Without the user's key nobody can read them.
struct Fingerprints {
    key: FingerprintKey,
    /// Identifies the user's key: a new key starts a new list.
    reader: String,
}

impl Fingerprints {
    fn new(session: &Session) -> Result<Self> {
        let key = session.fingerprint_key()?;
        let reader = key.fingerprint("vault/seen-names/v1", b"");
        Ok(Self { key, reader })
    }

    fn fingerprint(&self, name: &str) -> String {
        self.key.fingerprint("vault/seen-name/v1", name.as_bytes())
    }
}
