//! Selects entries of the log: those that concern an item, and those that match a query.

use super::{Action, Entry, Line, Outcome};
use crate::name::{EnvironmentName, NamedItem};
use crate::secret::TextPart;
use crate::time::Time;

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach<'a> {
    /// These items, by name.
    Items(&'a [TextPart]),
    /// Everything in its environment, which was compared, removed or refused as a whole.
    Environment,
    /// Everything that the user could read at that time.
    Vault,
    /// No item.
    Nothing,
}

impl Line {
    /// Returns what the entry is about.
    #[must_use]
    pub fn reach(&self) -> Reach<'_> {
        match self.items() {
            [] if self.entry.takes_an_environment() => Reach::Environment,
            [] if self.entry.takes_the_vault() => Reach::Vault,
            [] => Reach::Nothing,
            items => Reach::Items(items),
        }
    }

    /// Whether the entry concerns an item. Without an environment, only entries that name the item count.
    #[must_use]
    pub(crate) fn concerns(&self, item: &NamedItem) -> bool {
        let is_there = match (&item.environment, &self.entry.environment) {
            (Some(wanted), Some(environment)) => wanted.as_str() == environment,
            (Some(_), None) => self.reach() == Reach::Vault,
            (None, _) => matches!(self.reach(), Reach::Items(_)),
        };
        is_there
            && match self.reach() {
                Reach::Items(items) => items.iter().any(|known| **known == *item.name.as_str()),
                Reach::Environment | Reach::Vault => true,
                Reach::Nothing => false,
            }
    }
}

impl Entry {
    /// Whether an entry without item names is about its whole environment.
    fn takes_an_environment(&self) -> bool {
        if self.environment.is_none() {
            return false;
        }
        match self.action {
            Action::EnvRemove => true,
            action if action.compares_values() => true,
            // An `env copy` that found nothing to copy has compared everything.
            Action::EnvCopy => true,
            // An entry names every item it hands out, so without a name it handed out nothing. A refused one asked for
            // the whole environment.
            action => action.gives_values() && self.outcome != Outcome::Ok,
        }
    }

    /// Whether the entry is about the whole vault. `exposure` looks through all environments and names none.
    fn takes_the_vault(&self) -> bool {
        self.environment.is_none() && self.action == Action::Exposure
    }
}

/// A filter for entries. An empty field matches every entry.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Only entries from this time on.
    pub since: Option<Time>,
    /// Only entries up to this time.
    pub until: Option<Time>,
    /// Only entries about this item; without an environment, about items of this name in any environment.
    pub subject: Option<NamedItem>,
    /// Only this action.
    pub action: Option<Action>,
    /// Only entries about these environments.
    pub environments: Vec<EnvironmentName>,
}

impl Query {
    /// Whether the query matches every entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { since, until, subject, action, environments } = self;
        since.is_none() && until.is_none() && subject.is_none() && action.is_none() && environments.is_empty()
    }

    /// Whether the query matches this entry.
    #[must_use]
    pub fn fits(&self, line: &Line) -> bool {
        let Line { entry, .. } = line;
        let is_in = |name: &EnvironmentName| {
            entry.environment.as_deref() == Some(name.as_str()) || line.reach() == Reach::Vault
        };
        self.since.is_none_or(|since| entry.time >= since)
            && self.until.is_none_or(|until| entry.time <= until)
            && self.subject.as_ref().is_none_or(|item| line.concerns(item))
            && self.action.is_none_or(|action| entry.action == action)
            && (self.environments.is_empty() || self.environments.iter().any(is_in))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::UserName;
    use crate::signature::Hash;

    fn line(entry: Entry) -> Line {
        let user = UserName::new("mia").unwrap();
        Line { user, device: "0".repeat(32), number: 1, hash: Hash::ZERO, entry, listed: None }
    }

    fn about(action: Action, environment: Option<&str>, items: &[&str]) -> Entry {
        Entry { environment: environment.map(str::to_owned), ..Entry::new(action).items(items) }
    }

    fn concerns(subject: &str, entry: Entry) -> bool {
        line(entry).concerns(&subject.parse().unwrap())
    }

    #[test]
    fn an_entry_that_names_an_item_concerns_it_only_in_that_environment() {
        let got = || about(Action::Get, Some("dev"), &["OTHER", "KEY"]);
        assert!(concerns("dev/KEY", got()) && concerns("KEY", got()));
        assert!(!concerns("prod/KEY", got()) && !concerns("dev/KE", got()) && !concerns("dev/MORE", got()));
        assert!(concerns("dev/KEY", got().outcome(Outcome::Denied)));
        // An entry without an environment doesn't concern dev.
        assert!(!concerns("dev/KEY", about(Action::Get, None, &["KEY"])));
    }

    #[test]
    fn an_entry_that_names_a_list_by_its_digest_concerns_each_item_of_the_list() {
        let mut exec = line(about(Action::Exec, Some("dev"), &[]));
        exec.listed = Some(["A".into(), "KEY".into()].into());
        assert!(exec.concerns(&"dev/KEY".parse().unwrap()));
        assert!(!exec.concerns(&"dev/B".parse().unwrap()));
    }

    #[test]
    fn an_action_on_a_whole_environment_concerns_every_item_in_it() {
        let whole = [
            Action::EnvCopy,
            Action::EnvDiff,
            Action::EnvRemove,
            Action::Scan,
            Action::Check,
            Action::Merge,
            Action::Import,
        ];
        for action in whole {
            assert!(concerns("dev/KEY", about(action, Some("dev"), &[])), "{action:?}");
            assert!(!concerns("prod/KEY", about(action, Some("dev"), &[])), "{action:?}");
            // A name alone doesn't show whether the item was in that environment.
            assert!(!concerns("KEY", about(action, Some("dev"), &[])), "{action:?}");
        }
        // The whole environment was refused, or it had nothing to give out.
        for action in [Action::Exec, Action::Export, Action::List, Action::Edit] {
            assert!(concerns("dev/KEY", about(action, Some("dev"), &[]).outcome(Outcome::Denied)), "{action:?}");
            assert!(!concerns("dev/KEY", about(action, Some("dev"), &[])), "{action:?}");
        }
    }

    #[test]
    fn a_search_of_the_whole_vault_concerns_every_item_and_user_management_none() {
        assert!(concerns("dev/KEY", about(Action::Exposure, None, &[])));
        assert!(!concerns("KEY", about(Action::Exposure, None, &[])));
        for action in [Action::Grant, Action::EnvAdd, Action::Revoke] {
            assert!(!concerns("dev/KEY", about(action, Some("dev"), &[])), "{action:?}");
        }
        for action in [Action::Unlock, Action::UserAdd, Action::LogExport, Action::Init] {
            assert!(!concerns("dev/KEY", about(action, None, &[])), "{action:?}");
        }
    }

    #[test]
    fn a_query_includes_both_ends_of_its_time_and_searches_of_all_environments() {
        let at = |text: &str| Time::parse(text).unwrap();
        let entry = |time: &str| line(Entry { time: at(time), ..about(Action::Get, Some("dev"), &["KEY"]) });
        let query = Query {
            since: Some(at("2026-11-23T08:00:00Z")),
            until: Some(at("2026-11-23T09:00:00Z")),
            ..Query::default()
        };
        let times = ["07:59:59", "08:00:00", "09:00:00", "09:00:01"];
        let fits = times.map(|time| query.fits(&entry(&format!("2026-11-23T{time}Z"))));
        assert_eq!(fits, [false, true, true, false]);
        let in_dev = Query { environments: vec![EnvironmentName::new("dev").unwrap()], ..Query::default() };
        assert!(in_dev.fits(&entry("2026-11-23T08:00:00Z")));
        assert!(in_dev.fits(&line(about(Action::Exposure, None, &[]))));
        assert!(!in_dev.fits(&line(about(Action::Unlock, None, &[]))));
        assert!(Query::default().is_empty() && !in_dev.is_empty() && !query.is_empty());
    }
}
