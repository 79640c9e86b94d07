//! Branches that are moved or deleted. If somebody in the clone did it, that is fine. If the host did it, vault warns.

use crate::people::People;

#[test]
fn n2_undoing_or_rewriting_a_merge_made_here_causes_no_warning() {
    let Some(people) = People::new(&["ben"], true) else { return };
    let (mia, ben) = (people.person("mia"), people.person("ben"));
    mia.git("checkout -qb feature").saves("dev/F", "feature").git("checkout -q main").saves("dev/G", "main");
    for command in ["merge -q --no-edit feature", "cherry-pick feature"] {
        mia.git(command).reads("dev/F", "feature").reads("dev/G", "main");
        mia.git("reset -q --hard HEAD~1").reads("dev/G", "main").saves("dev/H", command);
    }
    // A rebase flattens the history, which is then pushed.
    mia.git("merge -q --no-edit feature").reads("dev/F", "feature");
    ben.saves("dev/BEN", "ben").git("push -q");
    mia.git("pull -q --rebase").reads("dev/BEN", "ben").reads("dev/F", "feature").reads("dev/G", "main");
    mia.saves("dev/KEY", "on").git("push -q");
    // A pull is undone and repeated.
    ben.saves("dev/BEN", "2").git("pull -q --no-rebase --no-edit").reads("dev/KEY", "on");
    ben.git("reset -q --hard HEAD~1").reads("dev/KEY", "start").git("reset -q --hard origin/main");
    ben.reads("dev/BEN", "ben").saves("dev/BEN", "3").git("push -q");
    mia.git("pull -q").reads("dev/BEN", "3");
}

#[test]
fn n1_moving_a_branch_back_here_causes_no_warning_and_status_names_the_newest_branch() {
    let Some(people) = People::new(&["ben"], false) else { return };
    let (mia, ben) = (people.person("mia"), people.person("ben"));
    ben.saves("dev/KEY", "ben").git("push -q");
    mia.git("pull -q").reads("dev/KEY", "ben").git("reset -q --hard HEAD~1").reads("dev/KEY", "start");
    let status = mia.vault(&["status"]).ok().text();
    assert!(status.contains("another branch: origin/main has dev version 4"), "{status}");
    mia.git("merge -q --ff-only origin/main").reads("dev/KEY", "ben");
    // Work that was started on the wrong branch.
    mia.set("dev/KEY", "mia").ok();
    mia.git("checkout -qb feature").git("commit -qam feature").reads("dev/KEY", "mia");
    mia.git("checkout -q main").reads("dev/KEY", "ben");
}

#[test]
fn n4_what_a_host_dropped_is_named_however_the_local_branch_got_there() {
    // A rebase drops what the remote branch lost. A reset takes the remote's current state.
    for moves in ["pull -q --rebase", "fetch -q;rebase -q", "fetch -q;reset -q --hard origin/main"] {
        for is_kept in [false, true] {
            let Some(people) = People::new(&["ben"], true) else { return };
            let (mia, ben) = (people.person("mia"), people.person("ben"));
            let old = mia.at("HEAD");
            ben.saves("dev/KEY", "rotated").git("push -q");
            mia.git("pull -q").reads("dev/KEY", "rotated").codes("local");
            if is_kept {
                mia.git("branch keep");
            }
            people.host(&format!("update-ref refs/heads/main {old}"));
            for command in moves.split(';') {
                mia.git(command);
            }
            let has = if is_kept { "keep still has it" } else { "no branch has it" };
            mia.loses("dev version 4 by ben is missing from this file").loses(has);
        }
    }
}

#[test]
fn n4_a_host_that_deletes_and_recreates_main_hides_nothing() {
    for (is_own, is_kept) in [(false, false), (false, true), (true, false), (true, true)] {
        let Some(people) = People::new(&["ben"], false) else { return };
        let (mia, ben) = (people.person("mia"), people.person("ben"));
        let old = mia.at("HEAD");
        let writer = if is_own { mia } else { ben };
        writer.saves("dev/KEY", "rotated").git("push -q");
        mia.git("pull -q").reads("dev/KEY", "rotated");
        if is_kept {
            mia.git("branch keep");
        }
        people.host("symbolic-ref HEAD refs/heads/other");
        people.host("update-ref -d refs/heads/main");
        mia.git("fetch -q --prune");
        people.host(&format!("update-ref refs/heads/main {old}"));
        mia.git_later("fetch -q").git("reset -q --hard origin/main");
        mia.loses(if is_own { "dev version 4 by mia" } else { "dev version 4 by ben" });
    }
}

#[test]
fn n4_local_work_on_top_does_not_hide_what_a_host_dropped() {
    for is_merge in [false, true] {
        let Some(people) = People::new(&["ben"], true) else { return };
        let (mia, ben) = (people.person("mia"), people.person("ben"));
        let old = mia.at("HEAD");
        if is_merge {
            // mia sees ben's save only in git's merge of both.
            mia.saves("dev/OWN", "mia");
        }
        ben.saves("dev/KEY", "rotated").git("push -q");
        mia.git("pull -q --no-rebase --no-edit").reads("dev/KEY", "rotated");
        if !is_merge {
            mia.saves("dev/OWN", "mia").is_silent();
        }
        people.host(&format!("update-ref refs/heads/main {old}"));
        mia.git("fetch -q").git("reset -q --hard origin/main").loses("dev version 4 by ben is missing from this file");
    }
}

#[test]
fn n1_a_closed_pull_request_is_reported_once_and_does_not_prevent_saving() {
    let Some(people) = People::new(&["ben"], false) else { return };
    let (mia, ben) = (people.person("mia"), people.person("ben"));
    mia.git("checkout -qb pr").saves("dev/KEY", "try").saves("prod/KEY", "try").git("push -q -u origin pr");
    ben.git("fetch -q").git("checkout -q pr").reads("dev/KEY", "try").git("checkout -q main").reads("dev/KEY", "start");
    // Whether its author or the host closed it: a change that was never merged is not a loss for main.
    mia.git("push -q origin :pr").git("checkout -q main");
    ben.git("fetch -q --prune").is_silent().git("branch -qD pr");
    let what = "dev version 4 by mia and prod version 4 by mia, seen on pr, are gone: no branch has them";
    ben.is_told_once(what, "no branch has dev version 4, prod version 4, seen on pr");
    // The user's own work is treated alike, because the host may have dropped it.
    let hint = mia.git("branch -qD pr").is_told_once(what, "no branch has dev version 4, prod version 4, seen on pr");
    // The hint's command restores it.
    let command = hint.strip_prefix("if it is wanted: git ").unwrap().split(';').next().unwrap();
    mia.git(command).git("checkout -q pr").reads("dev/KEY", "try").git("checkout -q main").is_silent();
}

#[test]
fn n4_n5_a_removal_lost_with_its_branch_prevents_saving() {
    let Some(people) = People::new(&["ben", "zoe"], false) else { return };
    let (mia, ben) = (people.person("mia"), people.person("ben"));
    mia.git("checkout -qb pr");
    mia.vault(&["user", "rm", "-y", "zoe"]).ok();
    mia.git("commit -qam removed").git("push -q -u origin pr");
    ben.git("fetch -q").git("checkout -q pr").is_silent().git("checkout -q main").is_silent();
    people.host("update-ref -d refs/heads/pr");
    ben.git("fetch -q --prune").git("branch -qD pr");
    ben.vault(&["get", "dev/KEY"]).ok().says("(removed zoe by mia)").says("seen on pr, are gone");
    let save = ben.set("dev/KEY", "for zoe").fails(6);
    assert!(save.stderr.contains("seen on pr: mia removed zoe"), "{save:?}");
    // Somebody who checks the file and drops the removal can save again.
    let accept = save.stderr.split("vault verify --accept ").nth(1).unwrap().trim().to_owned();
    ben.vault(&["verify", "--accept", &accept]).ok();
    ben.saves("dev/KEY", "on").is_silent();
}

#[test]
fn n4_what_was_on_this_branch_or_its_upstream_is_a_loss_even_if_seen_on_a_deleted_branch() {
    for was_here in [false, true] {
        let Some(people) = People::new(&["ben"], false) else { return };
        let (mia, ben) = (people.person("mia"), people.person("ben"));
        let old = mia.at("HEAD");
        mia.git("checkout -qb pr").saves("dev/KEY", "rotated").git("push -q -u origin pr");
        ben.git("fetch -q").git("checkout -q pr").reads("dev/KEY", "rotated").git("checkout -q main");
        // The branch is merged, but vault doesn't read it before the host rewinds main and deletes the branch.
        mia.git("push -q origin pr:main");
        ben.git(if was_here { "pull -q" } else { "fetch -q" });
        people.host(&format!("update-ref refs/heads/main {old}"));
        people.host("update-ref -d refs/heads/pr");
        ben.git("fetch -q --prune").git("branch -qD pr").git("reset -q --hard origin/main");
        ben.loses("dev version 4 by mia is missing from this file: no branch has it");
    }
}

#[test]
fn n4_committing_an_unresolved_conflict_loses_what_the_other_side_had() {
    let Some(people) = People::new(&["ben", "zoe"], true) else { return };
    let (mia, ben, zoe) = (people.person("mia"), people.person("ben"), people.person("zoe"));
    zoe.saves("dev/KEY", "zoe").git("push -q");
    mia.saves("dev/KEY", "mia");
    // What was dropped on purpose or merged is fine.
    mia.try_git("pull -q --no-rebase --no-edit").fails(1);
    mia.git("merge --abort").reads("dev/KEY", "mia").saves("dev/MIA", "2");
    mia.try_git("pull -q --no-rebase --no-edit").fails(1);
    mia.vault(&["merge", "--ours", "dev/KEY"]).ok();
    mia.git("commit -qam merged").reads("dev/KEY", "mia").git("push -q");
    ben.git("pull -q").reads("dev/KEY", "mia").saves("dev/KEY", "ben").git("push -q");
    mia.saves("dev/KEY", "again").try_git("pull -q --no-rebase --no-edit").fails(1);
    // git leaves this side's file there, without markers.
    mia.git("commit -qam oops").loses("by ben is missing from this file");
}

#[test]
fn n4_n5_a_removal_dropped_by_a_committed_conflict_prevents_saving() {
    let Some(people) = People::new(&["ben", "zoe"], true) else { return };
    let (mia, ben) = (people.person("mia"), people.person("ben"));
    mia.vault(&["user", "rm", "-y", "zoe"]).ok();
    mia.git("commit -qam removal").git("push -q");
    ben.saves("dev/KEY", "ben").vault(&["env", "add", "own", "--private"]).ok();
    ben.git("commit -qam own");
    if ben.try_git("pull -q --no-rebase --no-edit").code == 0 {
        return;
    }
    ben.git("commit -qam oops");
    ben.set("dev/KEY", "for zoe").fails(6);
}
