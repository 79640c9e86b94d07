//! Merges that git makes with the driver.

use super::{repository, with_program};
use crate::harness::{Run, Sandbox, finish};

/// Runs git as this person, with the program in PATH, in a directory next to the project.
fn git_in(sandbox: &Sandbox, directory: &str, arguments: &[&str]) -> Run {
    let identity = ["-c", "user.name=mia", "-c", "user.email=mia@example.com"];
    let mut command = with_program(sandbox.other("git", identity.iter().chain(arguments)));
    command.current_dir(sandbox.project().join(directory));
    finish(command)
}

/// Sets an item in that directory and commits it.
fn set_in(sandbox: &Sandbox, directory: &str, name: &str, value: &str) {
    let mut command = sandbox.command(["set", "--kind", "variable", &format!("{name}={value}")]);
    command.current_dir(sandbox.project().join(directory));
    finish(command).ok();
    git_in(sandbox, directory, &["commit", "-qam", name]).ok();
}

fn list_in(sandbox: &Sandbox, directory: &str) -> String {
    let mut command = sandbox.command(["export", "-e", "dev", "-f", "shell", "--only", "V*"]);
    command.current_dir(sandbox.project().join(directory));
    finish(command).ok().text()
}

#[test]
fn with_setup_git_merges_rebases_picks_and_pulls_items_without_help() {
    let Some(sandbox) = repository() else { return };
    let setup = |directory: &str| {
        let mut command = with_program(sandbox.command(["git", "setup"]));
        command.current_dir(sandbox.project().join(directory));
        finish(command).ok();
    };
    sandbox.git(&["clone", "-q", ".", "../clone"]).ok();
    setup("../clone");
    set_in(&sandbox, "../clone", "V1", "there");
    set_in(&sandbox, ".", "V2", "here");
    git_in(&sandbox, "../clone", &["pull", "-q", "--no-rebase", "--no-edit"]).ok();
    assert_eq!(list_in(&sandbox, "../clone").matches("V").count(), 2);
    git_in(&sandbox, ".", &["checkout", "-qb", "topic"]).ok();
    set_in(&sandbox, ".", "V3", "topic");
    set_in(&sandbox, ".", "V4", "topic");
    git_in(&sandbox, ".", &["checkout", "-q", "main"]).ok();
    set_in(&sandbox, ".", "V5", "main");
    git_in(&sandbox, ".", &["cherry-pick", "topic~1"]).ok();
    assert_eq!(list_in(&sandbox, ".").matches("V").count(), 3);
    git_in(&sandbox, ".", &["checkout", "-q", "topic"]).ok();
    git_in(&sandbox, ".", &["rebase", "-q", "main"]).ok();
    assert_eq!(list_in(&sandbox, ".").matches("V").count(), 4);
    sandbox.run(["verify"]).ok();
}

/// Two criss-cross merges leave two common ancestors. git would merge these first, without a key.
#[test]
fn criss_cross_merges_are_merged_from_one_of_their_ancestors() {
    let Some(sandbox) = repository() else { return };
    let git = |arguments: &[&str]| git_in(&sandbox, ".", arguments);
    git(&["checkout", "-qb", "other"]).ok();
    set_in(&sandbox, ".", "V1", "other");
    git(&["checkout", "-q", "main"]).ok();
    set_in(&sandbox, ".", "V2", "main");
    git(&["branch", "before"]).ok();
    git(&["merge", "-q", "--no-edit", "other"]).ok();
    git(&["checkout", "-q", "other"]).ok();
    git(&["merge", "-q", "--no-edit", "before"]).ok();
    set_in(&sandbox, ".", "V3", "other");
    git(&["checkout", "-q", "main"]).ok();
    set_in(&sandbox, ".", "V4", "main");
    assert_eq!(git(&["merge-base", "--all", "main", "other"]).ok().text().lines().count(), 2);
    git(&["merge", "-q", "--no-edit", "other"]).ok();
    let merged = list_in(&sandbox, ".");
    assert!((1..=4).all(|i| merged.contains(&format!("V{i}="))), "{merged}");
}
