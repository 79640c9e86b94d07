//! Stars in the place of values, in a stream of bytes.
//!
//! A value may come in pieces, so the end of what came that could be the beginning of one is held back until what
//! follows decides, or the stream ends. What is held back is never longer than the longest form of a value.

use crate::search::Searcher;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What stands in the place of a value, however long it is.
pub const STARS: &[u8] = b"****";

/// The most that is looked at in one go, in bytes.
const CHUNK: usize = 64 * 1024;

/// An end shorter than this, line ends not counted, is let through if nothing follows for a while: a prompt or an echo must be seen, and so few
/// bytes are no value.
const SHORTEST: usize = crate::encodings::SHORTEST;

/// Masks one stream.
pub struct Masker {
    searcher: Arc<Searcher>,
    /// What was not let through yet, or only as far as `released` says.
    held: Zeroizing<Vec<u8>>,
    /// This many of the bytes held are the rest of a value.
    masked: usize,
    /// This many of the bytes held were let through already.
    released: usize,
    /// Whether the last byte let through was of a value: its stars are there already.
    in_stars: bool,
}

impl Masker {
    /// Masks what the searcher searches for.
    #[must_use]
    pub fn new(searcher: Arc<Searcher>) -> Self {
        // Room for all there ever is, so that no copy is left behind by growing.
        let held = Zeroizing::new(Vec::with_capacity(searcher.longest() + CHUNK));
        Self { searcher, held, masked: 0, released: 0, in_stars: false }
    }

    /// Takes what came and appends to `out` what may be seen.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for chunk in bytes.chunks(CHUNK) {
            self.held.extend_from_slice(chunk);
            let end = self.searcher.unfinished(&self.held);
            self.let_through(end, out);
        }
    }

    /// For when nothing came for a moment: lets a few bytes through that are held back.
    pub fn pause(&mut self, out: &mut Vec<u8>) {
        if self.is_waiting() {
            out.extend_from_slice(&self.held[self.released..]);
            self.released = self.held.len();
            self.in_stars = false;
        }
    }

    /// Whether [`Masker::pause`] would let something through.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        let bytes = self.held.iter().filter(|byte| !b"\r\n".contains(byte)).take(SHORTEST).count();
        bytes < SHORTEST && self.masked == 0 && self.released < self.held.len()
    }

    /// Lets everything through: nothing follows.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        self.let_through(self.held.len(), out);
    }

    /// Moves the first bytes held into `out`, with stars for what is a value or of one that goes on behind them.
    fn let_through(&mut self, end: usize, out: &mut Vec<u8>) {
        if end == 0 {
            return;
        }
        let mut at = 0;
        // How far what was found so far reaches; it may reach beyond `end`.
        let mut covered = 0;
        let rest = (self.masked > 0).then_some(0..self.masked);
        for span in rest.into_iter().chain(self.searcher.spans(&self.held)) {
            if span.start >= end {
                break;
            }
            if span.start > at {
                self.show(at..span.start, out);
            }
            if span.end > at {
                self.hide(out);
                at = span.end.min(end);
            }
            covered = covered.max(span.end);
        }
        if at < end {
            self.show(at..end, out);
        }
        self.held.drain(..end);
        self.masked = covered.saturating_sub(end);
        self.released = self.released.saturating_sub(end);
    }

    fn show(&mut self, range: std::ops::Range<usize>, out: &mut Vec<u8>) {
        let start = range.start.max(self.released);
        if start < range.end {
            out.extend_from_slice(&self.held[start..range.end]);
        }
        self.in_stars = false;
    }

    fn hide(&mut self, out: &mut Vec<u8>) {
        if !self.in_stars {
            out.extend_from_slice(STARS);
        }
        self.in_stars = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::IN_OUTPUT;
    use base64::Engine as _;
    use proptest::prelude::*;

    fn masker(values: &[&[u8]]) -> Masker {
        Masker::new(Arc::new(Searcher::new(values.iter().copied(), IN_OUTPUT)))
    }

    fn masked(values: &[&[u8]], pieces: &[&[u8]]) -> String {
        let (mut masker, mut out) = (masker(values), Vec::new());
        pieces.iter().for_each(|piece| masker.push(piece, &mut out));
        masker.finish(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn j8_values_are_stars_in_every_form() {
        let value: &[u8] = b"hunter2 & co";
        assert_eq!(masked(&[value], &[b"a hunter2 & co b"]), "a **** b");
        assert_eq!(masked(&[value], &[b"?q=hunter2%20%26%20co&"]), "?q=****&");
        assert_eq!(masked(&[value], &[b"<68756e7465723220262063 6f>"]), "<68756e7465723220262063 6f>");
        assert_eq!(masked(&[value], &[b"<68756e74657232202620636f>"]), "<****>");
        let base64 = base64::prelude::BASE64_STANDARD.encode(b"x hunter2 & co y");
        let text = masked(&[value], &[base64.as_bytes()]);
        assert!(text.contains("****") && text.len() < base64.len() - 10, "{text}");
        assert_eq!(masked(&[b"abc"], &[b"abc"]), "abc", "too short to be one");
    }

    #[test]
    fn j8_a_value_split_over_writes_is_one() {
        assert_eq!(masked(&[b"hunter2"], &[b"a hun", b"te", b"r2 b hunter"]), "a **** b hunter");
        let bytes: Vec<&[u8]> = b"x hunter2hunter2 y".chunks(1).collect();
        assert_eq!(masked(&[b"hunter2"], &bytes), "x **** y");
    }

    #[test]
    fn j8_values_that_overlap_are_hidden_to_the_last_byte() {
        assert_eq!(masked(&[b"abcdef", b"defghi"], &[b"_abcdefghi_"]), "_****_");
        assert_eq!(masked(&[b"abcdef", b"cdefghijk"], &[b"_abcd", b"ef", b"gh_"]), "_****gh_");
        assert_eq!(masked(&[b"abcdef", b"cdefghijk"], &[b"_abcdef", b"ghijk_"]), "_****_");
        assert_eq!(masked(&[b"abcd", b"abcdefgh"], &[b"abcd", b"efgX"]), "****efgX");
    }

    #[test]
    fn j8_a_value_of_several_lines_is_hidden_whole_and_line_by_line() {
        let value: &[u8] = b"first line\n  second\n";
        assert_eq!(masked(&[value], &[b"> first line\r\n  second\r\n<"]), "> ****<");
        assert_eq!(masked(&[value], &[b"1: first line\n2: second\n"]), "1: ****\n2: ****\n");
    }

    #[test]
    fn j8_encoded_values_are_hidden_over_line_ends_also_in_pieces() {
        let value: Vec<u8> = (0..136).map(|i| b'!' + i % 90).collect();
        let encoded = base64::prelude::BASE64_STANDARD.encode([b"<< ", &value[..], b" >>"].concat());
        for (width, line_end) in [(76, "\n"), (64, "\r\n"), (60, "\n"), (16, "\r\n")] {
            let lines: Vec<_> = encoded.as_bytes().chunks(width).collect();
            let text = [b"a line of text\n", &lines.join(line_end.as_bytes())[..], b"\nand behind\n"].concat();
            let expected = "a line of text\nPDwg****iA+Pg==\nand behind\n";
            assert_eq!(masked(&[&value], &[&text]), expected, "{width}");
            let bytes: Vec<&[u8]> = text.chunks(1).collect();
            assert_eq!(masked(&[&value], &bytes), expected, "{width}");
        }
    }

    #[test]
    fn the_end_of_a_line_of_text_is_not_held_back() {
        let (mut masker, mut out) = (masker(&[b"hunter2-hunter2"]), Vec::new());
        // In hex the value begins with 68.
        masker.push(b"it is 6\n", &mut out);
        assert_eq!(out, b"it is 6\n");
        masker.push(b"0123456789abcdef6\n", &mut out);
        assert!(masker.is_waiting(), "this may be a line of an encoder's");
    }

    #[test]
    fn a_prompt_is_seen_when_nothing_follows_and_what_follows_is_hidden_still() {
        let (mut masker, mut out) = (masker(&[b": hunter2"]), Vec::new());
        masker.push(b"Password: ", &mut out);
        assert_eq!(out, b"Password");
        assert!(masker.is_waiting());
        masker.pause(&mut out);
        assert_eq!(out, b"Password: ");
        assert!(!masker.is_waiting());
        masker.push(b"hun", &mut out);
        masker.pause(&mut out);
        assert_eq!(out, b"Password: ", "this may be a value");
        masker.push(b"ter2!", &mut out);
        assert_eq!(out, b"Password: ****!");
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(
            text in proptest::collection::vec(0_u8..3, 0..200),
            values in proptest::collection::vec(proptest::collection::vec(0_u8..3, 4..9), 1..4),
            cuts in proptest::collection::vec(1_usize..20, 1..30),
        ) {
            let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
            let (mut pieces, mut rest) = (Vec::new(), &text[..]);
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, next) = rest.split_at((*cut).min(rest.len()));
                pieces.push(piece);
                rest = next;
            }
            let whole = masked(&values, &[&text]);
            prop_assert_eq!(&masked(&values, &pieces), &whole);
            for value in values {
                prop_assert!(!whole.as_bytes().windows(value.len()).any(|window| window == value));
            }
        }
    }
}
