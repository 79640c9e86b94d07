//! Finds the items that a format can't carry exactly.

use super::{Purpose, Session, Unread};
use crate::error::{Error, Result};
use crate::format::export::{self, Target, Written};
use crate::item::{Item, Kind};
use crate::log::Outcome;
use crate::name::ItemName;
use crate::ordered::{InOrder as _, Ordered as _};
use std::collections::BTreeSet;

/// The name under which an item is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrittenAs {
    /// The item's own name.
    Item,
    /// The name of the variable that holds its value.
    Variable,
}

/// Items that a format can't carry exactly.
pub struct Uncarried {
    /// The names of the items.
    pub names: BTreeSet<ItemName>,
    /// An error that names the items and the reason, without values; `None` if there are none.
    pub refusal: Option<Error>,
}

impl Session {
    /// Returns the items that a format can't carry exactly, if each is written under its own name or as a variable. If
    /// there are any, they are logged first, because that says something about their values. The others are known to be
    /// carried then, so a caller reads them, which has its own entry, or says nothing.
    ///
    /// # Errors
    /// If the log can't be written, or if another session has decrypted an environment.
    pub(crate) fn uncarried<'t>(
        &self,
        purpose: &Purpose,
        all: &[Unread],
        target: impl Into<Target<'t>>,
        named: WrittenAs,
    ) -> Result<Uncarried> {
        all.iter().try_for_each(|unread| self.check_decrypted(unread))?;
        let uncarried = Uncarried::find(all, target.into(), named);
        self.log_uncarried(purpose, all, &uncarried)?;
        Ok(uncarried)
    }

    fn log_uncarried(&self, purpose: &Purpose, all: &[Unread], uncarried: &Uncarried) -> Result<()> {
        let Some(refusal) = &uncarried.refusal else { return Ok(()) };
        let mut entries = Vec::with_capacity(all.len());
        for unread in all {
            let items: Vec<_> = uncarried.names.iter().filter(|name| unread.get(name).is_some()).collect();
            if !items.is_empty() {
                let entry = purpose.clone().items(items).entry(unread.environment());
                entries.push(entry.note(refusal.to_string()).outcome(Outcome::Failed));
            }
        }
        self.log(entries)
    }
}

impl Uncarried {
    fn find(all: &[Unread], target: Target<'_>, named: WrittenAs) -> Self {
        let exported = match named {
            WrittenAs::Item => exported,
            WrittenAs::Variable => exported_as_variable,
        };
        let held = || all.iter().flat_map(|unread| unread.content().items().values());
        let mut items: Vec<_> = held().map(exported).collect();
        items.order_by_key(|item| item.name);
        let Written { refused, refusal, .. } = export::write_carried(target, &items);
        let refused: BTreeSet<String> = refused.into_iter().ordered();
        let names = held().filter(|item| refused.contains(exported(item).name)).map(|item| item.name.clone());
        Self { names: names.ordered(), refusal }
    }
}

/// Returns an item as the variable that holds its value, for [`export::write`].
#[must_use]
pub(crate) fn exported_as_variable(item: &Item) -> export::Item<'_> {
    export::Item { name: item.outline().value_variable(), ..exported(item) }
}

/// Returns an item under its own name, for [`export::write`].
#[must_use]
pub(crate) fn exported(item: &Item) -> export::Item<'_> {
    export::Item {
        name: item.name.as_str(),
        value: &item.current.value,
        is_variable: item.metadata.kind == Kind::Variable,
        note: item.metadata.note.as_deref(),
    }
}
