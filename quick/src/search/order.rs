//! Sorts windows by their bytes.

/// The first bytes of a window, and its index.
pub(super) type Key = ([u64; 2], u32);

/// Groups keys into buckets by their first bits, and returns where each bucket ends. Sorting the few keys of each
/// bucket takes a third of the time of sorting all keys at once.
pub(super) fn in_buckets(keys: impl Iterator<Item = Key> + Clone, count: usize) -> (Vec<Key>, Vec<usize>) {
    const MOST_BITS: u32 = 16;
    let bits = count.max(2).ilog2().min(MOST_BITS);
    let bucket = |([first, _], _): &Key| (first >> (64 - bits)) as usize;
    let mut ends = vec![0; (1 << bits) + 1];
    for key in keys.clone() {
        ends[bucket(&key) + 1] += 1;
    }
    for at in 1..ends.len() {
        ends[at] += ends[at - 1];
    }
    let mut placed = vec![([0; 2], 0); count];
    for key in keys {
        // The start of a bucket moves on until it is the bucket's end.
        let at = &mut ends[bucket(&key)];
        placed[*at] = key;
        *at += 1;
    }
    ends.pop();
    (placed, ends)
}

/// Returns the first bytes of a window as numbers that sort like the bytes.
pub(super) fn first_bytes(bytes: &[u8]) -> [u64; 2] {
    let number = |bytes: &[u8]| match bytes.first_chunk() {
        Some(eight) => u64::from_be_bytes(*eight),
        None => bytes.iter().zip(1..).fold(0, |number, (byte, place)| number | u64::from(*byte) << (64 - 8 * place)),
    };
    [number(bytes), number(bytes.get(8..).unwrap_or_default())]
}
