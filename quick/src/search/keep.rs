//! Copies the bytes of a text that stand for themselves to one place. Every byte of a text passes through here.
#![allow(unsafe_code, reason = "whether the processor has an instruction is known only when the program runs")]

use super::decode::is_kept;
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64;

/// The number of bytes that are processed at once.
pub(super) const BLOCK: usize = 128;

/// The buffer for the kept bytes of a block. Eight bytes from an index of eight bits on are always inside it, so no access
/// is checked.
pub(super) type Room = [u8; 256 + 8];

/// An empty buffer.
pub(super) const ROOM: Room = [0; 256 + 8];

/// Copies the kept bytes of a block to the start of `room`, and returns how many there are.
pub(super) fn keep(block: &[u8], room: &mut Room) -> usize {
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("bmi2") && std::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has both.
        return unsafe { by_vectors(block, room) };
    }
    by_bytes(block, room)
}

/// 1 for each byte that is kept, so that counting them needs no branch.
const KEPT: [u8; 256] = {
    let mut kept = [0; 256];
    let mut byte = 0;
    while byte < kept.len() {
        kept[byte] = is_kept(byte as u8) as u8;
        byte += 1;
    }
    kept
};

/// Copies byte by byte. The loop is unrolled by hand, because the compiler does not unroll it.
fn by_bytes(block: &[u8], room: &mut Room) -> usize {
    let mut count: u8 = 0;
    let mut put = |byte: u8| {
        room[usize::from(count)] = byte;
        count = count.wrapping_add(KEPT[usize::from(byte)]);
    };
    let (eights, rest) = block.as_chunks::<8>();
    for [a, b, c, d, e, f, g, h] in eights {
        put(*a);
        put(*b);
        put(*c);
        put(*d);
        put(*e);
        put(*f);
        put(*g);
        put(*h);
    }
    rest.iter().for_each(|byte| put(*byte));
    usize::from(count)
}

/// Compares 32 bytes at once, and moves those of eight that are kept together with one instruction (`PEXT`). The
/// comparison is written out because the compiler, which builds the rest of the program for size, vectorizes nothing.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi2,popcnt")]
fn by_vectors(block: &[u8], room: &mut Room) -> usize {
    let mut count: u8 = 0;
    let (vectors, rest) = block.as_chunks::<32>();
    for vector in vectors {
        let masks = kept_of(vector);
        for (eight, mask) in vector.as_chunks::<8>().0.iter().zip(masks) {
            let together = x86_64::_pext_u64(u64::from_le_bytes(*eight), mask);
            let at = usize::from(count);
            room[at..at + 8].copy_from_slice(&together.to_le_bytes());
            count = count.wrapping_add((mask.count_ones() / 8) as u8);
        }
    }
    for byte in rest {
        room[usize::from(count)] = *byte;
        count = count.wrapping_add(KEPT[usize::from(*byte)]);
    }
    usize::from(count)
}

/// Returns 255 for each byte that is kept and 0 for the others, as [`is_kept`] says, in the order of the bytes.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
fn kept_of(vector: &[u8; 32]) -> [u64; 4] {
    use x86_64::{_mm256_cmpeq_epi8 as equal, _mm256_or_si256 as or, _mm256_set1_epi8 as all};
    // SAFETY: both types are 32 bytes of which any are valid.
    let bytes: x86_64::__m256i = unsafe { std::mem::transmute(*vector) };
    let is = |byte: u8| equal(bytes, all(byte.cast_signed()));
    let is_at_most = |these, most: u8| equal(x86_64::_mm256_min_epu8(these, all(most.cast_signed())), these);
    let is_space = or(is_at_most(bytes, b' '), is(0x7f));
    // From the double quote to the single one, but for the `#` between them.
    let behind_quote = x86_64::_mm256_sub_epi8(bytes, all(b'"'.cast_signed()));
    let is_mark = x86_64::_mm256_andnot_si256(is(b'#'), is_at_most(behind_quote, b'\'' - b'"'));
    let is_dropped = or(or(is_space, is_mark), or(is(b'`'), is(b'\\')));
    let is_kept = equal(is_dropped, x86_64::_mm256_setzero_si256());
    // SAFETY: as above.
    unsafe { std::mem::transmute(is_kept) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kept(block: &[u8], keep: impl Fn(&[u8], &mut Room) -> usize) -> Vec<u8> {
        let mut room = ROOM;
        let count = keep(block, &mut room);
        room[..count].to_vec()
    }

    #[test]
    fn all_implementations_keep_and_drop_the_same_bytes() {
        for byte in 0..=u8::MAX {
            let expected = if is_kept(byte) { vec![byte; 32] } else { Vec::new() };
            assert_eq!([kept(&[byte; 32], keep), kept(&[byte; 32], by_bytes)], [expected.clone(), expected], "{byte}");
        }
    }

    proptest! {
        #[test]
        fn all_implementations_pack_the_kept_bytes_of_a_block(
            block in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b' '), Just(b'a')], 0..=BLOCK),
        ) {
            let expected: Vec<u8> = block.iter().copied().filter(|byte| is_kept(*byte)).collect();
            prop_assert_eq!(&kept(&block, keep), &expected);
            prop_assert_eq!(&kept(&block, by_bytes), &expected);
        }
    }
}
