//! K: what the access log still proves after somebody has taken over the machine.

mod cut;
mod torn;

use crate::forge::{Forge, Member, Segment, Team, user};
use crate::harness::{Run, Sandbox, finish};
use std::path::PathBuf;
use vault::identity::PrivateKeys;
use vault::roster::{Change, Role};
use vault::vault::Settings;

/// A vault with some log entries. The last change anchors the earlier ones.
pub(super) fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"one");
    for _ in 0..3 {
        sandbox.run(["get", "A"]).ok();
    }
    sandbox.set("A", b"two");
    sandbox.run(["get", "A"]).ok();
    sandbox
}

pub(super) fn log_directory(sandbox: &Sandbox) -> PathBuf {
    sandbox.vault_state().join("log/mia")
}

pub(super) fn segment(sandbox: &Sandbox, number: u32) -> PathBuf {
    log_directory(sandbox).join(format!("{number:06}.log"))
}

/// The header line and the frames of a segment.
pub(super) fn frames(bytes: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let (mut rest, mut frames) = (&bytes[end..], Vec::new());
    while !rest.is_empty() {
        let length = 4 + u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        frames.push(rest[..length].to_vec());
        rest = &rest[length..];
    }
    (bytes[..end].to_vec(), frames)
}

pub(super) fn verify(sandbox: &Sandbox) -> Run {
    sandbox.run(["log", "verify"])
}

/// A change to the frames of a segment.
type Attack = fn(&mut Vec<Vec<u8>>);

/// Changes the frames of the first segment.
pub(super) fn tamper(sandbox: &Sandbox, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
    let path = segment(sandbox, 1);
    let (header, mut entries) = frames(&std::fs::read(&path).unwrap());
    change(&mut entries);
    std::fs::write(path, [header, entries.concat()].concat()).unwrap();
}

#[test]
fn k1_a_changed_entry_is_named() {
    let attacks: [(&str, Attack); 4] = [
        ("entry 3", |entries| drop(entries.remove(2))),
        ("entry 3", |entries| entries.swap(2, 3)),
        ("entry 4", |entries| entries.insert(3, entries[2].clone())),
        ("entry 3", |entries| *entries[2].last_mut().unwrap() ^= 1),
    ];
    for (named, attack) in attacks {
        let sandbox = sandbox();
        verify(&sandbox).ok();
        tamper(&sandbox, attack);
        verify(&sandbox).fails(6).says(named);
        sandbox.run(["log"]).fails(6);
    }
}

#[test]
fn k6_an_entry_or_segment_by_an_outsider_is_found() {
    let (sandbox, other) = (sandbox(), sandbox());
    let (_, foreign) = frames(&std::fs::read(segment(&other, 1)).unwrap());
    tamper(&sandbox, |entries| entries[3] = foreign[3].clone());
    verify(&sandbox).fails(6).says("entry 4");
    let sandbox = self::sandbox();
    std::fs::copy(segment(&other, 1), segment(&sandbox, 2)).unwrap();
    verify(&sandbox).fails(6).says("segment 2");
}

#[test]
fn k8_the_logs_of_two_devices_both_verify() {
    let sandbox = sandbox();
    let elsewhere = sandbox.home().join("other");
    let there = |arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        command.env("VAULT_STATE_DIR", &elsewhere);
        finish(command)
    };
    there(&["set", "A=there"]).ok();
    sandbox.set("A", b"here");
    there(&["get", "A"]).ok();
    there(&["log", "verify"]).ok();
    verify(&sandbox).ok();
}

#[test]
fn k9_b4_without_a_log_no_value_is_given_out() {
    let sandbox = sandbox();
    let directory = log_directory(&sandbox);
    std::fs::remove_dir_all(&directory).unwrap();
    std::fs::write(&directory, "in the way").unwrap();
    for arguments in [&["get", "A"][..], &["export"], &["list", "--values"], &["exec", "--", "echo", "ran"]] {
        let run = sandbox.run(arguments);
        assert!(run.code != 0 && run.stdout.is_empty(), "{run:?}");
        assert!(run.stderr.contains("error: "), "{run:?}");
    }
}

#[test]
fn k4_a_past_entry_sealed_with_the_current_key_is_found() {
    let (sandbox, spare) = (sandbox(), tempfile::tempdir().unwrap());
    let settings = Settings::at(spare.path().to_owned());
    let elsewhere = crate::forge::session_with(&sandbox, sandbox.key(), &settings);
    let (directory, copy) = (log_directory(&sandbox), elsewhere.vault().state_directory().join("log/mia"));
    let (_, honest) = frames(&std::fs::read(segment(&sandbox, 1)).unwrap());
    // The current key seals an arbitrary entry in a copy, and its frame is moved into the past.
    std::fs::create_dir_all(&copy).unwrap();
    for name in ["000001.log", "key"] {
        std::fs::copy(directory.join(name), copy.join(name)).unwrap();
    }
    elsewhere.let_continue().unwrap();
    let (_, sealed) = frames(&std::fs::read(copy.join("000001.log")).unwrap());
    let new = sealed.last().unwrap().clone();
    assert_eq!(sealed.len(), honest.len() + 1);
    let mut renumbered = new.clone();
    renumbered[4..12].copy_from_slice(&3_u64.to_be_bytes());
    for frame in [new, renumbered] {
        tamper(&sandbox, |entries| entries[2] = frame);
        verify(&sandbox).fails(6).says("entry 3");
    }
}

#[test]
fn k6_a_segment_by_somebody_else_is_not_continued() {
    // Anybody can encrypt a first key to the user, but only the user can sign. The number would invalidate every later
    // anchor.
    let sandbox = sandbox();
    let directory = log_directory(&sandbox);
    let (eve, mia) = (Member::new("mia"), Member::owner(&sandbox));
    let forge = Forge::of(&sandbox);
    let first = std::fs::read(segment(&sandbox, 1)).unwrap();
    let plant = |keys: &PrivateKeys| {
        let mut planted = Segment::after(&first, &mia.recipient(), keys, &forge.head());
        planted.add("list");
        planted.add("list");
        std::fs::write(segment(&sandbox, 2), planted.bytes()).unwrap();
    };
    std::fs::remove_file(directory.join("key")).unwrap();
    plant(&mia.keys);
    let honest = verify(&sandbox).fails(6);
    assert!(honest.stderr.contains("key file") && !honest.stderr.contains("segment 2"), "{honest:?}");
    plant(&eve.keys);
    verify(&sandbox).fails(6).says("segment 2 is not signed");
    sandbox.set("A", b"three");
    verify(&sandbox).fails(6).says("segment 2");
    let lines = sandbox.run(["log", "--json"]);
    assert_eq!(lines.code, 6);
    let numbers: Vec<u64> = lines
        .text()
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, (1..=u64::try_from(numbers.len()).unwrap()).collect::<Vec<_>>());
}

#[test]
fn k6_impossible_numbers_in_planted_files_crash_nothing() {
    let sandbox = sandbox();
    let directory = log_directory(&sandbox);
    let key = std::fs::read(directory.join("key")).unwrap();
    for (place, length) in [(8, 4), (12, 8), (20, 8)] {
        for byte in [0x00, 0xff] {
            let mut forged = key[..key.len() / 2].to_vec();
            forged[place..place + length].fill(byte);
            let end = forged.len() - 32;
            let checksum = vault::identity::Hash::of(&forged[..end]);
            forged[end..].copy_from_slice(checksum.as_bytes());
            std::fs::write(directory.join("key"), forged.repeat(2)).unwrap();
            verify(&sandbox).fails(6);
            sandbox.run(["get", "A"]).ok();
        }
    }
    for name in ["4294967295.log", "4294967294.log", "+7.log", "000000.log", "x.log"] {
        std::fs::write(directory.join(name), "planted").unwrap();
    }
    std::fs::write(directory.join("key"), "damaged").unwrap();
    verify(&sandbox).fails(6);
    sandbox.run(["get", "A"]).ok();
    verify(&sandbox).fails(6);
}

#[test]
fn k7_a_removed_admin_cannot_read_new_segments() {
    let team = Team::new();
    team.sandbox.run(["get", "dev/KEY"]).ok();
    let read = |member: &Member| member.run(&team.sandbox, &["log", "--of", "mia", "--json"]);
    let before = read(&team.ada).text().lines().count();
    assert!(before > 0);
    let mut forge = team.forge();
    forge.change(&team.mia, Change::SetRole { user: user("ada"), role: Role::Member });
    forge.seal(&team.mia, "prod", &[&team.mia, &team.ada], &[("KEY", "v")]);
    forge.write();
    for _ in 0..3 {
        team.sandbox.run(["get", "dev/KEY"]).ok();
    }
    assert_eq!(read(&team.ada).text().lines().count(), before);
    let newest = std::fs::read_dir(team.sandbox.vault_state().join("log/mia")).unwrap().count();
    assert!(newest >= 4, "{newest}");
    team.sandbox.run(["log", "verify"]).ok();
}

#[test]
fn new_keys_start_a_new_segment() {
    let mut sandbox = sandbox();
    let key = sandbox.run(["passwd", "--key"]).ok().text();
    sandbox.use_key(key.trim());
    sandbox.run(["get", "A"]).ok();
    assert!(segment(&sandbox, 2).exists());
    verify(&sandbox).ok();
    let count = sandbox.run(["log", "--json"]).ok().text().lines().count();
    assert!(count >= 9, "{count}");
}

#[test]
fn entries_without_an_anchor_are_counted() {
    let sandbox = sandbox();
    assert!(verify(&sandbox).ok().text().contains("no anchor covers the last entry yet"));
    sandbox.set("A", b"three");
    assert!(!verify(&sandbox).ok().text().contains("no anchor"));
}

#[test]
fn c7_a_hundred_processes_append_entries_with_contiguous_numbers() {
    let sandbox = sandbox();
    let children: Vec<_> = (0..100).map(|_| sandbox.command(["get", "A"]).spawn().unwrap()).collect();
    for child in children {
        assert!(child.wait_with_output().unwrap().status.success());
    }
    let run = verify(&sandbox).ok();
    assert!(run.text().contains("107 entries"), "{run:?}");
}

#[test]
fn importing_a_thousand_items_is_one_entry() {
    let sandbox = sandbox();
    sandbox.write("many.env", (0..1000).map(|i| format!("I_{i}=v{i}\n")).collect::<String>());
    sandbox.run(["import", "many.env"]).ok();
    let last = sandbox.run(["log", "--json", "-n", "1"]).ok().json();
    assert_eq!(last["secrets"].as_array().unwrap().len(), 1000);
    assert_eq!(last["number"], 8);
}

#[test]
fn a_changed_export_is_not_blamed_on_its_reader() {
    let sandbox = sandbox();
    sandbox.run(["log", "export", "-o", "export"]).ok();
    sandbox.run(["log", "verify", "export"]).ok();
    let honest = std::fs::read_to_string(sandbox.project().join("export")).unwrap();
    let (middle, end) = (honest.len() / 2, honest.len() - 200);
    let other = if &honest[middle..=middle] == "A" { "B" } else { "A" };
    let changed = [
        format!("{}{other}{}", &honest[..middle], &honest[middle + 1..]),
        honest[..middle].to_owned(),
        format!("{}{}", &honest[..end], &honest[end + 65..]),
        honest.replacen("-----END", "-----ENT", 1),
        honest.replacen("\n", "\nA", 1),
    ];
    for changed in changed {
        sandbox.write("changed", &changed);
        for command in ["verify", "show"] {
            sandbox.run(["log", command, "changed"]).fails(6).says("the exported log was changed, or is incomplete");
        }
    }
    sandbox.write("other", "something else");
    sandbox.run(["log", "verify", "other"]).fails(2).says("this is not an exported log");
}
