//! A `git revert` in this clone causes no warning, because its reflog proves it. A commit that only looks like a revert
//! does.

use crate::people::{People, Person};

/// ben's save, which mia fetched and reverts.
fn pulled(people: &People) -> Person<'_> {
    let (mia, ben) = (people.person("mia"), people.person("ben"));
    ben.saves("dev/KEY", "wrong").git("push -q");
    *mia.git("pull -q").reads("dev/KEY", "wrong")
}

#[test]
fn n2_a_revert_causes_no_warning_even_of_a_merge_amended_rebased_or_uncommitted() {
    let Some(people) = People::new(&["ben"], true) else { return };
    let mia = pulled(&people);
    mia.git("revert --no-commit HEAD").reads("dev/KEY", "start").git("revert --abort").reads("dev/KEY", "wrong");
    mia.git("revert --no-edit HEAD").reads("dev/KEY", "start");
    mia.git("commit -q --amend -m again").reads("dev/KEY", "start");
    // Others changed something else.
    people.person("ben").codes("other").git("push -q");
    mia.git("pull -q --rebase").reads("dev/KEY", "start");
    mia.saves("dev/KEY", "right").git("push -q");
    people.person("ben").git("pull -q").reads("dev/KEY", "right");
    // git's merge of saves on both sides.
    mia.git("checkout -qb other").saves("dev/A", "a").git("checkout -q main").saves("dev/B", "b");
    mia.git("merge -q --no-edit other").reads("dev/A", "a");
    mia.git("revert --no-edit -m 1 HEAD").reads("dev/B", "b");
    mia.saves("dev/KEY", "after").reads("dev/KEY", "after");
}

#[test]
fn n4_a_commit_by_others_that_claims_to_be_a_revert_still_causes_a_warning() {
    let Some(people) = People::new(&["ben", "eve"], false) else { return };
    let (mia, eve) = (pulled(&people), people.person("eve"));
    eve.git("pull -q").git("checkout -q HEAD~1 -- secrets.vault");
    eve.write("message", "Revert \"save\"");
    eve.git("commit -qF message --author=mia<mia@example.com>").git("push -q");
    mia.git("pull -q").loses("dev version 5 by ben is missing from this file, though commit");
    // Not even if it is amended here, picked and committed, or rebased.
    mia.git("commit -q --amend --no-edit").loses("dev version 5 by ben is missing");
    mia.git("reset -q --hard HEAD~1").reads("dev/KEY", "wrong").git("cherry-pick --no-commit origin/main");
    mia.git("commit -q --no-edit").loses("dev version 5 by ben is missing");
    mia.git("reset -q --hard HEAD~1").codes("more").git("rebase -q --onto HEAD origin/main~1 origin/main");
    mia.git("checkout -q -B main").loses("dev version 5 by ben is missing");
}

#[test]
fn n4_a_revert_on_another_branch_does_not_excuse_a_rollback_of_main() {
    let Some(people) = People::new(&["ben", "eve"], false) else { return };
    let (mia, eve) = (pulled(&people), people.person("eve"));
    mia.git("checkout -qb try").git("revert --no-edit HEAD").reads("dev/KEY", "start").git("checkout -q main");
    // The same state that mia had, with git's own message.
    eve.git("pull -q").git("checkout -q HEAD~1 -- secrets.vault").write("message", "Revert \"save\"");
    eve.git("commit -qF message --author=mia<mia@example.com>").git("push -q");
    mia.codes("local").git("pull -q --rebase").loses("dev version 5 by ben is missing from this file, though commit");
    // Nor does an unfinished revert of something else.
    mia.git("revert --no-commit HEAD").loses("dev version 5 by ben is missing from this file, though commit");
}

#[test]
fn n2_a_revert_committed_separately_causes_no_warning_but_a_copy_by_others_does() {
    let Some(people) = People::new(&["ben", "eve"], true) else { return };
    let (mia, eve) = (pulled(&people), people.person("eve"));
    mia.git("revert --no-commit HEAD").git("commit -q --no-edit").reads("dev/KEY", "start");
    mia.git("commit -q --amend --no-edit").reads("dev/KEY", "start").git("reset -q --hard HEAD~1");
    mia.reads("dev/KEY", "wrong");
    // The same message, word for word, in somebody else's commit that is picked.
    eve.git("pull -q").git("checkout -q HEAD~1 -- secrets.vault");
    eve.write("message", &format!("Revert \"save\"\n\nThis reverts commit {}.\n", mia.at("HEAD")));
    eve.git("commit -qF message").git("push -q");
    mia.git("fetch -q").git("cherry-pick --no-commit origin/main").git("commit -q --no-edit");
    mia.loses("dev version 5 by ben is missing from this file, though commit");
}

#[test]
fn n2_a_revert_with_a_custom_message_is_reported_once_and_is_not_a_loss() {
    let Some(people) = People::new(&["ben", "eve"], false) else { return };
    let (mia, ben, eve) = (pulled(&people), people.person("ben"), people.person("eve"));
    // Somebody else's old file is a loss, whoever commits it.
    eve.git("pull -q").git("checkout -qb fix").git("checkout -q HEAD~1 -- secrets.vault");
    eve.git("commit -qm fix").git("push -q origin fix");
    mia.git("fetch -q").git("merge -q --squash origin/fix").git("commit -qm fix");
    mia.loses("dev version 5 by ben is missing from this file, though commit").git("reset -q --hard HEAD~1");
    // So is the other side of a squash merge.
    ben.git("checkout -qb old HEAD~1").saves("dev/OWN", "old").git("push -q origin old").git("checkout -q main");
    mia.git("fetch -q");
    assert_eq!(mia.try_git("merge -q --squash origin/old").code, 1);
    mia.git("checkout -q --theirs secrets.vault").git("commit -qam old");
    mia.loses("dev version 5 by ben is missing from this file, though commit");

    let Some(people) = People::new(&["ben"], false) else { return };
    let (mia, ben) = (pulled(&people), people.person("ben"));
    mia.codes("more").git("revert --no-commit HEAD~1").git("commit -qm undone");
    let run = mia.vault(&["get", "dev/KEY"]).ok();
    let commit = mia.at("HEAD")[..10].to_owned();
    run.says(&format!("warning: dev version 4 by ben was taken back by commit {commit}, which was made here"))
        .says("hint: to get it back: git checkout ");
    mia.reads("dev/KEY", "start").git("commit -q --amend -m again").reads("dev/KEY", "start");
    mia.saves("dev/KEY", "right").git("push -q");
    ben.git("pull -q").reads("dev/KEY", "right");
}

#[test]
fn n4_a_revert_excuses_a_merge_only_if_it_is_on_the_merged_branch() {
    let Some(people) = People::new(&["ben", "eve"], true) else { return };
    let (mia, eve) = (pulled(&people), people.person("eve"));
    mia.git("checkout -qb try").git("revert --no-edit HEAD").git("checkout -q main").saves("dev/OWN", "mia");
    eve.git("pull -q").git("checkout -q HEAD~1 -- secrets.vault").git("commit -qm old").git("push -q");
    let merge = mia.try_git("pull -q --no-rebase --no-edit");
    assert_eq!(merge.code, 0, "{merge:?}");
    mia.reads("dev/KEY", "wrong").reads("dev/OWN", "mia");
    mia.git("reset -q --hard HEAD~1").codes("more");
    // The revert counts if it was made here, on the branch that is merged.
    mia.git("checkout -q try").git("rebase -q main~1").git("checkout -q main");
    mia.git("merge -q --no-edit try").reads("dev/KEY", "start").reads("dev/OWN", "mia");
}
