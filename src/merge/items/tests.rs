//! Tests of the properties of every merge, and of which changes need a decision.

use super::*;
use crate::identity::PrivateKeys;
use crate::item::{AnchorStatement, Deliver, Kind, Metadata, Place};
use crate::name::VariableName;
use crate::secret::SecretBytes;
use crate::signature::Hash;
use std::collections::BTreeMap;

mod doubted;
mod finished;
mod named;
mod names;
mod properties;

/// Merges with no doubted side.
fn merge<'a>(environment: &EnvironmentName, base: &'a Content, ours: &'a Content, theirs: &'a Content) -> Merging<'a> {
    super::merge(environment, [base, ours, theirs], &[], Origin::new())
}

fn dev() -> EnvironmentName {
    EnvironmentName::new("dev").unwrap()
}

fn name(name: &str) -> ItemName {
    ItemName::new(name).unwrap()
}

fn user(name: &str) -> UserName {
    UserName::new(name).unwrap()
}

fn at(second: u32) -> Time {
    Time::parse(&format!("2026-11-28T00:{:02}:{:02}Z", second / 60, second % 60)).unwrap()
}

/// One change that somebody makes to an environment.
#[derive(Debug, Clone)]
enum Step {
    Set(usize, u8),
    Describe(usize, u8),
    Tag(usize, u8),
    Deliver(usize, Deliver, u8),
    Remove(usize),
    Rename(usize, usize),
    MarkDue,
}

const NAMES: [&str; 5] = ["A", "B", "C", "D", "E"];

fn apply(content: &mut Content, step: &Step, by: &str, now: Time) {
    let by = user(by);
    let metadata = |content: &Content, item: &ItemName| content.items().get(item).map(|item| item.metadata.clone());
    // An impossible step does nothing.
    match step {
        Step::Set(item, value) => {
            let item = name(NAMES[*item]);
            let metadata = metadata(content, &item).unwrap_or_default();
            content.set(&item, SecretBytes::from(&*value.to_string()), &metadata, &by, now).unwrap();
        }
        Step::Describe(item, note) => {
            let item = name(NAMES[*item]);
            let Some(metadata) = metadata(content, &item) else { return };
            let metadata = Metadata { note: Some(note.to_string()), ..metadata };
            content.describe(&dev(), &item, metadata, &by, now).unwrap();
        }
        Step::Tag(item, tag) => {
            let item = name(NAMES[*item]);
            let Some(metadata) = metadata(content, &item) else { return };
            let tags = vec![format!("t{tag}"), "t".to_owned()];
            content.describe(&dev(), &item, Metadata { tags, ..metadata }, &by, now).unwrap();
        }
        Step::Deliver(item, deliver, variable) => {
            let item = name(NAMES[*item]);
            let Some(metadata) = metadata(content, &item) else { return };
            let variable = (*variable > 0).then(|| VariableName::new(format!("V{variable}")).unwrap());
            let metadata = Metadata { deliver: *deliver, variable, ..metadata };
            content.describe(&dev(), &item, metadata, &by, now).unwrap();
        }
        Step::Remove(item) => {
            let _ = content.remove(&dev(), &name(NAMES[*item]));
        }
        Step::Rename(from, to) => {
            let (from, to) = (name(NAMES[*from]), name(NAMES[*to]));
            if content.items().contains_key(&to) {
                return;
            }
            if let Ok(item) = content.remove(&dev(), &from) {
                content.insert(item, &to, &by, now).unwrap();
            }
        }
        Step::MarkDue => drop(content.mark_all_due(now)),
    }
}

fn after(base: &Content, steps: &[Step], by: &str, from: u32) -> Content {
    let mut content = base.clone();
    // Two steps share a second, because times are in whole seconds.
    for (half, step) in (0..).zip(steps) {
        apply(&mut content, step, by, at(from + half / 2));
    }
    content
}

/// Returns the values and metadata by name.
fn meaning(content: &Content) -> BTreeMap<ItemName, (SecretBytes, Metadata)> {
    let items = content.items().iter();
    items.map(|(name, item)| (name.clone(), (item.current.value.clone(), item.metadata.clone()))).collect()
}

fn decided(base: &Content, ours: &Content, theirs: &Content, side: Side) -> Content {
    let environment = dev();
    let mut merging = merge(&environment, base, ours, theirs);
    let names: Vec<ItemName> = merging.conflicts().iter().map(|conflict| conflict.names()[0].clone()).collect();
    names.iter().for_each(|name| merging.choose(name, Choice::Side(side)).unwrap());
    merging.finish(&user("mia"), at(3_000)).unwrap()
}

/// Returns a content with the item A, which has a value and a note.
fn base() -> Content {
    after(&Content::default(), &[Step::Set(0, 0), Step::Describe(0, 0)], "mia", 0)
}

#[test]
fn m3_changes_of_different_fields_of_one_item_are_merged() {
    let (base, environment) = (base(), dev());
    let ours = after(&base, &[Step::Set(0, 1)], "mia", 10);
    let theirs = after(&base, &[Step::Describe(0, 1), Step::Rename(0, 1)], "ben", 20);
    let merging = merge(&environment, &base, &ours, &theirs);
    assert!(merging.conflicts().is_empty());
    assert_eq!(merging.from_both(), [name("B")]);
    let merged = merging.finish(&user("mia"), at(30)).unwrap();
    let item = &merged.items()[&name("B")];
    assert_eq!((item.current.value.as_str(), item.metadata.note.as_deref()), (Some("1"), Some("1")));
    assert_eq!((item.updated_by.as_str(), item.current.set_by.as_str()), ("ben", "mia"));
    assert_eq!(item.id(&environment), base.items()[&name("A")].id(&environment));
    assert_eq!(merged.items().len(), 1);
}

#[test]
fn m4_a_field_changed_differently_on_both_sides_is_a_conflict() {
    let (base, environment) = (base(), dev());
    let ours = after(&base, &[Step::Set(0, 1)], "mia", 10);
    let theirs = after(&base, &[Step::Set(0, 2), Step::Describe(0, 1)], "ben", 20);
    let mut merging = merge(&environment, &base, &ours, &theirs);
    assert_eq!(merging.conflicts()[0].fields(), [Field::Value]);
    assert!(merging.finish(&user("mia"), at(30)).is_err());
    assert!(merging.choose(&name("B"), Choice::Side(Side::Ours)).is_err());
    merging.choose(&name("A"), Choice::Side(Side::Ours)).unwrap();
    let item = merging.finish(&user("mia"), at(30)).unwrap().items()[&name("A")].clone();
    let values: Vec<_> =
        item.versions().map(|version| (version.number, version.value.as_str().unwrap().to_owned())).collect();
    assert_eq!(values, [(3, "1".to_owned()), (2, "2".to_owned()), (1, "0".to_owned())]);
    assert_eq!(item.metadata.note.as_deref(), Some("1"), "a field changed on one side must be merged");
    assert!(merging.choose(&name("A"), Choice::Value(SecretBytes::from(""))).is_err());
    merging.choose(&name("A"), Choice::Value(SecretBytes::from("new"))).unwrap();
    let item = merging.finish(&user("zoe"), at(30)).unwrap().items()[&name("A")].clone();
    assert_eq!((item.current.value.as_str(), item.current.set_by.as_str()), (Some("new"), "zoe"));
}

#[test]
fn deciding_with_a_new_value_decides_only_the_value() {
    let (base, environment) = (base(), dev());
    let ours = after(&base, &[Step::Set(0, 1), Step::Describe(0, 1)], "mia", 10);
    let theirs = after(&base, &[Step::Set(0, 2), Step::Describe(0, 2)], "ben", 20);
    let mut merging = merge(&environment, &base, &ours, &theirs);
    assert_eq!(merging.conflicts()[0].fields(), [Field::Value, Field::Note]);
    merging.choose(&name("A"), Choice::Value(SecretBytes::from("new"))).unwrap();
    assert!(merging.finish(&user("mia"), at(30)).is_err());
    merging.choose(&name("A"), Choice::Side(Side::Theirs)).unwrap();
    let item = merging.finish(&user("mia"), at(30)).unwrap().items()[&name("A")].clone();
    assert_eq!((item.current.value.as_str(), item.metadata.note.as_deref()), (Some("new"), Some("2")));
}

#[test]
fn a_value_that_is_set_again_in_the_same_second_is_not_the_earlier_one() {
    let set = |content: &Content, value: &str, by: &str, second: u32| {
        let mut content = content.clone();
        let metadata = content.items()[&name("A")].metadata.clone();
        content.set(&name("A"), SecretBytes::from(value), &metadata, &user(by), at(second)).unwrap();
        content
    };
    let (ours, theirs) = (set(&base(), "x", "mia", 100), set(&base(), "y", "ben", 100));
    // The other side's value is chosen. Then mia sets her value again, and ben sets a new one.
    let merged = decided(&base(), &ours, &theirs, Side::Theirs);
    let (again, other) = (set(&merged, "x", "mia", 100), set(&merged, "z", "ben", 105));
    let environment = dev();
    let merging = merge(&environment, &merged, &again, &other);
    assert_eq!(merging.conflicts().len(), 1);
    // With an older base from git, a value that one side has in its history is still no conflict.
    let old = base();
    assert!(merge(&environment, &old, &again, &set(&again, "z", "ben", 105)).conflicts().is_empty());
    assert!(merge(&environment, &old, &set(&again, "v", "ben", 100), &again).conflicts().is_empty());
}

#[test]
fn a_mark_stays_on_a_value_even_if_the_side_that_marked_it_replaced_it() {
    let (base, environment) = (base(), dev());
    let ours = after(&base, &[Step::Set(0, 1), Step::MarkDue, Step::Set(0, 0)], "mia", 10);
    let theirs = after(&base, &[Step::Set(0, 1)], "ben", 10);
    let merged = merge(&environment, &base, &ours, &theirs).finish(&user("mia"), at(30)).unwrap();
    let current = &merged.items()[&name("A")].current;
    assert_eq!((current.value.as_str(), current.rotate_due.is_some()), (Some("1"), true));
}

#[test]
fn m5_an_edit_and_a_removal_conflict_but_a_mark_is_not_an_edit() {
    let (base, environment) = (base(), dev());
    let removed = after(&base, &[Step::Remove(0)], "mia", 10);
    let edited = after(&base, &[Step::Set(0, 1)], "ben", 20);
    let mut merging = merge(&environment, &base, &removed, &edited);
    assert!(merging.conflicts()[0].fields().is_empty());
    merging.choose(&name("A"), Choice::Side(Side::Ours)).unwrap();
    assert!(merging.finish(&user("mia"), at(30)).unwrap().items().is_empty());
    merging.choose(&name("A"), Choice::Side(Side::Theirs)).unwrap_err();
    let mut merging = merge(&environment, &base, &removed, &edited);
    merging.choose(&name("A"), Choice::Side(Side::Theirs)).unwrap();
    assert_eq!(merging.finish(&user("mia"), at(30)).unwrap().items().len(), 1);
    let marked = after(&base, &[Step::MarkDue], "ben", 20);
    let merging = merge(&environment, &base, &removed, &marked);
    assert!(merging.conflicts().is_empty());
    assert!(merging.finish(&user("mia"), at(30)).unwrap().items().is_empty());
}

#[test]
fn an_item_added_on_both_sides_is_one_item() {
    let environment = dev();
    let (ours, theirs) = (
        after(&Content::default(), &[Step::Set(0, 1)], "mia", 10),
        after(&Content::default(), &[Step::Set(0, 1), Step::Describe(0, 1)], "ben", 20),
    );
    let none = Content::default();
    let merging = merge(&environment, &none, &ours, &theirs);
    assert_eq!(merging.conflicts()[0].fields(), [Field::Note], "the values are the same");
    let same = after(&Content::default(), &[Step::Set(0, 1)], "ben", 20);
    let merging = merge(&environment, &none, &ours, &same);
    let merged = merging.finish(&user("mia"), at(30)).unwrap();
    assert_eq!(merged.items()[&name("A")].id(&environment), ours.items()[&name("A")].id(&environment));
}

#[test]
fn for_each_device_the_higher_anchor_is_kept() {
    let (environment, base) = (dev(), Content::default());
    let anchor = |number| {
        let (mia, device, time) = (&UserName::new("mia").unwrap(), "", at(0));
        let statement = AnchorStatement { user: mia, device, segment: 1, number, hash: Hash::ZERO, time, roster: 1 };
        statement.signed(PrivateKeys::generate().unwrap().sign(&statement.message(&Hash::ZERO)))
    };
    let with = |anchors: [(&str, u64); 2]| {
        let mut content = Content::default();
        anchors.into_iter().for_each(|(device, number)| content.anchor(&device.repeat(32), anchor(number)));
        content
    };
    let (ours, theirs) = (with([("a", 5), ("b", 1)]), with([("a", 3), ("c", 2)]));
    let merged = merge(&environment, &base, &ours, &theirs).finish(&user("mia"), at(30)).unwrap();
    let numbers: Vec<u64> = merged.anchors().values().map(|anchor| anchor.number).collect();
    assert_eq!(numbers, [5, 1, 2]);
}

/// Content that lacks something of a side must not pass for a descendant of that side.
#[test]
fn a_descendant_has_every_item_with_its_value_as_the_current_or_an_earlier_one() {
    let environment = dev();
    let part = after(&Content::default(), &[Step::Set(0, 0), Step::Set(1, 1), Step::Describe(1, 2)], "mia", 0);
    for (steps, wanted) in [
        (vec![], true),
        (vec![Step::Set(0, 2), Step::Set(2, 0)], true),
        (vec![Step::MarkDue], true),
        (vec![Step::Describe(1, 3)], false),
        (vec![Step::Remove(1)], false),
        (vec![Step::Remove(1), Step::Set(1, 1), Step::Describe(1, 2)], false),
    ] {
        assert_eq!(holds_all(&environment, &after(&part, &steps, "ben", 60), &part), wanted, "{steps:?}");
    }
    assert!(holds_all(&environment, &part, &Content::default()));
}
