//! Writes segments of the access log, from vault-format(5).

use super::dearmored;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde_json::{Value, json};
use vault::identity::{Hash, Head, Message, PrivateKeys, Recipient, Signature, encrypt_to};
use vault::time::Time;

/// A segment, to which entries can be added.
pub struct Segment {
    bytes: Vec<u8>,
    /// The hash of the header.
    header: Hash,
    key: [u8; 32],
    /// The number of the last entry.
    number: u64,
    /// The hash of the last entry.
    previous: Hash,
}

impl Segment {
    /// The segment after another one of the same user and device. `keys` sign it, and `reader` can open it.
    pub fn after(before: &[u8], reader: &Recipient, keys: &PrivateKeys, roster: &Head) -> Self {
        let end = before.iter().position(|byte| *byte == b'\n').unwrap();
        let mut header: Value = serde_json::from_slice(&before[..end]).unwrap();
        let signature: Signature = serde_json::from_value(header["signature"].take()).unwrap();
        let (number, previous) = last_entry(&before[end + 1..]);
        let key = [7; 32];
        let wrapped = BASE64_STANDARD.encode(dearmored(&encrypt_to([reader].into_iter(), &key).unwrap()));
        let mut next = json!({
            "segment": header["segment"].as_u64().unwrap() + 1,
            "previous": message(&header).hash(&signature),
            "last_number": number,
            "last_hash": previous,
            "roster": roster.version,
            "key": wrapped,
        });
        for field in ["vault", "user", "device"] {
            next[field] = header[field].clone();
        }
        let message = message(&next);
        let signature = keys.sign(&message);
        next["signature"] = json!(signature.to_string());
        let bytes = [next.to_string().as_bytes(), b"\n"].concat();
        Self { bytes, header: message.hash(&signature), key, number, previous }
    }

    /// Adds an entry of this action that succeeded.
    pub fn add(&mut self, action: &str) {
        let entry =
            json!({ "time": Time::now(), "action": action, "program": "vault", "host": "here", "outcome": "ok" })
                .to_string();
        self.number += 1;
        let number = self.number.to_be_bytes();
        let associated = [&self.header.as_bytes()[..], &number, self.previous.as_bytes()].concat();
        let payload = Payload { msg: entry.as_bytes(), aad: &associated };
        let nonce = [7; 24];
        let cipher = XChaCha20Poly1305::new((&self.key).into());
        let sealed = cipher.encrypt(XNonce::from_slice(&nonce), payload).unwrap();
        let frame = [&number[..], &nonce, &sealed].concat();
        self.bytes.extend(u32::try_from(frame.len()).unwrap().to_be_bytes());
        self.bytes.extend(&frame);
        self.previous = Hash::of(&frame);
        let next = hkdf::Hkdf::<sha2::Sha256>::new(None, &self.key);
        next.expand(b"vault/log-key/v1", &mut self.key).unwrap();
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The number and the hash of the last of these entries.
fn last_entry(mut entries: &[u8]) -> (u64, Hash) {
    loop {
        let (length, rest) = entries.split_first_chunk().unwrap();
        let (frame, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
        if rest.is_empty() {
            return (u64::from_be_bytes(frame[..8].try_into().unwrap()), Hash::of(frame));
        }
        entries = rest;
    }
}

/// `vault/log/v1`.
fn message(header: &Value) -> Message {
    let hash = |field: &str| -> Hash { serde_json::from_value(header[field].clone()).unwrap() };
    let wrapped = BASE64_STANDARD.decode(header["key"].as_str().unwrap()).unwrap();
    let mut message = Message::new("vault/log/v1");
    message.raw(hash("vault").as_bytes()).text(header["user"].as_str().unwrap());
    message.text(header["device"].as_str().unwrap()).integer(header["segment"].as_u64().unwrap());
    message.raw(hash("previous").as_bytes()).integer(header["last_number"].as_u64().unwrap());
    message.raw(hash("last_hash").as_bytes()).integer(header["roster"].as_u64().unwrap());
    message.raw(Hash::of(&wrapped).as_bytes());
    message
}
