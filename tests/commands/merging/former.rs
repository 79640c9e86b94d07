//! Changes to users and rights by somebody who lost the right to make them on the other branch.

use super::{commit, conflict, fork, get, repository, use_driver};
use crate::device::{Device, add};
use crate::harness::{Run, Sandbox};

/// ben is an admin on main, and zoe a member. Both write dev. Returns their keys.
fn with_two_admins(sandbox: &Sandbox) -> [String; 2] {
    let keys = ["ben", "zoe"].map(|name| add(sandbox, &[name, "--write", "dev"]));
    sandbox.run(["user", "role", "ben", "admin"]).ok();
    commit(sandbox, "ben and zoe");
    keys
}

fn names(run: &Run) -> Vec<String> {
    let text = run.text();
    text.lines().skip(1).filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect()
}

/// On "other", ben gives kim a right and sets an item. On main, mia takes the right to do so from ben.
fn given_and_taken(sandbox: &Sandbox, bens: &Device<'_>, take: &[&str]) {
    let gives = || {
        bens.run(&["user", "add", "kim", "--read", "dev"]).ok();
        bens.set("dev/B", b"by ben").ok();
    };
    fork(sandbox, &gives, &|| drop(sandbox.run(take).ok()));
}

#[test]
fn m6_grants_by_a_demoted_admin_are_dropped_and_named_and_items_are_merged() {
    for with_driver in [false, true] {
        let Some(sandbox) = repository() else { return };
        let [ben, zoe] = with_two_admins(&sandbox);
        if with_driver {
            use_driver(&sandbox);
        }
        let [bens, zoes] = [("ben", &ben), ("zoe", &zoe)].map(|(name, key)| Device::new(&sandbox, name).with_key(key));
        given_and_taken(&sandbox, &bens, &["user", "role", "ben", "member"]);
        sandbox.git(&["checkout", "-q", "other"]).ok();
        for device in [&bens, &zoes] {
            device.run(&["get", "dev/B"]).ok();
        }
        for (here, there) in [("main", "other"), ("other", "main")] {
            sandbox.git(&["checkout", "-q", "-B", "merged", here]).ok();
            let run = sandbox.git(&["merge", "-q", "--no-edit", there]);
            conflict(&run);
            assert_eq!(with_driver, run.stderr.contains("hint: vault merge drops what its author"), "{run:?}");
            let run = sandbox.run(["merge"]).ok();
            let dropped = "these roster changes";
            assert!(run.stderr.contains(dropped) && run.stderr.contains("ben added kim: dev:read"), "{run:?}");
            assert!(run.stderr.contains("kim, who has lost that right, could read values of dev"), "{run:?}");
            commit(&sandbox, "merged");
            assert_eq!(names(&sandbox.run(["user", "list"]).ok()), ["ben", "mia", "zoe"]);
            assert_eq!(get(&sandbox, "dev/B"), "by ben");
        }
        // A device that has seen kim on the other branch accepts the result.
        for device in [&bens, &zoes] {
            let run = device.run(&["get", "dev/B"]).ok();
            assert_eq!((&*run.text(), &*run.stderr), ("by ben", ""));
            device.set("dev/C", b"later").ok();
        }
        sandbox.run(["verify", "--since", "main"]).ok();
    }
}

#[test]
fn m6_grants_by_a_removed_admin_are_dropped_and_their_saves_are_a_named_conflict() {
    let Some(sandbox) = repository() else { return };
    let [ben, _] = with_two_admins(&sandbox);
    let bens = Device::new(&sandbox, "ben").with_key(&ben);
    given_and_taken(&sandbox, &bens, &["user", "rm", "-y", "ben"]);
    for (here, there, by_ben) in [("main", "other", "--theirs"), ("other", "main", "--ours")] {
        sandbox.git(&["checkout", "-q", "-B", "merged", here]).ok();
        conflict(&sandbox.git(&["merge", "-q", "--no-edit", there]));
        let run = sandbox.run(["merge"]).fails(1).says("1 conflict to decide; nothing was written");
        assert!(run.stderr.contains("dev: ben, who may no longer write dev, saved it in "), "{run:?}");
        sandbox.run(["merge", by_ben, "dev/B"]).ok().says("ben added kim: dev:read");
        commit(&sandbox, "merged");
        assert_eq!(names(&sandbox.run(["user", "list"]).ok()), ["mia", "zoe"]);
        assert_eq!(get(&sandbox, "dev/B"), "by ben");
        sandbox.set("dev/LATER", b"later");
        bens.run(&["get", "dev/LATER"]).fails(4);
        sandbox.git(&["checkout", "-q", "secrets.vault"]).ok();
    }
}

/// The branch without the removal was pulled by fast-forward. Its commits can be merged as well, although git sees no
/// conflict.
#[test]
fn m6_a_commit_by_a_removed_admin_can_be_merged_by_name() {
    let Some(sandbox) = repository() else { return };
    let [ben, _] = with_two_admins(&sandbox);
    let bens = Device::new(&sandbox, "ben").with_key(&ben);
    given_and_taken(&sandbox, &bens, &["user", "rm", "-y", "ben"]);
    sandbox.run(["merge", "--from", "other", "--theirs", "dev/*"]).ok().says("ben added kim: dev:read");
    assert_eq!(get(&sandbox, "dev/B"), "by ben");
    assert_eq!(names(&sandbox.run(["user", "list"]).ok()), ["mia", "zoe"]);
}

#[test]
fn m6_revocations_by_a_removed_admin_are_repeated_by_the_user_who_merges() {
    let Some(sandbox) = repository() else { return };
    let [ben, zoe] = with_two_admins(&sandbox);
    let bens = Device::new(&sandbox, "ben").with_key(&ben);
    fork(&sandbox, &|| drop(bens.run(&["user", "rm", "-y", "zoe"]).ok()), &|| {
        sandbox.run(["user", "rm", "-y", "ben"]).ok();
    });
    for (here, there) in [("main", "other"), ("other", "main")] {
        sandbox.git(&["checkout", "-q", "-B", "merged", here]).ok();
        conflict(&sandbox.git(&["merge", "-q", "--no-edit", there]));
        let run = sandbox.run(["merge"]).ok().says("what was taken away stays taken away");
        assert!(run.stderr.contains("applied again on top of"), "{run:?}");
        commit(&sandbox, "merged");
        assert_eq!(names(&sandbox.run(["user", "list"]).ok()), ["mia"]);
        sandbox.set("dev/LATER", b"later");
        Device::new(&sandbox, "zoe").with_key(&zoe).run(&["get", "dev/LATER"]).fails(4);
        sandbox.git(&["checkout", "-q", "secrets.vault"]).ok();
    }
}

#[test]
fn a_removed_user_who_replaced_their_keys_on_the_other_branch_stays_removed() {
    let Some(sandbox) = repository() else { return };
    let [_, zoe] = with_two_admins(&sandbox);
    let zoes = Device::new(&sandbox, "zoe").with_key(&zoe);
    let mut renewed = String::new();
    sandbox.git(&["checkout", "-qb", "other"]).ok();
    renewed.push_str(&zoes.run(&["passwd", "--key"]).ok().text());
    commit(&sandbox, "other");
    sandbox.git(&["checkout", "-q", "main"]).ok();
    sandbox.run(["user", "rm", "-y", "zoe"]).ok();
    commit(&sandbox, "main");
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    sandbox.run(["merge"]).ok().says("zoe replaced their own keys");
    commit(&sandbox, "merged");
    for key in [&zoe, &renewed] {
        Device::new(&sandbox, "old").with_key(key).run(&["get", "dev/A"]).fails(4);
    }
}

#[test]
fn if_two_admins_removed_each_other_a_third_has_to_merge() {
    let Some(sandbox) = repository() else { return };
    let [ben, _] = with_two_admins(&sandbox);
    let ann = add(&sandbox, &["ann", "--admin", "--write", "dev", "--write", "prod"]);
    sandbox.run(["grant", "ben", "prod:write"]).ok();
    // A user can't remove the person who made their keys.
    let renewed =
        |name: &str, key: &str| Device::new(&sandbox, name).with_key(key).run(&["passwd", "--key"]).ok().text();
    let (ben, ann) = (renewed("ben", &ben), renewed("ann", &ann));
    commit(&sandbox, "ann");
    let bens = Device::new(&sandbox, "ben").with_key(&ben);
    fork(&sandbox, &|| drop(bens.run(&["user", "rm", "-y", "mia"]).ok()), &|| {
        sandbox.run(["user", "rm", "-y", "ben"]).ok();
    });
    for (here, there) in [("main", "other"), ("other", "main")] {
        sandbox.git(&["checkout", "-q", "-B", "merged", here]).ok();
        conflict(&sandbox.git(&["merge", "-q", "--no-edit", there]));
        for device in [&bens, &Device::new(&sandbox, "mia").with_key(sandbox.key())] {
            device.run(&["merge"]).fails(1).says("hint: ann can merge them, with their passphrase or key: vault merge");
        }
        let anns = Device::new(&sandbox, &format!("ann on {here}")).with_key(&ann);
        anns.run(&["merge"]).ok().says("what was taken away stays taken away");
        commit(&sandbox, "merged");
        // zoe was removed together with mia, who had made her keys.
        assert_eq!(names(&anns.run(&["user", "list"]).ok()), ["ann"]);
    }
}
