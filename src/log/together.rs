//! The entries of several logs in one order, read a little of each at a time.

use super::reading::Line;
use crate::error::Result;
use crate::time::Time;
use std::iter::Peekable;

/// Parts of the log of one device, and copies of them: by number, each entry once.
pub(super) struct Device<I: Iterator<Item = Result<Line>>>(Vec<Peekable<I>>);

impl<I: Iterator<Item = Result<Line>>> Device<I> {
    pub(super) fn new(parts: impl Iterator<Item = I>) -> Self {
        Self(parts.map(Iterator::peekable).collect())
    }
}

impl<I: Iterator<Item = Result<Line>>> Iterator for Device<I> {
    type Item = Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        // An error comes first: what is behind it is not what was proven.
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

/// Logs of several devices: by time. Each keeps its order, also where its clock was set back.
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

/// Entries with the latest time of any up to them; an error has none, and comes first.
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

/// The one whose next item is the least, and the first of these.
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
