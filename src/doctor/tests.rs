use super::*;
use crate::error::Remedy;
use crate::log::{Problem, Reading};
use crate::name::UserName;
use crate::roster::{LAST_BY_MEMBERS, NEARLY_FULL};
use crate::time::Time;
use crate::words::plural;
use std::collections::BTreeSet;

const NOW: &str = "2026-11-29T12:00:00Z";

fn reading(change: impl FnOnce(&mut Reading)) -> Reading {
    let mut reading = Reading::default();
    change(&mut reading);
    reading
}

fn time(text: &str) -> Time {
    Time::parse(text).unwrap()
}

/// Formats each finding as `level check`.
fn shown(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|finding| format!("{} {}", finding.level.word(), finding.check)).collect()
}

#[test]
fn the_result_of_reading_a_log_is_a_finding() {
    let found = |reading: &Reading| shown(&log::findings(reading, time(NOW)));
    let last = |last: &str| reading(|reading| (reading.entries, reading.last_time) = (3, Some(time(last))));
    assert_eq!(found(&last(NOW)), ["ok log"]);
    assert_eq!(found(&last("2026-11-29T12:05:00Z")), ["ok log"], "a small difference of clocks is fine");
    assert_eq!(found(&last("2026-11-29T12:05:01Z")), ["ok log", "fix clock"]);
    let problem = Some(Problem { entry: 3, what: "missing".to_owned() });
    assert_eq!(found(&reading(|reading| reading.problem = problem)), ["fix log"]);
    assert_eq!(found(&reading(|reading| reading.unfinished = Some(7))), ["ok log", "note log"]);
    assert_eq!(found(&reading(|reading| reading.clock_steps = vec![2])), ["ok log", "note clock"]);
    let planted = [crate::name::EnvironmentName::new("dev").unwrap()].into();
    assert_eq!(found(&reading(|reading| reading.planted = planted)), ["ok log", "note log-anchor"]);
}

#[test]
fn a_filling_roster_is_a_note_and_becomes_a_problem_when_members_are_locked_out() {
    let level = |changes| blocks::roster(changes, "v").map(|finding| finding.level);
    assert_eq!(level(NEARLY_FULL - 1), None);
    assert_eq!(level(NEARLY_FULL), Some(Level::Note));
    assert_eq!(level(LAST_BY_MEMBERS), Some(Level::Fix));
}

#[test]
fn users_without_activity_for_a_month_are_listed() {
    let keys = crate::identity::PrivateKeys::generate().unwrap();
    let [mia, ben] = ["mia", "ben"].map(|name| UserName::new(name).unwrap());
    let added = time("2026-10-01T00:00:00Z");
    let mut state = crate::roster::Roster::create(mia.clone(), None, added, &keys).unwrap().state().clone();
    let user = state.users[&mia].clone();
    state.users.insert(ben.clone(), user);
    let joined: BTreeSet<&UserName> = [&mia, &ben].into();
    let (only_mia, both) = ([mia.clone()].into(), [mia.clone(), ben.clone()].into());
    let asked = |traces: &BTreeSet<UserName>, now: &str| users::unused(&state, &joined, traces, time(now));
    let finding = asked(&only_mia, NOW).unwrap();
    assert_eq!((finding.level, finding.remedy), (Level::Note, Some(Remedy::RemoveUser("ben".to_owned()).into())));
    assert_eq!(asked(&both, NOW), None);
    assert_eq!(asked(&only_mia, "2026-10-30T00:00:00Z"), None, "the vault is too young");
    let nobody_joined = users::unused(&state, &BTreeSet::new(), &only_mia, time(NOW));
    assert_eq!(nobody_joined, None, "users who have not joined are another finding");
}

#[test]
fn long_lists_of_names_are_shortened() {
    assert_eq!(several(["a", "b", "c", "d"]), "a, b, c, d");
    assert_eq!(several(["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
    assert_eq!((plural(1, "value"), plural(0, "value")), ("1 value".to_owned(), "0 values".to_owned()));
}

#[test]
fn some_names_show_that_their_value_is_a_secret() {
    for name in
        ["DB_PASSWORD", "dbPassword", "API_KEY", "GITHUB_TOKEN", "PIN", "client.secret", "MYSQL_PWD", "KEY2_KEY"]
    {
        assert!(values::is_name_of_a_secret(name), "{name}");
    }
    for name in ["AUTHOR", "MONKEY", "SHIPPING_HOST", "COMPASS", "TOKEN_URL", "AWS_ACCESS_KEY_ID", "KEY_TYPE", "DEBUG"]
    {
        assert!(!values::is_name_of_a_secret(name), "{name}");
    }
}
