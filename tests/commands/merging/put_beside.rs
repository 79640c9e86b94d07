//! A state that is validly signed but isn't an ancestor of the newest one, such as that of an abandoned branch. Anybody
//! who can push can put it in the place of the newest state, without a key. If a commit made on the newest state is
//! then picked onto it, the user who picks signs the result.

use super::{commit, conflict, get, repository, use_driver};
use crate::harness::{Run, Sandbox};

/// main has two more saves of A, with one of C between them. The branch "given-up" has another save of A. There is a
/// remote with all of it, and main is checked out.
fn with_an_abandoned_branch() -> Option<Sandbox> {
    let sandbox = repository()?;
    use_driver(&sandbox);
    sandbox.git(&["checkout", "-qb", "given-up"]).ok();
    sandbox.set("dev/A", b"given up");
    commit(&sandbox, "given up");
    sandbox.git(&["checkout", "-q", "main"]).ok();
    for (name, value) in [("A", "two"), ("C", "two"), ("A", "three")] {
        sandbox.set(&format!("dev/{name}"), value.as_bytes());
        commit(&sandbox, value);
    }
    sandbox.git(&["init", "-q", "--bare", "../origin"]).ok();
    sandbox.git(&["remote", "add", "origin", "../origin"]).ok();
    sandbox.git(&["push", "-q", "-u", "origin", "main", "given-up"]).ok();
    Some(sandbox)
}

/// Does what a host can do: makes a commit with another file on top of this commit, as origin's main.
fn host_puts(sandbox: &Sandbox, revision: &str, on: &str) {
    sandbox.git(&["checkout", "-q", "--detach", on]).ok();
    sandbox.git(&["checkout", "-q", revision, "--", "secrets.vault"]).ok();
    commit(sandbox, "chore: format");
    let tip = sandbox.git(&["rev-parse", "HEAD"]).ok().text();
    sandbox.git(&["checkout", "-q", "main"]).ok();
    // A fetch brings the objects, and the host decides where the branch points.
    sandbox.git(&["push", "-q", "origin", &format!("{}:refs/heads/work", tip.trim())]).ok();
    sandbox.git(&["--git-dir=../origin", "update-ref", "refs/heads/main", tip.trim()]).ok();
}

fn is_in_conflict(sandbox: &Sandbox, run: &Run, this_branch: &str) {
    assert_ne!(run.code, 0, "{run:?}");
    let lost =
        format!("warning: dev: this branch ({this_branch}) has lost version 7 by mia, which the change being applied");
    assert!(run.stderr.contains(&lost), "{run:?}");
    assert!(run.stderr.contains(&format!("dev/A: this branch ({this_branch}) changed its value")), "{run:?}");
    assert!(run.stderr.contains("vault merge --theirs dev/A --theirs dev/C; "), "{run:?}");
    assert!(!run.stderr.contains("dev/B"), "{run:?}");
    sandbox.run(["merge", "--theirs", "dev/*"]).ok();
    sandbox.git(&["add", "secrets.vault"]).ok();
}

fn is_kept(sandbox: &Sandbox) {
    let values = ["dev/A", "dev/B", "dev/C"].map(|name| get(sandbox, name));
    assert_eq!(values, ["three", "local", "two"]);
    sandbox.run(["verify"]).ok();
}

#[test]
fn a_pull_with_rebase_onto_an_abandoned_state_is_a_named_conflict() {
    // On top of the newest state, and in its place by a forced push; also with commits that make an old state look
    // newest.
    for (on, between) in [("main", None), ("main~3", None), ("main", Some("main~3"))] {
        let Some(sandbox) = with_an_abandoned_branch() else { return };
        let on = match between {
            None => on.to_owned(),
            Some(old) => {
                host_puts(&sandbox, old, on);
                sandbox.git(&["--git-dir=../origin", "rev-parse", "main"]).ok().text().trim().to_owned()
            }
        };
        host_puts(&sandbox, "given-up", &on);
        sandbox.set("dev/B", b"local");
        commit(&sandbox, "local work");
        let run = sandbox.git(&["pull", "-q", "--rebase"]);
        is_in_conflict(&sandbox, &run, "origin/main");
        sandbox.git(&["-c", "core.editor=true", "rebase", "--continue"]).ok();
        is_kept(&sandbox);
    }
}

#[test]
fn a_stash_from_before_a_pull_of_an_abandoned_state_is_a_named_conflict() {
    let Some(sandbox) = with_an_abandoned_branch() else { return };
    host_puts(&sandbox, "given-up", "main");
    sandbox.set("dev/B", b"local");
    // git hides why the driver refuses here, and keeps the stash.
    sandbox.git(&["pull", "-q", "--rebase", "--autostash"]).ok().says("Your changes are safe in the stash");
    let run = sandbox.run(["merge"]);
    is_in_conflict(&sandbox, &run, "main");
    is_kept(&sandbox);
}

#[test]
fn a_commit_picked_onto_an_abandoned_state_is_a_named_conflict() {
    let Some(sandbox) = with_an_abandoned_branch() else { return };
    host_puts(&sandbox, "given-up", "main");
    sandbox.git(&["checkout", "-qb", "feature"]).ok();
    sandbox.set("dev/B", b"local");
    commit(&sandbox, "local work");
    sandbox.git(&["checkout", "-q", "main"]).ok();
    sandbox.git(&["pull", "-q", "--ff-only"]).ok();
    let run = sandbox.git(&["cherry-pick", "feature"]);
    conflict(&run);
    is_in_conflict(&sandbox, &run, "main");
    sandbox.git(&["-c", "core.editor=true", "cherry-pick", "--continue"]).ok();
    is_kept(&sandbox);
}

/// A branch that never had the item loses nothing.
#[test]
fn picking_and_rebasing_onto_an_honest_branch_still_works() {
    let Some(sandbox) = with_an_abandoned_branch() else { return };
    sandbox.set("dev/B", b"local");
    commit(&sandbox, "local work");
    sandbox.git(&["checkout", "-q", "given-up"]).ok();
    let run = sandbox.git(&["cherry-pick", "main"]).ok();
    assert!(!run.stderr.contains("warning"), "{run:?}");
    let values = || ["dev/A", "dev/B", "dev/C"].map(|name| get(&sandbox, name));
    assert_eq!(values(), ["given up", "local", "C-one"]);
    sandbox.git(&["rebase", "-q", "--onto", "given-up~1", "main~1", "main"]).ok();
    assert_eq!(values(), ["given up", "local", "C-one"]);
}
