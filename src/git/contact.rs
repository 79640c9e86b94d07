//! When a clone has heard of a remote branch, and from where: it has that written down.

use super::Git;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

const REMOTES: &str = "refs/remotes/";
const MAX_FETCHED: usize = 16 * 1024 * 1024;

impl Git {
    /// The remote branches of this name, as this clone knows them: `refs/remotes/origin/main`.
    #[must_use]
    pub fn remote_branches(&self, branch: &str) -> Vec<String> {
        let list = self.call(["for-each-ref", "--format=%(refname)", &format!("{REMOTES}*/{branch}")]).output();
        String::from_utf8_lossy(&list.unwrap_or_default()).lines().map(str::to_owned).collect()
    }

    /// The address of a remote branch's repository.
    #[must_use]
    pub fn address_of(&self, reference: &str) -> Option<String> {
        let (remote, _) = reference.strip_prefix(REMOTES)?.split_once('/')?;
        let line = self.call(["config", "--get", &format!("remote.{remote}.url")]).line().ok()?;
        Some(String::from_utf8_lossy(&line).into_owned())
    }

    /// Each commit at which a remote branch was, and since when as this clone knows it, in seconds since 1970; the newest
    /// first.
    #[must_use]
    pub fn steps_of(&self, reference: &str) -> Vec<(String, i64)> {
        let steps: Vec<_> = self.steps(reference).into_iter().map(|(commit, time, _)| (commit, time)).collect();
        match steps.is_empty() {
            // git writes down no step for what it has cloned.
            true => self.commit(reference).zip(self.cloned_at()).into_iter().collect(),
            false => steps,
        }
    }

    /// The state of a remote branch that this clone has got last, and when, in seconds since 1970: also where there was
    /// nothing new.
    #[must_use]
    pub fn fetched(&self, reference: &str) -> Option<(String, i64)> {
        let step = self.steps_of(reference).into_iter().next();
        step.into_iter().chain(self.last_fetch(reference)).max_by_key(|(_, time)| *time)
    }

    /// Where the last fetch was of this branch: git lists what it has got.
    fn last_fetch(&self, reference: &str) -> Option<(String, i64)> {
        let (_, branch) = reference.strip_prefix(REMOTES)?.split_once('/')?;
        let address = self.address_of(reference)?;
        let line = self.call(["rev-parse", "--path-format=absolute", "--git-path", "FETCH_HEAD"]).line().ok()?;
        let path = PathBuf::from(OsStr::from_bytes(&line));
        let bytes = crate::fs::read_if_there(&path, MAX_FETCHED).ok()??;
        // `ID<tab>[not-for-merge]<tab>branch 'main' of ADDRESS`
        let wanted = format!("branch '{branch}' of {}", plain(&address));
        let list = String::from_utf8_lossy(&bytes);
        let line = list.lines().find(|line| line.rsplit('\t').next() == Some(&wanted))?;
        Some((line.split_once('\t')?.0.to_owned(), modified(&path)?))
    }

    fn cloned_at(&self) -> Option<i64> {
        let steps = self.steps("HEAD");
        steps.into_iter().rfind(|(_, _, what)| what.starts_with("clone:")).map(|(_, time, _)| time)
    }

    /// What a reflog has: the commit, the time and what was done; the newest first.
    fn steps(&self, reference: &str) -> Vec<(String, i64, String)> {
        // As for `reverts`, no plumbing prints it. `%gd` is `NAME@{SECONDS}`.
        let shown = ["--no-show-signature", "--no-patch", "--no-color", "--date=unix", "--format=%H %gd %gs"];
        let which = [reference, "--"];
        let log = ["log", "--walk-reflogs"].iter().chain(&shown).chain(&which);
        let list = self.call(log).output().unwrap_or_default();
        String::from_utf8_lossy(&list).lines().filter_map(step).collect()
    }
}

/// `COMMIT NAME@{SECONDS} WHAT`
fn step(line: &str) -> Option<(String, i64, String)> {
    let (commit, rest) = line.split_once(' ')?;
    let (place, what) = rest.split_once("} ")?;
    let time = place.rsplit_once("@{")?.1.parse().ok()?;
    Some((commit.to_owned(), time, what.to_owned()))
}

/// An address as git writes it where it has fetched: without what it can do without.
fn plain(address: &str) -> &str {
    let address = address.trim_end_matches('/');
    address.strip_suffix(".git").unwrap_or(address)
}

fn modified(path: &Path) -> Option<i64> {
    std::fs::metadata(path).ok().map(|metadata| metadata.mtime())
}
