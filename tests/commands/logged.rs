//! Every command that decrypts something leaves a log entry, whether it succeeds or is refused. A command doesn't need
//! a row here: without one, the examples in its help are tested for its action in the table of `vault::log::Action`.
//! The test fails for a command that has neither a row nor an action and isn't listed as one that decrypts nothing.

mod examples;
mod refused;
mod rows;

use self::rows::{DAMAGED, DECRYPT_NOTHING, ELSEWHERE, HIDDEN, ROWS, Row};
use crate::device::{Device, add, vault};
use crate::harness::{Run, Sandbox, feed, finish};
use serde_json::Value;
use std::collections::BTreeSet;

/// Values that may be shown only after a log entry.
const VALUES: [&str; 2] = ["dev-value", "prod-value"];

/// mia's vault with the items and files that the rows use. ben reads dev, and ci has no right.
struct Place {
    sandbox: Sandbox,
    keys: [String; 3],
    files: Vec<(&'static str, Vec<u8>)>,
    /// Whether the vault is damaged before each row.
    is_damaged: bool,
}

impl Place {
    fn new() -> Self {
        let sandbox = vault();
        sandbox.git(&["init", "-q"]).ok();
        sandbox.git(&["commit", "-q", "--allow-empty", "-m", "empty"]).ok();
        sandbox.run(["set", "dev/DUE=x", "--expires", "1h"]).ok();
        let keys = [sandbox.key().to_owned(), add(&sandbox, &["ben", "--read", "dev"]), add(&sandbox, &["ci"])];
        let base = std::fs::read(sandbox.vault()).unwrap();
        let mut files = vec![("secrets.vault", base.clone()), ("base", base.clone())];
        // Each side is made on a device that has not seen the other side.
        for (side, item) in [("ours", "dev/A"), ("theirs", "dev/B")] {
            Device::new(&sandbox, side).with_key(sandbox.key()).set(item, b"x").ok();
            files.push((side, std::fs::read(sandbox.vault()).unwrap()));
            std::fs::write(sandbox.vault(), &base).unwrap();
        }
        for (name, text) in [("new.env", "NEW=1\n"), ("same.env", "KEY=dev-value\n"), ("refers", "NAME=vault://KEY\n")]
        {
            files.push((name, text.into()));
        }
        Self { sandbox, keys, files, is_damaged: false }
    }

    /// Runs a row on a new device, with all files in their original state.
    fn run(&self, user: usize, number: usize, row: &Row) -> (Run, Vec<(String, String)>) {
        for (name, content) in &self.files {
            self.sandbox.write(name, content);
        }
        let device = Device::new(&self.sandbox, &format!("device-{number}")).with_key(&self.keys[user]);
        if !row.before.is_empty() {
            device.run(row.before).ok();
        }
        let sound = std::fs::read(self.sandbox.vault()).unwrap();
        let earlier = if self.is_damaged { entries(&device).len() } else { 0 };
        if self.is_damaged {
            std::fs::write(self.sandbox.vault(), damaged(&sound)).unwrap();
        }
        let mut command = device.command(row.arguments);
        command.env("EDITOR", "true");
        let run = match row.input {
            "" => finish(command),
            input => feed(command, input.as_bytes()),
        };
        // The log is not shown while the vault is damaged.
        if self.is_damaged {
            let left = std::fs::read(self.sandbox.vault()).unwrap();
            assert!(left == damaged(&sound), "{:?} saved a damaged vault", row.arguments);
            std::fs::write(self.sandbox.vault(), sound).unwrap();
        }
        (run, entries(&device).split_off(earlier))
    }

    fn is_unchanged(&self) -> bool {
        self.files.iter().all(|(name, content)| std::fs::read(self.sandbox.project().join(name)).unwrap() == *content)
    }
}

/// Changes the signature of each block, so that it is refused by whoever reads it.
fn damaged(vault: &[u8]) -> Vec<u8> {
    const SIGNATURE: &str = "signature = \"";
    let text = std::str::from_utf8(vault).unwrap();
    let mut damaged = vault.to_vec();
    for (block, _) in text.match_indices("[[environment]]") {
        let signature = block + text[block..].find(SIGNATURE).unwrap() + SIGNATURE.len();
        damaged[signature] = if vault[signature] == b'A' { b'B' } else { b'A' };
    }
    damaged
}

/// The commands that are tested here or that decrypt nothing. All but the latter are run with a damaged vault, too.
fn listed() -> impl Iterator<Item = &'static str> {
    let tested = ROWS.iter().chain(DAMAGED).map(|row| row.page).chain(["join", "recovery"]);
    tested.chain(ELSEWHERE).chain(DECRYPT_NOTHING.iter().copied())
}

/// Returns whether the output contains one of these values.
fn shows(run: &Run, values: &[&str]) -> bool {
    values.iter().any(|value| run.text().contains(value) || run.stderr.contains(value))
}

fn is_denied((_, outcome): &(String, String)) -> bool {
    outcome == "denied"
}

/// Returns the entries of this device in the form of a row, each with its outcome.
fn entries(device: &Device<'_>) -> Vec<(String, String)> {
    let log = device.run(&["log", "--json"]).ok().text();
    let printed = |line: &str| {
        let entry: Value = serde_json::from_str(line).unwrap();
        let text = |field: &str| entry[field].as_str().unwrap_or_default().to_owned();
        let items: Vec<_> = entry["secrets"].as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect();
        let by = if text("program") == "vault" { String::new() } else { format!(" by {}", text("program")) };
        (format!("{} {} {}{by}", text("action"), text("environment"), items.join(",")), text("outcome"))
    };
    log.lines().map(printed).collect()
}

/// Runs every row as one of the users, and fails with a list of the rows that `is_right` rejects.
#[track_caller]
fn each_row(user: usize, is_right: impl Fn(&Row, &Run, &[(String, String)], &Place) -> bool) {
    each_of(ROWS, &Place::new(), user, is_right);
}

#[track_caller]
fn each_of(
    rows: &[Row],
    place: &Place,
    user: usize,
    is_right: impl Fn(&Row, &Run, &[(String, String)], &Place) -> bool,
) {
    let mut wrong = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let (run, found) = place.run(user, number, row);
        if !is_right(row, &run, &found, place) {
            wrong.push(format!("{:?} logged {found:?}; with the right to it {:?}; {run:?}", row.arguments, row.logged));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

/// Returns whether the log has exactly the row's entries for these environments.
fn is_logged(row: &Row, found: &[(String, String)], environments: &[&str]) -> bool {
    let is_of = |entry: &&&str| environments.contains(&entry.split(' ').nth(1).unwrap());
    let expected = row.logged.iter().filter(is_of).map(|entry| ((*entry).to_owned(), "ok".to_owned()));
    found.iter().cloned().eq(expected)
}

#[test]
fn k9_giving_out_or_comparing_values_is_logged() {
    each_row(0, |row, run, found, _| {
        let shows_unlogged = row.logged.is_empty() && shows(run, &VALUES);
        run.code == row.done && !shows_unlogged && is_logged(row, found, &["", "dev", "prod", "new"])
    });
}

#[test]
fn k9_a_readers_actions_are_logged_and_their_refusals_as_denied() {
    each_row(1, |row, run, found, place| {
        if shows(run, &VALUES[1..]) {
            return false;
        }
        if Some(run.code) == row.refused && found.iter().any(is_denied) {
            return place.is_unchanged();
        }
        run.code == row.done && is_logged(row, found, &["", "dev"])
    });
}

#[test]
fn k9_refusals_are_logged_as_denied() {
    each_row(2, |row, run, found, place| {
        let Some(code) = row.refused else { return !shows(run, &VALUES) };
        let says_so = |entry: &(String, String)| is_denied(entry) && entry.0.split(' ').next() == Some(row.action());
        let is_logged = !found.is_empty() && found.iter().all(says_so);
        run.code == code && is_logged && place.is_unchanged() && !shows(run, &VALUES)
    });
}

/// Commands that use no environment of the damaged file.
const UNAFFECTED: [&str; 2] = ["merge", "log-export"];

/// Returns whether every entry says that the row's action failed. One names an environment if the row's entries do.
fn is_logged_as_failed(row: &Row, found: &[(String, String)]) -> bool {
    let says_so =
        |(entry, outcome): &(String, String)| outcome == "failed" && entry.split(' ').next() == Some(row.action());
    let names_one = found.iter().any(|(entry, _)| entry.split(' ').nth(1) != Some(""));
    !found.is_empty() && found.iter().all(says_so) && (names_one || !row.names_environments())
}

#[test]
fn k9_reading_or_changing_a_damaged_environment_is_logged_as_failed() {
    let place = Place { is_damaged: true, ..Place::new() };
    let rows: Vec<Row> = ROWS.iter().chain(DAMAGED).copied().collect();
    each_of(&rows, &place, 0, |row, run, found, _| {
        let is_affected = !UNAFFECTED.contains(&row.page);
        !shows(run, &VALUES) && (is_logged_as_failed(row, found) || !is_affected)
    });
}

#[test]
fn k9_joining_a_damaged_vault_or_making_a_recovery_key_is_logged_as_failed() {
    const PASSPHRASE: &str = "owl-tram-fig-77-lamp-oslo";
    let sandbox = vault();
    let ada = Device::new(&sandbox, "ada").with_key(&add(&sandbox, &["ada", "--read", "dev"]));
    let refused = |device: &Device<'_>, run: &dyn Fn() -> Run| {
        let sound = std::fs::read(sandbox.vault()).unwrap();
        std::fs::write(sandbox.vault(), damaged(&sound)).unwrap();
        assert_ne!(run().code, 0);
        std::fs::write(sandbox.vault(), sound).unwrap();
        entries(device).pop().unwrap()
    };
    assert_eq!(refused(&ada, &|| ada.join(PASSPHRASE)), ("join  ".to_owned(), "failed".to_owned()));
    ada.join(PASSPHRASE).ok();
    let ada = ada.with_passphrase(PASSPHRASE);
    let recovery = || ada.run(&["recovery", "--work-factor", "10"]);
    assert_eq!(refused(&ada, &recovery), ("recovery  ".to_owned(), "failed".to_owned()));
}

#[test]
fn replacing_keys_is_logged_in_the_log_of_the_new_keys() {
    let sandbox = vault();
    let ada = Device::new(&sandbox, "ada").with_key(&add(&sandbox, &["ada", "--read", "dev"]));
    ada.join("owl-tram-fig-77-lamp-oslo").ok();
    let ada = ada.with_passphrase("owl-tram-fig-77-lamp-oslo");
    let last = |device: &Device<'_>| entries(device).pop().unwrap();
    assert_eq!(last(&ada), ("join  ".to_owned(), "ok".to_owned()));
    ada.run(&["recovery", "--work-factor", "10"]).ok();
    assert_eq!(last(&ada), ("recovery  ".to_owned(), "ok".to_owned()));
    let key = ada.run(&["passwd", "--key"]).ok().text();
    assert_eq!(last(&ada.with_key(&key)), ("passwd  ".to_owned(), "ok".to_owned()));
}

#[test]
fn every_command_has_a_row_or_an_action_or_decrypts_nothing() {
    let manual = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("man");
    let names = std::fs::read_dir(manual).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let commands = names.filter_map(|name| Some(name.strip_prefix("vault-")?.strip_suffix(".1")?.to_owned()));
    let commands: BTreeSet<String> = commands.chain(HIDDEN.map(str::to_owned)).collect();
    let with_an_action = examples::pages_with_an_action().map(|(page, _)| page);
    let known: BTreeSet<String> = listed().map(str::to_owned).chain(with_an_action).collect();
    assert_eq!(
        commands, known,
        "a new command needs its action in src/log/action.rs, a row above, or to be named as one that decrypts nothing"
    );
}
