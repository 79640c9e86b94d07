//! A file with an unfinished merge: what can be used, and that no save overwrites a side.

use super::{commit, conflict, fork, get, repository, use_driver};
use crate::device::{Device, add};
use crate::harness::Sandbox;

/// dev is changed on both sides, prod only on the other branch, and git has stopped in the middle of the merge.
fn unmerged(sandbox: &Sandbox) {
    let other = || {
        sandbox.set("dev/A", b"other");
        sandbox.set("prod/P", b"other");
    };
    fork(sandbox, &other, &|| sandbox.set("dev/A", b"main"));
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
}

/// Checks what must hold before the merge and after it.
fn only_merged_environments_are_usable(sandbox: &Sandbox) {
    assert_eq!(get(sandbox, "prod/P"), "other");
    sandbox.run(["exec", "-e", "prod", "--", "sh", "-c", "test \"$P\" = other"]).ok().says("unresolved merge");
    sandbox.run(["get", "dev/A"]).fails(6).says("dev has an unresolved merge").says("vault merge");
    sandbox.run(["exec", "-e", "dev", "--", "true"]).fails(125).says("vault merge");
    let before = std::fs::read(sandbox.vault()).unwrap();
    for arguments in [&["set", "prod/Q=1"][..], &["rm", "-y", "prod/P"], &["user", "add", "ben"], &["verify"]] {
        sandbox.run(arguments).fails(6).says("unresolved merge").says("vault merge");
    }
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
    sandbox.run(["status"]).ok().says("unresolved merge");
    let scanned = sandbox.run(["scan"]).fails(1).says("error: the values of dev could not be read");
    scanned.says("in what was read");
    sandbox.run(["scan", "-e", "prod"]).ok();
    let listed = sandbox.run(["get", "prod/P", "--strict"]).fails(6).says("unresolved merge");
    assert!(listed.stdout.is_empty());
    sandbox.run(["merge", "--ours", "A"]).ok();
    // git doesn't know yet that the conflict is resolved, but the file says so.
    assert_eq!(get(sandbox, "dev/A"), "main");
    sandbox.set("prod/Q", b"1");
    sandbox.run(["merge"]).ok().says("is already merged");
    commit(sandbox, "merged");
    assert_eq!(get(sandbox, "prod/Q"), "1");
}

#[test]
fn d6_outside_gits_conflict_markers_the_file_stays_usable() {
    let Some(sandbox) = repository() else { return };
    unmerged(&sandbox);
    assert!(std::fs::read_to_string(sandbox.vault()).unwrap().contains("<<<<<<<"));
    only_merged_environments_are_usable(&sandbox);
}

#[test]
fn d6_after_a_conflict_in_the_driver_no_save_overwrites_the_other_side() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    unmerged(&sandbox);
    assert!(!std::fs::read_to_string(sandbox.vault()).unwrap().contains("<<<<<<<"));
    only_merged_environments_are_usable(&sandbox);
}

#[test]
fn d6_a_stash_popped_onto_another_change_counts_as_unmerged() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    sandbox.set("dev/A", b"stashed");
    sandbox.git(&["stash", "-q"]).ok();
    sandbox.set("dev/A", b"meanwhile");
    commit(&sandbox, "meanwhile");
    conflict(&sandbox.git(&["stash", "pop"]));
    sandbox.run(["set", "dev/B=x"]).fails(6).says("vault merge");
    sandbox.run(["merge", "--theirs", "A"]).ok();
    assert_eq!(get(&sandbox, "dev/A"), "stashed");
}

#[test]
fn d6_a_change_carried_to_another_branch_counts_as_unmerged_even_without_git_state() {
    for version in ["2", "4"] {
        let Some(sandbox) = repository() else { return };
        use_driver(&sandbox);
        sandbox.git(&["config", "index.version", version]).ok();
        sandbox.git(&["update-index", "--force-write-index", "--index-version", version]).ok();
        fork(&sandbox, &|| sandbox.set("dev/A", b"other"), &|| sandbox.set("prod/P", b"main"));
        sandbox.set("dev/A", b"carried");
        sandbox.git(&["checkout", "-q", "--merge", "other"]).ok();
        assert!(!sandbox.project().join(".git/AUTO_MERGE").exists());
        assert_eq!(std::fs::read(sandbox.project().join(".git/index")).unwrap()[7], version.as_bytes()[0] - b'0');
        sandbox.run(["get", "dev/A"]).fails(6).says("dev has an unresolved merge").says("vault merge");
        sandbox.run(["set", "dev/B=x"]).fails(6).says("unresolved merge").says("vault merge");
        sandbox.run(["verify"]).fails(6).says("unresolved merge");
        assert!(sandbox.run(["status"]).stderr.contains("unresolved merge"));
        sandbox.run(["merge", "--theirs", "A"]).ok();
        assert_eq!(get(&sandbox, "dev/A"), "carried");
    }
}

#[test]
fn a_side_taken_whole_is_reported_as_missing_the_other_side() {
    let Some(sandbox) = repository() else { return };
    unmerged(&sandbox);
    sandbox.git(&["checkout", "-q", "--theirs", "secrets.vault"]).ok();
    sandbox.run(["set", "dev/B=x"]).fails(6).says("unresolved merge").says("vault merge");
    sandbox.git(&["add", "secrets.vault"]).ok();
    sandbox.run(["set", "dev/B=x"]).fails(6).says("is missing from this file").says("vault merge --from");
}

#[test]
fn during_a_merge_a_vault_without_conflicts_can_be_used() {
    let Some(sandbox) = repository() else { return };
    let change = |branch: &str| {
        sandbox.write("notes", branch);
        sandbox.git(&["add", "notes"]).ok();
        sandbox.set(&format!("{branch}/N"), b"1");
    };
    sandbox.git(&["config", "merge.conflictStyle", "diff3"]).ok();
    fork(&sandbox, &|| change("prod"), &|| change("dev"));
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    sandbox.set("dev/B", b"now");
    assert_eq!((&*get(&sandbox, "dev/B"), &*get(&sandbox, "prod/N")), ("now", "1"));
}

#[test]
fn d6_without_git_the_sides_are_read_from_the_conflict_markers() {
    let Some(sandbox) = repository() else { return };
    unmerged(&sandbox);
    std::fs::rename(sandbox.project().join(".git"), sandbox.home().join("git")).unwrap();
    assert_eq!(get(&sandbox, "prod/P"), "other");
    sandbox.run(["get", "dev/A"]).fails(6).says("dev has an unresolved merge");
    sandbox.run(["set", "prod/Q=1"]).fails(6).says("unresolved merge");
    let text = std::fs::read_to_string(sandbox.vault()).unwrap();
    let forged = text.replacen("author = \"mia\"\ntime = \"2", "author = \"ben\"\ntime = \"2", 1);
    sandbox.write("secrets.vault", &forged);
    sandbox.run(["get", "prod/P"]).fails(6).says("unresolved merge").says("vault merge");
    sandbox.run(["merge", "--ours", "A"]).fails(6).says("this branch has no valid vault");
    sandbox.write("secrets.vault", &text);
    sandbox.run(["merge"]).fails(1).says("1 conflict to decide");
    sandbox.run(["merge", "--ours", "A"]).ok();
    assert_eq!((&*get(&sandbox, "dev/A"), &*get(&sandbox, "prod/P")), ("main", "other"));
}

#[test]
fn m12_a_mixed_file_from_a_rebase_or_cherry_pick_is_refused_with_the_command_that_merges_it() {
    for (start, command) in [("other", "rebase -q -X theirs main"), ("main", "cherry-pick -X theirs other")] {
        let Some(sandbox) = repository() else { return };
        add(&sandbox, &["zoe", "--read", "dev"]);
        commit(&sandbox, "zoe");
        let elsewhere = Device::new(&sandbox, "elsewhere").with_key(sandbox.key());
        fork(&sandbox, &|| drop(elsewhere.set("dev/A", b"other").ok()), &|| {
            sandbox.run(["user", "rm", "-y", "zoe"]).ok();
        });
        sandbox.git(&["checkout", "-q", start]).ok();
        sandbox.git(&command.split(' ').collect::<Vec<_>>()).ok();
        let run = sandbox.run(["get", "dev/A"]).fails(6).says("git mixed lines of both branches");
        let hint = run.stderr.lines().find_map(|line| line.split_once("by item: ")).unwrap().1.to_owned();
        let (git, merge) = hint.split_once(" && ").unwrap();
        assert!(merge.starts_with("vault merge --from "), "{hint}");
        sandbox.git(&git.split(' ').skip(1).collect::<Vec<_>>()).ok();
        sandbox.run(merge.split(' ').skip(1)).ok();
        commit(&sandbox, "merged");
        assert_eq!(get(&sandbox, "dev/A"), "other", "{command}");
        sandbox.set("dev/LATER", b"later");
        assert!(!sandbox.run(["user", "list"]).ok().text().contains("zoe"));
    }
}
