//! What a walk came to, against what the vault remembers of the log.

use super::Walk;
use crate::log::read::{Reading, Remembered};
use crate::time::Time;

impl<'a> Walk<'a> {
    /// As [`Walk::finish`], for a log that has gone on since: an anchor of later entries counts only if it was made before
    /// the export. The last entry is that of the export.
    pub(in crate::log) fn finish_at_export(mut self, time: Time) -> Reading {
        if !self.ends_with_export {
            self.complain_at_end("missing: an exported log ends with the entry of the export");
        }
        let last = self.reading.last;
        let is_later = |of: &Remembered| of.anchor.number > last && of.anchor.time >= time;
        let anchors = self.own_anchors();
        let (later, within): (Vec<_>, Vec<_>) = anchors.into_iter().partition(|of| is_later(of));
        self.reading.later = later.iter().map(|of| of.anchor.number).max();
        self.finish_with(&within)
    }

    /// What segments came to that were archived. The log goes on behind them, and so do its anchors.
    pub(in crate::log) fn finish_archive(mut self) -> Reading {
        self.is_archive = true;
        let last = self.reading.last;
        let within: Vec<_> = self.own_anchors().into_iter().filter(|of| of.anchor.number <= last).collect();
        self.finish_with(&within)
    }

    /// What it came to, checked against the anchors of its devices.
    pub(in crate::log) fn finish(self) -> Reading {
        let anchors = self.own_anchors();
        self.finish_with(&anchors)
    }

    fn own_anchors(&self) -> Vec<&'a Remembered> {
        self.devices.iter().filter_map(|device| self.anchors.get(device)).collect()
    }

    fn finish_with(mut self, anchors: &[&Remembered]) -> Reading {
        self.check_front();
        // Of what stands before, nothing but the hash of the last entry is known, and only from the header of what follows.
        let first = match self.reading.follows {
            Some(before) => before.number,
            None => (self.reading.last + 1).saturating_sub(self.reading.entries),
        };
        let is_later = self.begins_later || self.reading.follows.is_some();
        for of in anchors {
            let number = of.anchor.number;
            let is_before = is_later && number < first;
            if !is_before && !self.sealed.iter().any(|sealed| sealed.contains(number)) {
                self.check_anchor(of);
            }
        }
        let covered = anchors.iter().map(|of| of.anchor.number).max().unwrap_or(0);
        self.reading.uncovered = self.reading.last.saturating_sub(covered);
        // Where a segment had to be started because the end of the one before could not be known, entries may be missing
        // before it: whoever cuts the end off and takes the key file away leaves no other trace.
        if let Some((number, what)) = self.damage.take() {
            self.reading.complain(number, format!("entries may be missing before it: {what}"));
        }
        self.trim(0);
        self.reading
    }

    fn check_anchor(&mut self, of: &Remembered) {
        let Remembered { anchor, environment } = of;
        let last = self.reading.last;
        // The anchor alone tells not whether the log was cut or the anchor planted.
        let whose =
            format!("by an anchor in {environment}, which whoever writes {environment} could also have planted");
        match self.anchored.get(&anchor.number).copied().flatten() {
            Some(hash) if hash == anchor.hash => {}
            Some(_) => {
                let what = format!("it is not the one that the vault remembers, {whose}");
                self.reading.complain(anchor.number, what);
            }
            None => {
                let what = format!("missing: the vault remembers entry {}, {whose}", anchor.number);
                self.reading.complain(last + 1, what);
            }
        }
    }
}
