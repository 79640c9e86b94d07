//! `verify --since` in shallow and bare clones.

use super::{commit, save, team};
use crate::forge::Team;
use crate::harness::{Run, finish};

/// Verifies in a clone of the team's repository, after running this git command in it.
fn in_a_clone(team: &Team, options: &[&str], then: &[&str], arguments: &[&str]) -> Run {
    let clone = team.sandbox.home().join("clone");
    let _ = std::fs::remove_dir_all(&clone);
    let origin = format!("file://{}", team.sandbox.project().display());
    team.sandbox.git(&[&["clone", "-q"], options, &[&origin, clone.to_str().unwrap()]].concat()).ok();
    team.sandbox.git(&[&["-C", clone.to_str().unwrap()], then].concat()).ok();
    let mut verify = team.sandbox.command(arguments);
    verify.current_dir(clone);
    finish(verify)
}

#[test]
fn in_a_shallow_clone_the_missing_fetch_is_suggested() {
    let team = team();
    team.sandbox.git(&["branch", "base"]).ok();
    for _ in 0..3 {
        save(&team, &team.ben, 1);
        commit(&team.sandbox, "more");
    }
    let fetch = ["fetch", "-q", "--depth", "1", "origin", "base:refs/remotes/origin/base"];
    let verify = ["verify", "--since", "origin/base"];
    // The file itself shows that it is a successor. The commits in between can't be read here.
    let run = in_a_clone(&team, &["--depth", "1"], &fetch, &verify).ok();
    let run = run.says("warning: this clone is shallow: commits between are missing");
    let run = run.says("git fetch --unshallow, or fetch-depth: 0");
    assert!(run.text().contains("environment dev: version 5 by ben"), "{run:?}");
    in_a_clone(&team, &["--depth", "1"], &fetch, &[&verify[..], &["--strict"]].concat()).fails(1);
    // As deep as necessary.
    let run = in_a_clone(&team, &["--depth", "4"], &["status"], &["verify", "--since", "HEAD~3"]).ok();
    assert!(!run.stderr.contains("shallow") && run.text().contains("versions 3 to 5 by ben"), "{run:?}");
    for _ in 0..2 {
        save(&team, &team.ben, 40);
        commit(&team.sandbox, "many");
    }
    let run = in_a_clone(&team, &["--depth", "1"], &fetch, &verify).fails(6);
    run.says("vault can't tell whether version 85").says("git fetch --deepen 1000, or fetch-depth: 0");
    let run = in_a_clone(&team, &["--depth", "1"], &["fetch", "-q", "--unshallow"], &["verify", "--since", "HEAD~2"]);
    run.ok();
}

#[test]
fn a_commit_can_be_verified_without_a_work_tree() {
    let team = team();
    save(&team, &team.ben, 1);
    commit(&team.sandbox, "two");
    let bare = team.sandbox.home().join("bare.git");
    team.sandbox.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]).ok();
    let run = |arguments: &[&str]| {
        let mut command = team.sandbox.command(arguments);
        command.current_dir(&bare);
        finish(command)
    };
    let text = run(&["verify", "--at", "main", "--since", "main~"]).ok().text();
    assert!(
        text.starts_with("secrets.vault at main: 6 roster changes, 2 environments, all signatures valid\n"),
        "{text}"
    );
    assert!(text.contains("environment dev: version 3 by ben"), "{text}");
    let back = run(&["verify", "--at", "main~", "--since", "main"]).fails(6);
    back.says("environment dev went back to version 2, and has lost version 3 by ben");
    run(&["--vault", "a/other.vault", "verify", "--at", "main"]).fails(3).says("main has no a/other.vault");
    run(&["--vault", "/secrets.vault", "verify", "--at", "main"]).fails(2);
    run(&["verify", "--at", "nowhere"]).fails(2);
    // In a work tree with any content.
    std::fs::write(team.sandbox.vault(), "no vault").unwrap();
    team.sandbox.run(["verify", "--at", "HEAD", "--since", "HEAD~"]).ok();
    team.sandbox.run(["verify", "--at", "HEAD", "--accept", "x"]).fails(2);
}
