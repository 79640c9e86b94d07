//! Restarts environments whose version numbers a writer has used up, or has raised implausibly far. Otherwise that
//! writer could not be removed. Such an environment is removed and added again with the same rights, and its versions
//! count from 1.

use super::Edit;
use crate::error::{Error, Result};
use crate::name::EnvironmentName;
use crate::roster::{Change, Right};
use crate::vault::{Warning, WarningReason};

impl Edit<'_> {
    /// Restarts the changed environments that have no next version, or whose version jumps.
    pub(super) fn restart(&mut self) -> Result<()> {
        if let Some((_, error)) = self.jumped.iter().find(|(name, _)| !self.touched.contains(*name)) {
            return Err(error.clone());
        }
        let names: Vec<_> = self.touched.iter().filter(|name| self.has_to_restart(name)).cloned().collect();
        for name in names {
            let grants = self.roster.state().environment(&name)?.grants.clone();
            let content = self.load(&name)?.clone();
            let no_right = |_| no_version_left(&name);
            let mut edit = self.with_keys().map_err(no_right)?;
            edit.change_roster(Change::RemoveEnvironment { environment: name.clone() }).map_err(no_right)?;
            let grants: Vec<(_, Right)> = grants.into_iter().collect();
            edit.change_roster(Change::AddEnvironment { environment: name.clone(), grants })?;
            self.contents.insert(name.clone(), content);
            self.verified.remove(&name);
            let what = format!("{name} starts at version 1 again: its author had used up its versions");
            self.replaced.push(Warning::new(WarningReason::Restarted, what));
            self.touched.insert(name);
        }
        Ok(())
    }

    fn has_to_restart(&self, name: &EnvironmentName) -> bool {
        let is_last = || self.session.vault.block(name).is_ok_and(|block| block.statement.version == u32::MAX);
        self.jumped.contains_key(name) || (self.verified.contains_key(name) && is_last())
    }
}

/// Returns the error for a user who is not an admin and can't save such an environment.
pub(super) fn no_version_left(name: &EnvironmentName) -> Error {
    Error::failed(format!("environment {name} has no versions left")).hint(format!(
        "an admin who writes {name} must save it with their passphrase or key: then it starts at version 1 again"
    ))
}
