//! Ten ordinary days of three honest people cause no warning and no refusal, and nothing is lost: N1, N2.

use crate::people::{People, Person};

/// The steps of each person. `save` sets an item and commits, `set` does not commit, `sync` pulls main, merges and
/// pushes it, and `look` reads. Everything else is a git command.
const DAYS: [&str; 10] = [
    // Each person has a feature branch. One is merged by fast-forward and deleted.
    "mia: checkout -qb api; mia: save dev/API 1; mia: save prod/API 1; ben: save dev/BEN 1; ben: sync;
     mia: checkout -q main; mia: merge -q --no-edit api; mia: branch -qd api; mia: look; mia: sync; eve: sync",
    // Saves on both sides of a rebase of three commits, and a push of the result.
    "eve: checkout -qb eve; eve: save dev/EVE 1; eve: save prod/EVE 1; eve: save dev/EVE 2; ben: save dev/BEN 2; ben: sync;
     eve: fetch -q; eve: rebase -q origin/main; eve: look; eve: checkout -q main; eve: merge -q --no-edit eve; eve: sync",
    // A stash that is applied to another branch, and work that is thrown away.
    "ben: set dev/BEN 3; ben: stash -q; ben: look; ben: checkout -qb ben; ben: save prod/BEN 1; ben: stash pop -q; ben: look;
     ben: commit -qam work; mia: set dev/API 9; mia: look; mia: checkout -q -- secrets.vault; mia: look; mia: save dev/API 2",
    // A merge of main into a branch, which is undone and repeated.
    "mia: sync; ben: fetch -q; ben: merge -q --no-edit origin/main; ben: look; ben: reset -q --hard HEAD~1; ben: look;
     ben: merge -q --no-edit origin/main; ben: save dev/BEN 4; ben: look; ben: checkout -q main; ben: look",
    // The pull request is squashed, and its branch is deleted locally and on the host.
    "ben: push -q origin ben; ben: pull -q; ben: merge -q --squash ben; ben: commit -qm squashed; ben: look; ben: sync;
     ben: push -q origin :ben; ben: branch -qD ben; ben: look; mia: fetch -q --prune; mia: sync; eve: sync",
    // Commits are picked and reverted, and a value is corrected.
    "eve: checkout -q eve; eve: save dev/EVE 3; eve: checkout -q main; eve: cherry-pick eve; eve: look; eve: sync;
     mia: sync; mia: save dev/API 7; mia: look; mia: revert --no-edit HEAD; mia: look; mia: save dev/API 3; mia: sync",
    // A commit is amended, and another one is split and made again.
    "eve: sync; eve: save dev/EVE 4; eve: set dev/EVE 5; eve: commit -qa --amend --no-edit; eve: look; ben: sync;
     ben: save dev/BEN 5; ben: save prod/BEN 2; ben: reset -q --soft HEAD~2; ben: look; ben: commit -qm both; ben: look",
    // Pulls with rebase, with saves on both sides.
    "ben: pull -q --rebase; ben: push -q; eve: pull -q --rebase; eve: look; eve: push -q; mia: save prod/API 2;
     mia: pull -q --rebase; mia: look; mia: push -q; ben: pull -q --rebase; ben: look",
    // People check out old commits: a tag, a bisect, another branch.
    "mia: tag v1 HEAD~4; mia: checkout -q v1; mia: look; mia: checkout -q main; mia: look; ben: bisect start -q HEAD HEAD~4;
     ben: look; ben: bisect good; ben: look; ben: bisect reset; ben: look; eve: sync; eve: checkout -q eve; eve: look",
    // A branch is used after a merge, rebased, and deleted.
    "eve: merge -q --no-edit main; eve: save dev/EVE 6; mia: save dev/API 4; mia: sync; eve: fetch -q; eve: rebase -q origin/main;
     eve: look; eve: checkout -q main; eve: pull -q --rebase; eve: merge -q --no-edit eve; eve: branch -q -D eve; eve: look; eve: sync;
     mia: sync; ben: sync",
];

/// Runs one step of a person.
fn does(person: Person<'_>, what: &str) {
    let words: Vec<&str> = what.split(' ').collect();
    match words[..] {
        ["save", name, value] => _ = person.saves(name, value),
        ["set", name, value] => {
            let run = person.set(name, value).ok();
            assert!(!run.stderr.contains("warning"), "{run:?}");
        }
        ["sync"] => {
            person.git("checkout -q main").git("pull -q --no-rebase --no-edit").is_silent();
            person.git("push -q origin main");
        }
        ["look"] => _ = person.is_silent(),
        _ => _ = person.git(what),
    }
}

#[test]
fn n1_n2_ten_ordinary_days_of_three_honest_people_cause_no_warning_and_no_loss() {
    let Some(people) = People::new(&["ben", "eve"], true) else { return };
    for (number, day) in DAYS.iter().enumerate() {
        for step in day.split(';').map(str::trim) {
            println!("day {}: {step}", number + 1);
            let (name, what) = step.split_once(": ").unwrap();
            does(people.person(name), what);
        }
    }
    for name in ["mia", "ben", "eve"] {
        for (item, value) in [
            ("dev/API", "4"),
            ("prod/API", "2"),
            ("dev/BEN", "5"),
            ("prod/BEN", "2"),
            ("dev/EVE", "6"),
            ("prod/EVE", "1"),
            ("dev/KEY", "start"),
        ] {
            people.person(name).reads(item, value);
        }
        let status = people.person(name).vault(&["status"]).ok().text();
        assert!(!status.contains("another branch") && !status.contains("no branch"), "{status}");
    }
}
