//! Describes what a change did.

use super::{Fate, Part, Record};
use crate::log::Action;
use crate::name::{EnvironmentName, ItemName, NamedItem};
use crate::words::plural;

impl Record {
    /// Returns what was done, as a noun phrase: `import of 4 items into dev`. It has names, but no values.
    #[must_use]
    pub fn summary(&self) -> String {
        summary(self.action, self.is_undo, self.done.as_deref().unwrap_or_default())
    }

    /// Returns the kind of the change, as a noun: `import`.
    pub(crate) fn in_a_noun(&self) -> &'static str {
        noun(self.action)
    }

    /// Returns what was done, as a clause: `an environment was protected`.
    pub(crate) fn in_a_clause(&self) -> String {
        let mut clause = self.action.description().trim_end_matches('.').to_owned();
        clause[..1].make_ascii_lowercase();
        clause
    }
}

fn noun(action: Action) -> &'static str {
    match action {
        Action::EnvAdd => "addition",
        Action::EnvCopy => "copy",
        Action::EnvRemove | Action::Remove => "removal",
        Action::Rotate => "rotation",
        action => action.word(),
    }
}

fn summary(action: Action, is_undo: bool, parts: &[Part]) -> String {
    let (items, noun) = (items(parts), noun(action));
    if let (Action::Copy, [item]) = (action, &items[..]) {
        return format!("{noun} to {item}");
    }
    match (action, parts) {
        (Action::EnvAdd, [part]) => format!("{noun} of environment {}", part.environment),
        (Action::EnvRemove, [part]) => {
            let holds =
                if items.is_empty() { String::new() } else { format!(" with its {}", plural(items.len(), "item")) };
            format!("{noun} of environment {}{holds}", part.environment)
        }
        (Action::Move, _) => moved(parts, is_undo).unwrap_or_else(|| in_words(noun, &items, "in", parts)),
        (Action::Copy | Action::EnvCopy, _) => in_words(noun, &items, "to", parts),
        (Action::Import, _) => in_words(noun, &items, "into", parts),
        (Action::Remove, _) => in_words(noun, &items, "from", parts),
        _ => in_words(noun, &items, "in", parts),
    }
}

/// An item, as it is shown.
type Named<'a> = NamedItem<&'a EnvironmentName, &'a ItemName>;

fn items(parts: &[Part]) -> Vec<Named<'_>> {
    parts.iter().flat_map(|part| part.after.keys().map(|name| NamedItem::within(&part.environment, name))).collect()
}

fn in_words(noun: &str, items: &[Named<'_>], preposition: &str, parts: &[Part]) -> String {
    if let [item] = items {
        return format!("{noun} of {item}");
    }
    let environments: Vec<_> = parts.iter().map(|part| part.environment.as_str()).collect();
    let new = if parts.iter().any(|part| part.fate == Fate::Added) { " (new)" } else { "" };
    format!("{noun} of {} {preposition} {}{new}", plural(items.len(), "item"), environments.join(" and "))
}

/// Describes the move of an item between two places. `None` if one of the places is missing.
fn moved(parts: &[Part], is_undo: bool) -> Option<String> {
    let (mut from, mut to) = (None, None);
    for part in parts {
        for (name, after) in &part.after {
            // An undone move removes the item from where the move had put it.
            let is_source = after.is_none() != is_undo;
            let place = if is_source { &mut from } else { &mut to };
            *place = Some(NamedItem::within(&part.environment, name));
        }
    }
    Some(format!("move of {} to {}", from?, to?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Content;

    fn part(environment: &str, fate: Fate, removed: &[&str], kept: &[&str]) -> Part {
        let name = |name: &&str| ItemName::new(*name).unwrap();
        let kept = kept.iter().map(|item| (name(item), Some(crate::item::Digest::of(item.as_bytes()))));
        Part {
            environment: EnvironmentName::new(environment).unwrap(),
            fate,
            save: None,
            grants: Vec::new(),
            after: removed.iter().map(|item| (name(item), None)).chain(kept).collect(),
            before: Content::default(),
        }
    }

    #[test]
    fn a_change_is_described_by_a_noun_and_its_place() {
        let dev = |names: &[&str]| part("dev", Fate::Changed, &[], names);
        assert_eq!(summary(Action::Set, false, &[dev(&["A"])]), "set of dev/A");
        assert_eq!(summary(Action::Import, false, &[dev(&["A", "B"])]), "import of 2 items into dev");
        assert_eq!(summary(Action::EnvAdd, false, &[part("ci", Fate::Added, &[], &[])]), "addition of environment ci");
        let removed = part("ci", Fate::Removed, &["A", "B"], &[]);
        assert_eq!(summary(Action::EnvRemove, false, &[removed]), "removal of environment ci with its 2 items");
        let copied = part("ci", Fate::Added, &[], &["A", "B"]);
        assert_eq!(summary(Action::EnvCopy, false, &[copied]), "copy of 2 items to ci (new)");
    }

    #[test]
    fn a_move_is_described_with_source_and_destination_even_when_redone() {
        let parts = [part("dev", Fate::Changed, &["A"], &[]), part("prod", Fate::Changed, &[], &["B"])];
        assert_eq!(summary(Action::Move, false, &parts), "move of dev/A to prod/B");
        assert_eq!(summary(Action::Move, true, &parts), "move of prod/B to dev/A");
    }
}
