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
    /// The newest commit elsewhere that has it, and a branch, remote branch or tag that has that commit.
    pub elsewhere: Option<(String, String)>,
    /// Whether the very file at hand is in the history of the commit at which it was seen; or of the one in `in_head`.
    pub is_earlier: bool,
    /// Whether the branch it was seen on is still there.
    pub has_branch: bool,
    /// A commit that had it, was given to others or was made here, and is in no branch any more.
    pub abandoned: Option<Abandoned>,
    /// The remote branch that gave it to the other clone, or took it from there, and of which this clone has got a state
    /// without it since.
    pub withheld: Option<String>,
}

/// A commit that is in no branch any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abandoned {
    /// The commit.
    pub commit: String,
    /// Whether a remote branch had it: then others have seen it.
    pub was_published: bool,
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
    /// (c): `git revert` took it back here. The commit that had it.
    Reverted(String),
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
    Withheld(String),
    /// (d): this repository does not know the commit at which it was seen.
    Unknown,
}

impl Judged {
    /// The rule.
    #[must_use]
    pub fn new(seen: Seen<'_>, here: Here<'_>, git: Answers) -> Self {
        let is_elsewhere = seen.other_clone.is_some() || here.branch.is_none() || here.branch != seen.branch;
        if !git.knows_commit && seen.other_clone.is_none() {
            return Self::Unknown;
        }
        if let Some(commit) = git.in_head {
            return match git.is_reverted {
                true => Self::Reverted(commit),
                false => Self::Dropped { commit, is_earlier: git.is_earlier },
            };
        }
        if let (Some(clone), None) = (seen.other_clone, &git.elsewhere) {
            return match (git.abandoned.filter(|lost| lost.was_published), git.withheld) {
                (Some(lost), _) => Self::Gone(Some(lost.commit)),
                (None, Some(branch)) => Self::Withheld(branch),
                (None, None) => Self::OtherClone { clone: clone.to_owned(), is_earlier: git.is_earlier },
            };
        }
        match (git.elsewhere, git.abandoned) {
            (Some((_, holder)), _) if is_elsewhere && git.is_earlier => Self::Earlier(holder),
            (Some((_, holder)), _) if is_elsewhere => Self::OtherLine(holder),
            (Some((_, holder)), _) => Self::Rewound(holder),
            (None, Some(lost)) if lost.was_published || !seen.is_own => Self::Gone(Some(lost.commit)),
            (None, _) if !seen.is_own => Self::Gone(None),
            (None, _) if is_elsewhere && git.has_branch => Self::OtherWork(seen.branch.unwrap_or_default().to_owned()),
            // On its own branch who undoes a commit does it on purpose; a branch that is gone may have been somebody else's.
            (None, Some(lost)) if is_elsewhere && seen.branch.is_some() => Self::Gone(Some(lost.commit)),
            (None, _) if here.is_committed => Self::Undone,
            (None, lost) => Self::Gone(lost.map(|lost| lost.commit)),
        }
    }

    /// Whether something is missing that should be there.
    #[must_use]
    pub fn is_loss(&self) -> bool {
        matches!(self, Self::Dropped { .. } | Self::Rewound(_) | Self::Gone(_) | Self::Withheld(_) | Self::Unknown)
    }

    /// Whether the file at hand is an earlier one of the history that has the newer one.
    #[must_use]
    pub fn is_earlier(&self) -> bool {
        matches!(self, Self::Earlier(_) | Self::OtherClone { is_earlier: true, .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "c0ffee";

    /// What git says where nothing is found.
    fn nothing() -> Answers {
        Answers { knows_commit: true, ..Answers::default() }
    }

    fn held(is_earlier: bool) -> Answers {
        Answers { elsewhere: Some((COMMIT.to_owned(), "refs/heads/main".to_owned())), is_earlier, ..nothing() }
    }

    fn in_head(is_reverted: bool) -> Answers {
        Answers { in_head: Some(COMMIT.to_owned()), is_reverted, is_earlier: true, ..nothing() }
    }

    fn abandoned(was_published: bool, has_branch: bool) -> Answers {
        Answers { abandoned: Some(Abandoned { commit: COMMIT.to_owned(), was_published }), has_branch, ..nothing() }
    }

    fn judge(seen: Option<&str>, is_own: bool, here: Option<&str>, is_committed: bool, git: Answers) -> Judged {
        Judged::new(Seen { branch: seen, other_clone: None, is_own }, Here { branch: here, is_committed }, git)
    }

    /// Every row of FORMAT 4, and both sides of every line between them.
    #[test]
    fn n1_n2_n4_each_row_is_what_it_should_be() {
        let (main, other, detached) = (Some("main"), Some("other"), None);
        let holder = || "refs/heads/main".to_owned();
        let commit = || COMMIT.to_owned();
        let gone = || Judged::Gone(Some(commit()));
        let dropped = || Judged::Dropped { commit: commit(), is_earlier: true };
        for is_own in [false, true] {
            for is_committed in [false, true] {
                let judge = |seen, here, git| judge(seen, is_own, here, is_committed, git);
                // (a), (b): on another branch, or detached, while something still has the newest.
                for here in [other, detached] {
                    assert_eq!(judge(main, here, held(true)), Judged::Earlier(holder()));
                    assert_eq!(judge(main, here, held(false)), Judged::OtherLine(holder()));
                    assert_eq!(judge(detached, here, held(true)), Judged::Earlier(holder()));
                }
                // (d): on the very branch.
                assert_eq!(judge(main, main, held(true)), Judged::Rewound(holder()));
                assert_eq!(judge(main, main, held(false)), Judged::Rewound(holder()));
                // (d): the history has it, wherever that is, unless it was taken back here.
                for here in [main, other, detached] {
                    assert_eq!(judge(main, here, in_head(false)), dropped());
                    assert_eq!(judge(main, here, in_head(true)), Judged::Reverted(commit()));
                }
                // (d): another repository.
                let unknown = Answers { knows_commit: false, ..held(true) };
                assert_eq!(judge(main, other, unknown), Judged::Unknown);
                // (d): others had it.
                for here in [main, other, detached] {
                    assert_eq!(judge(main, here, abandoned(true, true)), gone());
                    assert_eq!(judge(main, here, abandoned(true, false)), gone());
                }
            }
        }
        // (d): what somebody else made is nowhere any more.
        for is_committed in [false, true] {
            assert_eq!(judge(main, false, main, is_committed, nothing()), Judged::Gone(None));
            assert_eq!(
                judge(main, false, other, is_committed, Answers { has_branch: true, ..nothing() }),
                Judged::Gone(None)
            );
            assert_eq!(judge(main, false, main, is_committed, abandoned(false, true)), gone());
        }
        // (c): what was made here and never left it, if the file is that of the last commit.
        assert_eq!(judge(main, true, main, true, nothing()), Judged::Undone);
        assert_eq!(judge(main, true, main, true, abandoned(false, true)), Judged::Undone);
        assert_eq!(judge(detached, true, main, true, nothing()), Judged::Undone);
        assert_eq!(judge(main, true, main, false, nothing()), Judged::Gone(None));
        assert_eq!(judge(main, true, main, false, abandoned(false, true)), gone());
        // (b): it may still be there, in another work tree or a stash.
        for is_committed in [false, true] {
            let work = Answers { has_branch: true, ..nothing() };
            assert_eq!(judge(main, true, other, is_committed, work.clone()), Judged::OtherWork("main".to_owned()));
            assert_eq!(judge(main, true, detached, is_committed, work), Judged::OtherWork("main".to_owned()));
            // (d): its branch was deleted.
            assert_eq!(judge(main, true, other, is_committed, abandoned(false, false)), gone());
        }
    }

    #[test]
    fn n1_n4_what_was_seen_in_another_clone_is_another_branch_until_what_was_published_is_withheld() {
        let here = Here { branch: Some("main"), is_committed: true };
        let clone = "/other/.git";
        for is_own in [false, true] {
            let seen = Seen { branch: Some("main"), other_clone: Some(clone), is_own };
            let judge = |git: Answers| Judged::new(seen, here, git);
            let unknown = || Answers { knows_commit: false, ..nothing() };
            let other = |is_earlier| Judged::OtherClone { clone: clone.to_owned(), is_earlier };
            // It never came here, whether or not its commit did; and it is not undone.
            assert_eq!(judge(unknown()), other(false));
            assert_eq!(judge(nothing()), other(false));
            assert_eq!(judge(Answers { is_earlier: true, ..unknown() }), other(true));
            assert_eq!(judge(abandoned(false, true)), other(false));
            // Fetched and not merged yet.
            assert_eq!(judge(held(true)), Judged::Earlier("refs/heads/main".to_owned()));
            assert_eq!(judge(held(false)), Judged::OtherLine("refs/heads/main".to_owned()));
            // What this clone has, or had from others, and what was kept from it.
            assert_eq!(judge(in_head(false)), Judged::Dropped { commit: COMMIT.to_owned(), is_earlier: true });
            assert_eq!(judge(abandoned(true, true)), Judged::Gone(Some(COMMIT.to_owned())));
            let branch = || "refs/remotes/origin/main".to_owned();
            let withheld = judge(Answers { withheld: Some(branch()), ..unknown() });
            assert_eq!(withheld, Judged::Withheld(branch()));
            assert!(withheld.is_loss() && !other(false).is_loss());
        }
    }
}
