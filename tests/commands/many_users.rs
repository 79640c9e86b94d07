//! Sixty users and twelve environments: added at once, and listed readably.

use crate::harness::{Run, Sandbox, feed, finish, has};
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

const ENVIRONMENTS: [&str; 12] =
    ["dev", "staging", "prod", "ci", "demo", "load", "qa", "eu-prod", "us-prod", "ap-prod", "sandbox", "support"];

/// A vault with twelve environments, and sixty users who read dev and write qa. user00 to user02 read everything and
/// are admins.
fn vault() -> Sandbox {
    let sandbox = Sandbox::with_environments(&ENVIRONMENTS);
    let names = |range: std::ops::Range<usize>| -> String {
        range.map(|i| format!("user{i:02} user{i:02}@example.com\n")).collect()
    };
    sandbox.write("admins", names(0..3));
    sandbox.write("members", format!("# the team\n\n{}", names(3..60)));
    let all = ENVIRONMENTS.join(",");
    sandbox.run(["user", "add", "--names", "admins", "--keys-to", "keys", "--admin", "--read", &all]).ok();
    let members = ["user", "add", "--names", "members", "--keys-to", "keys", "--read", "dev", "--write", "qa"];
    sandbox.run(members).ok().says("Added 57 users.").says("Each key is in keys/NAME.key");
    sandbox
}

/// Returns the lines that a command shows on a terminal with 80 columns.
fn on_terminal(sandbox: &Sandbox, arguments: &str) -> Vec<String> {
    let program = crate::harness::program().display();
    let script = format!("stty rows 24 cols 80; exec '{program}' {arguments} --color never");
    let mut command = sandbox.other("sh", ["-c", &script]);
    command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    let mut terminal = rexpect::session::spawn_command(command, Some(30_000)).unwrap();
    let shown = terminal.exp_eof().unwrap();
    assert!(!shown.is_empty(), "{script}");
    shown.lines().map(str::to_owned).collect()
}

fn names(run: &Run) -> Vec<String> {
    let users = run.json();
    let name = |user: &serde_json::Value| user["username"].as_str().or(user["name"].as_str()).unwrap().to_owned();
    users.as_array().unwrap().iter().map(name).collect()
}

#[test]
fn lists_fit_a_terminal_and_are_complete_in_a_pipe() {
    let sandbox = vault();
    let users = on_terminal(&sandbox, "user list");
    assert!(users.iter().all(|line| line.chars().count() <= 80), "{users:#?}");
    assert_eq!(users.iter().filter(|line| line.starts_with("user")).count(), 60, "a line each: {users:#?}");
    assert!(users.iter().any(|line| line.contains("reads ap-prod, ci, demo and 9 more")), "{users:#?}");
    assert!(users.last().unwrap().contains("vault user list --wide"), "{users:#?}");
    let environments = on_terminal(&sandbox, "env list");
    assert!(environments.iter().all(|line| line.chars().count() <= 80), "{environments:#?}");
    assert!(environments.len() < 30, "{environments:#?}");
    assert!(environments.iter().any(|line| line.contains("mia, user00, user01 and 58")), "{environments:#?}");
    for arguments in ["user list --wide", "env list --wide"] {
        let piped = sandbox.run(arguments.split(' ')).ok().text();
        let shown = on_terminal(&sandbox, arguments).join("\n");
        assert_eq!(shown.trim_end(), piped.trim_end(), "{arguments}");
    }
    let piped = sandbox.run(["env", "list"]).ok().text();
    let dev = piped.lines().find(|line| line.starts_with("dev")).unwrap();
    assert!((0..60).all(|i| dev.contains(&format!("user{i:02}"))), "{dev}");
}

#[test]
fn lists_can_be_filtered_by_environment_role_right_and_part_of_a_name() {
    let sandbox = vault();
    sandbox.run(["user", "add", "ci-deploy", "--read", "prod", "--write", "ci"]).ok();
    let of = |arguments: &[&str]| names(&sandbox.run([arguments, &["--json"]].concat()).ok());
    assert_eq!(of(&["user", "list"]).len(), 62);
    assert_eq!(of(&["user", "list", "DEPLOY"]), ["ci-deploy"]);
    assert_eq!(of(&["user", "list", "--role", "admin"]), ["mia", "user00", "user01", "user02"]);
    assert_eq!(of(&["user", "list", "-e", "prod"]), ["ci-deploy", "mia", "user00", "user01", "user02"]);
    assert_eq!(of(&["user", "list", "-e", "ci,prod", "--right", "write"]), ["ci-deploy", "mia"]);
    assert_eq!(of(&["user", "list", "--right", "write", "--role", "admin"]), ["mia"]);
    assert_eq!(of(&["user", "list", "user1", "-e", "qa", "--role", "member"]).len(), 10);
    assert_eq!(of(&["user", "list", "nobody"]), <[String; 0]>::default());
    sandbox.run(["user", "list", "nobody"]).ok().says("No user matches.");
    assert_eq!(of(&["env", "list", "PROD"]), ["ap-prod", "eu-prod", "prod", "us-prod"]);
    assert_eq!(of(&["env", "list", "--writer", "user07"]), ["qa"]);
    assert_eq!(of(&["env", "list", "--reader", "user07"]), ["dev", "qa"]);
    assert_eq!(of(&["env", "list", "--reader", "ci-deploy", "--writer", "mia", "p"]), ["prod"]);
    sandbox.run(["env", "list", "nothing"]).ok().says("No environment matches.");
    sandbox.run(["env", "list", "--reader", "nobody"]).fails(3);
    sandbox.run(["user", "list", "-e", "nowhere"]).fails(3);
}

#[test]
fn each_key_for_a_file_of_names_is_written_to_a_private_file() {
    let sandbox = vault();
    let keys = sandbox.project().join("keys");
    assert_eq!(keys.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    let mut all = BTreeSet::new();
    for entry in std::fs::read_dir(&keys).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        all.insert(std::fs::read_to_string(path).unwrap());
    }
    assert_eq!(all.len(), 60, "no two are the same");
    sandbox.set("dev/KEY", b"shared");
    let mut get = sandbox.command(["get", "dev/KEY", "--key-file", "keys/user31.key"]);
    get.env_remove("VAULT_KEY");
    assert_eq!(finish(get).ok().text(), "shared");
    let users = sandbox.run(["user", "list", "user31", "--json"]).ok().json();
    assert_eq!(users[0]["email"], "user31@example.com");
    let log = sandbox.run(["log", "--action", "user-add", "--json"]).ok().text();
    assert_eq!(log.lines().count(), 60);
    // The directory may already have keys of others. An existing key is not overwritten, and then nobody is added.
    sandbox.run(["user", "add", "zoe", "--keys-to", "keys", "--read", "dev"]).ok().says("Added 1 user.");
    sandbox.run(["user", "rm", "-y", "zoe"]).ok();
    sandbox.write("names", "ann\nzoe\n");
    let run = sandbox.run(["user", "add", "--names", "names", "--keys-to", "keys"]);
    run.fails(2).says("zoe.key already exists").says("nobody was added");
    assert!(!keys.join("ann.key").exists());
    sandbox.run(["user", "list", "ann"]).ok().says("No user matches.");
}

#[test]
fn keys_can_be_printed_as_json_and_nobody_is_added_if_the_keys_would_be_lost() {
    let sandbox = Sandbox::with_vault();
    let add = ["user", "add", "--names", "-", "--read", "dev"];
    let before = std::fs::read(sandbox.vault()).unwrap();
    let names = b"ann\nben ben@example.com # the new one\n";
    feed(sandbox.command(add), names)
        .fails(2)
        .says("say where the keys of several users go")
        .says("--keys-to DIRECTORY, or --json");
    for (text, why) in [
        (&b"ann\nAnn\n"[..], "line 2 of -: "),
        (b"ann\nann\n", "line 2 of -: ann is listed twice"),
        (b"ann a@x b\n", "line 1 of -: a name and an e-mail address are expected"),
        (b"# none\n", "- names 0 users"),
        (b"ann\nmia\n", "already exists"),
        (b"ann no-address\n", "is not an e-mail address"),
        (b"ann\xff\n", "is not UTF-8"),
    ] {
        feed(sandbox.command([&add[..], &["--keys-to", "keys"]].concat()), text).fails(2).says(why);
    }
    if has("sh") {
        let script = format!("'{}' {} --json >/dev/null", crate::harness::program().display(), add.join(" "));
        let run = feed(sandbox.other("sh", ["-c", &script]), names);
        assert!(run.code == 1 && run.stderr.contains("would be lost"), "{run:?}");
    }
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
    let run = feed(sandbox.command([&add[..], &["--json"]].concat()), names).ok();
    let keys = run.json();
    assert_eq!([&keys[0]["user"]["username"], &keys[1]["user"]["username"]], ["ann", "ben"]);
    sandbox.set("KEY", b"shared");
    let mut get = sandbox.command(["get", "KEY"]);
    get.env("VAULT_KEY", keys[1]["key"].as_str().unwrap());
    assert_eq!(finish(get).ok().text(), "shared");
    sandbox.run(["user", "add"]).fails(2);
    sandbox.run(["user", "add", "zoe", "--names", "x"]).fails(2);
}

#[test]
fn keys_in_a_git_work_tree_cause_a_warning() {
    if !has("git") {
        return;
    }
    let sandbox = Sandbox::with_vault();
    sandbox.git(&["init", "-q"]).ok();
    let run = sandbox.run(["user", "add", "ann", "--keys-to", "keys"]).ok();
    assert!(run.stderr.contains("warning: keys is in a git work tree: do not commit the keys"), "{run:?}");
}
