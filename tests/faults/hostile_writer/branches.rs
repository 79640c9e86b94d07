//! O1, O2 and O5 on git branches: what one user saved on a branch must not harm those who merge it.

use super::{in_git, unreadable};
use crate::forge::{Forge, Team, user};
use vault::roster::{Change, Role};

/// The branch "other" has this file, and on main mia has saved dev. Ends in git's conflict.
fn beside(team: &Team, forge: &Forge) {
    let git = |arguments: &[&str]| team.sandbox.git(arguments);
    git(&["checkout", "-q", "-B", "other"]).ok();
    forge.write();
    git(&["commit", "-q", "-a", "-m", "other"]).ok();
    git(&["checkout", "-q", "-"]).ok();
    team.sandbox.set("dev/KEY", b"newer");
    git(&["commit", "-q", "-a", "-m", "newer"]).ok();
    assert_eq!(git(&["merge", "-q", "--no-edit", "other"]).code, 1);
}

#[test]
fn o1_an_unreadable_environment_on_a_branch_does_not_prevent_merging() {
    for index in 0..6 {
        let team = in_git();
        let (what, forge) = unreadable(&team).swap_remove(index);
        beside(&team, &forge);
        let refused = team.sandbox.run(["merge"]);
        assert!([5, 6].contains(&refused.code), "{what}: {refused:?}");
        refused.says("vault merge --ours 'dev/*'");
        team.sandbox
            .run(["merge", "--ours", "dev/*"])
            .ok()
            .says("nothing of dev is taken from the change being applied");
        team.sandbox.git(&["commit", "-q", "-a", "-m", "merged"]).ok();
        let run = team.sandbox.run(["get", "dev/KEY"]).ok();
        assert_eq!((&*run.text(), &*run.stderr), ("newer", ""), "{what}");
        team.sandbox.set("dev/KEY", b"latest");
        // ben, who made that state, continues from the newest one, too.
        assert_eq!(team.ben.run(&team.sandbox, &["get", "dev/KEY"]).ok().text(), "latest");
    }
}

/// Thousands of changes by a removed admin: the message lists a few, and the merge takes little time.
#[test]
fn o2_a_flood_of_changes_on_a_branch_is_merged_or_dropped_and_summarized() {
    let team = in_git();
    let branch = |name: &str| {
        team.sandbox.git(&["checkout", "-q", "-B", name, "HEAD"]).ok();
    };
    let first = team.sandbox.git(&["rev-parse", "--abbrev-ref", "HEAD"]).text().trim().to_owned();
    let mut forge = team.forge();
    let mut chain = crate::faults::forgery::Chain::of(&forge);
    while chain.len() < 8_000 {
        let role = if chain.len().is_multiple_of(2) { Role::Admin } else { Role::Member };
        chain.push(&team.ada, Change::SetRole { user: user("rea"), role }, Vec::new());
    }
    forge.file.roster = chain.into_statements();
    branch("flood");
    forge.write();
    team.sandbox.git(&["commit", "-q", "-a", "-m", "flood"]).ok();
    team.sandbox.git(&["checkout", "-q", &first]).ok();
    team.sandbox.run(["user", "rm", "-y", "ada"]).ok();
    team.sandbox.git(&["commit", "-q", "-a", "-m", "without ada"]).ok();
    assert_eq!(team.sandbox.git(&["merge", "-q", "--no-edit", "flood"]).code, 1);
    let run = team.sandbox.run(["merge"]).ok();
    assert!(run.stderr.contains("; and ") && run.stderr.len() < 4_000, "{} bytes: {run:?}", run.stderr.len());
    team.sandbox.run(["verify"]).ok();
    let roster = team.sandbox.run(["verify", "--json"]).ok().json();
    assert!(roster["rosterVersion"].as_u64().unwrap() < 20, "{roster}");
    team.sandbox.git(&["commit", "-q", "-a", "-m", "merged"]).ok();
    team.sandbox.set("dev/KEY", b"later");
}

#[test]
fn o5_a_merge_does_not_silently_remove_the_last_writer_of_an_environment() {
    let team = in_git();
    // A device that has seen the vault in git, and each member's own device.
    std::fs::remove_dir_all(team.sandbox.state()).unwrap();
    let ben = crate::device::Device::new(&team.sandbox, "ben").with_key(&team.ben.key);
    let mut forge = team.forge();
    let ben_is_admin = Change::SetRole { user: user("ben"), role: Role::Admin };
    forge.change(&team.mia, ben_is_admin).write();
    team.sandbox.git(&["commit", "-q", "-a", "-m", "ben is an admin"]).ok();
    team.sandbox.git(&["checkout", "-q", "-b", "other"]).ok();
    ben.run(&["grant", "mia", "dev:read"]).ok();
    team.sandbox.git(&["commit", "-q", "-a", "-m", "other"]).ok();
    team.sandbox.git(&["checkout", "-q", "-"]).ok();
    team.sandbox.run(["grant", "ben", "dev:read"]).ok();
    team.sandbox.git(&["commit", "-q", "-a", "-m", "mias"]).ok();
    assert_eq!(team.sandbox.git(&["merge", "-q", "--no-edit", "other"]).code, 1);
    let before = std::fs::read(team.sandbox.vault()).unwrap();
    for run in [ben.run(&["merge"]), team.sandbox.run(["merge"])] {
        assert!([1, 5].contains(&run.code) && run.stderr.contains("git checkout --ours -- FILE"), "{run:?}");
    }
    assert_eq!(std::fs::read(team.sandbox.vault()).unwrap(), before);
}
