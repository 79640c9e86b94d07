//! Verifies that each header follows the previous one, and that the first follows nothing or archived segments.

use super::{End, Walk};
use crate::log::reading::Archived;
use crate::log::segment::{Header, ReadHeader};
use crate::log::segment_end::SegmentEnd;
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
        // Replaced keys must not sign a segment after one that was signed with newer keys.
        let before = self.previous.as_ref().map_or(0, |end| end.roster);
        if header.roster < before { Err("is signed under an older roster than the one before") } else { Ok(()) }
    }

    /// Checks that the header follows the previous segment's header and last entry.
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

    /// Records what the first segment follows, if it is not the log's first. A statement in the log must say that the
    /// earlier segments were archived.
    pub(super) fn begin_behind(&mut self, header: &Header) {
        let front = SegmentEnd {
            segment: header.segment - 1,
            header: header.previous,
            number: header.last_number,
            hash: header.last_hash,
        };
        // Of the missing entries, only the last one's hash is known.
        if let Some(anchored) = self.anchored.get_mut(&front.number) {
            *anchored = Some(front.hash);
        }
        self.reading.last = front.number;
        self.reading.follows = Some(front);
    }

    /// Records an entry's statement about archived segments. Keys that were replaced before the segment began can't make
    /// a statement in it.
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

    /// Checks that segments missing at the beginning were archived, according to a statement that the user signed.
    pub(super) fn check_front(&mut self) {
        let Some(front) = self.reading.follows.filter(|_| !self.is_archive) else { return };
        if let Some(statement) = self.statements.iter().rev().find(|statement| self.covers(statement, front)) {
            self.reading.archived = Some(Archived { last: front.number, time: Some(statement.time) });
        } else if !self.sealed.is_empty() {
            // The statement may be in a segment that these keys can't open.
            self.reading.archived = Some(Archived { last: front.number, time: None });
        } else {
            let what = match front.segment {
                1 => "segment 1 is missing, and no signed record says that it was archived".to_owned(),
                last => format!("segments 1 to {last} are missing, and no signed record says that they were archived"),
            };
            self.reading.complain(1, what);
        }
    }

    /// Whether the statement covers all missing segments. It may cover more, if a program died while it removed them.
    fn covers(&self, statement: &Statement, front: SegmentEnd) -> bool {
        let end = statement.end;
        end == front || end.segment > front.segment && self.reading.parts.iter().any(|part| part.end == Some(end))
    }
}
