//! Measures long logs and large teams.

use crate::fixture::{Fixture, Subject as Items};
use crate::measure::{Subject, measure, print};
use crate::memory::peak;
use std::fmt::Write as _;
use std::process::Stdio;
use vault::identity::Key;
use vault::log::Caller;
use vault::name::{EnvironmentName, ItemName};
use vault::vault::{Credential, Purpose, Settings, Use, Vault};

/// The numbers of entries in a log.
const ENTRIES: [usize; 3] = [1_000, 10_000, 100_000];
const USERS: usize = 1_000;
const ENVIRONMENTS: usize = 64;

/// `log` and `log verify` for logs that grow a hundredfold, and their peak memory.
pub fn log(fixture: &Fixture, rounds: usize) {
    let items = fixture.subject("long-log", 1);
    let (mut done, mut peaks) = (0, String::new());
    for entries in ENTRIES {
        append(fixture, &items, entries - done);
        done = entries;
        let of = |arguments: &[&str]| fixture.of(&items, arguments);
        let subjects = [
            Subject::new(format!("vault log verify, {entries} entries"), of(&["log", "verify"])),
            Subject::new(format!("vault log, {entries} entries"), of(&["log"])),
            Subject::new(format!("vault log -n 10 of {entries}"), of(&["log", "-n", "10"])),
        ];
        print(&measure(&subjects, rounds), &[("verify", 0)]);
        for subject in &subjects {
            let _ = writeln!(peaks, "{:<38} {:>9} KiB at most", subject.name, peak(fixture, &subject.command));
        }
    }
    println!("{peaks}");
}

/// Appends entries like those of `get`, but without a process for each.
fn append(fixture: &Fixture, items: &Items, count: usize) {
    let settings = Settings::at(fixture.path("state"));
    let key = Credential::Key(Key::parse(&items.key).unwrap());
    let session = Vault::open(&items.vault, &settings).unwrap().unlock(&key, None, &Caller::default()).unwrap();
    let (purpose, name) = (Purpose::new(Use::Get), ItemName::new("ITEM_00000").unwrap());
    let unread = session.open(&purpose, &EnvironmentName::new("dev").unwrap()).unwrap();
    for _ in 0..count {
        session.read(&purpose, unread.copy_of([&name])).unwrap();
    }
}

/// `status` with 64 environments and 1,000 users, compared with a vault of one user and one environment.
pub fn status(fixture: &Fixture, rounds: usize) {
    let (small, large) = (fixture.subject("status-small", 10), fixture.subject("status-large", 10));
    for i in 2..=ENVIRONMENTS {
        fixture.run(&large, &["env", "copy", "dev", &format!("env{i:02}")]);
    }
    let names: String = (2..=USERS).map(|i| format!("user{i:04}\n")).collect();
    std::fs::write(fixture.path("names"), names).unwrap();
    fixture.run(&large, &["user", "add", "--names", "names", "--keys-to", "keys", "--read", "dev"]);
    let subjects = [
        Subject::new("vault status", fixture.of(&small, &["status"])),
        Subject::new(format!("{ENVIRONMENTS} environments, {USERS} users"), fixture.of(&large, &["status"])),
        Subject::new("vault exec there", fixture.of(&large, &["exec", "-e", "dev", "--", crate::measure::PROGRAM])),
        Subject::new("vault status there, without a key", {
            let mut command = fixture.vault(&large.vault, None);
            command.arg("status").stdin(Stdio::null());
            command
        }),
    ];
    print(&measure(&subjects, rounds), &[("small", 0)]);
}
