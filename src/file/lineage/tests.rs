use super::*;
use crate::identity::Head;
use crate::time::Time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A statement with its hash and all its ancestors.
#[derive(Clone)]
struct Known {
    statement: BlockStatement,
    hash: Hash,
    before: BTreeSet<(u32, Hash)>,
}

/// A history of one environment, in which each statement's hash is the hash of its number.
#[derive(Default)]
struct History(Vec<Known>);

impl History {
    /// Saves a version on top of these statements. Returns its number.
    fn save(&mut self, before: &[usize]) -> usize {
        let parents: Vec<Known> = before.iter().map(|number| self.0[*number].clone()).collect();
        let lineage = match parents.is_empty() {
            true => Lineage::first(),
            false => {
                let parents: Vec<_> = parents.iter().map(|known| (&known.statement, known.hash)).collect();
                Lineage::after(&parents).unwrap()
            }
        };
        let mut all = BTreeSet::new();
        for known in parents {
            all.insert((known.statement.version, known.hash));
            all.extend(known.before);
        }
        let hash = Hash::of(&self.0.len().to_be_bytes());
        self.0.push(Known { statement: statement(lineage), hash, before: all });
        self.0.len() - 1
    }

    /// Saves `count` versions, one after the other, after `after` or after a first version. Returns the number of the
    /// last.
    fn line(&mut self, after: Option<usize>, count: usize) -> usize {
        let first = after.unwrap_or_else(|| self.save(&[]));
        (0..count).fold(first, |last, _| self.save(&[last]))
    }

    fn relation(&self, newer: usize, seen: usize) -> Relation {
        let (newer, seen) = (&self.0[newer], &self.0[seen]);
        newer.statement.relation(&newer.hash, (seen.statement.version, &seen.hash))
    }
}

fn statement(lineage: Lineage) -> BlockStatement {
    let Lineage { version, previous, ancestors } = lineage;
    BlockStatement {
        name: "dev".parse().unwrap(),
        version,
        previous,
        ancestors,
        roster: Head { version: 1, hash: Hash::ZERO },
        author: "mia".parse().unwrap(),
        time: Time::parse("2026-11-28T00:00:00Z").unwrap(),
    }
}

fn is_sound(statement: &BlockStatement) -> bool {
    let ancestors = statement.ancestors.to_string().parse().unwrap();
    Lineage::new(statement.version, statement.previous.clone(), ancestors).is_ok()
}

#[test]
fn a_save_descends_from_the_previous_64_and_older_ones_are_unknown() {
    let mut history = History::default();
    let last = history.line(None, 80);
    assert_eq!(history.relation(last, last), Relation::Same);
    assert_eq!(history.relation(last, last - 64), Relation::GoesOn);
    assert_eq!(history.relation(last, last - 65), Relation::CannotTell { apart: 65 });
    assert_eq!(history.relation(last - 1, last), Relation::Older);
    assert_eq!(history.0[last].statement.ancestors.to_string().len(), 684, "characters in the file");
}

#[test]
fn a_fork_is_recognized_however_many_versions_it_is_ahead() {
    let mut history = History::default();
    let common = history.line(None, 100);
    let seen = history.save(&[common]);
    let mut ahead = history.save(&[common]);
    assert_eq!(history.relation(ahead, seen), Relation::Fork);
    for _ in 1..64 {
        ahead = history.save(&[ahead]);
        assert_eq!(history.relation(ahead, seen), Relation::Lost);
    }
    ahead = history.save(&[ahead]);
    assert_eq!(history.relation(ahead, seen), Relation::CannotTell { apart: 64 });
}

#[test]
fn a_short_history_is_always_conclusive() {
    let mut history = History::default();
    let first = history.save(&[]);
    let lost = history.save(&[first]);
    let last = history.line(Some(first), 63);
    assert_eq!(history.relation(last, first), Relation::GoesOn);
    assert_eq!(history.relation(last, lost), Relation::Lost);
}

#[test]
fn a_merge_descends_from_everything_on_both_sides() {
    let mut history = History::default();
    let common = history.line(None, 20);
    let (ours, theirs) = (history.line(Some(common), 3), history.line(Some(common), 9));
    let merged = history.save(&[ours, theirs]);
    let last = history.line(Some(merged), 5);
    assert_eq!(history.0[merged].statement.version, history.0[theirs].statement.version + 1);
    for seen in 0..merged {
        assert_eq!(history.relation(last, seen), Relation::GoesOn, "{seen}");
    }
    // The signed statement does not depend on the order of the sides.
    let swapped = history.save(&[theirs, ours]);
    assert_eq!(history.0[swapped].statement, history.0[merged].statement);
}

#[test]
fn a_merge_descends_from_a_side_far_behind_its_list() {
    let mut history = History::default();
    let first = history.save(&[]);
    let behind = history.save(&[first]);
    let ahead = history.line(Some(first), 200);
    let merged = history.save(&[behind, ahead]);
    assert_eq!(history.relation(merged, behind), Relation::GoesOn);
    let next = history.save(&[merged]);
    assert_eq!(history.relation(next, behind), Relation::CannotTell { apart: 201 });
}

#[test]
fn no_honest_history_has_a_version_jump() {
    let mut history = History::default();
    let first = history.save(&[]);
    let Known { hash, statement, .. } = history.0[first].clone();
    let next = |version| BlockStatement { version, previous: vec![hash], ..statement.clone() };
    assert_eq!(next(10_001).relation(&Hash::of(b"next"), (1, &hash)), Relation::GoesOn);
    assert_eq!(next(10_002).relation(&Hash::of(b"next"), (1, &hash)), Relation::Jump);
    let last = next(u32::MAX);
    assert_eq!(Lineage::after(&[(&last, hash)]), None);
}

#[test]
fn inconsistent_ancestors_are_refused() {
    let mut history = History::default();
    let last = history.line(None, 2);
    let BlockStatement { version, previous, ancestors, .. } = history.0[last].statement.clone();
    let check = |version, previous: &[Hash], bytes: &[u8]| {
        Lineage::new(version, previous.to_vec(), BASE64.encode(bytes).parse()?).map(drop)
    };
    let bytes = ancestors.as_bytes();
    let [newest, oldest] = [bytes[..8].to_vec(), bytes[8..].to_vec()];
    let with_bit = |entry: &[u8]| [&entry[..7], &[entry[7] | 1]].concat();
    let full = [newest.clone(), oldest.repeat(63)].concat();
    check(version, &previous, bytes).unwrap();
    check(65, &previous, &full).unwrap();
    check(u32::MAX, &previous, &full).unwrap();
    check(1, &[], b"").unwrap();
    let other = Hash::of(b"other");
    let wrong: [(&str, u32, &[Hash], Vec<u8>); 14] = [
        ("no version", 0, &[], vec![]),
        ("a first version that follows one", 1, &previous, newest.clone()),
        ("a first version with ancestors", 1, &[], newest.clone()),
        ("a version that follows none", 3, &[], bytes.to_vec()),
        ("no ancestors", 3, &previous, vec![]),
        ("too few", 3, &previous, newest.clone()),
        ("too many", 2, &previous, bytes.to_vec()),
        ("a full list of too many versions", 64, &previous, full.clone()),
        ("another one before it", 3, &[other], bytes.to_vec()),
        ("none a version lower", 3, &previous, [with_bit(&newest), oldest.clone()].concat()),
        ("two of the version before, one not followed", 2, &previous, [newest.clone(), with_bit(&[255; 8])].concat()),
        ("one twice", 2, &previous, [newest.clone(), with_bit(&newest)].concat()),
        ("not whole", 3, &previous, bytes[..15].to_vec()),
        ("more than 64", 66, &previous, [full, oldest].concat()),
    ];
    for (what, version, previous, bytes) in wrong {
        assert!(check(version, previous, &bytes).is_err(), "{what}");
    }
    for text in ["AAAA=AAA", "AAAAAAAAAAA", "AAAAAAAAAAB=", "AAAAAAAAAAA=\n", " AAAAAAAAAAA="] {
        assert!(text.parse::<Ancestors>().is_err(), "{text}");
    }
    assert!("AAAAAAAAAAA=".parse::<Ancestors>().is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// In any history of saves and merges, an ancestor is never reported as lost, and a lost save never as an ancestor.
    #[test]
    fn relations_are_never_wrong_and_close_ones_are_known(
        steps in prop::collection::vec((any::<prop::sample::Index>(), prop::option::of(any::<prop::sample::Index>())), 1..220),
        near_the_end in any::<bool>(),
    ) {
        let mut history = History::default();
        history.save(&[]);
        for (first, second) in steps {
            let pick = |index: prop::sample::Index| match history.0.len() {
                count if near_the_end && count > 4 => count - 1 - index.index(4),
                count => index.index(count),
            };
            let mut parents = vec![pick(first)];
            parents.extend(second.map(pick).filter(|second| *second != parents[0]));
            history.save(&parents);
        }
        for newer in history.0.iter().rev().step_by(9) {
            prop_assert!(is_sound(&newer.statement));
            let reached = newer.statement.ancestors.entries().last().map_or(0, |(apart, _)| apart);
            for seen in &history.0 {
                let place = (seen.statement.version, seen.hash);
                let is_before = newer.before.contains(&place);
                match newer.statement.relation(&newer.hash, (place.0, &place.1)) {
                    Relation::GoesOn => prop_assert!(is_before),
                    Relation::Lost => prop_assert!(!is_before),
                    Relation::CannotTell { apart } => prop_assert!(apart >= reached && newer.statement.ancestors.is_full()),
                    Relation::Same => prop_assert_eq!(newer.hash, seen.hash),
                    Relation::Older | Relation::Fork => prop_assert!(!is_before && newer.hash != seen.hash),
                    Relation::Jump => prop_assert!(false),
                }
            }
        }
    }
}
