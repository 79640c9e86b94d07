//! Laws of masking: however the text is split, the same parts are masked, and they are those that another search finds.

use super::tests::{LINES, cut_up, masked, masker};
use super::*;
use proptest::prelude::*;

/// Generates text from bytes that start, end and fill escapes, and few others, so that much is found.
fn escapes(length: Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(prop::sample::select(&b"\\\\%&#;xun34156aab\"' \n\x1b["[..]), length)
}

proptest! {
    #[test]
    fn pieces_make_no_difference(
        text in proptest::collection::vec(0_u8..3, 0..200),
        values in proptest::collection::vec(proptest::collection::vec(0_u8..3, 4..9), 1..4),
        cuts in proptest::collection::vec(1_usize..20, 1..30),
    ) {
        let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
        let pieces = cut_up(&text, &cuts);
        let whole = masked(&values, &[&text]);
        prop_assert_eq!(&masked(&values, &pieces), &whole);
        for value in values {
            prop_assert!(!whole.as_bytes().windows(value.len()).any(|window| window == value));
        }
    }

    #[test]
    fn exactly_the_values_found_by_another_search_are_masked(
        // All values have the same length, that of a window, so none is found by its pieces.
        values in prop::sample::select(&[6, 8, 10, 12, 16, 24, 32][..])
            .prop_flat_map(|length| proptest::collection::vec(proptest::collection::vec(b'a'..=b'b', length), 1..5)),
        pieces in proptest::collection::vec(("[ab.]{0,40}", any::<prop::sample::Index>(), any::<bool>()), 0..20),
        cuts in proptest::collection::vec(1_usize..60, 1..20),
    ) {
        let piece = |(filler, index, is_value): &(String, prop::sample::Index, bool)| {
            [filler.as_bytes(), if *is_value { &values[index.index(values.len())] } else { b".\n" }].concat()
        };
        let text: Vec<u8> = pieces.iter().flat_map(piece).collect();
        let oracle = aho_corasick::AhoCorasick::new(&values).unwrap();
        // Values that overlap or touch share their asterisks.
        let mut expected = Vec::new();
        let mut end = None;
        for found in oracle.find_overlapping_iter(&text) {
            if end.is_none_or(|end| end < found.start()) {
                expected.extend_from_slice(&text[end.unwrap_or(0)..found.start()]);
                expected.extend_from_slice(STARS);
            }
            end = Some(found.end());
        }
        expected.extend_from_slice(&text[end.unwrap_or(0)..]);
        let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
        prop_assert_eq!(masked(&values, &cut_up(&text, &cuts)), String::from_utf8(expected).unwrap());
    }

    #[test]
    fn splitting_the_text_makes_no_difference_among_escapes(
        text in escapes(0..200),
        from in proptest::collection::vec((0_usize..150, 4_usize..40), 1..4),
        others in proptest::collection::vec(escapes(4..12), 0..3),
        cuts in proptest::collection::vec(1_usize..20, 1..30),
    ) {
        // Most of the values are in the text.
        let own = from.iter().map(|(at, length)| &text[(*at).min(text.len())..(at + length).min(text.len())]);
        let values: Vec<&[u8]> = own.chain(others.iter().map(Vec::as_slice)).collect();
        let (mut whole, mut split) = (masker(&values), masker(&values));
        let (mut expected, mut out) = (Vec::new(), Vec::new());
        whole.push(&text, &mut expected);
        whole.finish(&mut expected);
        cut_up(&text, &cuts).iter().for_each(|piece| split.push(piece, &mut out));
        split.finish(&mut out);
        prop_assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(&expected));
        prop_assert_eq!(whole.counts(), split.counts());
        for value in values.iter().filter(|value| value.len() >= 4) {
            prop_assert!(!expected.windows(value.len()).any(|window| window == *value));
        }
    }

    #[test]
    fn j8_a_pause_at_any_position_shows_no_piece_of_a_value(
        before in escapes(0..20),
        line_end in prop::sample::select(&["\n", "\r\n"][..]),
        cuts in proptest::collection::vec(1_usize..60, 1..30),
    ) {
        let value = LINES.join(line_end);
        let behind = format!("{value}{line_end}{}{line_end}ready {value}", LINES[1]);
        let text = [&before[..], behind.as_bytes()].concat();
        let (mut masker, mut out) = (masker(&[value.as_bytes()]), Vec::new());
        for piece in cut_up(&text, &cuts) {
            masker.push(piece, &mut out);
            masker.pause(&mut out);
        }
        masker.finish(&mut out);
        for piece in LINES.iter().flat_map(|line| line.as_bytes().windows(8)) {
            prop_assert!(!out.windows(8).any(|window| window == piece), "{}", String::from_utf8_lossy(&out));
        }
    }

    #[test]
    fn text_without_a_value_is_unchanged(text in escapes(0..300), cuts in proptest::collection::vec(1_usize..20, 1..30)) {
        // No escape in the text can produce any of these letters.
        let values: [&[u8]; 3] = [b"ZZYYXXWWVVZZ", b"YZYZ", b"ZZ\nYY\nXX WW VV"];
        prop_assert_eq!(masked(&values, &cut_up(&text, &cuts)).into_bytes(), String::from_utf8_lossy(&text).into_owned().into_bytes());
    }
}
