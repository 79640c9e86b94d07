//! `vault merge` with real git: changes of both branches are merged, or the user resolves the conflict.

mod delivery;
mod environments;
mod former;
mod git;
mod messages;
mod picked;
mod put_back;
mod put_beside;
mod rosters;
mod unmerged;

use crate::device::{Device, add};
use crate::harness::{Run, Sandbox, program};

/// A repository on main with a vault of dev and prod. A, B and C are in dev.
pub fn repository() -> Option<Sandbox> {
    let sandbox = Sandbox::in_repository()?;
    for name in ["A", "B", "C"] {
        sandbox.set(&format!("dev/{name}"), format!("{name}-one").as_bytes());
    }
    commit(&sandbox, "one");
    Some(sandbox)
}

/// Sets up the driver, so that git calls `vault merge` from now on.
pub fn use_driver(sandbox: &Sandbox) {
    sandbox.write(".git/info/attributes", "*.vault merge=vault\n");
    let driver = format!("'{}' merge --driver %O %A %B %P %S %X %Y", program().display());
    sandbox.git(&["config", "merge.vault.driver", &driver]).ok();
}

pub fn commit(sandbox: &Sandbox, message: &str) {
    sandbox.git(&["add", "secrets.vault"]).ok();
    sandbox.git(&["commit", "-qm", message]).ok();
}

/// Makes one commit on a new branch "other" and one on main. Ends on main.
pub fn fork(sandbox: &Sandbox, other: &dyn Fn(), main: &dyn Fn()) {
    sandbox.git(&["checkout", "-qb", "other"]).ok();
    other();
    commit(sandbox, "other");
    sandbox.git(&["checkout", "-q", "main"]).ok();
    main();
    commit(sandbox, "main");
}

pub fn get(sandbox: &Sandbox, name: &str) -> String {
    sandbox.run(["get", name]).ok().text()
}

fn conflict(run: &Run) {
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.text().contains("CONFLICT") || run.stderr.contains("CONFLICT"), "{run:?}");
}

#[test]
fn m1_an_environment_changed_on_one_side_is_merged_without_a_key() {
    let Some(sandbox) = repository() else { return };
    fork(&sandbox, &|| sandbox.set("prod/P", b"other"), &|| sandbox.set("dev/A", b"main"));
    let show = |revision: &str| sandbox.git(&["show", &format!("{revision}:secrets.vault")]).ok().text();
    for (name, text) in [("base", show("main^")), ("ours", show("main")), ("theirs", show("other"))] {
        sandbox.write(name, text);
    }
    let mut command = sandbox.command(["merge", "base", "ours", "theirs", "-o", "out"]);
    command.env_remove("VAULT_KEY");
    let run = crate::harness::finish(command).ok();
    assert!(run.stderr.contains("dev: only this branch changed it; taken as it is"), "{run:?}");
    assert!(run.stderr.contains("prod: only the change being applied changed it; taken as it is"), "{run:?}");
    sandbox.write("secrets.vault", std::fs::read(sandbox.project().join("out")).unwrap());
    assert_eq!(get(&sandbox, "dev/A"), "main");
    assert_eq!(get(&sandbox, "prod/P"), "other");
}

#[test]
fn m2_changes_of_different_items_in_one_environment_are_merged() {
    let Some(sandbox) = repository() else { return };
    fork(&sandbox, &|| sandbox.set("dev/A", b"other"), &|| sandbox.set("dev/B", b"main"));
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    let run = sandbox.run(["merge"]).ok();
    let sources = "dev: 1 item from this branch (main), 1 from the change being applied (other)";
    assert!(run.stderr.contains(sources), "{run:?}");
    assert!(run.stderr.contains("hint: git add secrets.vault && git merge --continue"), "{run:?}");
    commit(&sandbox, "merged");
    assert_eq!(get(&sandbox, "dev/A"), "other");
    assert_eq!(get(&sandbox, "dev/B"), "main");
    sandbox.run(["verify", "--since", "main^1"]).ok();
    sandbox.run(["verify", "--since", "main^2"]).ok();
    let log = sandbox.run(["log", "show", "--action", "merge", "--json"]).ok().text();
    assert!(log.contains("\"A\"") && log.contains("\"B\""), "{log}");
    sandbox.run(["log", "verify"]).ok();
}

#[test]
fn k9_comparing_the_file_while_it_has_conflicts_is_logged_as_failed() {
    let Some(sandbox) = repository() else { return };
    fork(&sandbox, &|| sandbox.set("dev/A", b"other"), &|| sandbox.set("dev/A", b"main"));
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    sandbox.run(["diff", "HEAD", "-e", "dev"]).says("unresolved merge");
    let log = sandbox.run(["log", "show", "--action", "diff", "--json"]).ok().text();
    let entry: serde_json::Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!((&entry["environment"], &entry["outcome"]), (&"dev".into(), &"failed".into()), "{log}");
}

#[test]
fn m4_m5_nothing_is_written_until_each_conflict_is_decided_by_name() {
    let Some(sandbox) = repository() else { return };
    let other = || {
        sandbox.set("dev/A", b"other");
        sandbox.run(["rm", "-y", "dev/B"]).ok();
        sandbox.set("dev/C", b"other");
    };
    let main = || ["dev/A", "dev/B", "dev/C"].into_iter().for_each(|name| sandbox.set(name, b"main"));
    fork(&sandbox, &other, &main);
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    let before = std::fs::read(sandbox.vault()).unwrap();
    let run = sandbox.run(["merge"]).fails(1).says("3 conflicts to decide; nothing was written");
    assert!(run.stderr.contains("dev/A: both sides changed its value"), "{run:?}");
    assert!(run.stderr.contains("dev/B: changed on one side and removed on the other"), "{run:?}");
    assert!(run.stderr.contains("the change being applied (other): removed"), "{run:?}");
    assert!(!run.stderr.contains("other") || !run.stderr.contains("A-one"), "no value: {run:?}");
    sandbox.run(["merge", "--ours", "dev/A"]).fails(1).says("2 conflicts to decide");
    sandbox.run(["merge", "--ours", "NOPE"]).fails(3).says("NOPE is not in conflict");
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
    let decided = ["merge", "--ours", "A", "--theirs", "dev/B", "--set", "C"];
    sandbox.run_with_input(decided, b"both\n").ok();
    commit(&sandbox, "merged");
    assert_eq!((&*get(&sandbox, "dev/A"), &*get(&sandbox, "dev/C")), ("main", "both"));
    sandbox.run(["get", "dev/B"]).fails(3);
    let history = sandbox.run(["history", "dev/A", "--json"]).ok().json();
    assert_eq!(history.as_array().unwrap().len(), 3, "the value that was not chosen must be in the history: {history}");
}

#[test]
fn the_file_of_this_branch_can_be_put_back() {
    let Some(sandbox) = repository() else { return };
    fork(&sandbox, &|| sandbox.set("dev/A", b"other"), &|| sandbox.set("dev/B", b"main"));
    let ours = std::fs::read(sandbox.vault()).unwrap();
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    // Nothing is lost by going back before the merge. After it, something may have been saved.
    sandbox.run(["merge", "--abort"]).ok().says("git merge --abort");
    sandbox.run(["merge"]).ok();
    sandbox.set("dev/PRECIOUS", b"1");
    sandbox.run(["merge", "--abort"]).fails(2).says("there is no terminal to ask at");
    assert_eq!(get(&sandbox, "dev/PRECIOUS"), "1");
    sandbox.run(["merge", "--abort", "-y"]).ok().says("git merge --abort");
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), ours);
    sandbox.run(["merge"]).ok();
    sandbox.git(&["merge", "--abort"]).ok();
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), ours);
    sandbox.run(["merge", "--abort"]).fails(1).says("no conflict in secrets.vault");
    sandbox.run(["merge"]).ok().says("there is nothing to merge");
}

#[test]
fn m9_without_a_key_nothing_is_written() {
    let Some(sandbox) = repository() else { return };
    fork(&sandbox, &|| sandbox.set("dev/A", b"other"), &|| sandbox.set("dev/B", b"main"));
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    let before = std::fs::read(sandbox.vault()).unwrap();
    let mut command = sandbox.command(["merge"]);
    command.env_remove("VAULT_KEY");
    crate::harness::finish(command)
        .fails(4)
        .says("both sides changed dev")
        .says("hint: vault unlock, then vault merge");
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
}

#[test]
fn m6_a_user_removed_on_one_side_never_reads_the_merged_values() {
    let Some(sandbox) = repository() else { return };
    let ben = add(&sandbox, &["ben", "--write", "dev"]);
    commit(&sandbox, "ben");
    let device = Device::new(&sandbox, "ben").with_key(&ben);
    for branch in ["ours", "theirs"] {
        sandbox.git(&["checkout", "-qb", branch, "main"]).ok();
        let work = || drop(device.set("dev/A", b"by ben").ok());
        let remove = || drop(sandbox.run(["user", "rm", "-y", "ben"]).ok());
        sandbox.git(&["branch", "-D", "other"]);
        sandbox.git(&["checkout", "-qb", "other"]).ok();
        if branch == "ours" {
            work();
        } else {
            remove();
        }
        commit(&sandbox, "other");
        sandbox.git(&["checkout", "-q", branch]).ok();
        if branch == "ours" {
            remove();
        } else {
            work();
        }
        commit(&sandbox, "own");
        conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
        let run = sandbox.run(["merge"]).fails(1).says("1 conflict to decide; nothing was written");
        assert!(run.stderr.contains("dev: ben, who may no longer write dev, saved it in "), "{run:?}");
        let by_ben = if branch == "ours" { "--theirs" } else { "--ours" };
        sandbox.run(["merge", by_ben, "dev/A"]).ok().says("replace what they knew");
        commit(&sandbox, "merged");
        sandbox.set("dev/LATER", b"later");
        assert_eq!(get(&sandbox, "dev/A"), "by ben");
        assert!(sandbox.run(["list", "--due", "-e", "dev"]).ok().text().contains('A'));
        device.run(&["get", "dev/LATER"]).fails(4);
        assert!(!String::from_utf8(std::fs::read(sandbox.vault()).unwrap()).unwrap().contains("user = \"ben\"\nkind"));
        commit(&sandbox, "later");
        sandbox.git(&["checkout", "-q", "main"]).ok();
        sandbox.run(["verify", "--accept", &fingerprint(&sandbox)]).ok();
    }
}

/// Returns the hash with which a device accepts a file that is older than the newest one it has seen.
fn fingerprint(sandbox: &Sandbox) -> String {
    let session = crate::forge::session(sandbox, sandbox.key());
    session.vault().fingerprint().unwrap()
}

#[test]
fn c2_named_files_are_not_merged_into_a_vault() {
    let Some(sandbox) = repository() else { return };
    fork(&sandbox, &|| sandbox.set("dev/A", b"other"), &|| sandbox.set("dev/B", b"main"));
    for (name, revision) in [("base", "main^"), ("ours", "main"), ("theirs", "other")] {
        sandbox.write(name, sandbox.git(&["show", &format!("{revision}:secrets.vault")]).ok().text());
    }
    sandbox.set("dev/PRECIOUS", b"1");
    let before = std::fs::read(sandbox.vault()).unwrap();
    for output in ["secrets.vault", "ours"] {
        let run = sandbox.run(["merge", "base", "ours", "theirs", "-o", output]).fails(2);
        assert!(run.stderr.contains(&format!("{output} is a vault\nhint: name another file: -o FILE")), "{run:?}");
    }
    assert!(std::fs::read(sandbox.vault()).unwrap() == before);
    assert_eq!(get(&sandbox, "dev/PRECIOUS"), "1");
}

#[test]
fn an_invalid_side_is_refused_and_named() {
    let Some(sandbox) = repository() else { return };
    fork(&sandbox, &|| sandbox.set("dev/A", b"other"), &|| sandbox.set("dev/B", b"main"));
    let show = |revision: &str| sandbox.git(&["show", &format!("{revision}:secrets.vault")]).ok().text();
    let (base, ours, theirs) = (show("main^"), show("main"), show("other"));
    let forged = |text: &str| text.replacen("author = \"mia\"\ntime = \"2", "author = \"ben\"\ntime = \"2", 1);
    let cases = [
        ([&base, &forged(&ours), &theirs], "this branch has no valid vault"),
        ([&base, &ours, &forged(&theirs)], "the change being applied has no valid vault"),
        ([&forged(&base), &ours, &theirs], "what both sides started from has no valid vault"),
    ];
    for (texts, message) in cases {
        for (name, text) in ["base", "ours", "theirs"].into_iter().zip(texts) {
            sandbox.write(name, text);
        }
        sandbox.run(["merge", "base", "ours", "theirs", "-o", "out"]).fails(6).says(message);
        assert!(!sandbox.project().join("out").exists());
    }
    let another = Sandbox::with_vault();
    std::fs::copy(another.vault(), sandbox.project().join("theirs")).unwrap();
    sandbox.write("base", &base);
    sandbox.write("ours", &ours);
    sandbox.run(["merge", "base", "ours", "theirs", "-o", "out"]).fails(6).says("different vaults");
}
