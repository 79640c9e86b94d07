//! Finishes a walk: checks its result against the anchors in the vault.

use super::Walk;
use crate::log::reading::{Reading, Remembered, is_signed};
use crate::time::Time;
use std::collections::BTreeMap;

impl<'a> Walk<'a> {
    /// Finishes like [`Walk::finish`], for an export of a log that has grown since. Anchors for later entries count only
    /// if they were made before the export. The last entry must be that of the export.
    pub(in crate::log) fn finish_at_export(mut self, time: Time) -> Reading {
        if !self.ends_with_export {
            self.complain_at_end("missing: an exported log ends with the entry of the export");
        }
        let last = self.reading.last;
        let is_later = |remembered: &Remembered| remembered.anchor.number > last && remembered.anchor.time >= time;
        let anchors = self.own_anchors();
        let (later, within): (Vec<_>, Vec<_>) = anchors.into_iter().partition(|remembered| is_later(remembered));
        self.reading.later = later.iter().map(|remembered| remembered.anchor.number).max();
        self.finish_with(&within)
    }

    /// Finishes an archive. Anchors for later entries don't count, because the log continues after the archive.
    pub(in crate::log) fn finish_archive(mut self) -> Reading {
        self.is_archive = true;
        let last = self.reading.last;
        let within: Vec<_> =
            self.own_anchors().into_iter().filter(|remembered| remembered.anchor.number <= last).collect();
        self.finish_with(&within)
    }

    /// Returns the result, checked against the anchors for the log's devices.
    pub(in crate::log) fn finish(mut self) -> Reading {
        let anchors = self.own_anchors();
        self.finish_with(&anchors)
    }

    /// Returns the highest anchor for each device, of those that the user signed. Planted anchors are only recorded.
    fn own_anchors(&mut self) -> Vec<&'a Remembered> {
        let mut highest: BTreeMap<&str, &Remembered> = BTreeMap::new();
        for remembered in self.anchors.iter().filter(|remembered| self.devices.contains(&remembered.device)) {
            if remembered.anchor.user != *self.user || !is_signed(&remembered.anchor, &remembered.device, self.roster) {
                self.reading.planted.insert(remembered.environment.clone());
                continue;
            }
            let known = highest.entry(remembered.device.as_str()).or_insert(remembered);
            if remembered.anchor.number > known.anchor.number {
                *known = remembered;
            }
        }
        highest.into_values().collect()
    }

    fn finish_with(mut self, anchors: &[&Remembered]) -> Reading {
        self.check_front();
        // Of the entries before the first segment, only the last one's hash is known, from the next header.
        let first = match self.reading.follows {
            Some(before) => before.number,
            None => (self.reading.last + 1).saturating_sub(self.reading.entries),
        };
        let is_later = self.begins_later || self.reading.follows.is_some();
        for remembered in anchors {
            let number = remembered.anchor.number;
            let is_before = is_later && number < first;
            if !is_before && !self.sealed.iter().any(|sealed| sealed.contains(number)) {
                self.check_anchor(remembered);
            }
        }
        let covered = anchors.iter().map(|remembered| remembered.anchor.number).max().unwrap_or(0);
        self.reading.uncovered = self.reading.last.saturating_sub(covered).min(self.reading.entries);
        // If a segment was started because the end of the previous one was unknown, entries may be missing before it.
        // Somebody who cuts off the end and removes the key file leaves no other trace.
        if let Some((number, what)) = self.damage.take() {
            self.reading.complain(number, format!("entries may be missing before it: {what}"));
        }
        if let Some(count) = self.extent.last() {
            self.reading.skipped = self.reading.given().saturating_sub(count as u64);
        }
        self.reading
    }

    fn check_anchor(&mut self, remembered: &Remembered) {
        let Remembered { anchor, environment, .. } = remembered;
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
