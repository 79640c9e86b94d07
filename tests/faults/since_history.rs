//! `verify --since` with history: no save may be lost, however the versions are numbered, and the commits in between
//! show who saved what.

mod clones;

use crate::forge::{Forge, Member, Team, block_message};
use crate::harness::{Run, Sandbox, finish};
use vault::roster::{Right, Role};
use vault::vault::{Block, Lineage};

fn commit(sandbox: &Sandbox, message: &str) {
    sandbox.git(&["add", "-A"]).ok();
    sandbox.git(&["commit", "-qm", message]).ok();
}

/// A team's vault, committed on main.
fn team() -> Team {
    let team = Team::new();
    team.sandbox.git(&["init", "-q", "-b", "main"]).ok();
    commit(&team.sandbox, "one");
    team
}

/// Runs the command on a device that has not seen the vault.
fn since(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    let _ = std::fs::remove_dir_all(sandbox.state());
    sandbox.run([&["verify", "--since"], arguments].concat())
}

fn save(team: &Team, author: &Member, count: usize) {
    let mut forge = Forge::of(&team.sandbox);
    for _ in 0..count {
        forge.seal(author, "dev", &[&team.mia, &team.ben, &team.rea], &[("KEY", "v")]);
    }
    forge.write();
}

#[test]
fn n3_a_fork_is_refused_with_the_lost_saves_however_far_it_is_ahead() {
    let team = team();
    for (lost, ahead) in [(1, 1), (1, 2), (1, 60), (3, 4), (2, 30)] {
        team.forge().write();
        save(&team, &team.ben, lost);
        team.sandbox.git(&["checkout", "-qB", "review", "main"]).ok();
        team.sandbox.git(&["commit", "-qam", "by ben"]).ok();
        team.forge().write();
        save(&team, &team.mia, ahead);
        let versions = match lost {
            1 => "version 3 by ben".to_owned(),
            _ => format!("versions 3 to {}, the last by ben", 2 + lost),
        };
        let run = since(&team.sandbox, &["review"]).fails(6);
        let why = format!("environment dev has lost {versions}: version {} by mia does not follow it", 2 + ahead);
        run.says(&why).says("hint: to get it back and keep the later changes: vault merge --from review");
        // A fork with a lower version has lost the same saves.
        if lost > 1 {
            team.forge().write();
            save(&team, &team.mia, lost - 1);
            let why = format!("environment dev went back to version {}, and has lost {versions}", 1 + lost);
            since(&team.sandbox, &["review"]).fails(6).says(&why);
        }
        team.sandbox.git(&["checkout", "-qf", "main"]).ok();
    }
}

#[test]
fn a_commit_that_lacks_the_revision_gets_the_hint_to_merge() {
    let team = team();
    team.sandbox.git(&["checkout", "-qb", "branch"]).ok();
    save(&team, &team.mia, 2);
    commit(&team.sandbox, "branch");
    team.sandbox.git(&["checkout", "-q", "main"]).ok();
    save(&team, &team.ben, 1);
    commit(&team.sandbox, "main");
    team.sandbox.git(&["checkout", "-q", "branch"]).ok();
    let run = since(&team.sandbox, &["main"]).fails(6);
    run.says("has lost version 3 by ben").says("hint: this commit does not have all of main: git merge main");
}

#[test]
fn every_save_since_the_revision_is_listed_with_its_author_even_if_undone() {
    let team = team();
    save(&team, &team.ben, 1);
    commit(&team.sandbox, "two");
    save(&team, &team.ben, 1);
    commit(&team.sandbox, "three");
    let kept = std::fs::read(team.sandbox.vault()).unwrap();
    save(&team, &team.ben, 1);
    commit(&team.sandbox, "four");
    let undone = team.sandbox.git(&["rev-parse", "--short=10", "HEAD"]).ok().text();
    std::fs::write(team.sandbox.vault(), kept).unwrap();
    save(&team, &team.mia, 2);
    commit(&team.sandbox, "five");
    let text = since(&team.sandbox, &["HEAD~4"]).ok().text();
    let lines: Vec<&str> = text.lines().skip(1).map(str::trim).collect();
    let expected = [
        "environment dev: versions 3 to 4 by ben",
        "environment dev: version 6 by mia",
        &format!("environment dev: version 5 by ben, in commit {}, was undone", undone.trim()),
    ];
    assert_eq!(lines, expected);
    let json = finish(team.sandbox.command(["verify", "--json", "--since", "HEAD~4"])).ok().json();
    assert_eq!(json["changes"].as_array().unwrap().len(), 3);
    let nothing = since(&team.sandbox, &["HEAD"]).ok().text();
    assert!(nothing.ends_with("  nothing changed since HEAD\n"), "{nothing}");
}

#[test]
fn a_merge_descends_from_both_sides() {
    let team = team();
    team.sandbox.git(&["checkout", "-qb", "branch"]).ok();
    save(&team, &team.ben, 3);
    commit(&team.sandbox, "branch");
    let theirs = Forge::of(&team.sandbox).block("dev").clone();
    team.sandbox.git(&["checkout", "-q", "main"]).ok();
    save(&team, &team.mia, 1);
    commit(&team.sandbox, "main");
    team.sandbox.git(&["merge", "-q", "-s", "ours", "--no-commit", "branch"]);
    let mut forge = Forge::of(&team.sandbox);
    merge(&mut forge, &team.mia, &theirs);
    forge.write();
    commit(&team.sandbox, "merged");
    for (reference, says) in [("main~", "version 5 by ben"), ("branch", "version 3 by mia")] {
        let text = since(&team.sandbox, &[reference]).ok().text();
        assert!(text.contains(&format!("environment dev: {says}\n")), "{reference}: {text}");
        assert!(text.ends_with("environment dev: version 6 by mia\n"), "{text}");
    }
    save(&team, &team.mia, 1);
    since(&team.sandbox, &["branch~"]).ok();
}

/// Writes a block that follows the current one and another. The ciphertext stays, because only the order matters here.
fn merge(forge: &mut Forge, author: &Member, theirs: &Block) {
    let id = forge.id();
    let hash = |block: &Block| block_message(&id, &block.statement, &block.data).hash(&block.signature);
    let ours = forge.block("dev").clone();
    let after = Lineage::after(&[(&ours.statement, hash(&ours)), (&theirs.statement, hash(theirs))]).unwrap();
    let statement = &mut forge.block("dev").statement;
    (statement.version, statement.previous, statement.ancestors) = (after.version, after.previous, after.ancestors);
    forge.sign(author, "dev");
}

#[test]
fn d8_an_invalid_file_in_a_commit_in_between_is_refused() {
    let team = team();
    let eve = Member::new("eve");
    let honest = std::fs::read(team.sandbox.vault()).unwrap();
    let other = Sandbox::with_vault();
    let mut forged = team.forge();
    forged.seal(&eve, "dev", &[&eve], &[("KEY", "planted")]);
    let cases = [
        (forged.file.to_text().into_bytes(), "eve wrote it without the right to"),
        (std::fs::read(other.vault()).unwrap(), "it is another vault"),
        (b"<<<<<<< HEAD\n".to_vec(), "unresolved merge"),
    ];
    for (planted, why) in cases {
        std::fs::write(team.sandbox.vault(), planted).unwrap();
        commit(&team.sandbox, "planted");
        let id = team.sandbox.git(&["rev-parse", "--short=10", "HEAD"]).ok().text();
        std::fs::write(team.sandbox.vault(), &honest).unwrap();
        save(&team, &team.mia, 1);
        commit(&team.sandbox, "hidden");
        since(&team.sandbox, &["HEAD~"]).fails(6);
        let run = since(&team.sandbox, &["HEAD~2"]).fails(6);
        run.says(&format!("secrets.vault of commit {} is not valid: ", id.trim())).says(why);
        team.sandbox.git(&["reset", "-q", "--hard", "HEAD~2"]).ok();
    }
}

#[test]
fn more_saves_than_a_block_can_name_are_linked_by_the_commits_in_between() {
    let team = team();
    for _ in 0..3 {
        save(&team, &team.ben, 40);
        commit(&team.sandbox, "many");
    }
    since(&team.sandbox, &["HEAD~3"]).ok();
    // With a single commit, nobody can tell.
    team.sandbox.git(&["reset", "-q", "--soft", "HEAD~3"]).ok();
    commit(&team.sandbox, "squashed");
    let run = since(&team.sandbox, &["HEAD~"]).fails(6);
    run.says("vault can't tell whether version 122 of environment dev follows version 2 at HEAD~")
        .says("vault verify --since REF --accept-gap");
    let text = since(&team.sandbox, &["HEAD~", "--accept-gap"]).ok().text();
    assert!(text.contains("environment dev: accepted without proof that it follows version 2"), "{text}");
    since(&team.sandbox, &["HEAD~", "--new"]).fails(6);
}

#[test]
fn n3_a_fork_with_more_saves_than_a_block_can_name_is_recognized_by_the_commits() {
    let team = team();
    save(&team, &team.ben, 1);
    team.sandbox.git(&["checkout", "-qb", "lost"]).ok();
    commit(&team.sandbox, "by ben");
    team.sandbox.git(&["checkout", "-q", "main"]).ok();
    for _ in 0..66 {
        save(&team, &team.mia, 1);
        commit(&team.sandbox, "one more");
    }
    for options in [&[][..], &["--accept-gap"]] {
        let run = since(&team.sandbox, &[&["lost"], options].concat()).fails(6);
        run.says("environment dev has lost version 3 by ben: version 68 by mia does not follow it");
    }
}

#[test]
fn keys_replaced_in_between_cause_no_refusal() {
    let mut team = team();
    team.sandbox.set("dev/KEY", b"before");
    commit(&team.sandbox, "before");
    let key = team.sandbox.run(["passwd", "--key"]).ok().text();
    team.sandbox.use_key(&key);
    commit(&team.sandbox, "renewed");
    team.sandbox.set("dev/KEY", b"after");
    commit(&team.sandbox, "after");
    for reference in ["HEAD~", "HEAD~2", "HEAD~3"] {
        let text = since(&team.sandbox, &[reference]).ok().text();
        assert_eq!(text.contains("replace-keys by mia"), reference != "HEAD~", "{text}");
    }
    // Another user's save, on which later saves are based.
    let forge = Forge::of(&team.sandbox);
    let ben = forge.block_hash("dev");
    assert_ne!(ben, team.forge().block_hash("dev"));
    let mut command = team.sandbox.command(["passwd", "--key"]);
    command.env("VAULT_KEY", &team.ben.key);
    finish(command).ok();
    since(&team.sandbox, &["HEAD"]).ok();
}

#[test]
fn a_branch_with_saves_under_replaced_keys_can_be_merged() {
    let mut team = team();
    team.sandbox.git(&["checkout", "-qb", "branch"]).ok();
    team.sandbox.set("dev/KEY", b"under the old keys");
    commit(&team.sandbox, "branch");
    let theirs = Forge::of(&team.sandbox).block("dev").clone();
    team.sandbox.git(&["checkout", "-q", "main"]).ok();
    let _ = std::fs::remove_dir_all(team.sandbox.state());
    let key = team.sandbox.run(["passwd", "--key"]).ok().text();
    team.sandbox.use_key(&key);
    commit(&team.sandbox, "renewed");
    // The branch alone lacks the new keys.
    team.sandbox.git(&["checkout", "-q", "branch"]).ok();
    let run = since(&team.sandbox, &["main"]).fails(6);
    run.says("it lacks change 7, replace-keys by mia").says("git merge main");
    team.sandbox.git(&["checkout", "-q", "main"]).ok();
    team.sandbox.git(&["merge", "-q", "-s", "ours", "--no-commit", "branch"]);
    let mut forge = Forge::of(&team.sandbox);
    merge(&mut forge, &Member::owner(&team.sandbox), &theirs);
    forge.write();
    commit(&team.sandbox, "merged");
    for reference in ["main~", "branch", "branch~"] {
        let text = since(&team.sandbox, &[reference]).ok().text();
        assert!(text.contains("environment dev: version 4 by mia") || text.contains("to 4 by mia"), "{text}");
        assert_eq!(text.contains("replace-keys by mia"), reference != "main~", "{text}");
    }
}

#[test]
fn an_environment_that_was_removed_and_added_again_is_a_different_one() {
    let team = team();
    save(&team, &team.mia, 4);
    commit(&team.sandbox, "six");
    team.sandbox.run(["env", "rm", "-y", "dev", "--orphan", "dev"]);
    team.sandbox.run(["env", "rm", "-y", "dev"]);
    team.sandbox.run(["env", "add", "dev"]).ok();
    let text = since(&team.sandbox, &["HEAD"]).ok().text();
    assert!(text.contains("remove-environment by mia") && text.contains("environment dev: version 1 by mia"), "{text}");
}

#[test]
fn a_lost_roster_is_named() {
    let team = team();
    let mut forge = team.forge();
    let eve = Member::new("eve");
    forge.join(&team.mia, &eve, Role::Member, &[("dev", Right::Read)]);
    forge.write();
    commit(&team.sandbox, "eve");
    team.forge().write();
    let run = since(&team.sandbox, &["HEAD"]).fails(6);
    run.says("the roster does not continue the one at HEAD: it lacks change 7, add-user by mia");
}

#[test]
fn n9_a_name_in_another_case_and_a_vault_in_another_directory_are_reported() {
    let team = team();
    let at = |name: &str| team.sandbox.project().join(name);
    std::fs::copy(team.sandbox.vault(), at("Secrets.vault")).unwrap();
    commit(&team.sandbox, "planted");
    since(&team.sandbox, &["HEAD~"]).fails(6).says("there is Secrets.vault beside secrets.vault");
    std::fs::remove_file(at("Secrets.vault")).unwrap();
    std::fs::create_dir(at("app")).unwrap();
    std::fs::copy(Sandbox::with_vault().vault(), at("app/secrets.vault")).unwrap();
    commit(&team.sandbox, "nested");
    since(&team.sandbox, &["HEAD~2"]).fails(6).says("there is another vault now: app/secrets.vault");
    let text = since(&team.sandbox, &["HEAD~2", "--new"]).ok().text();
    assert!(text.contains("app/secrets.vault is new: another vault"), "{text}");
    since(&team.sandbox, &["HEAD"]).ok();
}
