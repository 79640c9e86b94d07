//! What is found of the values in a text, before it is decided what that means.

use super::decode::{self, Decoded, Next, Stop, gap};
use super::index::{Index, LONGEST, Match};
use super::reader::Reader;
use super::shown::Shown;
use super::windows::Indexes;
use std::ops::Range;
use zeroize::Zeroizing;

/// More than so many bytes between two characters, and they don't belong together.
const LONGEST_GAP: u32 = 1024;
/// No escape of one character is longer, in bytes.
const LONGEST_ESCAPE: usize = 32;
/// What begins within an escape is gone through for so many bytes: there may be an escape every few bytes.
const REACH: usize = 256;
/// A line may break within a value behind so many characters of it.
const BEFORE_BREAK: usize = 4;

/// A window that was found, with its places in the text and among the decoded characters.
pub(super) struct Hit {
    pub start: usize,
    pub end: usize,
    /// May be before the first one, for what begins within an escape.
    pub from: isize,
    pub to: isize,
    pub is_plain: bool,
    pub found: Match,
}

/// All windows that stand in a text.
pub(super) fn hits(indexes: &Indexes, text: &[u8], reader: &Reader<'_>, is_end: bool) -> Vec<Hit> {
    let mut hits = Vec::new();
    let Indexes { decoded: index, plain, .. } = indexes;
    let accept = |found: &Match| reader.with_places(found.at, found.length, |places, at| fits(places, at, found));
    index.search(reader.symbols, &accept, &mut |found| {
        let places = |places: &Decoded, at: usize| (places.starts[at] as usize, places.end(at + found.length - 1));
        let (start, end) = reader.with_places(found.at, found.length, places);
        push(&mut hits, Hit::new(start..end, found, false));
    });
    within_escapes(index, text, reader, is_end, |start, part| {
        let Some(found) = index.first(&part.symbols, &|found| fits(part, 0, found)) else { return };
        let end = part.end(found.length - 1);
        // The characters behind the escape count on as if it had been none.
        let to = reader.count_before(end).cast_signed();
        let from = to - found.length.cast_signed();
        hits.push(Hit { start, end, from, to, is_plain: false, found });
    });
    plain.search(text, &|_| true, &mut |found| {
        push(&mut hits, Hit::new(found.at..found.at + found.length, found, true));
    });
    hits
}

/// All windows that stand in what a text shows as numbers. Their places count the digits.
pub(super) fn shown(index: &Index, shown: &Shown) -> Vec<Hit> {
    let mut hits = Vec::new();
    shown.search(index, |found, bytes| {
        let (start, end) = shown.ends(&bytes);
        push(&mut hits, Hit::new(start..end, found, false));
    });
    hits
}

/// Where the longest end of the text begins that a window may begin with.
pub(super) fn unfinished(indexes: &Indexes, text: &[u8], reader: &Reader<'_>) -> usize {
    let Indexes { decoded: index, plain, .. } = indexes;
    let mut first = reader.end;
    let (decoded, gap) = reader.last(2 * LONGEST);
    let from = (decoded.symbols.len() + 1).saturating_sub(LONGEST);
    if let Some(symbol) = (from..decoded.symbols.len()).find(|from| is_begun(index, &decoded, *from, (gap, text.len())))
    {
        first = first.min(decoded.starts[symbol] as usize);
    }
    // What begins in an escape farther from the end is a whole window or none.
    let mut part = Zeroizing::new(Decoded::default());
    let near = text.len().saturating_sub(REACH);
    let escapes = decoded.escapes.iter().flat_map(Range::clone).map(|at| at as usize);
    for start in escapes.skip_while(|at| *at < near).take_while(|at| *at < first) {
        if begins_within(index, text, start, false) == Some(false) {
            continue;
        }
        part.clear();
        let stop = part.read(text, Stop { at: start, gap: 0 }, LONGEST, false);
        let is_kept = part.starts.first().is_some_and(|at| *at as usize == start);
        if is_kept && part.symbols.len() < LONGEST && is_begun(index, &part, 0, (stop.gap, text.len())) {
            first = start;
            break;
        }
    }
    let from = (text.len() + 1).saturating_sub(LONGEST);
    let plain = (from..text.len()).find(|from| plain.unfinished(&text[*from..], |_| true));
    first.min(plain.unwrap_or(text.len()))
}

/// Adds a hit, or lengthens the last one where the text goes on as the value does, or repeats one piece of it.
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

    /// Whether the other one is of the same value, at the place where that goes on in the text.
    fn goes_on_with(&self, other: &Self) -> bool {
        let (own, window) = (&self.found.window, &other.found.window);
        let distance = i64::from(window.offset) - i64::from(own.offset);
        own.unit == window.unit
            && own.owner.encoding == window.owner.encoding
            && own.is_shared == window.is_shared
            && other.from <= self.to
            && i64::try_from(other.from - self.from) == Ok(distance)
    }
}

/// Whether what is dropped between the characters of a window may be there.
fn fits(decoded: &Decoded, at: usize, found: &Match) -> bool {
    let Match { length, window, .. } = *found;
    let starts = &decoded.starts[at..at + length];
    if starts[length - 1] - starts[0] == decode::narrow(length) - 1 {
        return true;
    }
    // Only what is in one piece is gone through without looking at each of its windows.
    length <= LONGEST
        && (1..length).all(|index| may_stand(decoded.gaps[at + index], index, window.gaps, length))
        && starts.windows(2).all(|pair| pair[1] - pair[0] <= LONGEST_GAP)
}

/// Whether this may be dropped before a character of a window.
fn may_stand(kind: u8, index: usize, gaps: u32, length: usize) -> bool {
    let is_own = gaps >> index & 1 == 1;
    let break_fits = kind & gap::NEWLINE == 0 || (length >= 8 && index >= BEFORE_BREAK);
    let space_fits = kind & (gap::SPACE | gap::NEWLINE) != gap::SPACE || length >= 16;
    is_own || (break_fits && space_fits)
}

/// Whether the characters from there on may begin a window, with what is dropped behind the last one.
fn is_begun(index: &Index, decoded: &Decoded, from: usize, (gap, end): (u8, usize)) -> bool {
    let (symbols, gaps) = (&decoded.symbols[from..], &decoded.gaps[from..]);
    let starts = &decoded.starts[from..];
    let is_far = starts.last().is_some_and(|last| end - *last as usize > LONGEST_GAP as usize + LONGEST_ESCAPE);
    if is_far || starts.windows(2).any(|pair| pair[1] - pair[0] > LONGEST_GAP) {
        return false;
    }
    index.unfinished(symbols, |window| {
        let inner = gaps.iter().copied().chain([gap]).enumerate().skip(1);
        inner.fold(true, |fits, (at, kind)| fits && may_stand(kind, at, window.gaps, window.length.into()))
    })
}

/// Hands out what begins within an escape, if a window may begin with it: a backslash before a value is no part of it.
fn within_escapes(
    index: &Index,
    text: &[u8],
    reader: &Reader<'_>,
    is_end: bool,
    mut each: impl FnMut(usize, &Decoded),
) {
    let mut part = Zeroizing::new(Decoded::default());
    let inner = |escape: &Range<u32>| escape.start as usize + 1..escape.end as usize;
    let places = reader.escapes.iter().enumerate().flat_map(|(at, escape)| inner(escape).map(move |start| (at, start)));
    for (escape, start) in places {
        // Nearly always this is all there is to do: text may be nothing but escapes.
        let is_none = reader.first_within(escape, start).is_some_and(|first| !index.may_begin_with_eight(first));
        if is_none || reader.is_alone(escape, start) {
            continue;
        }
        let (text, is_end) = if text.len() > start + REACH { (&text[..start + REACH], false) } else { (text, is_end) };
        if begins_within(index, text, start, is_end) != Some(true) {
            continue;
        }
        part.clear();
        let stop = part.read(text, Stop { at: start, gap: 0 }, 8, is_end);
        if index.may_begin(&part.symbols) {
            part.read(text, stop, LONGEST - 8, is_end);
            each(start, &part);
        }
    }
}

/// Whether a window may begin at this place within an escape; `None` if the text ends too early to tell. So long as it is
/// seldom that one may, the time that is taken is that of a few bytes.
fn begins_within(index: &Index, text: &[u8], start: usize, is_end: bool) -> Option<bool> {
    if !decode::is_kept(text[start]) {
        return Some(false);
    }
    match decode::next(text, start + 1, is_end) {
        Next::Symbol(second) => Some(index.may_begin_with(text[start], second)),
        Next::End => None,
        Next::Far => Some(false),
    }
}

/// What was found of each value in a row, where that is enough of it.
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
