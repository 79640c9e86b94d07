//! A removed right never comes back, whatever the changes on either side.

use super::*;
use crate::identity::PrivateKeys;
use crate::merge::Rosters;
use crate::roster::Environment;
use crate::time::Time;
use proptest::prelude::*;

fn user(name: &str) -> UserName {
    UserName::new(name).unwrap()
}

fn environment(name: &str) -> EnvironmentName {
    EnvironmentName::new(name).unwrap()
}

const ADMINS: [&str; 3] = ["mia", "ben", "ann"];
const USERS: [&str; 6] = ["kim", "zoe", "eve", "mia", "ben", "ann"];
const ENVIRONMENTS: [&str; 3] = ["dev", "prod", "stage"];

/// A vault in which mia, ben and ann are admins who write everything. kim and zoe are users; eve is not one yet.
struct Office {
    base: Roster,
    keys: [PrivateKeys; 3],
}

impl Office {
    fn new() -> Self {
        let keys = [(); 3].map(|()| PrivateKeys::generate().unwrap());
        let mut office = Self { base: Roster::create(user("mia"), None, at(0), &keys[0]).unwrap(), keys };
        for name in &ENVIRONMENTS[..2] {
            let grants = vec![(user("mia"), Right::Write)];
            office.base =
                office.made(&office.base, 0, Change::AddEnvironment { environment: environment(name), grants }, 1);
        }
        let all: Vec<_> = ENVIRONMENTS[..2].iter().map(|name| (environment(name), Right::Write)).collect();
        for name in ["ben", "ann", "kim", "zoe"] {
            let place = ADMINS.iter().position(|admin| *admin == name);
            let new = place.map_or_else(|| PrivateKeys::generate().unwrap(), |place| office.keys[place].clone());
            let role = if place.is_some() { Role::Admin } else { Role::Member };
            let keys = office.base.sign_new_keys(&user(name), &new).unwrap().into();
            let change = Change::AddUser { user: user(name), email: None, role, grants: all.clone(), keys };
            office.base = office.made(&office.base, 0, change, 2);
        }
        let protect = Change::SetEnvironment { environment: environment("prod"), protected: Protection::Yes };
        office.base = office.made(&office.base, 0, protect, 3);
        office
    }

    fn made(&self, roster: &Roster, author: usize, change: Change, second: u32) -> Roster {
        self.try_made(roster, author, change, second).unwrap()
    }

    fn try_made(&self, roster: &Roster, author: usize, change: Change, second: u32) -> Result<Roster> {
        let draft = Draft { author: user(ADMINS[author]), time: at(second), change, pending: Vec::new() };
        roster.append(draft, &self.keys[author])
    }

    /// Applies the steps that are allowed.
    fn after(&self, steps: &[(usize, Step)], from: u32) -> Roster {
        let mut roster = self.base.clone();
        for (second, (author, step)) in (from..).zip(steps) {
            let change = step.change(&roster, &user(ADMINS[*author]));
            roster = self.try_made(&roster, *author, change, second).unwrap_or(roster);
        }
        roster
    }

    /// Merges both rosters as one of the admins. Returns `None` if that admin can't, and an error if the changes can't
    /// be repeated.
    fn merged(&self, ours: &Roster, theirs: &Roster, by: usize) -> Option<Result<Roster>> {
        let rosters = Rosters::compare(ours, theirs).unwrap();
        let roster_of = |side| if side == Side::Ours { ours } else { theirs };
        if let Some(side) = rosters.standing() {
            return Some(Ok(roster_of(side).clone()));
        }
        let way = rosters.way_of(&user(ADMINS[by]))?;
        let before = ours.state_at(rosters.common()).unwrap();
        let mut append = |_, roster: &Roster, draft| roster.append(draft, &self.keys[by]);
        let again = MadeAgain::new(way, (roster_of(way.base), &before), &user(ADMINS[by]), &mut append);
        Some(again.map(|again| again.roster))
    }
}

/// Describes all users and rights.
fn words(roster: &Roster) -> String {
    let state = roster.state();
    let users = state.users.iter().map(|(name, user)| format!("{name} {}", user.role));
    let environments = state
        .environments
        .iter()
        .map(|(name, environment)| format!("{name} {:?} {}", environment.grants, environment.protected));
    users.chain(environments).collect::<Vec<_>>().join("\n")
}

fn at(second: u32) -> Time {
    Time::parse(&format!("2026-11-28T00:{:02}:{:02}Z", second / 60, second % 60)).unwrap()
}

#[derive(Debug, Clone)]
enum Step {
    Remove(usize),
    Add(usize),
    Role(usize, bool),
    Grant(usize, usize, bool),
    Revoke(usize, usize),
    AddEnvironment(usize),
    RemoveEnvironment(usize),
    Protect(usize, Protection),
}

impl Step {
    fn change(&self, roster: &Roster, author: &UserName) -> Change {
        let (name, place) = (|index: &usize| user(USERS[*index]), |index: &usize| environment(ENVIRONMENTS[*index]));
        match self {
            Self::Remove(who) => Change::RemoveUser { user: name(who) },
            Self::Add(who) => {
                let keys = roster.sign_new_keys(&name(who), &PrivateKeys::generate().unwrap()).unwrap().into();
                Change::AddUser { user: name(who), email: None, role: Role::Member, grants: Vec::new(), keys }
            }
            Self::Role(who, is_admin) => {
                Change::SetRole { user: name(who), role: if *is_admin { Role::Admin } else { Role::Member } }
            }
            Self::Grant(who, environment, writes) => {
                let right = if *writes { Right::Write } else { Right::Read };
                Change::Grant { user: name(who), grants: vec![(place(environment), right)] }
            }
            Self::Revoke(who, environment) => {
                Change::Revoke { user: name(who), environments: vec![place(environment)] }
            }
            Self::AddEnvironment(environment) => {
                let others = ADMINS.map(user).into_iter().filter(|admin| admin != author);
                let others = others.filter(|admin| roster.state().users.contains_key(admin));
                let grants =
                    std::iter::once((author.clone(), Right::Write)).chain(others.map(|admin| (admin, Right::Read)));
                Change::AddEnvironment { environment: place(environment), grants: grants.collect() }
            }
            Self::RemoveEnvironment(environment) => Change::RemoveEnvironment { environment: place(environment) },
            Self::Protect(environment, protected) => {
                Change::SetEnvironment { environment: place(environment), protected: *protected }
            }
        }
    }
}

fn steps() -> impl Strategy<Value = Vec<(usize, Step)>> {
    let (who, environment) = (0..USERS.len(), 0..ENVIRONMENTS.len());
    let protection = prop::sample::select(vec![Protection::No, Protection::Yes]);
    let step = prop_oneof![
        2 => who.clone().prop_map(Step::Remove),
        1 => who.clone().prop_map(Step::Add),
        3 => (who.clone(), any::<bool>()).prop_map(|(who, is_admin)| Step::Role(who, is_admin)),
        3 => (who.clone(), environment.clone(), any::<bool>()).prop_map(|(who, environment, writes)| Step::Grant(who, environment, writes)),
        3 => (who, environment.clone()).prop_map(|(who, environment)| Step::Revoke(who, environment)),
        1 => environment.clone().prop_map(Step::AddEnvironment),
        1 => environment.clone().prop_map(Step::RemoveEnvironment),
        3 => (environment, protection).prop_map(|(environment, protected)| Step::Protect(environment, protected)),
    ];
    // One admin makes most changes of a side.
    let authors = (0..ADMINS.len(), prop::collection::vec((0..20usize, step), 0..6));
    authors.prop_map(|(main, steps)| {
        steps.into_iter().map(|(any, step)| (if any < ADMINS.len() { any } else { main }, step)).collect()
    })
}

/// Checks that the merged roster lacks what one side took away.
fn nothing_comes_back(before: &State, side: &Roster, merged: &Roster) -> std::result::Result<(), TestCaseError> {
    for (name, user) in &before.users {
        let now = merged.state().users.get(name).filter(|now| now.id == user.id);
        let on_side = side.state().users.get(name).filter(|on_side| on_side.id == user.id);
        prop_assert!(on_side.is_some() || now.is_none(), "{} came back", name);
        let roles = now.zip(on_side).map(|(now, on_side)| (now.role, on_side.role));
        if let Some((now, on_side)) = roles.filter(|(_, on_side)| *on_side < user.role) {
            prop_assert!(now <= on_side, "the role of {} came back", name);
        }
    }
    for (name, environment) in &before.environments {
        nothing_comes_back_in_a_new_environment(before, (name, environment), side.state(), merged)?;
        let same =
            |state: &State| state.environments.get(name).filter(|known| known.added == environment.added).cloned();
        let (now, on_side) = (same(merged.state()), same(side.state()));
        prop_assert!(on_side.is_some() || now.is_none(), "{} came back", name);
        let (Some(now), Some(on_side)) = (now, on_side) else { continue };
        prop_assert!(
            on_side.protected <= environment.protected || now.protected >= on_side.protected,
            "{} is protected less",
            name
        );
        for (who, right) in &environment.grants {
            let id_in = |state: &State| state.users.get(who).map(|user| user.id);
            if id_in(merged.state()) == id_in(before) && on_side.grants.get(who) < Some(right) {
                prop_assert!(now.grants.get(who) <= on_side.grants.get(who), "{} has {} again", who, name);
            }
        }
    }
    Ok(())
}

/// Checks the same for an environment that the other side removed and added again: the rights that this side revoked on
/// the old one, and its protection, hold for the new one. Whoever added the new one keeps the right to write it.
fn nothing_comes_back_in_a_new_environment(
    before: &State,
    (name, environment): (&EnvironmentName, &Environment),
    on_side: &State,
    merged: &Roster,
) -> std::result::Result<(), TestCaseError> {
    let adds = |change: &Change| matches!(change, Change::AddEnvironment { environment, .. } if environment == name);
    let statements = merged.statements().iter().filter(|statement| adds(&statement.draft.change));
    let authors: Vec<&UserName> = statements.map(|statement| &statement.draft.author).collect();
    let merged = merged.state();
    let on_side = on_side.environments.get(name).filter(|known| known.added == environment.added);
    let Some((on_side, now)) = on_side.zip(merged.environments.get(name)) else { return Ok(()) };
    let is_raised = on_side.protected > environment.protected;
    prop_assert!(!is_raised || now.protected >= on_side.protected, "the new {} is protected less", name);
    for (who, right) in &environment.grants {
        let id_in = |state: &State| state.users.get(who).map(|user| user.id);
        if !authors.contains(&who) && id_in(merged) == id_in(before) && on_side.grants.get(who) < Some(right) {
            prop_assert!(now.grants.get(who) <= on_side.grants.get(who), "{} has the new {}", who, name);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn m6_rights_revoked_on_either_side_stay_revoked(ours in steps(), theirs in steps()) {
        let office = Office::new();
        let (ours, theirs) = (office.after(&ours, 10), office.after(&theirs, 50));
        for by in 0..ADMINS.len() {
            // Nothing is merged if both sides gave one name to two things, or revoked the last right.
            let Some(Ok(merged)) = office.merged(&ours, &theirs, by) else { continue };
            for side in [&ours, &theirs] {
                nothing_comes_back(office.base.state(), side, &merged)?;
                prop_assert!(merged.includes(side).unwrap(), "a device that has seen this side would warn");
                prop_assert!(merged.signed_by_former(side).unwrap().is_none(), "a device that has seen this side would refuse it");
            }
        }
    }

    #[test]
    fn the_sides_can_be_swapped(ours in steps(), theirs in steps()) {
        let office = Office::new();
        let (ours, theirs) = (office.after(&ours, 10), office.after(&theirs, 50));
        for by in 0..ADMINS.len() {
            let made = office.merged(&ours, &theirs, by).map(|made| made.map(|made| words(&made)).map_err(drop));
            let swapped = office.merged(&theirs, &ours, by).map(|made| made.map(|made| words(&made)).map_err(drop));
            prop_assert_eq!(made, swapped);
        }
    }
}

#[test]
fn m6_rights_revoked_on_an_environment_stay_revoked_on_its_replacement() {
    let office = Office::new();
    let write = |name: &str| Change::Grant { user: user(name), grants: vec![(environment("dev"), Right::Write)] };
    let anew = [(1, Step::RemoveEnvironment(0)), (1, Step::AddEnvironment(0))];
    let mut theirs = office.after(&anew, 10);
    for name in ["kim", "zoe"] {
        theirs = office.made(&theirs, 1, write(name), 20);
    }
    // ann, an admin, can use the new environment from the start. kim and zoe are granted rights on it.
    let take = [
        (0, Step::Revoke(0, 0)),
        (0, Step::Revoke(5, 0)),
        (0, Step::Grant(1, 0, false)),
        (0, Step::Protect(0, Protection::Yes)),
    ];
    let ours = office.after(&take, 50);
    assert_eq!(ours.head().version, office.base.head().version + 4, "every change must have been made");
    for by in [0, 1] {
        for (ours, theirs) in [(&ours, &theirs), (&theirs, &ours)] {
            let Some(merged) = office.merged(ours, theirs, by) else { panic!("{} can't merge", ADMINS[by]) };
            // mia only reads the new environment, so she can't lower a right on it again.
            let Ok(merged) = merged else {
                assert_eq!(by, 0);
                continue;
            };
            let dev = &merged.state().environments[&environment("dev")];
            let grants: Vec<_> = dev.grants.iter().map(|(name, right)| (name.as_str(), *right)).collect();
            assert_eq!(grants, [("ben", Right::Write), ("mia", Right::Read), ("zoe", Right::Read)]);
            assert!(dev.is_protected());
        }
    }
}
