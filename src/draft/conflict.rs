//! Merges a text with what others saved in the meantime, item by item, as two branches are merged: see
//! [`crate::merge`]. Lines in the text report what both sides changed. Once the user deletes these lines, the text
//! wins.

use super::{Changes, Draft, text};
use crate::error::{Error, Reason, Result};
use crate::item::{Content, Digest, Origin};
use crate::merge::items::merge;
use crate::merge::{Choice, Side};
use crate::name::{ItemName, NamedItem, UserName};
use crate::time::Time;

/// An item that somebody else changed as well. It can't be compared: its digest would confirm a guess.
#[derive(Debug)]
pub struct Collision {
    /// The item's name.
    pub name: ItemName,
    /// The user who changed it last; `None` if it was removed.
    by: Option<UserName>,
    /// The digest of the item in the vault; `None` if it was removed.
    digest: Option<Digest>,
}

/// The changes in a text on top of what the vault holds now.
#[derive(Debug)]
pub(crate) enum Merged {
    /// What the environment holds once they are saved.
    Content(Content),
    /// Others have changed these items as well, and the user has not decided about them.
    Conflict(Vec<Collision>),
}

impl Draft {
    /// Merges the changes with the environment's current content.
    ///
    /// # Errors
    /// If a value is not allowed.
    pub(crate) fn merged(&self, changes: &Changes, now: &Content, by: &UserName, time: Time) -> Result<Merged> {
        let mine = changes.on(&self.base, &self.environment, by, time)?;
        // No session may read values from this merge.
        let origin = Origin::new();
        let mut merging = merge(&self.environment, [&self.base, now, &mine], &[], origin);
        let (mut decided, mut undecided) = (Vec::new(), Vec::new());
        for conflict in merging.conflicts() {
            let collisions: Vec<_> = conflict.names().into_iter().map(|name| self.collision(name, now)).collect();
            let is_decided = collisions.iter().all(|collision| self.is_decided(collision));
            if is_decided { &mut decided } else { &mut undecided }.extend(collisions);
        }
        if !undecided.is_empty() {
            return Ok(Merged::Conflict(undecided));
        }
        for collision in decided {
            merging.choose(&collision.name, Choice::Side(Side::Theirs))?;
        }
        merging.finish(by, time).map(Merged::Content)
    }

    fn collision(&self, name: &ItemName, now: &Content) -> Collision {
        let item = now.items().get(name);
        let digest = item.map(|item| item.digest(&self.environment));
        Collision { name: name.clone(), by: item.map(|item| item.updated_by.clone()), digest }
    }

    /// Returns whether the user was shown what the vault has now, and deleted the lines about it.
    fn is_decided(&self, collision: &Collision) -> bool {
        let is_shown = self.shown_conflicts.get(&collision.name) == Some(&collision.digest);
        is_shown && !(self.item.is_none() && text::tells_of(&self.text, &collision.name))
    }

    /// Adds lines about these items to the text. `now` is the vault's current content.
    ///
    /// # Errors
    /// If the text can't be read.
    pub fn tell(&mut self, collisions: &[Collision], now: &Content) -> Result<()> {
        let text = text::without_conflicts(&self.text, self.shown_conflicts.keys());
        let conflicts: Vec<_> =
            collisions.iter().map(|collision| (&collision.name, now.items().get(&collision.name))).collect();
        self.text = text::with_conflicts(&text, &conflicts)?;
        self.accept(collisions);
        Ok(())
    }

    /// Marks these items as reported to the user: the draft's version then replaces the vault's.
    pub fn accept(&mut self, collisions: &[Collision]) {
        self.shown_conflicts.extend(collisions.iter().map(|collision| (collision.name.clone(), collision.digest)));
    }

    /// Returns an error that names the items that others changed in the meantime.
    #[must_use]
    pub fn conflict(&self, collisions: &[Collision]) -> Error {
        let what = |collision: &Collision| {
            let item = NamedItem::within(&self.environment, &collision.name);
            match &collision.by {
                Some(user) => format!("{item} was changed by {user} in the meantime"),
                None => format!("{item} was removed in the meantime"),
            }
        };
        Error::new(Reason::EditConflict, collisions.iter().map(what).collect::<Vec<_>>().join(", "))
    }
}
