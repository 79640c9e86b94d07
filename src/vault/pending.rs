//! Checks that a block which is left pending is the newest. Otherwise an admin who can't write an environment could
//! bring back what its writers have replaced.

use super::{Standing, Vault};
use crate::error::{Error, Reason, Result, SystemStep};
use crate::file::{Block, Relation};
use crate::marks::Seen;

impl Vault {
    /// Checks that a block which a change leaves pending is the newest one seen here.
    ///
    /// # Errors
    /// An integrity error if it is not; the change then has to wait for the newest file.
    pub(super) fn check_may_stay(&self, block: &Block, seen: &Seen) -> Result<()> {
        match self.newer_than(block, seen) {
            None => Ok(()),
            Some(newest) => Err(Error::new(Reason::Older, too_old(block, newest)).hint((
                "get the newest file first: ",
                SystemStep::Pull,
                ", or check out the branch that has it",
            ))),
        }
    }

    /// Returns why a pending block is not acceptable, if it is not: the roster is at least as new as the one seen here,
    /// but the block is older.
    pub(super) fn wrongly_pending(&self, block: &Block, seen: &Seen, standing: Standing) -> Option<String> {
        let is_current = self.marks.as_ref().is_some_and(|marks| self.roster.contains(marks.roster));
        if standing != Standing::Pending || !is_current {
            return None;
        }
        self.newer_than(block, seen).map(|newest| too_old(block, newest))
    }

    /// Returns the version that was seen here, if the block does not descend from it.
    fn newer_than(&self, block: &Block, seen: &Seen) -> Option<u32> {
        let mark = self.marks.as_ref()?.environments.get(&block.statement.name)?;
        let goes_on = matches!(
            block.statement.relation(&seen.hash, (mark.version, &mark.hash)),
            Relation::Same | Relation::GoesOn | Relation::CannotTell { .. }
        );
        (mark.added == seen.added && !goes_on).then_some(mark.version)
    }
}

fn too_old(block: &Block, newest: u32) -> String {
    let statement = &block.statement;
    format!(
        "environment {} is left pending at version {}, which does not follow version {newest} that this device has \
         seen",
        statement.name, statement.version
    )
}
