//! Merges the entries of several logs into one order, and reads only a little of each log at a time.

use super::line::Line;
use crate::error::Result;
use crate::time::Time;
use std::iter::Peekable;

/// Merges parts and copies of the log of one device: by number, each entry once.
pub(super) struct Device<I: Iterator<Item = Result<Line>>>(Vec<Peekable<I>>);

impl<I: Iterator<Item = Result<Line>>> Device<I> {
    pub(super) fn new(parts: impl Iterator<Item = I>) -> Self {
        Self(parts.map(Iterator::peekable).collect())
    }
}

impl<I: Iterator<Item = Result<Line>>> Iterator for Device<I> {
    type Item = Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        // An error comes first, because nothing after it is verified.
        let number = |next: &Result<Line>| next.as_ref().map_or(0, |line| line.number);
        let next = least(&mut self.0, number)?.next();
        let Some(Ok(line)) = &next else { return next };
        for part in &mut self.0 {
            let is_copy = |other: &Result<Line>| {
                other.as_ref().is_ok_and(|other| other.number == line.number && other.hash == line.hash)
            };
            part.next_if(is_copy);
        }
        next
    }
}

/// Merges the logs of several devices by time. Each log keeps its own order, even if its clock was set back.
pub(super) struct Together<I: Iterator<Item = Result<Line>>>(Vec<Peekable<Dated<I>>>);

impl<I: Iterator<Item = Result<Line>>> Together<I> {
    pub(super) fn new(devices: impl Iterator<Item = I>) -> Self {
        Self(devices.map(|lines| Dated { lines, latest: None }.peekable()).collect())
    }
}

impl<I: Iterator<Item = Result<Line>>> Iterator for Together<I> {
    type Item = Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        let (_, line) = least(&mut self.0, |(time, _)| *time)?.next()?;
        Some(line)
    }
}

/// Pairs each entry with the latest time seen so far in its log. An error has no time, so it comes first.
struct Dated<I> {
    lines: I,
    latest: Option<Time>,
}

impl<I: Iterator<Item = Result<Line>>> Iterator for Dated<I> {
    type Item = (Option<Time>, Result<Line>);

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.lines.next()?;
        let time = line.as_ref().ok().map(|line| line.entry.time);
        self.latest = self.latest.max(time);
        Some((time.and(self.latest), line))
    }
}

/// Returns the iterator whose next item has the lowest key; the first of several.
fn least<I: Iterator, K: Ord>(all: &mut [Peekable<I>], key: impl Fn(&I::Item) -> K) -> Option<&mut Peekable<I>> {
    let mut least: Option<(usize, K)> = None;
    for (place, one) in all.iter_mut().enumerate() {
        let Some(key) = one.peek().map(&key) else { continue };
        if least.as_ref().is_none_or(|(_, known)| key < *known) {
            least = Some((place, key));
        }
    }
    least.map(|(place, _)| &mut all[place])
}
