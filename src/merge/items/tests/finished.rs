//! Whatever both sides have changed, taking one side finishes the merge.

use super::*;
use crate::item::{MAX_TAGS, MAX_VALUE};
use proptest::prelude::*;

/// A name and metadata that it may have. Not every name can be a variable, or that of the path of a file.
fn described() -> impl Strategy<Value = (&'static str, Metadata)> {
    let named = prop::sample::select(vec!["A", "a-b"]);
    let kind = prop::sample::select(vec![Kind::Secret, Kind::Variable]);
    let deliver = prop::sample::select(vec![Deliver::Variable, Deliver::File, Deliver::None]);
    let variable = prop::option::of(Just(VariableName::new("V").unwrap()));
    let note = prop::option::of(prop::sample::select(vec!["x".to_owned(), "y".to_owned()]));
    let tags = (0..3 * MAX_TAGS, 0..=MAX_TAGS)
        .prop_map(|(first, count)| (first..first + count).map(|tag| format!("t{tag}")).collect::<Vec<_>>());
    let described =
        (named, kind, deliver, variable, note, tags).prop_map(|(named, kind, deliver, variable, note, tags)| {
            (named, Metadata { kind, deliver, variable, note, tags, ..Metadata::default() })
        });
    described.prop_filter("must be valid", |(item, metadata)| metadata.check(&name(item)).is_ok())
}

/// Returns the content after its only item, or a new one, got this name, this metadata and this value.
fn changed(content: &Content, (item, metadata): (&str, &Metadata), value: u8, by: &str, second: u32) -> Content {
    let (mut content, item, by, now) = (content.clone(), name(item), user(by), at(second));
    if let Some(known) = content.items().keys().next().cloned() {
        let mut known = content.remove(&dev(), &known).unwrap();
        known.metadata = metadata.clone();
        content.insert(known, &item, &by, now).unwrap();
    }
    if content.items().get(&item).is_none_or(|known| *known.current.value != [value]) {
        content.set(&item, SecretBytes::new(vec![value]), metadata, &by, now).unwrap();
    }
    content
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn taking_one_side_finishes_every_merge_with_valid_items(
        base in prop::option::of(described()), one in described(), other in described(),
        values in (0..2_u8, 0..3_u8, 0..3_u8), doubted in prop::sample::subsequence(Side::BOTH.to_vec(), 0..=2),
    ) {
        let before = base.as_ref().map_or_else(Content::default, |(item, metadata)| {
            changed(&Content::default(), (item, metadata), values.0, "mia", 0)
        });
        let ours = changed(&before, (one.0, &one.1), values.1, "mia", 100);
        let theirs = changed(&before, (other.0, &other.1), values.2, "ben", 103);
        let environment = dev();
        for side in Side::BOTH {
            let mut merging =
                super::super::merge(&environment, [&before, &ours, &theirs], &doubted, Origin::new());
            Merging::choose_all(std::slice::from_mut(&mut merging), &environment, side).unwrap();
            let merged = merging.finish(&user("mia"), at(3_000)).unwrap();
            prop_assert!(!merged.items().is_empty());
            for (name, item) in merged.items() {
                prop_assert!(item.metadata.check(name).is_ok());
            }
        }
    }
}

/// Both sides change the value and add tags, for which there is room on each side, but not for those of both.
#[test]
fn tags_that_are_too_many_together_are_decided_with_the_value() {
    let tagged = |first: usize| Metadata {
        tags: (first..first + 12).map(|tag| format!("t{tag}")).collect(),
        ..Metadata::default()
    };
    let base = base();
    let ours = changed(&base, ("A", &tagged(0)), b'x', "mia", 10);
    let theirs = changed(&base, ("A", &tagged(12)), b'y', "ben", 20);
    let environment = dev();
    for (side, first) in [(Side::Ours, 0), (Side::Theirs, 12)] {
        let mut merging = merge(&environment, &base, &ours, &theirs);
        assert_eq!(merging.conflicts()[0].fields(), [Field::Value, Field::Tags]);
        merging.choose(&name("A"), Choice::Value(SecretBytes::from("new"))).unwrap();
        assert!(merging.open().next().is_some(), "a value alone does not decide about the tags");
        merging.choose(&name("A"), Choice::Side(side)).unwrap();
        let merged = merging.finish(&user("mia"), at(30)).unwrap();
        let item = &merged.items()[&name("A")];
        assert_eq!((item.current.value.as_str(), &item.metadata.tags), (Some("new"), &tagged(first).tags));
    }
}

#[test]
fn a_value_that_is_too_large_decides_nothing() {
    let (base, environment) = (base(), dev());
    let (ours, theirs) = (after(&base, &[Step::Set(0, 1)], "mia", 10), after(&base, &[Step::Set(0, 2)], "ben", 20));
    let mut merging = merge(&environment, &base, &ours, &theirs);
    let large = |size| Choice::Value(SecretBytes::new(vec![b'x'; size]));
    let refused = merging.choose(&name("A"), large(MAX_VALUE + 1)).unwrap_err();
    assert_eq!((refused.reason(), merging.open().count()), (Reason::TooLarge, 1));
    merging.choose(&name("A"), large(MAX_VALUE)).unwrap();
    assert_eq!(merging.finish(&user("mia"), at(30)).unwrap().items()[&name("A")].current.value.len(), MAX_VALUE);
}
