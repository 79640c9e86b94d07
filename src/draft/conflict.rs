//! A text goes together with what others have saved meanwhile item by item, as two branches do: see [`crate::merge`]. What
//! both have changed is told in the text, and stands as it is there once the lines that tell it are gone.

use super::{Changes, Draft, text};
use crate::error::{Error, Result};
use crate::item::Content;
use crate::merge::items::merge;
use crate::merge::{Choice, Side};
use crate::name::{ItemName, UserName};
use crate::signature::Hash;
use crate::time::Time;

/// An item that somebody else has changed, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collision {
    /// Its name.
    pub name: ItemName,
    /// Who changed it last; nobody where it was removed.
    by: Option<UserName>,
    /// What the vault has of it.
    digest: Option<Hash>,
}

impl Draft {
    /// What the environment holds once the changes are saved on top of what it holds now; or the items that others have
    /// changed, too, and that nobody has decided about.
    ///
    /// # Errors
    /// If a value can't be.
    pub(crate) fn merged(
        &self,
        changes: &Changes,
        now: &Content,
        by: &UserName,
        time: Time,
    ) -> Result<Result<Content, Vec<Collision>>> {
        let mine = changes.on(&self.base, &self.environment, by, time)?;
        let mut merging = merge(&self.environment, [&self.base, now, &mine], &[]);
        let (mut decided, mut undecided) = (Vec::new(), Vec::new());
        for conflict in merging.conflicts() {
            let collisions: Vec<_> = conflict.names().into_iter().map(|name| self.collision(name, now)).collect();
            let is_decided = collisions.iter().all(|collision| self.is_decided(collision));
            if is_decided { &mut decided } else { &mut undecided }.extend(collisions);
        }
        if !undecided.is_empty() {
            return Ok(Err(undecided));
        }
        for collision in decided {
            merging.choose(&collision.name, Choice::Side(Side::Theirs))?;
        }
        merging.finish(by, time).map(Ok)
    }

    fn collision(&self, name: &ItemName, now: &Content) -> Collision {
        let item = now.items().get(name);
        let digest = item.map(|item| item.digest(&self.environment));
        Collision { name: name.clone(), by: item.map(|item| item.updated_by.clone()), digest }
    }

    /// Whether the editor was told of what the vault has now, and the lines about it were deleted.
    fn is_decided(&self, collision: &Collision) -> bool {
        let is_told = self.told.get(&collision.name) == Some(&collision.digest);
        is_told && !(self.item.is_none() && text::tells_of(&self.text, &collision.name))
    }

    /// Tells of these items in the text. `now` has what the vault has of them.
    ///
    /// # Errors
    /// If the text can't be read.
    pub fn tell(&mut self, collisions: &[Collision], now: &Content) -> Result<()> {
        let text = text::without_conflicts(&self.text, self.told.keys());
        let conflicts: Vec<_> = collisions.iter().map(|of| (&of.name, now.items().get(&of.name))).collect();
        self.text = text::with_conflicts(&text, &conflicts)?;
        self.accept(collisions);
        Ok(())
    }

    /// Counts these items as told of: what the draft has of them replaces what the vault has.
    pub fn accept(&mut self, collisions: &[Collision]) {
        self.told.extend(collisions.iter().map(|of| (of.name.clone(), of.digest)));
    }

    /// Says which items others have changed meanwhile.
    #[must_use]
    pub fn conflict(&self, collisions: &[Collision]) -> Error {
        let what = |of: &Collision| match &of.by {
            Some(user) => format!("{}/{} was changed by {user} in the meantime", self.environment, of.name),
            None => format!("{}/{} was removed in the meantime", self.environment, of.name),
        };
        Error::failed(collisions.iter().map(what).collect::<Vec<_>>().join(", "))
    }
}
