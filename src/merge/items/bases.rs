//! What branches that merged each other have in common: several states, none of which comes from another one.

use super::values::has_had;
use crate::item::{Content, Item};
use crate::name::EnvironmentName;
use crate::secret::SecretBytes;
use std::collections::BTreeMap;

/// Of each item the newer state of the two. Where each has had a value that the other one has decided against, or neither
/// knows the other's, the value is one that no side has: whatever differs later was changed on both.
#[must_use]
pub fn in_common(environment: &EnvironmentName, one: &Content, other: &Content) -> Content {
    let mut common: BTreeMap<String, Item> = BTreeMap::new();
    for item in one.items().values().chain(other.items().values()) {
        let id = item.id(environment);
        let item = common.get(&id).map_or_else(|| item.clone(), |known| newer(known, item));
        common.insert(id, item);
    }
    Content::of_items(common.into_values())
}

fn newer(one: &Item, other: &Item) -> Item {
    let mut newer = if one.updated_at < other.updated_at { other.clone() } else { one.clone() };
    if one.current.value != other.current.value {
        newer.current = match (has_had(one, &other.current), has_had(other, &one.current)) {
            (true, false) => one.current.clone(),
            (false, true) => other.current.clone(),
            _ => {
                newer.current.value = torn(&one.current.value, &other.current.value);
                newer.current
            }
        };
    }
    newer
}

/// Both values in one, as git puts both sides of a conflict into the base that it makes of several.
fn torn(one: &SecretBytes, other: &SecretBytes) -> SecretBytes {
    let values: [&[u8]; 2] = if **one < **other { [one, other] } else { [other, one] };
    SecretBytes::from(values.concat())
}
