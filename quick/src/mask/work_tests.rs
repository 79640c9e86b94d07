//! Bounds on the work of a search, whatever the values and the text are.

use super::*;
use crate::search::{IN_FILES, IN_OUTPUT, steps_taken};
use proptest::prelude::*;

/// The maximum number of steps for each byte of text and of values. A step is one byte that is hashed, compared or
/// decoded. At each position, a window of each of ten lengths may be looked up: as plain text, decoded, within escapes,
/// and as numbers.
const MOST: usize = 150;
const SIZE: usize = 32 * 1024;
/// How many bytes of a terminal's output arrive at once.
const PIECE: usize = 4096;

/// Pieces of values and texts that are slow to look up for one reason or another.
const ATOMS: [&str; 32] = [
    "a",
    "ab",
    "abcde",
    "61",
    "5c",
    "%",
    "%61",
    "%5c",
    "%25",
    "%0a",
    "\\x61",
    "\\u0061",
    "\\u005c",
    "\\ud83d\\",
    "&#97;",
    "&amp;",
    "\\",
    "\\n",
    "a\\\\u0061",
    "0",
    "00",
    "A",
    "YWFh",
    "\n",
    "  ",
    "a'\\''a",
    "61 ",
    "61:",
    "a1B",
    "\x1b[31m",
    "\x1b",
    "00000000: 6161 6161 6161 6161 6161 6161 6161 6161  aaaaaaaaaaaaaaaa\n",
];

fn text(atoms: &[(usize, usize)], size: usize, width: usize) -> Vec<u8> {
    let once: Vec<u8> = atoms.iter().flat_map(|(atom, times)| ATOMS[*atom].repeat(*times).into_bytes()).collect();
    let text: Vec<u8> = once.iter().copied().cycle().take(size).collect();
    text.chunks(width).collect::<Vec<_>>().join(&b'\n')
}

/// Panics if searching the text for the values takes too many steps.
fn assert_bounded(values: &[&[u8]], text: &[u8], what: &str) {
    let length = text.len() + values.iter().map(|value| value.len()).sum::<usize>();
    let mut most = Vec::new();
    for (limits, piece) in [(IN_FILES, text.len()), (IN_OUTPUT, text.len()), (IN_OUTPUT, PIECE)] {
        steps_taken();
        let searcher = Searcher::new(values.iter().copied(), limits);
        let building = steps_taken();
        if limits.pieces {
            let (mut masker, mut out) = (Masker::new(Arc::new(searcher)), Vec::new());
            text.chunks(piece).for_each(|piece| masker.push(piece, &mut out));
            masker.finish(&mut out);
        } else {
            let _ = searcher.search(text);
        }
        most.push((building / length, steps_taken() / length));
    }
    assert!(most.iter().all(|(building, searching)| building + searching <= MOST), "{what}: {most:?} for each byte");
}

#[test]
fn repetitive_values_are_no_more_work_than_others() {
    let same = |piece: &str, length: usize| piece.repeat(length.div_ceil(piece.len()));
    let wrapped = |text: &str, width: usize| {
        text.as_bytes().chunks(width).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n")
    };
    let nulls = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, [0; 3_000]);
    let long = (0..400).map(|i| format!("{:x}", i * i)).collect::<String>();
    for (value, piece, width) in [
        (same("a", 4_000), "a", 76),
        (same("a", 100_000), "a", 76),
        (same("a", 100_000), "&#97;", SIZE),
        (same("a", 4_000), "\\u0061", SIZE),
        (same("a", 4_000), "a\\\\u0061", SIZE),
        (same("a", 4_000), "%61", SIZE),
        (same("a", 4_000), "\\x61", 76),
        (same("a", 4_000), "61 ", 75),
        (same("a", 4_000), "a'\\''a", SIZE),
        (same("a", 4_000), "YWFh", 76),
        (same("ab", 4_000), "ab", 76),
        (same("abcde", 4_000), "abcde", 76),
        (same("ab", 4_000), "abababc", SIZE),
        (same("a1B", 40), "a1B", SIZE),
        (same("0", 64), "0", 60),
        (nulls, "A", 76),
        (same("a", 15), "a", SIZE),
        (same("5c", 4_000), "%5c", SIZE),
        (same("%", 4_000), "%25", SIZE),
        (format!("61{}", same("a", 34)), "%61", SIZE),
        (format!("61{}", same("a", 34)), "%61aaaa", SIZE),
        (format!("x41{}", same("A", 34)), "\\x41", SIZE),
        ("61aaaa".to_owned(), "%61", SIZE),
        (same("a", 4_000), "00000000: 6161 6161 6161 6161 6161 6161 6161 6161  aaaaaaaaaaaaaaaa\n", SIZE),
        (long.clone(), &long, 64),
        (long.clone(), &long, SIZE),
        (long[..24].to_owned(), &long[..24], SIZE),
    ] {
        let text = wrapped(&same(piece, SIZE), width);
        let what = format!("{} times {:.20} in {piece:.20} at {width}", value.len(), value);
        assert_bounded(&[value.as_bytes()], text.as_bytes(), &what);
    }
}

/// Generates pieces of text, with how often each is repeated.
fn pieces() -> impl Strategy<Value = Vec<(usize, usize)>> {
    proptest::collection::vec((0..ATOMS.len(), prop_oneof![1_usize..4, 1_usize..300]), 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_text_and_values_exceed_the_bound(
        values in proptest::collection::vec((pieces(), 4_usize..3_000), 1..5),
        own in any::<[bool; 4]>(),
        others in pieces(),
        width in prop::sample::select(&[7, 60, 64, 76, SIZE][..]),
    ) {
        let values: Vec<Vec<u8>> = values.iter().map(|(atoms, length)| text(atoms, *length, SIZE)).collect();
        // Most of the text consists of parts of the values.
        let parts = values.iter().zip(own).filter(|(_, own)| *own).map(|(value, _)| &value[..value.len().min(100)]);
        let once: Vec<u8> = parts.flatten().copied().chain(text(&others, 100, SIZE)).collect();
        let looked_at: Vec<u8> = once.iter().copied().cycle().take(SIZE).collect();
        let looked_at = looked_at.chunks(width).collect::<Vec<_>>().join(&b'\n');
        let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
        assert_bounded(&values, &looked_at, &format!("{:.60}", String::from_utf8_lossy(&once)));
    }
}
