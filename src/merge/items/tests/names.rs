//! Tests of items that need the same name, and of names that match several items.

use super::*;

#[test]
fn items_that_need_the_same_name_are_decided_together_and_nothing_else_is_lost() {
    let environment = dev();
    let base = after(&Content::default(), &[Step::Set(0, 0), Step::Set(1, 1), Step::Set(2, 2)], "mia", 0);
    // A is renamed to E on one side, and B on the other.
    let ours = after(&base, &[Step::Rename(0, 4), Step::Set(2, 3)], "mia", 10);
    let theirs = after(&base, &[Step::Rename(1, 4), Step::Set(3, 3)], "ben", 20);
    let mut merging = merge(&environment, &base, &ours, &theirs);
    assert_eq!(merging.conflicts().len(), 1);
    assert!(merging.conflicts()[0].is_about_names());
    assert!(merging.choose(&name("E"), Choice::Value(SecretBytes::from("x"))).is_err());
    merging.choose(&name("E"), Choice::Side(Side::Theirs)).unwrap();
    let names: Vec<String> =
        merging.finish(&user("mia"), at(30)).unwrap().items().keys().map(ToString::to_string).collect();
    assert_eq!(names, ["A", "C", "D", "E"]);
}

#[test]
fn a_decision_by_name_covers_all_conflicts_about_that_name() {
    let environment = dev();
    let base = after(&Content::default(), &[Step::Set(1, 0), Step::Set(2, 1)], "mia", 0);
    // On the other side, B becomes E and C becomes B. Each has a different value on each side.
    let ours = after(&base, &[Step::Set(1, 2), Step::Set(2, 2)], "mia", 10);
    let theirs = after(&base, &[Step::Set(1, 3), Step::Set(2, 3), Step::Rename(1, 4), Step::Rename(2, 1)], "ben", 20);
    let mut merging = merge(&environment, &base, &ours, &theirs);
    assert!(merging.open().any(|conflict| conflict.names().contains(&&name("B"))));
    assert!(merging.choose(&name("B"), Choice::Value(SecretBytes::from("x"))).is_err());
    merging.choose(&name("B"), Choice::Side(Side::Theirs)).unwrap();
    assert_eq!(merging.open().count(), 0);
    let values = meaning(&merging.finish(&user("mia"), at(30)).unwrap());
    assert!(values.values().all(|(value, _)| value.as_str() == Some("3")));
}

#[test]
fn changes_that_are_invalid_together_are_a_conflict() {
    let (base, environment) = (base(), dev());
    let described = |content: &Content, metadata: Metadata| {
        let mut content = content.clone();
        content.describe(&environment, &name("A"), metadata, &user("ben"), at(20)).unwrap();
        content
    };
    // One side makes the item a variable, the other side gives it a name that no variable can have.
    let ours = described(&base, Metadata { kind: Kind::Variable, ..base.items()[&name("A")].metadata.clone() });
    let mut theirs = base.clone();
    let item = theirs.remove(&environment, &name("A")).unwrap();
    theirs.insert(item, &name("a-b"), &user("mia"), at(10)).unwrap();
    let mut merging = merge(&environment, &base, &ours, &theirs);
    assert_eq!(merging.conflicts()[0].fields(), [Field::Name, Field::Kind]);
    merging.choose(&name("a-b"), Choice::Side(Side::Theirs)).unwrap();
    let merged = merging.finish(&user("mia"), at(30)).unwrap();
    assert_eq!(merged.items()[&name("a-b")].metadata.kind, Kind::Secret);
    // One side delivers the item as a file, the other side gives it a name that the variable for its path can't have.
    let ours = described(&base, Metadata { deliver: Deliver::File, ..base.items()[&name("A")].metadata.clone() });
    let mut merging = merge(&environment, &base, &ours, &theirs);
    assert_eq!(merging.conflicts()[0].fields(), [Field::Name, Field::Deliver]);
    merging.choose(&name("a-b"), Choice::Side(Side::Ours)).unwrap();
    let merged = merging.finish(&user("mia"), at(30)).unwrap();
    assert_eq!(merged.items()[&name("A")].metadata.deliver, Deliver::File);
    // Each side adds 9 different tags.
    let tagged = |letter: &str| {
        let tags = (0..9).map(|number| format!("{letter}{number}")).collect();
        described(&base, Metadata { tags, ..Metadata::default() })
    };
    let (ours, theirs) = (tagged("a"), tagged("b"));
    let mut merging = merge(&environment, &base, &ours, &theirs);
    assert_eq!(merging.conflicts()[0].fields(), [Field::Tags]);
    merging.choose(&name("A"), Choice::Side(Side::Ours)).unwrap();
    assert_eq!(merging.finish(&user("mia"), at(30)).unwrap().items()[&name("A")].metadata.tags.len(), 9);
}

#[test]
fn an_id_shared_by_several_items_identifies_none() {
    let environment = dev();
    let mut base = after(&Content::default(), &[Step::Set(0, 0), Step::Set(1, 1)], "mia", 0);
    let id = "0".repeat(32);
    let items: Vec<Item> =
        base.items().values().map(|item| item.clone().identified(&environment, id.clone())).collect();
    base = Content::of_items(items);
    let ours = after(&base, &[Step::Set(0, 2)], "mia", 10);
    let theirs = after(&base, &[Step::Set(1, 3), Step::Remove(0)], "ben", 20);
    let mut merging = merge(&environment, &base, &ours, &theirs);
    assert_eq!(merging.conflicts().len(), 1);
    merging.choose(&name("A"), Choice::Side(Side::Ours)).unwrap();
    let merged = meaning(&merging.finish(&user("mia"), at(30)).unwrap());
    let values: Vec<_> = merged.values().map(|(value, _)| value.as_str().unwrap()).collect();
    assert_eq!(values, ["2", "3"]);
}

#[test]
fn ten_thousand_items_that_each_take_the_next_ones_name_are_one_conflict() {
    let environment = dev();
    let one = after(&Content::default(), &[Step::Set(0, 0)], "mia", 0).items()[&name("A")].clone();
    let many = |from: usize, count: usize| {
        let item = |number: usize| {
            let mut item = one.clone();
            item.name = name(&format!("I{:05}", number + from));
            item.identified(&environment, format!("{number:032x}"))
        };
        Content::of_items((0..count).map(item))
    };
    let (base, ours, theirs) = (many(0, 10_000), many(1, 10_000), many(2, 10_000));
    let merging = merge(&environment, &base, &ours, &theirs);
    assert_eq!(merging.conflicts().len(), 1);
    assert_eq!(merging.conflicts()[0].names().len(), 10_001);
}

/// Two branches merged each other, and each decided against the other's value. So there is no decision between the
/// values.
#[test]
fn opposite_decisions_about_one_conflict_are_a_conflict() {
    let start = after(&Content::default(), &[Step::Set(0, 0)], "mia", 0);
    let (ours, theirs) = (after(&start, &[Step::Set(0, 1)], "mia", 10), after(&start, &[Step::Set(0, 2)], "ben", 20));
    let (mut one, mut other) =
        (decided(&start, &ours, &theirs, Side::Ours), decided(&start, &ours, &theirs, Side::Theirs));
    let environment = dev();
    for (first, second) in [(&ours, &theirs), (&theirs, &ours)] {
        let base = in_common(&environment, first, second);
        let merging = merge(&environment, &base, &one, &other);
        assert_eq!(merging.conflicts().iter().map(Conflict::fields).collect::<Vec<_>>(), [[Field::Value]]);
        assert!(merge(&environment, &base, &one, &one).conflicts().is_empty(), "equal decisions must not conflict");
    }
    // A value that only one of them has set since then is a descendant of the common state.
    let base = in_common(&environment, &start, &after(&start, &[Step::Set(0, 3)], "mia", 30));
    (one, other) = (after(&base, &[Step::Set(0, 4)], "ben", 40), base.clone());
    assert!(merge(&environment, &base, &one, &other).conflicts().is_empty());
    let gone = after(&base, &[Step::Remove(0)], "ben", 40);
    assert!(merge(&environment, &base, &gone, &other).conflicts().is_empty());
}
