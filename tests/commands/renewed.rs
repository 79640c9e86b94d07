//! A machine user gets another key, and jobs on older commits keep working.

use crate::device::{Device, add, vault};
use crate::harness::{Run, Sandbox, finish};

fn git(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let identity = ["-c", "user.name=mia", "-c", "user.email=mia@example.com", "-c", "commit.gpgsign=false"];
    finish(sandbox.other("git", [&identity, arguments].concat())).ok()
}

/// Commits the vault, and returns the id of the commit.
fn commit(sandbox: &Sandbox, message: &str) -> String {
    git(sandbox, &["add", "secrets.vault"]);
    git(sandbox, &["commit", "-q", "-m", message]);
    git(sandbox, &["rev-parse", "HEAD"]).text().trim().to_owned()
}

/// Deploys a commit with a key and a pin, like a CI job without state.
fn deploy(sandbox: &Sandbox, commit: &str, key: &str, pin: &str) -> Run {
    let checkout = tempfile::tempdir().unwrap();
    let path = checkout.path().join("app");
    git(sandbox, &["worktree", "add", "-q", "--detach", path.to_str().unwrap(), commit]);
    let mut command = sandbox.command(["exec", "-e", "prod", "--", "sh", "-c", "printf %s \"$KEY\""]);
    command.current_dir(&path).env("VAULT_KEY", key).env("VAULT_PIN", pin).env("VAULT_STRICT", "1");
    command.env("VAULT_STATE_DIR", checkout.path().join("state"));
    let run = finish(command);
    git(sandbox, &["worktree", "remove", "--force", path.to_str().unwrap()]);
    run
}

fn renew(sandbox: &Sandbox, key: &str, more: &[&str]) -> Run {
    Device::new(sandbox, "laptop").with_key(key).run(&[&["user", "renew", "ci"], more].concat())
}

fn pin(sandbox: &Sandbox) -> String {
    sandbox.run(["status", "--pin"]).ok().text().trim().to_owned()
}

#[test]
fn both_keys_work_until_the_renewal_is_finished_and_old_commits_deploy_with_the_old_key() {
    let sandbox = vault();
    git(&sandbox, &["init", "-q", "-b", "main"]);
    let old = add(&sandbox, &["ci", "--read", "prod"]);
    let before = commit(&sandbox, "ci is added");
    let pin_before = pin(&sandbox);

    let run = renew(&sandbox, &old, &[]).ok().says("so does the old one").says("vault user renew ci --finish");
    let new = run.text().trim().to_owned();
    let during = commit(&sandbox, "ci has two keys");
    let works = |commit: &str, key: &str, pin: &str| deploy(&sandbox, commit, key, pin).ok().text();
    assert_eq!(works(&during, &new, &pin_before), "prod-value");
    assert_eq!(works(&during, &old, &pin_before), "prod-value");
    assert_eq!(works(&before, &old, &pin_before), "prod-value");
    // Older files don't have the new key's slot.
    deploy(&sandbox, &before, &new, &pin_before).fails(125).says("the key does not open this vault");

    // Others save in the meantime, and both keys still work.
    sandbox.set("prod/KEY", b"later");
    let later = commit(&sandbox, "a value");
    let pin_later = pin(&sandbox);
    assert_eq!(works(&later, &old, &pin_later), "later");
    assert_eq!(works(&later, &new, &pin_later), "later");

    renew(&sandbox, &old, &["--finish"]).fails(2).says("not ci's newest key");
    renew(&sandbox, &new, &["--finish"]).ok().says("old keys open nothing that is written from now on");
    let after = commit(&sandbox, "ci has one key");
    sandbox.set("prod/KEY", b"last");
    let last = commit(&sandbox, "a value that the old key never opens");
    let pin_last = pin(&sandbox);
    assert_eq!(works(&last, &new, &pin_last), "last");
    for commit in [&after, &last] {
        deploy(&sandbox, commit, &old, &pin_later).fails(125).says("the key does not open this vault");
    }
    // A deployment of an old commit, with the key and the pin of that time.
    assert_eq!(works(&during, &old, &pin_before), "prod-value");
    assert_eq!(works(&later, &new, &pin_later), "later");
    deploy(&sandbox, &later, &new, &pin_last).fails(125);
    renew(&sandbox, &new, &["--finish"]).fails(2).says("there is nothing to finish");
}

#[test]
fn after_merging_a_renewal_and_a_new_value_both_keys_open_the_value() {
    let sandbox = vault();
    git(&sandbox, &["init", "-q", "-b", "main"]);
    let old = add(&sandbox, &["ci", "--read", "prod"]);
    commit(&sandbox, "ci is added");
    git(&sandbox, &["switch", "-q", "-c", "renewal"]);
    let new = renew(&sandbox, &old, &[]).ok().text();
    commit(&sandbox, "ci has two keys");
    git(&sandbox, &["switch", "-q", "main"]);
    sandbox.set("prod/KEY", b"merged");
    commit(&sandbox, "a value");
    git(&sandbox, &["merge", "-q", "--no-edit", "renewal"]);
    sandbox.run(["verify"]).ok();
    let merged = git(&sandbox, &["rev-parse", "HEAD"]).text();
    for key in [old.trim(), new.trim()] {
        assert_eq!(deploy(&sandbox, merged.trim(), key, &pin(&sandbox)).ok().text(), "merged");
    }
}

#[test]
fn status_reports_an_unfinished_renewal() {
    let sandbox = vault();
    let old = add(&sandbox, &["ci", "--read", "prod"]);
    let status = || sandbox.run(["status"]).ok().text();
    let json = || sandbox.run(["status", "--json"]).ok().json()["renewing"].clone();
    assert!(!status().contains("renew"));
    assert_eq!(json(), serde_json::json!([]));
    let new = renew(&sandbox, &old, &[]).ok().text();
    assert!(status().contains("ci has an old and a new key (vault user renew ci --finish)"), "{}", status());
    assert_eq!(json(), serde_json::json!(["ci"]));
    renew(&sandbox, new.trim(), &["--finish"]).ok();
    assert_eq!(json(), serde_json::json!([]));
    let log =
        Device::new(&sandbox, "laptop").with_key(new.trim()).run(&["log", "--action", "user renew", "--json"]).ok();
    assert!(log.text().contains("a new key beside the old one") && log.text().contains("old keys removed"), "{log:?}");
    sandbox.run(["verify"]).ok();
}

#[test]
fn only_machine_users_can_be_renewed_with_their_own_key_and_people_get_a_hint() {
    let sandbox = vault();
    let key = add(&sandbox, &["ci", "--read", "prod"]);
    let before = std::fs::read(sandbox.vault()).unwrap();
    sandbox.run(["user", "renew", "ci"]).fails(5).says("only a key of ci can renew").says("vault man ci");
    sandbox.run(["user", "renew", "nobody"]).fails(3);
    let refused = sandbox.run(["log", "-n", "1", "--json"]).ok().json();
    assert_eq!((&refused["action"], &refused["outcome"]), (&"user-renew".into(), &"denied".into()));
    renew(&sandbox, &key, &["--finish"]).fails(2).says("there is nothing to finish");
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
    let zoe = add(&sandbox, &["zoe", "--read", "dev"]);
    let zoe = Device::new(&sandbox, "zoe").with_key(&zoe);
    zoe.join("a passphrase of zoe").ok();
    let zoe = Device::new(&sandbox, "zoe").with_passphrase("a passphrase of zoe");
    zoe.run(&["user", "renew", "zoe"]).fails(2).says("zoe has a passphrase");
}

#[test]
fn a_machine_user_has_at_most_8_keys_and_finishing_keeps_only_the_newest() {
    let sandbox = vault();
    let mut keys = vec![add(&sandbox, &["ci", "--read", "prod"])];
    for _ in 0..7 {
        let key = renew(&sandbox, &keys[0], &[]).ok().text().trim().to_owned();
        keys.push(key);
    }
    renew(&sandbox, &keys[3], &[]).fails(2).says("ci has 8 keys");
    renew(&sandbox, &keys[6], &["--finish"]).fails(2);
    renew(&sandbox, &keys[7], &["--finish"]).ok();
    let get = |key: &str| Device::new(&sandbox, "ci").with_key(key).run(&["get", "prod/KEY"]);
    get(&keys[7]).ok();
    for key in &keys[..7] {
        get(key).fails(4);
    }
}
