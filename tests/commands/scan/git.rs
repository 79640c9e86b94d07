//! `scan` with git: the hook, staged files, the history, and several vaults in one repository.

use super::{VALUE, found, git, sandbox};
use crate::harness::{Sandbox, feed, finish, has};
use crate::unlocked::{PASSPHRASE, Unlocked};

#[test]
fn the_hook_refuses_a_commit_and_the_history_names_one() {
    if !has("git") {
        return;
    }
    let sandbox = sandbox();
    git(&sandbox, &["init", "-q"]).ok();
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
    if !has("git") {
        return;
    }
    let sandbox = sandbox();
    git(&sandbox, &["init", "-q"]).ok();
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
    let sandbox = sandbox();
    if !has("git") {
        return;
    }
    git(&sandbox, &["init", "-q"]).ok();
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
fn one_hook_scans_for_the_values_of_every_vault_in_the_repository() {
    if !has("git") {
        return;
    }
    const PASSPHRASE: &str = "seven purple lanterns drift over quiet harbors";
    let sandbox = Sandbox::empty();
    let service = sandbox.project().join("service");
    std::fs::create_dir_all(&service).unwrap();
    git(&sandbox, &["init", "-q"]).ok();
    let run = |arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        command.env("VAULT_PASSPHRASE", PASSPHRASE);
        finish(command)
    };
    run(&["init"]).ok();
    run(&["init", "--vault", "service/secrets.vault"]).ok();
    run(&["set", "--vault", "service/secrets.vault", "TOKEN=only-in-the-service"]).ok();
    sandbox.write("a.txt", "only-in-the-service");
    git(&sandbox, &["add", "a.txt"]).ok();
    run(&["scan", "--staged"]).ok();
    let both = run(&["scan", "--staged", "--all-vaults"]);
    assert_eq!((both.code, both.text().lines().count()), (1, 1), "{both:?}");
    assert!(both.text().starts_with("a.txt:1  dev/TOKEN"), "{both:?}");
    // A pipe can be read only once.
    let piped = sandbox.command(["scan", "--staged", "--all-vaults", "--passphrase-fd", "0"]);
    let piped = feed(piped, format!("{PASSPHRASE}\n").as_bytes());
    assert_eq!((piped.code, piped.text().lines().count()), (1, 1), "{piped:?}");
    run(&["scan", "--install-hook"]).ok();
    assert_eq!(std::fs::read_to_string(sandbox.project().join(".git/hooks/pre-commit")).unwrap().lines().count(), 3);
    // Environment names belong to one vault.
    run(&["scan", "--all-vaults", "-e", "dev"]).fails(2).says("-e names environments of one vault");
}

#[test]
fn with_several_vaults_the_key_can_open_one_and_the_agent_another() {
    if !has("git") {
        return;
    }
    let vault = Unlocked::with_passphrase();
    let sandbox = &vault.sandbox;
    git(sandbox, &["init", "-q"]).ok();
    std::fs::create_dir_all(sandbox.project().join("service")).unwrap();
    let key = finish(vault.command(&["init", "--key", "--vault", "service/secrets.vault"])).ok().text();
    vault.unlock_with("VAULT_PASSPHRASE", PASSPHRASE).ok();
    finish(vault.command(&["set", "TOKEN=of-the-first-vault"])).ok();
    let scan = || {
        let mut command = vault.command(&["scan", "--staged", "--all-vaults"]);
        command.env("VAULT_KEY", key.trim());
        finish(command)
    };
    sandbox.write("a.txt", "nothing");
    git(sandbox, &["add", "a.txt"]).ok();
    scan().ok();
    sandbox.write("a.txt", "of-the-first-vault");
    git(sandbox, &["add", "a.txt"]).ok();
    let found = scan();
    assert_eq!((found.code, found.text().as_str()), (1, "a.txt:1  dev/TOKEN of ./secrets.vault\n"));
}

#[test]
fn a_vault_of_other_people_causes_a_warning_and_stops_no_commit() {
    if !has("git") {
        return;
    }
    let sandbox = sandbox();
    git(&sandbox, &["init", "-q"]).ok();
    let others = Sandbox::with_vault();
    std::fs::create_dir_all(sandbox.project().join("others")).unwrap();
    std::fs::copy(others.vault(), sandbox.project().join("others/secrets.vault")).unwrap();
    sandbox.write("a.txt", "nothing");
    git(&sandbox, &["add", "a.txt"]).ok();
    const SAID: &str = "not looked for: the values of ./others/secrets.vault";
    sandbox.run(["scan", "--staged", "--all-vaults"]).ok().says(SAID);
    // The hook runs at every commit, so one warning is enough.
    let again = sandbox.run(["scan", "--staged", "--all-vaults"]).ok();
    assert!(!again.stderr.contains(SAID), "{again:?}");
    sandbox.run(["scan", "--all-vaults", "a.txt"]).ok().says(SAID);
    sandbox.write("a.txt", VALUE);
    git(&sandbox, &["add", "a.txt"]).ok();
    assert_eq!(sandbox.run(["scan", "--staged", "--all-vaults"]).code, 1);
}

#[test]
fn a_vault_of_other_people_is_left_out_even_if_it_is_older_than_what_this_device_has_seen() {
    if !has("git") {
        return;
    }
    let sandbox = sandbox();
    git(&sandbox, &["init", "-q"]).ok();
    let (others, theirs) = (Sandbox::with_vault(), sandbox.project().join("others/secrets.vault"));
    let old = std::fs::read(others.vault()).unwrap();
    others.run(["env", "add", "qa"]).ok();
    std::fs::create_dir_all(sandbox.project().join("others")).unwrap();
    std::fs::copy(others.vault(), &theirs).unwrap();
    let strict = |arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        command.env("VAULT_STRICT", "1");
        finish(command)
    };
    sandbox.run(["verify", "--vault", "others/secrets.vault"]).ok();
    std::fs::write(&theirs, old).unwrap();
    strict(&["verify", "--vault", "others/secrets.vault"]).fails(6);
    sandbox.write("a.txt", "nothing");
    let said = "not looked for: the values of ./others/secrets.vault";
    strict(&["scan", "--all-vaults", "a.txt"]).ok().says(said);
    sandbox.write("a.txt", VALUE);
    assert_eq!(strict(&["scan", "--all-vaults", "a.txt"]).code, 1);
}

/// A repository with a staged file and no vault. `None` without git.
fn staged_without_a_vault() -> Option<Sandbox> {
    if !has("git") {
        return None;
    }
    let sandbox = Sandbox::empty();
    git(&sandbox, &["init", "-q"]).ok();
    sandbox.write("a.txt", "nothing");
    git(&sandbox, &["add", "a.txt"]).ok();
    Some(sandbox)
}

#[test]
fn if_no_vault_can_be_opened_the_scan_fails_instead_of_finding_nothing() {
    let Some(sandbox) = staged_without_a_vault() else { return };
    for name in ["one", "two"] {
        let others = Sandbox::with_vault();
        std::fs::create_dir_all(sandbox.project().join(name)).unwrap();
        std::fs::copy(others.vault(), sandbox.project().join(name).join("secrets.vault")).unwrap();
        sandbox.run(["scan", "--staged", "--all-vaults"]).fails(4).says("it was never unlocked on this device");
    }
}

#[test]
fn in_a_repository_without_a_vault_there_is_nothing_to_search_for() {
    let Some(sandbox) = staged_without_a_vault() else { return };
    sandbox.run(["scan", "--staged", "--all-vaults"]).ok().says("Found none of 0 values.");
}

#[test]
fn content_that_is_ignored_at_one_path_in_the_history_is_found_at_another() {
    if !has("git") {
        return;
    }
    let sandbox = sandbox();
    git(&sandbox, &["init", "-q"]).ok();
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
