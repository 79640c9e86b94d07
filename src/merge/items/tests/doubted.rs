//! Tests of changes by a side that is not trusted.

use super::properties::steps;
use super::*;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    /// Declining all doubted changes gives exactly what the other side has.
    #[test]
    fn doubted_changes_are_merged_only_if_a_person_accepts_them(
        first in steps(), one in steps(), other in steps(), doubted in prop::bool::ANY,
    ) {
        let base = after(&Content::default(), &first, "mia", 0);
        let (ours, theirs) = (after(&base, &one, "mia", 100), after(&base, &other, "ben", 103));
        let (doubted, vouched) = if doubted { (Side::Ours, &theirs) } else { (Side::Theirs, &ours) };
        let environment = dev();
        let mut merging = super::super::merge(&environment, [&base, &ours, &theirs], &[doubted], Origin::new());
        let names: Vec<ItemName> = merging.conflicts().iter().map(|conflict| conflict.names()[0].clone()).collect();
        names.iter().for_each(|name| merging.choose(name, Choice::Side(doubted.other())).unwrap());
        let merged = merging.finish(&user("mia"), at(3_000)).unwrap();
        prop_assert_eq!(meaning(&merged), meaning(vouched));
    }
}

#[test]
fn for_a_change_on_one_side_a_person_can_choose_either_side() {
    let base = base();
    let mut ours = base.clone();
    ours.set(&name("A"), SecretBytes::from("changed"), &Metadata::default(), &user("ben"), at(100)).unwrap();
    let environment = dev();
    for (side, wanted) in [(Side::Ours, "changed"), (Side::Theirs, "0")] {
        let mut merging = super::super::merge(&environment, [&base, &ours, &base], &[Side::Ours], Origin::new());
        assert_eq!(merging.open().count(), 1);
        merging.choose(&name("A"), Choice::Side(side)).unwrap();
        let merged = merging.finish(&user("mia"), at(200)).unwrap();
        assert_eq!(merged.items()[&name("A")].current.value, SecretBytes::from(wanted));
    }
}
