//! Logs that were cut, damaged or put back.

use super::{log_directory, sandbox, segment, tamper, verify};

#[test]
fn k2_a_cut_before_an_anchor_is_found() {
    let sandbox = sandbox();
    tamper(&sandbox, |entries| entries.truncate(2));
    std::fs::remove_file(log_directory(&sandbox).join("key")).unwrap();
    verify(&sandbox).fails(6).says("entry 3");
}

#[test]
fn k3_an_older_log_with_its_older_key_is_found() {
    let sandbox = sandbox();
    let directory = log_directory(&sandbox);
    let snapshot = |name: &str| std::fs::read(directory.join(name)).unwrap();
    let old = (snapshot("000001.log"), snapshot("key"));
    sandbox.set("A", b"three");
    std::fs::write(directory.join("000001.log"), old.0).unwrap();
    std::fs::write(directory.join("key"), old.1).unwrap();
    verify(&sandbox).fails(6).says("the vault remembers entry 8");
}

#[test]
fn k2_a_damaged_log_continues_in_a_new_segment_and_stays_reported() {
    for damage in [b"damaged".to_vec(), Vec::new(), vec![0; 196]] {
        let sandbox = sandbox();
        std::fs::write(log_directory(&sandbox).join("key"), damage).unwrap();
        verify(&sandbox).fails(6).says("key file is missing or damaged");
        sandbox.run(["get", "A"]).ok();
        assert!(segment(&sandbox, 2).exists());
        // Somebody who removed the key file may have removed the last entries, too.
        verify(&sandbox).fails(6).says("entry 8").says("entries may be missing before it: the key file is");
    }
}

#[test]
fn k2_removing_the_key_file_does_not_hide_a_cut() {
    let sandbox = sandbox();
    tamper(&sandbox, |entries| drop(entries.pop()));
    std::fs::remove_file(log_directory(&sandbox).join("key")).unwrap();
    sandbox.run(["get", "A"]).ok();
    verify(&sandbox).fails(6).says("entry 7");
}

#[test]
fn k2_renaming_the_device_does_not_hide_a_cut() {
    for name in [None, Some("0".repeat(32))] {
        let sandbox = sandbox();
        let directory = log_directory(&sandbox);
        let old = ["000001.log", "key"].map(|name| (name, std::fs::read(directory.join(name)).unwrap()));
        sandbox.set("A", b"three");
        old.iter().for_each(|(name, bytes)| std::fs::write(directory.join(name), bytes).unwrap());
        let device = sandbox.vault_state().join("device-mia");
        std::fs::remove_file(&device).unwrap();
        if let Some(name) = name {
            std::fs::write(&device, name).unwrap();
        }
        verify(&sandbox).fails(6).says("the vault remembers entry 8");
        sandbox.run(["get", "A"]).ok();
        verify(&sandbox).fails(6);
    }
}
