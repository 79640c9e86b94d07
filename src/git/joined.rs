//! Finds the commits that this clone's merges and rebases have added to a history, from its reflogs.
//!
//! The ends of two small files tell whether there may be something new, so an ordinary command starts no program.

use super::{Git, Head, is_commit_id};
use crate::error::Result;
use crate::fs;
use std::collections::BTreeSet;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// The beginnings of steps that join nothing to the history.
const PLAIN: [&str; 7] = [
    "branch: Created from ",
    "checkout: moving from ",
    "cherry-pick: ",
    "clone: from ",
    "commit (initial): ",
    "commit: ",
    "revert: ",
];
/// The beginnings of steps that move to an existing commit.
const MOVES: [&str; 8] =
    ["branch: ", "Branch: ", "checkout: ", "clone: ", "fetch", "push", "reset: ", "update by push"];
const FORWARD: &str = ": Fast-forward";
/// The ends of steps by which a pull updates a remote-tracking branch.
const FETCHED: [&str; 4] = [": fast-forward", ": forced-update", ": storing head", ": storing ref"];
const REBASED_ONTO: &str = "(finish): refs/heads/";
/// How many bytes at the end of a reflog are read.
const TAIL: u64 = 64 * 1024;
const MAX_JOINED: usize = 64;

impl Head {
    /// Returns the paths of the reflogs of the branch and of HEAD.
    #[must_use]
    pub fn logs(&self) -> Vec<PathBuf> {
        let branch = self.branch.as_ref().map(|branch| self.common.join("logs/refs/heads").join(branch));
        branch.into_iter().chain([self.directory.join("logs/HEAD")]).collect()
    }
}

/// Whether all steps in a reflog since `commit`, or all steps if it is `None`, join nothing to the history. Returns false
/// if that is not certain.
#[must_use]
pub fn is_plain_since(log: &Path, commit: Option<&str>) -> bool {
    tail(log).is_some_and(|(bytes, is_whole)| are_plain(&bytes, is_whole, commit))
}

/// Returns the end of a reflog in whole lines, and whether that is the whole reflog.
fn tail(log: &Path) -> Option<(Vec<u8>, bool)> {
    let (mut file, metadata) = fs::open_if_there(log).ok()??;
    let start = metadata.len().saturating_sub(TAIL);
    file.seek(SeekFrom::Start(start)).ok()?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes).ok()?;
    if start > 0 {
        let first = memchr::memchr(b'\n', &bytes)?;
        bytes.drain(..=first);
    }
    Some((bytes, start == 0))
}

/// Checks the lines of a reflog. Each is `OLD NEW NAME <EMAIL> TIME ZONE`, a tab, and what was done.
fn are_plain(lines: &[u8], is_whole: bool, commit: Option<&str>) -> bool {
    for line in lines.split(|byte| *byte == b'\n').rev().filter(|line| !line.is_empty()) {
        if commit.is_some() && line.split(|byte| *byte == b' ').nth(1) == commit.map(str::as_bytes) {
            return true;
        }
        let what = memchr::memchr(b'\t', line).map_or(&[][..], |tab| &line[tab + 1..]);
        if !PLAIN.iter().any(|start| what.starts_with(start.as_bytes())) {
            return false;
        }
    }
    is_whole
}

impl Git {
    /// Returns the commits that this clone's merges and rebases joined to the history of `head`: the parents of merges,
    /// and the commits rebased onto. Skips the history of `since`, which was examined before.
    ///
    /// A clone without reflogs can't tell its own merges from those of others. Then every merge on the first-parent line
    /// since `since` counts.
    ///
    /// # Errors
    /// If git fails.
    pub fn joined(&self, head: &str, since: Option<&str>) -> Result<Vec<String>> {
        let since = since.filter(|since| self.commit(since).is_some());
        let steps = self.all_steps();
        let made: BTreeSet<&str> =
            steps.iter().filter(|(_, what)| is_made_here(what)).map(|(commit, _)| commit.as_str()).collect();
        let mut joined: Vec<String> = Vec::new();
        let mut add = |commit: &str| {
            if !joined.iter().any(|known| known == commit) {
                joined.push(commit.to_owned());
            }
        };
        for merge in self.merges(head, since, steps.is_empty())? {
            let Some((commit, parents)) = merge.split_once(' ') else { continue };
            if steps.is_empty() || made.contains(commit) {
                parents.split(' ').for_each(&mut add);
            }
        }
        let onto: BTreeSet<&str> = steps.iter().filter_map(|(_, what)| rebased_onto(what)).collect();
        for commit in onto.into_iter().take(MAX_JOINED) {
            if self.is_before(commit, head) && since.is_none_or(|since| !self.is_before(commit, since)) {
                add(commit);
            }
        }
        joined.truncate(2 * MAX_JOINED);
        Ok(joined)
    }

    /// Returns the merges in a history with their parents, newest first.
    fn merges(&self, head: &str, since: Option<&str>, is_first_line: bool) -> Result<Vec<String>> {
        const MOST: &str = "--max-count=4096";
        let mut arguments = vec!["rev-list", "--parents", MOST];
        match since {
            None if is_first_line => arguments.extend(["--no-walk", head]),
            None => arguments.extend(["--merges", head]),
            Some(since) if is_first_line => arguments.extend(["--merges", "--first-parent", head, "--not", since]),
            Some(since) => arguments.extend(["--merges", head, "--not", since]),
        }
        let list = self.call(arguments.iter().chain(&["--"])).output()?;
        let lines = String::from_utf8_lossy(&list).into_owned();
        // Without a merge there are at most two ids, the commit and its one parent.
        Ok(lines.lines().filter(|line| line.split(' ').count() > 2).map(str::to_owned).collect())
    }

    /// Returns the commits that were made in this clone.
    pub(super) fn made_here(&self) -> BTreeSet<String> {
        self.all_steps().into_iter().filter(|(_, what)| is_made_here(what)).map(|(commit, _)| commit).collect()
    }

    /// Returns every step of every reference: the resulting commit, and what was done.
    fn all_steps(&self) -> Vec<(String, String)> {
        let log = ["log", "--walk-reflogs", "--all", "--max-count=16384"];
        let shown = ["--no-show-signature", "--no-patch", "--no-color", "--format=%H %gs"];
        let list = self.call(log.iter().chain(&shown).chain(&["--"])).output().unwrap_or_default();
        let list = String::from_utf8_lossy(&list);
        let step = |line: &str| line.split_once(' ').map(|(commit, what)| (commit.to_owned(), what.to_owned()));
        list.lines().filter_map(step).collect()
    }
}

/// Whether a step created its commit. A fast-forward, for example, only moves to an existing one.
fn is_made_here(what: &str) -> bool {
    let is_rebase = what.contains("(start): ") || what.contains("(finish): ") || what.contains("(abort): ");
    let is_fetched = what.starts_with("pull") && FETCHED.iter().any(|end| what.ends_with(end));
    !(is_rebase || is_fetched || what.contains(FORWARD) || MOVES.iter().any(|start| what.starts_with(start)))
}

/// Returns the commit that a branch was rebased onto: `rebase (finish): refs/heads/NAME onto COMMIT`.
fn rebased_onto(what: &str) -> Option<&str> {
    let is_rebase = what.contains(REBASED_ONTO) || what.starts_with("rebase finished: refs/heads/");
    let (_, commit) = what.rsplit_once(" onto ").filter(|_| is_rebase)?;
    is_commit_id(commit).then_some(commit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MERGED: &str = "merge feature: Merge made by the 'ort' strategy.";

    fn log(steps: &[&str]) -> String {
        let line =
            |(number, what): (usize, &&str)| format!("{:040} {:040} mia <m@x> 1 +0000\t{what}\n", number, number + 1);
        steps.iter().enumerate().map(line).collect()
    }

    #[test]
    fn n1_a_reflog_without_merges_since_the_last_check_is_plain() {
        let is_plain = |steps: &[&str], commit: Option<usize>| {
            let commit = commit.map(|number| format!("{number:040}"));
            are_plain(log(steps).as_bytes(), true, commit.as_deref())
        };
        assert!(is_plain(
            &["clone: from /r", "commit: save", "checkout: moving from a to b", "revert: Revert x"],
            None
        ));
        for what in [
            MERGED,
            "commit (merge): Merge branch 'feature'",
            "commit (amend): x",
            "pull: Merge made by the 'octopus' strategy.",
            "pull -q: Fast-forward",
            "rebase (finish): refs/heads/main onto c0ffee",
            "reset: moving to HEAD~1",
            "branch: Reset to origin/main",
            "",
        ] {
            assert!(!is_plain(&["commit: save", what, "commit: save"], None), "{what}");
            assert!(is_plain(&["commit: save", what, "commit: save"], Some(2)), "{what}");
            assert!(!is_plain(&["commit: save", what, "commit: save"], Some(1)), "{what}");
        }
    }

    #[test]
    fn n1_a_truncated_reflog_is_plain_if_it_reaches_back_far_enough() {
        let lines = log(&["commit: a", "commit: b"]);
        let commit = format!("{:040}", 1);
        assert!(are_plain(lines.as_bytes(), false, Some(&commit)));
        assert!(!are_plain(lines.as_bytes(), false, Some("c0ffee")) && !are_plain(lines.as_bytes(), false, None));
        assert!(are_plain(b"", true, None));
        assert!(!is_plain_since(Path::new("/does/not/exist"), None));
    }

    #[test]
    fn n4_a_merge_made_here_is_distinguished_from_a_fetched_one() {
        for what in
            [MERGED, "commit (merge): x", "commit (amend): x", "rebase (merge): x", "pull: Merge made by us", ""]
        {
            assert!(is_made_here(what), "{what}");
        }
        for what in ["pull: Fast-forward", "merge x: Fast-forward (no commit created; -m option ignored)", "reset: x"] {
            assert!(!is_made_here(what), "{what}");
        }
        for what in ["pull -q: fast-forward", "pull: forced-update", "pull origin x: storing head"] {
            assert!(!is_made_here(what), "{what}");
        }
        for what in ["fetch origin main:main: fast-forward", "checkout: moving from a to b", "update by push"] {
            assert!(!is_made_here(what), "{what}");
        }
        let commit = "c".repeat(40);
        let onto = |start: &str| rebased_onto(&format!("{start} onto {commit}")).map(str::to_owned);
        assert_eq!(onto("pull --rebase (finish): refs/heads/main"), Some(commit.clone()));
        assert_eq!(onto("commit: (finish)"), None);
        assert_eq!(rebased_onto("rebase (finish): refs/heads/main onto main"), None);
    }
}
