//! What an import changes in an environment, as it is shown before and told afterwards.

use super::chosen::{Chosen, Taken};
use crate::cli::showing::object;
use std::collections::BTreeSet;
use vault::item::{Content, Item, Kind};
use vault::name::{EnvironmentName, ItemName};

/// How an import changes an environment.
#[derive(Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) added: Vec<Change>,
    pub(super) changed: Vec<Change>,
    pub(super) same: Vec<Change>,
}

/// What becomes of an item.
#[derive(PartialEq, Eq)]
pub(super) struct Change {
    pub(super) name: ItemName,
    /// What it was, if it is another kind afterwards.
    before: Option<Kind>,
    kind: Kind,
}

impl Changes {
    pub(super) fn of(chosen: &Chosen, content: &Content) -> Self {
        let mut changes = Self::default();
        for taken in &chosen.items {
            let before = content.items().get(&taken.name);
            let list = match before {
                None => &mut changes.added,
                Some(item) if chosen.is_same(taken, item) => &mut changes.same,
                Some(_) => &mut changes.changed,
            };
            list.push(Change::new(chosen, taken, before));
        }
        changes
    }

    /// How many items are written.
    pub(super) fn writes(&self) -> usize {
        self.added.len() + self.changed.len()
    }

    /// Tells which items are new with it.
    pub(super) fn is_added(&self) -> impl Fn(&ItemName) -> bool {
        let added: BTreeSet<&ItemName> = self.added.iter().map(|change| &change.name).collect();
        move |name| added.contains(name)
    }

    /// A line for each item: what happens to it, and of which kind it is then.
    pub(super) fn lines(&self, environment: &EnvironmentName) -> Vec<String> {
        let mut lines = Vec::new();
        for (word, changes) in [("add", &self.added), ("change", &self.changed), ("same", &self.same)] {
            for Change { name, before, kind } in changes {
                let before = before.map_or(String::new(), |before| format!(", was {before}"));
                lines.push(format!("{word:<7} {environment}/{name} ({kind}{before})"));
            }
        }
        lines
    }

    pub(super) fn object(&self, chosen: &Chosen, environment: &EnvironmentName, dry_run: bool) -> object::Import {
        let names = |changes: &[Change]| changes.iter().map(|change| change.name.to_string()).collect();
        let mut notes: Vec<String> = chosen.notes.iter().map(|note| note.text.clone()).collect();
        notes.extend(chosen.by_sight(self.is_added()));
        object::Import {
            environment: environment.to_string(),
            added: names(&self.added),
            changed: names(&self.changed),
            same: names(&self.same),
            notes,
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
