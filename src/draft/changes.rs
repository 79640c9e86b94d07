//! Finds what a user changed in a text.

use super::{Draft, text};
use crate::error::{Error, Hint, Reason, Remedy, Result};
use crate::format::Entry;
use crate::format::dotenv::{self, Dialect, References};
use crate::item::{Content, Item, MAX_VALUE, Metadata, is_nothing};
use crate::name::{EnvironmentName, ItemName, UserName};
use crate::secret::SecretBytes;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// What a text may contain.
pub struct Rules {
    /// Whether an item may have an empty value.
    pub accepts_empty: bool,
    /// Whether an editor shows a message line above the text, so that line numbers are one higher.
    pub is_below_message: bool,
}

/// The changes that a user made.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Changes {
    added: Vec<(ItemName, SecretBytes)>,
    changed: Vec<(ItemName, SecretBytes)>,
    removed: Vec<ItemName>,
    /// The lines of the items in a text with several.
    lines: BTreeMap<ItemName, usize>,
}

impl Draft {
    /// Returns the changes that the text makes to the items that were shown.
    ///
    /// # Errors
    /// A usage error, with the line, for anything whose meaning is in doubt.
    pub fn changes(&self, rules: &Rules) -> Result<Changes> {
        match &self.item {
            Some(name) => of_item(self.base.item(&self.environment, name)?, &self.text, rules),
            None => {
                let open = self.shown_conflicts.keys().find(|name| text::tells_of(&self.text, name));
                if let Some(name) = open {
                    let what =
                        format!("{name} is in conflict: choose a value, and delete the lines about the conflict");
                    return Err(Error::usage(what));
                }
                Changes::of_text(self, rules)
            }
        }
    }
}

/// Returns the new value of one item, if it changed. Editors add a final newline; it is dropped if the old value had
/// none.
fn of_item(item: &Item, text: &[u8], rules: &Rules) -> Result<Changes> {
    let old = &*item.current.value;
    let value = if old.ends_with(b"\n") { text } else { text.strip_suffix(b"\n").unwrap_or(text) };
    if is_nothing(value) && !is_nothing(old) && !rules.accepts_empty {
        let hint = ("to accept an empty value: ", Remedy::AcceptEmpty);
        return Err(Error::new(Reason::EmptyValue, "the value is empty").hint(hint));
    }
    check_size(value)?;
    let value = SecretBytes::new(value.to_vec());
    let changed = if item.current.value == value { Vec::new() } else { vec![(item.name.clone(), value)] };
    Ok(Changes { changed, ..Changes::default() })
}

fn check_size(value: &[u8]) -> Result<()> {
    if value.len() > MAX_VALUE {
        let what = format!("the value is larger than {} KiB", MAX_VALUE >> 10);
        return Err(Error::new(Reason::TooLarge, what));
    }
    Ok(())
}

impl Changes {
    fn of_text(draft: &Draft, rules: &Rules) -> Result<Self> {
        let above: &[u8] = if rules.is_below_message {
            b"#
"
        } else {
            b""
        };
        let read = dotenv::parse(&text::joined(&[above, &draft.text]), Dialect::Node, References::Keep)?;
        let shown = draft.base.items();
        // A line that is still as it was shown needs no note about how other programs would read it.
        let is_shown = |name: &str, value: &[u8]| {
            shown.iter().any(|(known, item)| known.as_str() == name && *item.current.value == *value)
        };
        let as_shown: BTreeSet<&str> = read
            .entries
            .iter()
            .filter(|entry| is_shown(&entry.name, &entry.value))
            .map(|entry| entry.name.as_str())
            .collect();
        for note in read.notes.iter().filter(|note| !note.is_only_expanded) {
            if note.is_left_out || note.name.as_deref().is_none_or(|name| !as_shown.contains(name)) {
                let name = note.name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
                let message = note.message.trim_end_matches("; left out");
                return Err(Error::usage(format!("line {}: {name}{message}", note.line)));
            }
        }
        if read.entries.is_empty() && !shown.is_empty() {
            return Err(Error::usage("the text has no items left"));
        }
        let mut changes = Self::default();
        let mut kept = BTreeSet::new();
        for entry in read.entries {
            let line = entry.line;
            let at = |error: Error| error_at(line, &error);
            let name = changes.add(entry, draft, rules).map_err(at)?;
            changes.lines.insert(name.clone(), line);
            kept.insert(name);
        }
        changes.removed = shown.keys().filter(|name| !kept.contains(*name)).cloned().collect();
        Ok(changes)
    }

    /// Adds a line of the text to the changes, and returns its name.
    fn add(&mut self, entry: Entry, draft: &Draft, rules: &Rules) -> Result<ItemName> {
        let name = ItemName::new(entry.name.as_str())?;
        check_size(&entry.value)?;
        if draft.left_out.contains(&name) {
            return Err(Error::new(Reason::Exists, format!("{name} already exists")));
        }
        let shown = draft.base.items().get(&name);
        if shown.is_some_and(|item| item.current.value == entry.value) {
            return Ok(name);
        }
        if entry.value.is_empty() && !rules.accepts_empty {
            let what = format!("{name} is empty: give it a value or remove the line");
            return Err(Error::new(Reason::EmptyValue, what).hint(("to accept empty values: ", Remedy::AcceptEmpty)));
        }
        if shown.is_some() {
            self.changed.push((name.clone(), entry.value));
        } else {
            self.added.push((name.clone(), entry.value));
        }
        Ok(name)
    }

    /// Returns an error of saving these changes. If it refuses a dangerous name, it names the line: what is allowed is
    /// only known when the text is saved.
    #[must_use]
    pub(crate) fn located(&self, error: Error) -> Error {
        let line_of = |name: &str| self.lines.iter().find(|(known, _)| known.as_str() == name).map(|(_, line)| *line);
        let refused = error.advice().into_iter().flat_map(Hint::remedies).find_map(|remedy| match remedy {
            Remedy::AllowOnce(name) => line_of(name),
            _ => None,
        });
        match refused {
            Some(line) => error_at(line, &error),
            None => error,
        }
    }

    /// Returns whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }

    /// Returns the names of the items to remove.
    #[must_use]
    pub fn removed(&self) -> Vec<&str> {
        self.removed.iter().map(ItemName::as_str).collect()
    }

    /// Returns the names of all items that differ.
    pub fn names(&self) -> impl Iterator<Item = &ItemName> {
        self.added.iter().chain(&self.changed).map(|(name, _)| name).chain(&self.removed)
    }

    /// Applies the changes to the content that was shown.
    ///
    /// # Errors
    /// If a value is not allowed.
    pub(super) fn on(
        &self,
        base: &Content,
        environment: &EnvironmentName,
        by: &UserName,
        now: Time,
    ) -> Result<Content> {
        let mut content = base.clone();
        for (name, value) in self.added.iter().chain(&self.changed) {
            let before = content.items().get(name);
            let metadata = before.map_or_else(Metadata::default, |item| item.metadata.for_new_value());
            content.set(name, value.clone(), &metadata, by, now)?;
        }
        for name in &self.removed {
            content.remove(environment, name)?;
        }
        Ok(content)
    }

    /// Summarizes the changes for people: `changed A; added B, C`.
    #[must_use]
    pub fn summary(&self) -> String {
        let names = |items: &[(ItemName, SecretBytes)]| items.iter().map(|(name, _)| name.to_string()).collect();
        let removed = self.removed.iter().map(ToString::to_string).collect();
        let lists: [(&str, Vec<String>); 3] =
            [("changed", names(&self.changed)), ("added", names(&self.added)), ("removed", removed)];
        let lists = lists.iter().filter(|(_, names)| !names.is_empty());
        let parts: Vec<_> = lists.map(|(what, names)| format!("{what} {}", names.join(", "))).collect();
        parts.join("; ")
    }
}

/// Returns the error with its line number. The hint is kept.
fn error_at(line: usize, error: &Error) -> Error {
    let located = Error::new(error.reason(), format!("line {line}: {error}"));
    match error.advice() {
        Some(hint) => located.hint(hint.clone()),
        None => located,
    }
}
