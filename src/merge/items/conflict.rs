//! Conflicts, which a person has to decide, and the items that result from the decision.

use super::fields::{self, Wanted};
use super::{Side, Trio, values};
use crate::diff::Field;
use crate::error::{Error, Reason, Remedy, Result};
use crate::item::{Item, Origin, Outline};
use crate::name::{EnvironmentName, ItemName, NamedItem, UserName};
use crate::ordered::InOrder as _;
use crate::secret::SecretBytes;
use crate::time::Time;

/// A decision about a conflict.
#[derive(Debug, Clone)]
pub enum Choice {
    /// Take this side.
    Side(Side),
    /// Set a new value.
    Value(SecretBytes),
}

/// A conflict about one item, or about several items that claim the same name.
#[derive(Debug)]
pub struct Conflict<'a> {
    pub(super) environment: EnvironmentName,
    /// The session that decrypted both sides.
    pub(super) origin: Origin,
    pub(super) trios: Vec<Trio<'a>>,
    pub(super) fields: Vec<Field>,
    pub(super) side: Option<Side>,
    pub(super) value: Option<SecretBytes>,
}

impl<'a> Conflict<'a> {
    /// Returns the environment of the items.
    #[must_use]
    pub fn environment(&self) -> &EnvironmentName {
        &self.environment
    }

    /// Returns the session that decrypted both sides.
    pub(crate) fn origin(&self) -> Origin {
        self.origin
    }

    /// Returns the names that the items have on either side, each once.
    #[must_use]
    pub fn names(&self) -> Vec<&'a ItemName> {
        let mut names: Vec<_> = self.trios.iter().flat_map(Trio::names).collect();
        names.order();
        names.dedup();
        names
    }

    /// Returns the items of a side, without values; none if the side removed the item.
    pub fn items(&self, side: Side) -> impl Iterator<Item = Outline<'a>> {
        self.held(side).map(Item::outline)
    }

    /// Returns the items of a side, with values. See [`crate::vault::Decisions::read`].
    pub(crate) fn held(&self, side: Side) -> impl Iterator<Item = &'a Item> {
        self.trios.iter().filter_map(move |trio| trio.item_on(side))
    }

    /// Returns the fields that both sides changed differently; none if one side removed the item or names collide.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Returns the chosen side.
    #[must_use]
    pub fn side(&self) -> Option<Side> {
        self.side
    }

    /// Whether a new value was chosen.
    #[must_use]
    pub fn has_value(&self) -> bool {
        self.value.is_some()
    }

    /// Whether this side changed, added or removed any of the items.
    #[must_use]
    pub fn is_changed_by(&self, side: Side) -> bool {
        self.trios.iter().any(|trio| trio.is_changed_by(side))
    }

    /// Whether the conflict still needs a decision.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.side.is_none() && (self.value.is_none() || self.fields.iter().any(|field| *field != Field::Value))
    }

    /// Whether several items claim the same name.
    #[must_use]
    pub fn is_about_names(&self) -> bool {
        self.trios.len() > 1
    }

    pub(super) fn is_about(&self, name: &ItemName) -> bool {
        self.trios.iter().any(|trio| trio.names().any(|known| known == name))
    }

    pub(super) fn decided(&self, environment: &EnvironmentName, by: &UserName, now: Time) -> Result<Vec<Item>> {
        if self.is_open() {
            return Err(in_conflict(environment, &self.names()));
        }
        match &self.trios[..] {
            [trio] => trio.decided(environment, self, by, now),
            trios => Ok(trios.iter().filter_map(|trio| trio.whole(self.side?)).collect()),
        }
    }
}

impl Trio<'_> {
    /// Returns the item of a side, with the marks that the other side put on its values.
    fn whole(&self, side: Side) -> Option<Item> {
        let item = self.item_on(side)?;
        Some(self.item_on(side.other()).map_or_else(|| item.clone(), |other| values::with_marks(item, other)))
    }

    fn decided(
        &self,
        environment: &EnvironmentName,
        conflict: &Conflict<'_>,
        by: &UserName,
        now: Time,
    ) -> Result<Vec<Item>> {
        let wanted = Wanted { environment, open: &conflict.fields, side: conflict.side };
        let item = match (self.ours, self.theirs) {
            (Some(ours), Some(theirs)) => Some(
                fields::merge(self.base, ours, theirs, &wanted)
                    .map_err(|_| in_conflict(environment, &conflict.names()))?,
            ),
            (ours, theirs) => match conflict.side {
                Some(side) => self.item_on(side).cloned(),
                None => ours.or(theirs).cloned(),
            },
        };
        item.into_iter().map(|item| values::with_value(item, conflict.value.as_ref(), by, now)).collect()
    }
}

fn in_conflict(environment: &EnvironmentName, names: &[&ItemName]) -> Error {
    let named: Vec<_> = names.iter().map(|name| name.as_str()).collect();
    let items = NamedItem::within(environment, named.join(", "));
    let first = NamedItem::within(environment, named.first().copied().unwrap_or_default()).to_string();
    Error::new(Reason::Undecided, format!("{items} is in conflict"))
        .hint(("take one side: ", Remedy::ChooseSide(first)))
}
