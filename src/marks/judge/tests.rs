use super::*;

const COMMIT: &str = "c0ffee";

/// git's answers if nothing is found.
fn nothing() -> Answers {
    Answers { knows_commit: true, ..Answers::default() }
}

fn held(is_earlier: bool, remote: Remote) -> Answers {
    Answers { elsewhere: Some("refs/heads/main".to_owned()), is_earlier, remote, ..nothing() }
}

fn in_head(is_reverted: bool) -> Answers {
    Answers { in_head: Some(COMMIT.to_owned()), is_reverted, is_earlier: true, ..nothing() }
}

/// git's answers if only a commit without a branch had it.
fn left(remote: Remote, has_branch: bool) -> Answers {
    Answers { left: Some(COMMIT.to_owned()), has_branch, remote, ..nothing() }
}

fn taken_back() -> Remote {
    Remote::TakenBack(COMMIT.to_owned())
}

fn judge(seen: Option<&str>, is_own: bool, here: Option<&str>, is_committed: bool, git: Answers) -> Judged {
    let is_main = seen == Some("main");
    Judged::new(Seen { branch: seen, other_clone: None, is_own, is_main }, Here { branch: here, is_committed }, git)
}

const MAIN: Option<&str> = Some("main");
const OTHER: Option<&str> = Some("other");
const THIRD: Option<&str> = Some("third");
const DETACHED: Option<&str> = None;

/// Every rule that does not depend on who made the statement, on both sides of every border between the rules.
#[test]
fn n1_n2_n4_every_rule_gives_the_documented_result() {
    let holder = || "refs/heads/main".to_owned();
    let commit = || COMMIT.to_owned();
    let gone = || Judged::Gone(Some(commit()));
    let dropped = || Judged::Dropped { commit: commit(), is_earlier: true };
    for (is_own, is_committed) in [(false, false), (false, true), (true, false), (true, true)] {
        let judge = |seen, here, git| judge(seen, is_own, here, is_committed, git);
        // (a), (b): on another branch, or detached, while a reference still has the newest state.
        for here in [OTHER, DETACHED] {
            for remote in [Remote::Unknown, Remote::InOrder, taken_back()] {
                assert_eq!(judge(MAIN, here, held(true, remote.clone())), Judged::Earlier(holder()));
                assert_eq!(judge(MAIN, here, held(false, remote.clone())), Judged::OtherLine(holder()));
                assert_eq!(judge(DETACHED, here, held(true, remote)), Judged::Earlier(holder()));
            }
        }
        // On the same branch: (a), (b) if somebody moved it by hand and no remote branch has lost it; otherwise (d).
        for remote in [Remote::Unknown, Remote::InOrder, taken_back()] {
            for on_branch in [OnBranch::Unknown, OnBranch::Never, OnBranch::MovedByHand, OnBranch::Moved] {
                let answers = |is_earlier| Answers { here: on_branch, ..held(is_earlier, remote.clone()) };
                let is_by_hand = matches!(on_branch, OnBranch::Never | OnBranch::MovedByHand);
                let is_done_here = remote == Remote::InOrder && is_by_hand;
                let (earlier, line) = match is_done_here {
                    true => (Judged::Earlier(holder()), Judged::OtherLine(holder())),
                    false => (Judged::Rewound(holder()), Judged::Rewound(holder())),
                };
                assert_eq!(judge(MAIN, MAIN, answers(true)), earlier, "{remote:?} {on_branch:?}");
                assert_eq!(judge(OTHER, OTHER, answers(false)), line, "{remote:?} {on_branch:?}");
                // It was seen on another branch; only the reflog tells whether this branch had it.
                let was_here = matches!(on_branch, OnBranch::MovedByHand | OnBranch::Moved);
                let expected = if was_here { line } else { Judged::OtherLine(holder()) };
                assert_eq!(judge(OTHER, MAIN, answers(false)), expected, "{remote:?} {on_branch:?}");
            }
        }
        // (d): HEAD's history has it, on any branch, unless it was reverted in this clone.
        for here in [MAIN, OTHER, DETACHED] {
            assert_eq!(judge(MAIN, here, in_head(false)), dropped());
            assert_eq!(judge(MAIN, here, in_head(true)), Judged::Reverted { commit: commit(), by: None });
        }
        // (d): another repository.
        let unknown = Answers { knows_commit: false, ..held(true, Remote::InOrder) };
        assert_eq!(judge(MAIN, OTHER, unknown), Judged::Unknown);
        // (d): the remote branch of the current or the main branch had it and lost it.
        for (seen, here) in [(MAIN, MAIN), (MAIN, OTHER), (MAIN, DETACHED), (OTHER, MAIN), (DETACHED, DETACHED)] {
            for has_branch in [false, true] {
                assert_eq!(judge(seen, here, left(taken_back(), has_branch)), gone());
            }
        }
    }
}

fn branch_gone(branch: Option<&str>) -> Judged {
    Judged::BranchGone { branch: branch.map(str::to_owned), commit: Some(COMMIT.to_owned()) }
}

#[test]
fn n4_others_work_that_is_nowhere_is_a_loss_only_on_its_branch_and_on_main() {
    let gone = || Judged::Gone(Some(COMMIT.to_owned()));
    for is_committed in [false, true] {
        for (remote, has_branch) in [(Remote::Unknown, false), (Remote::InOrder, false), (Remote::InOrder, true)] {
            let judge = |seen, here| judge(seen, false, here, is_committed, left(remote.clone(), has_branch));
            for here in [MAIN, OTHER, DETACHED] {
                assert_eq!(judge(MAIN, here), gone(), "{here:?}");
            }
            assert_eq!(judge(OTHER, OTHER), gone());
            // (e): for example a closed pull request.
            for here in [MAIN, THIRD, DETACHED] {
                assert_eq!(judge(OTHER, here), branch_gone(OTHER), "{here:?}");
            }
            assert_eq!(judge(DETACHED, MAIN), branch_gone(DETACHED));
            // If HEAD was and is detached, only the reflogs can tell that it was never published.
            let expected = if remote == Remote::Unknown { gone() } else { branch_gone(DETACHED) };
            assert_eq!(judge(DETACHED, DETACHED), expected);
        }
        // What this branch had and no reference has is lost, whoever moved the branch and wherever it was seen.
        for on_branch in [OnBranch::MovedByHand, OnBranch::Moved] {
            let git = Answers { here: on_branch, ..left(Remote::InOrder, false) };
            assert_eq!(judge(OTHER, false, THIRD, is_committed, git), gone());
        }
        assert_eq!(judge(MAIN, false, MAIN, is_committed, nothing()), Judged::Gone(None));
    }
}

#[test]
fn n2_unpublished_local_work_was_undone_or_is_reported_with_its_branch() {
    let committed = |has_branch| left(Remote::InOrder, has_branch);
    let never_committed = || Answers { remote: Remote::InOrder, has_branch: true, ..nothing() };
    // (c): it was committed; or it was not, and the file is that of the last commit.
    for is_committed in [false, true] {
        assert_eq!(judge(MAIN, true, MAIN, is_committed, committed(true)), Judged::Undone);
        assert_eq!(judge(DETACHED, true, MAIN, is_committed, committed(false)), Judged::Undone);
        assert_eq!(judge(DETACHED, true, DETACHED, is_committed, committed(false)), Judged::Undone);
        // (b): it may still exist in another work tree or a stash.
        for here in [OTHER, DETACHED] {
            let work = judge(MAIN, true, here, is_committed, never_committed());
            assert_eq!(work, Judged::OtherWork("main".to_owned()));
        }
        // (e): its branch was deleted.
        assert_eq!(judge(OTHER, true, MAIN, is_committed, committed(false)), branch_gone(OTHER));
    }
    assert_eq!(judge(MAIN, true, MAIN, true, never_committed()), Judged::Undone);
    // (d): the file was overwritten with something else.
    assert_eq!(judge(MAIN, true, MAIN, false, never_committed()), Judged::Gone(None));
}

#[test]
fn n4_local_work_counts_as_published_unless_something_shows_otherwise() {
    let gone = Judged::Gone(Some(COMMIT.to_owned()));
    for is_committed in [false, true] {
        let judge = |seen, here| judge(seen, true, here, is_committed, left(Remote::Unknown, false));
        assert_eq!(judge(MAIN, MAIN), gone);
        assert_eq!(judge(OTHER, OTHER), gone);
        assert_eq!(judge(OTHER, MAIN), branch_gone(OTHER));
        assert_eq!(judge(DETACHED, MAIN), branch_gone(DETACHED));
    }
}

#[test]
fn n1_n4_a_state_seen_in_another_clone_is_another_branch_unless_published_work_is_withheld() {
    let here = Here { branch: Some("main"), is_committed: true };
    let clone = "/other/.git";
    for is_own in [false, true] {
        let seen = Seen { branch: Some("main"), other_clone: Some(clone), is_own, is_main: true };
        let judge = |git: Answers| Judged::new(seen, here, git);
        let unknown = || Answers { knows_commit: false, ..nothing() };
        let other = |is_earlier| Judged::OtherClone { clone: clone.to_owned(), is_earlier };
        // It never reached this clone, even if its commit did. It was not undone.
        assert_eq!(judge(unknown()), other(false));
        assert_eq!(judge(nothing()), other(false));
        assert_eq!(judge(Answers { is_earlier: true, ..unknown() }), other(true));
        assert_eq!(judge(left(Remote::Unknown, true)), other(false));
        // It was fetched and not merged yet.
        let holder = || "refs/heads/main".to_owned();
        assert_eq!(judge(held(true, Remote::Unknown)), Judged::Earlier(holder()));
        assert_eq!(judge(held(false, taken_back())), Judged::OtherLine(holder()));
        // This clone has it; this clone had it from a remote branch; a remote branch withholds it.
        assert_eq!(judge(in_head(false)), Judged::Dropped { commit: COMMIT.to_owned(), is_earlier: true });
        assert_eq!(judge(left(taken_back(), true)), Judged::Gone(Some(COMMIT.to_owned())));
        let branch = || "refs/remotes/origin/main".to_owned();
        let git = Answers { withheld: Some(branch()), ..unknown() };
        // On a branch that is neither the current nor the main one, it counts as gone with its branch.
        let on_other = Seen { branch: OTHER, is_main: false, ..seen };
        let gone = Judged::BranchGone { branch: OTHER.map(str::to_owned), commit: None };
        assert_eq!(Judged::new(on_other, here, git.clone()), gone);
        let withheld = judge(git);
        assert_eq!(withheld, Judged::Withheld { branch: branch(), holder: None });
        assert!(withheld.is_loss() && !other(false).is_loss());
        // If the host keeps it on another branch, only the way to get it back differs.
        let git = Answers { withheld: Some(branch()), ..held(false, Remote::Unknown) };
        assert_eq!(judge(git.clone()), Judged::Withheld { branch: branch(), holder: Some(holder()) });
        assert_eq!(Judged::new(on_other, here, git), Judged::OtherLine(holder()));
    }
}
