//! Measures starting a program and reading a value.

use crate::fixture::{Fixture, Subject as Items};
use crate::measure::{PROGRAM, Subject, count_instructions, measure, print};
use std::path::Path;
use std::process::{Command, Stdio};

const SIZES: [usize; 3] = [10, 1_000, 10_000];

fn env() -> Command {
    let mut env = Command::new("/usr/bin/env");
    env.args(["FOO=bar", "true"]).stdin(Stdio::null());
    env
}

/// `exec`, compared with the minimal program, the floor and `env`.
pub fn exec(fixture: &Fixture, rounds: usize) {
    for size in SIZES {
        let items = fixture.subject(&size.to_string(), size);
        let exec = ["exec", "--", PROGRAM];
        let mut subjects = vec![
            Subject::new(format!("minimal, {size} items"), fixture.minimal(&items, PROGRAM)),
            Subject::new("floor: plain file, execve", fixture.floor(&items, PROGRAM)),
            Subject::new("env FOO=bar true", env()),
            Subject::new(format!("vault exec, {size} items"), fixture.of(&items, &exec)),
            Subject::new(
                format!("vault exec --only one of {size}"),
                fixture.of(&items, &["exec", "--only", "ITEM_00003", "--", PROGRAM]),
            ),
        ];
        let beside = fixture.beside(&items, &exec).map(|other| Subject::new("exec by the program beside", other));
        subjects.extend(beside);
        let mut times = measure(&subjects, rounds);
        count_instructions(&subjects, &mut times);
        print(&times, &[("minimal", 0), ("floor", 1)]);
    }
}

/// `get`, compared with programs that decrypt all of the same items.
pub fn get(fixture: &Fixture, rounds: usize) {
    for size in SIZES {
        let items = fixture.subject(&format!("get{size}"), size);
        let mut subjects = vec![
            Subject::new(format!("age crate, armored file of {size}"), fixture.decrypt(&items)),
            Subject::new(format!("vault get, one of {size}"), fixture.of(&items, &["get", "ITEM_00003"])),
        ];
        for tool in ["rage", "age"] {
            if let Some(command) = fixture.stock_decrypt(&items, tool) {
                subjects.push(Subject::new(format!("{tool} -d, {size} items"), command));
            }
        }
        let mut times = measure(&subjects, rounds);
        count_instructions(&subjects, &mut times);
        print(&times, &[("age crate", 0)]);
    }
}

/// Starting a program after many changes of users: 10 items, read by one user and by a hundred.
pub fn long_roster(fixture: &Fixture, rounds: usize) {
    let (alone, team) = (fixture.subject("alone", 10), fixture.subject("team", 10));
    let names: Vec<String> = (1..=100).map(|i| format!("user{i:03}")).collect();
    names.iter().for_each(|name| fixture.run(&team, &["user", "add", name, "--read", "dev"]));
    let changes = || std::fs::read_to_string(&team.vault).unwrap().matches("[[roster]]").count();
    for name in names.iter().cycle() {
        fixture.run(&team, &["revoke", name, "dev"]);
        fixture.run(&team, &["grant", name, "dev"]);
        if changes() >= 500 {
            break;
        }
    }
    compare(fixture, &alone, &team, &format!("after {} changes, 100 more users", changes()), 10, rounds);
}

/// One environment of 300 items, alone in a vault, and among twelve of a team of sixty.
pub fn many_environments(fixture: &Fixture, rounds: usize) {
    let (alone, team) = (fixture.subject("one", 300), fixture.subject("twelve", 300));
    for i in 2..=12 {
        fixture.run(&team, &["env", "copy", "dev", &format!("env{i:02}")]);
    }
    for i in 2..=60 {
        let name = format!("user{i:03}");
        let own = format!("env{:02}", i % 11 + 2);
        fixture.run(&team, &["user", "add", &name, "--read", "dev", "--write", &own]);
    }
    compare(fixture, &alone, &team, "among 12 environments, 60 users", 300, rounds);
}

fn compare(fixture: &Fixture, alone: &Items, team: &Items, what: &str, size: usize, rounds: usize) {
    let exec = ["exec", "-e", "dev", "--", PROGRAM];
    let subjects = [
        Subject::new(format!("vault exec, {size} items"), fixture.of(alone, &exec)),
        Subject::new(what, fixture.of(team, &exec)),
    ];
    let mut times = measure(&subjects, rounds);
    count_instructions(&subjects, &mut times);
    print(&times, &[("alone", 0)]);
}

/// The same vault, opened with its key slot and with an agent that holds the keys.
pub fn agent(fixture: &Fixture, rounds: usize) {
    use std::os::unix::fs::PermissionsExt as _;
    let items = fixture.subject("agent", 10);
    let runtime = fixture.path("run");
    std::fs::create_dir(&runtime).unwrap();
    std::fs::set_permissions(&runtime, std::fs::Permissions::from_mode(0o700)).unwrap();
    let vault = |key: Option<&str>, arguments: &[&str]| {
        let mut command = fixture.vault(&items.vault, key);
        command.env("XDG_RUNTIME_DIR", Path::new(&runtime)).args(arguments);
        command
    };
    assert!(vault(Some(&items.key), &["unlock"]).status().unwrap().success());
    let exec = ["exec", "--", PROGRAM];
    let subjects = [
        Subject::new("vault exec, key slot", vault(Some(&items.key), &exec)),
        Subject::new("vault exec, agent", vault(None, &exec)),
        Subject::new("env FOO=bar true", env()),
    ];
    let times = measure(&subjects, rounds);
    assert!(vault(None, &["lock"]).status().unwrap().success());
    print(&times, &[("key slot", 0)]);
}
