//! After somebody leaves, the values that they knew are due for replacement. Only a value that they never knew clears
//! the mark.

use crate::device::{Device, add, vault};
use crate::harness::Sandbox;

/// Returns the items that are due, as `environment/name`.
fn due(sandbox: &Sandbox) -> Vec<String> {
    let listed = sandbox.run(["list", "--due", "--json"]).ok().json();
    let place = |item: &serde_json::Value| {
        format!("{}/{}", item["environment"].as_str().unwrap(), item["name"].as_str().unwrap())
    };
    listed.as_array().unwrap().iter().map(place).collect()
}

/// dev/A was "a1", then "a2". ben, who could read both, was removed.
fn after_ben() -> Sandbox {
    let sandbox = Sandbox::with_environments(&["dev", "prod"]);
    sandbox.set("dev/A", b"a1");
    sandbox.set("dev/A", b"a2");
    add(&sandbox, &["ben", "--read", "dev"]);
    sandbox.run(["user", "rm", "-y", "ben"]).ok();
    assert_eq!(due(&sandbox), ["dev/A"]);
    sandbox
}

/// Returns what `exposure ben` says about each item: its place, and whether its value is in use.
fn in_use(sandbox: &Sandbox) -> Vec<String> {
    let exposure = sandbox.run(["exposure", "ben", "--json"]).ok().json();
    let line = |item: &serde_json::Value| format!("{}/{} {}", item["environment"], item["name"], item["inUse"]);
    exposure.as_array().unwrap().iter().map(|item| line(item).replace('"', "")).collect()
}

#[test]
fn an_earlier_value_known_to_the_removed_user_does_not_clear_the_mark() {
    let sandbox = after_ben();
    sandbox.run(["rollback", "dev/A", "--version", "1"]).ok();
    assert_eq!(due(&sandbox), ["dev/A"]);
    assert_eq!(in_use(&sandbox), ["dev/A true"]);
    sandbox.set("dev/A", b"new");
    assert!(due(&sandbox).is_empty());
    // The known value comes back in several ways.
    sandbox.run(["rollback", "dev/A", "--version", "2"]).ok();
    assert_eq!(due(&sandbox), ["dev/A"]);
    sandbox.set("dev/A", b"newer");
    assert!(due(&sandbox).is_empty());
    sandbox.set("dev/A", b"a1");
    assert_eq!(due(&sandbox), ["dev/A"]);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    sandbox.set("dev/A", b"newest");
    assert_eq!(in_use(&sandbox), ["dev/A false"]);
}

#[test]
fn the_mark_is_copied_with_the_value() {
    let sandbox = after_ben();
    sandbox.set("prod/B", b"b");
    sandbox.set("prod/SAME", b"a2");
    sandbox.set("dev/SAME", b"x");
    sandbox.run(["cp", "dev/A", "prod/"]).ok();
    sandbox.run(["cp", "dev/A", "prod/B", "--force"]).ok();
    sandbox.run(["env", "copy", "dev", "staging", "--only", "A"]).ok();
    sandbox.run(["mv", "dev/A", "dev/MOVED"]).ok();
    assert_eq!(due(&sandbox), ["dev/MOVED", "prod/A", "prod/B", "staging/A"]);
    sandbox.set("staging/A", b"other");
    sandbox.run(["env", "copy", "prod", "staging", "--only", "A", "--force"]).ok();
    sandbox.run(["mv", "dev/MOVED", "prod/MOVED"]).ok();
    assert_eq!(due(&sandbox), ["prod/A", "prod/B", "prod/MOVED", "staging/A"]);
    let exposed = in_use(&sandbox);
    for copy in ["prod/A true", "prod/B true", "prod/MOVED true", "staging/A true"] {
        assert!(exposed.contains(&copy.to_owned()), "{copy} is not in {exposed:?}");
    }
    // A value from another environment that the former user never knew is not due.
    sandbox.run(["cp", "dev/SAME", "prod/A", "--force"]).ok();
    assert_eq!(due(&sandbox), ["prod/B", "prod/MOVED", "staging/A"]);
}

#[test]
fn copying_over_an_equal_value_also_copies_the_mark() {
    let sandbox = after_ben();
    sandbox.set("prod/A", b"a2");
    sandbox.run(["env", "copy", "dev", "prod"]).ok().says("1 already the same");
    assert_eq!(due(&sandbox), ["dev/A", "prod/A"]);
    assert_eq!(sandbox.run(["list", "-e", "prod", "--json"]).ok().json()[0]["version"], 1);
}

#[test]
fn setting_an_equal_value_keeps_the_mark_and_the_version() {
    let sandbox = after_ben();
    let file = sandbox.write("value", "a2");
    sandbox.run_with_input(["set", "dev/A"], b"a2").ok().says("Set dev/A (same value, still due for replacement).");
    sandbox.run(["set", "dev/A", "--from-file", file.to_str().unwrap()]).ok().says("same value");
    sandbox.run(["set", "dev/A=a2", "--note", "n"]).ok().says("same value");
    assert_eq!(due(&sandbox), ["dev/A"]);
    let listed = sandbox.run(["list", "-e", "dev", "--json"]).ok().json();
    assert_eq!((&listed[0]["version"], &listed[0]["note"]), (&2.into(), &"n".into()));
}

#[test]
fn lowering_a_right_from_write_to_read_marks_nothing() {
    let sandbox = vault();
    add(&sandbox, &["ben", "--write", "dev"]);
    sandbox.run(["grant", "mia", "dev:read"]).ok();
    let status = sandbox.run(["status"]).ok().text();
    assert!(status.contains("dev pending") && status.contains("nothing due"), "{status}");
    sandbox.run(["list", "-e", "dev"]).ok().says("dev is pending");
}

#[test]
fn a_pending_environment_is_marked_if_a_reader_leaves_meanwhile() {
    let sandbox = vault();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--write", "dev"]));
    add(&sandbox, &["rea", "--read", "dev"]);
    sandbox.run(["grant", "mia", "dev:read"]).ok();
    sandbox.run(["revoke", "rea", "dev"]).ok().says("dev: you don't write it");
    assert_eq!(due(&sandbox), ["dev/KEY"]);
    ben.set("dev/OTHER", b"x").ok().says("replace what they knew");
    assert_eq!(due(&sandbox), ["dev/KEY"]);
}

#[test]
fn an_item_that_expires_within_an_hour_is_shown_as_due_with_its_time() {
    let sandbox = vault();
    sandbox.run(["set", "-e", "dev", "--expires", "90d", "KEY=x"]).ok();
    assert!(sandbox.run(["status"]).ok().text().contains("nothing due"));
    let run = sandbox.run(["set", "-e", "dev", "--expires", "1h", "KEY=y"]).ok();
    let time = sandbox.run(["get", "dev/KEY", "--json"]).ok().json()["expiresAt"].as_str().unwrap().to_owned();
    let shown = format!("{} {} UTC", &time[..10], &time[11..16]);
    run.says(&format!("expires {shown}"));
    let status = sandbox.run(["status"]).ok().text();
    assert!(status.contains("1 item due within 7 days (vault list --due)"), "{status}");
    let status = sandbox.run(["status", "--json"]).ok().json();
    assert_eq!((&status["due"], &status["dueSoon"]), (&0.into(), &1.into()));
    assert_eq!(due(&sandbox), ["dev/KEY"]);
    assert!(sandbox.run(["list", "--due"]).ok().text().contains(&shown));
}

#[test]
fn items_that_expire_within_a_week_or_a_given_time_are_listed() {
    let sandbox = vault();
    sandbox.run(["set", "-e", "dev", "--expires", "10d", "KEY=x"]).ok();
    let status = |arguments: &[&str]| sandbox.run(arguments).ok().text();
    assert!(status(&["status"]).contains("nothing due"));
    let text = status(&["status", "--within", "14d"]);
    assert!(text.contains("1 item due within 14 days (vault list --due --within 14d)"), "{text}");
    assert_eq!(sandbox.run(["status", "--within", "14d", "--json"]).ok().json()["dueSoon"], 1);
    assert!(due(&sandbox).is_empty());
    let listed = status(&["list", "--due", "--within", "14d"]);
    assert!(listed.contains("1 item due now or within 14 days") && listed.contains("KEY"), "{listed}");
    sandbox.run(["list", "--within", "14d"]).fails(2);
    let run = sandbox.run(["exec", "-e", "dev", "--strict", "--", "true"]).ok();
    assert!(!run.stderr.contains("expires"), "{run:?}");
    sandbox.run(["set", "-e", "dev", "--expires", "6d", "KEY=x"]).ok();
    sandbox.run(["exec", "-e", "dev", "--strict", "--", "true"]).ok().says("note: expires within 7 days: KEY 20");
    let run = sandbox.run(["exec", "-e", "dev", "--within", "0d", "--", "true"]).ok();
    assert!(!run.stderr.contains("expires"), "{run:?}");
    let run = sandbox.run(["-q", "exec", "-e", "dev", "--", "true"]).ok();
    assert!(!run.stderr.contains("expires"), "{run:?}");
}
