//! The decisions that a merge takes: which side to take where both sides changed something differently.

use super::{HalfRemoved, Opened};
use crate::error::{Error, Reason, Remedy, Result};
use crate::item::Item;
use crate::log::{Action, Entry};
use crate::merge::items::{Choice, Conflict, Merging, merge};
use crate::merge::{Side, Subject};
use crate::name::{EnvironmentName, ItemName, NamedItem};
use crate::words::plural;

/// The merge by item of every environment that had to be decrypted, as far as it is decided.
///
/// It belongs to the merge that was opened: the decisions about one merge can't be saved with another one, and the log
/// entry names what is saved.
///
/// ```compile_fail
/// # fn guess(one: &mut vault::vault::Decisions<'_>, other: &mut vault::vault::Decisions<'_>) {
/// std::mem::swap(&mut one.environments()[0], &mut other.environments()[0]);
/// # }
/// ```
pub struct Decisions<'o> {
    pub(super) opened: &'o Opened<'o>,
    pub(super) environments: Vec<Merging<'o>>,
}

impl Opened<'_> {
    /// Merges each environment that had to be decrypted by item, and returns the decisions to be made. An item that only
    /// one side changed needs none.
    #[must_use]
    pub fn decisions(&self) -> Decisions<'_> {
        let contents = self.contents.iter();
        let environments = contents
            .map(|(name, held)| merge(name, [&held.base, &held.ours, &held.theirs], &held.doubted, held.origin))
            .collect();
        Decisions { opened: self, environments }
    }
}

impl<'o> Decisions<'o> {
    /// Returns the merge by item of each environment that had to be decrypted.
    #[must_use]
    pub fn environments(&self) -> &[Merging<'o>] {
        &self.environments
    }

    /// Returns the conflicts between items that are not decided yet.
    pub fn open(&self) -> impl Iterator<Item = &Conflict<'o>> {
        self.environments.iter().flat_map(Merging::open)
    }

    /// Finds the item that `NAME` or `ENV/NAME` stands for. `NAME` is in the chosen environment, or else in the only one
    /// where an item of that name is in conflict.
    ///
    /// # Errors
    /// A not-found error if nothing of that name is in conflict; a usage error if the name is in conflict in
    /// several environments.
    pub fn find(&self, item: &NamedItem, chosen: Option<&EnvironmentName>) -> Result<(EnvironmentName, ItemName)> {
        let (merging, item) = Merging::find(&self.environments, item, chosen)?;
        Ok((merging.environment().clone(), item))
    }

    /// Decides the conflicts about an item by its name. There are several if one item has the name on one side and
    /// another item has it on the other side. A side and a value can both be chosen: then the value becomes the item's,
    /// and every other conflicting field is taken from the side. A value has to be confirmed: see [`Decisions::confirm`].
    ///
    /// # Errors
    /// A not-found error if no item of that name is in conflict; a usage error if a value is empty, too large or can't decide
    /// the conflict alone, or if the other side was chosen before; a denied error if a value is not confirmed. Then
    /// nothing is decided.
    pub fn choose(&mut self, environment: &EnvironmentName, item: &ItemName, choice: Choice) -> Result<()> {
        if matches!(choice, Choice::Value(_)) {
            self.confirm(environment, item)?;
        }
        Merging::choose_in(&mut self.environments, environment, item, choice)
    }

    /// Takes a side for everything that is still in conflict in an environment.
    ///
    /// # Errors
    /// A not-found error if nothing in this environment is in conflict.
    pub fn choose_all(&mut self, environment: &EnvironmentName, side: Side) -> Result<()> {
        Merging::choose_all(&mut self.environments, environment, side)
    }

    /// Asks a person to confirm that an item of a protected environment gets a new value, if no reason was given. Call it before you
    /// ask for the value; [`Decisions::choose`] does the same. The values of the two sides need no confirmation: whoever
    /// set them gave it.
    ///
    /// # Errors
    /// A denied error, which is logged, if nobody can be asked or the answer is no.
    pub fn confirm(&self, environment: &EnvironmentName, item: &ItemName) -> Result<()> {
        let Some(session) = self.opened.session else { return Ok(()) };
        let entry = || Entry::new(Action::Merge).environment(environment).items([item]);
        session.confirm_in(self.opened.roster(), environment, entry)
    }

    /// Returns what the sides hold of a conflict, with values, after writing the entry to the access log.
    ///
    /// # Errors
    /// The same as for [`Session::read`](crate::vault::Session::read). An environment that the merged roster protects has
    /// to be confirmed, even if only one side protects it.
    pub fn read<'a>(&self, conflict: &Conflict<'a>) -> Result<Vec<(Side, &'a Item)>> {
        let Some(session) = self.opened.session else { return Ok(Vec::new()) };
        session.check_origin(conflict.origin())?;
        let environment = conflict.environment();
        let entry = Entry::new(Action::Get).environment(environment).items(conflict.names());
        session.confirm_in(self.opened.roster(), environment, || entry.clone())?;
        session.log(vec![entry])?;
        Ok(Side::BOTH.into_iter().flat_map(|side| conflict.held(side).map(move |item| (side, item))).collect())
    }

    /// Checks that everything is decided: the conflicts between items here, and whether half-removed environments stay
    /// by [`Merge::decide`](super::Merge::decide), before the merge was opened.
    ///
    /// # Errors
    /// [`Reason::Undecided`].
    pub fn check(&self) -> Result<()> {
        let undecided = self.undecided();
        let Some(first) = undecided.first() else { return Ok(()) };
        let message = format!("{} to decide; nothing was written", plural(undecided.len(), "conflict"));
        let choose = Remedy::ChooseSide(first.clone());
        Err(Error::new(Reason::Undecided, message).hint(("take one side for each: ", choose)))
    }

    /// Names what is not decided.
    fn undecided(&self) -> Vec<String> {
        let removed = self.opened.merge.removed().into_iter().filter(|removed| removed.decided.is_none());
        let mut names: Vec<String> =
            removed.map(|HalfRemoved { name, .. }| Subject::All(name.clone()).to_string()).collect();
        for conflict in self.open() {
            let items: Vec<&str> = conflict.names().into_iter().map(ItemName::as_str).collect();
            let first = items.first().copied().unwrap_or_default();
            names.push(NamedItem::within(conflict.environment(), first).to_string());
        }
        names
    }
}
