//! Tests of the roster's limits for members, of the protection against orphaned environments, and of what is verified.

mod branches;
mod times;

use super::*;
use crate::identity::PrivateKeys;
use crate::name::EnvironmentName;

fn user(name: &str) -> UserName {
    UserName::new(name).unwrap()
}

fn environment(name: &str) -> EnvironmentName {
    EnvironmentName::new(name).unwrap()
}

/// A vault whose admin, mia, writes dev and prod. Two members: ben writes dev, zoe has no rights.
struct Office {
    roster: Roster,
    mia: PrivateKeys,
    zoe: PrivateKeys,
}

impl Office {
    fn new() -> Self {
        let (mia, zoe) = (PrivateKeys::generate().unwrap(), PrivateKeys::generate().unwrap());
        let mut office = Self { roster: Roster::create(user("mia"), None, Time::now(), &mia).unwrap(), mia, zoe };
        for name in ["dev", "prod"] {
            office.apply("mia", add_environment(name, "mia")).unwrap();
        }
        office.add("zoe", &office.zoe.clone(), Vec::new());
        office.add("ben", &PrivateKeys::generate().unwrap(), vec![(environment("dev"), Right::Write)]);
        office
    }

    fn add(&mut self, name: &str, keys: &PrivateKeys, grants: Vec<(EnvironmentName, Right)>) {
        let keys = self.roster.sign_new_keys(&user(name), keys).unwrap().into();
        self.apply("mia", Change::AddUser { user: user(name), email: None, role: Role::Member, grants, keys }).unwrap();
    }

    fn apply(&mut self, author: &str, change: Change) -> Result<()> {
        let keys = if author == "mia" { &self.mia } else { &self.zoe };
        self.roster = self.roster.append(draft(author, change), keys)?;
        Ok(())
    }

    /// Applies a change to a copy of the state, as change number `version`.
    fn at(&self, version: u32, author: &str, change: Change) -> Result<()> {
        self.roster.state().clone().apply(version, &Hash::ZERO, &draft(author, change))
    }
}

fn draft(author: &str, change: Change) -> Draft {
    Draft { author: user(author), time: Time::now(), change, pending: Vec::new() }
}

fn add_environment(name: &str, writer: &str) -> Change {
    Change::AddEnvironment { environment: environment(name), grants: vec![(user(writer), Right::Write)] }
}

fn remove_environment(name: &str) -> Change {
    Change::RemoveEnvironment { environment: environment(name) }
}

#[test]
fn o2_a_member_can_make_256_changes_between_two_by_admins_without_limiting_others() {
    let office = Office::new();
    let mut state = office.roster.state().clone();
    let mut version = office.roster.head().version;
    let mut apply = |author: &str, change| {
        version += 1;
        state.apply(version, &Hash::ZERO, &draft(author, change))
    };
    for _ in 0..MAX_BY_MEMBER / 2 {
        apply("zoe", add_environment("own", "zoe")).unwrap();
        apply("zoe", remove_environment("own")).unwrap();
    }
    let error = apply("zoe", add_environment("own", "zoe")).unwrap_err();
    assert_eq!(error.kind(), crate::error::Kind::Denied);
    assert!(error.to_string().contains("has made 256 changes"), "{error}");
    apply("ben", add_environment("bens", "ben")).unwrap();
    apply("mia", Change::SetRole { user: user("ben"), role: Role::Member }).unwrap();
    apply("zoe", add_environment("own", "zoe")).unwrap();
}

#[test]
fn o2_a_member_may_have_four_environments_and_the_last_places_are_reserved_for_admins() {
    let mut office = Office::new();
    for name in ["a", "b", "c", "d"] {
        office.apply("zoe", add_environment(name, "zoe")).unwrap();
    }
    let error = office.apply("zoe", add_environment("e", "zoe")).unwrap_err();
    assert!(error.to_string().contains("has 4 environments that nobody else reads"), "{error}");
    office.apply("zoe", remove_environment("d")).unwrap();
    office.apply("zoe", add_environment("e", "zoe")).unwrap();
    for number in office.roster.state().environments.len()..MAX_ENVIRONMENTS_BY_MEMBERS {
        office.apply("mia", add_environment(&format!("m{number}"), "mia")).unwrap();
    }
    assert!(office.at(100, "ben", add_environment("bens", "ben")).unwrap_err().to_string().contains("only admins"));
    office.apply("mia", add_environment("mias", "mia")).unwrap();
}

#[test]
fn beyond_9000_changes_only_admins_may_make_changes_and_beyond_9500_only_revocations() {
    let office = Office::new();
    assert!(office.at(LAST_BY_MEMBERS, "zoe", add_environment("own", "zoe")).is_ok());
    let late = office.at(LAST_BY_MEMBERS + 1, "zoe", add_environment("own", "zoe"));
    assert!(late.unwrap_err().to_string().contains("for admins"));
    let new_keys = |name: &str, keys: &PrivateKeys| {
        let keys = office.roster.sign_new_keys(&user(name), &keys.renew().unwrap()).unwrap();
        Change::ReplaceKeys { keys: keys.into() }
    };
    assert!(office.at(LAST_BY_MEMBERS + 1, "zoe", new_keys("zoe", &office.zoe)).is_err());
    let grant = |right| Change::Grant { user: user("ben"), grants: vec![(environment("dev"), right)] };
    let role = |name: &str, role| Change::SetRole { user: user(name), role };
    let gives = [
        add_environment("new", "mia"),
        role("zoe", Role::Admin),
        grant(Right::Write),
        Change::Grant { user: user("zoe"), grants: vec![(environment("dev"), Right::Read)] },
    ];
    for change in gives {
        assert!(office.at(LAST_THAT_GIVES, "mia", change.clone()).is_ok(), "{change:?}");
        let error = office.at(LAST_THAT_GIVES + 1, "mia", change.clone()).unwrap_err();
        assert!(error.to_string().contains("for revoking rights"), "{change:?}: {error}");
    }
    let takes = [
        Change::RemoveUser { user: user("ben") },
        Change::Revoke { user: user("ben"), environments: vec![environment("dev")] },
        remove_environment("prod"),
        role("ben", Role::Member),
        grant(Right::Read),
        new_keys("mia", &office.mia),
    ];
    for change in takes {
        assert!(office.at(MAX_CHANGES as u32, "mia", change.clone()).is_ok(), "{change:?}");
    }
}

#[test]
fn o5_the_last_reader_or_writer_loses_a_right_only_on_purpose() {
    let office = Office::new();
    let state = office.roster.state();
    let [dev, prod] = ["dev", "prod"].map(environment);
    let check = |users: &[&str], environments: &[&EnvironmentName], left, orphaned: &[&EnvironmentName]| {
        let users: Vec<_> = users.iter().map(|name| user(name)).collect();
        let owned = |names: &[&EnvironmentName]| names.iter().map(|name| (*name).clone()).collect::<Vec<_>>();
        let taking = Taking { users: &users, environments: &owned(environments), left, by: &user("mia") };
        state.check_orphans(&taking, &owned(orphaned)).map_err(|error| error.to_string())
    };
    assert_eq!(check(&["mia"], &[&dev], None, &[]), Ok(()));
    assert_eq!(check(&["zoe"], &[&dev, &prod], None, &[]), Ok(()));
    let last = check(&["mia"], &[&dev, &prod], None, &[]).unwrap_err();
    assert_eq!(last, "mia is the last reader of prod: nobody could read it any more");
    let last = check(&["mia", "ben", "zoe"], &[&dev], None, &[]).unwrap_err();
    assert_eq!(last, "mia and ben are the last readers of dev: nobody could read it any more");
    let last = check(&["mia"], &[&prod], Some(Right::Read), &[]).unwrap_err();
    assert_eq!(last, "mia is the last writer of prod: nobody could change it any more");
    assert_eq!(check(&["mia"], &[&prod], None, &[&prod]), Ok(()));
    assert!(check(&["mia"], &[&prod], None, &[&dev]).is_err());
}

#[test]
fn o4_a_change_dated_in_the_future_takes_effect_now() {
    let mut office = Office::new();
    let later = Time::parse("2999-01-01T00:00:00Z").unwrap();
    let change = Change::Revoke { user: user("ben"), environments: vec![environment("dev")] };
    let planted = Draft { time: later, ..draft("mia", change) };
    office.roster = office.roster.append(planted, &office.mia).unwrap();
    let removal = Draft { time: later, ..draft("mia", Change::RemoveUser { user: user("ben") }) };
    office.roster = office.roster.append(removal, &office.mia).unwrap();
    let now = Time::now();
    assert!(office.roster.accesses(&user("ben")).unwrap()[0].until.unwrap() <= now);
    assert!(office.roster.losses(&environment("dev"), 0).unwrap()[0] <= now);
    assert!(office.roster.removal(&user("ben")).unwrap().1 <= now);
}

#[test]
fn verification_from_a_trusted_change_says_nothing_about_earlier_changes() {
    let mut office = Office::new();
    // zoe signs in mia's name.
    let forged = office.roster.append(draft("mia", add_environment("forged", "mia")), &office.zoe).unwrap();
    office.roster = forged.clone();
    office.apply("mia", add_environment("last", "mia")).unwrap();
    let (before, trusted) = (forged.head().version - 1, forged.head());
    let folded = || UnprovenRoster::fold(office.roster.statements().to_vec()).unwrap();
    let refused = |unproven: UnprovenRoster, trusted| unproven.prove(trusted).unwrap_err().to_string();
    let expected = refused(folded(), None);
    assert!(expected.contains(&format!("change {}", before + 1)), "{expected}");
    let honest = Head { version: before, hash: office.roster.hash_at(before).unwrap() };
    // A second time, nothing is verified again. What comes before the trusted change still has to be.
    let after_trusted = || {
        let (claims, mut proof) = folded().into_parts();
        proof.verify_after(&claims, Some(trusted)).unwrap();
        proof.verify_after(&claims, Some(trusted)).unwrap();
        (claims, proof)
    };
    for (head, is_accepted) in [(None, false), (Some(honest), false), (Some(trusted), true)] {
        let (claims, proof) = after_trusted();
        assert_eq!(
            proof.complete(&claims, head).map_err(|error| error.to_string()),
            match is_accepted {
                true => Ok(()),
                false => Err(expected.clone()),
            }
        );
    }
    // A head that is not in the chain can't be trusted.
    let other = Head { version: trusted.version, hash: Hash::ZERO };
    assert_eq!(refused(folded(), Some(other)), expected);
}
