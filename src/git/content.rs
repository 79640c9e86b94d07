//! Finds the commits in which a file has a certain content. That distinguishes another branch from a rollback.

use super::Git;
use super::objects::{Answer, Batch};
use crate::error::Result;
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;

/// Branches, remote branches and tags, but not the stash.
const REFERENCES: [&str; 3] = ["--branches", "--remotes", "--tags"];
const MAX_VERSION: u64 = 64 * 1024 * 1024;

/// A set of commits: those reachable from some commits and not from others.
#[derive(Debug, Clone, Copy)]
pub enum Commits<'a> {
    /// This commit and its ancestors.
    Of(&'a str),
    /// The commits of all branches, remote branches and tags, except this commit and its ancestors.
    BesidesOf(&'a str),
    /// These commits and their ancestors, except the last commit and its ancestors.
    Any(&'a [String], &'a str),
    /// HEAD, these commits, and the ancestors of all.
    WithHead(&'a [String]),
    /// The commits of HEAD and all branches, remote branches and tags.
    All,
}

/// A version of a file: a commit that has it, and the id of its content.
struct Listed {
    commit: String,
    content: String,
}

impl Git {
    /// Returns the id of the commit that a revision names, if there is one.
    #[must_use]
    pub fn commit(&self, revision: &str) -> Option<String> {
        let line = self.call(["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")]).line().ok()?;
        String::from_utf8(line).ok()
    }

    /// Whether `commit` is `descendant` or an ancestor of it.
    #[must_use]
    pub fn is_before(&self, commit: &str, descendant: &str) -> bool {
        self.call(["merge-base", "--is-ancestor", commit, descendant]).succeeds()
    }

    /// Returns the newest of `commits` whose file at `path` contains `text`.
    ///
    /// # Errors
    /// If git fails, for example because it doesn't know one of the commits.
    pub fn newest_with(&self, commits: Commits<'_>, path: &Path, text: &str) -> Result<Option<String>> {
        let finder = memchr::memmem::Finder::new(text);
        let found = self.newest_version(commits, path, &mut |content| finder.find(content).is_some())?;
        Ok(found.map(|(commit, _)| commit))
    }

    /// Returns the newest version of a file in `commits` for which `is_it` is true: the commit and the content.
    ///
    /// # Errors
    /// As [`Git::newest_with`].
    pub fn newest_version(
        &self,
        commits: Commits<'_>,
        path: &Path,
        is_it: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Option<(String, Vec<u8>)>> {
        let listed = self.versions_in(commits, path)?;
        if listed.is_empty() {
            return Ok(None);
        }
        let (mut input, mut batch) = Batch::interactive(self)?;
        for version in listed {
            // If git has ended, its missing answer says so.
            let _ = writeln!(input, "{}", version.content);
            let content = next_content(&mut batch)?;
            if is_it(&content) {
                return Ok(Some((version.commit, content)));
            }
        }
        Ok(None)
    }

    /// Returns the contents that a file has in these commits, each once, with the first commit that has it.
    ///
    /// # Errors
    /// If git fails.
    pub fn contents_at(&self, commits: &[String], path: &Path) -> Result<Vec<(String, Vec<u8>)>> {
        let mut contents: Vec<(String, Vec<u8>)> = Vec::new();
        // Names are passed to git one per line.
        let Some(path) = path.to_str().filter(|path| !path.contains('\n')) else { return Ok(contents) };
        let (mut input, mut batch) = Batch::interactive(self)?;
        for commit in commits {
            // If git has ended, its missing answer says so.
            let _ = writeln!(input, "{commit}:{path}");
            let content = next_content(&mut batch)?;
            if !content.is_empty() && contents.iter().all(|(_, known)| *known != content) {
                contents.push((commit.clone(), content));
            }
        }
        Ok(contents)
    }

    /// Whether `commit` or one of its ancestors has exactly one of these contents at `path`.
    ///
    /// # Errors
    /// If git fails, for example because it doesn't know the commit.
    pub fn has_version(&self, commit: &str, path: &Path, contents: &[Vec<u8>]) -> Result<bool> {
        let listed = self.versions_in(Commits::Of(commit), path)?;
        for content in contents {
            let id = self.id_of(content)?;
            if listed.iter().any(|version| version.content == id) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns the versions of a file, newest first.
    fn versions_in(&self, commits: Commits<'_>, path: &Path) -> Result<Vec<Listed>> {
        let options = ["rev-list", "--objects", "--in-commit-order", "--full-history", "--missing=allow-any"];
        let mut arguments: Vec<&OsStr> = options.iter().map(OsStr::new).collect();
        match &commits {
            Commits::Of(commit) => arguments.push(commit.as_ref()),
            Commits::All => {
                arguments.push(OsStr::new("HEAD"));
                arguments.extend(REFERENCES.map(OsStr::new));
            }
            Commits::WithHead(commits) => {
                arguments.push(OsStr::new("HEAD"));
                arguments.extend(commits.iter().map(OsStr::new));
            }
            Commits::BesidesOf(not) => {
                arguments.extend(REFERENCES.map(OsStr::new));
                arguments.extend(["--not", not].map(OsStr::new));
            }
            Commits::Any(commits, not) => {
                arguments.extend(commits.iter().map(OsStr::new));
                arguments.extend(["--not", not].map(OsStr::new));
            }
        }
        arguments.extend([OsStr::new("--"), path.as_os_str()]);
        let list = self.call(arguments).output()?;
        let list = String::from_utf8_lossy(&list);
        let (mut commit, mut listed) = (String::new(), Vec::new());
        for line in list.lines() {
            match line.split_once(' ') {
                // A commit is alone on its line; a tree or a file is followed by its path.
                None => line.clone_into(&mut commit),
                Some((id, name)) if Path::new(name) == path => {
                    listed.push(Listed { commit: commit.clone(), content: id.to_owned() });
                }
                Some(_) => {}
            }
        }
        Ok(listed)
    }

    /// Returns the object id of a content. Writes nothing and runs no filter.
    fn id_of(&self, content: &[u8]) -> Result<String> {
        let line = self.call(["hash-object", "--no-filters", "--stdin"]).answer_to(content)?;
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    /// Returns a branch, remote branch or tag that contains the commit, if there is one. Prefers the branch `rather`,
    /// then local branches, then remote branches, then tags.
    ///
    /// # Errors
    /// If git fails.
    pub fn holder(&self, commit: &str, rather: Option<&str>) -> Result<Option<String>> {
        let format = ["for-each-ref", "--format=%(refname)", "--contains", commit];
        let list = self.call(format.iter().chain(&["refs/heads", "refs/remotes", "refs/tags"])).output()?;
        let names: Vec<String> = String::from_utf8_lossy(&list).lines().map(str::to_owned).collect();
        let wanted = rather.map(|branch| format!("refs/heads/{branch}"));
        let named = wanted.filter(|wanted| names.contains(wanted));
        // `refs/remotes/origin/HEAD` is only an alias.
        Ok(named.or_else(|| names.into_iter().find(|name| !name.ends_with("/HEAD"))))
    }
}

fn next_content(batch: &mut Batch) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    batch.next(|answer, content| {
        if let Answer::Blob(size) = answer
            && size <= MAX_VERSION
        {
            // Content that can't be read counts as not found.
            let _ = content.read_to_end(&mut bytes);
        }
        Ok(())
    })?;
    Ok(bytes)
}
