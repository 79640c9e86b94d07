//! When a clone has heard of a remote branch, and from where: it has that written down.

use super::Git;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

const REMOTES: &str = "refs/remotes/";
const MAX_FETCHED: usize = 16 * 1024 * 1024;

impl Git {
    /// The remote branches that have to do with this branch: those of its name, its upstream, and those of the main branch.
    #[must_use]
    pub fn remote_branches_for(&self, branch: Option<&str>, is_main: &dyn Fn(&str) -> bool) -> Vec<String> {
        let local = branch.map(|branch| format!("refs/heads/{branch}"));
        let format = ["for-each-ref", "--format=%(refname) %(upstream)", REMOTES];
        let list = self.call(format.into_iter().chain(local.as_deref())).output().unwrap_or_default();
        let list = String::from_utf8_lossy(&list);
        let lines = || list.lines().filter_map(|line| line.split_once(' '));
        let upstream = lines().find(|(name, _)| Some(*name) == local.as_deref()).map(|(_, upstream)| upstream);
        let concerns = |name: &str| {
            let (_, short) = name.strip_prefix(REMOTES)?.split_once('/')?;
            Some(short != "HEAD" && (Some(name) == upstream || Some(short) == branch || is_main(short)))
        };
        lines().filter(|(name, _)| concerns(name).unwrap_or_default()).map(|(name, _)| name.to_owned()).collect()
    }

    /// The remote branches of this name, as this clone knows them: `refs/remotes/origin/main`.
    #[must_use]
    pub fn remote_branches(&self, branch: &str) -> Vec<String> {
        let list = self.call(["for-each-ref", "--format=%(refname)", &format!("{REMOTES}*/{branch}")]).output();
        String::from_utf8_lossy(&list.unwrap_or_default()).lines().map(str::to_owned).collect()
    }

    /// The commits at which the remote branches were before that the last commit comes from: a forced push may have taken
    /// some out of their history.
    #[must_use]
    pub fn published_below(&self) -> Vec<String> {
        let format = ["for-each-ref", "--format=%(refname)", "--merged=HEAD", "refs/remotes"];
        let list = self.call(format).output().unwrap_or_default();
        let list = String::from_utf8_lossy(&list);
        // `refs/remotes/origin/HEAD` only repeats another one.
        list.lines().filter(|name| !name.ends_with("/HEAD")).flat_map(|name| self.reflog(name)).collect()
    }

    /// Whether this clone has a remote that it may have heard from. What it only pushed to shows a remote branch.
    #[must_use]
    pub fn has_heard_of_remotes(&self) -> bool {
        let has_remote = self.call(["config", "--get-regexp", "^remote\\..*\\.url$"]).succeeds();
        has_remote && (self.cloned_at().is_some() || self.fetched_list().is_some_and(|list| list.exists()))
    }

    /// The address of a remote branch's repository.
    #[must_use]
    pub fn address_of(&self, reference: &str) -> Option<String> {
        let (remote, _) = reference.strip_prefix(REMOTES)?.split_once('/')?;
        let line = self.call(["config", "--get", &format!("remote.{remote}.url")]).line().ok()?;
        Some(String::from_utf8_lossy(&line).into_owned())
    }

    /// The state of a remote branch that this clone has got last, and when, in seconds since 1970: also where there was
    /// nothing new.
    #[must_use]
    pub fn fetched(&self, reference: &str) -> Option<(String, i64)> {
        let step = self.steps_of(reference).into_iter().next().map(|step| (step.commit, step.time));
        step.into_iter().chain(self.last_fetch(reference)).max_by_key(|(_, time)| *time)
    }

    /// Where the last fetch was of this branch: git lists what it has got.
    fn last_fetch(&self, reference: &str) -> Option<(String, i64)> {
        let (_, branch) = reference.strip_prefix(REMOTES)?.split_once('/')?;
        let address = self.address_of(reference)?;
        let path = self.fetched_list()?;
        let bytes = crate::fs::read_if_there(&path, MAX_FETCHED).ok()??;
        // `ID<tab>[not-for-merge]<tab>branch 'main' of ADDRESS`
        let wanted = format!("branch '{branch}' of {}", plain(&address));
        let list = String::from_utf8_lossy(&bytes);
        let line = list.lines().find(|line| line.rsplit('\t').next() == Some(&wanted))?;
        Some((line.split_once('\t')?.0.to_owned(), modified(&path)?))
    }

    fn fetched_list(&self) -> Option<PathBuf> {
        let line = self.call(["rev-parse", "--path-format=absolute", "--git-path", "FETCH_HEAD"]).line().ok()?;
        Some(PathBuf::from(OsStr::from_bytes(&line)))
    }
}

/// An address as git writes it where it has fetched: without what it can do without.
fn plain(address: &str) -> &str {
    let address = address.trim_end_matches('/');
    address.strip_suffix(".git").unwrap_or(address)
}

fn modified(path: &Path) -> Option<i64> {
    std::fs::metadata(path).ok().map(|metadata| metadata.mtime())
}
