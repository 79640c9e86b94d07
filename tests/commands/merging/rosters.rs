//! Users and rights that were changed on both branches.

use super::{commit, conflict, fork, get, repository};
use crate::device::{Device, add};
use crate::harness::{Sandbox, finish};

/// Adds ben and zoe on main. Both write dev.
fn with_ben_and_zoe(sandbox: &Sandbox) -> [String; 2] {
    let keys = ["ben", "zoe"].map(|name| add(sandbox, &[name, "--write", "dev"]));
    commit(sandbox, "ben and zoe");
    keys
}

fn users(sandbox: &Sandbox) -> String {
    sandbox.run(["user", "list"]).ok().text()
}

#[test]
fn m7_one_users_roster_changes_are_repeated_on_top_of_the_other_side() {
    let Some(sandbox) = repository() else { return };
    let [ben, _] = with_ben_and_zoe(&sandbox);
    sandbox.run(["user", "role", "ben", "admin"]).ok();
    commit(&sandbox, "ben is an admin");
    let bens = Device::new(&sandbox, "ben").with_key(&ben);
    let mut kim = String::new();
    sandbox.git(&["checkout", "-qb", "other"]).ok();
    bens.run(&["user", "rm", "-y", "zoe"]).ok();
    commit(&sandbox, "other");
    sandbox.git(&["checkout", "-q", "main"]).ok();
    kim.push_str(&add(&sandbox, &["kim", "--read", "dev"]));
    sandbox.run(["env", "add", "stage"]).ok();
    sandbox.set("stage/S", b"1");
    sandbox.run(["grant", "zoe", "prod"]).ok();
    commit(&sandbox, "main");
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    let run = sandbox.run(["merge"]).ok();
    assert!(run.stderr.contains("your roster changes, applied again on top of "), "{run:?}");
    assert!(run.stderr.contains("mia granted zoe prod:read"), "{run:?}");
    commit(&sandbox, "merged");
    let listed = users(&sandbox);
    assert!(listed.contains("kim") && listed.contains("ben") && !listed.contains("zoe"), "{listed}");
    assert_eq!(get(&sandbox, "stage/S"), "1");
    // The keys that were handed out still work, so none is printed again.
    let device = Device::new(&sandbox, "kim").with_key(&kim);
    assert_eq!(device.run(&["get", "dev/A"]).ok().text(), "A-one");
    // A device that has seen either side accepts the merged file without a warning.
    for run in [bens.run(&["get", "dev/A"]), sandbox.run(["get", "dev/A"])] {
        assert!(run.ok().stderr.is_empty());
    }
    sandbox.set("dev/A", b"later");
    sandbox.run(["verify"]).ok();
    sandbox.run(["log", "verify"]).ok();
}

#[test]
fn m6_a_right_revoked_on_either_side_never_comes_back() {
    let Some(sandbox) = repository() else { return };
    let [ben, _] = with_ben_and_zoe(&sandbox);
    sandbox.run(["user", "role", "ben", "admin"]).ok();
    commit(&sandbox, "ben is an admin");
    let bens = Device::new(&sandbox, "ben").with_key(&ben);
    fork(
        &sandbox,
        &|| {
            bens.run(&["revoke", "zoe", "dev"]).ok();
        },
        &|| {
            sandbox.run(["grant", "zoe", "dev:read", "prod:write"]).ok();
            sandbox.run(["user", "role", "zoe", "admin"]).ok();
        },
    );
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    sandbox.run(["merge"]).ok();
    let list = users(&sandbox);
    let zoe = list.lines().find(|line| line.starts_with("zoe")).unwrap();
    assert!(zoe.contains("writes prod") && zoe.contains("admin") && !zoe.contains("dev"), "{zoe}");
}

#[test]
fn m8_roster_changes_by_several_users_on_both_sides_are_listed_and_not_merged() {
    let Some(sandbox) = repository() else { return };
    let [ben, _] = with_ben_and_zoe(&sandbox);
    sandbox.run(["user", "role", "ben", "admin"]).ok();
    commit(&sandbox, "ben is an admin");
    let bens = Device::new(&sandbox, "ben").with_key(&ben);
    // Devices that have seen only one of the branches.
    let elsewhere = ["mia", "ben"].map(|name| Device::new(&sandbox, &format!("{name} elsewhere")));
    let [mias, bens_other] = elsewhere;
    let (mias, bens_other) = (mias.with_key(sandbox.key()), bens_other.with_key(&ben));
    let other = || {
        mias.run(&["env", "add", "one"]).ok();
        bens_other.run(&["env", "add", "--private", "one-ben"]).ok();
    };
    let main = || {
        sandbox.run(["env", "add", "two"]).ok();
        bens.run(&["env", "add", "--private", "two-ben"]).ok();
    };
    fork(&sandbox, &other, &main);
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    let before = std::fs::read(sandbox.vault()).unwrap();
    let run = sandbox.run(["merge"]).fails(1).says("both sides changed the roster");
    assert!(run.stderr.contains("mia added environment two") && run.stderr.contains("ben added environment one-ben"));
    assert!(run.stderr.contains("nobody can make all of it again on top of one side"), "{run:?}");
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
    // An environment that neither side changed can still be read.
    assert_eq!(get(&sandbox, "dev/A"), "A-one");
}

#[test]
fn m7_two_joins_on_two_branches_merge_with_the_same_keys() {
    let Some(sandbox) = repository() else { return };
    let keys = with_ben_and_zoe(&sandbox);
    let join = |name: &'static str, key: &str| {
        let device = Device::new(&sandbox, name).with_key(key);
        let run = device.join(&format!("{name} has a passphrase")).ok();
        run.stderr.lines().find(|line| line.contains("AGE-SECRET-KEY-1")).unwrap().trim().to_owned()
    };
    sandbox.git(&["checkout", "-qb", "other"]).ok();
    let zoes = join("zoe", &keys[1]);
    commit(&sandbox, "zoe");
    sandbox.git(&["checkout", "-q", "main"]).ok();
    let bens = join("ben", &keys[0]);
    commit(&sandbox, "ben");
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    // mia made neither change, and can't repeat them.
    let run = sandbox.run(["merge"]).fails(1).says("both sides changed the roster");
    assert!(run.stderr.contains("ben or zoe can merge them"), "{run:?}");
    let ben = Device::new(&sandbox, "ben").with_passphrase("ben has a passphrase");
    ben.run(&["--user", "ben", "merge"]).ok();
    commit(&sandbox, "merged");
    let zoe = Device::new(&sandbox, "zoe").with_passphrase("zoe has a passphrase");
    for (device, name) in [(&ben, "ben"), (&zoe, "zoe")] {
        let run = device.run(&["--user", name, "get", "dev/A"]).ok();
        assert_eq!((&*run.text(), &*run.stderr), ("A-one", ""), "{name}");
        device.run(&["--user", name, "log", "verify"]).ok();
    }
    // The recovery keys that were shown at joining still work.
    for (name, recovery) in [("ben", bens), ("zoe", zoes)] {
        let device = Device::new(&sandbox, "fresh").with_key(&recovery);
        assert_eq!(device.run(&["get", "dev/B"]).ok().text(), "B-one", "{name}");
        let device = Device::new(&sandbox, "printed").with_key(if name == "ben" { &keys[0] } else { &keys[1] });
        device.run(&["get", "dev/B"]).fails(4);
    }
    sandbox.set("dev/A", b"later");
    assert_eq!(ben.run(&["--user", "ben", "get", "dev/A"]).ok().text(), "later");
}

#[test]
fn l8_git_alone_cannot_merge_rosters() {
    let Some(sandbox) = repository() else { return };
    super::use_driver(&sandbox);
    let elsewhere = Device::new(&sandbox, "elsewhere").with_key(sandbox.key());
    let other = || drop(elsewhere.run(&["env", "add", "one"]).ok());
    fork(&sandbox, &other, &|| drop(sandbox.run(["env", "add", "two"]).ok()));
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    let mut locked = sandbox.command(["merge"]);
    locked.env_remove("VAULT_KEY");
    finish(locked).fails(4).says("vault unlock, then vault merge");
    sandbox.run(["merge"]).ok();
    let names = sandbox.run(["env", "list"]).ok().text();
    assert!(names.contains("one") && names.contains("two"), "{names}");
    sandbox.git(&["add", "secrets.vault"]).ok();
    sandbox.git(&["commit", "-qm", "merged"]).ok();
    // A device that has seen only the other branch accepts the merged file.
    assert!(elsewhere.run(&["get", "dev/A"]).ok().stderr.is_empty());
}
