//! Another vault at a path where this device has seen a different one.

use super::{Past, hash_in_hint};
use crate::harness::{Sandbox, finish};

#[test]
fn another_vault_at_a_known_path_is_refused_until_a_person_accepts_it() {
    for git in [false, true] {
        let past = Past::of_environment(git);
        let other = Sandbox::with_vault();
        std::fs::copy(other.vault(), past.sandbox.vault()).unwrap();
        for arguments in [&["verify"][..], &["get", "KEY"], &["status"], &["user", "list"], &["set", "KEY"]] {
            past.sandbox.run(arguments).fails(6).says("this is not the vault that this device has seen at this path");
        }
        // Only its owner makes a slot for a key, so somebody with a key that opens the file knows which vault it is.
        let mut known = past.sandbox.command(["list"]);
        known.env("VAULT_KEY", other.key()).env("VAULT_STATE_DIR", past.sandbox.home().join("known"));
        finish(known).ok();
        let pin = other.run(["status", "--pin"]).ok().text();
        let mut pinned = past.sandbox.command(["verify"]);
        finish({
            pinned.env("VAULT_PIN", pin).env("VAULT_STATE_DIR", past.sandbox.home().join("pinned"));
            pinned
        })
        .ok();
        let hash = hash_in_hint(&past.sandbox.run(["verify"]).fails(6));
        past.sandbox.run(["verify", "--accept", &hash]).ok();
        past.sandbox.run(["verify"]).ok();
        // Now the previous vault is the other one.
        std::fs::write(past.sandbox.vault(), &past.newer).unwrap();
        past.sandbox.run(["verify"]).fails(6).says("not the vault");
    }
}

#[test]
fn n9_another_vault_behind_a_link_is_refused_under_the_given_path() {
    let past = Past::of_environment(false);
    let other = Sandbox::with_vault();
    let sandbox = &past.sandbox;
    let link = |target: &std::path::Path| {
        let _ = std::fs::remove_file(sandbox.vault());
        std::os::unix::fs::symlink(target, sandbox.vault()).unwrap();
    };
    let others = sandbox.project().join("other.vault");
    std::fs::copy(other.vault(), &others).unwrap();
    link(&others);
    for arguments in
        [&["verify"][..], &["get", "KEY"], &["status"], &["--vault", "../project/./secrets.vault", "verify"]]
    {
        sandbox.run(arguments).fails(6).says("this is not the vault that this device has seen at this path");
    }
    // A vault behind a link becomes known. Another one that later takes its place is not.
    let own = sandbox.project().join("own.vault");
    std::fs::write(&own, &past.newer).unwrap();
    link(&own);
    sandbox.run(["verify"]).ok();
    std::fs::copy(&others, &own).unwrap();
    sandbox.run(["verify"]).fails(6).says("not the vault");
    sandbox.run(["--vault", "own.vault", "verify"]).fails(6).says("not the vault");
}

#[test]
fn n9_a_directory_replaced_by_a_link_does_not_lead_to_another_vault() {
    let past = Past::of_environment(false);
    let other = Sandbox::with_vault();
    let at = |name: &str| past.sandbox.project().join(name);
    std::fs::create_dir(at("config")).unwrap();
    std::fs::write(at("config/secrets.vault"), &past.newer).unwrap();
    let verify = || past.sandbox.run(["--vault", "config/secrets.vault", "verify"]);
    verify().ok();
    std::fs::create_dir(at("planted")).unwrap();
    std::fs::copy(other.vault(), at("planted/secrets.vault")).unwrap();
    std::fs::rename(at("config"), at("before")).unwrap();
    std::os::unix::fs::symlink("planted", at("config")).unwrap();
    verify().fails(6).says("this is not the vault that this device has seen at this path");
}

#[test]
fn a_vault_moved_cloned_or_created_again_here_is_accepted() {
    let past = Past::of_environment(false);
    let sandbox = &past.sandbox;
    for place in ["moved", "clone"] {
        std::fs::create_dir(sandbox.project().join(place)).unwrap();
        let path = sandbox.write(&format!("{place}/secrets.vault"), &past.newer);
        let run = sandbox.run(["--vault", path.to_str().unwrap(), "get", "KEY"]).ok();
        assert!(run.stderr.is_empty(), "{run:?}");
    }
    std::fs::remove_file(sandbox.vault()).unwrap();
    sandbox.run(["init", "--key"]).ok();
    let run = sandbox.run(["verify"]).ok();
    assert!(run.stderr.is_empty(), "{run:?}");
}
