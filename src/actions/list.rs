//! Listing items: the environments that are searched, the values that are shown, and what of that is logged.
//!
//! - Gives values, after their log entry: `Found::read`
//! - Gives parts of what was read: `Listed::items`

use crate::error::Result;
use crate::item::find::{Search, Wanted};
use crate::item::{Content, Item, Kind, Outline};
use crate::log::Action;
use crate::name::{EnvironmentName, ItemName};
use crate::ordered::InOrder as _;
use crate::vault::{Chosen, Claims, Purpose, Session, Unread};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Which values a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// All values.
    Values,
    /// What the kinds of the items allow: see [`Item::shown`].
    OfKind,
    /// None, only names and dates.
    Names,
}

/// The items that a search has found, unread.
pub struct Found(Vec<Unread>);

/// The items of one environment, each with what is shown of its value.
pub struct Listed {
    /// The environment.
    pub environment: EnvironmentName,
    shown: Shown,
    /// The items whose values are shown.
    read: Content,
    /// The other items.
    unread: Unread,
}

/// Where a list looks unless its words name an environment.
#[derive(Debug, Default)]
pub struct Scope {
    /// The environments that an option named. With these, every word is a pattern.
    named: Vec<EnvironmentName>,
    /// Whether commands use an environment that was chosen, even if only by VAULT_ENV. Then a search stays in it.
    is_set: bool,
}

impl Scope {
    /// Takes the environments that options name, and whether VAULT_ENV chooses one instead.
    ///
    /// # Errors
    /// A not-found error if an option names an environment that does not exist.
    pub fn by(options: &[EnvironmentName], file: &Claims) -> Result<Self> {
        let named: Chosen = options.iter().cloned().collect();
        Ok(Self { named: named.named(file)?, is_set: !Chosen::by(options).is_empty() })
    }
}

/// Returns what to search for, and where. Anything that is searched for is looked for in every environment. A plain list
/// shows only the environment that commands use, which `defaults` returns.
///
/// # Errors
/// A usage error if a word is not a pattern; the errors of `defaults`.
pub fn search(
    words: &[String],
    wanted: &Wanted,
    scope: &Scope,
    session: &Session,
    defaults: impl FnOnce() -> Result<Vec<EnvironmentName>>,
) -> Result<Search> {
    let known: Vec<_> = session.vault().environments().collect();
    let mut search = Search::read(words, &known, &scope.named)?;
    let is_everywhere = (search.has_patterns() || wanted.is_given()) && !scope.is_set;
    if search.environments.is_empty() && !is_everywhere {
        search.environments = defaults()?;
    }
    Ok(search)
}

/// Returns the names of the items in an environment. A refusal is logged.
///
/// # Errors
/// The same as for [`Session::open`].
pub fn names(session: &Session, environment: &EnvironmentName) -> Result<Vec<ItemName>> {
    let unread = session.open(&Purpose::for_action(Action::List), environment)?;
    Ok(unread.items().map(|item| item.name().clone()).collect())
}

/// Finds items. The environments that the search names must be readable; without any, all readable ones are searched.
///
/// # Errors
/// The same as for [`Session::open`].
pub fn find(session: &Session, search: &Search, wanted: &Wanted) -> Result<Found> {
    let purpose = Purpose::for_action(Action::List);
    let named = &search.environments;
    let mut all = named.iter().map(|name| session.open(&purpose, name)).collect::<Result<Vec<_>>>()?;
    if named.is_empty() || search.looks_beyond() {
        all.extend(session.open_readable(&purpose)?.into_iter().filter(|unread| !named.contains(unread.environment())));
    }
    let chosen = all.into_iter().map(|unread| {
        let environment = unread.environment().clone();
        unread.only(|item| search.finds(&environment, item) && wanted.takes(item))
    });
    Ok(Found(chosen.collect()))
}

impl Found {
    /// Reads the values that are shown. Only that is logged, including variables and API keys: everybody who unlocks the
    /// vault sees the names. A key too short to show its end is read and logged like any other, because showing nothing of
    /// it says that it is short.
    ///
    /// # Errors
    /// The same as for [`Session::read_all`]; and a denied error, if all values of a protected
    /// environment are shown and nobody confirms it.
    pub fn read(self, session: &Session, shown: Shown) -> Result<Vec<Listed>> {
        let (mut leaving, mut staying) = (Vec::new(), Vec::new());
        for unread in self.0 {
            let (read, hidden) = unread.split(|item| match shown {
                Shown::Values => true,
                Shown::OfKind => item.metadata().kind != Kind::Secret,
                Shown::Names => false,
            });
            leaving.extend(Some(read).filter(|read| read.count() > 0));
            staying.push(hidden);
        }
        let purpose = Purpose::for_action(Action::List);
        if shown == Shown::Values {
            leaving.iter().try_for_each(|read| session.confirm(read.environment(), || read.entry(&purpose)))?;
        }
        let mut read = BTreeMap::new();
        if !leaving.is_empty() {
            read.extend(session.read_all(&purpose, leaving)?);
        }
        let listed = staying.into_iter().map(|unread| {
            let environment = unread.environment().clone();
            Listed { read: read.remove(&environment).unwrap_or_default(), environment, shown, unread }
        });
        Ok(listed.collect())
    }
}

impl Listed {
    /// Returns the number of items.
    #[must_use]
    pub fn count(&self) -> usize {
        self.read.items().len() + self.unread.count()
    }

    /// Returns the items by name, each with what is shown of its value, if anything is. Unless all values are shown, no
    /// protected environment asks for them, so a caller gets no more than a list shows.
    #[must_use]
    pub fn items(&self) -> Vec<(Outline<'_>, Option<Cow<'_, [u8]>>)> {
        let read = self.read.items().values().map(|item| (item.outline(), self.shown_of(item)));
        let mut items: Vec<_> = read.chain(self.unread.items().map(|item| (item, None))).collect();
        items.order_by_key(|(item, _)| item.name());
        items
    }

    fn shown_of<'a>(&self, item: &'a Item) -> Option<Cow<'a, [u8]>> {
        match self.shown {
            Shown::Values => Some(Cow::Borrowed(&item.current.value)),
            Shown::OfKind => item.shown().map(|text| Cow::Owned(text.into_bytes())),
            Shown::Names => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{Sandbox, environment, place, value};
    use crate::item::{ANNOUNCED, DueWindow, Metadata};
    use crate::log::Entry;
    use crate::name::NamedItem;
    use crate::time::Time;

    /// A vault with a secret in each environment and a variable in dev.
    fn sandbox() -> Sandbox {
        let mut sandbox = Sandbox::with(&["dev/KEY=k", "prod/KEY=p"]);
        set(&mut sandbox, "PORT", "80", Kind::Variable);
        sandbox
    }

    /// Sets an item of a kind in dev.
    fn set(sandbox: &mut Sandbox, name: &str, text: &str, kind: Kind) {
        let (dev, name) = place("dev", name);
        let entry = Entry::new(Action::Set).environment(&dev).items([&name]);
        let metadata = Metadata { kind, ..Metadata::default() };
        let set = sandbox.session.edit(std::slice::from_ref(&entry), |edit| {
            let (now, user) = (edit.now(), edit.user());
            edit.content_mut(&dev)?.set(&name, value(text), &metadata, user, now)?;
            edit.log(entry.clone());
            Ok(())
        });
        set.unwrap();
    }

    /// The listed items: names, each with `=` and the part of its value that is shown.
    fn listed(sandbox: &Sandbox, words: &[&str], shown: Shown) -> Vec<String> {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        let known = [environment("dev"), environment("prod")];
        let search = Search::read(&words, &known.iter().collect::<Vec<_>>(), &[]).unwrap();
        let all = find(&sandbox.session, &search, &Wanted::default()).unwrap().read(&sandbox.session, shown).unwrap();
        let mut names = Vec::new();
        for of in &all {
            assert_eq!(of.count(), of.items().len());
            let name = |(item, value): &(Outline<'_>, Option<Cow<'_, [u8]>>)| {
                let value = value.as_ref().map(|value| format!("={}", String::from_utf8_lossy(value)));
                format!("{}{}", NamedItem::within(&of.environment, item.name()), value.unwrap_or_default())
            };
            names.extend(of.items().iter().map(name));
        }
        names
    }

    #[test]
    fn a_search_covers_all_environments_and_a_plain_list_the_default_one() {
        let sandbox = sandbox();
        let (any, due) =
            (Wanted::default(), Wanted { due: Some(DueWindow::new(Time::now(), ANNOUNCED)), ..Wanted::default() });
        let (free, set) = (Scope::default(), Scope { is_set: true, ..Scope::default() });
        let named = Scope { named: vec![environment("prod")], is_set: true };
        for (words, wanted, scope, expected) in [
            (&[][..], &any, &free, &["dev"][..]),
            (&["key"], &any, &free, &[]),
            (&[], &due, &free, &[]),
            (&["prod"], &any, &free, &["prod"]),
            (&["prod"], &any, &set, &["prod"]),
            (&["key"], &any, &set, &["dev"]),
            (&["dev"], &any, &named, &["prod"]),
        ] {
            let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
            let search = search(&words, wanted, scope, &sandbox.session, || Ok(vec![environment("dev")])).unwrap();
            let searched: Vec<_> = search.environments.iter().map(EnvironmentName::as_str).collect();
            assert_eq!(searched, expected, "{words:?} {scope:?}");
        }
    }

    #[test]
    fn only_shown_values_are_read_and_logged() {
        for (shown, expected, logged) in [
            (Shown::Names, ["dev/KEY", "dev/PORT"], None),
            (Shown::OfKind, ["dev/KEY", "dev/PORT=80"], Some("list dev PORT")),
            (Shown::Values, ["dev/KEY=k", "dev/PORT=80"], Some("list dev KEY,PORT")),
        ] {
            let sandbox = sandbox();
            let before = sandbox.log().len();
            assert_eq!(listed(&sandbox, &["dev"], shown), expected, "{shown:?}");
            assert_eq!(sandbox.log().get(before).map(String::as_str), logged, "{shown:?}");
        }
    }

    #[test]
    fn of_a_key_only_the_end_is_shown_and_that_a_key_is_too_short_for_it_is_logged_as_well() {
        let mut sandbox = Sandbox::with(&["dev/KEY=k"]);
        set(&mut sandbox, "SHORT", "sk_live_0123", Kind::ApiKey);
        set(&mut sandbox, "TOKEN", "sk_live_0123456789abcdef", Kind::ApiKey);
        assert_eq!(listed(&sandbox, &["dev"], Shown::OfKind), ["dev/KEY", "dev/SHORT", "dev/TOKEN=\u{2026}cdef"]);
        assert_eq!(sandbox.log().last().unwrap(), "list dev SHORT,TOKEN");
        assert_eq!(listed(&sandbox, &["short"], Shown::OfKind), ["dev/SHORT"]);
        assert_eq!(sandbox.log().last().unwrap(), "list dev SHORT");
    }

    #[test]
    fn a_pattern_with_an_environment_also_searches_outside_the_named_one() {
        let sandbox = sandbox();
        assert_eq!(listed(&sandbox, &["KEY"], Shown::Names), ["dev/KEY", "prod/KEY"]);
        assert_eq!(listed(&sandbox, &["dev", "port", "prod/key"], Shown::Names), ["dev/PORT", "prod/KEY"]);
        assert!(listed(&sandbox, &["nothing"], Shown::Values).is_empty());
        assert!(!sandbox.log().iter().any(|line| line.starts_with("list")));
    }
}
