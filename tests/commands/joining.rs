//! Users join with a printed key, or with keys that they made themselves.

use crate::device::{Device, add, vault};
use crate::forge::Forge;
use crate::harness::{Sandbox, finish};
use crate::unlocked::Unlocked;
use std::process::Stdio;

const PASSPHRASE: &str = "an unusual passphrase for tests";
const OTHER_PASSPHRASE: &str = "quite another passphrase for tests";

#[test]
fn joining_sets_a_passphrase_and_invalidates_the_printed_key() {
    let sandbox = vault();
    let printed = add(&sandbox, &["ben", "--write", "dev", "--read", "prod", "--email", "ben@example.com"]);
    let before = std::fs::read(sandbox.vault()).unwrap();
    let laptop = Device::new(&sandbox, "ben").with_key(&printed);
    let joined = laptop.join(PASSPHRASE).ok().says("Joined as \"ben\": writes dev; reads prod.").says("Recovery key");
    laptop.run(&["get", "dev/KEY"]).fails(4).says("does not open this vault");
    let laptop = laptop.with_passphrase(PASSPHRASE);
    assert_eq!(laptop.run(&["get", "dev/KEY"]).ok().text(), "dev-value");
    assert_eq!(laptop.run(&["get", "prod/KEY"]).ok().text(), "prod-value");
    laptop.set("dev/KEY", b"by-ben").ok();
    assert_eq!(sandbox.run(["get", "dev/KEY"]).ok().text(), "by-ben");
    // The recovery key belongs to ben, too. The old slot of the printed key still opens, but nothing is encrypted to
    // its keys any more.
    let recovery = joined.stderr.split_whitespace().find(|word| word.starts_with("AGE-SECRET-KEY-1")).unwrap();
    Device::new(&sandbox, "rescue").with_key(recovery).run(&["get", "dev/KEY"]).ok();
    let mut forge = Forge::of(&sandbox);
    forge.file.slots = vault::vault::File::parse(before.clone()).unwrap().slots;
    forge.write();
    Device::new(&sandbox, "thief").with_key(&printed).run(&["get", "dev/KEY"]).fails(4).says("old keys of ben");
}

#[test]
fn joining_twice_suggests_passwd_and_a_weak_passphrase_changes_nothing() {
    let sandbox = vault();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben"]));
    let before = std::fs::read(sandbox.vault()).unwrap();
    ben.join("password").fails(2);
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
    ben.run(&["list"]).fails(5);
    ben.run(&["join"]).fails(4).says("set VAULT_PASSPHRASE or use --new-passphrase-fd");
    let mut join = ben.command(&["join", "--work-factor", "10"]);
    join.env("VAULT_PASSPHRASE", PASSPHRASE);
    finish(join).ok().says("Joined as \"ben\": reads nothing.");
    sandbox.run(["join", "--non-interactive"]).fails(2).says("has already joined").says("vault passwd");
    Device::new(&sandbox, "new").run(&["join"]).fails(4).says("joining needs the key");
}

#[test]
fn a_request_keeps_its_secret_on_the_requesting_device() {
    let sandbox = vault();
    let zoe = Device::new(&sandbox, "zoe");
    let asked = zoe.run(&["join", "--request", "--user", "zoe"]).ok().says("the private ones stay");
    let line = asked.text();
    assert!(line.starts_with("vault-keys-1,zoe,") && !line.trim().contains(' '), "{line}");
    let fingerprint = asked.stderr.lines().find_map(|line| line.split_once("by voice: ")).unwrap().1;
    assert_eq!(fingerprint.len(), 24, "{asked:?}");
    zoe.run(&["join"]).fails(4).says("has not been added yet");
    sandbox
        .run(["user", "add", "zoe", "--read", "dev", "--keys", line.trim()])
        .ok()
        .says("Nobody else knows")
        .says(fingerprint);
    let zoe = zoe.with_passphrase(PASSPHRASE);
    let joined = finish(zoe.command(&["join", "--work-factor", "10"])).ok();
    assert!(joined.stdout.is_empty() && joined.stderr.contains("Joined as \"zoe\": reads dev"), "{joined:?}");
    assert_eq!(zoe.run(&["get", "dev/KEY"]).ok().text(), "dev-value");
    // The keys on the disk are removed, and nobody else issued the new ones.
    let state = std::fs::read_dir(&zoe.state).unwrap().next().unwrap().unwrap().path();
    let names: Vec<_> = std::fs::read_dir(state).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().starts_with("request")), "{names:?}");
    let users = sandbox.run(["user", "list", "--json"]).ok().json();
    let zoe = users.as_array().unwrap().iter().find(|user| user["username"] == "zoe").unwrap();
    assert!(zoe.get("issuedBy").is_none() && zoe["addedBy"] == "mia", "{zoe}");
}

#[test]
fn a_user_with_an_open_request_is_told_to_wait() {
    let sandbox = vault();
    let zoe = Device::new(&sandbox, "zoe");
    let line = zoe.run(&["join", "--request", "--user", "zoe"]).ok().text();
    for arguments in [&["list"][..], &["list", "--user", "zoe"]] {
        zoe.run(arguments).fails(4).says("\"zoe\" asked to join but has not been added yet").says("vault user add zoe");
    }
    for arguments in [&["status"][..], &["status", "--user", "zoe"], &[]] {
        let run =
            zoe.run(arguments).ok().says("\"zoe\" asked to join but has not been added yet").says("vault user add zoe");
        assert!(run.text().contains("locked"), "{run:?}");
    }
    zoe.run(&["status", "--user", "nobody"]).fails(3);
    sandbox.run(["user", "add", "zoe", "--read", "dev", "--keys", line.trim()]).ok();
    for arguments in [&["list"][..], &["list", "--user", "zoe"]] {
        zoe.run(arguments).fails(4).says("\"zoe\" was added but has not joined yet").says("vault join --user zoe");
    }
    zoe.join("an unusual passphrase for tests").ok();
    zoe.run(&["list"]).fails(4).says("the vault is locked");
}

#[test]
fn a_request_stops_no_command_that_has_a_key_or_an_agent() {
    let sandbox = vault();
    let key = add(&sandbox, &["ben", "--read", "dev"]);
    let device = Device::new(&sandbox, "laptop");
    device.run(&["join", "--request", "--user", "zoe"]).ok();
    device.run(&["list"]).fails(4).says("\"zoe\" asked to join");
    let ben = Device::new(&sandbox, "laptop").with_key(&key);
    for command in ["status", "list"] {
        ben.run(&[command]).ok();
        let run = ben.run(&[command, "--user", "zoe"]).fails(2).says("this key is ben's, not zoe's");
        assert!(!run.stderr.contains("asked to join"), "{run:?}");
    }
    let agent = Unlocked::around(sandbox);
    agent.run(&["join", "--request", "--user", "zoe"]).ok();
    agent.run(&["list"]).fails(4).says("\"zoe\" asked to join");
    agent.unlock_with("VAULT_KEY", &key).ok();
    agent.run(&["list"]).ok();
    let run = agent.run(&["status"]).ok();
    assert!(run.text().contains("unlocked as ben") && !run.stderr.contains("asked to join"), "{run:?}");
    agent.run(&["list", "--user", "zoe"]).fails(4).says("\"zoe\" asked to join");
    assert!(agent.run(&["status", "--user", "zoe"]).ok().says("\"zoe\" asked to join").text().contains("locked"));
}

#[test]
fn several_who_asked_on_one_device_have_to_say_who_they_are() {
    let sandbox = vault();
    let device = Device::new(&sandbox, "shared");
    for user in ["zoe", "ana"] {
        device.run(&["join", "--request", "--user", user]).ok();
    }
    let (several, hint) = ("several users asked to join on this device", "--user NAME or VAULT_USER (ana, zoe)");
    for command in ["join", "list"] {
        device.run(&[command]).fails(2).says(several).says(hint);
        device.run(&[command, "--user", "ana"]).fails(4).says("\"ana\" asked to join but has not been added yet");
    }
    device.run(&["status"]).ok().says(several).says(hint);
}

#[test]
fn several_requests_can_be_open_and_accepted_in_any_order() {
    let sandbox = vault();
    let names = ["ann", "bea", "cid", "dan", "eli", "fay", "gus", "hal", "ida", "jon"];
    let devices = names.map(|name| Device::new(&sandbox, name));
    let ask = |(device, name): (&Device<'_>, &&str)| device.run(&["join", "--request", "--user", name]).ok().text();
    let lines: Vec<String> = devices.iter().zip(&names).map(ask).collect();
    let mut devices: Vec<_> = devices.into_iter().map(|device| Some(device.with_passphrase(PASSPHRASE))).collect();
    let mut joined = Vec::new();
    for (turn, number) in [6, 2, 9, 0, 4, 8, 3, 1, 7, 5].into_iter().enumerate() {
        sandbox.run(["user", "add", names[number], "--read", "dev", "--keys", lines[number].trim()]).ok();
        // Whatever changes in the meantime: rights, keys, environments, other new users.
        match turn {
            1 => drop(sandbox.run(["env", "add", "staging"]).ok()),
            3 => drop(sandbox.run(["grant", names[6], "prod:read"]).ok()),
            5 => drop(sandbox.run(["user", "rm", "-y", names[2]]).ok()),
            7 => sandbox.set("dev/KEY", b"dev-value"),
            _ => {}
        }
        if turn % 2 == 0 {
            let device = devices[number].take().unwrap();
            finish(device.command(&["join", "--work-factor", "10"])).ok();
            joined.push(device);
        }
    }
    let removed = devices[2].take().unwrap();
    finish(removed.command(&["join", "--work-factor", "10"])).fails(4);
    for device in devices.into_iter().flatten() {
        finish(device.command(&["join", "--work-factor", "10"])).ok();
        joined.push(device);
    }
    assert_eq!(joined.len(), 9);
    for device in joined {
        assert_eq!(device.run(&["get", "dev/KEY"]).ok().text(), "dev-value");
    }
    let unknown = format!("vault-keys-1,eve,age1pq1qqqsyqcy,{},{}", "0".repeat(64), "A".repeat(88));
    sandbox.run(["user", "add", "eve", "--keys", &unknown]).says("made by a newer version");
}

#[test]
fn a_request_for_another_name_or_vault_is_refused_and_can_be_repeated() {
    let sandbox = vault();
    let zoe = Device::new(&sandbox, "zoe");
    let ask = || zoe.run(&["join", "--request", "--user", "zoe"]).ok().text().trim().to_owned();
    let old = ask();
    sandbox.run(["env", "add", "staging"]).ok();
    let new = ask();
    assert_eq!(new, old, "a repeated request must have the same keys");
    sandbox.run(["user", "add", "eve", "--keys", &new]).fails(2).says("these are the keys of \"zoe\"");
    sandbox.run(["user", "add", "zoe", "--keys", "nonsense"]).fails(2).says("not public keys");
    let other = vault();
    other.run(["env", "add", "staging"]).ok();
    other.run(["user", "add", "zoe", "--keys", &new]).fails(2).says("not made for this vault");
    sandbox.run(["user", "add", "zoe", "--keys", &new]).ok();
    sandbox.run(["verify"]).ok();
    // A user who was removed before joining asks again with other keys, because keys are never reused.
    sandbox.run(["user", "rm", "-y", "zoe"]).ok();
    let again = ask();
    assert_ne!(again.split(',').nth(2), new.split(',').nth(2));
    sandbox.run(["user", "add", "zoe", "--keys", &again]).ok();
    // Nobody can ask to join under the name of an existing user.
    zoe.run(&["join", "--request", "--user", "mia"]).fails(2).says("user \"mia\" already exists");
}

#[test]
fn on_a_terminal_join_asks_for_the_key_and_other_commands_for_the_user() {
    let sandbox = Sandbox::empty();
    let mia = Device::new(&sandbox, "mia").with_passphrase(PASSPHRASE);
    finish(mia.command(&["init", "--work-factor", "10"])).ok();
    let key = mia.run(&["user", "add", "ben", "--write", "dev"]).ok().text();
    let ben = Device::new(&sandbox, "ben");
    let terminal = |device: &Device<'_>, arguments: &[&str]| {
        let mut command = device.command(arguments);
        command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
        rexpect::session::spawn_command(command, Some(30_000)).unwrap()
    };
    let mut join = terminal(&ben, &["join", "--work-factor", "10"]);
    join.exp_string("Key that vault user add printed:").unwrap();
    join.send_line(key.trim()).unwrap();
    join.exp_string("Passphrase (Enter generates one):").unwrap();
    join.send_line(OTHER_PASSPHRASE).unwrap();
    join.exp_string("Type it again:").unwrap();
    join.send_line(OTHER_PASSPHRASE).unwrap();
    join.exp_string("Joined as \"ben\"").unwrap();
    join.exp_eof().unwrap();
    // ben was the last user here. On another device, vault asks once for the user.
    let mut list = terminal(&ben, &["list"]);
    list.exp_string("Passphrase for ben in ./secrets.vault (for vault list):").unwrap();
    drop(list);
    let new = Device::new(&sandbox, "new");
    let mut list = terminal(&new, &["list"]);
    list.exp_string("Which user are you (mia, ben)?").unwrap();
    list.send_line("ben").unwrap();
    list.exp_string("Passphrase for ben in ./secrets.vault (for vault list):").unwrap();
    list.send_line(OTHER_PASSPHRASE).unwrap();
    list.exp_string("dev").unwrap();
    list.exp_eof().unwrap();
    let mut list = terminal(&new, &["list"]);
    list.exp_string("Passphrase for ben in ./secrets.vault (for vault list):").unwrap();
}
