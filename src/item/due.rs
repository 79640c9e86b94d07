//! Values that are due for replacement, and the marks on values known to somebody who lost the right to read them.
//!
//! A mark belongs to a value, not to an item. It returns together with an earlier value, and a copy of the value has it
//! too. A value is without a mark only if everybody who knew it still has the right to read it.

use super::{Content, DueWindow, Item, Kind};
use crate::error::Result;
use crate::name::{ItemName, UserName};
use crate::secret::SecretBytes;
use crate::time::Time;

impl Item {
    /// Whether the value has expired by `now`.
    #[must_use]
    pub fn is_expired(&self, now: Time) -> bool {
        self.metadata.expires_at.is_some_and(|expires| expires <= now)
    }

    /// Returns when a replacement is or was due: by a mark, after the planned number of days, or at the expiry.
    #[must_use]
    pub fn due(&self) -> Option<Time> {
        // A time beyond the calendar counts as never. A writer of the environment must not be able to crash its readers.
        let after = |days: u32| self.current.set_at.utc().checked_add_signed(chrono::TimeDelta::days(i64::from(days)));
        let planned = self.metadata.rotate_after.and_then(after).map(Time::from);
        [self.current.rotate_due, planned, self.metadata.expires_at].into_iter().flatten().min()
    }

    /// Whether a replacement is due by `now`.
    #[must_use]
    pub(crate) fn is_due(&self, now: Time) -> bool {
        self.due().is_some_and(|due| due <= now)
    }

    /// Whether a replacement is not due yet, but will be soon.
    #[must_use]
    pub(crate) fn is_due_soon(&self, window: DueWindow) -> bool {
        self.due().is_some_and(|due| window.is_near(due))
    }

    /// Returns the mark of this value, if the item has or had it.
    pub(super) fn mark_of(&self, value: &SecretBytes) -> Option<Time> {
        self.versions().filter(|version| version.value == *value).filter_map(|version| version.rotate_due).min()
    }
}

impl Content {
    /// Marks every value, including earlier ones, as due for replacement, except those of variables, which are not
    /// secret. Returns the names of the marked items.
    pub(crate) fn mark_all_due(&mut self, now: Time) -> Vec<ItemName> {
        let mut marked = Vec::new();
        for item in self.items.values_mut().filter(|item| item.metadata.kind != Kind::Variable) {
            for version in std::iter::once(&mut item.current).chain(&mut item.history) {
                // A time in the future would claim that nobody who left knew the value, or that there is time left.
                version.set_at = version.set_at.min(now);
                version.rotate_due = Some(version.rotate_due.map_or(now, |due| due.min(now)));
            }
            marked.push(item.name.clone());
        }
        marked
    }

    /// Sets an item to the value, metadata and mark of another item. Returns the version's number.
    ///
    /// # Errors
    /// As [`Content::set`].
    pub(crate) fn set_copy(&mut self, name: &ItemName, source: &Item, by: &UserName, now: Time) -> Result<u32> {
        let number = self.set(name, source.current.value.clone(), &source.metadata, by, now)?;
        self.copy_mark(name, source);
        Ok(number)
    }

    /// Copies the mark of another item with the same value.
    pub(crate) fn copy_mark(&mut self, name: &ItemName, source: &Item) {
        if let (Some(item), Some(due)) = (self.items.get_mut(name), source.current.rotate_due) {
            item.current.rotate_due.get_or_insert(due);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Injectable, Metadata, Place};
    use super::*;
    use crate::name::EnvironmentName;
    use crate::signature::Hash;
    use std::time::Duration;

    fn name(name: &str) -> ItemName {
        ItemName::new(name).unwrap()
    }

    fn set(content: &mut Content, value: &str) {
        let (mia, metadata) = (UserName::new("mia").unwrap(), Metadata::default());
        content.set(&name("A"), SecretBytes::from(value), &metadata, &mia, Time::now()).unwrap();
    }

    #[test]
    fn items_that_expire_within_the_given_time_are_due_soon_not_due() {
        let mut content = Content::default();
        set(&mut content, "one");
        let now = Time::now();
        let window = DueWindow::new(now, Duration::from_secs(86_400));
        let mut seen = |seconds: i64| {
            let item = content.items.get_mut(&name("A")).unwrap();
            item.metadata.expires_at = Some(Time::from(now.utc() + chrono::TimeDelta::seconds(seconds)));
            let injectable =
                Injectable { expires_at: item.metadata.expires_at, ..Injectable::new("A", SecretBytes::default()) };
            (item.is_due(now), item.is_due_soon(window), injectable.outline().expires_soon(window).is_some())
        };
        assert_eq!(seen(0), (true, false, false));
        assert_eq!(seen(1), (false, true, true));
        assert_eq!(seen(86_400), (false, true, true));
        assert_eq!(seen(86_401), (false, false, false));
    }

    #[test]
    fn a_huge_duration_ends_with_the_calendar() {
        let now = Time::now();
        assert!(DueWindow::new(now, Duration::MAX).is_near(Time::parse("9999-12-31T23:59:59Z").unwrap()));
        let none = DueWindow::new(now, Duration::ZERO);
        assert!(!none.is_near(now) && !none.is_near(Time::from(now.utc() + chrono::TimeDelta::seconds(1))));
    }

    #[test]
    fn a_mark_belongs_to_its_value_and_is_stored_with_it() {
        let mut content = Content::default();
        set(&mut content, "one");
        set(&mut content, "two");
        assert_eq!(content.mark_all_due(Time::now()), [name("A")]);
        set(&mut content, "three");
        let dev = EnvironmentName::new("dev").unwrap();
        let place = Place { vault: &Hash::of(b"v"), environment: &dev, version: 1 };
        let mut content = Content::from_json(&content.to_json(&place), &place, Time::now()).unwrap();
        let is_due = |content: &Content| content.items()[&name("A")].due().is_some();
        assert!(!is_due(&content));
        set(&mut content, "one");
        assert!(is_due(&content));
        set(&mut content, "four");
        assert!(!is_due(&content));
    }
}
