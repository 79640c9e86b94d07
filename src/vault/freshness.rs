//! Rollback and forks: comparing a file with what this device has seen (vault-format(5), "Freshness").

use super::{Standing, Vault};
use crate::error::{Error, Result};
use crate::file::Block;
use crate::marks::{Marks, Seen};
use crate::roster::Roster;
use std::path::Path;

/// Versions that may be skipped at once: more is no honest history.
const MAX_JUMP: u32 = 10_000;

/// What the file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

impl Vault {
    /// Compares the roster with what this device has seen. Every session begins with that; without one, this is for
    /// whoever shows what the roster says.
    ///
    /// # Errors
    /// An integrity error for a fork, and where an older roster is not only warned of.
    pub fn check_roster(&self) -> Result<()> {
        self.check_roster_freshness(Access::Read)
    }

    /// The roster must be the highest seen, or go on from it; an older one is a warning inside a git work tree only.
    pub(super) fn check_roster_freshness(&self, access: Access) -> Result<()> {
        let Some(marks) = &self.marks else {
            return self.check_first_sight();
        };
        if self.roster.contains(marks.roster) {
            return Ok(());
        }
        let highest = self.marks_store().highest_roster(marks)?;
        if !highest.extends(&self.roster) {
            return Err(self.refusal("the roster is a fork: neither older nor newer than the one seen here".to_owned()));
        }
        let (older, newest) = (self.roster.head().version, marks.roster.version);
        let what = format!("the roster is at change {older}, and change {newest} was seen here");
        self.older(marks, access == Access::Write, what)
    }

    /// A block must be the highest seen, or newer; its author must not have lost the right under the highest roster.
    pub(super) fn check_freshness(&self, block: &Block, seen: &Seen, standing: Standing) -> Result<()> {
        let name = &block.statement.name;
        if let Some(pin) = &self.settings.pin {
            pin.check(name, seen)?;
        }
        let Some(marks) = &self.marks else { return Ok(()) };
        if !self.roster.contains(marks.roster) {
            let highest = self.marks_store().highest_roster(marks)?;
            if lost_the_right(&highest, block) {
                self.check_accepted_before(block, seen)?;
            }
        }
        let Some(mark) = marks.environments.get(name).filter(|mark| mark.added == seen.added) else {
            return Ok(());
        };
        let version = seen.version;
        if version > mark.version.saturating_add(MAX_JUMP) {
            return Err(self.refusal(format!("environment {name} jumps from version {} to {version}", mark.version)));
        }
        if version < mark.version {
            // What was left pending has been renewed since: to put it back is to put a lost right back.
            if standing == Standing::Pending {
                self.check_accepted_before(block, seen)?;
            }
            let what =
                format!("environment {name} is at version {version}, and version {} was seen here", mark.version);
            return self.older(marks, false, what);
        }
        if version == mark.version && seen.hash != mark.hash {
            return self.older(
                marks,
                false,
                format!("environment {name} has another version {version} than was seen here"),
            );
        }
        Ok(())
    }

    /// A block whose author has lost the right or key counts only if this device took that very statement before.
    fn check_accepted_before(&self, block: &Block, seen: &Seen) -> Result<()> {
        if self.marks_store().was_accepted(&seen.hash)? {
            return Ok(());
        }
        let (name, author) = (&block.statement.name, &block.statement.author);
        Err(self.refusal(format!("environment {name} was written by {author}, who has lost that right or key")))
    }

    fn check_first_sight(&self) -> Result<()> {
        if self.settings.pin.is_some() {
            return Ok(());
        }
        self.warn(
            "this device has no record of the vault; how new it must be, only your slot and VAULT_PIN can tell"
                .to_owned(),
        )
    }

    /// Outside git, or strictly, an older file is refused. In a git work tree it may be an older checkout.
    fn older(&self, marks: &Marks, writes_older_roster: bool, what: String) -> Result<()> {
        if writes_older_roster {
            return Err(self.refusal(what).hint("update the file first: git pull, or check out the newer branch"));
        }
        if marks.git && !self.settings.strict {
            return self.warn(what);
        }
        Err(self.refusal(what))
    }

    fn refusal(&self, what: String) -> Error {
        let error = Error::integrity(what);
        match self.fingerprint() {
            Ok(hash) => error
                .hint(format!("fetch the newer file; if this one is right all the same: vault verify --accept {hash}")),
            Err(_) => error.hint("fetch the newer file from a copy you trust"),
        }
    }
}

fn lost_the_right(highest: &Roster, block: &Block) -> bool {
    let statement = &block.statement;
    let Some(environment) = highest.state().environments.get(&statement.name) else { return true };
    let Some(user) = highest.state().users.get(&statement.author) else { return true };
    let Ok(dearmored) = block.dearmor(&highest.id()) else { return true };
    !environment.writes(&statement.author) || !user.keys.verifying_key.verifies(&dearmored.message, &block.signature)
}

/// Whether a directory above holds `.git`.
pub(super) fn in_git_work_tree(path: &Path) -> bool {
    path.ancestors().skip(1).any(|directory| directory.join(".git").exists())
}
