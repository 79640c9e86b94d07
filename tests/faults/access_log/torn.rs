//! K10: what a crash or a power cut leaves of the log.

use super::{frames, log_directory, sandbox, segment, verify};

#[test]
fn k10_a4_an_unfinished_entry_is_removed_and_noted() {
    let sandbox = sandbox();
    let path = segment(&sandbox, 1);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend([0, 0, 1, 0, 7, 7, 7]);
    std::fs::write(&path, bytes).unwrap();
    sandbox.run(["get", "A"]).ok();
    verify(&sandbox).ok();
    let last = sandbox.run(["log", "--json", "-n", "1"]).ok().json();
    assert_eq!(last["note"], "removed 7 bytes of an unfinished entry");
}

/// ext4 and XFS leave zeros if a file has grown but its content had not reached the disk.
#[test]
fn k10_zeros_left_by_a_power_cut_count_as_an_unfinished_entry() {
    let sandbox = sandbox();
    let path = segment(&sandbox, 1);
    let honest = std::fs::read(&path).unwrap();
    let entry = frames(&honest).1.pop().unwrap();
    let half = [&entry[..entry.len() / 2], &vec![0; entry.len() - entry.len() / 2]].concat();
    for tail in [vec![0; 100], vec![0; 3], half] {
        std::fs::write(&path, [&honest[..], &tail].concat()).unwrap();
        let text = verify(&sandbox).ok().text();
        assert!(text.contains(&format!("ends with {} bytes of an unfinished entry", tail.len())), "{text}");
        std::fs::write(&path, &honest).unwrap();
    }
    std::fs::write(&path, [&honest[..], &[0; 100]].concat()).unwrap();
    sandbox.run(["get", "A"]).ok();
    assert!(!verify(&sandbox).ok().text().contains("unfinished"));
    let last = sandbox.run(["log", "--json", "-n", "1"]).ok().json();
    assert_eq!(last["note"], "removed 100 bytes of an unfinished entry");
}

#[test]
fn k10_an_entry_lost_in_a_power_cut_is_named_and_later_ones_can_be_read() {
    let sandbox = sandbox();
    let path = segment(&sandbox, 1);
    let mut bytes = std::fs::read(&path).unwrap();
    let end = bytes.len();
    bytes[end - 50..].fill(0);
    std::fs::write(&path, bytes).unwrap();
    verify(&sandbox).fails(6).says("it was lost: zeros are in its place, as after a power cut");
    sandbox.run(["get", "A"]).ok();
    // In a separate segment, because nothing after the missing entry in the same segment can be read.
    assert!(segment(&sandbox, 2).exists());
    let run = sandbox.run(["log", "--json"]);
    assert!(run.code == 6 && run.text().lines().last().unwrap().contains(r#""action":"get""#), "{run:?}");
    assert!(run.text().contains("was lost: zeros are in its place"), "{run:?}");
}

#[test]
fn k10_a5_an_outdated_key_file_is_updated_and_noted() {
    let sandbox = sandbox();
    let key = log_directory(&sandbox).join("key");
    let old = std::fs::read(&key).unwrap();
    sandbox.run(["get", "A"]).ok();
    sandbox.run(["get", "A"]).ok();
    std::fs::write(&key, old).unwrap();
    verify(&sandbox).ok();
    sandbox.run(["get", "A"]).ok();
    verify(&sandbox).ok();
    let last = sandbox.run(["log", "--json", "-n", "1"]).ok().json();
    assert_eq!(last["note"], "the key file was 2 entries behind");
}
