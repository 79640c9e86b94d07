//! Files that were damaged, cut or changed as text.

use super::{Reader, in_parallel, small_vault};
use crate::forge::refuses;

#[test]
fn d1_any_flipped_bit_is_refused_or_changes_nothing() {
    let sandbox = small_vault();
    let (reader, honest) = (Reader::of(&sandbox), std::fs::read(sandbox.vault()).unwrap());
    let refused = std::sync::atomic::AtomicUsize::new(0);
    in_parallel(honest.len() * 8, |thread, bit| {
        let mut bytes = honest.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let path = sandbox.project().join(format!("flipped-{thread}"));
        if reader.is_not_misled(&path, &bytes, &format!("bit {} of byte {}", bit % 8, bit / 8)) {
            refused.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    });
    // Only the comment at the top and insignificant blanks may change.
    assert!(refused.into_inner() > honest.len() * 8 * 9 / 10);
}

#[test]
fn d2_any_truncation_is_refused() {
    let sandbox = small_vault();
    let (reader, honest) = (Reader::of(&sandbox), std::fs::read(sandbox.vault()).unwrap());
    in_parallel(honest.len(), |thread, length| {
        let path = sandbox.project().join(format!("cut-{thread}"));
        assert!(reader.is_not_misled(&path, &honest[..length], &format!("cut at {length}")), "cut at {length}");
    });
    std::fs::write(sandbox.vault(), &honest[..honest.len() - 1]).unwrap();
    refuses(&sandbox, "KEY", "cut short");
}

#[test]
fn d3_anything_after_the_end_is_refused() {
    let sandbox = small_vault();
    let honest = std::fs::read(sandbox.vault()).unwrap();
    let tails: [&[u8]; 8] = [
        b"x",
        b"garbage\n",
        b"\n\0",
        b"\n# a comment\n",
        b"\n# a comment that ends in a quote'\n",
        b"\n[[environment]]\n",
        b"extra = '1'\n",
        b"\n'''\n",
    ];
    for tail in tails {
        std::fs::write(sandbox.vault(), [&honest[..], tail].concat()).unwrap();
        refuses(&sandbox, "KEY", "");
    }
    let twice = [&honest[..], &honest].concat();
    std::fs::write(sandbox.vault(), twice).unwrap();
    refuses(&sandbox, "KEY", "");
}

#[test]
fn d5_a_checkout_with_crlf_verifies_and_can_be_read() {
    let sandbox = small_vault();
    let text = std::fs::read_to_string(sandbox.vault()).unwrap();
    std::fs::write(sandbox.vault(), text.replace('\n', "\r\n")).unwrap();
    sandbox.run(["verify", "--strict"]).ok();
    assert_eq!(sandbox.run(["get", "KEY"]).ok().text(), "value");
    sandbox.set("KEY", b"next");
    assert_eq!(sandbox.run(["get", "KEY"]).ok().text(), "next");
}

#[test]
fn d6_conflict_markers_are_reported_as_an_unresolved_merge() {
    let sandbox = small_vault();
    let text = std::fs::read_to_string(sandbox.vault()).unwrap();
    let marked = text.replacen("[[environment]]", "<<<<<<< HEAD\n[[environment]]", 1) + "=======\n>>>>>>> branch\n";
    std::fs::write(sandbox.vault(), marked).unwrap();
    refuses(&sandbox, "KEY", "unresolved merge");
}

#[test]
fn d7_text_that_is_not_utf8_is_refused() {
    let sandbox = small_vault();
    let text = std::fs::read_to_string(sandbox.vault()).unwrap();
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let variants = [utf16.clone(), [&b"\xff\xfe"[..], &utf16].concat(), text.replacen("format", "for\0mat", 1).into()];
    for bytes in variants {
        std::fs::write(sandbox.vault(), bytes).unwrap();
        refuses(&sandbox, "KEY", "not UTF-8 text");
    }
}
