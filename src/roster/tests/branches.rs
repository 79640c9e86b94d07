//! Two branches of a roster: where they fork, and what one takes away from the other.

use super::*;
use crate::diff::RosterDifference;

#[test]
fn two_chains_fork_after_their_last_common_change() {
    let mut office = Office::new();
    let before = office.roster.clone();
    assert_eq!(before.fork(&before), Some(before.head()));
    office.apply("mia", add_environment("staging", "mia")).unwrap();
    assert_eq!(before.fork(&office.roster), Some(before.head()));
    assert_eq!(office.roster.fork(&before), Some(before.head()));
    let other = before.append(draft("mia", add_environment("other", "mia")), &office.mia).unwrap();
    assert_eq!(other.fork(&office.roster), Some(before.head()));
    assert_eq!(other.fork(&Office::new().roster), None);
    let found = RosterDifference::between(Some(&other), Some(&office.roster));
    let words = |statements: &[Statement]| statements.iter().map(Statement::describe).collect::<Vec<_>>();
    assert_eq!(words(found.undone), ["added environment other: mia:write"]);
    assert_eq!(words(found.made), ["added environment staging: mia:write"]);
    assert!(RosterDifference::between(Some(&before), Some(&before)).is_empty());
    assert_eq!(RosterDifference::between(None, Some(&before)).made.len(), before.statements().len());
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
fn n5_only_revocations_and_removals_prevent_a_branch_from_saving() {
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
fn d17_n6_a_user_removed_or_demoted_on_another_branch_is_not_accepted_as_author() {
    let admin = ("mia", role("zoe", Role::Admin));
    let by_zoe = || ("zoe", role("ben", Role::Admin));
    // zoe is an admin on this branch only, and the other branch has not demoted her.
    let (branch, seen) = branches(&[admin.clone(), by_zoe()], &[("mia", add_environment("test", "mia"))]);
    assert_eq!(branch.signed_by_former(&seen).unwrap(), None);
    let (branch, seen) = branches(&[admin, by_zoe()], &[("mia", remove("zoe"))]);
    assert_eq!(branch.signed_by_former(&seen).unwrap(), Some(&user("zoe")));
    // A removed member may not add an environment of her own, either.
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
fn n1_only_a_roster_with_all_changes_of_both_sides_counts_as_their_merge() {
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
    // What one side revoked stays revoked, even if the other side changed it.
    assert!(includes(&[added.clone(), remove("ben")], &[grant("ben", Right::Read)]));
    assert!(includes(&[added.clone(), revoke.clone()], &[grant("ben", Right::Read)]));
    assert!(!includes(&[added.clone(), grant("ben", Right::Read)], std::slice::from_ref(&revoke)));
    // Removing an environment removes its rights, even if a new environment gets the same name.
    let anew = [remove_environment("prod"), add_environment("prod", "mia")];
    let read_prod = Change::Grant { user: user("ben"), grants: vec![(environment("prod"), Right::Read)] };
    assert!(includes(&anew, std::slice::from_ref(&read_prod)));
    assert!(!includes(&[read_prod], &anew) && !includes(&[added, remove_environment("prod")], &anew));
    // What the other side granted may have been added and removed again here.
    let test = add_environment("test", "mia");
    assert!(includes(&[revoke, test.clone(), remove_environment("test")], &[test]));
}
