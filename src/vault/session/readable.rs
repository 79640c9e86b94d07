//! All environments of a user at once. What somebody wrote that can't be read must not keep the others from being read.

use super::Session;
use crate::error::{Kind, Result};
use crate::item::Content;
use crate::name::EnvironmentName;
use crate::vault::Standing;
use std::collections::BTreeMap;

impl Session {
    /// The environments this user may read.
    #[must_use]
    pub fn readable(&self) -> Vec<EnvironmentName> {
        let environments = &self.vault.roster.state().environments;
        environments.iter().filter(|(_, of)| of.reads(self.user())).map(|(name, _)| name.clone()).collect()
    }

    /// Reads every environment that this user may read. One whose content can't be read, although its signature is right,
    /// is warned of and left out.
    ///
    /// # Errors
    /// An integrity error if a block is not valid; with `--strict` also if one can't be read.
    pub fn read_all(&self) -> Result<BTreeMap<EnvironmentName, Content>> {
        let mut contents = BTreeMap::new();
        for (name, content, standing) in self.contents()? {
            let content = self.with_losses(self.vault.block(&name)?, standing, content)?;
            contents.insert(name, content);
        }
        Ok(contents)
    }

    /// As [`Session::read_all`], as it was written.
    pub(super) fn contents(&self) -> Result<Vec<(EnvironmentName, Content, Standing)>> {
        let mut contents = Vec::new();
        for name in self.readable() {
            if let Err(error) = self.vault.check_environment_merged(&name) {
                self.vault.warn(error.to_string())?;
                continue;
            }
            let (block, verified) = self.verified(&name)?;
            match self.content(block, &verified) {
                Ok(content) => contents.push((name, content, verified.standing)),
                // Denied: it wasn't encrypted for this user, who has the right.
                Err(error) if matches!(error.kind(), Kind::Integrity | Kind::Denied) => {
                    self.vault.warn(error.to_string())?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(contents)
    }
}
