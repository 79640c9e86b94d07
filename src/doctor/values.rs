//! Checks the values: expired, due, easy to guess, or used several times. A finding says no more about a value than
//! that.

use super::{Finding, several};
use crate::error::Remedy;
use crate::item::{ANNOUNCED, Content, DueWindow, Item, Kind, Outline};
use crate::name::{EnvironmentName, NamedItem};
use crate::ordered::InOrder as _;
use crate::parts::{Kind as PartKind, parts};
use crate::passphrase::is_weak;
use crate::scan::is_well_known;
use crate::search::IN_FILES;
use crate::time::Time;
use crate::vault::Unread;
use crate::words::plural;
use std::collections::BTreeMap;

/// The number of findings of one kind above which they become one line.
const MOST_LINES: usize = 3;

/// Reports items that have expired, are due for replacement, or will be soon. No value is read.
#[must_use]
pub fn due(opened: &[Unread], now: Time) -> Vec<Finding> {
    let window = DueWindow::new(now, ANNOUNCED);
    let mut findings = Vec::new();
    for unread in opened {
        let environment = unread.environment();
        let named = |is: &dyn Fn(&DueWindow, Outline<'_>) -> bool| -> Vec<String> {
            unread.items().filter(|item| is(&window, *item)).map(|item| item.name().to_string()).collect()
        };
        let expired = named(&|at, item| item.is_expired(at.now));
        let due = named(&|at, item| item.is_due(at.now) && !item.is_expired(at.now));
        let soon = named(&|at, item| item.is_due_soon(*at));
        let list = Remedy::ListDue(Some(environment.to_string()));
        findings.extend(lines(environment, &expired, &list, |name, what| {
            Finding::fix("expired", name, format!("{what} expired"))
        }));
        findings.extend(lines(environment, &due, &list, |name, what| {
            Finding::fix("due", name, format!("{what} due for replacement"))
        }));
        findings.extend(lines(environment, &soon, &list, |name, what| {
            Finding::note("due-soon", name, format!("{what} due for replacement within 7 days"))
        }));
    }
    findings
}

/// Returns a finding for each item with its own command, or one for many with the command that lists them.
fn lines(
    environment: &EnvironmentName,
    names: &[String],
    list: &Remedy,
    finding: impl Fn(String, &str) -> Finding,
) -> Vec<Finding> {
    if names.len() > MOST_LINES {
        let what = format!("{} items ({}) are", names.len(), several(names));
        return vec![finding(environment.to_string(), &what).command(list.clone())];
    }
    let line = |name: &String| {
        let item = NamedItem::within(environment, name).to_string();
        finding(item.clone(), "is").command(Remedy::Rotate(item))
    };
    names.iter().map(line).collect()
}

/// Reports values that are easy to guess, and values that several items share.
#[must_use]
pub fn values(contents: &[(EnvironmentName, Content)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (environment, content) in contents {
        let weak = content.items().values().filter(|item| is_easy_to_guess(item));
        let weak: Vec<String> = weak.map(|item| item.name.to_string()).collect();
        let first =
            Remedy::Rotate(weak.first().map_or(String::new(), |name| NamedItem::within(environment, name).to_string()));
        findings.extend(lines(environment, &weak, &first, |name, what| {
            Finding::note("weak", name, format!("{what} easy to guess"))
        }));
    }
    findings.extend(shared(contents));
    if findings.is_empty() && !contents.is_empty() {
        findings.push(Finding::ok("values", "values", "none is easy to guess or used twice"));
    }
    findings
}

/// Returns whether the value is easy to guess and should not be: its name says that it is a secret, or it is the
/// password in a URL.
fn is_easy_to_guess(item: &Item) -> bool {
    let value = &item.current.value;
    if item.metadata.kind == Kind::Variable || value.is_empty() {
        return false;
    }
    let is_weak_text = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok_and(is_weak);
    if parts(value).iter().any(|part| part.kind == PartKind::Password && is_weak_text(&part.bytes)) {
        return true;
    }
    let is_one_word = !value.contains(&b'\n') && memchr::memmem::find(value, b"://").is_none();
    is_one_word && is_name_of_a_secret(item.name.as_str()) && is_weak_text(value)
}

/// Returns whether the name says that the value itself is a secret: `DB_PASSWORD` and `apiToken` do, `TOKEN_URL` and
/// `AUTHOR` don't.
pub(super) fn is_name_of_a_secret(name: &str) -> bool {
    const ANYWHERE: [&str; 5] = ["password", "passphrase", "passwd", "secret", "token"];
    const WORDS: [&str; 6] = ["pass", "pwd", "key", "pin", "salt", "pw"];
    const OTHER_ENDS: [&str; 17] = [
        "id",
        "url",
        "uri",
        "host",
        "port",
        "name",
        "user",
        "type",
        "ttl",
        "path",
        "file",
        "issuer",
        "expiry",
        "seconds",
        "algorithm",
        "prefix",
        "length",
    ];
    let name = name.to_ascii_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let is_other = words.clone().next_back().is_some_and(|last| OTHER_ENDS.contains(&last));
    !is_other && (ANYWHERE.iter().any(|word| name.contains(word)) || words.any(|word| WORDS.contains(&word)))
}

/// Returns whether a value is distinctive: `localhost` is found everywhere.
pub(super) fn is_telling(item: &Item) -> bool {
    let value = &item.current.value;
    item.metadata.kind != Kind::Variable && value.len() >= IN_FILES.value && !is_well_known(value)
}

/// Reports items with the same value. If one leaks, all do, and a reader of one environment knows the value in the
/// other.
fn shared(contents: &[(EnvironmentName, Content)]) -> Vec<Finding> {
    let mut places: BTreeMap<&[u8], Vec<String>> = BTreeMap::new();
    for (environment, content) in contents {
        for item in content.items().values().filter(|item| is_telling(item)) {
            places.entry(&item.current.value).or_default().push(NamedItem::within(environment, &item.name).to_string());
        }
    }
    let mut groups: Vec<Vec<String>> = places.into_values().filter(|places| places.len() > 1).collect();
    // Sorted by name: the order of the values would reveal something about them.
    groups.order();
    let left_out = groups.len().saturating_sub(MOST_LINES);
    let mut findings: Vec<Finding> = groups.iter().take(MOST_LINES).map(|group| line_of(group)).collect();
    if left_out > 0 {
        let what = format!("{} more are shared by several items", plural(left_out, "value"));
        findings.push(Finding::note("reused", "values", what));
    }
    findings
}

fn line_of(group: &[String]) -> Finding {
    let (first, others) = group.split_first().map_or(("", &[][..]), |(first, others)| (first.as_str(), others));
    let finding = Finding::note("reused", first, format!("has the same value as {}", several(others)));
    match others.first() {
        Some(other) => finding.command(Remedy::Rotate(other.clone())),
        None => finding,
    }
}
