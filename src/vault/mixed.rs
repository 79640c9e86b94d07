//! A file in which git has mixed the lines of two branches: users and rights of one, and what was encrypted under the other's.

use super::Vault;
use super::block::{self, Standing};
use crate::error::{Reason, Remedy, Result};
use crate::file::{Block, Dearmored, MAX_FILE};
use crate::fs;
use crate::git::{AtRevision, Git, work_trees_above};
use crate::path::shell_word;

impl Vault {
    /// Verifies a block. Where it can't stand because of how git merged the file, the hint says how to merge it.
    pub(super) fn verify_standing(&self, block: &Block) -> Result<(Dearmored, Standing)> {
        block::verify(&self.roster, block).map_err(|error| match error.reason() {
            Reason::NotSigned if self.is_of_a_merge_commit() => {
                let file = self.location.real.file_name().map_or_else(String::new, |name| shell_word(name.as_ref()));
                error.hint((
                    format!("git took single lines of both branches; to merge them by item: git checkout HEAD~ -- {file} && "),
                    Remedy::MergeFrom("HEAD^2".to_owned()),
                ))
            }
            _ => error,
        })
    }

    /// Whether the file is that of the last commit, which is a merge of two branches that have it.
    fn is_of_a_merge_commit(&self) -> bool {
        let real = &self.location.real;
        let Some(top) = work_trees_above(fs::parent(real)).next() else { return false };
        let (git, Ok(path)) = (Git::at(top), real.strip_prefix(top)) else { return false };
        let file_at = |revision: &str| match git.revision(revision).and_then(|at| at.read(path, MAX_FILE)) {
            Ok(AtRevision::File(bytes)) => Some(bytes),
            _ => None,
        };
        let Ok((bytes, _)) = fs::read(real, MAX_FILE) else { return false };
        file_at("HEAD^2").is_some() && file_at("HEAD^1").is_some() && file_at("HEAD").as_ref() == Some(&bytes)
    }
}
