//! Matches the items of the three files.

use super::Trio;
use crate::item::{Content, Item};
use crate::name::{EnvironmentName, ItemName};
use crate::ordered::{InOrder as _, Ordered as _};
use std::collections::{BTreeMap, BTreeSet};

/// What items are matched by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    Id(String),
    /// The name, if a file has several items with the same id, which `vault` never writes.
    Name(ItemName),
}

type Known<'a> = BTreeMap<Identity, &'a Item>;

/// Matches every item of the three files.
pub(super) fn pair<'a>(
    environment: &EnvironmentName,
    base: &'a Content,
    ours: &'a Content,
    theirs: &'a Content,
) -> Vec<Trio<'a>> {
    let doubled: BTreeSet<String> =
        [base, ours, theirs].into_iter().flat_map(|content| doubled(environment, content)).ordered();
    let [mut base, mut ours, mut theirs] = [base, ours, theirs].map(|content| known(environment, content, &doubled));
    let mut trios = Vec::with_capacity(ours.len());
    for (ours_id, theirs_id) in added_under_one_name(&base, &ours, &theirs) {
        let before = base.remove(&ours_id).or_else(|| base.remove(&theirs_id));
        trios.push(Trio { base: before, ours: ours.remove(&ours_id), theirs: theirs.remove(&theirs_id) });
    }
    for (identity, item) in ours {
        trios.push(Trio { base: base.remove(&identity), ours: Some(item), theirs: theirs.remove(&identity) });
    }
    for (identity, item) in theirs {
        trios.push(Trio { base: base.remove(&identity), ours: None, theirs: Some(item) });
    }
    trios.extend(base.into_values().map(|item| Trio { base: Some(item), ours: None, theirs: None }));
    trios
}

fn doubled(environment: &EnvironmentName, content: &Content) -> Vec<String> {
    let mut ids: Vec<String> = content.items().values().map(|item| item.id(environment)).collect();
    ids.order();
    ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone()).collect()
}

fn known<'a>(environment: &EnvironmentName, content: &'a Content, doubled: &BTreeSet<String>) -> Known<'a> {
    let identity = |item: &Item| match item.id(environment) {
        id if doubled.contains(&id) => Identity::Name(item.name.clone()),
        id => Identity::Id(id),
    };
    content.items().values().map(|item| (identity(item), item)).collect()
}

/// Matches items that have the same name and are each on one side only. Either both sides added one, or one side removed
/// the item and added it again. To people that is one item. If both were in the base and each side renamed one, they are
/// two.
fn added_under_one_name(base: &Known<'_>, ours: &Known<'_>, theirs: &Known<'_>) -> Vec<(Identity, Identity)> {
    let only_theirs = theirs.iter().filter(|(identity, _)| !ours.contains_key(*identity));
    let by_name: BTreeMap<&ItemName, &Identity> = only_theirs.map(|(identity, item)| (&item.name, identity)).ordered();
    let mut pairs = Vec::new();
    for (ours_id, item) in ours.iter().filter(|(identity, _)| !theirs.contains_key(*identity)) {
        let Some(theirs_id) = by_name.get(&item.name) else { continue };
        if !(base.contains_key(ours_id) && base.contains_key(*theirs_id)) {
            pairs.push((ours_id.clone(), (*theirs_id).clone()));
        }
    }
    pairs
}
