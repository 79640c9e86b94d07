//! What an import changes in an environment. It is shown before and after the import.
//!
//! - Gives text without values: `Changes::lines`

use super::chosen::{Chosen, Remark, Taken};
use crate::error::Hint;
use crate::item::{Content, Item, Kind};
use crate::name::{EnvironmentName, ItemName, NamedItem};
use crate::ordered::Ordered as _;
use crate::view;
use std::collections::BTreeSet;

/// How an import changes an environment.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    added: Vec<Change>,
    changed: Vec<Change>,
    same: Vec<Change>,
    /// The existing items whose delivery to commands was changed from the default.
    delivered: Vec<ItemName>,
    /// The existing items that don't get the tags of the file.
    untagged: Vec<ItemName>,
}

/// What happens to an item.
#[derive(Debug, PartialEq, Eq)]
struct Change {
    name: ItemName,
    /// The previous kind, if it changes.
    before: Option<Kind>,
    kind: Kind,
}

impl Changes {
    /// Returns what an import would change in this content.
    #[must_use]
    pub fn new(chosen: &Chosen, content: &Content) -> Self {
        let mut changes = Self::default();
        for taken in chosen.items() {
            let before = content.items().get(&taken.name);
            let list = match before {
                None => &mut changes.added,
                Some(item) if chosen.is_same(taken, item) => &mut changes.same,
                Some(_) => &mut changes.changed,
            };
            list.push(Change::new(chosen, taken, before));
            if before.is_some_and(|item| !taken.has_its_tags(item)) {
                changes.untagged.push(taken.name.clone());
            }
            if before.is_some_and(|item| !item.outline().is_plain()) {
                changes.delivered.push(taken.name.clone());
            }
        }
        changes
    }

    /// Returns how many items are written.
    #[must_use]
    pub fn writes(&self) -> usize {
        self.added.len() + self.changed.len()
    }

    /// Returns whether all tags of the file are in the vault after the import.
    pub(super) fn has_all_tags(&self) -> bool {
        self.untagged.is_empty()
    }

    /// Returns the remarks to show: those on the file, which items `exec` leaves out, and which new items become
    /// variables because they look like plain settings.
    #[must_use]
    pub fn notes(&self, chosen: &Chosen) -> Vec<Remark> {
        let mut notes = chosen.notes().to_vec();
        let left_out = chosen.kept_from_programs(&self.delivered);
        notes.extend(left_out.map(|text| Remark { text: text.into(), is_left_out: true }));
        notes.extend(super::chosen::tags_left_out(&self.untagged));
        notes.extend(chosen.by_sight(self.is_added()).map(|text| Remark { text, is_left_out: false }));
        notes
    }

    /// Returns a test for names that the import adds.
    fn is_added(&self) -> impl Fn(&ItemName) -> bool {
        let added: BTreeSet<&ItemName> = self.added.iter().map(|change| &change.name).ordered();
        move |name| added.contains(name)
    }

    /// Returns a line for each item: what happens to it, and its kind afterwards.
    #[must_use]
    pub fn lines(&self, environment: &EnvironmentName) -> Vec<String> {
        let mut lines = Vec::new();
        for (word, changes) in [("add", &self.added), ("change", &self.changed), ("same", &self.same)] {
            for Change { name, before, kind } in changes {
                let before = before.map_or(String::new(), |before| format!(", was {before}"));
                let item = NamedItem::within(environment, name);
                lines.push(format!("{word:<7} {item} ({kind}{before})"));
            }
        }
        lines
    }

    /// Returns the object for programs. `worded` formats the remarks.
    #[must_use]
    pub fn object(
        &self,
        chosen: &Chosen,
        environment: &EnvironmentName,
        dry_run: bool,
        worded: impl Fn(&Hint) -> String,
    ) -> view::Import {
        let names = |changes: &[Change]| changes.iter().map(|change| change.name.to_string()).collect();
        view::Import {
            environment: environment.to_string(),
            added: names(&self.added),
            changed: names(&self.changed),
            same: names(&self.same),
            notes: self.notes(chosen).iter().map(|note| worded(&note.text)).collect(),
            dry_run,
        }
    }
}

impl Change {
    fn new(chosen: &Chosen, taken: &Taken, before: Option<&Item>) -> Self {
        let kind = chosen.kind_of(taken, before);
        let before = before.map(|item| item.metadata.kind).filter(|before| *before != kind);
        Self { name: taken.name.clone(), before, kind }
    }
}

impl std::fmt::Display for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} added, {} changed, {} the same", self.added.len(), self.changed.len(), self.same.len())
    }
}
