//! Lists what a user could read and did read, to replace values after somebody leaves.

mod reads;

use super::{Purpose, Session};
use crate::error::{Error, Reason, Remedy, Result};
use crate::item::{Content, Item, Kind, Version};
use crate::log::{Action, Entry, Logs};
use crate::name::{EnvironmentName, NamedItem, UserName};
use crate::ordered::{InOrder as _, Ordered as _};
use crate::time::Time;
use reads::{Reads, Uses};
use std::collections::{BTreeMap, BTreeSet};

/// What is known about one item, or about everything that is or was in an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposed {
    /// The environment.
    pub environment: EnvironmentName,
    /// The item's name; `None` for an environment whose items this session can't read.
    pub name: Option<String>,
    /// The item's kind, if the item is known.
    pub kind: Option<Kind>,
    /// When the user got the right to read it.
    pub from: Option<Time>,
    /// When the user lost the right to read it; `None` if they still have it.
    pub until: Option<Time>,
    /// How often it was handed out to the user, according to the logs; `None` if that is unknown, because there is no log
    /// of this user, or this stands for all items of an environment.
    pub reads: Option<usize>,
    /// When it was last handed out, and by which action.
    pub last_read: Option<(Time, &'static str)>,
    /// What has happened to the value that the user could read.
    pub fate: Fate,
    /// Another item that the user could read, if this one has its value.
    pub value_of: Option<String>,
}

impl Exposed {
    /// Returns whether the value is a secret in use that is known to a user who has lost the right to it.
    #[must_use]
    pub fn is_to_be_replaced(&self) -> bool {
        self.until.is_some() && self.fate == Fate::InUse && self.kind != Some(Kind::Variable)
    }

    /// Returns whether this stands for an environment whose items this session can't read.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        self.name.is_none() && self.fate == Fate::Unreadable
    }
}

/// What has happened to a value that the user could read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is in use.
    InUse,
    /// The item has a different value.
    Replaced,
    /// This session can't read the environment.
    Unreadable,
    /// The environment was removed.
    Removed,
    /// Only the log has it: the item was renamed or removed since.
    Gone,
}

/// The time in which the user could read an environment. `until` is `None` if they still can.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: Time,
    until: Option<Time>,
}

impl Span {
    /// Returns whether the user could read an item, because it existed before they lost the right.
    fn covers(self, item: &Item) -> bool {
        self.until.is_none_or(|until| item.created_at <= until)
    }

    /// Returns whether the user could read a value.
    fn knew(self, version: &Version, kind: Kind) -> bool {
        // If the value was set in the same second in which the right was revoked, the mark for replacement shows that
        // the value came first. Variables have no mark.
        let marked = version.rotate_due.is_some() || kind == Kind::Variable;
        self.until.is_none_or(|until| version.set_at < until || (version.set_at == until && marked))
    }

    /// Returns whether a value that the user knew is in use. It may be an earlier value that was set again.
    fn fate(self, item: &Item) -> Fate {
        let kind = item.metadata.kind;
        let is_current = |version: &&Version| version.value == item.current.value;
        let knew = item.versions().filter(is_current).any(|version| self.knew(version, kind));
        if knew { Fate::InUse } else { Fate::Replaced }
    }
}

/// The environments that the user could read: existing ones and removed ones.
#[derive(Default)]
struct Spans {
    present: BTreeMap<EnvironmentName, Span>,
    removed: BTreeMap<EnvironmentName, Span>,
}

impl Spans {
    fn all(&self) -> impl Iterator<Item = (&EnvironmentName, &Span)> {
        self.present.iter().chain(&self.removed)
    }
}

impl Session {
    /// Lists what a user of this name could read since `since`, according to the signed roster, and did read, according
    /// to these logs of theirs. Other items with a value that the user could read are included, if this session can
    /// read them. The result is sorted by environment and name. The request itself is logged.
    ///
    /// # Errors
    /// A not-found error if there never was such a user; otherwise the same as for [`Session::open_readable`].
    pub fn exposure(&self, user: &UserName, since: Option<Time>, logs: &Logs) -> Result<Vec<Exposed>> {
        let roster = self.vault.roster();
        let was_user = |statement: &crate::roster::Statement| {
            statement.draft.change.new_keys(&statement.draft.author).is_some_and(|(owner, _)| owner == user)
        };
        if !roster.statements().iter().any(was_user) {
            return Err(Error::new(Reason::NoUser, format!("this vault has never had a user \"{user}\""))
                .hint(("to see who can read now: ", Remedy::ListUsers)));
        }
        let purpose = Purpose::for_action(Action::Exposure).note(user.to_string());
        let contents = self.contents_for(&purpose)?;
        let mut losses = BTreeMap::new();
        for name in contents.keys() {
            losses.insert(name.clone(), roster.losses(name, 0)?);
        }
        let mut survey =
            Survey { spans: self.spans(user, since)?, contents, losses, reads: Reads::from_logs(logs, since)? };
        let mut exposed = survey.items();
        exposed.extend(survey.elsewhere(&exposed));
        exposed.extend(survey.unseen());
        exposed.extend(survey.rest(|name| roster.state().environments.contains_key(name)));
        if logs.is_empty() {
            exposed.iter_mut().for_each(|item| item.reads = None);
        }
        exposed.order_by(|a, b| (&a.environment, &a.name).cmp(&(&b.environment, &b.name)));
        // This is logged because the result shows which values are the same.
        self.log(vec![Entry::new(Action::Exposure).note(user.to_string())])?;
        Ok(exposed)
    }

    fn spans(&self, user: &UserName, since: Option<Time>) -> Result<Spans> {
        let environments = &self.vault.roster().state().environments;
        let mut spans = Spans::default();
        for access in self.vault.roster().accesses(user)? {
            if access.until.is_some_and(|until| since.is_some_and(|since| until < since)) {
                continue;
            }
            let is_there = environments.get(&access.environment).is_some_and(|found| found.added == access.added);
            let group = if is_there { &mut spans.present } else { &mut spans.removed };
            let span = Span { from: access.from, until: access.until };
            let known = group.entry(access.environment).or_insert(span);
            known.from = known.from.min(span.from);
            known.until = known.until.zip(span.until).map(|(one, other)| one.max(other));
        }
        Ok(spans)
    }
}

/// Everything that the list is made from.
struct Survey {
    spans: Spans,
    /// The environments that this session can read.
    contents: BTreeMap<EnvironmentName, Content>,
    /// Per environment, when somebody lost the right to read it.
    losses: BTreeMap<EnvironmentName, Vec<Time>>,
    reads: Reads,
}

impl Survey {
    /// Returns the items that were in an environment while the user could read it.
    fn items(&mut self) -> Vec<Exposed> {
        let Self { spans, contents, reads, .. } = self;
        let readable = spans.present.iter().filter_map(|(name, span)| Some((name, span, contents.get(name)?)));
        let items = readable.flat_map(|(name, span, content)| {
            content.items().values().filter(|item| span.covers(item)).map(move |item| (name, span, item))
        });
        let items: Vec<_> = items.collect();
        // Current names first, because a later item may have the former name of a renamed one.
        let uses: Vec<Uses> = items.iter().map(|(name, _, item)| reads.take(name, &item.name)).collect();
        let mut exposed = Vec::new();
        for ((name, span, item), mut uses) in items.into_iter().zip(uses) {
            uses.add(reads.take_former(name, item));
            exposed.push(Exposed::new(name, item, *span, uses));
        }
        exposed
    }

    /// Returns items elsewhere that came from an environment which the user could read, or have a value that the user
    /// could read.
    fn elsewhere(&mut self, listed: &[Exposed]) -> Vec<Exposed> {
        let listed: BTreeSet<_> = listed.iter().map(|item| (&item.environment, item.name.as_deref())).ordered();
        let Self { spans, contents, losses, reads } = self;
        let known = known_values(spans, contents);
        let mut exposed = Vec::new();
        for (environment, content) in &*contents {
            let is_new = |item: &&Item| !listed.contains(&(environment, Some(item.name.as_str())));
            for item in content.items().values().filter(is_new) {
                if let Some((span, uses)) = origin(spans, item, reads) {
                    exposed.push(Exposed::new(environment, item, span, uses));
                    continue;
                }
                let same = known.get(&*item.current.value).filter(|_| item.metadata.kind != Kind::Variable);
                let same = same.map(|(span, item)| (*span, Some(item.clone())));
                // A mark that no loss in this environment set was moved here with the value.
                let mark = item
                    .current
                    .rotate_due
                    .filter(|mark| !losses.get(environment).is_some_and(|all| all.contains(mark)));
                let marked = || spans.all().find(|(_, span)| mark.is_some() && span.until == mark);
                if let Some((span, value_of)) = same.or_else(|| marked().map(|(_, span)| (*span, None))) {
                    let copy = Exposed::new(environment, item, span, reads.take(environment, &item.name));
                    exposed.push(Exposed { fate: Fate::InUse, value_of, ..copy });
                }
            }
        }
        exposed
    }

    /// Returns an entry for each environment that this session can't read or that was removed.
    fn unseen(&self) -> Vec<Exposed> {
        let Self { spans, contents, .. } = self;
        let unreadable = spans.present.iter().filter(|(name, _)| !contents.contains_key(*name));
        let unreadable = unreadable.map(|(name, span)| (name, span, Fate::Unreadable));
        let removed = spans.removed.iter().map(|(name, span)| (name, span, Fate::Removed));
        unreadable.chain(removed).map(|(name, span, fate)| Exposed::unseen(name, None, Some(*span), fate)).collect()
    }

    /// Returns what was read, and no longer exists under its name or can't be looked up.
    fn rest(self, exists: impl Fn(&EnvironmentName) -> bool) -> Vec<Exposed> {
        let Self { spans, contents, reads, .. } = self;
        let exposed = |(environment, name, uses): (EnvironmentName, String, Uses)| {
            let (span, fate) = match (contents.contains_key(&environment), exists(&environment)) {
                (true, _) => (None, Fate::Gone),
                (false, true) => (spans.present.get(&environment), Fate::Unreadable),
                (false, false) => (spans.removed.get(&environment), Fate::Removed),
            };
            let unseen = Exposed::unseen(&environment, Some(name), span.copied(), fate);
            Exposed { reads: Some(uses.count), last_read: uses.last, ..unseen }
        };
        reads.rest().map(exposed).collect()
    }
}

impl Exposed {
    fn new(environment: &EnvironmentName, item: &Item, span: Span, uses: Uses) -> Self {
        Self {
            environment: environment.clone(),
            name: Some(item.name.to_string()),
            kind: Some(item.metadata.kind),
            from: Some(span.from),
            until: span.until,
            reads: Some(uses.count),
            last_read: uses.last,
            fate: span.fate(item),
            value_of: None,
        }
    }

    fn unseen(environment: &EnvironmentName, name: Option<String>, span: Option<Span>, fate: Fate) -> Self {
        let (environment, from) = (environment.clone(), span.map(|span| span.from));
        let until = span.and_then(|span| span.until);
        Self { environment, name, kind: None, from, until, reads: None, last_read: None, fate, value_of: None }
    }
}

/// Returns when the user could read an item before it was moved, and their reads of it there.
fn origin(spans: &Spans, item: &Item, reads: &mut Reads) -> Option<(Span, Uses)> {
    for (name, span) in spans.all().filter(|(_, span)| span.covers(item)) {
        let uses = reads.take_former(name, item);
        if uses.count > 0 || item.came_from(name, &item.name) {
            return Some((*span, uses));
        }
    }
    None
}

/// Returns the values that the user could read, except those of variables and empty ones, each with an item that has or
/// had it.
fn known_values<'a>(
    spans: &Spans,
    contents: &'a BTreeMap<EnvironmentName, Content>,
) -> BTreeMap<&'a [u8], (Span, String)> {
    let mut known = BTreeMap::new();
    for (name, span) in &spans.present {
        let items = contents.get(name).into_iter().flat_map(|content| content.items().values());
        for item in items.filter(|item| item.metadata.kind != Kind::Variable && span.covers(item)) {
            let values =
                item.versions().filter(|version| span.knew(version, item.metadata.kind)).map(|version| &*version.value);
            for value in values.filter(|value| !value.is_empty()) {
                known.entry(value).or_insert_with(|| (*span, NamedItem::within(name, &item.name).to_string()));
            }
        }
    }
    known
}
