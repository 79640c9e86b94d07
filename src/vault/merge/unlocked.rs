//! Chooses the side of a merge whose keys the user has to unlock.

use super::Merge;
use crate::error::{Error, Kind, Reason, Remedy, Result};
use crate::merge::Side;
use crate::name::{EnvironmentName, UserName};
use crate::vault::{Need, Session};

impl Merge {
    /// Unlocks the side that the merge needs, with `unlock`, which may be called for several sides. If one side's roster
    /// can be kept, it is that side. If both sides have changed the roster, it is a side whose user can repeat the
    /// other side's changes, which takes the user's private keys.
    ///
    /// # Errors
    /// The error of `unlock`; an unlock error if it returned an agent's session where the private keys are needed;
    /// [`crate::error::Reason::RostersForked`] if either side knows the user, who can't merge the
    /// rosters, or if git's merge driver would have to.
    pub fn unlocked(&self, unlock: &mut dyn FnMut(Side, Need) -> Result<Session>) -> Result<Session> {
        self.check_driver()?;
        if let Some(side) = self.rosters.standing() {
            let need = if self.keeps_removed() { Need::Identity } else { Need::Session };
            let session = unlock(side, need)?;
            session.check_meets(need)?;
            return Ok(session);
        }
        let sides = self.sides_of_signers();
        let (mut refused, mut is_known) = (self.forked(), false);
        for side in &sides {
            match unlock(*side, Need::Identity) {
                Ok(session) => {
                    session.check_meets(Need::Identity)?;
                    if self.can_merge(*side, session.user()) {
                        return Ok(session);
                    }
                    is_known = true;
                }
                Err(error) if error.kind() == Kind::Unlock => refused = error,
                Err(error) => return Err(error),
            }
        }
        // A user whom either side knows is told who can merge.
        let mut others = Side::BOTH.into_iter().filter(|side| !sides.contains(side));
        is_known |= others.any(|side| unlock(side, Need::Session).is_ok());
        Err(if is_known { self.forked() } else { refused })
    }

    /// Returns whether a person may be asked. git's merge driver never asks.
    #[must_use]
    pub fn may_ask(&self) -> bool {
        !self.is_by_driver
    }

    /// Returns the error for a merge that needs a key, if the vault is locked and nobody can be asked.
    #[must_use]
    pub fn locked(&self) -> Error {
        let names: Vec<&str> = self.changed_on_both().map(EnvironmentName::as_str).collect();
        let what = match &names[..] {
            [] => "it must be re-encrypted".to_owned(),
            names => format!("both sides changed {}", names.join(", ")),
        };
        Error::new(Reason::Locked, format!("{} is locked, and {what}: nothing was written", self.file_name())).hint((
            Remedy::Unlock,
            ", then ",
            Remedy::Merge,
        ))
    }

    /// Returns the sides to unlock by the users who can merge the rosters, the best one first.
    fn sides_of_signers(&self) -> Vec<Side> {
        let mut sides = Vec::new();
        for way in self.rosters.ways() {
            for user in &way.signers {
                let side = self.side_with_keys(way, user);
                if !sides.contains(&side) {
                    sides.push(side);
                }
            }
        }
        sides
    }

    /// Returns whether this is the side that the user has to unlock to merge both.
    fn can_merge(&self, side: Side, user: &UserName) -> bool {
        self.rosters.way_of(user).is_some_and(|way| self.side_with_keys(way, user) == side)
    }
}
