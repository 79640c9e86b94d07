//! Tests of what is found, and where.

use super::*;
use base64::Engine as _;
use proptest::prelude::*;

#[test]
fn values_are_found_by_line_in_all_encodings() {
    let searcher = Searcher::new([&b"hunter2-hunter2"[..], b"a b/c d&e", b"short"], IN_FILES);
    let text = b"x\nkey=hunter2-hunter2 hunter2-hunter2\na%20b%2Fc%20d%26e short\naHVudGVyMi1odW50ZXIy";
    let found: Vec<_> = searcher.search(text).iter().map(|found| (found.line, found.value, found.encoding)).collect();
    assert_eq!(found, [(2, 0, Encoding::Plain), (3, 1, Encoding::Url), (4, 0, Encoding::Base64)]);
}

#[test]
fn a_token_is_found_in_lines_of_a_few_characters() {
    let searcher = Searcher::new([&b"sk_live_51HxyzAbCdEfGhIjKlMnOp"[..]], IN_FILES);
    for width in 4..30 {
        let lines: Vec<_> = b"sk_live_51HxyzAbCdEfGhIjKlMnOp".chunks(width).collect();
        assert_eq!(searcher.search(&lines.join(&b'\n')).len(), 1, "{width}");
    }
}

#[test]
fn a_value_is_found_in_dumps_and_between_punctuation() {
    let searcher = Searcher::new([&b"correct horse"[..]], IN_FILES);
    for text in [
        "x\n00000000: 6120 636f 7272 6563 7420 686f 7273 650a  a correct horse.\n",
        "x\n00000000  61 20 62 20 63 20 64 20  65 20 66 20 63 6f 72 72  |a b c d e f corr|\n00000010  65 63 74 20 68 6f 72 73  65 0a                    |ect horse.|\n",
        "x\n0000000   c   o   r   r   e   c   t       h   o   r   s   e\n",
        "x\n0000000 067543 071162 061545 020164 067550 071562 005145\n",
        "x\nvalue: 63:6F:72:72:65:63:74:\n    20:68:6F:72:73:65\n",
    ] {
        let found = searcher.search(text.as_bytes());
        assert_eq!(found.first().map(|found| (found.line, found.value)), Some((2, 0)), "{text}");
    }
    assert!(searcher.search(b"00000000: 636f 7272 6563 7420 686f                 correct ho\n").is_empty());
}

#[test]
fn values_that_differ_in_one_character_are_all_found() {
    let alike = |length: usize| {
        let with =
            |first: u8, last: u8| [&[first][..], &b"shared-abcdefghij-".repeat(4)[..length - 2], &[last]].concat();
        [with(b'1', b'x'), with(b'2', b'y'), with(b'1', b'y'), with(b'2', b'x')]
    };
    for length in 6..=64 {
        let values = alike(length);
        let searcher = Searcher::new(values.iter().map(Vec::as_slice), IN_FILES);
        for (index, value) in values.iter().enumerate() {
            let text = [b"KEY=", &value[..], b"\n"].concat();
            let encoded = base64::prelude::BASE64_STANDARD.encode(value).into_bytes();
            for text in [text, encoded] {
                let found: Vec<_> = searcher.search(&text).iter().map(|found| found.value).collect();
                // Values of more than 64 digits are not distinguished by what comes after the 64th.
                let is_meant = |value: &usize| *value == index || length > 48;
                assert!(found.iter().any(is_meant), "{length} {index}: {found:?}");
            }
        }
    }
    // No other value is reported.
    let values = alike(25);
    let searcher = Searcher::new(values.iter().map(Vec::as_slice), IN_FILES);
    let found: Vec<_> =
        searcher.search(&values.join(&b"\nKEY="[..])).iter().map(|found| (found.line, found.value)).collect();
    assert_eq!(found, [(1, 0), (2, 1), (3, 2), (4, 3)]);
}

proptest! {
    #[test]
    fn each_of_several_values_is_found_at_its_position(
        values in proptest::collection::vec(proptest::collection::vec(b'a'..=b'b', IN_FILES.value..64), 1..9),
        which in any::<prop::sample::Index>(),
        before in "[ab.]{0,20}",
    ) {
        let which = which.index(values.len());
        let text = [before.as_bytes(), &values[which], b"."].concat();
        let searcher = Searcher::new(values.iter().map(Vec::as_slice), IN_FILES);
        prop_assert!(searcher.search(&text).iter().any(|found| values[found.value] == values[which]));
    }

    #[test]
    fn a_value_is_found_at_every_position(
        before in proptest::collection::vec(any::<u8>(), 0..20),
        value in proptest::collection::vec(any::<u8>(), IN_FILES.value..40),
        behind in proptest::collection::vec(any::<u8>(), 0..20),
    ) {
        let text = [before, value.clone(), behind].concat();
        for limits in [IN_FILES, IN_OUTPUT] {
            let searcher = Searcher::new([&value[..]], limits);
            prop_assert!(!searcher.search(&text).is_empty());
            let encoded = base64::prelude::BASE64_STANDARD.encode(&text);
            prop_assert!(!searcher.search(encoded.as_bytes()).is_empty());
        }
    }

    #[test]
    fn plain_values_are_found_exactly_where_another_search_finds_them(
        // All values have the same length, that of a window: no value is the start of another, or is found by its
        // pieces.
        values in prop::sample::select(&[6, 8, 10, 12, 16, 24, 32][..])
            .prop_flat_map(|length| proptest::collection::vec(proptest::collection::vec(b'a'..=b'b', length), 1..5)),
        pieces in proptest::collection::vec(("[ab.]{0,40}", any::<prop::sample::Index>(), any::<bool>()), 0..20),
    ) {
        let piece = |(filler, index, is_value): &(String, prop::sample::Index, bool)| {
            [filler.as_bytes(), if *is_value { &values[index.index(values.len())] } else { b".\n" }].concat()
        };
        let text: Vec<u8> = pieces.iter().flat_map(piece).collect();
        let oracle = aho_corasick::AhoCorasick::new(&values).unwrap();
        let line = |at: usize| 1 + text[..at].iter().filter(|byte| **byte == b'\n').count();
        let expected: std::collections::BTreeSet<_> = oracle
            .find_overlapping_iter(&text)
            .map(|found| (line(found.start()), found.pattern().as_usize()))
            .collect();
        let searcher = Searcher::new(values.iter().map(Vec::as_slice), IN_FILES);
        let found: std::collections::BTreeSet<_> =
            searcher.search(&text).iter().map(|found| (found.line, found.value)).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_value_among_escapes_is_found_at_every_position(
        before in proptest::collection::vec(prop::sample::select(&b"\\%&#x;un41a\"'$ \n"[..]), 0..9),
        value in proptest::collection::vec(prop::sample::select(&b"\\%&#x;un41abcdefgh\"'$ \n"[..]), IN_FILES.value..14),
        behind in proptest::collection::vec(prop::sample::select(&b"\\%&#x;un41a\"'$ \n"[..]), 0..9),
    ) {
        let text = [before, value.clone(), behind].concat();
        for limits in [IN_FILES, IN_OUTPUT] {
            let searcher = Searcher::new([&value[..]], limits);
            prop_assert!(!searcher.search(&text).is_empty());
        }
    }
}
