//! Whether an older or a forked file is another branch, undone work or a loss: a rule over what git says, and nothing else
//! (vault-format(5), "Branches").

use serde::{Deserialize, Serialize};

/// What was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen<'a> {
    /// The branch it was seen on; none where the head was detached.
    pub branch: Option<&'a str>,
    /// The other clone it was seen in; none if it was this one. A branch of it is another branch, whatever its name.
    pub other_clone: Option<&'a str>,
    /// Whether it was made here: others have it only once it was committed and pushed.
    pub is_own: bool,
    /// Whether the branch is the main one, which everybody goes on from.
    pub is_main: bool,
}

/// What is at hand, and does not go on from what was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Here<'a> {
    /// The branch; none where the head is detached.
    pub branch: Option<&'a str>,
    /// Whether the file is the one of the last commit.
    pub is_committed: bool,
}

/// What git says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// Whether the repository has the commit at which it was seen.
    pub knows_commit: bool,
    /// The newest commit before the one at hand that has what was seen.
    pub in_head: Option<String>,
    /// Whether `git revert` took it back here.
    pub is_reverted: bool,
    /// The commit that was made here by hand and put back what was there before it.
    pub put_back: Option<String>,
    /// A branch, remote branch or tag that has it, and the history at hand has not.
    pub elsewhere: Option<String>,
    /// Whether the very file at hand is in the history of the commit at which it was seen; or of the one in `in_head`.
    pub is_earlier: bool,
    /// Whether the branch it was seen on is still there.
    pub has_branch: bool,
    /// What the remote branches have to do with it.
    pub remote: Remote,
    /// What became of it on the branch at hand.
    pub here: OnBranch,
    /// A commit that had it, if none has it that a branch leads to.
    pub left: Option<String>,
    /// The remote branch that gave it to the other clone, or took it from there, and of which this clone has got a state
    /// without it since.
    pub withheld: Option<String>,
}

/// What the remote branches tell of it that have to do with the branch at hand, and those of the main branch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Remote {
    /// Nothing: what this clone has written down of them does not reach back to when it was seen.
    #[default]
    Untold,
    /// One has it, none ever had it, or there is no remote.
    InOrder,
    /// One had it, and has it no more: the commit.
    TakenBack(String),
}

/// What this clone has written down of the branch at hand, which it moves itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnBranch {
    /// Nothing that reaches back to when it was seen.
    #[default]
    Untold,
    /// The branch never had it: it was seen before it was committed, and is committed elsewhere.
    Never,
    /// It had it, and somebody here has moved it back.
    MovedByHand,
    /// It had it, and was moved otherwise: by a pull, for example.
    Moved,
}

/// What it comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judged {
    /// (a): an earlier state of the same history. The name of what has the newer one.
    Earlier(String),
    /// (b): another line of history. The name of what has the newer one.
    OtherLine(String),
    /// (b): work on another branch that was not committed there.
    OtherWork(String),
    /// (b): it is in another clone on this device, and this one has not fetched what has it, if that is anywhere.
    OtherClone {
        /// The clone.
        clone: String,
        /// Whether the file at hand is an earlier one of the same history.
        is_earlier: bool,
    },
    /// (c): it was undone here, before others could see it.
    Undone,
    /// (c): it was taken back here, by `git revert` or by hand.
    Reverted {
        /// The commit that had it.
        commit: String,
        /// The commit that took it back, where nothing but that commit says so.
        by: Option<String>,
    },
    /// (d): a commit in the history at hand has it, and the file does not.
    Dropped {
        /// The commit.
        commit: String,
        /// Whether the file is an earlier one of that commit: then the commit's has all of it.
        is_earlier: bool,
    },
    /// (d): the branch at hand had it and has it no more, and this still has it.
    Rewound(String),
    /// (d): no branch has it any more. The commit that had it, if the repository has that.
    Gone(Option<String>),
    /// (d): another clone on this device has it from this remote branch or put it there, and what this clone has got of that
    /// branch since lacks it.
    Withheld {
        /// The remote branch.
        branch: String,
        /// Another branch, remote branch or tag that has it here.
        holder: Option<String>,
    },
    /// (d): this repository does not know the commit at which it was seen.
    Unknown,
    /// (e): only a branch had it that is gone, or was rewritten, and that was never this one.
    BranchGone {
        /// The branch; none where the head was detached.
        branch: Option<String>,
        /// A commit that had it, if the repository has that.
        commit: Option<String>,
    },
}

impl Judged {
    /// The rule.
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
            // That another branch has it does not give it back to this one.
            (Some(holder), Some(_)) if git.withheld.is_some() && seen.concerns(here) => {
                let branch = git.withheld.clone().unwrap_or_default();
                Self::Withheld { branch, holder: Some(holder.clone()) }
            }
            (Some(holder), _) => Self::held(holder.clone(), seen, here, &git),
            (None, Some(clone)) => Self::of_other_clone(clone, seen, here, git),
            (None, None) => Self::nowhere(seen, here, git),
        }
    }

    /// Something still has it. That it is not on the very branch any more is in order if somebody here did that, by what
    /// this clone has written down, and no remote branch has taken it back.
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

    /// No branch, remote branch or tag has it.
    fn nowhere(seen: Seen<'_>, here: Here<'_>, git: Answers) -> Self {
        if let Remote::TakenBack(commit) = git.remote {
            return Self::Gone(Some(commit));
        }
        let (is_untold, was_on) = (git.remote == Remote::Untold, git.was_on(seen, here));
        let is_detached = seen.branch.is_none() && here.branch.is_none();
        let is_lost = match seen.is_own {
            // What was made here was published, for all that is known.
            true => was_on && is_untold,
            false => was_on || seen.is_main || (is_detached && is_untold),
        };
        let branch_gone = |commit| Self::BranchGone { branch: seen.branch.map(str::to_owned), commit };
        match seen.branch {
            _ if is_lost => Self::Gone(git.left),
            _ if !seen.is_own => branch_gone(git.left),
            // What was committed and is no more was taken back by whoever moved the branch here.
            Some(_) if seen.is_on(here) && (here.is_committed || git.left.is_some()) => Self::Undone,
            Some(_) if seen.is_on(here) => Self::Gone(None),
            Some(branch) if git.has_branch => Self::OtherWork(branch.to_owned()),
            None if !is_untold => Self::Undone,
            _ => branch_gone(git.left),
        }
    }

    /// Whether an ordinary branch has it.
    #[must_use]
    pub fn is_held(&self) -> bool {
        matches!(self, Self::Earlier(_) | Self::OtherLine(_))
    }

    /// The commit that was made here by hand and took it back.
    #[must_use]
    pub fn put_back_by(&self) -> Option<&str> {
        match self {
            Self::Reverted { by, .. } => by.as_deref(),
            _ => None,
        }
    }

    /// Whether it was only ever on a branch that is gone.
    #[must_use]
    pub fn is_branch_gone(&self) -> bool {
        matches!(self, Self::BranchGone { .. })
    }

    /// Whether something is missing that should be there.
    #[must_use]
    pub fn is_loss(&self) -> bool {
        matches!(self, Self::Dropped { .. } | Self::Rewound(_) | Self::Gone(_) | Self::Withheld { .. } | Self::Unknown)
    }

    /// Whether the file at hand is an earlier one of the history that has the newer one.
    #[must_use]
    pub fn is_earlier(&self) -> bool {
        matches!(self, Self::Earlier(_) | Self::OtherClone { is_earlier: true, .. })
    }
}

impl Answers {
    /// Whether it was on the branch at hand: it was seen there, or a commit at which that was has it.
    fn was_on(&self, seen: Seen<'_>, here: Here<'_>) -> bool {
        seen.is_on(here) || matches!(self.here, OnBranch::Moved | OnBranch::MovedByHand)
    }
}

impl Seen<'_> {
    /// Whether the branch at hand should have it: it is of that branch, or of the main one.
    fn concerns(&self, here: Here<'_>) -> bool {
        self.is_main || (self.branch.is_some() && self.branch == here.branch)
    }

    /// Whether it was seen on the branch at hand.
    fn is_on(&self, here: Here<'_>) -> bool {
        self.other_clone.is_none() && self.branch.is_some() && self.branch == here.branch
    }
}

#[cfg(test)]
mod tests;
