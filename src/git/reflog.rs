//! Reads this clone's reflogs. Only this clone writes them. A host chooses commits with their dates, authors and
//! subjects, but only a subject gets into a reflog, after git's own words.

use super::Git;

/// The text for a remote-tracking branch that was pushed from here.
const PUSHED: &str = "update by push";
/// The beginnings of texts for a branch that somebody here moved, when nothing fetched decided where to.
const BY_HAND: [&str; 7] = [
    "reset: moving to ",
    "branch: Reset to ",
    "commit (amend): ",
    "rebase (finish): ",
    "rebase (abort): ",
    "rebase -i (finish): ",
    "rebase finished: ",
];
/// The maximum number of steps that are read, newest first.
const MAX_STEPS: usize = 4096;
/// The maximum number of steps whose commits are examined.
const MAX_LOOKED_AT: usize = 64;

/// A step of a branch or a remote-tracking branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The resulting commit.
    pub commit: String,
    /// When it was made, in seconds since 1970.
    pub time: i64,
    /// What was done, in git's words.
    pub(super) what: String,
}

impl Step {
    /// Whether this clone pushed the commit.
    #[must_use]
    pub fn is_pushed(&self) -> bool {
        self.what == PUSHED
    }

    /// Whether a command typed here moved the branch, rather than a fetch or pull.
    #[must_use]
    pub fn is_by_hand(&self) -> bool {
        BY_HAND.iter().any(|start| self.what.starts_with(start))
    }
}

/// Returns the step that took something from a branch: the step after the last commit that has it. `steps` is newest
/// first. `None` if no step took it, or too long ago. Commit dates play no part, because anybody can choose them.
#[must_use]
pub fn taken_by<'a>(steps: &'a [Step], has: &dyn Fn(&str) -> bool) -> Option<&'a Step> {
    let last = steps.iter().take(MAX_LOOKED_AT).position(|step| has(&step.commit))?;
    steps.get(last.checked_sub(1)?)
}

impl Git {
    /// Returns every step of a branch or remote-tracking branch that this clone has recorded, newest first.
    #[must_use]
    pub fn steps_of(&self, reference: &str) -> Vec<Step> {
        let mut steps = self.steps(reference);
        if steps.len() == MAX_STEPS {
            return steps;
        }
        // Cloning records no step. The cloned commit is the one before the first step, or the current one without steps.
        let cloned = if steps.is_empty() { self.commit(reference) } else { self.before(reference, steps.len()) };
        let time = self.cloned_at().or_else(|| steps.last().map(|step| step.time));
        steps.extend(cloned.zip(time).map(|(commit, time)| Step { commit, time, what: String::new() }));
        steps
    }

    /// Whether these steps of a reference cover its whole history since `time`, in seconds since 1970. Before this clone
    /// first pushed it, there is nothing to cover.
    #[must_use]
    pub fn tell_since(&self, steps: &[Step], reference: &str, time: i64) -> bool {
        let Some(first) = steps.last() else { return false };
        first.time <= time || (first.is_pushed() && self.before(reference, steps.len()).is_none())
    }

    /// Returns when the repository was cloned, in seconds since 1970, if it was.
    #[must_use]
    pub fn cloned_at(&self) -> Option<i64> {
        let steps = self.steps("main-worktree/HEAD");
        steps.into_iter().rfind(|step| step.what.starts_with("clone:")).map(|step| step.time)
    }

    /// Returns the commits at which a reference has been, newest first.
    #[must_use]
    pub fn reflog(&self, reference: &str) -> Vec<String> {
        self.steps(reference).into_iter().map(|step| step.commit).collect()
    }

    /// Returns the commit of a reference before the oldest of this many steps.
    fn before(&self, reference: &str, steps: usize) -> Option<String> {
        self.commit(&format!("{reference}@{{{steps}}}"))
    }

    pub(super) fn steps(&self, reference: &str) -> Vec<Step> {
        // No plumbing command prints the text of a step. `log` with these options shows no change and no signature, and
        // `%gd` is `NAME@{SECONDS}`.
        let shown = ["--no-show-signature", "--no-patch", "--no-color", "--date=unix", "--format=%H %gd %gs"];
        let (most, which) = (format!("--max-count={MAX_STEPS}"), [reference, "--"]);
        let log = ["log", "--walk-reflogs", &most];
        let list = self.call(log.iter().chain(&shown).chain(&which)).output().unwrap_or_default();
        String::from_utf8_lossy(&list).lines().filter_map(step).collect()
    }
}

/// Parses `COMMIT NAME@{SECONDS} WHAT`.
fn step(line: &str) -> Option<Step> {
    let (commit, rest) = line.split_once(' ')?;
    let (place, what) = rest.split_once("} ")?;
    let time = place.rsplit_once("@{")?.1.parse().ok()?;
    Some(Step { commit: commit.to_owned(), time, what: what.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n4_only_commands_typed_here_count_as_moving_a_branch_whatever_commit_subjects_say() {
        let is_by_hand = |what: &str| Step { commit: String::new(), time: 0, what: what.to_owned() }.is_by_hand();
        for what in ["reset: moving to HEAD~", "rebase (finish): refs/heads/b onto c0ffee", "branch: Reset to HEAD~1"] {
            assert!(is_by_hand(what), "{what}");
        }
        for what in [
            "",
            "fetch origin +main:main: forced-update",
            "pull -q: Fast-forward",
            "pull --rebase (finish): refs/heads/main onto c0ffee",
            "merge origin/reset: Fast-forward",
            "commit: reset: moving to HEAD~",
            "cherry-pick: rebase (finish): x",
        ] {
            assert!(!is_by_hand(what), "{what}");
        }
    }

    #[test]
    fn an_entry_is_parsed_with_braces_in_a_name_and_any_subject() {
        let read = step("c0ffee refs/heads/a@{b@{1600000000} commit: x} y@{2} z").unwrap();
        assert_eq!(
            (read.commit.as_str(), read.time, read.what.as_str()),
            ("c0ffee", 1_600_000_000, "commit: x} y@{2} z")
        );
        assert_eq!(step("c0ffee"), None);
    }
}
