//! Measures, within this process, each part that does the same as a library does, but faster: without a gain it has no
//! place. Tests hold their results equal (`src/crypto/properties.rs`, `src/crypto/armor.rs`, `src/item/wire/quick.rs`).

use crate::measure::milliseconds;
use age::secrecy::ExposeSecret as _;
use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use std::borrow::Cow;
use std::cell::RefCell;
use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};
use vault_quick::plain::{self, Stop};
use vault_quick::plaintext::Plaintext;
use zeroize::Zeroizing;

/// The number of items, of 64 bytes each.
const ITEMS: usize = 10_000;
/// The length of a chunk of an age payload, in bytes.
const CHUNK: usize = 64 * 1024;

/// Prints the median time of each part and of the library's.
pub fn parts(rounds: usize) {
    let items = items();
    let armored = armored(items.as_bytes());
    let binary = vault::dearmor(&armored).unwrap();
    let chunks = chunks(items.as_bytes());
    println!("{:<44} {:>12} {:>10} {:>8}", "10,000 items, within one process", "library", "here", "gain");
    let row = |name, library: Work<'_>, here: Work<'_>| {
        let [library, here] = medians(rounds, [library, here]);
        let gain = library.as_secs_f64() / here.as_secs_f64();
        println!("{name:<44} {:>9.2} ms {:>7.2} ms {gain:>7.1}x", milliseconds(library), milliseconds(here));
    };
    row("base64 of a block: age's armor reader", &|| read(age::armor::ArmoredReader::new(armored.as_bytes())), &|| {
        vault::dearmor(&armored).unwrap().len()
    });
    // It is opened in its own buffer, and wiped in the end. Neither a copy for each round nor the wiping is part of it.
    let (buffers, opened) = (RefCell::new(vec![chunks; rounds]), RefCell::new(Vec::new()));
    let open = || {
        let text = vault_quick::payload::open(buffers.borrow_mut().pop().unwrap(), 0, &KEY).unwrap();
        opened.borrow_mut().push(text);
        opened.borrow().len()
    };
    row("the payload: age's reader", &|| read(age_reader(&binary)), &open);
    let plaintext = Plaintext::new(Zeroizing::new(items.clone().into_bytes())).unwrap();
    row("names and values: serde_json", &|| by_json(&items), &|| by_rows(&plaintext));
    println!();
}

/// Something to measure. It returns the length of its result, so that it can't be left out.
type Work<'a> = &'a dyn Fn() -> usize;

/// The times of both, in turns.
fn medians(rounds: usize, both: [Work<'_>; 2]) -> [Duration; 2] {
    let mut times = [const { Vec::new() }; 2];
    for _ in 0..rounds {
        for (work, times) in both.iter().zip(&mut times) {
            let start = Instant::now();
            black_box(work());
            times.push(start.elapsed());
        }
    }
    times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    })
}

fn items() -> String {
    let item = |number| format!(r#"{{"name":"ITEM_{number:05}","value":"{}"}}"#, "0123456789abcdef".repeat(4));
    format!("[{}]", (0..ITEMS).map(item).collect::<Vec<_>>().join(","))
}

fn read(mut reader: impl std::io::Read) -> usize {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).unwrap();
    black_box(bytes).len()
}

const KEY: [u8; 32] = [7; 32];

/// An armored file that [`age_reader`] opens.
fn armored(plaintext: &[u8]) -> String {
    let recipient = identity().to_public();
    age::encrypt_and_armor(&recipient, plaintext).unwrap()
}

fn identity() -> age::x25519::Identity {
    static IDENTITY: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let text = IDENTITY.get_or_init(|| age::x25519::Identity::generate().to_string().expose_secret().to_owned());
    text.parse().unwrap()
}

fn age_reader(binary: &[u8]) -> impl std::io::Read {
    let decryptor = age::Decryptor::new_buffered(binary).unwrap();
    decryptor.decrypt(std::iter::once(&identity() as _)).unwrap()
}

/// The payload of an age file under [`KEY`] (age-encryption.org/v1, "Payload").
fn chunks(plaintext: &[u8]) -> Vec<u8> {
    let cipher = ChaCha20Poly1305::new(&KEY.into());
    let mut payload = Vec::new();
    let last = (plaintext.len() - 1) / CHUNK;
    for (number, chunk) in plaintext.chunks(CHUNK).enumerate() {
        let mut nonce = Nonce::default();
        nonce[3..11].copy_from_slice(&(number as u64).to_be_bytes());
        nonce[11] = (number == last).into();
        payload.write_all(&cipher.encrypt(&nonce, chunk).unwrap()).unwrap();
    }
    payload
}

#[derive(serde::Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    value: Cow<'a, str>,
}

fn by_json(items: &str) -> usize {
    let items: Vec<Item<'_>> = serde_json::from_str(items).unwrap();
    items.iter().map(|item| item.name.len() + item.value.len()).sum()
}

fn by_rows(plaintext: &Plaintext) -> usize {
    let mut items = Vec::with_capacity(ITEMS);
    let stop = plain::row(plaintext, 1, &mut |item| {
        items.push(item.parts().unwrap());
        true
    });
    assert!(matches!(stop, Stop::End(_)));
    items.iter().map(|(name, value)| name.as_bytes().len() + value.len()).sum()
}
