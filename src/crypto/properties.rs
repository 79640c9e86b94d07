//! Properties of decrypting in place, with the age crate as the oracle.

use age::x25519::Identity;
use proptest::prelude::*;
use std::io::{Read as _, Write as _};

/// As in `vault_quick::payload`.
const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;

fn seal(key: &Identity, text: &[u8]) -> Vec<u8> {
    let recipient = key.to_public();
    let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as _)).unwrap();
    let mut writer = encryptor.wrap_output(Vec::new()).unwrap();
    writer.write_all(text).unwrap();
    writer.finish().unwrap()
}

/// Decrypts with the age crate.
fn by_age(bytes: &[u8], key: &Identity) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let decryptor = age::Decryptor::new_buffered(bytes).ok()?;
    decryptor.decrypt(std::iter::once(key as _)).ok()?.read_to_end(&mut text).ok()?;
    Some(text)
}

fn here(bytes: &[u8], key: &Identity) -> Option<Vec<u8>> {
    let opened = crate::crypto::decrypt(bytes.to_vec(), std::iter::once(key as _)).ok()??;
    Some(opened.to_vec())
}

#[test]
fn a_plaintext_of_any_length_is_decrypted() {
    let key = Identity::generate();
    for length in [0, 1, TAG, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 3 * CHUNK + 7] {
        let text: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
        assert_eq!(here(&seal(&key, &text), &key), Some(text), "{length}");
    }
}

#[test]
fn missing_repeated_and_changed_chunks_are_refused() {
    let key = Identity::generate();
    let sealed = seal(&key, &vec![7; 2 * CHUNK + 100]);
    let begin = sealed.len() - (2 * CHUNK + 100 + 3 * TAG);
    let (header, payload) = sealed.split_at(begin);
    let chunks: Vec<&[u8]> = payload.chunks(CHUNK + TAG).collect();
    for order in [&[0, 1][..], &[0, 2], &[1, 0, 2], &[0, 0, 1, 2], &[0, 1, 2, 2], &[2], &[]] {
        let changed = order.iter().fold(header.to_vec(), |all, chunk| [&all, chunks[*chunk]].concat());
        assert_eq!((here(&changed, &key), by_age(&changed, &key)), (None, None), "{order:?}");
    }
    assert_eq!(here(&sealed, &key), by_age(&sealed, &key));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_age_crate_decrypts_and_refuses_the_same(
        length in prop::sample::select(vec![0, 1, 100, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK]),
        from_end in 0_usize..(CHUNK + 400),
        cut in 0_usize..3,
        new in proptest::collection::vec(any::<u8>(), 0..3),
    ) {
        let key = Identity::generate();
        let mut bytes = seal(&key, &vec![b'x'; length]);
        let at = bytes.len().saturating_sub(from_end);
        let end = (at + cut).min(bytes.len());
        bytes.splice(at..end, new);
        prop_assert_eq!(here(&bytes, &key), by_age(&bytes, &key));
    }
}
