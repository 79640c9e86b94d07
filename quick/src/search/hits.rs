//! Finds all matches in a text, before it is decided what they mean.

use super::decode::Decoded;
use super::gaps::{Breaks, Gaps, LONGEST_GAP};
use super::index::{Index, LONGEST};
use super::reader::Reader;
use super::shown::Shown;
use super::window::{Match, Text};
use super::windows::Indexes;
use super::within;
use std::ops::Range;

/// The longest escape of one character, in bytes.
const LONGEST_ESCAPE: usize = 32;

/// A text that is searched as it is: every match counts.
struct AsItIs;

impl Text for AsItIs {}

/// A window that was found, with its position in the text and among the symbols.
pub(super) struct Hit {
    pub start: usize,
    pub end: usize,
    /// The index of the first symbol; negative if the window starts within an escape before the first one.
    pub from: isize,
    pub to: isize,
    pub is_plain: bool,
    pub found: Match,
}

/// Returns all windows that occur in a text.
pub(super) fn hits(indexes: &Indexes, reader: &Reader<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    let Indexes { decoded: index, plain, .. } = indexes;
    index.search(reader.symbols, reader, &mut |found| {
        let start = reader.with_places(found.at, 1, |places, at| places.starts[at] as usize);
        let end = reader.with_places(found.at + found.length - 1, 1, Decoded::end);
        push(&mut hits, Hit::new(start..end, found, false));
    });
    within::hits(index, reader, |hit| hits.push(hit));
    plain.search(reader.text, &AsItIs, &mut |found| {
        push(&mut hits, Hit::new(found.at..found.at + found.length, found, true));
    });
    hits
}

/// Returns all windows that occur in what a text shows as numbers. `from` and `to` count digits.
pub(super) fn shown(index: &Index, shown: &Shown) -> Vec<Hit> {
    let mut hits = Vec::new();
    shown.search(index, |found, bytes| {
        let (start, end) = shown.ends(&bytes);
        push(&mut hits, Hit::new(start..end, found, false));
    });
    hits
}

/// Returns where the longest end of the text starts that could be the start of a window.
pub(super) fn unfinished(indexes: &Indexes, text: &[u8], reader: &Reader<'_>) -> usize {
    let Indexes { decoded: index, plain, .. } = indexes;
    let mut first = reader.end;
    let (decoded, gap) = reader.last(2 * LONGEST);
    let from = (decoded.symbols.len() + 1).saturating_sub(LONGEST);
    if let Some(symbol) = (from..decoded.symbols.len()).find(|from| is_begun(index, &decoded, *from, (gap, text.len())))
    {
        first = first.min(decoded.starts[symbol] as usize);
    }
    first = within::unfinished(index, text, &decoded.escapes, first).unwrap_or(first);
    let from = (text.len() + 1).saturating_sub(LONGEST);
    let plain = (from..text.len()).find(|from| plain.unfinished(&text[*from..], |_| true));
    first.min(plain.unwrap_or(text.len()))
}

/// Adds a hit, or extends the last one if the text continues as the value does, or repeats a piece of it.
fn push(hits: &mut Vec<Hit>, hit: Hit) {
    if let Some(last) = hits.last_mut() {
        let is_again =
            last.found.window.is(&hit.found.window) && last.to - last.found.length.cast_signed() + 1 == hit.from;
        if last.is_plain == hit.is_plain && (is_again || last.goes_on_with(&hit)) {
            last.end = last.end.max(hit.end);
            last.to = last.to.max(hit.to);
            return;
        }
    }
    hits.push(hit);
}

impl Hit {
    fn new(range: Range<usize>, found: Match, is_plain: bool) -> Self {
        let (from, to) = (found.at.cast_signed(), (found.at + found.length).cast_signed());
        Self { start: range.start, end: range.end, from, to, is_plain, found }
    }

    /// Returns whether the other hit continues this one: it has the same unit, at the position that follows in the
    /// text.
    fn goes_on_with(&self, other: &Self) -> bool {
        let (window, next) = (&self.found.window, &other.found.window);
        let distance = i64::from(next.offset) - i64::from(window.offset);
        window.unit == next.unit
            && window.owner.encoding == next.owner.encoding
            && window.is_shared == next.is_shared
            && other.from <= self.to
            && i64::try_from(other.from - self.from) == Ok(distance)
    }
}

/// Returns whether the symbols from `from` on could start a window, given what is dropped after the last one.
pub(super) fn is_begun(index: &Index, decoded: &Decoded, from: usize, (gap, end): (u8, usize)) -> bool {
    let (symbols, starts) = (&decoded.symbols[from..], &decoded.starts[from..]);
    let is_far = starts.last().is_some_and(|last| end - *last as usize > LONGEST_GAP as usize + LONGEST_ESCAPE);
    let mut gaps = Gaps::default();
    gaps.add_all(decoded, from);
    if is_far || gaps.is_far() {
        return false;
    }
    gaps.add(symbols.len(), gap, 0);
    index.unfinished(symbols, |window| gaps.fit(symbols.len() + 1, window.length.into(), window.gaps, Breaks::Late))
}

/// Joins consecutive hits of each value, and returns those that are long enough.
pub(super) fn runs(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_unstable_by_key(|hit| (hit.is_plain, hit.found.window.owner.value, hit.from));
    let mut runs: Vec<Hit> = Vec::new();
    let is_enough = |run: &Hit| run.to - run.from >= isize::from(run.found.window.owner.need);
    for hit in hits {
        if let Some(run) = runs.last_mut() {
            let key = |hit: &Hit| (hit.is_plain, hit.found.window.owner.value);
            let is_next = key(run) == key(&hit) && hit.from <= run.to;
            if is_next && (!is_enough(run) || hit.to <= run.to || run.goes_on_with(&hit)) {
                run.to = run.to.max(hit.to);
                run.end = run.end.max(hit.end);
                let need = &mut run.found.window.owner.need;
                *need = hit.found.window.owner.need.min(*need);
                continue;
            }
            if !is_enough(run) {
                runs.pop();
            }
        }
        runs.push(hit);
    }
    runs.retain(is_enough);
    runs
}
