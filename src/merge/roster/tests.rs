//! Changes by removed or demoted users don't count, except for what they revoked or removed.

use super::*;
use crate::identity::PrivateKeys;
use crate::name::EnvironmentName;
use crate::roster::{Protection, Right};
use crate::time::Time;

fn user(name: &str) -> UserName {
    UserName::new(name).unwrap()
}

fn dev() -> EnvironmentName {
    EnvironmentName::new("dev").unwrap()
}

const ADMINS: [&str; 3] = ["mia", "ben", "ann"];

/// A vault in which mia, ben and ann are admins and zoe is a member. All of them write dev.
struct Office {
    base: Roster,
    keys: [PrivateKeys; 3],
}

impl Office {
    fn new() -> Self {
        let keys = [(); 3].map(|()| PrivateKeys::generate().unwrap());
        let mut office = Self { base: Roster::create(user("mia"), None, Time::now(), &keys[0]).unwrap(), keys };
        let grants = vec![(user("mia"), Right::Write)];
        office.base = office.after(&office.base, "mia", [Change::AddEnvironment { environment: dev(), grants }]);
        for (name, keys) in [("ben", office.keys[1].clone()), ("ann", office.keys[2].clone()), ("zoe", new_keys())] {
            let role = if name == "zoe" { Role::Member } else { Role::Admin };
            let add = added(&office.base, name, role, &keys);
            office.base = office.after(&office.base, "mia", [add]);
        }
        office
    }

    fn after<const N: usize>(&self, roster: &Roster, author: &str, changes: [Change; N]) -> Roster {
        let keys = &self.keys[ADMINS.iter().position(|name| *name == author).unwrap()];
        changes.into_iter().fold(roster.clone(), |roster, change| {
            let draft = Draft { author: user(author), time: Time::now(), change, pending: Vec::new() };
            roster.append(draft, keys).unwrap()
        })
    }
}

fn new_keys() -> PrivateKeys {
    PrivateKeys::generate().unwrap()
}

fn added(roster: &Roster, name: &str, role: Role, keys: &PrivateKeys) -> Change {
    let keys = roster.sign_new_keys(&user(name), keys).unwrap().into();
    Change::AddUser { user: user(name), email: None, role, grants: vec![(dev(), Right::Write)], keys }
}

fn removed(name: &str) -> Change {
    Change::RemoveUser { user: user(name) }
}

fn demoted(name: &str) -> Change {
    Change::SetRole { user: user(name), role: Role::Member }
}

/// Compares the rosters in both orders. Returns the side that is kept, and who can merge.
fn compared(ours: &Roster, theirs: &Roster) -> (Option<Side>, Vec<String>) {
    let seen = |ours, theirs| {
        let rosters = Rosters::compare(ours, theirs).unwrap();
        let signers: BTreeSet<String> =
            rosters.ways().iter().flat_map(|way| &way.signers).map(ToString::to_string).collect();
        (rosters.standing(), signers.into_iter().collect::<Vec<_>>())
    };
    let (here, swapped) = (seen(ours, theirs), seen(theirs, ours));
    assert_eq!(here.0, swapped.0.map(Side::other));
    assert_eq!(here.1, swapped.1);
    here
}

#[test]
fn grants_by_a_removed_or_demoted_admin_are_dropped_and_nobody_has_to_sign() {
    let office = Office::new();
    for take in [removed("ben"), demoted("ben")] {
        let mias = office.after(&office.base, "mia", [take]);
        let eve = added(&office.base, "eve", Role::Admin, &new_keys());
        let grant = Change::Grant { user: user("zoe"), grants: vec![(dev(), Right::Write)] };
        let unprotect = Change::SetEnvironment { environment: dev(), protected: Protection::No };
        let bens = office.after(&office.base, "ben", [eve, grant, unprotect]);
        assert_eq!(compared(&mias, &bens).0, Some(Side::Ours));
        let rosters = Rosters::compare(&mias, &bens).unwrap();
        assert_eq!(rosters.kept(Side::Theirs), [Kept::Nothing, Kept::Nothing, Kept::Nothing]);
        // A device that has seen the dropped changes accepts the roster without them.
        assert!(mias.includes(&bens).unwrap() && !bens.includes(&mias).unwrap());
        assert!(mias.signed_by_former(&bens).unwrap().is_none());
    }
}

#[test]
fn changes_that_depend_on_a_dropped_change_are_dropped_too() {
    let office = Office::new();
    let mias = office.after(&office.base, "mia", [removed("ben")]);
    let eves_keys = new_keys();
    let bens = office.after(&office.base, "ben", [added(&office.base, "eve", Role::Admin, &eves_keys)]);
    let kim = added(&bens, "kim", Role::Member, &new_keys());
    let draft = Draft { author: user("eve"), time: Time::now(), change: kim, pending: Vec::new() };
    let eves = bens.append(draft, &eves_keys).unwrap();
    assert_eq!(compared(&mias, &eves).0, Some(Side::Ours));
    assert!(mias.includes(&eves).unwrap());
}

#[test]
fn revocations_by_a_removed_admin_are_repeated_by_an_admin() {
    let office = Office::new();
    let mias = office.after(&office.base, "mia", [removed("ben")]);
    let bens =
        office.after(&office.base, "ben", [removed("zoe"), added(&office.base, "eve", Role::Member, &new_keys())]);
    let (standing, signers) = compared(&mias, &bens);
    assert_eq!((standing, signers.join(" ")), (None, "ann mia".to_owned()));
    assert!(!mias.includes(&bens).unwrap(), "zoe must not be removed yet");
    let merged = office.after(&mias, "ann", [removed("zoe")]);
    assert!(merged.includes(&bens).unwrap());
}

#[test]
fn if_two_admins_removed_each_other_only_a_third_can_merge() {
    let office = Office::new();
    let (mias, bens) =
        (office.after(&office.base, "mia", [removed("ben")]), office.after(&office.base, "ben", [removed("mia")]));
    let (standing, signers) = compared(&mias, &bens);
    assert_eq!((standing, signers.join(" ")), (None, "ann".to_owned()));
    let base = office.after(&office.base, "mia", [demoted("ann")]);
    let (mias, bens) = (office.after(&base, "mia", [removed("ben")]), office.after(&base, "ben", [removed("mia")]));
    assert_eq!(compared(&mias, &bens), (None, Vec::new()));
}

#[test]
fn a_demoted_admins_changes_to_their_own_account_stay() {
    let office = Office::new();
    let mias = office.after(&office.base, "mia", [demoted("ben")]);
    let keys = office.base.sign_new_keys(&user("ben"), &new_keys()).unwrap().into();
    let bens = office.after(&office.base, "ben", [Change::ReplaceKeys { keys }]);
    let rosters = Rosters::compare(&mias, &bens).unwrap();
    assert_eq!(rosters.kept(Side::Theirs), [Kept::Whole]);
    // Each change can be repeated on top of the other.
    assert_eq!(compared(&mias, &bens), (None, vec!["ben".to_owned(), "mia".to_owned()]));
}

#[test]
fn changes_by_others_stay_and_the_rest_is_repeated() {
    let office = Office::new();
    let mias = office.after(&office.base, "mia", [removed("ben")]);
    let anns = office.after(&office.base, "ann", [added(&office.base, "kim", Role::Member, &new_keys())]);
    let both = office.after(&anns, "ben", [added(&anns, "eve", Role::Member, &new_keys())]);
    let rosters = Rosters::compare(&mias, &both).unwrap();
    let way = rosters.way_of(&user("mia")).unwrap();
    assert_eq!((way.base, way.until, way.again[0].len()), (Side::Theirs, anns.head().version, 0));
    assert_eq!(compared(&mias, &both).1, ["ann", "mia"]);
}

/// A right that can't be revoked again must not come back silently.
#[test]
fn two_writers_who_revoked_each_others_rights_merge_nothing() {
    let office = Office::new();
    let lowered = |name: &str| Change::Grant { user: user(name), grants: vec![(dev(), Right::Read)] };
    let (mias, bens) =
        (office.after(&office.base, "mia", [lowered("ben")]), office.after(&office.base, "ben", [lowered("mia")]));
    for (ours, theirs) in [(&mias, &bens), (&bens, &mias)] {
        let rosters = Rosters::compare(ours, theirs).unwrap();
        for (place, name) in ADMINS[..2].iter().enumerate() {
            let way = rosters.way_of(&user(name)).unwrap();
            let base = if way.base == Side::Ours { ours } else { theirs };
            let before = base.state_at(rosters.common()).unwrap();
            let mut append = |_, roster: &Roster, draft| roster.append(draft, &office.keys[place]);
            let made = crate::merge::again::MadeAgain::new(way, (base, &before), &user(name), &mut append);
            let error = made.map(|_| ()).unwrap_err();
            assert!(error.advice() == Some(&crate::merge::again::keep_one_file()), "{error}");
        }
    }
}

#[test]
fn of_a_flood_of_changes_by_a_removed_admin_each_revocation_is_repeated_once() {
    let office = Office::new();
    let mias = office.after(&office.base, "mia", [removed("ben")]);
    let grant = |right| Change::Grant { user: user("zoe"), grants: vec![(dev(), right)] };
    let mut bens = office.base.clone();
    for _ in 0..200 {
        bens = office.after(&bens, "ben", [grant(Right::Read), grant(Right::Write), demoted("ann")]);
    }
    let rosters = Rosters::compare(&mias, &bens).unwrap();
    let way = rosters.way_of(&user("mia")).unwrap();
    let before = mias.state_at(rosters.common()).unwrap();
    let mut append = |_, roster: &Roster, draft| roster.append(draft, &office.keys[0]);
    let again = crate::merge::again::MadeAgain::new(way, (&mias, &before), &user("mia"), &mut append).unwrap();
    assert_eq!(again.roster.head().version, mias.head().version + 2);
}
