//! Finds out when a clone last received a remote branch, and from where, from what git has recorded.

use super::{Git, Step};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

const REMOTES: &str = "refs/remotes/";
const MAX_FETCHED: usize = 16 * 1024 * 1024;

impl Git {
    /// Returns the remote branches related to a branch: those with its name, its upstream, and the remote main branches.
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

    /// Returns the remote-tracking branches with this name: `refs/remotes/origin/main`.
    #[must_use]
    pub fn remote_branches(&self, branch: &str) -> Vec<String> {
        let list = self.call(["for-each-ref", "--format=%(refname)", &format!("{REMOTES}*/{branch}")]).output();
        String::from_utf8_lossy(&list.unwrap_or_default()).lines().map(str::to_owned).collect()
    }

    /// Returns the commits at which the remote branches contained in HEAD have been. A forced push may have removed some
    /// of them from the branches' history.
    #[must_use]
    pub fn published_below(&self) -> Vec<String> {
        let format = ["for-each-ref", "--format=%(refname)", "--merged=HEAD", "refs/remotes"];
        let list = self.call(format).output().unwrap_or_default();
        let list = String::from_utf8_lossy(&list);
        // `refs/remotes/origin/HEAD` is only an alias.
        list.lines().filter(|name| !name.ends_with("/HEAD")).flat_map(|name| self.reflog(name)).collect()
    }

    /// Whether this clone has a remote and has cloned or fetched. A clone that only pushes has a remote-tracking branch.
    #[must_use]
    pub fn has_heard_of_remotes(&self) -> bool {
        let has_remote = self.call(["config", "--get-regexp", "^remote\\..*\\.url$"]).succeeds();
        has_remote && (self.cloned_at().is_some() || self.git_path("FETCH_HEAD").is_some_and(|list| list.exists()))
    }

    /// Returns the address of a remote branch's repository, in a canonical spelling.
    #[must_use]
    pub fn address_of(&self, reference: &str) -> Option<String> {
        let (remote, _) = reference.strip_prefix(REMOTES)?.split_once('/')?;
        // This applies `url.<base>.insteadOf` from the configuration, and contacts nothing.
        let line = self.call(["ls-remote", "--get-url", remote]).line().ok()?;
        Some(one_spelling(&String::from_utf8_lossy(&line), &self.top().unwrap_or_else(|_| self.directory.clone())))
    }

    /// Returns the commit of a remote branch that this clone last received, and when, even if nothing was new then.
    #[must_use]
    pub fn fetched(&self, reference: &str) -> Option<(String, Moment)> {
        let step = self.steps_of(reference).into_iter().next();
        let moment = |step: &Step| self.moment_of_last(reference, step).unwrap_or(Moment::of_second(step.time));
        let step = step.map(|step| (step.commit.clone(), moment(&step)));
        step.into_iter().chain(self.last_fetch(reference)).max_by_key(|(_, moment)| *moment)
    }

    /// Returns the time of a reference's last step to the nanosecond, from the modification time of its log, if that
    /// belongs to this step. In a fresh clone, the log is that of HEAD.
    #[must_use]
    pub fn moment_of_last(&self, reference: &str, step: &Step) -> Option<Moment> {
        let written =
            [reference, "HEAD"].into_iter().find_map(|name| modified(&self.git_path(&format!("logs/{name}"))?));
        written.filter(|written| (step.time..step.time + 2).contains(&written.second))
    }

    /// Returns the commit and the time of the last fetch of a branch, which git lists in FETCH_HEAD.
    fn last_fetch(&self, reference: &str) -> Option<(String, Moment)> {
        let (_, branch) = reference.strip_prefix(REMOTES)?.split_once('/')?;
        let address = self.address_of(reference)?;
        let path = self.git_path("FETCH_HEAD")?;
        let bytes = crate::fs::read_if_there(&path, MAX_FETCHED).ok()??;
        // `ID<tab>[not-for-merge]<tab>branch 'main' of ADDRESS`
        let (start, top) = (format!("branch '{branch}' of "), self.top().unwrap_or_else(|_| self.directory.clone()));
        let is_it = |line: &str| {
            let from = line.rsplit('\t').next().and_then(|what| what.strip_prefix(start.as_str()));
            from.is_some_and(|from| one_spelling(from, &top) == address)
        };
        let list = String::from_utf8_lossy(&bytes);
        let line = list.lines().find(|line| is_it(line))?;
        Some((line.split_once('\t')?.0.to_owned(), modified(&path)?))
    }

    fn git_path(&self, name: &str) -> Option<PathBuf> {
        let line = self.call(["rev-parse", "--path-format=absolute", "--git-path", name]).line().ok()?;
        Some(PathBuf::from(OsStr::from_bytes(&line)))
    }
}

/// A point in time, to the nanosecond if known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Seconds since 1970.
    second: i64,
    nanosecond: i64,
}

impl Moment {
    /// Returns the start of a second.
    #[must_use]
    pub fn of_second(second: i64) -> Self {
        Self { second, nanosecond: 0 }
    }
}

/// Returns the canonical spelling of an address: without scheme, user, default port, and endings that git doesn't need.
/// `git@host:a/b.git` and `https://host/a/b/` get the same spelling, and so do a path and its `file://` URL.
fn one_spelling(address: &str, directory: &Path) -> String {
    const SCHEMES: [(&str, &str); 6] = [
        ("ssh://", ":22"),
        ("git+ssh://", ":22"),
        ("ssh+git://", ":22"),
        ("https://", ":443"),
        ("http://", ":80"),
        ("git://", ":9418"),
    ];
    let with_scheme = SCHEMES.iter().find_map(|(scheme, port)| Some((address.strip_prefix(scheme)?, *port)));
    // `HOST:PATH`, but not a path with a colon in it.
    let short = address.split_once(':').filter(|(host, path)| !host.contains('/') && !path.starts_with("//"));
    let (host, path) = match (with_scheme, short) {
        (Some((rest, port)), _) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            (host.strip_suffix(port).unwrap_or(host), path)
        }
        (None, Some((host, path))) => (host, path),
        (None, None) => return local(directory.join(address.strip_prefix("file://").unwrap_or(address))),
    };
    let host = host.rsplit('@').next().unwrap_or_default().to_lowercase();
    format!("{host}/{}", plain(path.trim_start_matches('/')))
}

/// Returns the canonical path of a repository on this machine. git accepts it without `.git` at the end.
fn local(path: PathBuf) -> String {
    let with = |end: &str| PathBuf::from(format!("{}{end}", path.display()).replace("//", "/"));
    let found = ["", ".git", "/.git"].iter().find_map(|end| with(end).canonicalize().ok());
    let path = found.unwrap_or(path).to_string_lossy().into_owned();
    plain(plain(&path)).to_owned()
}

/// Removes the slashes and the `.git` at the end of an address, which git doesn't need.
fn plain(address: &str) -> &str {
    let address = address.trim_end_matches('/');
    address.strip_suffix(".git").unwrap_or(address).trim_end_matches('/')
}

fn modified(path: &Path) -> Option<Moment> {
    let metadata = std::fs::metadata(path).ok()?;
    Some(Moment { second: metadata.mtime(), nanosecond: metadata.mtime_nsec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n4_different_spellings_of_an_address_are_equal() {
        let directory = tempfile::tempdir().unwrap();
        let top = directory.path().canonicalize().unwrap();
        std::fs::create_dir_all(top.join("origin.git")).unwrap();
        std::fs::create_dir_all(top.join("work/.git")).unwrap();
        let same = |spellings: &[String]| {
            let first = one_spelling(&spellings[0], &top.join("work"));
            for spelling in spellings {
                assert_eq!(one_spelling(spelling, &top.join("work")), first, "{spelling}");
            }
            first
        };
        let at = |name: &str| format!("{}/{name}", top.display());
        let (file, origin) = (|name: &str| format!("file://{}", at(name)), at("origin.git"));
        let bare = same(&[origin, at("origin.git/"), at("origin"), file("origin.git"), "../origin.git".to_owned()]);
        let work = same(&[at("work"), at("work/.git"), file("work/"), at("origin.git/../work")]);
        let host = same(
            &[
                "git@Example.com:team/app.git",
                "ssh://git@example.com/team/app",
                "ssh://git@example.com:22/team/app.git/",
                "https://token:x@example.com/team/app.git",
                "https://example.com:443/team/app/",
                "example.com:/team/app",
            ]
            .map(str::to_owned),
        );
        let others = ["https://example.com/team/app2", "https://example.com:8443/team/app", "git@other.com:team/app"];
        let others = others.map(|other| one_spelling(other, &top));
        assert!(bare != work && others.iter().all(|other| *other != host), "{bare} {work} {host} {others:?}");
    }
}
