//! The pre-receive hook checks history: every branch, commit and directory.

use super::pre_receive::Repository;
use crate::forge::{Forge, Member};
use crate::harness::{Run, Sandbox, has};

/// Saves dev this many times.
fn save(sandbox: &Sandbox, count: usize) {
    let mia = Member::owner(sandbox);
    let mut forge = Forge::of(sandbox);
    for _ in 0..count {
        forge.seal(&mia, "dev", &[&mia], &[("KEY", "v")]);
    }
    forge.write();
}

fn sandbox() -> Option<Sandbox> {
    has("git").then(Sandbox::with_vault)
}

#[track_caller]
fn refused(run: &Run, why: &str) {
    assert!(run.code != 0 && run.stderr.contains(why), "{run:?}");
}

#[test]
fn n3_a_fork_is_refused_no_matter_how_many_versions_it_is_ahead() {
    let Some(sandbox) = sandbox() else { return };
    let repository = Repository::pushed(&sandbox);
    let first = std::fs::read(sandbox.vault()).unwrap();
    save(&sandbox, 1);
    repository.push("main").ok();
    repository.git(&["fetch", "-q"]).ok();
    for ahead in [1, 2, 3, 20] {
        std::fs::write(sandbox.vault(), &first).unwrap();
        save(&sandbox, ahead);
        repository.refuses("environment dev has lost version 2 by mia");
    }
    // Nor is it accepted after rewriting the branch, or on a branch that starts there.
    repository.git(&["checkout", "-q", "HEAD~"]).ok();
    save(&sandbox, 3);
    refused(&repository.push("main"), "environment dev has lost version 2 by mia");
    repository.git(&["checkout", "-q", "origin/main"]).ok();
    std::fs::write(sandbox.vault(), &first).unwrap();
    save(&sandbox, 3);
    refused(&repository.push("branch"), "environment dev has lost version 2 by mia");
}

#[test]
fn n3_a_merge_that_takes_one_side_whole_is_refused() {
    let Some(sandbox) = sandbox() else { return };
    let repository = Repository::pushed(&sandbox);
    repository.git(&["checkout", "-qb", "branch"]).ok();
    save(&sandbox, 3);
    repository.push("branch").ok();
    repository.git(&["checkout", "-q", "main"]).ok();
    save(&sandbox, 1);
    repository.push("main").ok();
    repository.git(&["merge", "-q", "-s", "ours", "-m", "ours", "branch"]).ok();
    refused(&repository.push("main"), "environment dev went back to version 2, and has lost versions 2 to 4");
    repository.git(&["reset", "-q", "--hard", "HEAD~"]).ok();
    repository.git(&["merge", "-q", "-X", "theirs", "-m", "theirs", "branch"]);
    repository.git(&["checkout", "-q", "branch", "--", "secrets.vault"]).ok();
    refused(&repository.push("main"), "environment dev has lost version 2 by mia");
}

#[test]
fn d8_every_new_commit_is_verified_on_every_branch() {
    let Some(sandbox) = sandbox() else { return };
    let repository = Repository::pushed(&sandbox);
    let honest = std::fs::read(sandbox.vault()).unwrap();
    let eve = Member::new("eve");
    let mut forge = Forge::of(&sandbox);
    forge.seal(&eve, "dev", &[&eve], &[("KEY", "planted")]).write();
    repository.commit("planted");
    std::fs::write(sandbox.vault(), honest).unwrap();
    save(&sandbox, 1);
    for branch in ["branch", "main"] {
        let run = repository.push(branch);
        refused(&run, "is not valid: environment dev is not valid: eve wrote it without the right to");
    }
}

#[test]
fn n9_a_new_vault_in_another_directory_is_refused_and_an_existing_one_is_verified() {
    let Some(sandbox) = sandbox() else { return };
    let app = sandbox.project().join("app");
    let nested = app.join("secrets.vault");
    std::fs::create_dir(&app).unwrap();
    std::fs::copy(Sandbox::with_vault().vault(), &nested).unwrap();
    // A new repository may start with several vaults.
    let repository = Repository::pushed(&sandbox);
    let other = Sandbox::with_vault();
    std::fs::copy(other.vault(), &nested).unwrap();
    repository.refuses("this is not the same vault as at");
    std::fs::create_dir(app.join("deep")).unwrap();
    std::fs::copy(other.vault(), app.join("deep/secrets.vault")).unwrap();
    repository.refuses("there is another vault now: app/deep/secrets.vault");
    std::fs::remove_file(&nested).unwrap();
    std::os::unix::fs::symlink("../secrets.vault", &nested).unwrap();
    repository.refuses("app/secrets.vault of");
    save(&sandbox, 1);
    repository.push("main").ok();
}

#[test]
fn the_branch_with_the_vault_cannot_be_deleted_and_created_again() {
    let Some(sandbox) = sandbox() else { return };
    let repository = Repository::pushed(&sandbox);
    repository
        .git(&["--git-dir", repository.bare().to_str().unwrap(), "config", "receive.denyDeleteCurrent", "ignore"])
        .ok();
    let first = std::fs::read(sandbox.vault()).unwrap();
    save(&sandbox, 2);
    repository.push("main").ok();
    refused(&repository.git(&["push", "-q", "origin", ":main"]), "the push deletes the branch that has secrets.vault");
    // Another branch may be deleted, and a new one with its name is checked like any new branch.
    repository.push("release").ok();
    repository.git(&["push", "-q", "origin", ":release"]).ok();
    std::fs::write(sandbox.vault(), &first).unwrap();
    refused(&repository.push("release"), "environment dev went back to version 1");
    repository.git(&["checkout", "-q", "--orphan", "anew"]).ok();
    // Within a second of the first commit, the same message would make the same commit.
    repository.commit("anew");
    refused(&repository.push("release"), "environment dev went back to version 1");
    repository.git(&["checkout", "-qf", "main"]).ok();
    repository.git(&["reset", "-q", "--hard", "HEAD~"]).ok();
    repository.push("release").ok();
}

#[test]
fn a_new_branch_cannot_remove_the_vault_either() {
    let Some(sandbox) = sandbox() else { return };
    let repository = Repository::pushed(&sandbox);
    save(&sandbox, 1);
    repository.push("main").ok();
    for from in ["main", "main~"] {
        repository.git(&["checkout", "-q", "-B", "new", from]).ok();
        repository.git(&["rm", "-q", "secrets.vault"]).ok();
        refused(&repository.push("new"), "the push removes secrets.vault");
    }
    // A change that was reverted before the push is harmless.
    repository.git(&["commit", "-q", "-m", "without"]);
    repository.git(&["checkout", "-q", "main", "--", "secrets.vault"]).ok();
    repository.push("new").ok();
}

#[test]
fn a_merge_by_item_descends_from_both_sides_and_is_accepted() {
    let Some(sandbox) = sandbox() else { return };
    let repository = Repository::pushed(&sandbox);
    repository.git(&["checkout", "-qb", "branch"]).ok();
    sandbox.set("A", b"on the branch");
    repository.push("branch").ok();
    sandbox.set("B", b"on the branch");
    repository.push("branch").ok();
    repository.git(&["checkout", "-q", "main"]).ok();
    // The device of a user who works on main.
    std::fs::remove_dir_all(sandbox.state()).unwrap();
    sandbox.set("C", b"on main");
    repository.push("main").ok();
    assert_ne!(repository.git(&["merge", "-q", "branch"]).code, 0);
    sandbox.run(["merge"]).ok();
    repository.push("main").ok();
    for (reference, versions) in [("main~", "versions 2 to 4"), ("branch", "version 4"), ("main~2", "versions 2 to 4")]
    {
        let text = sandbox.run(["verify", "--since", reference]).ok().text();
        assert!(text.ends_with(&format!("  environment dev: {versions} by mia\n")), "{reference}: {text}");
    }
}

#[test]
fn ordinary_work_on_branches_is_accepted() {
    let Some(sandbox) = sandbox() else { return };
    let repository = Repository::pushed(&sandbox);
    repository.git(&["checkout", "-qb", "topic"]).ok();
    save(&sandbox, 2);
    repository.push("topic").ok();
    // Rebased onto a main that has changed elsewhere, and pushed by force.
    repository.git(&["checkout", "-q", "main"]).ok();
    sandbox.write("other", "x");
    repository.push("main").ok();
    repository.git(&["checkout", "-q", "topic"]).ok();
    repository.git(&["rebase", "-q", "main"]).ok();
    repository.push("topic").ok();
    // Undone and made again differently before the merge.
    repository.git(&["reset", "-q", "--hard", "main"]).ok();
    save(&sandbox, 1);
    repository.push("topic").ok();
    repository.git(&["checkout", "-q", "main"]).ok();
    repository.git(&["merge", "-q", "--no-ff", "-m", "merge", "topic"]).ok();
    repository.push("main").ok();
    // A tag, a branch from an old commit, a branch without the vault, and many saves at once.
    repository.git(&["tag", "-a", "-m", "old", "v1", "HEAD~2"]).ok();
    repository.git(&["push", "-q", "origin", "v1", "HEAD~2:refs/heads/old"]).ok();
    repository.git(&["checkout", "-q", "--orphan", "pages"]).ok();
    repository.git(&["rm", "-q", "-f", "secrets.vault"]).ok();
    repository.push("pages").ok();
    repository.git(&["checkout", "-q", "main"]).ok();
    for _ in 0..3 {
        save(&sandbox, 50);
        repository.commit("many");
    }
    repository.push("main").ok();
    save(&sandbox, 70);
    refused(&repository.push("main"), "vault can't tell whether version");
}
