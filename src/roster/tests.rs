//! Tests of the roster's limits for members, of the protection against orphaned environments, of forks and of dates.

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
fn o2_a_member_makes_256_changes_between_two_by_admins_and_others_are_not_hindered() {
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
fn o2_a_member_has_four_environments_of_their_own_and_the_last_ones_are_for_admins() {
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
fn beyond_9000_changes_only_admins_make_any_and_beyond_9500_only_such_as_take_rights_away() {
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
fn o4_what_somebody_plans_to_have_done_is_done_now() {
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
fn two_chains_fork_behind_the_last_change_that_both_have() {
    let mut office = Office::new();
    let before = office.roster.clone();
    assert_eq!(before.fork(&before), Some(before.head()));
    office.apply("mia", add_environment("staging", "mia")).unwrap();
    assert_eq!(before.fork(&office.roster), Some(before.head()));
    assert_eq!(office.roster.fork(&before), Some(before.head()));
    let other = before.append(draft("mia", add_environment("other", "mia")), &office.mia).unwrap();
    assert_eq!(other.fork(&office.roster), Some(before.head()));
    assert_eq!(other.fork(&Office::new().roster), None);
    let found = crate::diff::rosters(Some(&other), Some(&office.roster));
    let words = |statements: &[Statement]| statements.iter().map(Statement::describe).collect::<Vec<_>>();
    assert_eq!(words(found.undone), ["added environment other: mia:write"]);
    assert_eq!(words(found.made), ["added environment staging: mia:write"]);
    assert!(crate::diff::rosters(Some(&before), Some(&before)).is_empty());
    assert_eq!(crate::diff::rosters(None, Some(&before)).made.len(), before.statements().len());
}

/// Returns the rosters of two branches that fork from the same one.
fn branches(one: &[(&str, Change)], other: &[(&str, Change)]) -> (Roster, Roster) {
    let office = Office::new();
    let branch = |changes: &[(&str, Change)]| {
        let mut branch = Office { roster: office.roster.clone(), mia: office.mia.clone(), zoe: office.zoe.clone() };
        changes.iter().for_each(|(author, change)| branch.apply(author, change.clone()).unwrap());
        branch.roster
    };
    (branch(one), branch(other))
}

fn remove(name: &str) -> Change {
    Change::RemoveUser { user: user(name) }
}

fn role(name: &str, role: Role) -> Change {
    Change::SetRole { user: user(name), role }
}

fn grant(name: &str, right: Right) -> Change {
    Change::Grant { user: user(name), grants: vec![(environment("dev"), right)] }
}

#[test]
fn n5_only_what_takes_something_away_keeps_a_branch_from_saving() {
    let takes = |change: Change| {
        let (branch, seen) = branches(&[], &[("mia", change)]);
        seen.first_loss_after(branch.shared_with(&seen)).unwrap().is_some()
    };
    let revoke = Change::Revoke { user: user("ben"), environments: vec![environment("dev")] };
    for change in [remove("ben"), revoke, grant("ben", Right::Read)] {
        assert!(takes(change.clone()), "{change:?}");
    }
    let given = [add_environment("test", "mia"), grant("zoe", Right::Read), role("zoe", Role::Admin)];
    for change in given {
        assert!(!takes(change.clone()), "{change:?}");
    }
    let (branch, seen) = branches(&[], &[("mia", role("zoe", Role::Admin)), ("mia", role("zoe", Role::Member))]);
    assert!(seen.first_loss_after(branch.shared_with(&seen)).unwrap().is_some());
}

#[test]
fn d17_n6_who_was_removed_or_demoted_elsewhere_is_no_author_any_more() {
    let admin = ("mia", role("zoe", Role::Admin));
    let by_zoe = || ("zoe", role("ben", Role::Admin));
    // zoe is an admin on this branch only, and the other branch has not demoted her.
    let (branch, seen) = branches(&[admin.clone(), by_zoe()], &[("mia", add_environment("test", "mia"))]);
    assert_eq!(branch.signed_by_former(&seen).unwrap(), None);
    let (branch, seen) = branches(&[admin, by_zoe()], &[("mia", remove("zoe"))]);
    assert_eq!(branch.signed_by_former(&seen).unwrap(), Some(&user("zoe")));
    // A removed member may not add an environment of her own either.
    let again = [("zoe", add_environment("own", "zoe"))];
    let (branch, seen) = branches(&again, &[("mia", remove("zoe"))]);
    assert_eq!(branch.signed_by_former(&seen).unwrap(), Some(&user("zoe")));

    let is_former = |change: Change, author: &str| {
        let (branch, seen) = branches(&[("mia", add_environment("test", "mia"))], &[("mia", change)]);
        branch.is_former_writer(&seen, &environment("dev"), &user(author)).unwrap()
    };
    assert!(is_former(remove("ben"), "ben") && is_former(grant("ben", Right::Read), "ben"));
    assert!(!is_former(role("ben", Role::Admin), "ben") && !is_former(remove("zoe"), "ben"));
    // Another user has the name now.
    let office = Office::new();
    let keys = office.roster.sign_new_keys(&user("ben"), &PrivateKeys::generate().unwrap()).unwrap().into();
    let grants = vec![(environment("dev"), Right::Write)];
    let added = Change::AddUser { user: user("ben"), email: None, role: Role::Member, grants, keys };
    let mut seen = Office { roster: office.roster.clone(), mia: office.mia.clone(), zoe: office.zoe.clone() };
    seen.apply("mia", remove("ben")).unwrap();
    seen.apply("mia", added).unwrap();
    assert!(office.roster.is_former_writer(&seen.roster, &environment("dev"), &user("ben")).unwrap());
}

#[test]
fn n1_a_merged_roster_has_all_that_both_sides_changed_and_nothing_less_passes_for_it() {
    let includes = |here: &[Change], there: &[Change]| {
        let by_mia = |changes: &[Change]| changes.iter().map(|change| ("mia", change.clone())).collect::<Vec<_>>();
        let (here, there) = branches(&by_mia(here), &by_mia(there));
        here.includes(&there).unwrap()
    };
    let added = add_environment("own", "mia");
    let revoke = Change::Revoke { user: user("ben"), environments: vec![environment("dev")] };
    let changes = [
        remove("ben"),
        revoke.clone(),
        grant("ben", Right::Read),
        grant("zoe", Right::Read),
        role("zoe", Role::Admin),
        add_environment("test", "mia"),
        remove_environment("prod"),
    ];
    for change in changes {
        assert!(!includes(std::slice::from_ref(&added), std::slice::from_ref(&change)), "{change:?}");
        assert!(includes(&[added.clone(), change.clone()], std::slice::from_ref(&change)), "{change:?}");
    }
    // What one side took away stays away, even if the other side changed it.
    assert!(includes(&[added.clone(), remove("ben")], &[grant("ben", Right::Read)]));
    assert!(includes(&[added.clone(), revoke.clone()], &[grant("ben", Right::Read)]));
    assert!(!includes(&[added.clone(), grant("ben", Right::Read)], std::slice::from_ref(&revoke)));
    // Removing an environment removes its rights, even if a new environment gets the same name.
    let anew = [remove_environment("prod"), add_environment("prod", "mia")];
    let read_prod = Change::Grant { user: user("ben"), grants: vec![(environment("prod"), Right::Read)] };
    assert!(includes(&anew, std::slice::from_ref(&read_prod)));
    assert!(!includes(&[read_prod], &anew) && !includes(&[added, remove_environment("prod")], &anew));
    // What the other side gave may have been added and removed again here.
    let test = add_environment("test", "mia");
    assert!(includes(&[revoke, test.clone(), remove_environment("test")], &[test]));
}

/// mia creates the vault, then makes each of these changes at the given hour of that day.
fn dated(changes: Vec<(&str, Change)>) -> Roster {
    let at = |hour: &str| Time::parse(&format!("2026-11-20T{hour}:00:00Z")).unwrap();
    let mia = PrivateKeys::generate().unwrap();
    let mut roster = Roster::create(user("mia"), None, at("08"), &mia).unwrap();
    for (hour, change) in changes {
        let draft = Draft { author: user("mia"), time: at(hour), change, pending: Vec::new() };
        roster = roster.append(draft, &mia).unwrap();
    }
    roster
}

fn add_ben(roster: &Roster) -> Change {
    let keys = roster.sign_new_keys(&user("ben"), &PrivateKeys::generate().unwrap()).unwrap().into();
    Change::AddUser { user: user("ben"), email: None, role: Role::Member, grants: Vec::new(), keys }
}

#[test]
fn the_state_as_of_a_time_is_that_after_the_last_change_dated_before_it() {
    let at = |time: &str| Time::parse(&format!("2026-11-20T{time}Z")).unwrap();
    let roster = dated(vec![("09", add_environment("dev", "mia")), ("10", add_environment("prod", "mia"))]);
    let versions =
        ["07:59:59", "08:00:00", "09:59:59", "10:00:00", "23:00:00"].map(|time| roster.version_as_of(at(time)));
    assert_eq!(versions, [None, Some(1), Some(2), Some(3), Some(3)]);
    assert!(roster.misdated(3, at("10:00:00")).is_empty());
    // The second change's clock was an hour ahead, or the third's was behind. The third follows the second either way.
    let roster = dated(vec![("11", add_environment("dev", "mia")), ("10", add_environment("prod", "mia"))]);
    assert_eq!(roster.version_as_of(at("10:30:00")), Some(3));
    assert_eq!(roster.misdated(3, at("10:30:00")), [2]);
    assert!(roster.state_at(3).unwrap().environments.contains_key(&environment("dev")));
}

#[test]
fn who_could_read_in_a_time_had_the_right_at_some_moment_of_it() {
    let at = |time: &str| Time::parse(&format!("2026-11-20T{time}Z")).unwrap();
    let mia = PrivateKeys::generate().unwrap();
    let mut roster = Roster::create(user("mia"), None, at("08:00:00"), &mia).unwrap();
    let dev = environment("dev");
    let grants = vec![(dev.clone(), Right::Read)];
    let ben = add_ben(&roster);
    for (hour, change) in [
        ("09", add_environment("dev", "mia")),
        ("10", ben),
        ("11", Change::Grant { user: user("ben"), grants }),
        ("12", Change::Revoke { user: user("ben"), environments: vec![dev.clone()] }),
    ] {
        let time = at(&format!("{hour}:00:00"));
        let draft = Draft { author: user("mia"), time, change, pending: Vec::new() };
        roster = roster.append(draft, &mia).unwrap();
    }
    let readers = |since: Option<&str>, until: Option<&str>| {
        let all = roster.readers_between(Some(&dev), (since.map(at), until.map(at))).unwrap();
        all.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(readers(None, None), ["ben", "mia"]);
    assert_eq!(readers(Some("11:30:00"), Some("11:40:00")), ["ben", "mia"]);
    assert_eq!(readers(None, Some("10:59:59")), ["mia"]);
    assert_eq!(readers(Some("12:00:01"), None), ["mia"]);
    assert!(readers(None, Some("08:59:59")).is_empty());
    let any = roster.readers_between(None, (None, None)).unwrap();
    assert_eq!(any.len(), 2);
    assert!(roster.readers_between(Some(&environment("prod")), (None, None)).unwrap().is_empty());
}

#[test]
fn what_is_verified_after_a_change_that_may_be_trusted_vouches_for_nothing_before_it() {
    let mut office = Office::new();
    // zoe signs in mia's name.
    let forged = office.roster.append(draft("mia", add_environment("forged", "mia")), &office.zoe).unwrap();
    office.roster = forged.clone();
    office.apply("mia", add_environment("last", "mia")).unwrap();
    let (before, trusted) = (forged.head().version - 1, forged.head());
    let folded = || Roster::fold(office.roster.statements().to_vec()).unwrap();
    let refused = |roster: &mut Roster, trusted| roster.verify_signatures(trusted).unwrap_err().to_string();
    let expected = refused(&mut folded(), None);
    assert!(expected.contains(&format!("change {}", before + 1)), "{expected}");
    let mut roster = folded();
    roster.verify_after(Some(trusted)).unwrap();
    // Once more verifies nothing again.
    roster.verify_after(Some(trusted)).unwrap();
    assert_eq!(refused(&mut roster.clone(), None), expected);
    let honest = Head { version: before, hash: roster.hash_at(before).unwrap() };
    assert_eq!(refused(&mut roster.clone(), Some(honest)), expected);
    assert!(roster.verify_after(Some(honest)).is_err());
    roster.verify_signatures(Some(trusted)).unwrap();
    roster.verify_signatures(None).unwrap();
    // A head that is not in the chain is none that can be trusted.
    let other = Head { version: trusted.version, hash: Hash::ZERO };
    assert!(folded().verify_after(Some(other)).is_err());
}
