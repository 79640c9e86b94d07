//! K5: a clock that was set back is flagged. No command dates an entry itself, so the entry is sealed here, from
//! vault-format(5), with the key that the machine holds for the next entry.

use super::access_log::{log_directory, sandbox, segment, verify};
use crate::harness::Sandbox;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use std::io::Write as _;
use std::ops::Range;
use vault::identity::Hash;

/// Places in the key file.
const NUMBER: Range<usize> = 12..20;
const OFFSET: Range<usize> = 20..28;
const HEADER: Range<usize> = 28..60;
const PREVIOUS: Range<usize> = 60..92;
const KEY: Range<usize> = 124..156;

fn integer(bytes: &[u8]) -> u64 {
    u64::from_be_bytes(bytes.try_into().unwrap())
}

/// Appends an entry with this date to the first segment, and moves the key file on.
fn append_dated(sandbox: &Sandbox, date: &str) {
    let path = log_directory(sandbox).join("key");
    let mut record = std::fs::read(&path).unwrap();
    record.truncate(record.len() / 2);
    let entry = serde_json::json!({
        "time": date, "action": "get", "environment": "dev", "items": ["A"], "program": "vault", "host": "here",
        "outcome": "ok",
    });
    let entry = entry.to_string();
    let (nonce, aad) = ([7; 24], [&record[HEADER], &record[NUMBER], &record[PREVIOUS]].concat());
    let payload = Payload { msg: entry.as_bytes(), aad: &aad };
    let cipher = XChaCha20Poly1305::new_from_slice(&record[KEY]).unwrap();
    let sealed = cipher.encrypt(XNonce::from_slice(&nonce), payload).unwrap();
    let frame = [&record[NUMBER], &nonce[..], &sealed].concat();
    let length = u32::try_from(frame.len()).unwrap().to_be_bytes();
    let mut file = std::fs::File::options().append(true).open(segment(sandbox, 1)).unwrap();
    file.write_all(&[&length[..], &frame].concat()).unwrap();

    let mut next_key = [0; 32];
    Hkdf::<Sha256>::new(None, &record[KEY]).expand(b"vault/log-key/v1", &mut next_key).unwrap();
    let number = integer(&record[NUMBER]) + 1;
    let offset = integer(&record[OFFSET]) + 4 + frame.len() as u64;
    record[NUMBER].copy_from_slice(&number.to_be_bytes());
    record[OFFSET].copy_from_slice(&offset.to_be_bytes());
    record[PREVIOUS].copy_from_slice(Hash::of(&frame).as_bytes());
    record[KEY].copy_from_slice(&next_key);
    let end = record.len() - 32;
    let checksum = Hash::of(&record[..end]);
    record[end..].copy_from_slice(checksum.as_bytes());
    std::fs::write(path, record.repeat(2)).unwrap();
}

#[test]
fn k5_verify_reports_a_clock_that_was_set_back_and_keeps_the_order() {
    let sandbox = sandbox();
    append_dated(&sandbox, "2001-01-01T00:00:00Z");
    sandbox.run(["get", "A"]).ok();
    let text = verify(&sandbox).ok().text();
    assert!(text.contains("\nentry 8 is dated before the one above it: the clock was set back\n"), "{text}");
    assert!(!text.contains("entry 9"), "{text}");
    assert_eq!(sandbox.run(["log", "verify", "--json"]).ok().json()["clockSteps"], serde_json::json!([8]));
    let shown = sandbox.run(["log", "show", "-n", "2", "--json"]).ok().text();
    let numbers: Vec<u64> = shown
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, [8, 9]);
}
