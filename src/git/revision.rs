//! Reads a file as it is at a revision or in the index.

use super::Git;
use super::call::cannot_run;
use super::objects::{Answer, Batch, lacking};
use crate::error::{Error, Remedy, Result, SystemStep};
use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// A commit that somebody named.
#[derive(Debug, Clone)]
pub struct Revision {
    git: Git,
    commit: OsString,
}

/// What a commit has at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AtRevision {
    /// Nothing that can be read as a file.
    Absent,
    /// A file with this content.
    File(Vec<u8>),
    /// A link, or a path through one, to a file with this content in the same commit.
    BehindLink(Vec<u8>),
}

impl Git {
    /// Finds the commit that a revision names.
    ///
    /// # Errors
    /// A usage error if there is none, with the command that is likely to fetch it; a failure with git's message if git
    /// can't look for it.
    pub fn revision(&self, reference: &str) -> Result<Revision> {
        if reference.is_empty() {
            let hint = "for example origin/main; an unset CI variable may have left it empty";
            return Err(Error::usage("the git revision is empty").hint(hint));
        }
        if reference.starts_with('-') || reference.contains([':', '\n']) {
            return Err(Error::usage(format!("{reference} is not a git revision"))
                .hint(("for example HEAD~1; to list the commits: ", SystemStep::ListAllCommits)));
        }
        let mut call = self.call(["rev-parse", "--quiet", "--verify", &format!("{reference}^{{commit}}")]);
        let output = call.command.output().map_err(|error| cannot_run(&error))?;
        if output.status.success() {
            let commit = OsStr::from_bytes(output.stdout.trim_ascii_end()).to_owned();
            return Ok(Revision { git: self.clone(), commit });
        }
        // With --quiet, git ends with 1 if there is no such commit, and with 128 if it can't look for it.
        Err(if output.status.code() == Some(1) { self.unknown(reference) } else { call.refused(&output.stderr) })
    }

    fn unknown(&self, reference: &str) -> Error {
        if self.call(["rev-list", "--max-count=1", "--all"]).output().is_ok_and(|newest| newest.is_empty()) {
            return Error::usage("nothing is committed yet").hint(("commit the vault first: ", SystemStep::Commit));
        }
        let is_shallow = self.is_shallow().unwrap_or_default();
        let clone = if is_shallow { "this shallow clone" } else { "this repository" };
        let error = Error::usage(format!("{clone} has no revision {reference}"));
        match self.fetching(reference) {
            Some(fetch) => error.hint(("fetch it: ", fetch)),
            None if is_shallow => error.hint(("fetch the whole history: ", SystemStep::FetchHistory)),
            None => error.hint(("name a branch, a tag or a commit; to list them: ", SystemStep::ListAllCommits)),
        }
    }

    /// Returns the step that fetches a branch of a remote, if the reference names one.
    fn fetching(&self, reference: &str) -> Option<SystemStep> {
        let (remote, branch) = reference.strip_prefix("refs/remotes/").unwrap_or(reference).split_once('/')?;
        let remotes = self.call(["remote"]).output().ok()?;
        let is_remote = remotes.split(|byte| *byte == b'\n').any(|name| name == remote.as_bytes());
        // Users copy the command, so it must not contain anything that a shell interprets.
        let is_plain = reference.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
        (is_remote && is_plain).then(|| SystemStep::FetchBranch(remote.to_owned(), branch.to_owned()))
    }
}

impl Revision {
    /// Returns the full id of the commit.
    #[must_use]
    pub fn id(&self) -> &OsStr {
        &self.commit
    }

    /// Returns the paths of all files, links and submodules in the commit.
    ///
    /// # Errors
    /// If git fails.
    pub fn paths(&self) -> Result<Vec<PathBuf>> {
        let options = ["ls-tree", "-r", "-z", "--name-only", "--full-tree"].map(OsStr::new);
        let list = self.git.call(options.into_iter().chain([self.id()])).output()?;
        let paths = list.split(|byte| *byte == 0).filter(|path| !path.is_empty());
        Ok(paths.map(|path| PathBuf::from(OsStr::from_bytes(path))).collect())
    }

    /// Reads a file of at most `limit` bytes. `path` is relative to the top of the work tree.
    ///
    /// # Errors
    /// If this (partial) clone lacks the file, or the file is too large.
    pub fn read(&self, path: &Path, limit: usize) -> Result<AtRevision> {
        let listed = self.git.call(["ls-tree", "-z", "--full-tree"].map(OsStr::new).into_iter().chain([
            self.commit.as_os_str(),
            OsStr::new("--"),
            path.as_os_str(),
        ]));
        let listed = listed.output()?;
        // The mode of a file. A link has the mode 120000, and a path through a link is not listed at all.
        let is_file = listed.starts_with(b"100");
        match self.content(path, limit)? {
            Some(content) if is_file => Ok(AtRevision::File(content)),
            Some(content) => Ok(AtRevision::BehindLink(content)),
            None if is_file => Err(lacking(path, "as it was then")),
            None => Ok(AtRevision::Absent),
        }
    }

    fn content(&self, path: &Path, limit: usize) -> Result<Option<Vec<u8>>> {
        let name = [self.commit.as_bytes(), b":", path.as_os_str().as_bytes()].concat();
        object(&self.git, &["--follow-symlinks"], &name, path, limit)
    }
}

impl Git {
    /// Reads a file of at most `limit` bytes as the next commit will have it; `None` if the commit won't have it. `path`
    /// is relative to the top of the work tree, where this [`Git`] must be.
    ///
    /// # Errors
    /// If the file is in conflict, a link or too large, or if this clone lacks it.
    pub fn staged_file(&self, path: &Path, limit: usize) -> Result<Option<Vec<u8>>> {
        let list = ["ls-files", "-z", "--stage", "--full-name", "--"].map(OsStr::new).into_iter();
        let list = self.call(list.chain([path.as_os_str()])).output()?;
        // `MODE ID STAGE`, a tab, and the path.
        let entry = list.split(|byte| *byte == 0).find(|entry| !entry.is_empty());
        let Some(entry) = entry.and_then(|entry| entry.split(|byte| *byte == b'\t').next()) else { return Ok(None) };
        let fields: Vec<&[u8]> = entry.split(|byte| *byte == b' ').collect();
        match fields[..] {
            [mode, id, b"0"] if mode.starts_with(b"100") => {
                object(self, &[], id, path, limit)?.map(Some).ok_or_else(|| lacking(path, "as it is staged"))
            }
            [_, _, b"0"] => Err(Error::usage(format!("{} is staged as a link", path.display()))
                .hint(("stage the file itself: ", SystemStep::Track(path.to_owned())))),
            _ => Err(Error::integrity(format!("{} is in conflict in git's index", path.display()))
                .hint(("resolve it first: ", Remedy::Merge))),
        }
    }
}

/// Reads a file from the object store by a name that git understands.
fn object(git: &Git, options: &[&str], name: &[u8], path: &Path, limit: usize) -> Result<Option<Vec<u8>>> {
    if name.contains(&b'\n') {
        return Err(Error::usage("the file's path contains a line break, which vault can't pass to git")
            .hint("rename the file"));
    }
    let (mut input, mut batch) = Batch::start(git, options)?;
    // If git ends before it reads the name, its missing answer says so.
    let _ = input.write_all(&[name, b"\n"].concat());
    drop(input);
    let mut found = None;
    batch.next(|answer, content| {
        match answer {
            Answer::Blob(size) if size > limit as u64 => {
                return Err(Error::integrity(format!("{} is larger than {} MiB in git", path.display(), limit >> 20)));
            }
            Answer::Blob(_) => {
                let mut bytes = Vec::new();
                let read = content.read_to_end(&mut bytes);
                read.map_err(|error| Error::io("read", path, &error))?;
                found = Some(bytes);
            }
            Answer::Other(_) | Answer::Missing => {}
        }
        Ok(())
    })?;
    Ok(found)
}
