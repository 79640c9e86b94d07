//! Groups items that could end up with the same name, because they have to be decided together.

use super::{Field, Outcome, Trio};
use crate::name::ItemName;
use std::collections::HashMap;

/// Returns the number of each item's conflict, if it is in one. An item that is settled and has a name that no other item
/// can get is in no conflict.
pub(super) fn groups(trios: &[Trio<'_>], outcomes: &[Outcome]) -> Vec<Option<usize>> {
    let parents = (0..trios.len()).collect();
    let mut names = Names { parents, is_joined: vec![false; trios.len()], owners: HashMap::new() };
    let mut waiting: Vec<(usize, &ItemName)> = Vec::new();
    for (index, (trio, outcome)) in trios.iter().zip(outcomes).enumerate() {
        match outcome {
            Outcome::Kept(item) => waiting.push((index, &item.name)),
            Outcome::Gone => {}
            Outcome::Open(fields) => waiting.extend(possible_names(trio, fields).map(|name| (index, name))),
        }
    }
    while let Some((index, name)) = waiting.pop() {
        let Some(owner) = names.owners.insert(name, index) else { continue };
        if !names.join(owner, index) {
            continue;
        }
        for member in [owner, index] {
            // A group of items is taken from one side as a whole, so each may get its name on either side.
            if !std::mem::replace(&mut names.is_joined[member], true) {
                waiting.extend(trios[member].names().map(|name| (member, name)));
            }
        }
    }
    number(&mut names, outcomes)
}

/// Returns the names that an undecided item may get.
fn possible_names<'a>(trio: &Trio<'a>, fields: &[Field]) -> impl Iterator<Item = &'a ItemName> {
    let both = [trio.ours, trio.theirs].map(|item| item.map(|item| &item.name));
    let before = trio.base.map(|item| &item.name);
    let names = match both {
        [Some(ours), Some(theirs)] if !fields.contains(&Field::Name) => {
            [Some(if before == Some(ours) { theirs } else { ours }), None]
        }
        both => both,
    };
    names.into_iter().flatten()
}

fn number(names: &mut Names<'_>, outcomes: &[Outcome]) -> Vec<Option<usize>> {
    let mut numbers: HashMap<usize, usize> = HashMap::new();
    let mut groups = Vec::with_capacity(outcomes.len());
    for (index, outcome) in outcomes.iter().enumerate() {
        if !names.is_joined[index] && !matches!(outcome, Outcome::Open(_)) {
            groups.push(None);
            continue;
        }
        let (root, next) = (names.root(index), numbers.len());
        groups.push(Some(*numbers.entry(root).or_insert(next)));
    }
    groups
}

struct Names<'a> {
    parents: Vec<usize>,
    /// Whether each item is joined to another one.
    is_joined: Vec<bool>,
    owners: HashMap<&'a ItemName, usize>,
}

impl Names<'_> {
    fn root(&mut self, mut index: usize) -> usize {
        while self.parents[index] != index {
            self.parents[index] = self.parents[self.parents[index]];
            index = self.parents[index];
        }
        index
    }

    /// Joins two groups. Returns whether they were separate.
    fn join(&mut self, one: usize, other: usize) -> bool {
        let (one, other) = (self.root(one), self.root(other));
        self.parents[one.max(other)] = one.min(other);
        one != other
    }
}
