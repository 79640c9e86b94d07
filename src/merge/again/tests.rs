//! A removed right never comes back, whoever made which changes on which side.

use super::*;
use crate::identity::PrivateKeys;
use crate::time::Time;
use proptest::prelude::*;

fn user(name: &str) -> UserName {
    UserName::new(name).unwrap()
}

fn environment(name: &str) -> EnvironmentName {
    EnvironmentName::new(name).unwrap()
}

const USERS: [&str; 3] = ["kim", "zoe", "ann"];
const ENVIRONMENTS: [&str; 3] = ["dev", "prod", "stage"];

/// mia and ben are admins who write everything; kim and zoe are there, ann is not yet.
struct Office {
    base: Roster,
    mia: PrivateKeys,
    ben: PrivateKeys,
}

impl Office {
    fn new() -> Self {
        let keys = || PrivateKeys::generate().unwrap();
        let (mia, ben) = (keys(), keys());
        let mut office = Self { base: Roster::create(user("mia"), None, at(0), &mia).unwrap(), mia, ben };
        for name in &ENVIRONMENTS[..2] {
            let grants = vec![(user("mia"), Right::Write)];
            office.base =
                office.made(&office.base, "mia", Change::AddEnvironment { environment: environment(name), grants }, 1);
        }
        let all: Vec<_> = ENVIRONMENTS[..2].iter().map(|name| (environment(name), Right::Write)).collect();
        for (name, role) in [("ben", Role::Admin), ("kim", Role::Member), ("zoe", Role::Member)] {
            let new = if name == "ben" { office.ben.clone() } else { keys() };
            let keys = office.base.sign_new_keys(&user(name), &new).unwrap().into();
            let change = Change::AddUser { user: user(name), email: None, role, grants: all.clone(), keys };
            office.base = office.made(&office.base, "mia", change, 2);
        }
        let protect = Change::SetEnvironment { environment: environment("prod"), protected: Protection::Yes };
        office.base = office.made(&office.base, "mia", protect, 3);
        office
    }

    fn made(&self, roster: &Roster, author: &str, change: Change, second: u32) -> Roster {
        self.try_made(roster, author, change, second).unwrap()
    }

    fn try_made(&self, roster: &Roster, author: &str, change: Change, second: u32) -> Result<Roster> {
        let draft = Draft { author: user(author), time: at(second), change, pending: Vec::new() };
        roster.append(draft, if author == "mia" { &self.mia } else { &self.ben })
    }

    /// What can be done of these steps.
    fn after(&self, author: &str, steps: &[Step], from: u32) -> Roster {
        let mut roster = self.base.clone();
        for (second, step) in (from..).zip(steps) {
            let change = step.change(&roster);
            roster = self.try_made(&roster, author, change, second).unwrap_or(roster);
        }
        roster
    }

    /// mia's changes made again on top of ben's.
    fn again(&self, mine: &Roster, onto: &Roster) -> Result<Roster> {
        let common = mine.fork(onto).unwrap().version;
        let before = mine.state_at(common)?;
        let mut again = Again::new(&before, onto.state());
        let mut roster = onto.clone();
        for statement in after(mine, common) {
            if let Some(change) = again.change(&statement.draft, roster.state())? {
                let draft = Draft { change, ..statement.draft.clone() };
                roster = roster.append(draft, &self.mia)?;
            }
        }
        Ok(roster)
    }
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
    fn change(&self, roster: &Roster) -> Change {
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
            Self::Grant(who, of, writes) => {
                let right = if *writes { Right::Write } else { Right::Read };
                Change::Grant { user: name(who), grants: vec![(place(of), right)] }
            }
            Self::Revoke(who, of) => Change::Revoke { user: name(who), environments: vec![place(of)] },
            Self::AddEnvironment(of) => {
                Change::AddEnvironment { environment: place(of), grants: vec![(user("mia"), Right::Write)] }
            }
            Self::RemoveEnvironment(of) => Change::RemoveEnvironment { environment: place(of) },
            Self::Protect(of, protected) => Change::SetEnvironment { environment: place(of), protected: *protected },
        }
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (who, of) = (0..USERS.len(), 0..ENVIRONMENTS.len());
    let protection = prop::sample::select(vec![Protection::No, Protection::Yes]);
    let step = prop_oneof![
        2 => who.clone().prop_map(Step::Remove),
        1 => who.clone().prop_map(Step::Add),
        2 => (who.clone(), any::<bool>()).prop_map(|(who, is_admin)| Step::Role(who, is_admin)),
        3 => (who.clone(), of.clone(), any::<bool>()).prop_map(|(who, of, writes)| Step::Grant(who, of, writes)),
        3 => (who, of.clone()).prop_map(|(who, of)| Step::Revoke(who, of)),
        1 => of.clone().prop_map(Step::AddEnvironment),
        1 => of.clone().prop_map(Step::RemoveEnvironment),
        3 => (of, protection).prop_map(|(of, protected)| Step::Protect(of, protected)),
    ];
    prop::collection::vec(step, 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn m6_what_either_side_took_away_stays_taken_away(mine in steps(), other in steps()) {
        let office = Office::new();
        let (mine, other) = (office.after("mia", &mine, 10), office.after("ben", &other, 50));
        // Both may have given one name to two things: then nothing is merged.
        let Ok(merged) = office.again(&mine, &other) else { return Ok(()) };
        let before = office.base.state();
        for side in [&mine, &other] {
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
                let same = |state: &State| state.environments.get(name).filter(|of| of.added == environment.added).cloned();
                let (now, on_side) = (same(merged.state()), same(side.state()));
                prop_assert!(on_side.is_some() || now.is_none(), "{} came back", name);
                let (Some(now), Some(on_side)) = (now, on_side) else { continue };
                let is_set = on_side.protected != environment.protected;
                prop_assert!(!is_set || now.protected >= on_side.protected, "{} is protected less", name);
                for (who, right) in &environment.grants {
                    let is_same = |state: &State| state.users.get(who).map(|user| user.id) == before.users.get(who).map(|user| user.id);
                    if is_same(merged.state()) && on_side.grants.get(who) < Some(right) {
                        prop_assert!(now.grants.get(who) <= on_side.grants.get(who), "{} has {} again", who, name);
                    }
                }
            }
        }
        prop_assert!(merged.includes(&mine).unwrap(), "who has seen this side would be warned");
        prop_assert!(merged.extends(&other));
    }
}
