//! Recognizes a file in which git mixed the lines of two branches: the roster is from one branch, and a block was
//! encrypted under the roster of the other.

use super::git_names::short;
use crate::error::{Reason, Remedy, Result, SystemStep};
use crate::file::{Block, Dearmored, MAX_FILE};
use crate::fs;
use crate::git::{AtRevision, Commits, Git, work_trees_above};
use crate::vault::Vault;
use crate::vault::block;
use crate::vault::verified::Standing;
use std::path::{Path, PathBuf};

/// The two commits whose files git mixed: one of this branch, and one of the other.
struct Mixed {
    ours: String,
    theirs: String,
}

impl Vault {
    /// Verifies a block. If the block is invalid because git merged the file by lines, the hint says how to merge it by
    /// item.
    pub(in crate::vault) fn verify_standing(&self, block: &Block) -> Result<(Dearmored, Standing)> {
        block::verify(&self.roster, block).map_err(|error| {
            let mixed = if error.reason() == Reason::NotSigned { self.mixed(block) } else { None };
            let Some(Mixed { ours, theirs }) = mixed else { return error };
            let file = self.location.real.file_name().map_or_else(PathBuf::new, PathBuf::from);
            error.hint((
                "git mixed lines of both branches; to merge them by item: ",
                SystemStep::CheckOutFile(ours, file),
                " && ",
                Remedy::MergeFrom(theirs),
            ))
        })
    }

    /// Returns the two commits whose files git mixed: those of the merge in progress, else the parents of the newest
    /// commit with this exact file, if it is a merge and both parents have the file. For a commit that was rebased or
    /// cherry-picked, see [`Self::carried`].
    fn mixed(&self, block: &Block) -> Option<Mixed> {
        let real = &self.location.real;
        let top = work_trees_above(fs::parent(real)).next()?;
        let (git, path) = (Git::at(top), real.strip_prefix(top).ok()?);
        let (bytes, _) = fs::read(real, MAX_FILE).ok()?;
        let file_at = |revision: &str| match git.revision(revision).and_then(|at| at.read(path, MAX_FILE)) {
            Ok(AtRevision::File(bytes)) => Some(bytes),
            _ => None,
        };
        let is_mixed_of = |mixed: &Mixed| {
            [&mixed.ours, &mixed.theirs].iter().all(|side| file_at(side).is_some_and(|content| content != bytes))
        };
        let under_way = Mixed { ours: "HEAD".to_owned(), theirs: "MERGE_HEAD".to_owned() };
        let of_commit = || {
            let (merge, _) = git.newest_version(Commits::Of("HEAD"), path, &mut |content| content == bytes).ok()??;
            let is_last = git.commit("HEAD").as_ref() == Some(&merge);
            let merge = if is_last { "HEAD" } else { short(&merge) };
            Some(Mixed { ours: format!("{merge}~"), theirs: format!("{merge}^2") })
        };
        let of_two = Some(under_way).filter(is_mixed_of).or_else(|| of_commit().filter(is_mixed_of));
        of_two.or_else(|| self.carried(&git, path, block))
    }

    /// Returns the last commit in HEAD's history whose file is valid, and the newest commit with a valid file that has
    /// the block. The latter is the original of a rebased or cherry-picked commit, on another branch or in the reflog.
    fn carried(&self, git: &Git, path: &Path, block: &Block) -> Option<Mixed> {
        let signature = block.signature.to_string();
        let has_block = memchr::memmem::Finder::new(&signature);
        let is_valid = |content: &[u8]| self.side_file("the commit", content.to_vec()).is_some();
        let (ours, _) = git.newest_version(Commits::Of("HEAD"), path, &mut |content| is_valid(content)).ok()??;
        let mut is_it = |content: &[u8]| has_block.find(content).is_some() && is_valid(content);
        let left = git.reflog("HEAD");
        let found = [Commits::Any(&left, "HEAD"), Commits::All]
            .into_iter()
            .find_map(|commits| git.newest_version(commits, path, &mut is_it).ok()?);
        Some(Mixed { ours: short(&ours).to_owned(), theirs: short(&found?.0).to_owned() })
    }
}
