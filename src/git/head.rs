//! Reads the commit and the branch of a work tree. They are in small files, so no program is started, unless the
//! repository stores its references in another way.

use super::Git;
use crate::fs::{self, Stamp};
use crate::ordered::InOrder as _;
use std::path::{Path, PathBuf};

/// The maximum size of a file that names a commit, a branch or a directory, in bytes.
const MAX_POINTER: usize = 4096;
const MAX_PACKED: usize = 64 * 1024 * 1024;
const BRANCHES: &str = "refs/heads/";
const REMOTES: &str = "refs/remotes/";
/// The usual names of the main branch.
const MAIN_BRANCHES: [&str; 2] = ["main", "master"];

/// The files that name the commits being merged, one per line, or the commit being rebased onto.
const BEING_JOINED: [&str; 3] = ["MERGE_HEAD", "rebase-merge/onto", "rebase-apply/onto"];

/// The commit and the branch that a work tree is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The top of the work tree.
    pub top: PathBuf,
    /// The full id of the current commit; `None` before the first commit.
    pub commit: Option<String>,
    /// The branch, without `refs/heads/`; `None` if HEAD is detached.
    pub branch: Option<String>,
    /// The git directory of this work tree.
    pub(super) directory: PathBuf,
    /// The common git directory, which has the branches and is the same for all work trees of a repository.
    pub(super) common: PathBuf,
}

impl Head {
    /// Reads the head of the work tree at `top`; `None` if git doesn't know it either.
    #[must_use]
    pub fn read(top: &Path) -> Option<Self> {
        let directory = git_directory(top)?;
        let common = common_directory(&directory);
        let head = pointer(&directory.join("HEAD"))?;
        let Some(reference) = head.strip_prefix("ref: ") else {
            let top = top.to_owned();
            return is_commit_id(&head).then_some(Self { top, commit: Some(head), branch: None, directory, common });
        };
        match reference.strip_prefix(BRANCHES).filter(|branch| *branch != ".invalid") {
            Some(branch) if is_safe(branch) => {
                let commit = commit_of(&common, reference).or_else(|| Git::at(top).commit("HEAD"));
                let (top, branch) = (top.to_owned(), Some(branch.to_owned()));
                Some(Self { top, commit, branch, directory, common })
            }
            _ => Self::asked(top, directory, common),
        }
    }

    /// Asks git, for a repository that stores its references in tables.
    fn asked(top: &Path, directory: PathBuf, common: PathBuf) -> Option<Self> {
        let git = Git::at(top);
        let branch = git.call(["symbolic-ref", "--quiet", "HEAD"]).line().ok();
        let branch = branch.and_then(|line| String::from_utf8(line).ok());
        let branch = branch.and_then(|reference| reference.strip_prefix(BRANCHES).map(str::to_owned));
        let commit = git.commit("HEAD");
        let is_known = commit.is_some() || branch.is_some();
        is_known.then(|| Self { top: top.to_owned(), commit, branch, directory, common })
    }

    /// Returns a path that identifies the clone: the same for all work trees of a repository.
    #[must_use]
    pub fn clone_path(&self) -> PathBuf {
        self.common.canonicalize().unwrap_or_else(|_| self.common.clone())
    }

    /// Returns the commits that a merge or rebase in progress adds to the history once it is committed.
    #[must_use]
    pub fn being_joined(&self) -> Vec<String> {
        let mut joined: Vec<String> = Vec::new();
        for name in BEING_JOINED {
            let commits = pointer(&self.directory.join(name)).unwrap_or_default();
            joined.extend(commits.lines().filter(|line| is_commit_id(line)).map(str::to_owned));
        }
        joined
    }

    /// Returns [`Head::clone_path`] of the work tree at `top`, without reading anything else.
    #[must_use]
    pub fn clone_of(top: &Path) -> Option<PathBuf> {
        let common = common_directory(&git_directory(top)?);
        Some(common.canonicalize().unwrap_or(common))
    }

    /// Whether this is the main branch: the one that a remote's HEAD names, or one with a usual name.
    #[must_use]
    pub fn is_main(&self, branch: &str) -> bool {
        if MAIN_BRANCHES.contains(&branch) {
            return true;
        }
        let Ok(remotes) = std::fs::read_dir(self.common.join(REMOTES)) else { return false };
        remotes.filter_map(Result::ok).any(|remote| {
            let named = pointer(&remote.path().join("HEAD"));
            let prefix = format!("ref: {REMOTES}{}/", remote.file_name().to_string_lossy());
            named.is_some_and(|named| named.strip_prefix(&prefix) == Some(branch))
        })
    }

    /// Returns a string that changes when a remote branch is moved, created or removed, if compared together with
    /// [`Head::stamps_of`] of any reference.
    #[must_use]
    pub fn stamps_of_remotes(&self) -> String {
        let mut stamps = Vec::new();
        stamps_below(&self.common.join(REMOTES), &mut stamps);
        stamps.order_by_key(|stamp| format!("{stamp:?}"));
        format!("{stamps:?}")
    }

    /// Returns a string that changes when this reference (`refs/heads/main`) is moved or removed.
    #[must_use]
    pub fn stamps_of(&self, reference: &str) -> String {
        let stamp = |path: &Path| std::fs::symlink_metadata(path).ok().map(|metadata| Stamp::from_metadata(&metadata));
        let loose = is_safe(reference).then(|| stamp(&self.common.join(reference))).flatten();
        let tables = self.common.join("reftable/tables.list");
        format!("{loose:?} {:?} {:?}", stamp(&self.common.join("packed-refs")), stamp(&tables))
    }
}

/// Collects the stamps of all directories below. Writing a reference renames a file into one of them.
fn stamps_below(directory: &Path, stamps: &mut Vec<Stamp>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    stamps.extend(std::fs::symlink_metadata(directory).ok().map(|metadata| Stamp::from_metadata(&metadata)));
    for entry in entries.filter_map(Result::ok) {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            stamps_below(&entry.path(), stamps);
        }
    }
}

/// Returns the directory that `.git` is or names.
fn git_directory(top: &Path) -> Option<PathBuf> {
    let path = top.join(".git");
    if path.is_dir() {
        return Some(path);
    }
    let named = pointer(&path)?;
    Some(top.join(named.strip_prefix("gitdir: ")?))
}

/// Returns the directory with the branches. A linked work tree shares it with the main one.
fn common_directory(directory: &Path) -> PathBuf {
    match pointer(&directory.join("commondir")) {
        Some(path) => directory.join(path),
        None => directory.to_owned(),
    }
}

/// Reads a small file, without the line break at its end.
fn pointer(path: &Path) -> Option<String> {
    let bytes = fs::read_if_there(path, MAX_POINTER).ok()??;
    Some(String::from_utf8(bytes).ok()?.trim_end().to_owned())
}

fn commit_of(common: &Path, reference: &str) -> Option<String> {
    if let Some(id) = pointer(&common.join(reference)) {
        return is_commit_id(&id).then_some(id);
    }
    let packed = fs::read_if_there(&common.join("packed-refs"), MAX_PACKED).ok()??;
    let packed = String::from_utf8(packed).ok()?;
    let id = packed.lines().find_map(|line| line.strip_suffix(reference)?.strip_suffix(' '))?;
    is_commit_id(id).then(|| id.to_owned())
}

/// Whether a text is the full id of a commit, by SHA-1 or SHA-256.
pub(crate) fn is_commit_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a name can't lead to a file outside the directory of branches.
fn is_safe(name: &str) -> bool {
    name.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}
