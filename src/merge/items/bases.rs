//! Builds one base out of several common ancestors, none of which is an ancestor of another (a criss-cross merge).

use super::values::has_had;
use crate::item::{Content, Item};
use crate::name::EnvironmentName;
use crate::secret::SecretBytes;
use std::collections::BTreeMap;

/// Combines two ancestors: takes the newer state of each item. If each decided against the other's value, or neither
/// knows the other's, the item gets a value that no side has, so that both sides count as having changed it.
#[must_use]
pub(crate) fn in_common(environment: &EnvironmentName, one: &Content, other: &Content) -> Content {
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

/// Joins both values into one, just as git puts both sides of a conflict into the base that it makes of several
/// ancestors.
fn torn(one: &SecretBytes, other: &SecretBytes) -> SecretBytes {
    let values: [&[u8]; 2] = if **one < **other { [one, other] } else { [other, one] };
    SecretBytes::from(values.concat())
}
