//! Environments that one branch removed and the other changed, or that both branches added under the same name.

use super::{commit, conflict, fork, get, repository, use_driver};
use crate::device::{Device, add};
use crate::harness::Sandbox;
use std::process::Stdio;

fn environments(sandbox: &Sandbox) -> String {
    sandbox.run(["env", "list"]).ok().text()
}

/// The branch "other" removes prod, and main changes it. Leaves the repository in the middle of the merge, on a new
/// branch made from `here`.
fn removed_and_changed(sandbox: &Sandbox, here: &str) {
    let there = if here == "main" { "other" } else { "main" };
    sandbox.git(&["checkout", "-q", "-B", &format!("merged-{here}"), here]).ok();
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", there]));
}

#[test]
fn m5_an_environment_removed_on_one_side_and_changed_on_the_other_is_a_named_conflict() {
    for with_driver in [false, true] {
        let Some(sandbox) = repository() else { return };
        if with_driver {
            use_driver(&sandbox);
        }
        sandbox.set("prod/P", b"one");
        sandbox.run(["env", "protect", "prod"]).ok();
        commit(&sandbox, "prod");
        let remove = ["env", "rm", "-y", "prod", "--reason", "test"];
        fork(&sandbox, &|| drop(sandbox.run(remove).ok()), &|| {
            sandbox.run_with_input(["set", "prod/P", "--reason", "test"], b"two").ok();
            sandbox.set("dev/A", b"main");
        });
        for (here, keep, drop) in [("main", "--ours", "--theirs"), ("other", "--theirs", "--ours")] {
            removed_and_changed(&sandbox, here);
            let before = std::fs::read(sandbox.vault()).unwrap();
            let run = sandbox.run(["merge"]).fails(1).says("1 conflict to decide; nothing was written");
            assert!(
                run.stderr.contains("prod: one side removed the environment, and the other one changed it"),
                "{run:?}"
            );
            assert!(run.stderr.contains("version 3 by mia") && run.stderr.contains(" removed\n"), "{run:?}");
            assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
            // Dropping the environment needs no key.
            let mut command = sandbox.command(["merge", drop, "prod/*"]);
            command.env_remove("VAULT_KEY");
            let run = crate::harness::finish(command).ok();
            assert!(run.stderr.contains("prod: the environment is removed, as in "), "{run:?}");
            sandbox.git(&["add", "secrets.vault"]).ok();
            assert!(!environments(&sandbox).contains("prod"));
            assert_eq!(get(&sandbox, "dev/A"), "main");
            sandbox.git(&["merge", "--abort"]).ok();
            removed_and_changed(&sandbox, here);
            sandbox.run(["merge", keep, "prod/*"]).ok().says("prod: the environment stays, as in ");
            commit(&sandbox, "merged");
            let run = sandbox.run(["get", "prod/P", "--reason", "test"]).ok();
            assert_eq!((&*run.text(), &*run.stderr), ("two", ""));
            assert!(environments(&sandbox).contains("protected"), "it must still be protected");
            let due = sandbox.run(["list", "--due", "-e", "prod", "--json"]).ok().json();
            assert_eq!(due, serde_json::json!([]), "nobody has lost a right");
            sandbox.set("dev/B", b"later");
            sandbox.git(&["checkout", "-q", "secrets.vault"]).ok();
        }
    }
}

#[test]
fn a_user_who_may_not_add_environments_is_told_who_can_keep_it_and_how_to_remove_it() {
    let Some(sandbox) = repository() else { return };
    let ben = add(&sandbox, &["ben", "--write", "prod", "--write", "dev"]);
    commit(&sandbox, "ben");
    let bens = Device::new(&sandbox, "ben").with_key(&ben);
    fork(&sandbox, &|| drop(sandbox.run(["env", "rm", "-y", "prod"]).ok()), &|| drop(bens.set("prod/P", b"two").ok()));
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    let run = bens.run(&["merge", "--ours", "prod/*"]).fails(5).says("only an admin who writes it can keep it");
    run.says("hint: mia can; to let it go: vault merge --theirs 'prod/*'");
    sandbox.run(["merge", "--ours", "prod/*"]).ok();
    commit(&sandbox, "merged");
    for device in [&bens, &Device::new(&sandbox, "elsewhere").with_key(&ben)] {
        assert_eq!(device.run(&["get", "prod/P"]).ok().text(), "two");
    }
    bens.set("prod/P", b"three").ok();
}

#[test]
fn m6_keeping_an_environment_does_not_restore_rights() {
    let Some(sandbox) = repository() else { return };
    let [ben, zoe] = ["ben", "zoe"].map(|name| add(&sandbox, &[name, "--write", "prod"]));
    commit(&sandbox, "ben and zoe");
    let remove = || {
        sandbox.run(["user", "rm", "-y", "ben"]).ok();
        sandbox.run(["revoke", "zoe", "prod"]).ok();
        sandbox.run(["env", "rm", "-y", "prod"]).ok();
    };
    let elsewhere = Device::new(&sandbox, "elsewhere").with_key(sandbox.key());
    fork(&sandbox, &remove, &|| drop(elsewhere.set("prod/P", b"two").ok()));
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    sandbox.run(["merge", "--ours", "prod/*"]).ok().says("who have lost that right");
    commit(&sandbox, "merged");
    assert_eq!(get(&sandbox, "prod/P"), "two");
    assert!(sandbox.run(["list", "--due", "-e", "prod"]).ok().text().contains('P'));
    sandbox.set("prod/LATER", b"later");
    for (name, key, code) in [("ben", &ben, 4), ("zoe", &zoe, 5)] {
        Device::new(&sandbox, name).with_key(key).run(&["get", "prod/LATER"]).fails(code);
    }
}

#[test]
fn an_environment_restored_by_git_revert_is_kept_by_name() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    sandbox.set("prod/P", b"one");
    commit(&sandbox, "prod");
    sandbox.run(["env", "rm", "-y", "prod"]).ok();
    commit(&sandbox, "without prod");
    sandbox.set("dev/A", b"later");
    commit(&sandbox, "later");
    conflict(&sandbox.git(&["revert", "--no-edit", "HEAD~"]));
    sandbox.run(["merge"]).fails(1).says("--ours 'prod/*'");
    sandbox.run(["merge", "--theirs", "prod/*"]).ok();
    commit(&sandbox, "prod is back");
    assert_eq!(get(&sandbox, "prod/P"), "one");
    assert_eq!(get(&sandbox, "dev/A"), "later");
}

#[test]
fn on_a_terminal_vault_asks_whether_to_keep_an_environment() {
    let Some(sandbox) = repository() else { return };
    fork(&sandbox, &|| drop(sandbox.run(["env", "rm", "-y", "prod"]).ok()), &|| sandbox.set("prod/P", b"two"));
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    let mut command = sandbox.command(["merge"]);
    command.env("TERM", "xterm");
    command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    let mut asked = rexpect::session::spawn_command(command, Some(30_000)).unwrap();
    asked.exp_string("prod: one side removed the environment").unwrap();
    asked.exp_string("(q) quit?").unwrap();
    asked.send_line("n").unwrap();
    assert!(!asked.exp_string("answer b, c or q").unwrap().contains("one side removed"));
    asked.exp_string("(q) quit?").unwrap();
    asked.send_line("b").unwrap();
    asked.exp_eof().unwrap();
    assert_eq!(get(&sandbox, "prod/P"), "two");
}

#[test]
fn environments_added_on_both_branches_under_one_name_become_one_with_all_items_and_rights() {
    let Some(sandbox) = repository() else { return };
    let [ben, zoe, kim] = ["ben", "zoe", "kim"].map(|name| add(&sandbox, &[name, "--write", "dev"]));
    sandbox.run(["user", "role", "ben", "admin"]).ok();
    commit(&sandbox, "ben, zoe and kim");
    let bens = Device::new(&sandbox, "ben").with_key(&ben);
    let bens_stage = || {
        bens.run(&["env", "add", "stage"]).ok();
        bens.run(&["grant", "zoe", "stage:write"]).ok();
        bens.set("stage/B", b"by ben").ok();
        bens.set("stage/X", b"by ben").ok();
    };
    let mias_stage = || {
        sandbox.run(["env", "add", "stage"]).ok();
        sandbox.run(["grant", "zoe", "stage:read"]).ok();
        sandbox.run(["grant", "kim", "stage:read"]).ok();
        sandbox.set("stage/A", b"by mia");
        sandbox.set("stage/X", b"by mia");
    };
    fork(&sandbox, &bens_stage, &mias_stage);
    for (here, there, mine) in [("main", "other", "--ours"), ("other", "main", "--theirs")] {
        sandbox.git(&["checkout", "-q", "-b", &format!("merged-{here}"), here]).ok();
        conflict(&sandbox.git(&["merge", "-q", "--no-edit", there]));
        let run = sandbox.run(["merge"]).fails(1).says("stage/X: both sides changed its value");
        assert_eq!(run.stderr.matches("conflict to decide").count(), 1, "{run:?}");
        let run = sandbox.run(["merge", mine, "stage/X"]).ok();
        assert!(run.stderr.contains("both sides added an environment stage: they are now one"), "{run:?}");
        commit(&sandbox, "merged");
        for (name, value) in [("stage/A", "by mia"), ("stage/B", "by ben"), ("stage/X", "by mia")] {
            assert_eq!(get(&sandbox, name), value);
            let run = bens.run(&["get", name]).ok();
            assert_eq!((&*run.text(), &*run.stderr), (value, ""));
        }
        // Of two different rights, the lower one counts. A right that only one side gave stays.
        for key in [&zoe, &kim] {
            let device = Device::new(&sandbox, "fresh").with_key(key);
            device.run(&["get", "stage/A"]).ok();
            device.set("stage/A", b"no").fails(5);
        }
    }
}

#[test]
fn an_environment_removed_and_added_again_is_merged_onto_the_other_sides_changes() {
    let Some(sandbox) = repository() else { return };
    sandbox.set("prod/OLD", b"old");
    commit(&sandbox, "prod");
    let ben = add(&sandbox, &["ben", "--write", "dev", "--write", "prod"]);
    sandbox.run(["user", "role", "ben", "admin"]).ok();
    commit(&sandbox, "ben");
    let bens = Device::new(&sandbox, "ben").with_key(&ben);
    let anew = || {
        bens.run(&["env", "rm", "-y", "prod"]).ok();
        bens.run(&["env", "add", "prod"]).ok();
        bens.set("prod/NEW", b"anew").ok();
    };
    fork(&sandbox, &anew, &|| {
        for name in ["one", "two", "three"] {
            sandbox.run(["env", "add", name]).ok();
        }
        sandbox.run(["grant", "ben", "prod:read"]).ok();
    });
    sandbox.git(&["checkout", "-q", "other"]).ok();
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "main"]));
    let run = bens.run(&["merge"]).ok().says("removed environment prod and added another one of that name");
    assert!(run.stderr.contains("prod: 1 item from this branch (other)\n"), "{run:?}");
    // Readers of the old environment lost no right on the new one.
    assert!(!run.stderr.contains("could read values"), "{run:?}");
    assert_eq!(bens.run(&["list", "--due", "-e", "prod", "--json"]).ok().json(), serde_json::json!([]));
    for is_committed in [false, true] {
        if is_committed {
            commit(&sandbox, "merged");
        }
        for name in ["prod/NEW", "dev/A"] {
            let run = bens.run(&["get", name]).ok();
            assert!(run.stderr.is_empty(), "{is_committed}: {run:?}");
        }
        bens.run(&["get", "prod/OLD"]).fails(3);
    }
    bens.set("prod/NEW", b"on").ok();
    assert_eq!(get(&sandbox, "prod/NEW"), "on");
}

#[test]
fn m6_a_right_lost_on_an_environment_does_not_exist_on_its_replacement() {
    for by_mia in [false, true] {
        let Some(sandbox) = repository() else { return };
        let [ben, zoe] = ["ben", "zoe"].map(|name| add(&sandbox, &[name, "--write", "dev", "--write", "prod"]));
        sandbox.run(["user", "role", "ben", "admin"]).ok();
        sandbox.run(["user", "role", "zoe", "admin"]).ok();
        commit(&sandbox, "people");
        let bens = Device::new(&sandbox, "ben").with_key(&ben);
        let anew = || {
            bens.run(&["env", "rm", "-y", "prod"]).ok();
            bens.run(&["env", "add", "prod"]).ok();
            bens.set("prod/NEW", b"anew").ok();
        };
        fork(&sandbox, &anew, &|| {
            sandbox.run(["revoke", "zoe", "prod"]).ok();
            sandbox.run(["env", "protect", "prod"]).ok();
        });
        conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
        let merge: &[&str] = &["merge", "--reason", "test"];
        let run = if by_mia { sandbox.run(merge) } else { bens.run(merge) };
        run.ok().says("warning: zoe, who has lost that right, could read values of prod");
        commit(&sandbox, "merged");
        assert!(environments(&sandbox).contains("protected"));
        let due = sandbox.run(["list", "--due", "-e", "prod"]).ok().text();
        assert!(due.contains("NEW"), "{due}");
        sandbox.run_with_input(["set", "prod/LATER", "--reason", "test"], b"later").ok();
        Device::new(&sandbox, "zoe").with_key(&zoe).run(&["get", "prod/LATER", "--reason", "test"]).fails(5);
    }
}

#[test]
fn an_environment_of_the_same_name_that_only_its_creator_writes_is_reported_with_a_solution() {
    let Some(sandbox) = repository() else { return };
    let ben = add(&sandbox, &["ben", "--write", "dev"]);
    commit(&sandbox, "ben");
    let bens = Device::new(&sandbox, "ben").with_key(&ben);
    let bens_own = || {
        bens.run(&["env", "add", "--private", "stage"]).ok();
        bens.set("stage/B", b"by ben").ok();
    };
    fork(&sandbox, &bens_own, &|| drop(sandbox.run(["env", "add", "stage"]).ok()));
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    let hint = "vault env copy stage NEW && vault env rm stage";
    sandbox.run(["merge"]).fails(1).says("both sides added the environment \"stage\"").says(hint);
    sandbox.git(&["merge", "--abort"]).ok();
    sandbox.git(&["checkout", "-q", "other"]).ok();
    bens.run(&["env", "add", "--private", "bens"]).ok();
    bens.run(&["env", "copy", "stage", "bens"]).ok();
    bens.run(&["env", "rm", "-y", "stage"]).ok();
    commit(&sandbox, "another name");
    sandbox.git(&["checkout", "-q", "main"]).ok();
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    sandbox.run(["merge"]).ok();
    commit(&sandbox, "merged");
    assert_eq!(bens.run(&["get", "bens/B"]).ok().text(), "by ben");
    assert!(environments(&sandbox).contains("stage"));
}
