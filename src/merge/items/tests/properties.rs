//! Properties of every merge, whatever both sides have changed.

use super::*;
use proptest::prelude::*;

fn step() -> impl Strategy<Value = Step> {
    let item = 0..NAMES.len();
    let deliver = prop::sample::select(vec![Deliver::Variable, Deliver::File, Deliver::None]);
    prop_oneof![
        4 => (item.clone(), 0..4_u8).prop_map(|(item, value)| Step::Set(item, value)),
        2 => (item.clone(), 0..3_u8).prop_map(|(item, note)| Step::Describe(item, note)),
        1 => (item.clone(), 0..3_u8).prop_map(|(item, tag)| Step::Tag(item, tag)),
        2 => (item.clone(), deliver, 0..3_u8).prop_map(|(item, deliver, name)| Step::Deliver(item, deliver, name)),
        2 => item.clone().prop_map(Step::Remove),
        2 => (item.clone(), item).prop_map(|(from, to)| Step::Rename(from, to)),
        1 => Just(Step::MarkDue),
    ]
}

pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 0..8)
}

/// Returns the content as it would be saved.
fn saved(content: &Content) -> String {
    let place = Place { vault: &Hash::of(b"v"), environment: &dev(), version: 1 };
    String::from_utf8(content.to_json(&place).to_vec()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn m11_merging_with_itself_or_the_base_changes_nothing(first in steps(), more in steps()) {
        let base = after(&Content::default(), &first, "mia", 0);
        let ours = after(&base, &more, "ben", 100);
        for (base, ours, theirs, wanted) in [(&base, &ours, &ours, &ours), (&base, &ours, &base, &ours), (&base, &base, &ours, &ours)] {
            let environment = dev();
            let merging = merge(&environment, base, ours, theirs);
            prop_assert!(merging.conflicts().is_empty());
            prop_assert_eq!(saved(&merging.finish(&user("mia"), at(3_000)).unwrap()), saved(wanted));
        }
    }

    #[test]
    fn m11_the_sides_can_be_swapped(first in steps(), one in steps(), other in steps(), side in prop::bool::ANY) {
        let base = after(&Content::default(), &first, "mia", 0);
        let (ours, theirs) = (after(&base, &one, "mia", 100), after(&base, &other, "ben", 103));
        let side = if side { Side::Ours } else { Side::Theirs };
        let straight = decided(&base, &ours, &theirs, side);
        let swapped = decided(&base, &theirs, &ours, side.other());
        prop_assert_eq!(saved(&straight), saved(&swapped));
    }

    /// An item without a conflict is as the side that changed it left it.
    #[test]
    fn nothing_that_only_one_side_changed_is_lost(first in steps(), one in steps(), other in steps()) {
        let base = after(&Content::default(), &first, "mia", 0);
        let (ours, theirs) = (after(&base, &one, "mia", 100), after(&base, &other, "ben", 103));
        let environment = dev();
        let merging = merge(&environment, &base, &ours, &theirs);
        let merged = decided(&base, &ours, &theirs, Side::Ours);
        let conflicting: Vec<&ItemName> = merging.conflicts().iter().flat_map(Conflict::names).collect();
        let known = |content: &Content, id: &str| content.items().values().find(|item| item.id(&dev()) == id).cloned();
        for (side, other) in [(&ours, &theirs), (&theirs, &ours)] {
            for item in side.items().values().filter(|item| !conflicting.contains(&&item.name)) {
                let id = item.id(&dev());
                let (before, elsewhere) = (known(&base, &id), known(other, &id));
                let was = |item: &Option<Item>| item.as_ref().map(|item| (item.name.clone(), item.metadata.clone(), item.current.value.clone()));
                if was(&before) == was(&elsewhere) && !other.items().contains_key(&item.name) {
                    let found = meaning(&merged);
                    prop_assert_eq!(found.get(&item.name), Some(&(item.current.value.clone(), item.metadata.clone())));
                }
            }
        }
    }

    /// Even if everything happens within a few seconds and values come back.
    #[test]
    fn a_value_that_both_sides_changed_is_a_conflict(first in steps(), one in steps(), other in steps()) {
        let base = after(&Content::default(), &first, "mia", 0);
        let (ours, theirs) = (after(&base, &one, "mia", 0), after(&base, &other, "ben", 0));
        let environment = dev();
        let merging = merge(&environment, &base, &ours, &theirs);
        let conflicting: Vec<&ItemName> = merging.conflicts().iter().flat_map(Conflict::names).collect();
        let value = |content: &Content, id: &str| content.items().values().find(|item| item.id(&dev()) == id).map(|item| item.current.value.clone());
        for item in ours.items().values() {
            let id = item.id(&dev());
            let (Some(before), Some(theirs)) = (value(&base, &id), value(&theirs, &id)) else { continue };
            let ours = &item.current.value;
            prop_assert!(*ours == before || theirs == before || *ours == theirs || conflicting.contains(&&item.name));
        }
    }

    /// Whatever is chosen, both values of a conflict are kept, and so is every due mark.
    #[test]
    fn a_value_that_is_not_chosen_stays_in_the_history_and_marks_stay(first in steps(), one in steps(), other in steps()) {
        let base = after(&Content::default(), &first, "mia", 0);
        let (ours, theirs) = (after(&base, &one, "mia", 100), after(&base, &other, "ben", 103));
        let environment = dev();
        let merging = merge(&environment, &base, &ours, &theirs);
        let merged = decided(&base, &ours, &theirs, Side::Ours);
        for conflict in merging.conflicts().iter().filter(|conflict| conflict.fields().contains(&Field::Value)) {
            let [lost] = conflict.held(Side::Theirs).collect::<Vec<_>>()[..] else { continue };
            let kept = merged.items().values().any(|item| item.versions().any(|version| version.value == lost.current.value));
            prop_assert!(kept);
        }
        for item in merged.items().values() {
            let sides = [&ours, &theirs].into_iter().filter_map(|side| side.items().values().find(|known| known.id(&dev()) == item.id(&dev())));
            let mut sides = sides.flat_map(Item::versions);
            let is_marked = sides.any(|version| version.value == item.current.value && version.rotate_due.is_some());
            prop_assert!(!is_marked || item.current.rotate_due.is_some());
            let numbers: Vec<u32> = item.versions().map(|version| version.number).collect();
            prop_assert!(numbers.is_sorted_by(|newer, older| newer > older), "{:?}", numbers);
        }
        // The merged content can be read again.
        let place = Place { vault: &Hash::of(b"v"), environment: &dev(), version: 1 };
        prop_assert!(Content::from_json(&merged.to_json(&place), &place, at(3_500)).is_ok());
    }
}
