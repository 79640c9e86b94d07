//! Collects the values that a user was given, according to their logs.

use crate::error::Result;
use crate::item::Item;
use crate::log::Logs;
use crate::name::{EnvironmentName, ItemName};
use crate::time::Time;
use std::collections::BTreeMap;

/// What the logs say about one item: how often it was handed out, and when and by which action last.
#[derive(Clone, Copy, Default)]
pub(super) struct Uses {
    pub(super) count: usize,
    pub(super) last: Option<(Time, &'static str)>,
}

impl Uses {
    pub(super) fn add(&mut self, other: Self) {
        self.count += other.count;
        let is_later = |(time, _): &(Time, &'static str)| self.last.as_ref().is_none_or(|(last, _)| last <= time);
        if let Some(later) = other.last.filter(is_later) {
            self.last = Some(later);
        }
    }
}

/// The uses by environment and item name.
pub(super) struct Reads(BTreeMap<(EnvironmentName, String), Uses>);

impl Reads {
    pub(super) fn from_logs(logs: &Logs, since: Option<Time>) -> Result<Self> {
        let mut reads: BTreeMap<_, Uses> = BTreeMap::new();
        for line in logs.lines() {
            let line = line?;
            let entry = &line.entry;
            if !entry.handed_out() || since.is_some_and(|since| entry.time < since) {
                continue;
            }
            let Some(environment) = entry.environment.as_ref().and_then(|name| EnvironmentName::new(name).ok()) else {
                continue;
            };
            for item in line.items() {
                let uses = Uses { count: 1, last: Some((entry.time, entry.action.word())) };
                reads.entry((environment.clone(), item.to_string())).or_default().add(uses);
            }
        }
        Ok(Self(reads))
    }

    /// Removes and returns the uses of the item that has this name now.
    pub(super) fn take(&mut self, environment: &EnvironmentName, item: &ItemName) -> Uses {
        self.0.remove(&(environment.clone(), item.to_string())).unwrap_or_default()
    }

    /// Removes and returns the uses of an item under the name with which it was created, which its id tells. Names in
    /// between leave no trace.
    pub(super) fn take_former(&mut self, environment: &EnvironmentName, item: &Item) -> Uses {
        let is_former = |(place, name): &(EnvironmentName, String)| {
            place == environment && ItemName::new(name.as_str()).is_ok_and(|name| item.came_from(environment, &name))
        };
        let place = self.0.keys().find(|place| is_former(place)).cloned();
        place.and_then(|place| self.0.remove(&place)).unwrap_or_default()
    }

    /// Returns the uses that are left.
    pub(super) fn rest(self) -> impl Iterator<Item = (EnvironmentName, String, Uses)> {
        self.0.into_iter().map(|((environment, name), uses)| (environment, name, uses))
    }
}
