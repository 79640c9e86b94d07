//! What was changed in the editor, and doing it to the vault.

use super::Args;
use std::collections::BTreeSet;
use vault::format::dotenv::{self, Dialect, References};
use vault::item::{Content, Item, MAX_VALUE, Metadata};
use vault::log::{Action, Entry};
use vault::name::{EnvironmentName, ItemName};
use vault::secret::SecretBytes;
use vault::vault::Edit;
use vault::{Error, Result};

/// The difference that the user made.
#[derive(Default)]
pub struct Changes {
    added: Vec<(ItemName, SecretBytes)>,
    changed: Vec<(ItemName, SecretBytes)>,
    removed: Vec<ItemName>,
}

impl Changes {
    /// One item's new value, if it is one.
    pub fn of_item(item: &Item, value: SecretBytes) -> Self {
        let changed = if value == item.current.value { Vec::new() } else { vec![(item.name.clone(), value)] };
        Self { changed, ..Self::default() }
    }

    /// What the text says of the items that were shown. The others keep out of it.
    ///
    /// # Errors
    /// Whatever leaves doubt about what was meant, by line.
    pub fn of_text(text: &[u8], shown: &[&Item], others: &BTreeSet<ItemName>, args: &Args) -> Result<Self> {
        let read = dotenv::parse(text, Dialect::default(), References::Keep)?;
        if let Some(note) = read.notes.first() {
            let name = note.name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
            let message = note.message.trim_end_matches("; left out");
            return Err(Error::usage(format!("line {}: {name}{message}", note.line)));
        }
        if read.entries.is_empty() && !shown.is_empty() {
            return Err(Error::usage("no item is left in the text"));
        }
        let mut changes = Self::default();
        let mut kept = BTreeSet::new();
        for entry in read.entries {
            let at = |error: &Error| Error::usage(format!("line {}: {error}", entry.line));
            let name = ItemName::new(entry.name.as_str()).map_err(|error| at(&error))?;
            if entry.value.len() > MAX_VALUE {
                return Err(at(&Error::usage(format!("the value is larger than {} KiB", MAX_VALUE >> 10))));
            }
            if others.contains(&name) {
                return Err(at(&Error::usage(format!("{name} already exists"))));
            }
            match shown.iter().find(|item| item.name == name) {
                Some(item) if item.current.value == entry.value => {}
                _ if entry.value.is_empty() && !args.empty => {
                    return Err(at(&Error::usage(format!(
                        "{name} is empty: give it a value or remove the line (vault edit --empty accepts it)"
                    ))));
                }
                Some(_) => changes.changed.push((name.clone(), entry.value)),
                None => {
                    args.allow.check(std::iter::once(name.as_str())).map_err(|error| at(&error))?;
                    changes.added.push((name.clone(), entry.value));
                }
            }
            kept.insert(name);
        }
        changes.removed = shown.iter().map(|item| &item.name).filter(|name| !kept.contains(*name)).cloned().collect();
        Ok(changes)
    }

    /// Whether nothing was changed.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }

    /// The names of what is to go.
    pub fn removed_names(&self) -> Vec<&str> {
        self.removed.iter().map(ItemName::as_str).collect()
    }

    /// Writes it, unless somebody else changed one of these items since `before` was read.
    ///
    /// # Errors
    /// If so, or if the values can't be.
    pub fn apply(&self, edit: &mut Edit<'_>, environment: &EnvironmentName, before: &Content) -> Result<()> {
        let (now, user) = (edit.now(), edit.user());
        let content = edit.content_mut(environment)?;
        for name in self.names() {
            let version = |content: &Content| content.items().get(name).map(|item| item.current.clone());
            if version(content) != version(before) {
                return Err(Error::failed(format!("{environment}/{name} was changed by somebody else meanwhile"))
                    .hint("nothing was written; run the command again"));
            }
        }
        for (name, value) in self.added.iter().chain(&self.changed) {
            let before = content.items().get(name);
            let metadata = before.map_or_else(Metadata::default, |item| item.metadata.for_new_value());
            content.set(name, value.clone(), &metadata, user, now)?;
        }
        for name in &self.removed {
            content.remove(environment, name)?;
        }
        edit.log(Entry::new(Action::Edit).environment(environment).items(self.names()));
        Ok(())
    }

    fn names(&self) -> impl Iterator<Item = &ItemName> {
        self.added.iter().chain(&self.changed).map(|(name, _)| name).chain(&self.removed)
    }

    /// One line for people.
    pub fn summary(&self, environment: &EnvironmentName) -> String {
        let names = |items: &[(ItemName, SecretBytes)]| items.iter().map(|(name, _)| name.to_string()).collect();
        let removed = self.removed.iter().map(ToString::to_string).collect();
        let lists: [(&str, Vec<String>); 3] =
            [("changed", names(&self.changed)), ("added", names(&self.added)), ("removed", removed)];
        let lists = lists.iter().filter(|(_, names)| !names.is_empty());
        let parts: Vec<_> = lists.map(|(what, names)| format!("{what} {}", names.join(", "))).collect();
        format!("In {environment}: {}.", parts.join("; "))
    }
}
