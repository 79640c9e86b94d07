//! Verifies the blocks of a vault before a change.

use crate::error::{Error, Result};
use crate::name::EnvironmentName;
use crate::vault::Vault;
use crate::vault::access::Access;
use crate::vault::verified::Verified;
use std::collections::BTreeMap;

type Checked = (BTreeMap<EnvironmentName, Verified>, BTreeMap<EnvironmentName, Error>);

/// Verifies all blocks before a change. Blocks that are valid except that their version jumps are returned separately.
pub(super) fn verify_all(vault: &Vault) -> Result<Checked> {
    vault.check_roster_freshness(Access::Write)?;
    let (mut verified, mut jumped) = (BTreeMap::new(), BTreeMap::new());
    for block in &vault.file.blocks {
        let name = block.statement.name.clone();
        match vault.verify_block(block, Access::Write) {
            Ok(block) => {
                verified.insert(name, block);
            }
            Err(error) if vault.jumps(block)? => {
                jumped.insert(name, error);
            }
            Err(error) => return Err(error),
        }
    }
    Ok((verified, jumped))
}
