//! `scan` with git: the hook, staged files and the history.

use super::{VALUE, found, git, repository, sandbox};
use crate::harness::{Sandbox, finish, has};

#[test]
fn the_hook_refuses_a_commit_and_the_history_names_one() {
    let Some(sandbox) = repository() else { return };
    sandbox.write("a b.txt", format!("\n\n{VALUE}"));
    sandbox.run(["scan", "--staged"]).ok();
    git(&sandbox, &["add", "a b.txt"]).ok();
    sandbox.write("a b.txt", "clean again, but not in the index");
    found(&sandbox.run(["scan", "--staged"]), "a b.txt:3  dev/TOKEN\n");
    sandbox.run(["scan", "--install-hook"]).ok().says("pre-commit");
    sandbox.run(["scan", "--install-hook"]).ok().says("already exists");
    let refused = git(&sandbox, &["commit", "-q", "-m", "leak"]);
    assert!(refused.code == 1 && refused.stderr.contains("1 finding"), "{refused:?}");
    git(&sandbox, &["commit", "-q", "--no-verify", "-m", "leak"]).ok();
    let commit = git(&sandbox, &["rev-parse", "--short=12", "HEAD"]).ok().text();
    git(&sandbox, &["rm", "-q", "-f", "a b.txt"]).ok();
    git(&sandbox, &["commit", "-q", "-m", "gone"]).ok();
    sandbox.run(["scan"]).ok();
    let expected = format!("a b.txt:3  dev/TOKEN, commit {}\n", commit.trim());
    found(&sandbox.run(["scan", "--history"]), &expected);
    found(&sandbox.run(["scan", "--history", "a b.txt"]), &expected);
    sandbox.run(["scan", "--history", "other"]).ok();
}

#[test]
fn another_hook_is_left_unchanged() {
    if !has("git") {
        return;
    }
    let sandbox = sandbox();
    sandbox.run(["scan", "--install-hook"]).fails(1).says("this is not a git repository");
    git(&sandbox, &["init", "-q"]).ok();
    std::fs::create_dir_all(sandbox.project().join(".git/hooks")).unwrap();
    let hook = sandbox.write(".git/hooks/pre-commit", "#!/bin/sh\nmake lint\n");
    sandbox.run(["scan", "--install-hook"]).fails(1).says("vault scan --staged --all-vaults || exit 1");
    assert_eq!(std::fs::read_to_string(hook).unwrap(), "#!/bin/sh\nmake lint\n");
}

#[test]
fn outside_git_scanning_the_index_or_history_is_an_error() {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"hunter2-hunter2");
    for option in ["--staged", "--history", "--install-hook"] {
        sandbox.run(["scan", option]).fails(1).says("this is not a git repository");
    }
}

#[test]
fn a_shallow_clones_history_is_reported_as_incomplete() {
    if !has("git") {
        return;
    }
    let sandbox = sandbox();
    let origin = sandbox.home().join("origin");
    let origin = origin.to_str().unwrap();
    git(&sandbox, &["init", "-q", origin]).ok();
    std::fs::write(format!("{origin}/leak.txt"), VALUE).unwrap();
    git(&sandbox, &["-C", origin, "add", "-A"]).ok();
    git(&sandbox, &["-C", origin, "commit", "-qm", "leak"]).ok();
    git(&sandbox, &["-C", origin, "rm", "-q", "leak.txt"]).ok();
    git(&sandbox, &["-C", origin, "commit", "-qm", "gone", "--allow-empty"]).ok();
    let scan = |clone: &str, options: &[&str]| {
        let mut scan = sandbox.command([&["--vault", "../secrets.vault", "scan", "--history"], options].concat());
        scan.current_dir(sandbox.project().join(clone));
        finish(scan)
    };
    git(&sandbox, &["clone", "-q", &format!("file://{origin}"), "whole"]).ok();
    assert_eq!(scan("whole", &[]).code, 1);
    git(&sandbox, &["clone", "-q", "--depth", "1", &format!("file://{origin}"), "shallow"]).ok();
    // A job must not mistake this for a clean history.
    let run = scan("shallow", &[]).fails(1).says("error: the clone is shallow").says("git fetch --unshallow");
    run.says("Found none of 2 values in what was read.");
    scan("shallow", &["-q"]).fails(1).says("error: the clone is shallow");
    let run = sandbox.run(["scan", "--history", "whole", "shallow"]);
    assert_eq!(run.text().lines().count(), 1, "{run:?}");
    run.fails(1).says("1 finding.").says("error: the clone in shallow is shallow");
}

#[test]
fn each_finding_in_the_history_names_the_commit_that_added_it() {
    let Some(sandbox) = repository() else { return };
    let commit = |message: &str| {
        git(&sandbox, &["add", "-A"]).ok();
        git(&sandbox, &["commit", "-qm", message]).ok();
        git(&sandbox, &["rev-parse", "--short=12", "HEAD"]).ok().text().trim().to_owned()
    };
    sandbox.write("a.txt", "clean");
    let first = commit("one");
    sandbox.write("a.txt", format!("clean\n{VALUE}"));
    let second = commit("two");
    sandbox.write("a.txt", "clean");
    std::fs::create_dir(sandbox.project().join("b c")).unwrap();
    sandbox.write("b c/d", VALUE);
    let third = commit("three");
    git(&sandbox, &["checkout", "-q", "-b", "side", &first]).ok();
    sandbox.write("side.txt", format!("{VALUE}\n"));
    let side = commit("side");
    git(&sandbox, &["checkout", "-q", "main"]).ok();
    git(&sandbox, &["merge", "-q", "-m", "merge", "side"]).ok();
    git(&sandbox, &["rm", "-q", "-r", "b c", "side.txt"]).ok();
    commit("gone");
    let run = sandbox.run(["scan", "--history"]);
    let mut lines: Vec<_> = run.text().lines().map(str::to_owned).collect();
    lines.sort_unstable();
    let line = |place: &str, commit: &str| format!("{place}  dev/TOKEN, commit {commit}");
    assert_eq!(lines, [line("a.txt:2", &second), line("b c/d:1", &third), line("side.txt:1", &side)], "{run:?}");
    found(&sandbox.run(["scan", "--history", "b c"]), &format!("{}\n", line("b c/d:1", &third)));
    let json = sandbox.run(["scan", "--history", "--json", "a.txt"]).json();
    assert_eq!(json[0]["commit"].as_str().unwrap().len(), 40, "{json}");
}

#[test]
fn commit_and_tag_messages_and_the_repositorys_settings_are_scanned() {
    let Some(sandbox) = repository() else { return };
    sandbox.write("f", "x");
    git(&sandbox, &["add", "f"]).ok();
    git(&sandbox, &["commit", "-q", "-m", &format!("with {VALUE}")]).ok();
    git(&sandbox, &["tag", "-a", "-m", "a value/of prod", "v1"]).ok();
    let commit = git(&sandbox, &["rev-parse", "--short=12", "HEAD"]).ok().text();
    let run = sandbox.run(["scan", "--history"]);
    assert_eq!(run.code, 1, "{run:?}");
    let mut lines: Vec<_> = run.text().lines().map(str::to_owned).collect();
    lines.sort();
    assert_eq!(lines, [format!("(commit):5  dev/TOKEN, commit {}", commit.trim()), "(tag v1):6  prod/KEY".to_owned()]);
    // With named paths, only files are scanned, not commit messages.
    sandbox.run(["scan", "--history", "f"]).ok();
    git(&sandbox, &["remote", "add", "o", &format!("https://u:{VALUE}@example.org/x")]).ok();
    let run = sandbox.run(["scan"]);
    assert!(run.code == 1 && run.text().starts_with(".git/config:") && run.text().contains("dev/TOKEN"), "{run:?}");
}

#[test]
fn content_that_is_ignored_at_one_path_in_the_history_is_found_at_another() {
    let Some(sandbox) = repository() else { return };
    std::fs::create_dir_all(sandbox.project().join("fixtures")).unwrap();
    sandbox.write(".vaultignore", "fixtures/\n");
    sandbox.write("fixtures/a.txt", VALUE);
    git(&sandbox, &["add", ".vaultignore", "fixtures"]).ok();
    git(&sandbox, &["commit", "-q", "-m", "one"]).ok();
    sandbox.run(["scan", "--history"]).ok().says("1 path that .vaultignore or --ignore names");
    sandbox.write("b.txt", VALUE);
    git(&sandbox, &["add", "b.txt"]).ok();
    git(&sandbox, &["commit", "-q", "-m", "two"]).ok();
    let commit = git(&sandbox, &["rev-parse", "--short=12", "HEAD"]).ok().text();
    found(&sandbox.run(["scan", "--history"]), &format!("b.txt:1  dev/TOKEN, commit {}\n", commit.trim()));
}
