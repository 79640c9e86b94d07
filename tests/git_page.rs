//! docs/git.md is accurate: this test runs the commands of each console block, after two people have done what the
//! block is about.

use crate::people::{People, Person};
use crate::readme::{Step, compare, steps_of};

const PAGE: &str = include_str!("../docs/git.md");

/// The console blocks of the page, each with the number of lines above it.
fn blocks() -> Vec<(usize, &'static str)> {
    let mut blocks = Vec::new();
    let mut rest = PAGE;
    while let Some(start) = rest.find("```console\n") {
        rest = &rest[start..];
        let end = rest.find("\n```\n").unwrap() + "\n```\n".len();
        blocks.push((PAGE[..PAGE.len() - rest.len()].lines().count(), &rest[..end]));
        rest = &rest[end..];
    }
    blocks
}

/// Runs the commands of a block. If the page shows an error or a conflict, the command must fail. Ages such as "2 hours
/// ago" may differ.
fn is_true((above, block): (usize, &'static str), reader: Person<'_>) {
    for Step { line, command, expected, .. } in steps_of(block, &[""]) {
        let run = reader.shell(command);
        let fails = expected.iter().any(|line| line.starts_with("error: ") || line.starts_with("CONFLICT "));
        let expected: Vec<String> =
            expected.iter().map(|line| line.replace("2 hours ago", "...").replace("1 day ago", "...")).collect();
        compare("docs/git.md", above + line, command, expected.iter().map(String::as_str).collect(), &run);
        assert_eq!(run.code, i32::from(fails), "docs/git.md:{}: $ {command}: {run:?}", above + line);
    }
}

#[test]
fn every_command_of_the_git_page_works_as_shown() {
    let Some(people) = People::new(&["ben"], false) else { return };
    let (mia, ben) = (people.person("mia"), people.person("ben"));
    let blocks = blocks();
    assert_eq!(blocks.len(), 4, "the number of blocks in docs/git.md changed: set up each block here");

    // Both branches changed dev.
    mia.git("checkout -qb feature").saves("dev/TOKEN", "1");
    mia.git("checkout -q main").saves("dev/PORT", "2").saves("dev/DB_URL", "3");
    is_true(blocks[0], mia);
    mia.git("add .").git("merge --continue").git("push -q origin main");

    // One branch removed prod, and ben changed it on the other one.
    mia.git("checkout -q -B feature");
    mia.vault(&["env", "rm", "-y", "prod"]).ok();
    mia.git("commit -qam without");
    ben.git("pull -q").saves("prod/KEY", "new").git("push -q");
    mia.git("checkout -q main").git("pull -q");
    assert_eq!(mia.try_git("merge feature").code, 1);
    is_true(blocks[1], mia);
    mia.git("add .").git("merge --continue");

    // ben granted a right, and on the other branch he is no longer an admin.
    mia.vault(&["user", "role", "ben", "admin"]).ok();
    mia.git("commit -qam admin").git("push -q");
    ben.git("pull -q").git("checkout -qb bens");
    ben.vault(&["user", "add", "kim", "--read", "dev"]).ok();
    ben.git("commit -qam kim").git("push -q origin bens");
    mia.vault(&["user", "role", "ben", "member"]).ok();
    mia.git("commit -qam member").git("fetch -q").git("branch bens origin/bens");
    assert_eq!(mia.try_git("merge bens").code, 1);
    is_true(blocks[2], mia);
    mia.git("add .").git("merge --continue");

    // The file of ben, who may not read prod, is newer than his HEAD.
    mia.vault(&["user", "add", "zoe"]).ok();
    mia.vault(&["revoke", "ben", "prod"]).ok();
    mia.git("commit -qam zoe").git("push -q");
    ben.git("checkout -q main").git("pull -q");
    mia.vault(&["grant", "zoe", "dev:read"]).ok();
    mia.saves("prod/KEY", "newer").git("push -q");
    ben.git("fetch -q").git("checkout origin/main -- secrets.vault");
    ben.set("dev/DB_URL", "4").ok();
    ben.shell("echo sk_live_51HxAmple | vault set dev/STRIPE --kind api-key").ok();
    is_true(blocks[3], ben);
}
