//! What `vault merge` prints if it can't continue: what to type, and who can do it.

use super::{commit, conflict, fork, get, repository};
use crate::device::{Device, add};
use crate::harness::Sandbox;
use std::process::Stdio;

/// A repository with a conflict in dev/A.
fn in_conflict() -> Option<Sandbox> {
    let sandbox = repository()?;
    fork(&sandbox, &|| sandbox.set("dev/A", b"other"), &|| sandbox.set("dev/A", b"main"));
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    Some(sandbox)
}

#[test]
fn a_decision_needs_a_value_which_is_never_on_the_command_line() {
    let Some(sandbox) = in_conflict() else { return };
    let before = std::fs::read(sandbox.vault()).unwrap();
    for input in ["", "\n", "\r\n"] {
        let run = sandbox.run_with_input(["merge", "--set", "A"], input.as_bytes());
        run.fails(2).says("the value for dev/A is empty");
    }
    for given in ["dev/A=", "dev/A=x"] {
        let run = sandbox.run(["merge", "--set", given]).fails(2).says("hint: vault merge --set dev/A\n");
        assert!(!run.stderr.contains(given), "{run:?}");
    }
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
    let mut command = sandbox.command(["merge"]);
    command.env("TERM", "xterm");
    command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    let mut asked = rexpect::session::spawn_command(command, Some(30_000)).unwrap();
    asked.exp_string("(q) quit?").unwrap();
    asked.send_line("ours").unwrap();
    asked.exp_string("answer b, c, n, s or q").unwrap();
    // The question comes again, without the conflict.
    let again = asked.exp_string("(q) quit?").unwrap();
    assert!(again.contains("Take (b)") && !again.contains("dev/A"), "{again}");
    asked.send_line("n").unwrap();
    for (question, answer) in [("Value for dev/A:", ""), ("the value for dev/A is empty", "n")] {
        asked.exp_string(question).unwrap();
        asked.send_line(answer).unwrap();
    }
    asked.exp_string("Value for dev/A:").unwrap();
    asked.send_line("typed").unwrap();
    asked.exp_eof().unwrap();
    assert_eq!(get(&sandbox, "dev/A"), "typed");
}

#[test]
fn a_new_value_for_a_protected_environment_needs_a_reason_and_the_value_of_a_side_does_not() {
    let Some(sandbox) = repository() else { return };
    sandbox.set("prod/P", b"one");
    sandbox.run(["env", "protect", "prod"]).ok();
    commit(&sandbox, "prod");
    let set = |value: &str| drop(sandbox.run_with_input(["set", "prod/P", "--reason", "test"], value.as_bytes()).ok());
    fork(&sandbox, &|| set("other"), &|| set("main"));
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    let before = std::fs::read(sandbox.vault()).unwrap();
    let run = sandbox.run_with_input(["merge", "--set", "prod/P"], b"new").fails(5);
    run.says("prod is protected, and there is nobody to ask").says("--reason TEXT");
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
    sandbox.run_with_input(["merge", "--set", "prod/P", "--reason", "release 7"], b"new").ok();
    let value = || sandbox.run(["get", "prod/P", "--reason", "test"]).ok().text();
    assert_eq!(value(), "new");
    assert!(sandbox.run(["log", "--action", "merge"]).ok().text().contains("release 7"));
    sandbox.run(["merge", "--abort", "-y"]).ok();
    sandbox.run(["merge", "--theirs", "prod/P"]).ok();
    assert_eq!(value(), "other");
}

#[test]
fn a_user_who_may_not_write_is_told_who_can_merge() {
    let Some(sandbox) = repository() else { return };
    let ben = add(&sandbox, &["ben", "--read", "dev"]);
    commit(&sandbox, "ben");
    fork(&sandbox, &|| sandbox.set("dev/A", b"other"), &|| sandbox.set("dev/A", b"main"));
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    let device = Device::new(&sandbox, "ben").with_key(&ben);
    let who = "hint: mia can merge: they write dev";
    device.run(&["merge"]).fails(5).says("dev must be merged, and ben may not write dev").says(who);
    device.run(&["merge", "--theirs", "A"]).fails(5).says(who);
    device.run(&["get", "dev/A"]).fails(6).says("hint: merge them, item by item: vault merge, which mia can");
}

/// The result is a separate file, so newer changes in the vault cause a warning and no error.
#[test]
fn three_files_older_than_the_vault_are_merged_and_missing_changes_are_reported() {
    let Some(sandbox) = repository() else { return };
    let both = |name: &'static str, value: &'static [u8]| move |sandbox: &Sandbox| sandbox.set(name, value);
    let (other, main) = (both("dev/A", b"other"), both("dev/A", b"main"));
    fork(&sandbox, &|| other(&sandbox), &|| main(&sandbox));
    for (name, revision) in [("base", "main^"), ("ours", "main"), ("theirs", "other")] {
        sandbox.write(name, sandbox.git(&["show", &format!("{revision}:secrets.vault")]).ok().stdout);
    }
    sandbox.set("dev/B", b"newer");
    commit(&sandbox, "newer");
    let refused = sandbox.run(["merge", "base", "ours", "theirs", "-o", "out file"]).fails(1);
    let refused = refused.says("vault merge base ours theirs -o 'out file' --ours dev/A; --ours takes what");
    assert!(!sandbox.project().join("out file").exists(), "{refused:?}");
    let run = sandbox.run(["merge", "base", "ours", "theirs", "-o", "out file", "--ours", "dev/A"]).ok();
    assert!(run.stderr.contains("warning: dev version 6 by mia is missing from this file"), "{run:?}");
    assert!(!run.stderr.contains("hint:"), "{run:?}");
    sandbox.run(["--vault", "out file", "verify"]).ok();
    assert_eq!(get(&sandbox, "dev/B"), "newer");
}

/// The same outside git, and with a newer roster on record. --strict refuses it.
#[test]
fn three_files_in_another_directory_are_merged_even_if_this_device_has_seen_newer_ones() {
    let Some(sandbox) = repository() else { return };
    let zoe = add(&sandbox, &["zoe", "--read", "dev"]);
    commit(&sandbox, "zoe");
    fork(&sandbox, &|| sandbox.set("dev/A", b"other"), &|| sandbox.set("dev/B", b"main"));
    let elsewhere = sandbox.home().join("files");
    std::fs::create_dir(&elsewhere).unwrap();
    for (name, revision) in [("base", "main^"), ("ours", "main"), ("theirs", "other")] {
        let file = sandbox.git(&["show", &format!("{revision}:secrets.vault")]).ok().stdout;
        std::fs::write(elsewhere.join(name), file).unwrap();
    }
    let merge = |arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        command.current_dir(&elsewhere);
        crate::harness::finish(command)
    };
    sandbox.set("dev/C", b"newer");
    let run = merge(&["merge", "base", "ours", "theirs", "-o", "one"]).ok();
    assert!(run.stderr.contains("warning: environment dev ") && !run.stderr.contains("hint:"), "{run:?}");
    sandbox.run(["user", "rm", "-y", "zoe"]).ok();
    let run = merge(&["merge", "base", "ours", "theirs", "-o", "two"]).ok();
    assert!(run.stderr.contains("warning: the roster is at change "), "{run:?}");
    merge(&["--strict", "merge", "base", "ours", "theirs", "-o", "three"]).fails(6);
    // The result is a separate file, and the vault is unchanged.
    assert_eq!(get(&sandbox, "dev/C"), "newer");
    let merged = std::fs::read(elsewhere.join("two")).unwrap();
    sandbox.write("merged", merged);
    let device = Device::new(&sandbox, "zoe").with_key(&zoe);
    assert_eq!(device.run(&["--vault", "merged", "get", "dev/A"]).ok().text(), "other");
}

#[test]
fn an_item_cannot_be_taken_from_both_sides() {
    let Some(sandbox) = in_conflict() else { return };
    let before = std::fs::read(sandbox.vault()).unwrap();
    for arguments in [
        ["--ours", "A", "--theirs", "A"],
        ["--ours", "dev/A", "--theirs", "A"],
        ["--ours", "dev/*", "--theirs", "dev/*"],
    ] {
        let run = sandbox.run([&["merge"], &arguments[..]].concat());
        run.fails(2).says(" was given for both sides");
    }
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
    // An item named explicitly has its own decision, whatever the order of the options.
    sandbox.run(["merge", "--theirs", "dev/*", "--ours", "A"]).ok();
    assert_eq!(get(&sandbox, "dev/A"), "main");
}

#[test]
fn an_environment_that_was_added_again_is_reported_as_a_different_one() {
    let Some(sandbox) = repository() else { return };
    let elsewhere = Device::new(&sandbox, "elsewhere").with_key(sandbox.key());
    let anew = || {
        sandbox.run(["env", "rm", "-y", "prod"]).ok();
        sandbox.run(["env", "add", "prod"]).ok();
        sandbox.set("prod/NEW", b"anew");
    };
    fork(&sandbox, &anew, &|| drop(elsewhere.set("prod/P", b"two").ok()));
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    let run = sandbox.run(["merge"]).ok().says("(other) removed it and added it again; taken as it is\n");
    run.says("version 2 by mia, of this branch (main), goes with it").says("added another one of that name");
    assert_eq!(get(&sandbox, "prod/NEW"), "anew");
}

#[test]
fn a_side_can_be_taken_for_an_item_to_which_both_branches_added_too_many_tags() {
    let Some(sandbox) = repository() else { return };
    let tagged = |first: u32, value: &str| {
        let tags: Vec<_> = (first..first + 12).map(|tag| format!("t{tag}")).collect();
        sandbox.run_with_input(["set", "dev/A", "--tag", &tags.join(",")], value.as_bytes()).ok();
    };
    fork(&sandbox, &|| tagged(12, "other"), &|| tagged(0, "main"));
    for (revision, name) in [("main^", "base"), ("main", "x"), ("other", "y")] {
        sandbox.write(name, sandbox.git(&["show", &format!("{revision}:secrets.vault")]).ok().text());
    }
    let merged = |decision: &[&str]| sandbox.run([&["merge", "base", "x", "y", "-o", "out"], decision].concat());
    merged(&[]).fails(1).says("dev/A: both sides changed its value, tags");
    for decision in [["--ours", "A"], ["--theirs", "A"], ["--ours", "dev/*"], ["--theirs", "dev/*"]] {
        merged(&decision).ok();
        std::fs::remove_file(sandbox.project().join("out")).unwrap();
    }
}
