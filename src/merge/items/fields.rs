//! Merges one item that both sides have, field by field.

use super::values;
use crate::diff::{self, Field};
use crate::item::{Item, MAX_TAGS, Metadata};
use crate::merge::Side;
use crate::name::EnvironmentName;
use crate::ordered::InOrder as _;
use crate::secret::SecretBytes;

/// How to merge an item.
pub(super) struct Wanted<'a> {
    pub environment: &'a EnvironmentName,
    /// Fields that a person decides, even if only one side changed them, because the merged fields would not be valid
    /// together.
    pub open: &'a [Field],
    /// The side that the person chose.
    pub side: Option<Side>,
}

/// Whether two items are the same to their users. Marks, times and earlier values don't count.
pub(super) fn is_same(one: &Item, other: &Item) -> bool {
    differing(one, other).is_empty()
}

/// Returns the fields in which two items differ, except marks.
pub(super) fn differing(one: &Item, other: &Item) -> Vec<Field> {
    let mut fields = diff::fields(one, other);
    fields.retain(|field| *field != Field::Mark);
    fields
}

/// Merges an item. Returns the fields that a person has to decide as the error.
pub(super) fn merge(base: Option<&Item>, ours: &Item, theirs: &Item, wanted: &Wanted<'_>) -> Result<Item, Vec<Field>> {
    // A person may also decide a field that only one side changed.
    let is_decided = !wanted.open.is_empty();
    if ours == theirs || (!is_decided && base == Some(theirs)) {
        return Ok(ours.clone());
    }
    if !is_decided && base == Some(ours) {
        return Ok(theirs.clone());
    }
    let mut choosing = Choosing { wanted, open: Vec::new(), has_ours: false, has_theirs: false };
    let merged = choosing.item(base, ours, theirs);
    if !choosing.open.is_empty() {
        return Err(choosing.open);
    }
    let misfits = misfits(&merged, ours, theirs);
    if misfits.is_empty() { Ok(merged) } else { Err(misfits) }
}

/// Adds the fields that a person has to decide together with these, because the merged fields would not be valid together
/// if one of the sides was chosen for these alone.
pub(super) fn decided_together(
    environment: &EnvironmentName,
    base: Option<&Item>,
    ours: &Item,
    theirs: &Item,
    mut open: Vec<Field>,
) -> Vec<Field> {
    loop {
        let known = open.len();
        for side in Side::BOTH {
            let wanted = Wanted { environment, open: &open, side: Some(side) };
            if let Err(missing) = merge(base, ours, theirs, &wanted) {
                open.extend(missing);
            }
        }
        open.order();
        open.dedup();
        if open.len() == known {
            return open;
        }
    }
}

/// Returns the fields because of which a merged item is not valid although each side is: a kind or a file needs another
/// name, or there are too many tags.
fn misfits(merged: &Item, ours: &Item, theirs: &Item) -> Vec<Field> {
    if merged.metadata.check(&merged.name).is_ok() {
        return Vec::new();
    }
    let has_too_many = merged.metadata.tags.len() > MAX_TAGS;
    if has_too_many { vec![Field::Tags] } else { entangled(ours, theirs) }
}

/// Returns those fields that must fit each other and that differ.
fn entangled(ours: &Item, theirs: &Item) -> Vec<Field> {
    let (one, other) = (&ours.metadata, &theirs.metadata);
    let differs = [
        (Field::Name, ours.name != theirs.name),
        (Field::Kind, one.kind != other.kind),
        (Field::Deliver, one.deliver != other.deliver),
        (Field::Variable, one.variable != other.variable),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect()
}

struct Choosing<'a> {
    wanted: &'a Wanted<'a>,
    open: Vec<Field>,
    /// Whether something was taken from this branch that the change being applied lacks.
    has_ours: bool,
    /// Whether something was taken from the change being applied that this branch lacks.
    has_theirs: bool,
}

impl Choosing<'_> {
    fn item(&mut self, base: Option<&Item>, ours: &Item, theirs: &Item) -> Item {
        let environment = self.wanted.environment;
        let name = self.field(Field::Name, base.map(|item| &item.name), &ours.name, &theirs.name).clone();
        let value = self.value(base, ours, theirs);
        let (current, history) = values::unite(ours, theirs, value);
        let metadata = self.metadata(base.map(|item| &item.metadata), &ours.metadata, &theirs.metadata);
        let changed = match (self.has_ours, self.has_theirs) {
            (true, false) => ours,
            (false, true) => theirs,
            _ if (theirs.updated_at, &theirs.updated_by) > (ours.updated_at, &ours.updated_by) => theirs,
            _ => ours,
        };
        let origin = origin(environment, base, ours, theirs);
        let id = origin.id(environment);
        let mut merged = origin.clone();
        (merged.name, merged.metadata) = (name, metadata);
        (merged.current, merged.history) = (current, history);
        (merged.updated_at, merged.updated_by) = (changed.updated_at, changed.updated_by.clone());
        merged.identified(environment, id)
    }

    fn metadata(&mut self, base: Option<&Metadata>, ours: &Metadata, theirs: &Metadata) -> Metadata {
        let before = |field: fn(&Metadata) -> &Option<String>| base.map(field);
        Metadata {
            kind: *self.field(Field::Kind, base.map(|metadata| &metadata.kind), &ours.kind, &theirs.kind),
            note: self.field(Field::Note, before(|metadata| &metadata.note), &ours.note, &theirs.note).clone(),
            tags: self.tags(base.map(|metadata| &metadata.tags), &ours.tags, &theirs.tags),
            provider: self
                .field(Field::Provider, before(|metadata| &metadata.provider), &ours.provider, &theirs.provider)
                .clone(),
            expires_at: *self.field(
                Field::Expiry,
                base.map(|metadata| &metadata.expires_at),
                &ours.expires_at,
                &theirs.expires_at,
            ),
            rotate_after: *self.field(
                Field::RotateAfter,
                base.map(|metadata| &metadata.rotate_after),
                &ours.rotate_after,
                &theirs.rotate_after,
            ),
            deliver: *self.field(
                Field::Deliver,
                base.map(|metadata| &metadata.deliver),
                &ours.deliver,
                &theirs.deliver,
            ),
            variable: self
                .field(Field::Variable, base.map(|metadata| &metadata.variable), &ours.variable, &theirs.variable)
                .clone(),
        }
    }

    /// Merges the value. A value that the other side had before is older, so it is no conflict. That happens if git's
    /// base is older than the last common state, or if there is no base.
    fn value<'v>(&mut self, base: Option<&Item>, ours: &'v Item, theirs: &'v Item) -> &'v SecretBytes {
        let before = base.map(|item| &item.current.value);
        let values = [&ours.current.value, &theirs.current.value];
        let is_open = self.wanted.open.contains(&Field::Value);
        let is_settled = before.is_some_and(|before| values.contains(&before));
        if !is_open && !is_settled && values[0] != values[1] {
            match (values::has_had(theirs, &ours.current), values::has_had(ours, &theirs.current)) {
                (true, false) => {
                    self.has_theirs = true;
                    return values[1];
                }
                (false, true) => {
                    self.has_ours = true;
                    return values[0];
                }
                _ => {}
            }
        }
        self.field(Field::Value, before, values[0], values[1])
    }

    /// Merges tags as a set: those added by either side are kept, and those removed by either side are not.
    fn tags(&mut self, base: Option<&Vec<String>>, ours: &Vec<String>, theirs: &Vec<String>) -> Vec<String> {
        let is_decided = self.wanted.open.contains(&Field::Tags);
        if is_decided || ours == theirs || base == Some(ours) || base == Some(theirs) {
            return self.field(Field::Tags, base, ours, theirs).clone();
        }
        (self.has_ours, self.has_theirs) = (true, true);
        let before = base.map_or(&[][..], |tags| tags);
        let mut tags: Vec<String> =
            before.iter().filter(|tag| ours.contains(tag) && theirs.contains(tag)).cloned().collect();
        let mut added: Vec<&String> = ours.iter().chain(theirs).filter(|tag| !before.contains(tag)).collect();
        added.order();
        added.dedup();
        tags.extend(added.into_iter().cloned());
        tags
    }

    fn field<'v, T: PartialEq>(&mut self, field: Field, base: Option<&T>, ours: &'v T, theirs: &'v T) -> &'v T {
        if ours == theirs {
            return ours;
        }
        let is_open = self.wanted.open.contains(&field);
        let side = match base {
            Some(base) if !is_open && base == ours => Some(Side::Theirs),
            Some(base) if !is_open && base == theirs => Some(Side::Ours),
            _ => self.wanted.side,
        };
        match side {
            Some(Side::Ours) => {
                self.has_ours = true;
                ours
            }
            Some(Side::Theirs) => {
                self.has_theirs = true;
                theirs
            }
            // The person chose a new value, which is set afterwards.
            None if is_open && field == Field::Value => ours,
            None => {
                self.open.push(field);
                ours
            }
        }
    }
}

/// Returns the item whose id, owner and creation time the merged item gets. They are the same on both sides, unless one
/// side removed the item and added it again, or both added one of that name.
fn origin<'a>(environment: &EnvironmentName, base: Option<&Item>, ours: &'a Item, theirs: &'a Item) -> &'a Item {
    let before = base.map(|item| item.id(environment));
    let is_old = |item: &Item| before.as_ref() == Some(&item.id(environment));
    let age = |item: &'a Item| (item.created_at, item.id(environment), &item.owner);
    match (is_old(ours), is_old(theirs)) {
        (true, false) => theirs,
        (false, true) => ours,
        _ if age(theirs) < age(ours) => theirs,
        _ => ours,
    }
}
