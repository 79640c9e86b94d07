//! Verifies the blocks of a vault: signatures, rights and freshness.

use super::access::Access;
use super::block;
use super::slot;
use super::verified::{LastSave, Standing, Verified};
use super::{Purpose, Session, Vault, Warning, WarningReason};
use crate::error::Result;
use crate::file::Block;
use crate::marks::{Pin, Seen};
use crate::name::EnvironmentName;
use crate::ordered::Ordered as _;
use crate::roster::Roster;
use std::collections::BTreeMap;

impl Vault {
    /// Verifies every block and its freshness, and what can be seen of the slots, without any key. Signatures and rights
    /// come first, so that a forged file is reported as forged and not as old.
    ///
    /// # Errors
    /// An integrity error for the first block or slot that is wrong.
    pub fn verify(&self) -> Result<()> {
        self.verify_signatures()?;
        self.slots().try_for_each(slot::check)?;
        self.check_sighting()?;
        let verified = self.verify_all(Access::Read)?;
        // With a pin, the check does not depend on what this device remembers.
        let recorded = self.note_seen(&seen_of(&verified), &[]);
        if let Err(error) = recorded.or_else(|error| self.settings.pin.as_ref().map(|_| ()).ok_or(error)) {
            let what = format!("this device can't remember what it has seen: {error}");
            self.warn(Warning::new(WarningReason::Unrecorded, what))?;
        }
        Ok(())
    }

    /// Returns the last save of each environment, by name, after verifying every block and its freshness. What a block
    /// says of itself is known only from here.
    ///
    /// # Errors
    /// An integrity error for the first block that is wrong.
    pub fn last_saves<'a>(&'a self) -> Result<BTreeMap<EnvironmentName, LastSave<'a>>> {
        let verified = self.verify_all(Access::Read)?;
        let save = |block: &'a Block| {
            let name = &block.statement.name;
            let standing = match verified.get(name) {
                Some(verified) => verified.standing,
                // If git could not merge an environment, both sides were verified when the file was read, each under its
                // own roster.
                None => self.verify_standing(block).map_or(Standing::Valid, |(_, standing)| standing),
            };
            (name.clone(), LastSave { statement: &block.statement, standing })
        };
        Ok(self.file.blocks.iter().map(save).ordered())
    }

    /// Returns the last save of an environment after verifying its signature and right, whatever this device has seen.
    ///
    /// # Errors
    /// A not-found error if there is no such environment; an integrity error if its block is not valid.
    pub(crate) fn signed_save(&self, name: &EnvironmentName) -> Result<LastSave<'_>> {
        let block = self.block(name)?;
        let (_, standing) = self.verify_standing(block)?;
        Ok(LastSave { statement: &block.statement, standing })
    }

    /// Returns the roster, to list users or changes, after verifying the signature and the right of every block. A block
    /// that was signed under a later roster shows that the end of the roster was cut off.
    ///
    /// # Errors
    /// An integrity error for the first block that is wrong.
    pub fn whole_roster(&self) -> Result<&Roster> {
        self.verify_signatures()?;
        Ok(&self.roster)
    }

    /// Verifies every signature and right, without comparing the file with what this device has seen.
    ///
    /// # Errors
    /// An integrity error for the first block that is wrong.
    pub fn verify_signatures(&self) -> Result<()> {
        self.check_merged()?;
        self.file.blocks.iter().try_for_each(|block| self.verify_standing(block).map(drop))
    }

    /// Returns the pin of this file, for a machine without state: see [`Pin`].
    ///
    /// # Errors
    /// The same as for [`Vault::verify`].
    pub fn pin(&self) -> Result<Pin> {
        Ok(Pin::new(&self.roster, &seen_of(&self.verify_all(Access::Read)?)))
    }

    /// Verifies the signature, the right and the freshness of one block.
    pub(super) fn verify_block(&self, block: &Block, access: Access) -> Result<Verified> {
        let is_it = |(name, _): &mut (EnvironmentName, Verified)| *name == block.statement.name;
        if access == Access::Read
            && let Some((_, verified)) = self.ahead.borrow_mut().take_if(is_it)
        {
            return Ok(verified);
        }
        let (dearmored, standing) = self.verify_standing(block)?;
        let seen = self.seen(block, dearmored.hash);
        self.check_freshness(block, (&seen, standing), access)?;
        Ok(Verified { bytes: dearmored.bytes, seen, standing })
    }

    pub(super) fn verify_all(&self, access: Access) -> Result<BTreeMap<EnvironmentName, Verified>> {
        let verify = |block: &Block| Ok((block.statement.name.clone(), self.verify_block(block, access)?));
        self.check_roster_freshness(access)?;
        let merged = self.file.blocks.iter().filter(|block| !self.is_open(&block.statement.name));
        merged.map(verify).try_ordered()
    }

    /// Returns what would be recorded as seen for every block. The blocks are verified, but not their freshness.
    pub(super) fn seen_blocks(&self) -> Result<BTreeMap<EnvironmentName, Seen>> {
        let seen = |block: &Block| {
            let hash = block::verify(&self.roster, block)?.0.hash;
            Ok((block.statement.name.clone(), self.seen(block, hash)))
        };
        self.file.blocks.iter().map(seen).try_ordered()
    }
}

impl Session {
    /// Does the same as [`Vault::last_saves`], before the environments that this user may read are opened for this
    /// purpose. A refusal is logged for each of them.
    ///
    /// # Errors
    /// The same as for [`Vault::last_saves`].
    pub(crate) fn last_saves_before(&self, purpose: &Purpose) -> Result<BTreeMap<EnvironmentName, LastSave<'_>>> {
        self.vault.last_saves().map_err(|error| self.log_refused_file(purpose, |_| true, error))
    }
}

pub(super) fn seen_of(verified: &BTreeMap<EnvironmentName, Verified>) -> BTreeMap<EnvironmentName, Seen> {
    verified.iter().map(|(name, verified)| (name.clone(), verified.seen)).ordered()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::set::{Change, Set};
    use crate::actions::testing::{Sandbox, place, value};
    use crate::dangerous::AllowedOnce;
    use crate::error::{Kind, Reason};
    use crate::item::Description;

    #[test]
    fn a_forged_file_is_reported_as_forged_even_if_it_is_old_as_well() {
        let mut sandbox = Sandbox::with(&["dev/A=1"]);
        let vault = sandbox.session.vault();
        let (path, settings) = (vault.path().to_owned(), vault.settings().clone());
        let old = std::fs::read_to_string(&path).unwrap();
        let changes = vec![Change { value: Some(value("2")), ..place("dev", "A").into() }];
        let (description, allowed) = (Description::default(), AllowedOnce::default());
        let set = Set { changes, description: &description, allowed: &allowed, may_be_empty: false };
        set.save(&mut sandbox.session).unwrap();
        let refused = |text: &str| {
            std::fs::write(&path, text).unwrap();
            let error = Vault::open(&path, &settings).unwrap().verify().unwrap_err();
            assert_eq!(error.kind(), Kind::Integrity);
            error.reason()
        };
        assert_eq!(refused(&old), Reason::Older);
        // dev is older than what was seen, and the signature of prod, which comes after dev, is wrong.
        let (before, signature) = old.rsplit_once("signature = \"").unwrap();
        let digit = if signature.starts_with('0') { '1' } else { '0' };
        assert_eq!(refused(&format!("{before}signature = \"{digit}{}", &signature[1..])), Reason::NotSigned);
    }
}
