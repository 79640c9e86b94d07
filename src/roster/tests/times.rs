//! Tests of the roster's state at a given time.

use super::*;

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
fn the_state_at_a_time_is_that_after_the_last_change_dated_before_it() {
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
fn the_readers_during_a_period_are_those_with_the_right_at_any_moment_in_it() {
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
