//! What this clone has written down of its own steps. Nobody else writes there: a host chooses commits, with their dates,
//! authors and subjects, and no word of these but the subject, which stands behind what git says itself.

use super::Git;

/// What a reflog says of a remote branch that was pushed from here.
const PUSHED: &str = "update by push";
/// How it begins where somebody here has moved a branch, and what was fetched had no part in where to.
const BY_HAND: [&str; 7] = [
    "reset: moving to ",
    "branch: Reset to ",
    "commit (amend): ",
    "rebase (finish): ",
    "rebase (abort): ",
    "rebase -i (finish): ",
    "rebase finished: ",
];
/// How many steps are read, the newest first, and of how many it is looked at what the branch was then.
const MAX_STEPS: usize = 4096;
const MAX_LOOKED_AT: usize = 64;

/// A step of a branch, or of a remote branch as this clone knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The commit that it came to.
    pub commit: String,
    /// When, in seconds since 1970.
    pub time: i64,
    /// What was done, in git's words.
    pub(super) what: String,
}

impl Step {
    /// Whether this clone pushed it.
    #[must_use]
    pub fn is_pushed(&self) -> bool {
        self.what == PUSHED
    }

    /// Whether a command that was typed here has moved the branch, and no fetch or pull.
    #[must_use]
    pub fn is_by_hand(&self) -> bool {
        BY_HAND.iter().any(|start| self.what.starts_with(start))
    }
}

/// The step that took something from a branch: of its steps, the newest first, the one after the last commit that has it.
/// `None` if there is none, or it is too long ago. The dates of the commits, which are anybody's, have no part in it.
#[must_use]
pub fn taken_by<'a>(steps: &'a [Step], has: &dyn Fn(&str) -> bool) -> Option<&'a Step> {
    let last = steps.iter().take(MAX_LOOKED_AT).position(|step| has(&step.commit))?;
    steps.get(last.checked_sub(1)?)
}

impl Git {
    /// Each commit at which a branch or remote branch was, as this clone has it written down, the newest first.
    #[must_use]
    pub fn steps_of(&self, reference: &str) -> Vec<Step> {
        let mut steps = self.steps(reference);
        if steps.len() == MAX_STEPS {
            return steps;
        }
        // git writes down no step for what it has cloned: it is where the branch is, or what the first step came from.
        let cloned = if steps.is_empty() { self.commit(reference) } else { self.before(reference, steps.len()) };
        let time = self.cloned_at().or_else(|| steps.last().map(|step| step.time));
        steps.extend(cloned.zip(time).map(|(commit, time)| Step { commit, time, what: String::new() }));
        steps
    }

    /// Whether these steps of a reference tell all that it was since then, in seconds since 1970. Before it was first pushed
    /// from here there is nothing to tell.
    #[must_use]
    pub fn tell_since(&self, steps: &[Step], reference: &str, time: i64) -> bool {
        let Some(first) = steps.last() else { return false };
        first.time <= time || (first.is_pushed() && self.before(reference, steps.len()).is_none())
    }

    /// When the repository was cloned, in seconds since 1970, if it was.
    #[must_use]
    pub fn cloned_at(&self) -> Option<i64> {
        let steps = self.steps("main-worktree/HEAD");
        steps.into_iter().rfind(|step| step.what.starts_with("clone:")).map(|step| step.time)
    }

    /// The commits at which a reference was before, the newest first.
    #[must_use]
    pub fn reflog(&self, reference: &str) -> Vec<String> {
        self.steps(reference).into_iter().map(|step| step.commit).collect()
    }

    /// What a reference was before the oldest of so many steps.
    fn before(&self, reference: &str, steps: usize) -> Option<String> {
        self.commit(&format!("{reference}@{{{steps}}}"))
    }

    pub(super) fn steps(&self, reference: &str) -> Vec<Step> {
        // No plumbing prints what a reflog says of a step. This shows no change and no signature, and `%gd` is
        // `NAME@{SECONDS}`.
        let shown = ["--no-show-signature", "--no-patch", "--no-color", "--date=unix", "--format=%H %gd %gs"];
        let (most, which) = (format!("--max-count={MAX_STEPS}"), [reference, "--"]);
        let log = ["log", "--walk-reflogs", &most];
        let list = self.call(log.iter().chain(&shown).chain(&which)).output().unwrap_or_default();
        String::from_utf8_lossy(&list).lines().filter_map(step).collect()
    }
}

/// `COMMIT NAME@{SECONDS} WHAT`
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
    fn n4_only_what_was_typed_here_moves_a_branch_by_hand_whatever_a_subject_says() {
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
    fn a_step_is_read_also_where_a_name_has_braces_and_a_subject_has_anything() {
        let read = step("c0ffee refs/heads/a@{b@{1600000000} commit: x} y@{2} z").unwrap();
        assert_eq!(
            (read.commit.as_str(), read.time, read.what.as_str()),
            ("c0ffee", 1_600_000_000, "commit: x} y@{2} z")
        );
        assert_eq!(step("c0ffee"), None);
    }
}
