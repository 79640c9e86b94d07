//! D13 to D15: old files, forks, and what a device remembers.

use crate::harness::{Run, Sandbox, finish};

fn sandbox(in_git: bool) -> Sandbox {
    let sandbox = Sandbox::empty();
    if in_git {
        finish(sandbox.other("git", ["init", "-q"])).ok();
    }
    let mut sandbox = sandbox;
    let key = sandbox.run(["init", "--key", "-e", "dev", "-e", "prod"]).ok().text();
    sandbox.use_key(key.trim());
    sandbox.set("A", b"one");
    sandbox
}

fn file(sandbox: &Sandbox) -> Vec<u8> {
    std::fs::read(sandbox.vault()).unwrap()
}

fn accept_hash(run: &Run) -> String {
    run.stderr.split("--accept ").nth(1).unwrap().trim().to_owned()
}

#[test]
fn d14_outside_git_an_older_environment_is_refused_until_it_is_accepted() {
    let sandbox = sandbox(false);
    let old = file(&sandbox);
    sandbox.set("A", b"two");
    std::fs::write(sandbox.vault(), old).unwrap();
    let run = sandbox.run(["get", "A"]).fails(6).says("version 3 was seen here");
    sandbox.run(["verify"]).fails(6);
    sandbox.run_with_input(["set", "B"], b"x").fails(6);
    sandbox.run(["verify", "--accept", "0000000000000000"]).fails(2);
    sandbox.run(["verify", "--accept", &accept_hash(&run)]).ok();
    assert_eq!(sandbox.run(["get", "A"]).ok().text(), "one");
}

#[test]
fn d13_outside_git_an_older_roster_is_refused() {
    let sandbox = sandbox(false);
    let old = file(&sandbox);
    sandbox.run(["env", "add", "staging"]).ok();
    std::fs::write(sandbox.vault(), old).unwrap();
    sandbox.run(["get", "A"]).fails(6).says("change 4 was seen here");
}

#[test]
fn d13_d14_in_git_an_older_file_is_read_with_a_warning() {
    let sandbox = sandbox(true);
    let old = file(&sandbox);
    sandbox.set("A", b"two");
    let newer = file(&sandbox);
    sandbox.run(["env", "add", "staging"]).ok();
    std::fs::write(sandbox.vault(), &old).unwrap();
    assert_eq!(sandbox.run(["get", "A"]).ok().says("warning: ").text(), "one");
    sandbox.run(["get", "A", "--strict"]).fails(6);
    // On an older roster nothing is written; on an older block only it is.
    sandbox.run_with_input(["set", "B"], b"x").fails(6).says("update the file first");
    let mut later = sandbox.command(["get", "A"]);
    later.env("VAULT_STRICT", "1");
    finish(later).fails(6);
    std::fs::write(sandbox.vault(), newer).unwrap();
    sandbox.run(["get", "A"]).ok();
}

#[test]
fn d14_in_git_an_older_block_may_be_written() {
    let sandbox = sandbox(true);
    let old = file(&sandbox);
    sandbox.set("A", b"two");
    std::fs::write(sandbox.vault(), &old).unwrap();
    sandbox.run_with_input(["set", "B"], b"x").ok().says("warning: ");
}

#[test]
fn a_git_directory_planted_later_changes_nothing() {
    let sandbox = sandbox(false);
    let old = file(&sandbox);
    sandbox.set("A", b"two");
    std::fs::create_dir(sandbox.project().join(".git")).unwrap();
    std::fs::write(sandbox.vault(), old).unwrap();
    sandbox.run(["get", "A"]).fails(6);
}

#[test]
fn a_fork_of_the_same_version_is_refused_outside_git() {
    let sandbox = sandbox(false);
    let before = file(&sandbox);
    sandbox.set("A", b"here");
    // Another device, which knows only the file from before.
    let here = file(&sandbox);
    std::fs::write(sandbox.vault(), before).unwrap();
    let mut elsewhere = sandbox.command(["set", "A=there"]);
    elsewhere.env("VAULT_STATE_DIR", sandbox.home().join("other"));
    finish(elsewhere).ok();
    sandbox.run(["get", "A"]).fails(6).says("has another version 3 than was seen here");
    std::fs::write(sandbox.vault(), here).unwrap();
    assert_eq!(sandbox.run(["get", "A"]).ok().text(), "here");
}

#[test]
fn d15_without_state_there_is_a_warning_and_the_slot_is_trusted() {
    let sandbox = sandbox(false);
    std::fs::remove_dir_all(sandbox.state()).unwrap();
    sandbox.run(["get", "A"]).ok().says("no record of the vault");
    assert!(!sandbox.run(["get", "A"]).ok().stderr.contains("warning"));
    std::fs::remove_dir_all(sandbox.state()).unwrap();
    sandbox.run(["get", "A", "--strict"]).fails(6);
}

#[test]
fn a_pin_is_the_least_that_a_machine_without_state_takes() {
    let sandbox = sandbox(false);
    let old = file(&sandbox);
    sandbox.set("A", b"two");
    let pin = sandbox.run(["status", "--pin"]).ok().text();
    let with_pin = |arguments: &[&str]| {
        let state = tempfile::tempdir().unwrap();
        let mut command = sandbox.command(arguments);
        command.env("VAULT_PIN", pin.trim()).env("VAULT_STATE_DIR", state.path());
        finish(command)
    };
    assert_eq!(with_pin(&["get", "A", "--strict"]).ok().text(), "two");
    std::fs::write(sandbox.vault(), old).unwrap();
    with_pin(&["get", "A"]).fails(6).says("older than VAULT_PIN");
    let mut broken = sandbox.command(["get", "A"]);
    broken.env("VAULT_PIN", "nonsense");
    finish(broken).fails(2);
}

#[test]
fn verify_since_a_revision_says_what_changed() {
    let sandbox = sandbox(true);
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=mia", "-c", "user.email=mia@example.com"];
        finish(sandbox.other("git", [&identity[..], arguments].concat())).ok()
    };
    git(&["add", "secrets.vault"]);
    git(&["commit", "-qm", "one"]);
    let text = sandbox.run(["verify", "--since", "HEAD"]).ok().text();
    assert!(text.contains("nothing changed"), "{text}");
    let old = file(&sandbox);
    sandbox.set("prod/A", b"two");
    let text = sandbox.run(["verify", "--since", "HEAD"]).ok().text();
    assert!(text.contains("environment prod: version 2 by mia"), "{text}");
    git(&["commit", "-qam", "two"]);
    std::fs::write(sandbox.vault(), old).unwrap();
    sandbox.run(["verify", "--since", "HEAD"]).fails(6).says("went back from version 2 to 1");
    sandbox.run(["verify", "--since", "nowhere"]).fails(3);
}
