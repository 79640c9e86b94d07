//! Somebody who can push but has no key can put an old file on top of a newer one. The user who merges signs the
//! result, so an old state is merged only if `git revert` restored it.

use super::{commit, conflict, fork, get, repository, use_driver};
use crate::device::{Device, add};
use crate::harness::{Run, Sandbox};

/// Saves dev/A twice more on main, each in its own commit: versions 5 and 6.
fn two_more_saves(sandbox: &Sandbox) {
    for value in ["two", "three"] {
        sandbox.set("dev/A", value.as_bytes());
        commit(sandbox, value);
    }
}

/// Does what a host can do without a key: puts the file of an older commit on a branch with this name.
fn put_back(sandbox: &Sandbox, branch: &str, revision: &str) {
    sandbox.git(&["checkout", "-qb", branch]).ok();
    sandbox.git(&["checkout", "-q", revision, "--", "secrets.vault"]).ok();
    commit(sandbox, "chore: format");
    sandbox.git(&["checkout", "-q", "main"]).ok();
}

fn is_kept(sandbox: &Sandbox, run: &Run) {
    let put_back = "warning: dev: the change being applied (host) put version 5 by mia back, which drops version ";
    assert!(run.stderr.contains(put_back), "{run:?}");
    assert!(run.stderr.contains("the newer version is kept"), "{run:?}");
    assert!(run.stderr.contains("hint: to go back on purpose: git revert COMMIT"), "{run:?}");
    assert_eq!(get(sandbox, "dev/A"), "three");
    sandbox.run(["verify", "--since", "main^1"]).ok();
}

#[test]
fn an_old_block_is_not_merged_into_local_work_but_named() {
    for with_driver in [true, false] {
        let Some(sandbox) = repository() else { return };
        if with_driver {
            use_driver(&sandbox);
        }
        two_more_saves(&sandbox);
        put_back(&sandbox, "host", "main~1");
        sandbox.set("dev/B", b"local");
        commit(&sandbox, "local work");
        let merge = sandbox.git(&["merge", "-q", "--no-edit", "host"]);
        let run = if with_driver {
            merge.ok()
        } else {
            conflict(&merge);
            let run = sandbox.run(["merge"]).ok();
            commit(&sandbox, "merged");
            run
        };
        is_kept(&sandbox, &run);
        assert_eq!(get(&sandbox, "dev/B"), "local");
    }
}

#[test]
fn an_old_block_is_not_merged_into_work_on_another_environment_but_named() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    two_more_saves(&sandbox);
    put_back(&sandbox, "host", "main~1");
    sandbox.set("prod/P", b"local");
    commit(&sandbox, "local work");
    is_kept(&sandbox, &sandbox.git(&["merge", "-q", "--no-edit", "host"]).ok());
    assert_eq!(get(&sandbox, "prod/P"), "local");
}

#[test]
fn a_rebase_does_not_merge_an_old_block_below_local_work() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    two_more_saves(&sandbox);
    put_back(&sandbox, "host", "main~1");
    sandbox.set("dev/B", b"local");
    commit(&sandbox, "local work");
    let run = sandbox.git(&["rebase", "-q", "host"]).ok();
    assert!(run.stderr.contains("warning: dev: this branch (host) put version 5 by mia back"), "{run:?}");
    assert_eq!((&*get(&sandbox, "dev/A"), &*get(&sandbox, "dev/B")), ("three", "local"));
}

#[test]
fn without_the_applied_commit_the_driver_merges_no_old_block() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    let driver = format!("'{}' merge --driver %O %A %B %P", crate::harness::program().display());
    sandbox.git(&["config", "merge.vault.driver", &driver]).ok();
    two_more_saves(&sandbox);
    put_back(&sandbox, "host", "main~1");
    sandbox.set("dev/B", b"local");
    commit(&sandbox, "local work");
    let run = sandbox.git(&["merge", "-q", "--no-edit", "host"]);
    conflict(&run);
    let run = run
        .says("secrets.vault is not merged: this git doesn't say whether it merges, picks or reverts")
        .says("hint: vault merge");
    assert!(!run.stderr.contains("panicked"), "{run:?}");
    let run = sandbox.run(["merge"]).ok();
    commit(&sandbox, "merged");
    is_kept(&sandbox, &run);
    // The driver can't see the revert, but `vault merge` can.
    sandbox.set("dev/A", b"four");
    commit(&sandbox, "four");
    sandbox.set("dev/C", b"four");
    commit(&sandbox, "C");
    sandbox.git(&["revert", "--no-edit", "HEAD~1"]);
    if !sandbox.git(&["ls-files", "--unmerged"]).ok().text().is_empty() {
        sandbox.run(["merge"]).ok();
        commit(&sandbox, "reverted");
    }
    assert_eq!((&*get(&sandbox, "dev/A"), &*get(&sandbox, "dev/C")), ("three", "four"));
}

#[test]
fn a_change_undone_by_git_revert_stays_undone_after_the_merge() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    two_more_saves(&sandbox);
    let revert = || drop(sandbox.git(&["revert", "--no-edit", "HEAD"]).ok());
    sandbox.git(&["checkout", "-qb", "other"]).ok();
    revert();
    sandbox.git(&["checkout", "-q", "main"]).ok();
    sandbox.set("dev/B", b"local");
    commit(&sandbox, "local work");
    let run = sandbox.git(&["merge", "-q", "--no-edit", "other"]).ok();
    assert!(!run.stderr.contains("warning"), "{run:?}");
    assert_eq!((&*get(&sandbox, "dev/A"), &*get(&sandbox, "dev/B")), ("two", "local"));
    sandbox.run(["verify"]).ok();
}

#[test]
fn a_revert_of_the_last_save_and_of_one_before_it_still_work() {
    for with_driver in [true, false] {
        let Some(sandbox) = repository() else { return };
        if with_driver {
            use_driver(&sandbox);
        }
        two_more_saves(&sandbox);
        sandbox.set("dev/B", b"two");
        commit(&sandbox, "B");
        let revert = |revision: &str| {
            let run = sandbox.git(&["revert", "--no-edit", revision]);
            if run.code != 0 {
                assert!(!with_driver, "{run:?}");
                sandbox.run(["merge"]).ok().says("git revert --continue");
                sandbox.git(&["add", "secrets.vault"]).ok();
                sandbox.git(&["-c", "core.editor=true", "revert", "--continue"]).ok();
            }
        };
        revert("HEAD~1");
        assert_eq!((&*get(&sandbox, "dev/A"), &*get(&sandbox, "dev/B")), ("two", "two"));
        revert("HEAD");
        assert_eq!((&*get(&sandbox, "dev/A"), &*get(&sandbox, "dev/B")), ("three", "two"));
        sandbox.set("dev/C", b"two");
        sandbox.run(["verify"]).ok();
    }
}

#[test]
fn a_block_signed_with_a_replaced_key_is_a_named_conflict() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    let old = add(&sandbox, &["ben", "--write", "dev"]);
    commit(&sandbox, "ben");
    let thief = Device::new(&sandbox, "thief").with_key(&old);
    let ben = Device::new(&sandbox, "ben").with_key(&old);
    let other = || {
        thief.set("dev/A", b"forged").ok();
        thief.set("dev/NEW", b"forged").ok();
    };
    let main = || {
        sandbox.set("dev/B", b"main");
        ben.run(&["passwd", "--key"]).ok();
    };
    fork(&sandbox, &other, &main);
    let run = sandbox.git(&["merge", "-q", "--no-edit", "other"]);
    conflict(&run);
    let why = "warning: dev: a key that ben has since replaced signed it in the change being applied (other)";
    let run = run.says(why).says("dev/A: the change being applied (other) changed its value");
    run.says("dev/NEW: only the change being applied (other) has it").says("2 conflicts to decide");
    sandbox.run(["merge", "--ours", "dev/NEW", "--theirs", "dev/A"]).ok();
    commit(&sandbox, "merged");
    assert_eq!((&*get(&sandbox, "dev/A"), &*get(&sandbox, "dev/B")), ("forged", "main"));
    sandbox.run(["get", "dev/NEW"]).fails(3);
    sandbox.run(["verify"]).ok();
}

#[test]
fn one_side_can_be_chosen_for_everything_in_a_conflicting_environment() {
    let Some(sandbox) = repository() else { return };
    let set = |value: &'static str| move |name: &str| (name.to_owned(), value);
    let all = |value: &'static str| ["dev/A", "dev/B", "prod/P"].map(set(value));
    let write = |value: &'static str| all(value).iter().for_each(|(name, value)| sandbox.set(name, value.as_bytes()));
    fork(&sandbox, &|| write("other"), &|| write("main"));
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    sandbox.run(["merge", "--theirs", "dev/*"]).fails(1).says("1 conflict to decide").says("prod/P");
    sandbox.run(["merge", "--theirs", "stage/*"]).fails(3).says("nothing in stage is in conflict");
    sandbox.run(["merge", "--theirs", "dev/*", "--ours", "prod/P"]).ok();
    let values = ["dev/A", "dev/B", "prod/P"].map(|name| get(&sandbox, name));
    assert_eq!(values, ["other", "other", "main"]);
}
