//! Every git command that merges, with and without the driver.

use super::{commit, conflict, fork, get, repository, use_driver};
use crate::device::{Device, add};
use crate::harness::{Run, Sandbox};

/// Two commits on "other" that change A and add D, and one on main that changes B.
fn two_commits(sandbox: &Sandbox) {
    sandbox.git(&["checkout", "-qb", "other"]).ok();
    sandbox.set("dev/A", b"other");
    commit(sandbox, "A");
    sandbox.set("dev/D", b"other");
    commit(sandbox, "D");
    sandbox.set("dev/A", b"other again");
    commit(sandbox, "A again");
    sandbox.git(&["checkout", "-q", "main"]).ok();
    sandbox.set("dev/B", b"main");
    commit(sandbox, "B");
}

fn holds(sandbox: &Sandbox, wanted: &[(&str, &str)]) {
    for (name, value) in wanted {
        assert_eq!(get(sandbox, &format!("dev/{name}")), *value, "{name}");
    }
    sandbox.run(["verify"]).ok();
}

#[test]
fn m12_with_the_driver_git_merges_items_without_help() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    fork(&sandbox, &|| sandbox.set("dev/A", b"other"), &|| sandbox.set("dev/B", b"main"));
    sandbox.git(&["merge", "-q", "--no-edit", "other"]).ok();
    holds(&sandbox, &[("A", "other"), ("B", "main"), ("C", "C-one")]);
}

#[test]
fn m12_a_rebase_of_three_commits_succeeds() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    two_commits(&sandbox);
    sandbox.git(&["checkout", "-q", "other"]).ok();
    sandbox.git(&["rebase", "-q", "main"]).ok();
    holds(&sandbox, &[("A", "other again"), ("B", "main"), ("D", "other")]);
    assert_eq!(sandbox.git(&["log", "--format=%s"]).ok().text(), "A again\nD\nA\nB\none\n");
}

#[test]
fn m12_a_cherry_pick_applies_only_that_change() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    two_commits(&sandbox);
    sandbox.git(&["cherry-pick", "other~1"]).ok();
    holds(&sandbox, &[("A", "A-one"), ("B", "main"), ("D", "other")]);
}

#[test]
fn m12_a_revert_undoes_only_that_change_and_saving_still_works() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    sandbox.set("dev/A", b"two");
    commit(&sandbox, "A");
    sandbox.set("dev/B", b"two");
    commit(&sandbox, "B");
    sandbox.git(&["revert", "--no-edit", "HEAD~1"]).ok();
    holds(&sandbox, &[("A", "A-one"), ("B", "two")]);
    sandbox.set("dev/C", b"two");
    holds(&sandbox, &[("A", "A-one"), ("B", "two"), ("C", "two")]);
}

#[test]
fn m12_a_squash_merge_and_a_stash_pop_succeed() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    two_commits(&sandbox);
    sandbox.git(&["merge", "-q", "--squash", "other"]).ok();
    commit(&sandbox, "squashed");
    holds(&sandbox, &[("A", "other again"), ("B", "main"), ("D", "other")]);
    sandbox.set("dev/C", b"stashed");
    sandbox.git(&["stash", "-q"]).ok();
    sandbox.set("dev/B", b"meanwhile");
    commit(&sandbox, "meanwhile");
    sandbox.git(&["stash", "pop", "-q"]).ok();
    holds(&sandbox, &[("A", "other again"), ("B", "meanwhile"), ("C", "stashed")]);
}

#[test]
fn m12_m14_without_the_driver_vault_merge_names_the_next_command() {
    let Some(sandbox) = repository() else { return };
    two_commits(&sandbox);
    conflict(&sandbox.git(&["cherry-pick", "other~1"]));
    sandbox.run(["merge"]).ok().says("git add secrets.vault && git cherry-pick --continue");
    sandbox.git(&["add", "secrets.vault"]).ok();
    sandbox.git(&["-c", "core.editor=true", "cherry-pick", "--continue"]).ok();
    holds(&sandbox, &[("A", "A-one"), ("B", "main"), ("D", "other")]);
    sandbox.git(&["checkout", "-q", "other"]).ok();
    conflict(&sandbox.git(&["rebase", "main"]));
    for _ in 0..3 {
        if sandbox.git(&["ls-files", "--unmerged"]).ok().text().is_empty() {
            break;
        }
        sandbox.run(["merge"]).ok().says("git rebase --continue");
        sandbox.git(&["add", "secrets.vault"]).ok();
        sandbox.git(&["-c", "core.editor=true", "rebase", "--continue"]);
    }
    holds(&sandbox, &[("A", "other again"), ("B", "main"), ("D", "other")]);
}

#[test]
fn m12_after_a_conflicting_stash_pop_the_only_step_is_git_add() {
    let Some(sandbox) = repository() else { return };
    sandbox.set("dev/C", b"stashed");
    sandbox.git(&["stash", "-q"]).ok();
    sandbox.set("dev/B", b"meanwhile");
    commit(&sandbox, "meanwhile");
    conflict(&sandbox.git(&["stash", "pop"]));
    let run = sandbox.run(["merge"]).ok();
    assert!(run.stderr.ends_with("hint: git add secrets.vault\n"), "{run:?}");
    holds(&sandbox, &[("B", "meanwhile"), ("C", "stashed")]);
}

#[test]
fn m12_an_octopus_merge_works_branch_by_branch() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    for (branch, name) in [("one", "A"), ("two", "B"), ("three", "C")] {
        sandbox.git(&["checkout", "-qb", branch, "main"]).ok();
        sandbox.set(&format!("dev/{name}"), b"changed");
        commit(&sandbox, branch);
    }
    sandbox.git(&["checkout", "-q", "main"]).ok();
    // git gives up an octopus merge at the first textual conflict, without calling a driver.
    let octopus = sandbox.git(&["merge", "-q", "--no-edit", "one", "two", "three"]);
    assert_ne!(octopus.code, 0, "{octopus:?}");
    sandbox.git(&["reset", "-q", "--hard"]).ok();
    for branch in ["one", "two", "three"] {
        sandbox.git(&["merge", "-q", "--no-edit", branch]).ok();
    }
    holds(&sandbox, &[("A", "changed"), ("B", "changed"), ("C", "changed")]);
}

#[test]
fn d5_files_with_windows_line_ends_are_merged() {
    let Some(sandbox) = repository() else { return };
    sandbox.git(&["config", "core.autocrlf", "true"]).ok();
    fork(&sandbox, &|| sandbox.set("dev/A", b"other"), &|| sandbox.set("dev/B", b"main"));
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    sandbox.run(["merge"]).ok();
    holds(&sandbox, &[("A", "other"), ("B", "main")]);
    commit(&sandbox, "merged");
    sandbox.git(&["checkout", "-q", "HEAD", "--", "secrets.vault"]).ok();
    holds(&sandbox, &[("A", "other"), ("B", "main")]);
}

#[test]
fn a_conflict_in_a_linked_work_tree_can_be_merged() {
    let Some(sandbox) = repository() else { return };
    fork(&sandbox, &|| sandbox.set("dev/A", b"other"), &|| sandbox.set("dev/B", b"main"));
    sandbox.git(&["worktree", "add", "-q", "../linked", "other"]).ok();
    conflict(&sandbox.git(&["-C", "../linked", "merge", "-q", "--no-edit", "main"]));
    let linked = sandbox.project().parent().unwrap().join("linked/secrets.vault");
    let file = linked.to_str().unwrap();
    sandbox.run(["--vault", file, "merge"]).ok();
    assert_eq!(sandbox.run(["--vault", file, "get", "dev/B"]).ok().text(), "main");
    assert_eq!(sandbox.run(["--vault", file, "get", "dev/A"]).ok().text(), "other");
}

/// git takes one side whole, because it knows nothing about items.
#[test]
fn m12_a_git_option_that_takes_one_side_loses_nothing_silently() {
    let Some(sandbox) = repository() else { return };
    let other = || {
        sandbox.set("dev/A", b"other");
        sandbox.set("dev/C", b"other");
    };
    fork(&sandbox, &other, &|| sandbox.set("dev/B", b"main"));
    sandbox.git(&["merge", "-q", "--no-edit", "-X", "ours", "other"]).ok();
    let refusal = sandbox.run(["set", "dev/C=x"]).fails(6).says("missing from this file").stderr;
    let commit = refusal.split("vault merge --from ").nth(1).unwrap().split(';').next().unwrap().to_owned();
    sandbox.run(["merge", "--from", &commit]).ok();
    holds(&sandbox, &[("A", "other"), ("B", "main"), ("C", "other")]);
}

#[test]
fn m12_with_the_driver_a_git_option_that_takes_one_side_resolves_no_conflict() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    let other = || ["dev/A", "dev/C"].into_iter().for_each(|name| sandbox.set(name, b"other"));
    fork(&sandbox, &other, &|| ["dev/A", "dev/B"].into_iter().for_each(|name| sandbox.set(name, b"main")));
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "-X", "ours", "other"]));
    sandbox.run(["merge"]).fails(1).says("1 conflict to decide");
    sandbox.run(["merge", "--theirs", "A"]).ok();
    holds(&sandbox, &[("A", "other"), ("B", "main"), ("C", "other")]);
}

#[test]
fn m6_without_the_driver_git_merges_nothing_that_a_removed_user_wrote() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    let ben = add(&sandbox, &["ben", "--write", "dev"]);
    commit(&sandbox, "ben");
    let device = Device::new(&sandbox, "ben").with_key(&ben);
    sandbox.git(&["checkout", "-qb", "other"]).ok();
    device.set("dev/A", b"forged").ok();
    commit(&sandbox, "by ben");
    sandbox.git(&["checkout", "-q", "main"]).ok();
    sandbox.run(["user", "rm", "-y", "ben"]).ok();
    commit(&sandbox, "removed");
    let run = sandbox.git(&["merge", "-q", "--no-edit", "other"]);
    assert_ne!(run.code, 0, "{run:?}");
    assert!(
        run.stderr.contains("dev: ben, who may no longer write dev, saved it in the change being applied"),
        "{run:?}"
    );
    sandbox.git(&["merge", "--abort"]).ok();
    assert_ne!(get(&sandbox, "dev/A"), "forged");
}

/// This branch is older than the change, and never had the state before the change.
#[test]
fn m12_a_change_picked_from_a_newer_branch_brings_nothing_else() {
    let pick: &[&[&str]] = &[&["cherry-pick", "other~1"]];
    let stash: &[&[&str]] = &[&["checkout", "-q", "other~2"], &["checkout", "-q", "main"], &["stash", "pop", "-q"]];
    for (with_driver, steps) in [(true, pick), (false, pick), (true, stash), (false, stash)] {
        let Some(sandbox) = repository() else { return };
        if with_driver {
            use_driver(&sandbox);
        }
        sandbox.git(&["checkout", "-qb", "other"]).ok();
        for (name, value) in [("A", "other"), ("D", "picked"), ("B", "later")] {
            sandbox.set(&format!("dev/{name}"), value.as_bytes());
            commit(&sandbox, name);
        }
        if steps.len() > 1 {
            sandbox.git(&["checkout", "-q", "-B", "work", "other~2"]).ok();
            sandbox.set("dev/D", b"picked");
            sandbox.git(&["stash", "-q"]).ok();
        }
        sandbox.git(&["checkout", "-q", "main"]).ok();
        let runs: Vec<Run> = steps.iter().map(|step| sandbox.git(step)).collect();
        let last = runs.last().unwrap();
        if !with_driver {
            conflict(last);
        }
        let run = if with_driver { last } else { &sandbox.run(["merge"]).ok() };
        assert_eq!(run.code, 0, "{run:?}");
        assert!(!run.stderr.contains("warning"), "{run:?}");
        holds(&sandbox, &[("A", "A-one"), ("B", "B-one"), ("D", "picked")]);
    }
}

#[test]
fn m12_a_commit_dropped_in_a_rebase_is_gone() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    for name in ["A", "B"] {
        sandbox.set(&format!("dev/{name}"), b"two");
        commit(&sandbox, name);
    }
    sandbox.git(&["-c", "sequence.editor=sed -i 1d", "rebase", "-q", "-i", "HEAD~2"]).ok();
    holds(&sandbox, &[("A", "A-one"), ("B", "two")]);
}

/// Without setup, git can combine the users of one branch with the environments of the other.
#[test]
fn m12_a_file_mixed_from_two_branches_is_refused_with_the_command_that_merges_them() {
    let Some(sandbox) = repository() else { return };
    let zoe = add(&sandbox, &["zoe", "--read", "dev"]);
    commit(&sandbox, "zoe");
    fork(&sandbox, &|| drop(sandbox.run(["user", "rm", "-y", "zoe"]).ok()), &|| {
        let elsewhere = Device::new(&sandbox, "elsewhere").with_key(sandbox.key());
        elsewhere.set("dev/A", b"main").ok();
    });
    // Before the commit, right after it, and after further commits.
    sandbox.git(&["merge", "-q", "--no-commit", "-X", "ours", "other"]).ok();
    sandbox.run(["verify"]).fails(6).says("git checkout HEAD -- secrets.vault && vault merge --from MERGE_HEAD");
    sandbox.git(&["commit", "-qm", "mixed"]).ok();
    let hint = "git checkout 'HEAD~' -- secrets.vault && vault merge --from HEAD^2";
    for arguments in [&["get", "dev/A"][..], &["status"], &["verify"]] {
        sandbox.run(arguments).fails(6).says(hint);
    }
    let merge = sandbox.git(&["rev-parse", "HEAD"]).ok().text()[..10].to_owned();
    sandbox.write("code", "2\n");
    sandbox.git(&["add", "code"]).ok();
    sandbox.git(&["commit", "-qm", "code"]).ok();
    let hint = format!("git checkout '{merge}~' -- secrets.vault && vault merge --from {merge}^2");
    sandbox.run(["get", "dev/A"]).fails(6).says(&hint);
    sandbox.git(&["checkout", &format!("{merge}~"), "--", "secrets.vault"]).ok();
    sandbox.run(["merge", "--from", &format!("{merge}^2")]).ok();
    commit(&sandbox, "merged");
    assert_eq!(get(&sandbox, "dev/A"), "main");
    sandbox.set("dev/LATER", b"later");
    Device::new(&sandbox, "zoe").with_key(&zoe).run(&["get", "dev/LATER"]).fails(4);
}
