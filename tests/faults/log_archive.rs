//! Archiving old segments: what a crash leaves, and what an attacker on the machine can do.

mod interrupted;

use super::access_log::{log_directory, segment, verify};
use super::crash::inject;
use crate::device::{Device, add, vault};
use crate::forge::{Member, dearmored, opened};
use crate::harness::{Run, Sandbox, has};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Dates long before and long after all entries.
const NEVER: &str = "2001-01-01";
const ALL: &str = "2999-01-01";

/// A log of four segments. The last one is still being written.
fn sandbox() -> Sandbox {
    let mut sandbox = Sandbox::with_vault();
    for value in [b"one".as_slice(), b"two", b"three"] {
        sandbox.set("A", value);
        sandbox.run(["get", "A"]).ok();
        let key = sandbox.run(["passwd", "--key"]).ok().text();
        sandbox.use_key(&key);
    }
    sandbox.run(["get", "A"]).ok();
    assert_eq!(segments(&sandbox), [1, 2, 3, 4]);
    sandbox
}

fn segments(sandbox: &Sandbox) -> Vec<u32> {
    (1..20).filter(|number| segment(sandbox, *number).exists()).collect()
}

fn archive(sandbox: &Sandbox, before: &str, file: &str) -> Run {
    sandbox.run(["log", "archive", "--before", before, "-o", file])
}

/// The hashes of the entries that a command shows.
fn shown(sandbox: &Sandbox, arguments: &[&str]) -> BTreeSet<String> {
    let text = sandbox.run([&["log", "show", "--json"], arguments].concat()).ok().text();
    let hash = |line: &str| serde_json::from_str::<Value>(line).unwrap()["objectId"].as_str().unwrap().to_owned();
    text.lines().map(hash).collect()
}

fn snapshot(sandbox: &Sandbox) -> Vec<(PathBuf, Vec<u8>)> {
    let files = std::fs::read_dir(log_directory(sandbox)).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

fn restore(files: &[(PathBuf, Vec<u8>)]) {
    files.iter().for_each(|(path, bytes)| std::fs::write(path, bytes).unwrap());
}

#[test]
fn old_segments_move_into_a_file_and_both_log_and_archive_verify() {
    let mut sandbox = sandbox();
    let all = shown(&sandbox, &[]);
    archive(&sandbox, NEVER, "none").ok().says("Nothing to archive").says("a segment is closed at 16 MiB");
    let none = sandbox.run(["log", "archive", "--before", NEVER, "--json"]).ok().json();
    assert_eq!((&none["entries"], none.get("file")), (&0.into(), None));
    assert!(!sandbox.project().join("none").exists());

    let done = sandbox.run(["log", "archive", "--before", ALL, "--json"]).ok().says("it has the only copy").json();
    let first = "access-log-mia-1-10.age.txt";
    assert_eq!((&done["file"], &done["entries"], &done["segments"]), (&first.into(), &10.into(), &3.into()));
    assert_eq!(segments(&sandbox), [4]);
    let text = verify(&sandbox).ok().text();
    assert!(text.contains("2 entries in 1 segment, all authentic"), "{text}");
    assert!(text.contains("10 entries before them were archived, the last at 20"), "{text}");
    let object = sandbox.run(["log", "verify", "--json"]).ok().json();
    assert!(object["archived"] == 10 && object["archivedAt"].is_string(), "{object}");
    let (moved, rest) = (shown(&sandbox, &[first]), shown(&sandbox, &[]));
    assert!(moved.is_disjoint(&rest) && all.is_subset(&(&moved | &rest)));
    sandbox.run(["log"]).ok().says("Entries 1 to 10 are in archives");
    let last = sandbox.run(["log", "-n", "1", "--json"]).ok().json();
    assert_eq!(
        (&last["action"], &last["note"]),
        (&"log-archive".into(), &format!("entries 1 to 10 in {first}").into())
    );
    sandbox.run(["log", "-n", "50"]).ok();
    archive(&sandbox, ALL, first).fails(2).says("already exists");

    // The same device starts a new segment, which is archived, too.
    let device = last["device"].clone();
    sandbox.set("A", b"four");
    let key = sandbox.run(["passwd", "--key"]).ok().text();
    sandbox.use_key(&key);
    sandbox.run(["get", "A"]).ok();
    assert_eq!(segments(&sandbox), [4, 5]);
    assert_eq!(sandbox.run(["log", "-n", "1", "--json"]).ok().json()["device"], device);
    sandbox.run(["log", "export", "-o", "export"]).ok();
    let export = sandbox.run(["log", "verify", "export"]).ok().text();
    assert!(export.contains("10 entries before them were archived"), "{export}");
    archive(&sandbox, ALL, "second").ok();
    assert_eq!(segments(&sandbox), [5]);
    sandbox.run(["log", "verify", "second", first]).ok().says("The parts of mia's log fit together");
    sandbox.run(["log", "verify", "second"]).ok().says("The parts of mia's log fit together");
    sandbox.run(["log", "verify", first]).fails(1).says("entries 11 to 14 of mia's log are in none of these");
    let uses = |logs: &[&str]| sandbox.run([&["exposure", "mia", "--json"], logs].concat()).ok();
    assert_eq!(uses(&[first, "second"]).json()[0]["reads"], 5);
    assert_eq!(uses(&[]).says("their reads are not counted").json()[0]["reads"], 1);
}

#[test]
fn a_log_too_large_for_one_archive_goes_into_several() {
    let environments = ["a", "b", "c"];
    let mut sandbox = Sandbox::with_environments(&environments);
    // An import names its items: some 600 KB of the log each time.
    for environment in environments {
        let line = |number| format!("{}{number:04}=1\n", environment.repeat(240));
        sandbox.write(".env", (0..2_500).map(line).collect::<String>());
        sandbox.run(["import", "-q", "-e", environment]).ok();
        let key = sandbox.run(["passwd", "--key"]).ok().text();
        sandbox.use_key(&key);
    }
    sandbox.run(["set", "a/A=1"]).ok();
    assert_eq!(segments(&sandbox), [1, 2, 3, 4]);
    let all = shown(&sandbox, &[]);
    // A file named by the user is one archive, and if segments are left, the command fails.
    let run = sandbox.run(["log", "archive", "--before", ALL, "--max-size", "1", "-o", "one"]).fails(1);
    run.says("Moved 5 entries").says("4 entries from before then did not fit into the file, and stay in the log");
    assert_eq!(segments(&sandbox), [2, 3, 4]);
    let run = sandbox.run(["log", "archive", "--before", ALL, "--max-size", "1", "--json"]).ok();
    let objects: Vec<Value> = run.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), 2, "{run:?}");
    assert_eq!((&objects[0]["left"], &objects[1]["left"]), (&2.into(), &0.into()), "{run:?}");
    assert_eq!(segments(&sandbox), [4]);
    let files: Vec<&str> = objects.iter().map(|object| object["file"].as_str().unwrap()).chain(["one"]).collect();
    sandbox.run([&["log", "verify"], &files[..]].concat()).ok().says("The parts of mia's log fit together");
    let moved: BTreeSet<_> = files.iter().flat_map(|file| shown(&sandbox, &[file])).collect();
    assert!(all.is_subset(&(&moved | &shown(&sandbox, &[]))));
    verify(&sandbox).ok();
}

#[test]
fn the_readers_of_the_log_and_nobody_else_can_read_the_archive() {
    let sandbox = vault();
    let ben = Device::new(&sandbox, "ben").with_key(&add(&sandbox, &["ben", "--read", "dev"]));
    ben.run(&["get", "dev/KEY"]).ok();
    let ada = Device::new(&sandbox, "ada").with_key(&add(&sandbox, &["ada", "--admin"]));
    ben.run(&["get", "dev/PORT"]).ok();
    let path = sandbox.project().join("old");
    ben.run(&["log", "archive", "--before", ALL, "-o", path.to_str().unwrap()]).ok();
    for reader in [&ben, &ada] {
        let text = reader.run(&["log", "show", "old"]).ok().says("ben's log of one device, archived at").text();
        assert!(text.contains("KEY") && !text.contains("PORT"), "{text}");
        reader.run(&["log", "verify", "old"]).ok();
    }
    let ci = Device::new(&sandbox, "ci").with_key(&add(&sandbox, &["ci"]));
    ci.run(&["log", "verify", "old"]).fails(5);
    let exposure = ada.run(&["exposure", "ben", "old", "--json"]).ok().text();
    assert!(exposure.contains("\"reads\":1"), "{exposure}");
}

#[test]
fn an_admin_is_told_what_their_keys_cannot_read_about_an_archive() {
    let sandbox = sandbox();
    archive(&sandbox, ALL, "old").ok();
    let bob = add(&sandbox, &["bob", "--admin", "--read", "dev"]);
    sandbox.run(["get", "A"]).ok();
    let mut command = sandbox.command(["log", "verify", "--of", "mia"]);
    command.env("VAULT_KEY", &bob);
    let text = crate::harness::finish(command).ok().text();
    assert!(text.contains("vault can't tell whether they were archived"), "{text}");
}

#[test]
fn k1_a_changed_archive_is_refused() {
    let sandbox = sandbox();
    archive(&sandbox, ALL, "old").ok();
    let honest = std::fs::read_to_string(sandbox.project().join("old")).unwrap();
    let middle = honest.len() / 2;
    let other = if &honest[middle..=middle] == "A" { "B" } else { "A" };
    sandbox.write("changed", format!("{}{other}{}", &honest[..middle], &honest[middle + 1..]));
    for command in ["verify", "show"] {
        sandbox
            .run(["log", command, "changed"])
            .fails(6)
            .says("changed: the exported log was changed, or is incomplete");
    }
    // Somebody who can't sign can't seal it again either, whether truncated or as an export.
    let mia = Member::owner(&sandbox);
    let plaintext = opened(&mia.keys, &dearmored(&honest)).unwrap();
    let end = plaintext.iter().position(|byte| *byte == b'\n').unwrap();
    let cover = std::str::from_utf8(&plaintext[..end]).unwrap();
    let export = cover.replace(",\"archive\":true", "");
    assert_ne!(export, cover);
    let sealed =
        vault::identity::encrypt_to([&mia.recipient()].into_iter(), &[export.as_bytes(), &plaintext[end..]].concat());
    sandbox.write("export", sealed.unwrap());
    sandbox.run(["log", "verify", "export"]).fails(6).says("not signed by mia");
}

#[test]
fn k2_segments_removed_by_hand_are_reported_as_missing() {
    let sandbox = sandbox();
    let whole = snapshot(&sandbox);
    std::fs::remove_file(segment(&sandbox, 1)).unwrap();
    verify(&sandbox).fails(6).says("segment 1 is missing, and no signed record says that it was archived");
    sandbox.run(["get", "A"]).ok();
    verify(&sandbox).fails(6);
    archive(&sandbox, ALL, "refused").fails(6);
    assert!(!sandbox.project().join("refused").exists() && segments(&sandbox) == [2, 3, 4]);
    restore(&whole);
    // One entry more than the statement says.
    let mut sandbox = sandbox;
    archive(&sandbox, ALL, "old").ok();
    let key = sandbox.run(["passwd", "--key"]).ok().text();
    sandbox.use_key(&key);
    sandbox.run(["get", "A"]).ok();
    verify(&sandbox).ok();
    std::fs::remove_file(segment(&sandbox, 4)).unwrap();
    verify(&sandbox).fails(6).says("segments 1 to 4 are missing");
}

#[test]
fn k1_a_damaged_log_is_not_archived() {
    let sandbox = sandbox();
    let mut bytes = std::fs::read(segment(&sandbox, 2)).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(segment(&sandbox, 2), bytes).unwrap();
    archive(&sandbox, ALL, "old").fails(6).says("it is not authentic");
    assert!(segments(&sandbox) == [1, 2, 3, 4] && !sandbox.project().join("old").exists());
}
