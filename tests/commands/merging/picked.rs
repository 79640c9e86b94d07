//! A cherry-pick applies one commit: earlier commits of its branch are neither added nor removed.

use super::{commit, conflict, get, repository, use_driver};
use crate::harness::{Run, Sandbox};

/// On "other", two commits add an item each, and on main one does. Ends on main.
fn two_commits_and_one(sandbox: &Sandbox) {
    sandbox.git(&["checkout", "-qb", "other"]).ok();
    for name in ["BEFORE", "PICKED"] {
        sandbox.set(&format!("dev/{name}"), b"other");
        commit(sandbox, name);
    }
    sandbox.git(&["checkout", "-q", "main"]).ok();
    sandbox.set("dev/OWN", b"main");
    commit(sandbox, "own");
}

/// Runs git, and then `vault merge` if there is no driver.
fn merges(sandbox: &Sandbox, with_driver: bool, arguments: &[&str], then: &[&str]) {
    let run: Run = sandbox.git(arguments);
    if with_driver {
        run.ok();
        return;
    }
    conflict(&run);
    sandbox.run(["merge"]).ok();
    sandbox.run(["merge"]).ok().says("is already merged");
    assert_eq!(get(sandbox, "dev/PICKED"), "other", "it can be used before git add");
    sandbox.git(&["add", "secrets.vault"]).ok();
    sandbox.git(&[&["-c", "core.editor=true"], then].concat()).ok();
}

fn names(sandbox: &Sandbox) -> Vec<String> {
    let list = sandbox.run(["list", "-e", "dev", "--json"]).ok();
    assert!(list.stderr.is_empty(), "{list:?}");
    list.json().as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn m12_after_a_cherry_pick_the_branch_can_still_be_merged_with_its_earlier_commits() {
    for with_driver in [true, false] {
        for goes_on in [false, true] {
            let Some(sandbox) = repository() else { return };
            if with_driver {
                use_driver(&sandbox);
            }
            two_commits_and_one(&sandbox);
            merges(&sandbox, with_driver, &["cherry-pick", "other"], &["cherry-pick", "--continue"]);
            assert_eq!(names(&sandbox), ["A", "B", "C", "OWN", "PICKED"]);
            let mut wanted = vec!["A", "B", "BEFORE", "C", "OWN", "PICKED"];
            if goes_on {
                sandbox.git(&["checkout", "-q", "other"]).ok();
                sandbox.set("dev/LATER", b"other");
                commit(&sandbox, "later");
                sandbox.git(&["checkout", "-q", "main"]).ok();
                wanted.insert(4, "LATER");
            }
            for branch in ["main", "other"] {
                let from = if branch == "main" { "other" } else { "main" };
                sandbox.git(&["checkout", "-q", "-B", &format!("merged-{branch}"), branch]).ok();
                merges(&sandbox, with_driver, &["merge", "--no-edit", from], &["commit", "-qm", "merged"]);
                assert_eq!(names(&sandbox), wanted, "{with_driver} {goes_on} {branch}");
                sandbox.set("dev/SAVED", b"on top");
                sandbox.git(&["checkout", "-q", "secrets.vault"]).ok();
            }
        }
    }
}

#[test]
fn m12_a_rebase_that_reorders_commits_loses_none() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    two_commits_and_one(&sandbox);
    sandbox.git(&["checkout", "-q", "other"]).ok();
    sandbox.set("dev/BEFORE", b"fixed");
    sandbox.git(&["commit", "-qa", "--fixup", "HEAD~1"]).ok();
    sandbox.git(&["-c", "sequence.editor=true", "rebase", "-q", "-i", "--autosquash", "main"]).ok();
    assert_eq!(sandbox.git(&["log", "--format=%s"]).ok().text(), "PICKED\nBEFORE\nown\none\n");
    assert_eq!(names(&sandbox), ["A", "B", "BEFORE", "C", "OWN", "PICKED"]);
    assert_eq!(get(&sandbox, "dev/BEFORE"), "fixed");
    sandbox.git(&["checkout", "-q", "HEAD~1"]).ok();
    assert_eq!(names(&sandbox), ["A", "B", "BEFORE", "C", "OWN"]);
    sandbox.git(&["checkout", "-q", "other"]).ok();
    sandbox.set("dev/SAVED", b"on top");
}

/// As with any file, a branch that still has the commit brings it back.
#[test]
fn m12_a_commit_dropped_in_a_rebase_comes_back_with_another_branch_that_has_it() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    two_commits_and_one(&sandbox);
    sandbox.git(&["checkout", "-q", "-b", "work", "other"]).ok();
    sandbox.git(&["-c", "sequence.editor=sed -i 1d", "rebase", "-q", "-i", "main"]).ok();
    assert_eq!(names(&sandbox), ["A", "B", "C", "OWN", "PICKED"]);
    sandbox.git(&["merge", "-q", "--no-edit", "other"]).ok();
    assert_eq!(names(&sandbox), ["A", "B", "BEFORE", "C", "OWN", "PICKED"]);
}
