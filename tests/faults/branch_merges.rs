//! Merges that git made without vault, or in which somebody took one side whole: the clone that merged is warned about
//! what the other side had, although nobody there has ever seen it.

use crate::people::{People, Person};
use crate::unlocked::until;

/// ben has saved KEY and pushed. mia has saved OWN and fetched, and nobody has read ben's save in mia's clone.
fn both_saved<'a>(people: &'a People) -> Person<'a> {
    let (mia, ben) = (people.person("mia"), people.person("ben"));
    ben.saves("dev/KEY", "ben").git("push -q");
    // Blocks saved in the same second have a line in common, and git would combine the file from both there.
    let second = || std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let saved = second();
    until("the next second", || second() > saved);
    *mia.saves("dev/OWN", "mia").git("fetch -q")
}

/// Runs git commands separated by semicolons. A command after `try` may fail.
#[track_caller]
fn run_git(person: Person<'_>, commands: &str) {
    for command in commands.split(';') {
        match command.strip_prefix("try ") {
            Some(command) => drop(person.try_git(command)),
            None => drop(person.git(command)),
        }
    }
}

/// Runs the command in the hint about a loss.
#[track_caller]
fn follows_the_hint(person: Person<'_>) {
    let run = person.vault(&["get", "dev/KEY"]).ok();
    let hint = run.stderr.split("hint: to get it back: vault ").nth(1).unwrap().split(';').next().unwrap();
    person.vault(&hint.split(' ').collect::<Vec<_>>()).ok();
}

#[test]
fn n4_taking_one_side_whole_names_what_the_other_had_and_how_to_restore_it() {
    for how in [
        "merge -q --no-edit -X ours origin/main",
        "merge -q --no-edit -s ours origin/main",
        "try merge -q origin/main;checkout -q --ours secrets.vault;commit -qam merged",
        "try merge -q origin/main;checkout -q --ours secrets.vault;add .;merge --continue",
        "pull -q --no-rebase --no-edit -s ours",
        "rebase -q -X theirs origin/main",
        "pull -q --rebase -X theirs",
        "branch other HEAD~1;merge -q --no-edit -s ours origin/main other",
        "merge -q --no-edit -s ours origin/main;commit -q --amend -m amended",
        // By way of a branch that is gone, on which nobody read the vault either.
        "checkout -qb topic;merge -q --no-edit -s ours origin/main;checkout -q main;merge -q topic;branch -qd topic",
        "worktree add -q ../topic;-C ../topic merge -q --no-edit -s ours origin/main;merge -q topic",
    ] {
        let Some(people) = People::new(&["ben"], false) else { return };
        let mia = both_saved(&people);
        run_git(mia, how);
        // A later commit hides nothing.
        mia.codes("more").loses("dev version 4 by ben is missing from this file, though commit");
        follows_the_hint(mia);
        mia.reads("dev/KEY", "ben").reads("dev/OWN", "mia").git("commit -qam both");
        mia.saves("dev/KEY", "on").git("push -q");
        people.person("ben").git("pull -q").reads("dev/KEY", "on").reads("dev/OWN", "mia");
    }
}

#[test]
fn n4_what_an_unfinished_merge_or_rebase_dropped_is_named_before_the_commit() {
    for how in [
        "try merge -q origin/main;checkout -q --ours secrets.vault;add .",
        "merge -q --no-commit -s ours origin/main",
        // In a rebase, "ours" is the branch that is rebased onto.
        "try rebase -q origin/main;checkout -q --theirs secrets.vault;add .",
    ] {
        let Some(people) = People::new(&["ben"], false) else { return };
        let mia = both_saved(&people);
        run_git(mia, how);
        mia.loses("dev version 4 by ben is missing from this file, though commit");
        follows_the_hint(mia);
        mia.reads("dev/KEY", "ben").reads("dev/OWN", "mia").git("add .");
        mia.git(if how.contains("rebase") { "rebase --continue" } else { "commit -qm both" });
        mia.saves("dev/KEY", "on").reads("dev/OWN", "mia");
    }
}

#[test]
fn n2_an_aborted_merge_leaves_no_trace_and_a_complete_one_causes_no_warning() {
    let Some(people) = People::new(&["ben"], false) else { return };
    let mia = both_saved(&people);
    mia.git("branch topic origin/main");
    assert_eq!(mia.try_git("merge -q topic").code, 1);
    mia.git("checkout -q --ours secrets.vault").git("add .").loses("dev version 4 by ben is missing");
    mia.git("merge --abort").reads("dev/OWN", "mia").git("branch -qD topic").reads("dev/OWN", "mia");
    mia.saves("dev/OWN", "goes on").reads("dev/OWN", "goes on");
    assert_eq!(mia.try_git("rebase -q origin/main").code, 1);
    mia.git("rebase --abort").reads("dev/OWN", "goes on");
    assert_eq!(mia.try_git("merge -q origin/main").code, 1);
    mia.vault(&["merge"]).ok();
    mia.reads("dev/KEY", "ben").git("add .").reads("dev/OWN", "goes on").git("commit -qm both").reads("dev/KEY", "ben");
}

#[test]
fn two_writers_who_revoked_each_others_write_access_keep_one_file_as_the_hint_says() {
    let Some(people) = People::new(&["ben"], false) else { return };
    let (mia, ben) = (people.person("mia"), people.person("ben"));
    mia.vault(&["user", "role", "ben", "admin"]).ok();
    mia.git("commit -qam admin").git("push -q");
    ben.git("pull -q");
    mia.vault(&["grant", "ben", "dev:read"]).ok();
    mia.git("commit -qam lowered").git("push -q");
    ben.vault(&["grant", "mia", "dev:read"]).ok();
    ben.git("commit -qam lowered").git("fetch -q");
    assert_eq!(ben.try_git("merge -q origin/main").code, 1);
    let hint = "git checkout --ours -- FILE && git add FILE";
    ben.vault(&["merge"]).fails(1).says("one side took the right to write dev from ben").says(hint);
    ben.git("checkout -q --ours -- secrets.vault").git("add secrets.vault").loses("granted ben dev:read by mia");
    let run = ben.vault(&["get", "dev/KEY"]).ok();
    let accept = run.stderr.split("vault verify ").nth(1).unwrap().trim();
    ben.vault(&[&["verify"][..], &accept.split(' ').collect::<Vec<_>>()].concat()).ok();
    ben.is_silent().git("commit -qm kept").saves("dev/KEY", "on").vault(&["grant", "mia", "dev:write"]).ok();
}

/// ben, an admin, and mia have both changed users or rights. He pulls from her clone, which none of his branches knows.
#[test]
fn n2_an_unmerged_pull_from_another_clone_leaves_ones_own_roster_unchanged() {
    let Some(people) = People::new(&["ben"], false) else { return };
    let (mia, ben) = (people.person("mia"), people.person("ben"));
    mia.vault(&["user", "role", "ben", "admin"]).ok();
    mia.git("commit -qam admin").git("push -q");
    ben.git("pull -q").reads("dev/KEY", "start");
    mia.vault(&["env", "add", "stage"]).ok();
    mia.git("commit -qam stage");
    ben.vault(&["user", "add", "zoe", "--read", "dev"]).ok();
    ben.git("commit -qam zoe");
    assert_eq!(ben.try_git("pull -q --no-rebase ../mia main").code, 1);
    ben.vault(&["merge", "--ours", "dev/NONE"]).fails(3);
    ben.git("merge --abort").is_silent().saves("dev/OWN", "goes on").is_silent();
    // Something that only one side of a merge lacks is not missing.
    assert_eq!(ben.try_git("pull -q --no-rebase ../mia main").code, 1);
    let merge = ben.vault(&["merge"]).ok();
    assert!(!merge.stderr.contains("missing"), "{merge:?}");
    ben.git("commit -qam both").is_silent().saves("dev/OWN", "on").is_silent();
}

#[test]
fn n4_n5_a_removal_or_environment_of_the_other_side_is_not_dropped_silently() {
    let Some(people) = People::new(&["ben", "zoe"], false) else { return };
    let (mia, ben, zoe) = (people.person("mia"), people.person("ben"), people.person("zoe"));
    mia.vault(&["user", "rm", "-y", "zoe"]).ok();
    mia.git("commit -qam removal").git("push -q");
    ben.saves("dev/KEY", "ben").git("fetch -q").git("merge -q --no-edit -s ours origin/main");
    ben.set("dev/KEY", "for zoe").fails(6).says("(removed zoe by mia)");
    follows_the_hint(ben);
    ben.saves("dev/KEY", "not for zoe").git("push -q");
    zoe.git("pull -q").vault(&["get", "dev/KEY"]).fails(4);
    // Only users and rights.
    mia.git("pull -q").vault(&["env", "add", "stage"]).ok();
    mia.git("commit -qam stage").git("push -q");
    ben.codes("more").git("fetch -q").git("merge -q --no-edit -s ours origin/main");
    ben.set("dev/KEY", "lost").fails(6).says("stage");
}

#[test]
fn n1_merges_that_drop_nothing_cause_no_warning() {
    let Some(people) = People::new(&["ben"], false) else { return };
    let (mia, ben) = (people.person("mia"), people.person("ben"));
    // Changes of different environments, which git merges by lines, and a merge of code.
    ben.saves("prod/KEY", "ben").git("push -q");
    mia.saves("dev/KEY", "mia").git("pull -q --no-rebase --no-edit").reads("prod/KEY", "ben").git("push -q");
    ben.codes("ben").git("pull -q --no-rebase --no-edit").reads("dev/KEY", "mia").git("push -q");
    mia.git("pull -q").reads("dev/KEY", "mia");
    // A merge that is undone by a reset or a revert before anybody reads the vault.
    ben.saves("prod/KEY", "again").git("push -q");
    mia.saves("dev/KEY", "2").git("pull -q --no-rebase --no-edit").git("reset -q --hard HEAD~1").reads("dev/KEY", "2");
    mia.git("pull -q --no-rebase --no-edit").git("revert --no-edit -m 1 HEAD").reads("dev/KEY", "2");
    mia.saves("prod/KEY", "on").git("push -q");
    // A branch with an invalid vault, and one without a vault.
    ben.git("pull -q").reads("prod/KEY", "on").git("checkout -q --orphan empty").git("rm -rqf .").codes("other");
    ben.git("checkout -q -b damaged main").write("secrets.vault", "damaged");
    ben.git("commit -qam damaged").git("checkout -q main");
    ben.git("merge -q --no-edit -s ours --allow-unrelated-histories empty damaged").reads("prod/KEY", "on");
}

#[test]
fn n2_a_merge_that_dropped_something_and_is_undone_leaves_no_trace() {
    for is_set_up in [false, true] {
        let Some(people) = People::new(&["ben"], is_set_up) else { return };
        let (mia, ben) = (people.person("mia"), people.person("ben"));
        for is_looked_at in [false, true] {
            // The same value, set again within the same second, couldn't be told from the earlier one.
            let (value, own) = if is_looked_at { ("ben 2", "mia 2") } else { ("ben", "mia") };
            ben.saves("dev/KEY", value).git("push -q");
            assert_eq!(mia.saves("dev/KEY", own).try_git("pull -q --no-rebase --no-edit").code, 1);
            mia.git("checkout -q --ours secrets.vault").git("commit -qam oops");
            if is_looked_at {
                mia.loses("by ben is missing from this file, though commit");
            }
            mia.git("reset -q --hard HEAD~1").reads("dev/KEY", own).saves("dev/OWN", "goes on").is_silent();
            // In the end, it is merged.
            assert_eq!(mia.try_git("merge -q --no-edit origin/main").code, 1);
            mia.vault(&["merge", "--theirs", "dev/KEY"]).ok();
            mia.git("commit -qam merged").reads("dev/KEY", value).git("push -q");
            ben.git("pull -q").reads("dev/OWN", "goes on");
        }
    }
}

#[test]
fn n4_a_clone_without_reflogs_names_what_a_merge_dropped() {
    let Some(people) = People::new(&["ben"], false) else { return };
    let mia = people.person("mia");
    mia.git("config core.logAllRefUpdates false").removes(".git/logs");
    both_saved(&people).git("merge -q --no-edit -s ours origin/main");
    mia.loses("dev version 4 by ben is missing from this file, though commit");
    follows_the_hint(mia);
    mia.reads("dev/KEY", "ben").reads("dev/OWN", "mia");
}

/// Each user has merged the other's branch and decided against the other's value.
#[test]
fn n4_opposite_decisions_on_two_branches_are_a_conflict_when_both_are_merged() {
    for is_set_up in [false, true] {
        let Some(people) = People::new(&["ben"], is_set_up) else { return };
        let (mia, ben) = (people.person("mia"), people.person("ben"));
        for (person, branch) in [(mia, "x"), (ben, "y")] {
            let name = if branch == "x" { "mia" } else { "ben" };
            person
                .git(&format!("checkout -qb {branch}"))
                .saves("dev/KEY", name)
                .git(&format!("push -q origin {branch}"));
        }
        for (person, other) in [(mia, "y"), (ben, "x")] {
            person.git("fetch -q origin y x");
            assert_eq!(person.try_git(&format!("merge -q origin/{other}")).code, 1);
            person.vault(&["merge", "--ours", "dev/KEY"]).ok();
            person.git("commit -qam decided");
        }
        ben.git("push -q origin y");
        mia.git("fetch -q origin");
        assert_eq!(mia.try_git("merge -q origin/y").code, 1);
        mia.vault(&["merge"]).fails(1).says("dev/KEY: both sides changed its value");
        mia.vault(&["merge", "--theirs", "dev/KEY"]).ok();
        mia.git("commit -qam both").reads("dev/KEY", "ben");
    }
}
