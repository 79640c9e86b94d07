//! A cherry-pick takes one commit: earlier ones of its branch are neither added nor removed.

use super::{commit, conflict, get, repository, use_driver};
use crate::harness::{Run, Sandbox};

/// On "other" two items are added in a commit each, and on main one. Ends on main.
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

/// Runs git, and `vault merge` if no driver did.
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
fn m12_a_branch_that_a_commit_was_picked_from_is_merged_later_with_all_that_came_before_that_commit() {
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
fn m12_a_rebase_that_puts_commits_into_another_order_loses_none() {
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
fn m12_a_commit_that_a_rebase_dropped_comes_with_another_branch_that_has_it() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    two_commits_and_one(&sandbox);
    sandbox.git(&["checkout", "-q", "-b", "work", "other"]).ok();
    sandbox.git(&["-c", "sequence.editor=sed -i 1d", "rebase", "-q", "-i", "main"]).ok();
    assert_eq!(names(&sandbox), ["A", "B", "C", "OWN", "PICKED"]);
    sandbox.git(&["merge", "-q", "--no-edit", "other"]).ok();
    assert_eq!(names(&sandbox), ["A", "B", "BEFORE", "C", "OWN", "PICKED"]);
}
