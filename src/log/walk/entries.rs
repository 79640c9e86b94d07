//! Verifies the entries of one segment.

use super::{Met, Walk};
use crate::error::Result;
use crate::log::frames::{Frames, Rest, Source};
use crate::log::key::EntryKey;
use crate::log::lists::{Lists, Names};
use crate::log::segment::{Header, MAX_FRAME, Next, ReadHeader};
use crate::log::stretch::{Notes, Start, Stretch};
use crate::log::{Action, Entry, Extent, Line, Outcome, UnprovenEntry};
use crate::signature::Hash;

impl Walk<'_> {
    /// Verifies the entries of a segment. Returns the number and hash of the last one.
    pub(super) fn entries(
        &mut self,
        head: &ReadHeader,
        key: EntryKey,
        mut frames: Frames,
        source: Source,
    ) -> Result<(u64, Hash)> {
        let mut chain = head.chain(key);
        let mut lists = Lists::default();
        let first = Start { offset: frames.next_offset(), chain: chain.clone(), lists: Lists::default() };
        let mut notes = Notes::new(first, self.extent.last());
        loop {
            self.meet(head.header.segment, &chain);
            notes.pass(frames.next_offset(), &chain, &lists);
            let number = chain.number;
            match chain.open(frames.read_next()?) {
                Next::Entry(entry, _) => {
                    let names = self.entry(number, chain.previous, &entry, &head.header, &mut lists);
                    self.measure(number, chain.previous, *entry, names, &head.header);
                }
                Next::End => break,
                stopped @ (Next::Forged | Next::Torn) => {
                    let is_forged = matches!(stopped, Next::Forged);
                    self.stop(number, is_forged, &frames.rest()?, head.header.segment);
                    break;
                }
            }
        }
        if self.extent != Extent::Checked
            && let Some((start, marks)) = notes.finish(&chain)
        {
            let (user, device) = (self.user.clone(), head.header.device.clone());
            self.reading.stretches.push(Stretch { user, device, source, start, marks });
        }
        Ok((chain.number - 1, chain.previous))
    }

    /// Reports why the next entry can't be read.
    fn stop(&mut self, number: u64, is_forged: bool, rest: &Rest, segment: u32) {
        let is_behind = self.is_behind_the_key_file(segment);
        let reading = &mut self.reading;
        if rest.ends_in_zeros && !is_behind {
            reading.complain(number, "it was lost: zeros are in its place, as after a power cut");
        } else if is_forged && (!rest.ends_in_zeros || rest.length > MAX_FRAME as u64) {
            reading.complain(number, "it is not authentic");
        } else if is_behind {
            reading.unfinished = Some(rest.length);
        } else {
            reading.complain(number, "it is unfinished");
        }
    }

    /// Whether the walk is past the place in the key file. Nothing there counts as logged yet: a program died while it
    /// wrote.
    fn is_behind_the_key_file(&self, segment: u32) -> bool {
        matches!(&self.record, Some((record, Met::Exactly)) if record.segment == segment)
    }

    fn measure(&mut self, number: u64, hash: Hash, entry: Entry, names: Names, header: &Header) {
        let Some(measure) = &mut self.measure else { return };
        let (user, device) = (self.user.clone(), header.device.clone());
        measure.add(&UnprovenEntry(&Line { user, device, number, hash, entry, listed: names.earlier() }));
    }

    /// Adds an entry to the result of reading the log. Returns where the names of its items are.
    fn entry(&mut self, number: u64, hash: Hash, entry: &Entry, header: &Header, lists: &mut Lists) -> Names {
        let names = lists.names_of(entry);
        if matches!(names, Names::Missing) {
            self.reading.complain(number, "no earlier entry names the items that it refers to");
        }
        self.reading.entries += 1;
        self.reading.last = number;
        if let Some(anchored) = self.anchored.get_mut(&number) {
            *anchored = Some(hash);
        }
        if entry.action == Action::Damage && self.damage.is_none() {
            self.damage = Some((number, entry.note.clone().unwrap_or_default()));
        }
        self.take_statement(number, entry, header);
        self.ends_with_export = entry.action == Action::LogExport && entry.outcome == Outcome::Ok;
        if self.latest.is_some_and(|latest| entry.time < latest) {
            self.reading.clock_steps.push(number);
        }
        self.latest = self.latest.max(Some(entry.time));
        self.reading.last_time = Some(entry.time);
        self.latest_in_segment = self.latest_in_segment.max(Some(entry.time));
        names
    }
}
