//! Reads the logs of several users and devices together.

use super::line::Line;
use super::reading::Reading;
use super::together::{Device, Together};
use super::{Exported, Query};
use crate::error::{Error, Remedy, Result};
use crate::name::UserName;
use crate::ordered::{InOrder as _, Ordered as _};
use std::collections::BTreeSet;

/// The logs of several users and devices. Parts, copies and archives of the same log are joined, and every entry counts
/// once.
#[derive(Debug, Default)]
pub struct Logs(Vec<DeviceLog>);

/// The log of one user on one device.
#[derive(Debug)]
pub struct DeviceLog {
    /// Whose log it is.
    pub user: UserName,
    /// The device, if the log has a segment.
    pub device: Option<String>,
    parts: Vec<Reading>,
}

impl Logs {
    /// Adds a log, or a part of one.
    pub fn add(&mut self, user: UserName, reading: Reading) {
        let device = reading.device().map(str::to_owned);
        let is_of = |log: &&mut DeviceLog| log.user == user && log.device == device;
        match self.0.iter_mut().find(is_of) {
            Some(known) => known.parts.push(reading),
            None => self.0.push(DeviceLog { user, device, parts: vec![reading] }),
        }
    }

    /// Adds an exported log or an archive.
    pub fn add_exported(&mut self, exported: Exported) {
        self.add(exported.user, exported.reading);
    }

    /// Returns the logs, one for each user and device.
    pub fn iter(&self) -> impl Iterator<Item = &DeviceLog> {
        self.0.iter()
    }

    /// Checks that no log is damaged. The entries of a damaged one up to the damage can still be read, and prove
    /// nothing about what is missing. So a front end shows the entries first, and then this error.
    ///
    /// # Errors
    /// An integrity error that names the first problem.
    pub fn check(&self) -> Result<()> {
        for log in &self.0 {
            if let Some(problem) = log.problem() {
                let error = Error::integrity(format!("{}'s log: {problem}", log.user));
                return Err(error.hint(("to see more: ", Remedy::VerifyLog)));
            }
        }
        Ok(())
    }

    /// Whether there is no log.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns every entry, sorted by time. Entries of one device keep their order, even if its clock was set back. They
    /// are read like [`Reading::lines`].
    pub fn lines(&self) -> impl Iterator<Item = Result<Line>> {
        Together::new(self.0.iter().map(DeviceLog::lines))
    }

    /// Returns the entries that match `query`, in the order of [`Logs::lines`].
    pub fn select<'a>(&'a self, query: &'a Query) -> impl Iterator<Item = Result<Line>> + 'a {
        self.lines().filter(|line| line.as_ref().map_or(true, |line| query.fits(line)))
    }

    /// Returns the last entries that match `query`, as [`Logs::before_last`] counts them.
    ///
    /// # Errors
    /// If an entry can't be read.
    pub fn select_last<'a>(&'a self, query: &'a Query, last: usize) -> Result<impl Iterator<Item = Result<Line>> + 'a> {
        Ok(self.select(query).skip(self.before_last(query, last)?))
    }

    /// Returns how many entries match `query` before the last ones. Reads everything once to count, and keeps no entry in
    /// memory.
    ///
    /// # Errors
    /// If an entry can't be read.
    pub fn before_last(&self, query: &Query, last: usize) -> Result<usize> {
        let mut count: usize = 0;
        // For one log without a query, the number is known.
        match &self.0[..] {
            [DeviceLog { parts, .. }] if query.is_empty() && parts.len() == 1 => {
                count = usize::try_from(parts[0].given()).unwrap_or(usize::MAX);
            }
            _ => {
                for line in self.select(query) {
                    line?;
                    count += 1;
                }
            }
        }
        Ok(count.saturating_sub(last))
    }

    /// Returns the devices that have a log here.
    #[must_use]
    pub fn devices(&self) -> BTreeSet<&str> {
        self.0.iter().filter_map(|log| log.device.as_deref()).ordered()
    }

    /// Returns the users whose logs have entries.
    #[must_use]
    pub fn users(&self) -> BTreeSet<&UserName> {
        let has_entries = |log: &&DeviceLog| log.parts.iter().any(|part| part.entries > 0);
        self.0.iter().filter(has_entries).map(|log| &log.user).ordered()
    }
}

impl DeviceLog {
    /// Returns the entries, sorted by number, each once.
    pub fn lines(&self) -> impl Iterator<Item = Result<Line>> + use<'_> {
        Device::new(self.parts.iter().map(Reading::lines))
    }

    /// Returns, for each stretch of entries that was read, its device and the number of its last entry.
    pub fn ends(&self) -> impl Iterator<Item = (&str, u64)> {
        let stretches = self.parts.iter().flat_map(|part| &part.stretches);
        stretches.map(|stretch| (stretch.device.as_str(), stretch.last()))
    }

    /// Returns the number of segments that these keys can't open, in the part that has the fewest of them.
    #[must_use]
    pub fn sealed(&self) -> usize {
        self.parts.iter().map(|part| part.sealed).min().unwrap_or_default()
    }

    /// Describes the first problem in any part.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let problem = self.parts.iter().find_map(|part| part.problem.as_ref())?;
        Some(format!("entry {}: {}", problem.entry, problem.what))
    }

    /// Returns the ranges of entries that were written but are not here, each by its first and last number. They may be
    /// in an archive, in a newer export, or in segments that can't be read.
    #[must_use]
    pub fn gaps(&self) -> Vec<(u64, u64)> {
        let mut gaps = Vec::new();
        let mut next = 1;
        for (first, last) in self.spans() {
            if first > next {
                gaps.push((next, first - 1));
            }
            next = next.max(last + 1);
        }
        let last = self.parts.iter().map(|part| part.last.max(part.later.unwrap_or(0))).max().unwrap_or(0);
        if last >= next {
            gaps.push((next, last));
        }
        gaps
    }

    /// Returns the first missing entry, if it comes before the last entry that is here.
    #[must_use]
    pub fn first_gap(&self) -> Option<u64> {
        let last = self.spans().iter().map(|(_, last)| *last).max().unwrap_or(0);
        self.gaps().first().map(|(first, _)| *first).filter(|first| *first <= last)
    }

    /// Returns the ranges of entries that are here, sorted.
    fn spans(&self) -> Vec<(u64, u64)> {
        let stretches = self.parts.iter().flat_map(|part| &part.stretches).filter(|stretch| stretch.count() > 0);
        let mut spans: Vec<(u64, u64)> = stretches.map(|stretch| (stretch.first(), stretch.last())).collect();
        spans.order();
        spans
    }
}

#[cfg(test)]
mod tests;
