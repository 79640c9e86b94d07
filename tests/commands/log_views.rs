//! `vault log` by day on a terminal, following new entries, and as statistics.

use crate::harness::{Sandbox, finish, has, program};
use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;

/// A vault whose log has entries: a value was set and printed, and a command failed to start.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    sandbox.set("TOKEN", b"hunter2-hunter2");
    sandbox.run(["get", "TOKEN"]).ok();
    sandbox.run(["exec", "--", "no-such-program"]).fails(127);
    sandbox
}

fn terminal(sandbox: &Sandbox, arguments: &[&str], no_color: bool) -> PtySession {
    let mut command = sandbox.command(arguments);
    command.env("TERM", "xterm").stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    if no_color {
        command.env("NO_COLOR", "1");
    }
    spawn_command(command, Some(60_000)).unwrap()
}

/// Returns everything that the terminal shows.
fn shown(sandbox: &Sandbox, arguments: &[&str], no_color: bool) -> String {
    terminal(sandbox, arguments, no_color).exp_eof().unwrap()
}

#[test]
fn on_a_terminal_entries_are_grouped_by_day_and_in_a_pipe_each_is_a_plain_line() {
    let sandbox = sandbox();
    let colored = shown(&sandbox, &["log"], false);
    assert!(colored.contains("\x1b[1mToday, 20") || colored.contains("\x1b[1mYesterday, 20"), "{colored}");
    let failed = colored.lines().find(|line| line.contains("no-such-program")).unwrap();
    assert!(failed.starts_with("\x1b[31m") && failed.contains("failed"), "failures must be highlighted: {failed}");
    assert!(colored.contains("just now") || colored.contains(" ago"), "{colored}");
    let plain = shown(&sandbox, &["log"], true);
    assert!(plain.contains("day, 20") && !plain.contains('\x1b'), "NO_COLOR: {plain}");
    let filtered = shown(&sandbox, &["log", "show", "--action", "get"], true);
    assert!(filtered.contains(" get ") && !filtered.contains(" set "), "{filtered}");
    let piped = sandbox.run(["log"]).ok().text();
    assert!(!piped.contains("day, 20") && !piped.contains("ago") && !piped.contains('\x1b'), "{piped}");
    let columns: Vec<&str> = piped.lines().last().unwrap().split_whitespace().collect();
    assert_eq!(columns[1..7], ["mia", "exec", "dev", "all", "no-such-program", "failed"], "{piped}");
}

#[test]
fn follow_prints_new_entries_of_all_processes_as_json_lines_until_a_signal() {
    let sandbox = sandbox();
    let follow = ["log", "--follow", "--json", "-n", "1", "--action", "get"];
    let mut child = sandbox.command(follow).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    let before = next();
    assert_eq!(before["action"], "get");
    // The filter applies to new entries, too.
    sandbox.run(["list", "--values"]).ok();
    sandbox.run(["get", "TOKEN", "--reason", "followed"]).ok();
    let new = next();
    assert_eq!((new["action"].as_str(), new["reason"].as_str()), (Some("get"), Some("followed")));
    assert!(new["number"].as_u64() > before["number"].as_u64());
    finish(sandbox.other("sh", ["-c", &format!("kill -INT {}", child.id())])).ok();
    assert_eq!(child.wait().unwrap().signal(), Some(2));
}

#[test]
fn on_a_terminal_followed_entries_are_grouped_by_day_until_ctrl_c() {
    let sandbox = sandbox();
    let mut followed = terminal(&sandbox, &["log", "show", "-f", "-n", "1"], true);
    followed.exp_regex("day, 20[0-9-]+").unwrap();
    followed.exp_string("no-such-program  failed").unwrap();
    sandbox.run(["get", "TOKEN", "--reason", "followed"]).ok();
    followed.exp_regex("[0-9:]{8}  mia  get  dev  TOKEN  vault  ok  followed").unwrap();
    followed.send_control('c').unwrap();
    followed.exp_eof().unwrap();
    let status = followed.process().wait().unwrap();
    assert!(matches!(status, WaitStatus::Signaled(..)), "{status:?}");
    sandbox.run(["log", "export", "-o", "exported"]).ok();
    sandbox.run(["log", "show", "--follow", "exported"]).fails(2).says("--follow takes no FILE");
    sandbox.run(["log", "--follow", "verify"]).fails(2).says("filters go after the subcommand");
}

#[test]
fn stats_count_users_items_and_times() {
    let sandbox = sandbox();
    sandbox.run(["get", "TOKEN"]).ok();
    let json = sandbox.run(["log", "stats", "--json"]).ok().json();
    let tally = |list: &str, name: &str| {
        let all = json[list].as_array().unwrap();
        all.iter().find(|tally| tally["name"] == name).map(|tally| tally["count"].clone())
    };
    assert_eq!(json["entries"], json["users"][0]["count"], "one user: {json}");
    assert_eq!(tally("actions", "get"), Some(2.into()));
    assert_eq!(tally("items", "dev/TOKEN"), Some(3.into()), "{json}");
    assert_eq!(tally("outcomes", "failed"), Some(1.into()));
    let times = json["times"].as_array().unwrap();
    assert_eq!(times.iter().map(|tally| tally["count"].as_u64().unwrap()).sum::<u64>(), json["entries"]);
    let filtered = sandbox.run(["log", "stats", "--action", "get", "--json"]).ok().json();
    assert_eq!((filtered["entries"].as_u64(), filtered["actions"].as_array().unwrap().len()), (Some(2), 1));
    let piped = sandbox.run(["log", "stats"]).ok().text();
    let fields = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert!(piped.lines().any(|line| fields(line) == ["action", "get", "2"]), "{piped}");
    let drawn = shown(&sandbox, &["log", "stats"], true);
    assert!(["Who", "What", "When"].iter().all(|heading| drawn.contains(heading)), "{drawn}");
    // rexpect turns each byte into a character.
    let is_bar =
        |line: &str| line.starts_with("get ") && line.contains("\u{e2}\u{96}\u{88}") && line.trim_end().ends_with(" 2");
    assert!(drawn.lines().any(is_bar) && !drawn.contains('\x1b'), "{drawn}");
    sandbox.run(["log", "stats", "--action", "mv"]).ok().says("No entries.");
}

#[test]
fn a_table_is_the_same_whether_it_is_measured_during_verification_or_in_a_second_pass() {
    let sandbox = sandbox();
    sandbox.run(["get", "TOKEN", "--reason", "wider than its heading, and with wide letters: \u{65e5}\u{672c}"]).ok();
    sandbox.set("ANOTHER_MUCH_LONGER_NAME", b"x");
    for filter in [&["--action", "get"][..], &["--item", "TOKEN"], &[]] {
        // The last thousand entries are all of them. Which entries these are is known only after the log was verified.
        let measured = sandbox.run([&["log", "show"], filter].concat()).ok().text();
        let read_again = sandbox.run([&["log", "show", "-n", "1000"], filter].concat()).ok().text();
        assert!(measured.lines().count() > 2, "{measured}");
        assert_eq!(measured, read_again, "{filter:?}");
    }
}

#[test]
fn a_whole_log_is_read_twice_once_to_verify_and_once_to_print_it() {
    if !has("strace") {
        return;
    }
    let sandbox = sandbox();
    let readings = |arguments: &[&str]| {
        let program = program().to_str().unwrap();
        let mut line = vec!["-f", "-e", "trace=openat,open", program, "log"];
        line.extend(arguments);
        let traced = finish(sandbox.other("strace", line)).ok().stderr;
        traced.lines().filter(|call| call.contains("000001.log\"")).count()
    };
    assert_eq!(readings(&[]), 2);
    assert_eq!(readings(&["--json"]), 2);
    assert_eq!(readings(&["verify"]), 1);
    // Once more to count the entries, and once more to measure the last ones.
    assert_eq!(readings(&["-n", "1", "--action", "get"]), 4);
}
