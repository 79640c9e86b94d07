//! Merges the values of an item that both sides have: the current value and the earlier ones.

use crate::error::Result;
use crate::item::{Item, MAX_HISTORY, Version};
use crate::name::UserName;
use crate::ordered::InOrder as _;
use crate::secret::SecretBytes;
use crate::time::Time;

/// Returns the current version, which has the value `value`, and the earlier versions of both sides, newest first. The
/// value that was not taken becomes an earlier one. If both sides gave the same number to different values, one gets a
/// higher number.
pub(super) fn unite(ours: &Item, theirs: &Item, value: &SecretBytes) -> (Version, Vec<Version>) {
    let has_value = |item: &Item| item.current.value == *value;
    let mut current = match (has_value(ours), has_value(theirs)) {
        (true, true) => same(&ours.current, &theirs.current),
        (false, true) => theirs.current.clone(),
        _ => ours.current.clone(),
    };
    let mut all: Vec<Version> = Vec::new();
    for item in [ours, theirs] {
        let earlier = item.history.iter().chain((!has_value(item)).then_some(&item.current));
        for version in earlier.filter(|version| version.number != current.number || version.value != *value) {
            match all.iter_mut().find(|known| known.number == version.number && known.value == version.value) {
                Some(known) => *known = same(known, version),
                None => all.push(version.clone()),
            }
        }
    }
    all.order_by(|one, other| order(one).cmp(&order(other)));
    let mut number: u32 = 0;
    for version in all.iter_mut().chain([&mut current]) {
        number = version.number.max(number.saturating_add(1));
        version.number = number;
    }
    let had = ours.versions().chain(theirs.versions()).filter(|version| version.value == *value);
    current.rotate_due = had.filter_map(|version| version.rotate_due).min();
    all.reverse();
    all.truncate(MAX_HISTORY);
    (current, all)
}

fn order(version: &Version) -> (u32, Time, &UserName, &[u8]) {
    (version.number, version.set_at, &version.set_by, &version.value)
}

/// Merges two versions with the same value: set when the first side set it, and marked if either side marked it.
fn same(one: &Version, other: &Version) -> Version {
    let is_first = (one.set_at, &one.set_by, &one.set_id) <= (other.set_at, &other.set_by, &other.set_id);
    let first = if is_first { one } else { other };
    let rotate_due = [one.rotate_due, other.rotate_due].into_iter().flatten().min();
    Version { number: one.number.max(other.number), rotate_due, ..first.clone() }
}

/// Whether this very version is an earlier one of the item. Its number may differ, because a merge can change numbers.
pub(super) fn has_had(item: &Item, version: &Version) -> bool {
    item.history.iter().any(|earlier| is_same_version(earlier, version))
}

/// Whether two versions were set by the same command, rather than the same value being set twice. A writer of the item
/// could forge that, but could just as well set the value.
fn is_same_version(one: &Version, other: &Version) -> bool {
    (one.set_at, &one.set_by, &one.set_id, &one.value) == (other.set_at, &other.set_by, &other.set_id, &other.value)
}

/// Returns the item with the marks that the other item has on the same values.
pub(super) fn with_marks(item: &Item, other: &Item) -> Item {
    let mut item = item.clone();
    for version in std::iter::once(&mut item.current).chain(&mut item.history) {
        let marks = other.versions().filter(|known| known.value == version.value).filter_map(|known| known.rotate_due);
        version.rotate_due = marks.chain(version.rotate_due).min();
    }
    item
}

/// Returns the item with the value that a person set to decide a conflict.
pub(super) fn with_value(mut item: Item, value: Option<&SecretBytes>, by: &UserName, now: Time) -> Result<Item> {
    if let Some(value) = value.filter(|value| item.current.value != **value) {
        item.renew(value.clone(), by, now)?;
    }
    Ok(item)
}
