//! K2: an attacker who can write the log's files but has no key can't cut off entries unnoticed.

use super::access_log::{frames, log_directory, sandbox, segment, tamper, verify};
use crate::harness::Sandbox;
use std::path::PathBuf;
use vault::identity::Hash;

/// Positions in the key file, as in vault-format(5).
const SEGMENT: usize = 8;
const NUMBER: usize = 12;
const OFFSET: usize = 20;
const PREVIOUS: usize = 60;
const READERS: usize = 92;
const KEY: usize = 124;

/// Writes a key file as somebody without the key can: everything but the key is right.
fn forge_key(sandbox: &Sandbox, parts: &[(usize, &[u8])]) {
    let path = log_directory(sandbox).join("key");
    let mut record = std::fs::read(&path).unwrap();
    record.truncate(record.len() / 2);
    let random = Hash::of(b"no key of this log");
    for (place, bytes) in parts.iter().chain(&[(KEY, &random.as_bytes()[..])]) {
        record[*place..place + bytes.len()].copy_from_slice(bytes);
    }
    let end = record.len() - 32;
    let checksum = Hash::of(&record[..end]);
    record[end..].copy_from_slice(checksum.as_bytes());
    std::fs::write(path, record.repeat(2)).unwrap();
}

/// Cuts off the last entry of the first segment, and moves the key file back by `before` entries with a forged key.
fn cut_and_forge(sandbox: &Sandbox, before: usize, parts: &[(usize, &[u8])]) {
    tamper(sandbox, |entries| drop(entries.pop()));
    let bytes = std::fs::read(segment(sandbox, 1)).unwrap();
    let (_, mut entries) = frames(&bytes);
    let behind = entries.split_off(entries.len() - before);
    let offset = u64::try_from(bytes.len() - behind.concat().len()).unwrap();
    let number = u64::try_from(entries.len()).unwrap() + 1;
    let previous = Hash::of(&entries.last().unwrap()[4..]);
    let place: [(usize, &[u8]); 3] =
        [(NUMBER, &number.to_be_bytes()), (OFFSET, &offset.to_be_bytes()), (PREVIOUS, previous.as_bytes())];
    forge_key(sandbox, &[&place, parts].concat());
}

/// Adds a second segment with some entries, and returns the key file from the end of the first one.
fn with_two_segments() -> (Sandbox, Vec<u8>) {
    let mut sandbox = sandbox();
    let new = sandbox.run(["passwd", "--key"]).ok().text();
    let key = std::fs::read(log_directory(&sandbox).join("key")).unwrap();
    sandbox.use_key(&new);
    for _ in 0..4 {
        sandbox.run(["get", "A"]).ok();
    }
    assert!(segment(&sandbox, 2).exists());
    verify(&sandbox).ok();
    (sandbox, key)
}

fn cut_second_segment(sandbox: &Sandbox) {
    let path = segment(sandbox, 2);
    let (header, entries) = frames(&std::fs::read(&path).unwrap());
    std::fs::write(path, [header, entries[..2].concat()].concat()).unwrap();
}

/// Asserts that it is noticed now, and after the next entry, which replaces the key file.
#[track_caller]
fn is_found(sandbox: &Sandbox) {
    verify(sandbox).fails(6);
    sandbox.run(["get", "A"]).ok();
    verify(sandbox).fails(6);
}

#[test]
fn k2_a_cut_is_found_despite_a_key_file_of_an_older_segment() {
    let (sandbox, _) = with_two_segments();
    cut_second_segment(&sandbox);
    forge_key(&sandbox, &[(SEGMENT, &1_u32.to_be_bytes()), (NUMBER, &1_u64.to_be_bytes())]);
    is_found(&sandbox);
}

#[test]
fn k2_a_cut_is_found_despite_a_key_file_from_the_end_of_an_older_segment() {
    let (sandbox, old) = with_two_segments();
    cut_second_segment(&sandbox);
    // Everything but the key is known from the first segment.
    forge_key(&sandbox, &[(0, &old[..KEY])]);
    is_found(&sandbox);
}

#[test]
fn k2_a_cut_of_the_only_segment_is_found_before_the_next_entry() {
    for before in 0..3 {
        let sandbox = sandbox();
        cut_and_forge(&sandbox, before, &[]);
        verify(&sandbox).fails(6).says("entry 7 of mia's log: missing: the key file holds another key");
        sandbox.run(["get", "A"]).ok();
        verify(&sandbox).fails(6).says("entry 7");
    }
}

#[test]
fn k2_a_key_file_that_forces_a_new_segment_does_not_hide_a_cut() {
    let sandbox = sandbox();
    // The readers differ from those of the segment, so the next entry goes into a new segment.
    cut_and_forge(&sandbox, 0, &[(READERS, &[7; 32])]);
    is_found(&sandbox);
}

#[test]
fn k10_a_key_file_of_an_older_segment_is_noted_and_nothing_is_missing() {
    let (sandbox, old) = with_two_segments();
    std::fs::write(log_directory(&sandbox).join("key"), old).unwrap();
    verify(&sandbox).ok();
    sandbox.run(["get", "A"]).ok();
    verify(&sandbox).ok();
    let last = sandbox.run(["log", "--json", "-n", "1"]).ok().json();
    assert_eq!(last["note"], "an older key file was put back");
}

fn device_file(sandbox: &Sandbox) -> PathBuf {
    sandbox.vault_state().join("device-mia")
}

#[test]
fn k2_renaming_the_device_does_not_move_its_anchors() {
    let sandbox = sandbox();
    let directory = log_directory(&sandbox);
    let names = ["000001.log", "key"];
    let old = names.map(|name| std::fs::read(directory.join(name)).unwrap());
    let honest = std::fs::read(device_file(&sandbox)).unwrap();
    std::fs::write(device_file(&sandbox), "0".repeat(32)).unwrap();
    sandbox.set("A", b"three");
    // Everything is as before. If the entry were anchored under the other name, nobody would miss it.
    names.iter().zip(old).for_each(|(name, bytes)| std::fs::write(directory.join(name), bytes).unwrap());
    std::fs::write(device_file(&sandbox), honest).unwrap();
    verify(&sandbox).fails(6).says("the vault remembers entry 8");
}

#[test]
fn k2_a_deleted_log_is_noticed() {
    let sandbox = sandbox();
    let device = std::fs::read_to_string(device_file(&sandbox)).unwrap();
    std::fs::remove_dir_all(sandbox.vault_state().join("log")).unwrap();
    verify(&sandbox).fails(6).says(&format!("missing: the log of device {device} that was here"));
    sandbox.run(["get", "A"]).ok();
    verify(&sandbox).fails(6).says("missing: the vault remembers entry 6");
    let notes = sandbox.run(["log"]).fails(6).text();
    assert!(notes.contains("the log that was here is missing"), "{notes}");
}

#[test]
fn k2_a_deleted_log_without_anchors_is_noticed_too() {
    let sandbox = sandbox();
    let elsewhere = sandbox.home().join("other");
    let there = |arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        command.env("VAULT_STATE_DIR", &elsewhere);
        crate::harness::finish(command)
    };
    // A new device does not look like a device whose log was deleted.
    assert!(there(&["log", "verify"]).ok().text().contains("0 entries"));
    there(&["get", "A"]).ok();
    let logs = std::fs::read_dir(&elsewhere).unwrap().map(|entry| entry.unwrap().path().join("log"));
    logs.into_iter().filter(|log| log.exists()).for_each(|log| std::fs::remove_dir_all(log).unwrap());
    there(&["log", "verify"]).fails(6).says("missing: the log of device");
}
