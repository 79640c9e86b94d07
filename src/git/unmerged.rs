//! Reads a file that git couldn't merge: the index holds both sides and their common ancestor.

use super::index::may_be_unmerged;
use super::objects::{Answer, Batch, lacking};
use super::{Git, work_trees_above};
use crate::error::{Error, Result};
use crate::fs;
use crate::name::shown;
use std::ffi::OsStr;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// The maximum length of a branch's name or a commit's subject, in characters.
const LONGEST_TITLE: usize = 50;
/// The maximum size of a file that holds the id of a commit, in bytes.
const LONGEST_ID: usize = 256;

/// The stages of an unmerged file in the index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stages {
    /// The common ancestor.
    pub base: Option<Vec<u8>>,
    /// The file of HEAD; `None` if it removed the file.
    pub ours: Option<Vec<u8>>,
    /// The file of the change being applied; `None` if it removed the file.
    pub theirs: Option<Vec<u8>>,
}

/// An operation that git has not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `git merge`, and `git pull` without rebasing.
    Merge,
    /// `git rebase`, and `git pull --rebase`.
    Rebase,
    /// `git cherry-pick`.
    CherryPick,
    /// `git revert`.
    Revert,
}

impl Operation {
    /// Returns the word for the operation on git's command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Rebase => "rebase",
            Self::CherryPick => "cherry-pick",
            Self::Revert => "revert",
        }
    }

    /// Returns git's name for the commit being applied.
    #[must_use]
    pub fn applied(self) -> &'static str {
        match self {
            Self::Merge => "MERGE_HEAD",
            Self::Rebase => "REBASE_HEAD",
            Self::CherryPick => "CHERRY_PICK_HEAD",
            Self::Revert => "REVERT_HEAD",
        }
    }
}

/// The maximum size of an index that is read, in bytes. Every command reads it to the end.
const MAX_INDEX: usize = 64 * 1024 * 1024;
/// The lengths of object ids in bytes: SHA-1, SHA-256.
const IDS: [usize; 2] = [20, 32];

/// The files that git leaves in its directory while it waits for somebody to resolve conflicts. After a conflict of
/// another command, such as `git stash pop`, only the last one exists.
const SIGNS: [(&str, Option<Operation>); 6] = [
    ("rebase-merge", Some(Operation::Rebase)),
    ("rebase-apply", Some(Operation::Rebase)),
    ("MERGE_HEAD", Some(Operation::Merge)),
    ("CHERRY_PICK_HEAD", Some(Operation::CherryPick)),
    ("REVERT_HEAD", Some(Operation::Revert)),
    ("AUTO_MERGE", None),
];

/// Returns the work tree that contains this file, if there are signs of an unfinished operation, or if the index has
/// several sides of the file. The latter is the only sign that `git checkout --merge` leaves. Starts no program.
#[must_use]
pub fn busy_work_tree(path: &Path) -> Option<&Path> {
    work_trees_above(fs::parent(path)).find(|top| {
        let Some(directory) = directory_of(&top.join(".git")) else { return false };
        SIGNS.iter().any(|(name, _)| directory.join(name).symlink_metadata().is_ok())
            || path.strip_prefix(top).is_ok_and(|path| has_sides(&directory, path))
    })
}

fn has_sides(directory: &Path, path: &Path) -> bool {
    let Ok(Some(index)) = fs::read_if_there(&directory.join("index"), MAX_INDEX) else { return false };
    // Only the repository's settings say how long the ids are, so try both lengths.
    IDS.iter().any(|id| may_be_unmerged(&index, path.as_os_str().as_bytes(), *id))
}

/// Returns the git directory that `.git` is or, in a linked work tree or a submodule, names.
fn directory_of(dot_git: &Path) -> Option<PathBuf> {
    const LONGEST: usize = 8 * 1024;
    if dot_git.is_dir() {
        return Some(dot_git.to_owned());
    }
    let (bytes, _) = fs::read(dot_git, LONGEST).ok()?;
    let named = bytes.strip_prefix(b"gitdir: ")?.trim_ascii_end();
    Some(fs::parent(dot_git).join(OsStr::from_bytes(named)))
}

impl Git {
    /// Returns the operation that the repository has not finished, if any.
    ///
    /// # Errors
    /// If git fails, for example because there is no repository.
    pub fn operation(&self) -> Result<Option<Operation>> {
        let line = self.call(["rev-parse", "--absolute-git-dir"]).line()?;
        let directory = PathBuf::from(OsStr::from_bytes(&line));
        let found = SIGNS.iter().find(|(name, _)| directory.join(name).symlink_metadata().is_ok());
        Ok(found.and_then(|(_, operation)| *operation))
    }

    /// Returns the names of this branch and the change being applied: branches if known, otherwise commits with their
    /// subjects.
    #[must_use]
    pub fn side_names(&self, operation: Option<Operation>) -> [Option<String>; 2] {
        let branch = |commit: &str| self.branch_at(commit).or_else(|| self.title(commit));
        let ours = self.current_branch().or_else(|| match operation {
            Some(Operation::Rebase) => self.onto().and_then(|commit| branch(&commit)),
            _ => self.title("HEAD"),
        });
        let theirs = match operation {
            Some(operation @ Operation::Merge) => branch(operation.applied()),
            Some(operation @ (Operation::Rebase | Operation::CherryPick)) => self.title(operation.applied()),
            Some(operation @ Operation::Revert) => {
                self.title(operation.applied()).map(|title| format!("the revert of {title}"))
            }
            None => None,
        };
        [ours, theirs]
    }

    /// Returns the branch that is checked out.
    #[must_use]
    pub fn current_branch(&self) -> Option<String> {
        let line = self.call(["symbolic-ref", "--quiet", "--short", "HEAD"]).line().ok()?;
        Some(shown(&String::from_utf8(line).ok()?, LONGEST_TITLE))
    }

    /// Returns the commit that a rebase in progress rebases onto.
    #[must_use]
    pub fn onto(&self) -> Option<String> {
        ["rebase-merge/onto", "rebase-apply/onto"].iter().find_map(|name| {
            let path = self.call(["rev-parse", "--git-path", name]).line().ok()?;
            let path = self.directory.join(OsStr::from_bytes(&path));
            let (bytes, _) = fs::read(&path, LONGEST_ID).ok()?;
            Some(String::from_utf8(bytes).ok()?.trim_end().to_owned())
        })
    }

    /// Returns a branch or remote branch whose last commit this is.
    #[must_use]
    pub fn branch_at(&self, commit: &str) -> Option<String> {
        let format = ["for-each-ref", "--format=%(refname:short) %(symref)", "--points-at", commit];
        let list = self.call(format.iter().chain(&["refs/heads", "refs/remotes"])).output().ok()?;
        let list = String::from_utf8_lossy(&list).into_owned();
        // `origin/HEAD` is only an alias.
        list.lines().find_map(|line| line.strip_suffix(' ')).map(|name| shown(name, LONGEST_TITLE))
    }

    /// Returns the short id of a commit with its subject: `5f3c1a2 ben sk`.
    #[must_use]
    pub fn title(&self, commit: &str) -> Option<String> {
        let shown_as = ["log", "--max-count=1", "--no-show-signature", "--no-patch", "--no-color", "--format=%h %s"];
        let line = self.call(shown_as.iter().chain(&[commit, "--"])).line().ok()?;
        Some(shown(String::from_utf8_lossy(&line).trim_end(), LONGEST_TITLE))
    }

    /// Reads the stages of a file in the index; `None` if the file is merged or absent. `path` is relative to the
    /// directory.
    ///
    /// # Errors
    /// If git fails, or a side is not a regular file of at most `limit` bytes.
    pub fn unmerged(&self, path: &Path, limit: usize) -> Result<Option<Stages>> {
        let options = ["ls-files", "-z", "--unmerged", "--"].map(OsStr::new);
        let list = self.call(options.into_iter().chain([path.as_os_str()])).output()?;
        let mut stages = Stages::default();
        let mut is_unmerged = false;
        // `MODE ID STAGE`, a tab and the path.
        for entry in list.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
            let fields = entry.split(|byte| *byte == b'\t').next().unwrap_or_default();
            let text = String::from_utf8_lossy(fields);
            let mut fields = text.split(' ');
            let (Some(mode), Some(id), Some(stage)) = (fields.next(), fields.next(), fields.next()) else { continue };
            if !mode.starts_with("100") {
                return Err(Error::integrity(format!("{} is a link or a repository on one side", path.display()))
                    .hint("only files are merged: take the side that has the file"));
            }
            let content = Some(self.blob(id, path, limit)?);
            is_unmerged = true;
            match stage {
                "1" => stages.base = content,
                "2" => stages.ours = content,
                _ => stages.theirs = content,
            }
        }
        Ok(is_unmerged.then_some(stages))
    }

    fn blob(&self, id: &str, path: &Path, limit: usize) -> Result<Vec<u8>> {
        let (mut input, mut batch) = Batch::start(self, &[])?;
        // If git ends before it reads the name, its missing answer says so.
        let _ = writeln!(input, "{id}");
        drop(input);
        let mut found = None;
        batch.next(|answer, content| {
            if let Answer::Blob(size) = answer {
                if size > limit as u64 {
                    let most = limit >> 20;
                    return Err(Error::integrity(format!("{} is larger than {most} MiB on one side", path.display())));
                }
                let mut bytes = Vec::new();
                content.read_to_end(&mut bytes).map_err(|error| Error::io("read", path, &error))?;
                found = Some(bytes);
            }
            Ok(())
        })?;
        found.ok_or_else(|| lacking(path, "as one side has it"))
    }
}
