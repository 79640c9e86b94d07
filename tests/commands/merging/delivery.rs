//! Branches that changed how values are delivered, or which environments are protected.

use super::{commit, conflict, fork, get, repository, use_driver};
use crate::device::{Device, add};
use crate::harness::Sandbox;

fn set(sandbox: &Sandbox, arguments: &[&str]) {
    sandbox.run([&["set"], arguments].concat()).ok();
}

/// Returns how an item is delivered, and as which variable.
fn delivery(sandbox: &Sandbox, name: &str) -> (String, Option<String>) {
    let listed = sandbox.run(["list", "-e", "dev", "--json"]).ok().json();
    let item = listed.as_array().unwrap().iter().find(|item| item["name"] == name).unwrap();
    (item["deliver"].as_str().unwrap().to_owned(), item["as"].as_str().map(str::to_owned))
}

fn is(how: &str, variable: Option<&str>) -> (String, Option<String>) {
    (how.to_owned(), variable.map(str::to_owned))
}

#[test]
fn m3_a_change_of_delivery_and_a_new_value_are_merged() {
    let Some(sandbox) = repository() else { return };
    use_driver(&sandbox);
    fork(
        &sandbox,
        &|| {
            set(&sandbox, &["dev/A", "--deliver", "file"]);
            set(&sandbox, &["dev/B", "--as", "OTHER"]);
            sandbox.set("dev/C", b"other");
        },
        &|| {
            sandbox.set("dev/A", b"main");
            sandbox.set("dev/B", b"main");
            set(&sandbox, &["dev/C", "--deliver", "none"]);
        },
    );
    sandbox.git(&["merge", "-q", "--no-edit", "other"]).ok();
    for (name, value, how) in [
        ("A", "main", is("file", None)),
        ("B", "main", is("variable", Some("OTHER"))),
        ("C", "other", is("none", None)),
    ] {
        assert_eq!((get(&sandbox, &format!("dev/{name}")).as_str(), delivery(&sandbox, name)), (value, how), "{name}");
    }
    let script = "cat \"$A_FILE\"; echo \" $OTHER ${C-none}\"";
    assert_eq!(sandbox.run(["exec", "-e", "dev", "--", "sh", "-c", script]).ok().text(), "main main none\n");
}

#[test]
fn m5_delivery_changed_on_both_sides_is_a_named_conflict() {
    let Some(sandbox) = repository() else { return };
    let other = || {
        set(&sandbox, &["dev/A", "--deliver", "file"]);
        set(&sandbox, &["dev/B", "--as", "ONE"]);
        set(&sandbox, &["dev/C", "--deliver", "file"]);
    };
    let main = || {
        set(&sandbox, &["dev/A", "--deliver", "none"]);
        set(&sandbox, &["dev/B", "--as", "TWO"]);
        sandbox.run(["rm", "-y", "dev/C"]).ok();
    };
    fork(&sandbox, &other, &main);
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    let run = sandbox.run(["merge"]).fails(1).says("3 conflicts to decide");
    for line in ["dev/A: both sides changed its delivery", "dev/B: both sides changed its variable"] {
        assert!(run.stderr.contains(line), "{line}: {run:?}");
    }
    assert!(run.stderr.contains("dev/C: changed on one side and removed on the other"), "{run:?}");
    // A decision about the value says nothing about its delivery.
    sandbox.run_with_input(["merge", "--set", "A", "--ours", "B", "--ours", "C"], b"v").fails(1).says("1 conflict");
    sandbox.run(["merge", "--ours", "A", "--theirs", "B", "--theirs", "C"]).ok();
    commit(&sandbox, "merged");
    assert_eq!(delivery(&sandbox, "A"), is("none", None));
    assert_eq!(delivery(&sandbox, "B"), is("variable", Some("ONE")));
    assert_eq!(delivery(&sandbox, "C"), is("file", None));
}

/// Two items that would become the same variable because each side changed one of them.
#[test]
fn two_items_that_would_share_a_variable_are_reported_and_no_command_gets_either() {
    let Some(sandbox) = repository() else { return };
    fork(&sandbox, &|| set(&sandbox, &["dev/A", "--as", "ONE"]), &|| set(&sandbox, &["dev/B", "--as", "ONE"]));
    conflict(&sandbox.git(&["merge", "-q", "--no-edit", "other"]));
    let both = "warning: dev/A and dev/B would both be the variable ONE";
    sandbox.run(["merge"]).ok().says(both).says("hint: give one of them another variable: vault set dev/B --as VAR");
    commit(&sandbox, "merged");
    let run = sandbox.run(["exec", "-e", "dev", "--", "sh", "-c", "echo ${ONE-none}"]);
    assert!(run.code == 125 && run.stderr.contains("would both be the variable ONE"), "{run:?}");
    set(&sandbox, &["dev/B", "--as", "TWO"]);
    let run = sandbox.run(["exec", "-e", "dev", "--", "sh", "-c", "echo $ONE $TWO"]).ok();
    assert_eq!(run.text(), "A-one B-one\n");
}

#[test]
fn m6_protection_on_one_branch_and_users_on_the_other_are_merged() {
    let Some(sandbox) = repository() else { return };
    let ben = add(&sandbox, &["ben", "--admin", "--write", "dev", "--write", "prod"]);
    sandbox.set("prod/P", b"one");
    commit(&sandbox, "ben");
    let bens = Device::new(&sandbox, "ben").with_key(&ben);
    let users = || {
        bens.run(&["user", "add", "kim", "--read", "prod"]).ok();
        bens.run(&["env", "protect", "dev"]).ok();
        bens.run(&["env", "unprotect", "dev", "--reason", "test"]).ok();
    };
    let protects = || {
        sandbox.run(["env", "protect", "prod"]).ok();
        sandbox.run(["env", "protect", "dev"]).ok();
    };
    fork(&sandbox, &users, &protects);
    for (here, there) in [("main", "other"), ("other", "main")] {
        for merges in ["mia", "ben"] {
            sandbox.git(&["checkout", "-q", "-B", "merged", here]).ok();
            conflict(&sandbox.git(&["merge", "-q", "--no-edit", there]));
            let elsewhere = Device::new(&sandbox, &format!("{merges} on {here}"));
            let device = elsewhere.with_key(if merges == "mia" { sandbox.key() } else { &ben });
            device.run(&["merge"]).ok();
            commit(&sandbox, "merged");
            let listed = device.run(&["env", "list", "--json"]).ok().json();
            assert!(listed.as_array().unwrap().iter().all(|of| of["protected"] == true), "{merges}: {listed}");
            assert!(device.run(&["user", "list"]).ok().text().contains("kim"), "{merges}");
            device.run(&["get", "prod/P"]).fails(5).says("prod is protected");
            device.run(&["get", "prod/P", "--reason", "test"]).ok();
        }
    }
}
