//! Whether each header follows the one before, and the first one the beginning or segments that were archived.

use super::{End, Walk};
use crate::log::reading::{Archived, SegmentEnd};
use crate::log::segment::{Header, ReadHeader};
use crate::log::statement::Statement;
use crate::log::{Action, Entry};
use crate::signature::Hash;

impl Walk<'_> {
    pub(super) fn check_header(&self, number: u32, head: &ReadHeader) -> Result<(), &'static str> {
        let header = &head.header;
        if header.vault != self.roster.id() || header.user != *self.user || header.segment != number {
            return Err("belongs to another log");
        }
        if !head.is_of(self.user, self.roster) {
            return Err("is not signed by the user");
        }
        // Keys that were replaced sign no segment after one that was signed with their successors.
        let before = self.previous.as_ref().map_or(0, |end| end.roster);
        if header.roster < before { Err("is signed under an older roster than the one before") } else { Ok(()) }
    }

    /// The header follows the segment before: its header, and its last entry.
    pub(super) fn check_continuation(&mut self, head: &ReadHeader) {
        let header = &head.header;
        let (segment, last_header, last) = match &self.previous {
            None => (0, Hash::ZERO, Some((0, Hash::ZERO))),
            Some(End { segment, header, last, .. }) => (*segment, *header, *last),
        };
        if let (None, Some(sealed)) = (last, self.sealed.last_mut()) {
            sealed.last = Some(header.last_number);
        }
        let (last_number, last_hash) = last.unwrap_or((header.last_number, header.last_hash));
        let reading = &mut self.reading;
        if header.segment != segment + 1 || header.previous != last_header {
            reading.complain(last_number + 1, format!("segment {} is missing or was replaced", segment + 1));
        } else if header.last_number > last_number {
            reading.complain(last_number + 1, format!("missing: the log went on to entry {}", header.last_number));
        } else if header.last_number < last_number || header.last_hash != last_hash {
            reading.complain(header.last_number.max(1), "it is not the one that the next segment follows");
        }
    }

    /// The first segment that is there follows others. Whether they may be missing is said by a statement in what follows.
    pub(super) fn begin_behind(&mut self, header: &Header) {
        let front = SegmentEnd {
            segment: header.segment - 1,
            header: header.previous,
            number: header.last_number,
            hash: header.last_hash,
        };
        // The last of those entries is the only one whose hash is known.
        if let Some(anchored) = self.anchored.get_mut(&front.number) {
            *anchored = Some(front.hash);
        }
        self.reading.last = front.number;
        self.reading.follows = Some(front);
    }

    /// Takes what an entry says was archived. The keys that were replaced before the segment began make no statement in it.
    pub(super) fn take_statement(&mut self, number: u64, entry: &Entry, header: &Header) {
        match entry.archive.as_deref() {
            None => {}
            Some(statement)
                if entry.action == Action::LogArchive
                    && statement.roster >= header.roster
                    && statement.is_of(self.user, self.roster) =>
            {
                self.statements.push(statement.clone());
            }
            Some(_) => self.reading.complain(number, "its record of what was archived is not signed by the user"),
        }
    }

    /// Segments may be missing at the beginning only if the user signed that they, or they and more, were archived.
    pub(super) fn check_front(&mut self) {
        let Some(front) = self.reading.follows.filter(|_| !self.is_archive) else { return };
        if let Some(statement) = self.statements.iter().rev().find(|statement| self.covers(statement, front)) {
            self.reading.archived = Some(Archived { last: front.number, time: Some(statement.time) });
        } else if !self.sealed.is_empty() {
            // The statement may stand in a segment that these keys don't open.
            self.reading.archived = Some(Archived { last: front.number, time: None });
        } else {
            let what = match front.segment {
                1 => "segment 1 is missing, and no signed record says that it was archived".to_owned(),
                last => format!("segments 1 to {last} are missing, and no signed record says that they were archived"),
            };
            self.reading.complain(1, what);
        }
    }

    /// A program that died while it removed segments has left some that its statement names.
    fn covers(&self, statement: &Statement, front: SegmentEnd) -> bool {
        let end = statement.end;
        end == front || end.segment > front.segment && self.reading.parts.iter().any(|part| part.end == Some(end))
    }
}
