//! Decides whether an older or forked file is another branch, undone work or a loss. The rule depends only on git's
//! answers (vault-format(5), "Branches").

use serde::{Deserialize, Serialize};

/// What was seen earlier: a statement from which the current file does not descend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen<'a> {
    /// The branch it was seen on; `None` if HEAD was detached.
    pub branch: Option<&'a str>,
    /// The clone it was seen in, if that was not this one. A branch of another clone is another branch, even with the
    /// same name.
    pub other_clone: Option<&'a str>,
    /// Whether it was made here. Then others have it only after a commit and a push.
    pub is_own: bool,
    /// Whether the branch is the main branch.
    pub is_main: bool,
}

/// Where the current file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Here<'a> {
    /// The current branch; `None` if HEAD is detached.
    pub branch: Option<&'a str>,
    /// Whether the file is the one of the last commit.
    pub is_committed: bool,
}

/// git's answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// Whether the repository has the commit at which it was seen.
    pub knows_commit: bool,
    /// The newest commit in HEAD's history that has what was seen.
    pub in_head: Option<String>,
    /// Whether `git revert` reverted it in this clone.
    pub is_reverted: bool,
    /// The commit, made by hand in this clone, that restored the state before it.
    pub put_back: Option<String>,
    /// A branch, remote branch or tag that has it, if HEAD's history does not.
    pub elsewhere: Option<String>,
    /// Whether the current file, exactly as it is, is in the history of the commit at which it was seen, or of `in_head`.
    pub is_earlier: bool,
    /// Whether the branch it was seen on still exists.
    pub has_branch: bool,
    /// What the remote branches tell about it.
    pub remote: Remote,
    /// What the current branch's reflog tells about it.
    pub here: OnBranch,
    /// A commit that had it, if no commit of any branch has it.
    pub left: Option<String>,
    /// The remote branch that the other clone got it from or pushed it to, if this clone has since received a state of
    /// that branch without it.
    pub withheld: Option<String>,
}

/// What the relevant remote branches tell: those related to the current branch, and the main branch's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Remote {
    /// Nothing: this clone's reflogs of them don't reach back to when it was seen.
    #[default]
    Unknown,
    /// One of them has it, none ever had it, or there is no remote.
    InOrder,
    /// One of them had it and lost it. Holds the commit that had it.
    TakenBack(String),
}

/// What the reflog of the current branch tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnBranch {
    /// Nothing: the reflog doesn't reach back to when it was seen.
    #[default]
    Unknown,
    /// The branch never had it: it was seen before it was committed, and was committed elsewhere.
    Never,
    /// The branch had it, and somebody moved the branch back by hand in this clone.
    MovedByHand,
    /// The branch had it, and was moved in another way, for example by a pull.
    Moved,
}

/// The judgment. The letters are those of the rules in vault-format(5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judged {
    /// (a): an earlier state of the same history. Holds the name of the reference that has the newer one.
    Earlier(String),
    /// (b): another line of history. Holds the name of the reference that has what was seen.
    OtherLine(String),
    /// (b): uncommitted work on another branch, which is named.
    OtherWork(String),
    /// (b): it is in another clone on this device, and this clone has not fetched it.
    OtherClone {
        /// The clone.
        clone: String,
        /// Whether the current file is an earlier state of the same history.
        is_earlier: bool,
    },
    /// (c): it was undone in this clone, before others could see it.
    Undone,
    /// (c): it was reverted in this clone, by `git revert` or by hand.
    Reverted {
        /// The commit that had it.
        commit: String,
        /// The commit that reverted it by hand, if `git revert` didn't.
        by: Option<String>,
    },
    /// (d): a commit in HEAD's history has it, and the file does not.
    Dropped {
        /// The commit.
        commit: String,
        /// Whether the current file is an earlier state of that commit's file, which then has everything.
        is_earlier: bool,
    },
    /// (d): the current branch had it and lost it. Holds the name of a reference that still has it.
    Rewound(String),
    /// (d): no branch has it any more. Holds the commit that had it, if the repository has that commit.
    Gone(Option<String>),
    /// (d): another clone on this device got it from a remote branch or pushed it there, and what this clone has since
    /// received of that branch lacks it.
    Withheld {
        /// The remote branch.
        branch: String,
        /// Another branch, remote branch or tag in this clone that has it.
        holder: Option<String>,
    },
    /// (d): this repository does not know the commit at which it was seen.
    Unknown,
    /// (e): only another branch had it, which was deleted or rewritten.
    BranchGone {
        /// The branch; `None` if HEAD was detached.
        branch: Option<String>,
        /// A commit that had it, if the repository has that commit.
        commit: Option<String>,
    },
}

impl Judged {
    /// Applies the rule.
    #[must_use]
    pub fn new(seen: Seen<'_>, here: Here<'_>, git: Answers) -> Self {
        if !git.knows_commit && seen.other_clone.is_none() {
            return Self::Unknown;
        }
        if let Some(commit) = git.in_head {
            return match (git.is_reverted, git.put_back) {
                (true, _) => Self::Reverted { commit, by: None },
                (false, Some(by)) => Self::Reverted { commit, by: Some(by) },
                (false, None) => Self::Dropped { commit, is_earlier: git.is_earlier },
            };
        }
        match (&git.elsewhere, seen.other_clone) {
            // Another branch that has it is no replacement for this one.
            (Some(holder), Some(_)) if git.withheld.is_some() && seen.concerns(here) => {
                let branch = git.withheld.clone().unwrap_or_default();
                Self::Withheld { branch, holder: Some(holder.clone()) }
            }
            (Some(holder), _) => Self::held(holder.clone(), seen, here, &git),
            (None, Some(clone)) => Self::of_other_clone(clone, seen, here, git),
            (None, None) => Self::nowhere(seen, here, git),
        }
    }

    /// Judges what some reference still has. It may be missing from the branch on which it was seen, if according to the
    /// reflogs somebody removed it by hand in this clone and no remote branch has lost it.
    fn held(holder: String, seen: Seen<'_>, here: Here<'_>, git: &Answers) -> Self {
        let is_by_hand = matches!(git.here, OnBranch::Never | OnBranch::MovedByHand);
        let is_done_here = git.remote == Remote::InOrder && is_by_hand;
        match () {
            () if git.was_on(seen, here) && !is_done_here => Self::Rewound(holder),
            () if git.is_earlier => Self::Earlier(holder),
            () => Self::OtherLine(holder),
        }
    }

    fn of_other_clone(clone: &str, seen: Seen<'_>, here: Here<'_>, git: Answers) -> Self {
        match (git.remote, git.withheld) {
            (Remote::TakenBack(commit), _) => Self::Gone(Some(commit)),
            (_, Some(branch)) if seen.concerns(here) => Self::Withheld { branch, holder: None },
            (_, Some(_)) => Self::BranchGone { branch: seen.branch.map(str::to_owned), commit: None },
            (_, None) => Self::OtherClone { clone: clone.to_owned(), is_earlier: git.is_earlier },
        }
    }

    /// Judges what no branch, remote branch or tag has.
    fn nowhere(seen: Seen<'_>, here: Here<'_>, git: Answers) -> Self {
        if let Remote::TakenBack(commit) = git.remote {
            return Self::Gone(Some(commit));
        }
        let (is_unknown, was_on) = (git.remote == Remote::Unknown, git.was_on(seen, here));
        let is_detached = seen.branch.is_none() && here.branch.is_none();
        let is_lost = match seen.is_own {
            // It was made here, and may have been published.
            true => was_on && is_unknown,
            false => was_on || seen.is_main || (is_detached && is_unknown),
        };
        let branch_gone = |commit| Self::BranchGone { branch: seen.branch.map(str::to_owned), commit };
        match seen.branch {
            _ if is_lost => Self::Gone(git.left),
            _ if !seen.is_own => branch_gone(git.left),
            // It was committed, and somebody in this clone moved the branch back.
            Some(_) if seen.is_on(here) && (here.is_committed || git.left.is_some()) => Self::Undone,
            Some(_) if seen.is_on(here) => Self::Gone(None),
            Some(branch) if git.has_branch => Self::OtherWork(branch.to_owned()),
            None if !is_unknown => Self::Undone,
            _ => branch_gone(git.left),
        }
    }

    /// Whether another reference has it, which is no loss.
    #[must_use]
    pub fn is_held(&self) -> bool {
        matches!(self, Self::Earlier(_) | Self::OtherLine(_))
    }

    /// Returns the commit that reverted it by hand in this clone.
    #[must_use]
    pub fn put_back_by(&self) -> Option<&str> {
        match self {
            Self::Reverted { by, .. } => by.as_deref(),
            _ => None,
        }
    }

    /// Whether it was only on a branch that is gone.
    #[must_use]
    pub fn is_branch_gone(&self) -> bool {
        matches!(self, Self::BranchGone { .. })
    }

    /// Whether something is missing that should be there.
    #[must_use]
    pub fn is_loss(&self) -> bool {
        matches!(self, Self::Dropped { .. } | Self::Rewound(_) | Self::Gone(_) | Self::Withheld { .. } | Self::Unknown)
    }

    /// Whether the current file is an earlier state of the history that has what was seen.
    #[must_use]
    pub fn is_earlier(&self) -> bool {
        matches!(self, Self::Earlier(_) | Self::OtherClone { is_earlier: true, .. })
    }
}

impl Answers {
    /// Whether it was on the current branch: it was seen there, or a commit in the branch's reflog has it.
    fn was_on(&self, seen: Seen<'_>, here: Here<'_>) -> bool {
        seen.is_on(here) || matches!(self.here, OnBranch::Moved | OnBranch::MovedByHand)
    }
}

impl Seen<'_> {
    /// Whether the current branch should have it: it was seen on that branch or on the main branch.
    fn concerns(&self, here: Here<'_>) -> bool {
        self.is_main || (self.branch.is_some() && self.branch == here.branch)
    }

    /// Whether it was seen on the current branch of this clone.
    fn is_on(&self, here: Here<'_>) -> bool {
        self.other_clone.is_none() && self.branch.is_some() && self.branch == here.branch
    }
}

#[cfg(test)]
mod tests;
