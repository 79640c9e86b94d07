//! `vault user rm`: what a removed user can still read, and who goes with them.

use super::{OTHER_PASSPHRASE, PASSPHRASE};
use crate::device::{Device, add, vault};
use crate::forge::{Forge, dearmored, keys_of, opened};
use vault::log::Caller;

#[test]
fn l1_a_removed_member_can_read_the_old_file_and_nothing_newer() {
    let sandbox = vault();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--write", "dev", "--read", "prod"]));
    ben.join(PASSPHRASE).ok();
    let ben = ben.with_passphrase(PASSPHRASE);
    ben.run(&["get", "dev/KEY"]).ok();
    let clone = sandbox.home().join("clone.vault");
    std::fs::copy(sandbox.vault(), &clone).unwrap();
    let removed = sandbox.run(["user", "rm", "-y", "ben"]).ok().says("Removed ben.").says("replace 2 values");
    assert_eq!(removed.text(), "dev/KEY\nprod/KEY\n");
    sandbox.set("dev/KEY", b"new-value");
    // The clone still opens. The new file doesn't: not with the slot, not with the key, and not with stock age.
    assert_eq!(ben.run(&["--vault", clone.to_str().unwrap(), "get", "dev/KEY"]).ok().text(), "dev-value");
    ben.run(&["get", "dev/KEY"]).fails(4);
    let fresh = Device::new(&sandbox, "fresh").with_passphrase(PASSPHRASE);
    assert_eq!(fresh.run(&["--vault", clone.to_str().unwrap(), "get", "dev/KEY"]).ok().text(), "dev-value");
    fresh.run(&["get", "dev/KEY"]).fails(4);
    let session = {
        let settings = vault::vault::Settings::at(sandbox.home().join("s"));
        let vault = vault::vault::Vault::open(&clone, &settings).unwrap();
        let passphrase = vault::vault::Credential::Passphrase(PASSPHRASE.to_owned().into());
        vault.unlock(&passphrase, Some(&crate::forge::user("ben")), &Caller::default()).unwrap()
    };
    for block in &Forge::of(&sandbox).file.blocks {
        let bytes = dearmored(&block.data);
        assert_eq!(opened(&keys_of(&session), &bytes), None, "ben's keys open {:?}", block.statement);
    }
    // Due until there is a new value. The variable is not a secret.
    assert!(sandbox.run(["status"]).ok().text().contains("1 item due"));
    let due = sandbox.run(["list", "--due", "--json", "-e", "prod"]).ok().json();
    assert_eq!(due[0]["name"], "KEY");
    assert!(due[0]["rotateDue"].is_string());
    sandbox.set("prod/KEY", b"new-value");
    assert!(sandbox.run(["status"]).ok().text().contains("nothing due"));
    // The name may be used again, with new keys.
    add(&sandbox, &["ben", "--read", "dev"]);
    fresh.run(&["get", "dev/KEY"]).fails(4);
}

#[test]
fn l5_the_last_admin_stays_and_nobody_removes_themselves() {
    let sandbox = vault();
    sandbox.run(["user", "role", "mia", "member"]).fails(5).says("last admin");
    sandbox.run(["user", "rm", "-y", "mia"]).fails(5).says("can't remove yourself");
    let ada = Device::new(&sandbox, "ada").with_key(&add(&sandbox, &["ada"]));
    sandbox.run(["user", "role", "ada", "admin"]).ok().says("ada is now an admin: reads nothing.");
    sandbox.run(["user", "role", "ada", "admin"]).ok().says("already");
    ada.run(&["get", "dev/KEY"]).fails(5);
    // An admin who writes nothing can't give read rights to anybody, including herself.
    ada.run(&["grant", "ada", "dev"]).fails(5).says("can't grant rights on dev").says("ask mia");
    let asked = sandbox.run(["user", "role", "mia", "member"]).fails(2);
    asked.says("there is no terminal to ask at").says("-y answers yes");
    sandbox.run(["user", "role", "mia", "member", "-y"]).ok().says("no admin writes dev, prod any more");
    sandbox.run(["user", "add", "eve"]).fails(5).says("ask an admin: ada");
}

#[test]
fn l10_users_whose_keys_a_removed_user_made_are_removed_too_unless_kept() {
    for keep in [false, true] {
        let sandbox = vault();
        let ada = Device::new(&sandbox, "ada").with_key(&add(&sandbox, &["ada", "--admin", "--write", "dev"]));
        ada.join(PASSPHRASE).ok();
        let ada = ada.with_passphrase(PASSPHRASE);
        let invited = ada.run(&["user", "add", "eve", "--read", "dev", "--admin"]).ok().text();
        let eve = Device::new(&sandbox, "eve").with_key(&invited);
        let ci = eve.run(&["user", "add", "bot"]).ok().text();
        let joined = ada.run(&["user", "add", "joined", "--read", "dev"]).ok().text();
        let joined = Device::new(&sandbox, "joined").with_key(&joined);
        joined.join(OTHER_PASSPHRASE).ok();
        let invitations = Forge::of(&sandbox).file.slots;
        let mut arguments = vec!["user", "rm", "-y", "ada"];
        arguments.extend(keep.then_some("--keep-issued"));
        let removed = sandbox.run(&arguments).ok();
        if keep {
            assert!(removed.stderr.contains("ada may still have the keys of bot, eve"), "{removed:?}");
            eve.run(&["get", "dev/KEY"]).ok();
        } else {
            assert!(removed.stderr.contains("Removed bot, eve, too"), "{removed:?}");
            assert!(removed.stderr.contains("ada added joined, who keeps their rights"), "{removed:?}");
            eve.run(&["get", "dev/KEY"]).fails(4);
            // Not even if the host puts the invitation's slot back.
            let mut forge = Forge::of(&sandbox);
            forge.file.slots = invitations.clone();
            forge.write();
            eve.run(&["get", "dev/KEY"]).fails(4).says("its user was removed");
            forge.file.slots = invitations.iter().filter(|slot| slot.user.as_str() != "eve").cloned().collect();
            forge.write();
            Device::new(&sandbox, "bot").with_key(&ci).run(&["list"]).fails(4);
        }
        let joined = joined.with_passphrase(OTHER_PASSPHRASE);
        joined.run(&["--user", "joined", "get", "dev/KEY"]).ok();
        sandbox.run(["verify"]).ok();
    }
}

#[test]
fn l10_an_admin_whose_key_was_made_by_the_removed_user_must_replace_it_first() {
    let sandbox = vault();
    let ada = Device::new(&sandbox, "ada").with_key(&add(&sandbox, &["ada", "--admin"]));
    ada.run(&["user", "rm", "-y", "mia"]).fails(5).says("mia made the keys that you use");
    ada.join(PASSPHRASE).ok();
    let ada = ada.with_passphrase(PASSPHRASE);
    // Nobody else writes dev and prod, so each must be named.
    ada.run(&["user", "rm", "-y", "mia"]).fails(2).says("mia is the last reader of dev").says("--orphan dev");
    ada.run(&["user", "rm", "-y", "mia", "--orphan", "dev"]).fails(2).says("mia is the last reader of prod");
    let refused = ada.run(&["user", "rm", "-y", "mia", "--json"]);
    let error = serde_json::from_str::<serde_json::Value>(&refused.stderr).unwrap()["error"].take();
    assert_eq!((&error["exit"], &error["reason"]), (&2.into(), &"last-holder".into()));
    assert_eq!(error["accept"], serde_json::json!({ "orphans": ["dev", "prod"] }));
    let removed = ada.run(&["user", "rm", "-y", "mia", "--orphan", "dev,prod"]).ok();
    assert!(removed.stderr.contains("nobody writes dev any more"), "{removed:?}");
    // verify doesn't announce a save that nobody can make.
    let verified = ada.run(&["verify"]).ok().text();
    assert!(verified.contains("dev: pending for good: nobody writes it any more"), "{verified}");
}

#[test]
fn an_environment_that_nobody_writes_any_more_does_not_wait_for_a_save() {
    let sandbox = vault();
    let ada = Device::new(&sandbox, "ada").with_key(&add(&sandbox, &["ada", "--admin"]));
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--read", "dev"]));
    for device in [&ada, &ben] {
        device.join(PASSPHRASE).ok();
    }
    let (ada, ben) = (ada.with_passphrase(PASSPHRASE), ben.with_passphrase(PASSPHRASE));
    ada.run(&["user", "rm", "-y", "mia", "--orphan", "dev,prod"]).ok().says("nobody writes dev any more");
    ben.run(&["list", "-e", "dev"]).ok().says("and nobody writes it any more");
    let findings = ben.run(&["doctor", "--json"]).json();
    let mut findings = findings.as_array().unwrap().iter();
    let pending = findings.find(|finding| finding["check"] == "pending" && finding["subject"] == "dev").unwrap();
    assert_eq!(pending["what"], "its last author has lost the right to write it, and nobody writes it any more");
    assert_eq!(pending["remedy"], "vault env rm dev");
}

#[test]
fn an_environment_that_the_admin_cannot_write_is_pending_until_a_writer_saves_it() {
    let sandbox = vault();
    let ada = Device::new(&sandbox, "ada").with_key(&add(&sandbox, &["ada", "--admin"]));
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--write", "dev", "--read", "prod"]));
    ben.set("dev/KEY", b"by-ben").ok();
    let removed = ada.run(&["user", "rm", "-y", "ben"]).ok().says("dev: you don't write it");
    assert!(removed.text().is_empty() && removed.stderr.contains("by mia"), "{removed:?}");
    assert!(sandbox.run(["verify"]).ok().text().contains("dev: pending"));
    let environments = sandbox.run(["env", "list", "--json"]).ok().json();
    assert_eq!((&environments[0]["name"], &environments[0]["pending"]), (&"dev".into(), &true.into()));
    assert!(sandbox.run(["env", "list"]).ok().text().contains("pending"));
    let status = sandbox.run(["status"]).ok().text();
    assert!(status.contains("dev, prod pending") && status.contains("2 items due"), "{status}");
    // It can be read in the meantime, and any save re-encrypts it.
    sandbox.run(["list", "-e", "dev"]).ok().says("dev is pending");
    assert_eq!(sandbox.run(["get", "dev/KEY"]).ok().text(), "by-ben");
    sandbox.run(["set", "--kind", "variable", "PORT=2"]).ok().says("replace what they knew");
    let environments = sandbox.run(["env", "list", "--json"]).ok().json();
    assert!(environments[0].get("pending").is_none(), "{environments}");
    let due = sandbox.run(["list", "--due", "--json", "-e", "dev"]).ok().json();
    assert_eq!(due.as_array().unwrap().len(), 1, "{due}");
    sandbox.set("dev/KEY", b"new");
    assert_eq!(sandbox.run(["list", "--due", "--json", "-e", "dev"]).ok().json(), serde_json::json!([]));
}
