//! Questions of an auditor: who used an item, when, from where and why, according to the logs of all devices; and who
//! had the right to.

use crate::device::{Device, add, vault};
use crate::harness::{Run, Sandbox};
use serde_json::Value;

fn export(device: &Device<'_>, sandbox: &Sandbox, name: &str) {
    device.run(&["log", "export", "-o", sandbox.project().join(name).to_str().unwrap()]).ok();
}

/// Returns users and actions, from the JSON that a run printed.
fn entries(run: &Run) -> Vec<String> {
    let text = run.text();
    let entries = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    entries.map(|entry| format!("{} {}", entry["user"], entry["action"]).replace('"', "")).collect()
}

fn sorted(mut all: Vec<String>) -> Vec<String> {
    all.sort();
    all
}

/// ben, ci and zoe read dev, each on their own device. ben and ci have exported their logs.
fn used() -> Sandbox {
    let sandbox = vault();
    let device = |name: &str, rights: &[&str]| {
        let key = add(&sandbox, &[&[name], rights].concat());
        Device::new(&sandbox, name).with_key(&key)
    };
    let ben = device("ben", &["--read", "dev"]);
    ben.run(&["get", "dev/KEY", "--reason", "ticket 7"]).ok();
    ben.run(&["get", "dev/PORT"]).ok();
    let ci = device("ci", &["--read", "dev,prod"]);
    ci.run(&["exec", "-e", "dev", "--", "true"]).ok();
    ci.run(&["exec", "-e", "prod", "--", "true"]).ok();
    ci.run(&["env", "diff", "dev", "prod"]);
    let zoe = device("zoe", &["--write", "dev"]);
    zoe.set("dev/FROM_ZOE", b"value of zoe").ok();
    zoe.run(&["get", "dev/KEY"]).ok();
    export(&ben, &sandbox, "ben.log");
    export(&ci, &sandbox, "ci.log");
    sandbox
}

#[test]
fn uses_of_an_item_are_found_in_all_logs_and_users_without_a_log_are_named() {
    let sandbox = used();
    sandbox.run(["exposure", "ben"]).ok();
    let audit = ["log", "show", "--item", "dev/KEY", "--all-users", "ben.log", "ci.log", "ben.log"];
    let run = sandbox.run([&audit[..], &["--json"]].concat()).ok();
    // By its name, in a list of items, and with the whole environment. Each entry is shown once.
    let all = sorted(entries(&run));
    assert_eq!(all, ["ben get", "ci env-diff", "ci exec", "mia exposure", "mia set"], "{run:?}");
    let run = run.says("no log from zoe, who could read dev").says("vault log export -o FILE");
    // zoe changed an item, so the vault remembers her device.
    let run = run.says("no log from 1 device that changed the vault, last:");
    assert!(!run.stderr.contains("value of zoe"), "{run:?}");
    let table = sandbox.run(audit).ok().text();
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let ben = table.lines().find(|line| line.contains(" ben ")).unwrap();
    assert!(ben.contains("ticket 7") && ben.contains(&host) && ben.contains("KEY"), "{table}");
    assert!(table.contains(" all ") && table.contains("all they read"), "{table}");
    // ben and zoe could read nothing in prod.
    let prod = sandbox.run(["log", "show", "--item", "prod/KEY", "--all-users", "--json"]).ok();
    prod.says("no log from ci, who could read prod");
}

#[test]
fn with_all_logs_no_user_is_reported_as_missing() {
    let sandbox = used();
    let zoe = Device::new(&sandbox, "zoe");
    let rest = ["log", "show", "--item", "dev/KEY", "--all-users", "ben.log", "ci.log"];
    sandbox.run(rest).ok().says("no log from zoe");
    // zoe's device, with mia's key: an admin reads the logs of all users there.
    let run = zoe.with_key(sandbox.key()).run(&[&rest[..], &["--action", "get", "--json"]].concat()).ok();
    assert_eq!(sorted(entries(&run)), ["ben get", "zoe get"], "{run:?}");
    run.says("no log from mia, who could read dev");
    let everything = zoe_and_mia(&sandbox, &rest);
    assert!(!everything.stderr.contains("no log from"), "{everything:?}");
}

/// The same on zoe's device, with mia's exported log.
fn zoe_and_mia(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    sandbox.run(["log", "export", "-o", "mia.log"]).ok();
    let zoe = Device::new(sandbox, "zoe").with_key(sandbox.key());
    zoe.run(&[arguments, &["mia.log"]].concat()).ok()
}

#[test]
fn entries_after_an_export_are_reported_as_missing() {
    let sandbox = vault();
    let zoe = Device::new(&sandbox, "zoe").with_key(&add(&sandbox, &["zoe", "--write", "dev"]));
    zoe.run(&["get", "dev/KEY"]).ok();
    export(&zoe, &sandbox, "zoe.log");
    zoe.set("dev/LATER", b"value").ok();
    let run = sandbox.run(["log", "show", "--all-users", "zoe.log"]).ok();
    run.says("zoe's log of device").says("its newest export");
}

#[test]
fn since_and_until_accept_times_and_a_date_includes_the_whole_day() {
    let sandbox = vault();
    let count = |arguments: &[&str]| sandbox.run([&["log", "--json"], arguments].concat()).ok().text().lines().count();
    let all = count(&[]);
    assert!(all >= 4);
    let now = chrono::Utc::now();
    let today = [now - chrono::TimeDelta::hours(1), now].map(|time| time.format("%F").to_string());
    assert_eq!(count(&["--since", &today[0], "--until", &today[1]]), all);
    assert_eq!(count(&["--until", "2999-01-01 08:30"]), all);
    assert_eq!(count(&["--since", "2999-01-01 08:30"]), 0);
    assert_eq!(count(&["--since", "2000-01-01T08:30", "--until", "2000-01-02 08:30:15"]), 0);
    sandbox.run(["log", "--until", "half past eight"]).fails(2).says("--until is not a time").says("08:30");
}

#[test]
fn several_logs_are_verified_together_and_a_broken_one_is_named() {
    let sandbox = used();
    let run = sandbox.run(["log", "verify", "--all-users", "ci.log", "ben.log"]).ok();
    let text = run.text();
    for part in ["ben's log in ben.log: 3 entries", "ci's log in ci.log: 5 entries", "mia's log on this device:"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    run.says("no log from zoe, who could read something");
    // Two users on one device.
    let ci = add(&sandbox, &["guest", "--read", "dev"]);
    let mut guest = sandbox.command(["get", "dev/KEY"]);
    guest.env("VAULT_KEY", &ci);
    crate::harness::finish(guest).ok();
    let text = sandbox.run(["log", "verify", "--all-users"]).ok().text();
    assert!(text.contains("guest's log on this device: 1 entry") && text.contains("mia's log"), "{text}");
    // Another file in the directory of the logs isn't a log.
    std::fs::write(sandbox.vault_state().join("log/stray"), "no log").unwrap();
    let log = sandbox.vault_state().join("log/guest/000001.log");
    let mut bytes = std::fs::read(&log).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&log, bytes).unwrap();
    sandbox.run(["log", "verify", "--all-users"]).fails(6).says("guest's log");
    sandbox.run(["log", "show", "--all-users"]).fails(6).says("guest's log");
    sandbox.run(["log", "verify", "ben.log"]).ok();
}

#[test]
fn a_member_sees_their_own_entries_and_that_other_logs_are_sealed() {
    let sandbox = vault();
    let key = add(&sandbox, &["ben", "--read", "dev"]);
    let mut ben = sandbox.command(["log", "--all-users", "--json"]);
    ben.env("VAULT_KEY", &key);
    let run = crate::harness::finish(ben).ok();
    assert_eq!(entries(&run), Vec::<String>::new());
    run.says("can't be read with your keys").says("no log from ben, mia");
}

#[test]
fn a_new_admin_can_read_an_earlier_export_after_an_earlier_admin_re_seals_it() {
    let sandbox = used();
    let ada = Device::new(&sandbox, "ada").with_key(&add(&sandbox, &["ada", "--admin", "--read", "dev"]));
    ada.run(&["log", "show", "ben.log"]).fails(5).says("vault log export --for USER FILE");
    let ci = Device::new(&sandbox, "ci");
    sandbox.run(["log", "export", "--for", "ada", "ben.log", "-o", "ada.log"]).ok().says("as ben signed it");
    let run = ada.run(&["log", "show", "ada.log", "--json"]).ok();
    assert_eq!(entries(&run), ["ben get", "ben get", "ben log-export"]);
    let verified = ada.run(&["log", "verify", "ada.log"]).ok().text();
    assert!(verified.contains("3 entries in 1 segment, all authentic"), "{verified}");
    // The first file is unchanged, and mia's log says for whom she re-sealed it.
    ada.run(&["log", "show", "ben.log"]).fails(5);
    let entry = sandbox.run(["log", "-n", "1", "--json"]).ok().json();
    assert_eq!((&entry["action"], &entry["note"]), (&"log-export".into(), &"ben's log, for ada".into()));
    // Somebody who can't open a log can't seal it for others, and logs are sealed only for users.
    let key = add(&sandbox, &["max", "--read", "dev"]);
    let max = ci.with_key(&key);
    max.run(&["log", "export", "--for", "max", "ben.log"]).fails(5);
    sandbox.run(["log", "export", "--for", "nobody", "ben.log"]).fails(3);
    sandbox.run(["log", "export", "--for", "ada"]).fails(2);
    sandbox.run(["log", "export", "ben.log"]).fails(2);
}

#[test]
fn rights_are_listed_as_of_a_date_with_the_user_who_vouches_for_them() {
    let sandbox = vault();
    add(&sandbox, &["ben", "--read", "dev"]);
    let pause = || std::thread::sleep(std::time::Duration::from_millis(1100));
    pause();
    let then = vault::time::Time::now().to_string();
    pause();
    sandbox.run(["user", "rm", "-y", "ben"]).ok();
    let mut list = sandbox.command(["user", "list", "--at", &then, "--json"]);
    // This needs no key.
    list.env_remove("VAULT_KEY");
    let run =
        crate::harness::finish(list).ok().says("by mia at 20").says("Times are as the authors' clocks reported them.");
    let users = run.json();
    let names: Vec<_> = users.as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap()).collect();
    assert_eq!(names, ["ben", "mia"]);
    assert_eq!((&users[0]["grants"][0]["environment"], &users[0]["slots"]), (&"dev".into(), &serde_json::json!([])));
    let table = sandbox.run(["user", "list", "ben", "--at", &then]).ok().text();
    assert!(table.contains("reads dev") && !table.contains("nothing yet") && !table.contains("UNLOCKS"), "{table}");
    assert!(!sandbox.run(["user", "list", "--at", "2999-01-01"]).ok().text().contains("ben"));
    sandbox.run(["user", "list", "--at", "2000-01-01"]).fails(3).says("there was no vault at 2000-01-01T23:59:59Z");
    sandbox.run(["user", "list", "--at", "once"]).fails(2).says("--at is not a time");
}

#[test]
fn on_a_branch_with_an_older_roster_the_branch_with_the_newer_one_is_named() {
    let Some(sandbox) = Sandbox::in_repository() else { return };
    let save = |message: &str| {
        sandbox.git(&["add", "secrets.vault"]).ok();
        sandbox.git(&["commit", "-qm", message]).ok();
    };
    sandbox.set("dev/KEY", b"value");
    save("before");
    add(&sandbox, &["nora", "--read", "dev"]);
    save("nora");
    let asked = ["log", "show", "--all-users", "--item", "dev/KEY"];
    let run = sandbox.run(asked).ok().says("no log from nora, who could read dev");
    assert!(!run.stderr.contains("newer roster"), "{run:?}");
    sandbox.git(&["checkout", "-q", "-b", "old", "HEAD~1"]).ok();
    let run = sandbox
        .run(asked)
        .ok()
        .says("main has a newer roster (change 4) than this file (change 3): users added since are not named here");
    assert!(!run.stderr.contains("nora"), "{run:?}");
    run.says("hint: for a complete answer, ask again with the file of main");
}
