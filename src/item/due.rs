//! What is due for replacement, and the marks on values known to somebody who lost their right.
//!
//! A mark belongs to a value and not to an item: it comes back with an earlier value and goes along with a copy, and only
//! a value that nobody knew who lost their right bears none.

use super::{Content, Item, Kind};
use crate::error::Result;
use crate::name::{ItemName, UserName};
use crate::secret::SecretBytes;
use crate::time::Time;
use chrono::{DateTime, Utc};
use std::time::Duration;

/// How long before it happens an expiry or a planned replacement is announced, unless somebody says otherwise.
pub const ANNOUNCED: Duration = Duration::from_secs(7 * 24 * 3600);

/// Now, and the moment up to which something counts as near.
#[derive(Debug, Clone, Copy)]
pub struct Outlook {
    /// The moment from which it is seen.
    pub now: Time,
    /// The last moment that is near.
    pub until: Time,
}

impl Outlook {
    /// From `now`, this far ahead; never beyond the calendar.
    #[must_use]
    pub fn new(now: Time, ahead: Duration) -> Self {
        let ahead = chrono::TimeDelta::from_std(ahead).ok();
        let until = ahead.and_then(|ahead| now.utc().checked_add_signed(ahead)).unwrap_or(DateTime::<Utc>::MAX_UTC);
        Self { now, until: Time::from(until) }
    }

    /// Whether a moment is near and has not come yet.
    #[must_use]
    pub fn is_near(self, time: Time) -> bool {
        self.now < time && time <= self.until
    }
}

impl Item {
    /// Whether the value has stopped working by `now`.
    #[must_use]
    pub fn is_expired(&self, now: Time) -> bool {
        self.metadata.expires_at.is_some_and(|expires| expires <= now)
    }

    /// When a replacement is due or became due: marked, planned after some days, or at the expiry.
    #[must_use]
    pub fn due(&self) -> Option<Time> {
        // Beyond the calendar is never: whoever may write the environment must not end its readers' programs.
        let after = |days: u32| self.current.set_at.utc().checked_add_signed(chrono::TimeDelta::days(i64::from(days)));
        let planned = self.metadata.rotate_after.and_then(after).map(Time::from);
        [self.current.rotate_due, planned, self.metadata.expires_at].into_iter().flatten().min()
    }

    /// Whether a replacement is due by `now`.
    #[must_use]
    pub fn is_due(&self, now: Time) -> bool {
        self.due().is_some_and(|due| due <= now)
    }

    /// Whether one is not due yet, and will be soon.
    #[must_use]
    pub fn is_due_soon(&self, outlook: Outlook) -> bool {
        self.due().is_some_and(|due| outlook.is_near(due))
    }

    /// When the value stops working, if it still works and that is near.
    #[must_use]
    pub fn expires_soon(&self, outlook: Outlook) -> Option<Time> {
        self.metadata.expires_at.filter(|expires| outlook.is_near(*expires))
    }

    /// The mark of this value, if it is or was the item's.
    pub(super) fn mark_of(&self, value: &SecretBytes) -> Option<Time> {
        self.versions().filter(|version| version.value == *value).filter_map(|version| version.rotate_due).min()
    }
}

impl Content {
    /// Marks every value, including earlier ones, as due for replacement, except those of variables, which are not
    /// secret. Returns the names of the items.
    pub fn mark_all_due(&mut self, now: Time) -> Vec<ItemName> {
        let mut marked = Vec::new();
        for item in self.items.values_mut().filter(|item| item.metadata.kind != Kind::Variable) {
            for version in std::iter::once(&mut item.current).chain(&mut item.history) {
                // A time of later would say that nobody who left had known it, or that there is time.
                version.set_at = version.set_at.min(now);
                version.rotate_due = Some(version.rotate_due.map_or(now, |due| due.min(now)));
            }
            marked.push(item.name.clone());
        }
        marked
    }

    /// Sets the value of another item, with its metadata and its mark. Gives the version's number.
    ///
    /// # Errors
    /// As [`Content::set`].
    pub fn set_copy(&mut self, name: &ItemName, of: &Item, by: &UserName, now: Time) -> Result<u32> {
        let number = self.set(name, of.current.value.clone(), &of.metadata, by, now)?;
        self.copy_mark(name, of);
        Ok(number)
    }

    /// Marks an item that has the value of another one as that is marked.
    pub fn copy_mark(&mut self, name: &ItemName, of: &Item) {
        if let (Some(item), Some(due)) = (self.items.get_mut(name), of.current.rotate_due) {
            item.current.rotate_due.get_or_insert(due);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Metadata, Place};
    use super::*;
    use crate::name::EnvironmentName;
    use crate::signature::Hash;

    fn name(name: &str) -> ItemName {
        ItemName::new(name).unwrap()
    }

    fn set(content: &mut Content, value: &str) {
        let (mia, metadata) = (UserName::new("mia").unwrap(), Metadata::default());
        content.set(&name("A"), SecretBytes::from(value), &metadata, &mia, Time::now()).unwrap();
    }

    #[test]
    fn what_expires_within_the_time_asked_for_is_due_soon_and_not_yet() {
        let mut content = Content::default();
        set(&mut content, "one");
        let now = Time::now();
        let outlook = Outlook::new(now, Duration::from_secs(86_400));
        let mut seen = |seconds: i64| {
            let item = content.items.get_mut(&name("A")).unwrap();
            item.metadata.expires_at = Some(Time::from(now.utc() + chrono::TimeDelta::seconds(seconds)));
            (item.is_due(now), item.is_due_soon(outlook), item.expires_soon(outlook).is_some())
        };
        assert_eq!(seen(0), (true, false, false));
        assert_eq!(seen(1), (false, true, true));
        assert_eq!(seen(86_400), (false, true, true));
        assert_eq!(seen(86_401), (false, false, false));
    }

    #[test]
    fn an_outlook_ends_with_the_calendar() {
        let now = Time::now();
        assert!(Outlook::new(now, Duration::MAX).is_near(Time::parse("9999-12-31T23:59:59Z").unwrap()));
        let none = Outlook::new(now, Duration::ZERO);
        assert!(!none.is_near(now) && !none.is_near(Time::from(now.utc() + chrono::TimeDelta::seconds(1))));
    }

    #[test]
    fn a_mark_belongs_to_the_value_and_is_read_back_with_it() {
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
