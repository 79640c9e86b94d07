//! Reads the range between two commits.

use super::history::Each;
use super::objects::lacking;
use super::{Git, Revision};
use crate::error::Result;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

impl Git {
    /// Passes every content that a file got in the commits of `until` that are not in `since` to `each`, oldest first.
    ///
    /// # Errors
    /// If git fails, if this (partial) clone lacks one of the contents, or any error of `each`.
    pub fn between(&self, since: &Revision, until: &Revision, path: &Path, each: &mut Each<'_>) -> Result<()> {
        let range = range(since, until);
        let read = self.versions(&range.each_ref().map(OsString::as_os_str), &[path.to_owned()], each)?;
        if read.missing == 0 { Ok(()) } else { Err(lacking(path, "of some commits")) }
    }

    /// Whether this clone lacks commits between the two, because it is shallow.
    ///
    /// # Errors
    /// If git fails.
    pub fn lacks_between(&self, since: &Revision, until: &Revision) -> Result<bool> {
        if !self.is_shallow()? {
            return Ok(false);
        }
        let options = ["rev-list", "--max-parents=0"].map(OsString::from);
        let first = self.call(options.into_iter().chain(range(since, until))).output()?;
        for id in first.split(|byte| *byte == b'\n').filter(|id| !id.is_empty()) {
            // At the edge of a shallow clone, only the commit object itself still names its parents.
            let commit = self.call([OsStr::new("cat-file"), OsStr::new("commit"), OsStr::from_bytes(id)]).output()?;
            let header = commit.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty());
            if header.into_iter().any(|line| line.starts_with(b"parent ")) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether `since` is `until` or an ancestor of it.
    #[must_use]
    pub fn is_ancestor(&self, since: &Revision, until: &Revision) -> bool {
        self.call([OsStr::new("merge-base"), OsStr::new("--is-ancestor"), since.id(), until.id()]).succeeds()
    }
}

fn range(since: &Revision, until: &Revision) -> [OsString; 2] {
    let mut without = OsString::from("^");
    without.push(since.id());
    [without, until.id().to_owned()]
}
