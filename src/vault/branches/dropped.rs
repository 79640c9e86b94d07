//! Prepares a merge that gets back what a commit has and the current file has lost.

use crate::error::{Error, Reason, Result};
use crate::file::{File, MAX_FILE};
use crate::fs::{self, Stamp};
use crate::git::Commits;
use crate::marks::Seen;
use crate::merge::{Applied, Names};
use crate::roster::UnprovenRoster;
use crate::vault::git_answers::Tree;
use crate::vault::older::goes_on;
use crate::vault::{Vault, Versions};

impl Vault {
    /// Returns the three versions for the merge: the file, the file at a commit, and their common ancestor. git's own
    /// merge base does not help: the commit is in HEAD's history already, but the file does not descend from its
    /// version.
    ///
    /// # Errors
    /// A usage error if there is no such commit; a not-found error if it does not have the file; an error if the vault
    /// changed in the meantime.
    pub(in crate::vault) fn versions_from(&self, commit: &str) -> Result<(Versions, Stamp)> {
        let Some(theirs) = self.at_revision(commit)? else {
            return Err(Error::not_found(format!("the vault did not exist at {commit}"))
                .hint((self.git_log(), " shows the commits that have it")));
        };
        let (ours, stamp) = fs::read(&self.location.real, MAX_FILE)?;
        if stamp != self.stamp {
            return Err(Error::new(Reason::Changed, "the vault was changed in the meantime").hint("try again"));
        }
        let tree = Tree::containing(&self.location, &self.marks_store())?;
        let base = match &tree {
            Some(tree) => self.newest_shared(tree, commit)?,
            None => None,
        };
        let names = Names { ours: None, theirs: Some(commit.to_owned()) };
        let applied_from = Some(commit.to_owned());
        Ok((Versions { base, ours, theirs, applied: Applied::Lost, applied_from, names, ..Versions::default() }, stamp))
    }

    /// Returns the newest version of the file in the history of a commit that is an ancestor of the current file.
    fn newest_shared(&self, tree: &Tree, commit: &str) -> Result<Option<Vec<u8>>> {
        let mut is_shared = |content: &[u8]| self.goes_on_from_file(content).unwrap_or_default();
        let found = tree.git().newest_version(Commits::Of(commit), &tree.path, &mut is_shared)?;
        Ok(found.map(|(_, content)| content))
    }

    fn goes_on_from_file(&self, content: &[u8]) -> Result<bool> {
        let mut file = File::parse(content.to_vec())?;
        let unproven = UnprovenRoster::fold(std::mem::take(&mut file.roster))?;
        if unproven.beginning_of(&self.roster).is_none() {
            return Ok(false);
        }
        for before in &file.blocks {
            // An environment that was removed since can't be an ancestor.
            let Some(block) = self.file.block(&before.statement.name) else { continue };
            let here = self.seen(block, block.dearmor(&self.id())?.hash);
            let hash = before.dearmor(&self.id())?.hash;
            let ancestor = Seen { added: here.added, version: before.statement.version, hash };
            if !goes_on(block, &here, &ancestor) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
