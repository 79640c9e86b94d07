//! Merges two versions of an environment: item by item, and each item field by field.
//!
//! Items are matched by id, which an item keeps when it is renamed. A field that only one side changed is taken from that
//! side. It is a conflict if both sides changed a field differently, if one side removed an item that the other changed,
//! or if two items would have the same name. Marks on values that have to be replaced are never lost. The earlier values
//! of both sides are kept as far as there is room.

mod bases;
mod conflict;
mod entangled;
mod fields;
mod named;
mod pairs;
mod subject;
mod trio;
mod values;

use super::Side;
use crate::diff::Field;
use crate::error::{Error, Reason, Remedy, Result};
use crate::item::{Content, Item, Origin, check_value};
use crate::name::{EnvironmentName, ItemName, NamedItem, UserName};
use crate::ordered::{InOrder as _, Ordered as _};
use crate::time::Time;
pub(crate) use bases::in_common;
pub use conflict::{Choice, Conflict};
use fields::Wanted;
use std::collections::BTreeMap;
pub use subject::Subject;
use trio::{Outcome, Trio};

/// The merge of one environment, as far as it is decided.
#[derive(Debug)]
pub struct Merging<'a> {
    environment: EnvironmentName,
    origin: Origin,
    kept: Vec<Item>,
    conflicts: Vec<Conflict<'a>>,
    anchors: [&'a Content; 2],
    from_ours: Vec<ItemName>,
    from_theirs: Vec<ItemName>,
    from_both: Vec<ItemName>,
}

/// Merges two versions of an environment. `base` is their common ancestor, or empty if that is not known. Changes made
/// only by a side in `doubted` are not taken without a person. `origin` is the session that decrypted all three.
#[must_use]
pub fn merge<'a>(
    environment: &EnvironmentName,
    [base, ours, theirs]: [&'a Content; 3],
    doubted: &[Side],
    origin: Origin,
) -> Merging<'a> {
    let mut merging = Merging {
        environment: environment.clone(),
        origin,
        kept: Vec::new(),
        conflicts: Vec::new(),
        anchors: [ours, theirs],
        from_ours: Vec::new(),
        from_theirs: Vec::new(),
        from_both: Vec::new(),
    };
    let trios = pairs::pair(environment, base, ours, theirs);
    let decided = |trio: &Trio<'_>| match doubts(environment, trio, doubted) {
        Some(fields) => Outcome::Open(fields),
        None => outcome(environment, trio),
    };
    let outcomes: Vec<Outcome> = trios.iter().map(decided).collect();
    let groups = entangled::groups(&trios, &outcomes);
    for ((trio, outcome), group) in trios.into_iter().zip(outcomes).zip(groups) {
        match (outcome, group) {
            (outcome, Some(group)) => merging.add_to_conflict(group, trio, outcome),
            (Outcome::Kept(item), None) => {
                merging.note(&trio, &item.name);
                merging.kept.push(*item);
            }
            (Outcome::Gone | Outcome::Open(_), None) => {
                if let Some(item) = trio.base {
                    merging.note(&trio, &item.name);
                }
            }
        }
    }
    merging.conflicts.retain(|conflict| !conflict.trios.is_empty());
    merging.conflicts.order_by(|one, other| one.names().cmp(&other.names()));
    merging
}

/// Whether `whole` has everything that `part` has: every item with the same fields, and every value as the current or an
/// earlier one.
#[must_use]
pub fn holds_all(environment: &EnvironmentName, whole: &Content, part: &Content) -> bool {
    let ids: BTreeMap<String, &Item> = whole.items().values().map(|item| (item.id(environment), item)).ordered();
    part.items().values().all(|item| {
        ids.get(&item.id(environment)).is_some_and(|known| {
            let fields = fields::differing(known, item);
            fields.is_empty() || (fields[..] == [Field::Value] && values::has_had(known, &item.current))
        })
    })
}

fn outcome(environment: &EnvironmentName, trio: &Trio<'_>) -> Outcome {
    match (trio.base, trio.ours, trio.theirs) {
        (base, Some(ours), Some(theirs)) => {
            let wanted = Wanted { environment, open: &[], side: None };
            match fields::merge(base, ours, theirs, &wanted) {
                Ok(item) => Outcome::Kept(item.into()),
                Err(open) => Outcome::Open(fields::decided_together(environment, base, ours, theirs, open)),
            }
        }
        (Some(base), Some(item), None) | (Some(base), None, Some(item)) => {
            if fields::is_same(base, item) {
                Outcome::Gone
            } else {
                Outcome::Open(Vec::new())
            }
        }
        (None, Some(item), None) | (None, None, Some(item)) => Outcome::Kept(item.clone().into()),
        (_, None, None) => Outcome::Gone,
    }
}

/// Returns what a person has to decide because a doubted side changed it: fields or, if there are none, whether the item
/// exists.
fn doubts(environment: &EnvironmentName, trio: &Trio<'_>, doubted: &[Side]) -> Option<Vec<Field>> {
    let changed = doubted.iter().filter(|side| trio.is_changed_by(**side));
    match (trio.ours, trio.theirs) {
        (Some(ours), Some(theirs)) => {
            let by_doubted: Vec<Field> = changed
                .filter_map(|side| trio.item_on(*side))
                .flat_map(|item| trio.base.map_or_else(Vec::new, |base| fields::differing(base, item)))
                .collect();
            let mut fields = fields::differing(ours, theirs);
            fields.retain(|field| trio.base.is_none() || by_doubted.contains(field));
            let is_doubted = !doubted.is_empty() && !fields.is_empty();
            is_doubted.then(|| fields::decided_together(environment, trio.base, ours, theirs, fields))
        }
        (None, None) => None,
        _ => changed.into_iter().next().map(|_| Vec::new()),
    }
}

impl<'a> Merging<'a> {
    /// Returns the name of the environment.
    #[must_use]
    pub fn environment(&self) -> &EnvironmentName {
        &self.environment
    }

    /// Returns the names of the items that only this side changed. A removed item has its old name.
    #[must_use]
    pub fn from_side(&self, side: Side) -> &[ItemName] {
        match side {
            Side::Ours => &self.from_ours,
            Side::Theirs => &self.from_theirs,
        }
    }

    /// Returns the names of the items that both sides changed, in the same way or in different fields.
    #[must_use]
    pub fn from_both(&self) -> &[ItemName] {
        &self.from_both
    }

    /// Returns all conflicts, decided or not.
    #[must_use]
    pub fn conflicts(&self) -> &[Conflict<'a>] {
        &self.conflicts
    }

    /// Returns the conflicts that are not decided yet.
    pub fn open(&self) -> impl Iterator<Item = &Conflict<'a>> {
        self.conflicts.iter().filter(|conflict| conflict.is_open())
    }

    /// Decides the conflicts about an item by its name. There are several if one item has the name on one side and
    /// another item has it on the other side. A side and a value can both be chosen: then the value becomes the item's,
    /// and every other conflicting field is taken from the side.
    ///
    /// # Errors
    /// A not-found error if no item of that name is in conflict; a usage error if a value is empty, too large or can't decide
    /// the conflict alone, or if the other side was chosen before. Then nothing is decided.
    pub(crate) fn choose(&mut self, name: &ItemName, choice: Choice) -> Result<()> {
        let item = NamedItem::within(&self.environment, name);
        let mut about: Vec<_> = self.conflicts.iter_mut().filter(|conflict| conflict.is_about(name)).collect();
        if about.is_empty() {
            return Err(
                Error::not_found(format!("{item} is not in conflict")).hint(("to see what is: ", Remedy::Merge))
            );
        }
        match choice {
            Choice::Side(side) => {
                if about.iter().any(|conflict| conflict.side.is_some_and(|chosen| chosen != side)) {
                    return Err(Error::usage(format!("{item} was given for both sides"))
                        .hint(("name it once: ", Remedy::ChooseSide(name.to_string()))));
                }
                about.iter_mut().for_each(|conflict| conflict.side = Some(side));
            }
            Choice::Value(value) if value.is_empty() => {
                return Err(Error::new(Reason::EmptyValue, format!("the value for {item} is empty"))
                    .hint(("give a value, or take that of a side: ", Remedy::ChooseSide(name.to_string()))));
            }
            Choice::Value(value) => match &mut about[..] {
                [conflict] if !conflict.is_about_names() => {
                    check_value(name, &value)?;
                    conflict.value = Some(value);
                }
                _ => {
                    return Err(Error::usage(format!(
                        "{item} names several items, so one value can't decide the conflict"
                    ))
                    .hint(("choose a side first, then set the value: ", Remedy::ChooseSide(name.to_string()))));
                }
            },
        }
        Ok(())
    }

    /// Returns the merged content. New values are set by `by` at `now`. Of each device's anchors, the highest is kept.
    ///
    /// # Errors
    /// A failure if a conflict is not decided.
    pub(crate) fn finish(&self, by: &UserName, now: Time) -> Result<Content> {
        let mut items = self.kept.clone();
        for conflict in &self.conflicts {
            items.extend(conflict.decided(&self.environment, by, now)?);
        }
        let mut content = Content::of_items(items);
        for (device, anchor) in self.anchors.iter().flat_map(|side| side.anchors()) {
            content.anchor(device, anchor.clone());
        }
        Ok(content)
    }

    fn note(&mut self, trio: &Trio<'_>, name: &ItemName) {
        let list = match (trio.is_changed_by(Side::Ours), trio.is_changed_by(Side::Theirs)) {
            (true, true) => &mut self.from_both,
            (true, false) => &mut self.from_ours,
            (false, true) => &mut self.from_theirs,
            (false, false) => return,
        };
        list.push(name.clone());
    }

    fn add_to_conflict(&mut self, group: usize, trio: Trio<'a>, outcome: Outcome) {
        while self.conflicts.len() <= group {
            self.conflicts.push(Conflict {
                environment: self.environment.clone(),
                origin: self.origin,
                trios: Vec::new(),
                fields: Vec::new(),
                side: None,
                value: None,
            });
        }
        let conflict = &mut self.conflicts[group];
        // Several items with one name are decided as whole items.
        conflict.fields = match outcome {
            Outcome::Open(fields) if conflict.trios.is_empty() => fields,
            _ => Vec::new(),
        };
        conflict.trios.push(trio);
    }
}

#[cfg(test)]
mod tests;
