//! What a walk came to, against what the vault remembers of the log.

use super::Walk;
use crate::log::reading::{Reading, Remembered, is_signed};
use crate::time::Time;
use std::collections::BTreeMap;

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
    pub(in crate::log) fn finish(mut self) -> Reading {
        let anchors = self.own_anchors();
        self.finish_with(&anchors)
    }

    /// Of each of its devices the highest anchor that the user signed. What others planted is named, and no more.
    fn own_anchors(&mut self) -> Vec<&'a Remembered> {
        let mut highest: BTreeMap<&str, &Remembered> = BTreeMap::new();
        for of in self.anchors.iter().filter(|of| self.devices.contains(&of.device)) {
            if of.anchor.user != *self.user || !is_signed(&of.anchor, &of.device, self.roster) {
                self.reading.planted.insert(of.environment.clone());
                continue;
            }
            let known = highest.entry(of.device.as_str()).or_insert(of);
            if of.anchor.number > known.anchor.number {
                *known = of;
            }
        }
        highest.into_values().collect()
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
        self.reading.uncovered = self.reading.last.saturating_sub(covered).min(self.reading.entries);
        // Where a segment had to be started because the end of the one before could not be known, entries may be missing
        // before it: whoever cuts the end off and takes the key file away leaves no other trace.
        if let Some((number, what)) = self.damage.take() {
            self.reading.complain(number, format!("entries may be missing before it: {what}"));
        }
        if let Some(count) = self.extent.last() {
            self.reading.skipped = self.reading.given().saturating_sub(count as u64);
        }
        self.reading
    }

    fn check_anchor(&mut self, of: &Remembered) {
        let Remembered { anchor, environment, .. } = of;
        let last = self.reading.last;
        let whose = format!("by an anchor in {environment} that {} signed", self.user);
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
