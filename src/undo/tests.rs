use super::*;
use crate::file::Lineage;
use crate::identity::PrivateKeys;
use crate::item::Metadata;
use crate::roster::{Change, Draft, Roster};
use crate::secret::SecretBytes;

fn environment() -> EnvironmentName {
    EnvironmentName::new("dev").unwrap()
}

fn user(name: &str) -> UserName {
    UserName::new(name).unwrap()
}

fn item(name: &str) -> ItemName {
    ItemName::new(name).unwrap()
}

fn at(seconds: i64) -> Time {
    Time::from(chrono::DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap())
}

fn set(content: &mut Content, name: &str, value: &str, seconds: i64) {
    let value = SecretBytes::from(value);
    content.set(&item(name), value, &Metadata::default(), &user("mia"), at(seconds)).unwrap();
}

fn content(items: &[(&str, &str)]) -> Content {
    let mut content = Content::default();
    items.iter().for_each(|(name, value)| set(&mut content, name, value, 0));
    content
}

fn value(content: &Content, name: &str) -> Option<String> {
    content.items().get(&item(name)).map(|item| String::from_utf8_lossy(&item.current.value).into_owned())
}

fn save() -> Seen {
    Seen { added: 1, version: 4, hash: Hash::of(b"four") }
}

fn changed(before: &Content, after: &Content) -> Part {
    Part::changed(&environment(), before, after, save()).unwrap()
}

fn record(parts: Vec<Part>) -> Record {
    let roster = Head { version: 1, hash: Hash::of(b"roster") };
    Record { action: Action::Set, is_undo: false, time: at(10), roster, done: Ok(parts) }
}

#[test]
fn undo_removes_added_items_restores_removed_ones_and_saves_old_values_as_new_versions() {
    let before = content(&[("CHANGED", "old"), ("REMOVED", "gone"), ("SAME", "same")]);
    let mut after = before.clone();
    set(&mut after, "CHANGED", "new", 5);
    set(&mut after, "ADDED", "1", 5);
    after.remove(&environment(), &item("REMOVED")).unwrap();
    let part = changed(&before, &after);
    assert!(!part.after.contains_key(&item("SAME")), "unchanged items must not be recorded");
    assert_eq!(part.before.items().len(), 2);
    set(&mut after, "LATER", "theirs", 7);
    part.take_back(&mut after, &user("mia"), at(9)).unwrap();
    let values = ["CHANGED", "REMOVED", "SAME", "ADDED", "LATER"].map(|name| value(&after, name));
    let expected = [Some("old"), Some("gone"), Some("same"), None, Some("theirs")];
    assert_eq!(values, expected.map(|value| value.map(str::to_owned)));
    let item = &after.items()[&item("CHANGED")];
    let versions: Vec<u32> = item.versions().map(|version| version.number).collect();
    assert_eq!((versions, item.updated_at), (vec![3, 2, 1], at(9)));
}

#[test]
fn debug_output_of_a_change_has_no_digest_because_it_would_confirm_a_guess() {
    let after = content(&[("A", "guessed")]);
    let part = changed(&content(&[]), &after);
    let digest = serde_json::to_string(&after.items()[&item("A")].digest(&environment())).unwrap();
    let shown = format!("{part:?} {part:#?}");
    assert!(!shown.contains(digest.trim_matches('"')) && shown.contains("Digest(..)"), "{shown}");
}

#[test]
fn a_value_that_was_due_is_due_again_after_undo() {
    let mut before = content(&[("A", "known")]);
    before.mark_all_due(at(1));
    let mut after = before.clone();
    // The eleventh value pushes the first one out of the history.
    (0..11).for_each(|number| set(&mut after, "A", &number.to_string(), 5));
    let part = changed(&before, &after);
    part.take_back(&mut after, &user("mia"), at(9)).unwrap();
    assert_eq!(after.items()[&item("A")].current.rotate_due, Some(at(1)));
}

#[test]
fn later_changes_of_the_items_are_found_and_changes_of_other_items_are_ignored() {
    let before = content(&[("A", "1"), ("B", "1")]);
    let mut after = before.clone();
    set(&mut after, "A", "2", 5);
    set(&mut after, "N", "1", 5);
    after.remove(&environment(), &item("B")).unwrap();
    let part = changed(&before, &after);
    assert_eq!(part.changed_since(&after), []);
    let since = |change: &dyn Fn(&mut Content)| {
        let mut now = after.clone();
        change(&mut now);
        part.changed_since(&now)
    };
    assert_eq!(since(&|now| set(now, "OTHER", "1", 6)), []);
    assert_eq!(since(&|now| set(now, "A", "3", 6)), [item("A")]);
    assert_eq!(since(&|now| set(now, "B", "1", 6)), [item("B")]);
    assert_eq!(since(&|now| drop(now.remove(&environment(), &item("N")).unwrap())), [item("N")]);
    assert_eq!(since(&|now| drop(now.mark_all_due(at(6)))), [item("A"), item("N")]);
    let note = Metadata { note: Some("theirs".to_owned()), ..Metadata::default() };
    let describe = |now: &mut Content| now.describe(&environment(), &item("A"), note.clone(), &user("ben"), at(6));
    assert_eq!(since(&|now| describe(now).unwrap()), [item("A")]);
}

#[test]
fn items_added_to_a_new_environment_since_count_as_changes() {
    let mut held = content(&[("A", "1")]);
    let part = Part::added(&environment(), &held, save());
    assert_eq!(part.changed_since(&held), []);
    set(&mut held, "B", "theirs", 6);
    assert_eq!(part.changed_since(&held), [item("B")]);
}

#[test]
fn a_save_without_changed_items_leaves_nothing_to_undo() {
    let same = content(&[("A", "1")]);
    assert_eq!(Part::changed(&environment(), &same, &same.clone(), save()), None);
}

#[test]
fn a_record_round_trips_and_belongs_to_one_vault() {
    let before = content(&[("A", "old\0\u{ff}"), ("B", "gone")]);
    let mut after = before.clone();
    set(&mut after, "A", "new", 5);
    after.remove(&environment(), &item("B")).unwrap();
    let record = record(vec![changed(&before, &after), Part::added(&environment(), &after, save())]);
    let vault = Hash::of(b"vault");
    let bytes = record.to_bytes(&vault);
    assert_eq!(Record::from_bytes(&bytes, &vault), Ok(record.clone()));
    assert_eq!(Record::from_bytes(&bytes, &Hash::of(b"other")), Err(record::Unreadable));
    for end in 0..bytes.len() {
        assert!(Record::from_bytes(&bytes[..end], &vault).is_err(), "{end}");
    }
    let other = Record { done: Err(NotKept::OtherKind), is_undo: true, ..record };
    assert_eq!(Record::from_bytes(&other.to_bytes(&vault), &vault), Ok(other));
}

#[test]
fn a_record_over_the_limit_keeps_no_value() {
    let value = "x".repeat(1 << 20);
    let names: Vec<String> = (0..17).map(|number| format!("V{number}")).collect();
    let items: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), value.as_str())).collect();
    let part = changed(&content(&items), &Content::default());
    let vault = Hash::of(b"vault");
    let bytes = record(vec![part]).to_bytes(&vault);
    assert!(bytes.len() < 1000, "{}", bytes.len());
    assert_eq!(Record::from_bytes(&bytes, &vault).unwrap().done, Err(NotKept::TooLarge));
    let fits = changed(&content(&items[..15]), &Content::default());
    assert!(Record::from_bytes(&record(vec![fits]).to_bytes(&vault), &vault).unwrap().done.is_ok());
}

#[test]
fn a_change_can_be_undone_for_a_day() {
    let record = record(Vec::new());
    for (seconds, is_expired) in [(0, false), (KEPT_FOR + 10, false), (KEPT_FOR + 11, true), (-100, false)] {
        assert_eq!(record.is_expired(at(seconds)), is_expired, "{seconds}");
    }
}

#[test]
fn the_last_save_must_descend_from_the_change_and_be_by_another_user() {
    let statement = |before: &[(u32, &[u8])], author: &str| {
        let first = |version: u32| BlockStatement {
            name: environment(),
            version,
            previous: Vec::new(),
            ancestors: crate::file::Ancestors::default(),
            roster: Head { version: 1, hash: Hash::of(b"roster") },
            author: user("mia"),
            time: at(0),
        };
        let statements: Vec<_> = before.iter().map(|(version, name)| (first(*version), Hash::of(name))).collect();
        let sides: Vec<_> = statements.iter().map(|(statement, hash)| (statement, *hash)).collect();
        let Lineage { version, previous, ancestors } = Lineage::after(&sides).unwrap();
        BlockStatement { version, previous, ancestors, author: user(author), ..first(1) }
    };
    let part = changed(&content(&[]), &content(&[("A", "1")]));
    let check =
        |statement: &BlockStatement, hash: &[u8]| part.check_goes_on(1, statement, &Hash::of(hash), &user("mia"));
    let own = BlockStatement { version: 4, ..statement(&[(3, b"three")], "mia") };
    assert_eq!(check(&own, b"four"), Ok(()));
    assert_eq!(check(&own, b"another four"), Err(Obstacle::NotHere));
    assert_eq!(check(&statement(&[(2, b"two")], "mia"), b"three"), Err(Obstacle::NotHere));
    assert_eq!(check(&statement(&[(4, b"four")], "ben"), b"five"), Ok(()));
    assert_eq!(check(&statement(&[(4, b"four")], "mia"), b"five"), Err(Obstacle::ChangedElsewhere));
    assert_eq!(check(&statement(&[(4, b"four"), (4, b"other")], "mia"), b"five"), Err(Obstacle::Merged));
    assert_eq!(check(&statement(&[(4, b"other")], "ben"), b"five"), Err(Obstacle::NotHere));
    let again = part.check_goes_on(2, &own, &Hash::of(b"four"), &user("mia"));
    assert_eq!(again, Err(Obstacle::AddedAgain));
}

/// mia and ben are admins, eve is a member; all three have a right on dev.
fn roster() -> (Roster, PrivateKeys) {
    let keys = PrivateKeys::generate().unwrap();
    let mut roster = Roster::create(user("mia"), None, at(0), &keys).unwrap();
    for (name, role) in [("ben", Role::Admin), ("eve", Role::Member)] {
        roster = with_user(&roster, name, role, &keys);
    }
    let grants = vec![(user("ben"), Right::Write), (user("eve"), Right::Read), (user("mia"), Right::Write)];
    (with(&roster, Change::AddEnvironment { environment: environment(), grants }, &keys), keys)
}

fn with_user(roster: &Roster, name: &str, role: Role, keys: &PrivateKeys) -> Roster {
    let new = roster.sign_new_keys(&user(name), &PrivateKeys::generate().unwrap()).unwrap();
    let add = Change::AddUser { user: user(name), email: None, role, grants: Vec::new(), keys: new.into() };
    with(roster, add, keys)
}

fn with(roster: &Roster, change: Change, keys: &PrivateKeys) -> Roster {
    let draft = Draft { author: user("mia"), time: at(1), change, pending: Vec::new() };
    roster.append(draft, keys).unwrap()
}

#[test]
fn rights_are_restored_only_to_users_who_still_have_the_role() {
    let (roster, keys) = roster();
    let in_roster = &roster.state().environments[&environment()];
    let part = Part::removed(&environment(), &content(&[("A", "1")]), in_roster, roster.state());
    let grants = |roster: &Roster| {
        let (grants, left_out) = part.grants_now(roster.state());
        let named = |(name, right): &(UserName, Right)| format!("{name}:{right}");
        (grants.iter().map(named).collect::<Vec<_>>().join(" "), left_out)
    };
    assert_eq!(grants(&roster), ("ben:write eve:read mia:write".to_owned(), vec![]));
    let without = with(&roster, Change::RemoveUser { user: user("eve") }, &keys);
    assert_eq!(grants(&without), ("ben:write mia:write".to_owned(), vec![user("eve")]));
    let again = with_user(&without, "eve", Role::Member, &keys);
    assert_eq!(grants(&again), ("ben:write mia:write".to_owned(), vec![user("eve")]), "another eve");
    let lowered = with(&roster, Change::SetRole { user: user("ben"), role: Role::Member }, &keys);
    assert_eq!(grants(&lowered), ("eve:read mia:write".to_owned(), vec![user("ben")]));
}
