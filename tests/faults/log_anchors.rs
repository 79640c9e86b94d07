//! Anchors: what the vault records about a log, and who can be blamed for a gap.

use super::access_log::{frames, log_directory, sandbox, segment};
use crate::device::{Device, add, vault};
use crate::forge::{Forge, Member, Team, content, content_of, session, user};
use std::time::Duration;
use vault::identity::Hash;
use vault::item::AnchorStatement;
use vault::time::Time;

#[test]
fn log_entries_that_a_new_admin_cannot_read_are_not_reported_as_missing() {
    let sandbox = vault();
    let bob = add(&sandbox, &["bob", "--admin", "--read", "dev,prod"]);
    let verify = || {
        let mut command = sandbox.command(["log", "verify", "--of", "mia"]);
        command.env("VAULT_KEY", &bob);
        crate::harness::finish(command)
    };
    let text = verify().ok().text();
    assert!(text.contains("1 segment can't be read with these keys"), "{text}");
    sandbox.run(["get", "dev/KEY"]).ok();
    let log = log_directory(&sandbox);
    let old = ["000002.log", "key"].map(|name| (log.join(name), std::fs::read(log.join(name)).unwrap()));
    sandbox.set("dev/KEY", b"new");
    verify().ok();
    // Entries that they can read and that the vault recorded must still be there.
    old.iter().for_each(|(path, bytes)| std::fs::write(path, bytes).unwrap());
    verify().fails(6).says("missing: the vault remembers entry");
}

#[test]
fn a_user_who_was_added_again_is_not_blamed_for_entries_by_their_old_keys() {
    let sandbox = vault();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--write", "dev"]));
    ben.set("dev/KEY", b"one").ok();
    sandbox.run(["user", "rm", "-y", "ben"]).ok();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--write", "dev"]));
    assert!(ben.run(&["log", "verify"]).ok().text().contains("1 segment can't be read with these keys"));
    ben.set("dev/KEY", b"two").ok();
    let text = ben.run(&["log", "verify"]).ok().text();
    assert!(text.contains("1 entry in 2 segments"), "{text}");
}

#[test]
fn a_log_that_was_cut_before_its_export_is_found() {
    let sandbox = vault();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--write", "dev"]));
    ben.run(&["get", "dev/KEY"]).ok();
    let state = ben.state.join(sandbox.vault_state().file_name().unwrap()).join("log/ben");
    let old = ["000001.log", "key"].map(|name| (state.join(name), std::fs::read(state.join(name)).unwrap()));
    for value in [b"one", b"two"] {
        ben.set("dev/KEY", value).ok();
    }
    old.iter().for_each(|(path, bytes)| std::fs::write(path, bytes).unwrap());
    // Times are in whole seconds.
    std::thread::sleep(Duration::from_millis(1100));
    let path = sandbox.project().join("ben.log");
    ben.run(&["log", "export", "-o", path.to_str().unwrap()]).ok();
    sandbox
        .run(["log", "verify", "ben.log"])
        .fails(6)
        .says("entry 3 of ben's log: missing: the vault remembers entry 3");
}

#[test]
fn an_export_is_not_blamed_for_later_entries() {
    let sandbox = vault();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--write", "dev"]));
    ben.set("dev/KEY", b"one").ok();
    let path = sandbox.project().join("ben.log");
    ben.run(&["log", "export", "-o", path.to_str().unwrap()]).ok();
    ben.set("dev/KEY", b"two").ok();
    let text = sandbox.run(["log", "verify", "ben.log"]).ok().text();
    assert!(text.contains("the log continued after the export, at least to entry 3"), "{text}");
}

/// ben, who writes dev, saves it with an anchor for mia's device, which says that her log had 18 million million
/// entries.
fn plant(team: &Team, signer: &Member) {
    let known = content_of(&session(&team.sandbox, team.sandbox.key()), "dev");
    let device = known.anchors().keys().next().unwrap();
    let (user, hash, time) = (&user("mia"), Hash::of(b"never written"), Time::now());
    let statement = AnchorStatement { user, device, segment: 1, number: 1 << 44, hash, time, roster: 1 };
    let mut forge = Forge::of(&team.sandbox);
    let mut planted = content(&[("A", "two")]);
    planted.anchor(device, statement.signed(signer.keys.sign(&statement.message(&forge.id()))));
    let (version, previous) = (forge.block("dev").statement.version + 1, vec![forge.block_hash("dev")]);
    let readers = [&team.mia, &team.ben, &team.rea];
    forge.seal_as(&team.ben, "dev", version, previous, &readers, &planted).write();
}

#[test]
fn o4_an_anchor_planted_by_another_writer_is_reported_and_ignored() {
    let team = Team::new();
    team.sandbox.set("dev/A", b"one");
    plant(&team, &team.ben);
    let verify = || team.sandbox.run(["log", "verify"]).ok().text();
    assert!(verify().contains("dev has an anchor for this log that mia did not sign"), "{}", verify());
    // Her next save removes it, and her entries are anchored again.
    team.sandbox.set("dev/A", b"three");
    assert!(!verify().contains("anchor"), "{}", verify());
    let known = content_of(&session(&team.sandbox, team.sandbox.key()), "dev");
    assert!(known.anchors().values().all(|anchor| anchor.number < 100), "{:?}", known.anchors());
    // Somebody with her keys still can't hide that the log was cut.
    plant(&team, &team.mia);
    team.sandbox.run(["log", "verify"]).fails(6).says("by an anchor in dev that mia signed");
}

#[test]
fn a_change_is_anchored_under_the_device_name_in_the_logs_header() {
    let sandbox = sandbox();
    let (header, _) = frames(&std::fs::read(segment(&sandbox, 1)).unwrap());
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    let anchors = content_of(&session(&sandbox, sandbox.key()), "dev");
    let devices: Vec<_> = anchors.anchors().keys().collect();
    assert_eq!(devices, [header["device"].as_str().unwrap()]);
}
