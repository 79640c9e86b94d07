//! Older and forked files: D13 to D15, the rules of vault-format(5) "Freshness", L8 and L9.

mod other_vaults;
mod without_key;
mod without_state;

use crate::forge::{Forge, Member, Team, content, environment, refuses, user};
use crate::harness::{Run, Sandbox, finish, has};
use vault::identity::Hash;
use vault::roster::{Change, Role};

/// Two files of one vault: an older one, and the newer one that this device has seen.
struct Past {
    sandbox: Sandbox,
    older: Vec<u8>,
    newer: Vec<u8>,
}

impl Past {
    /// The newer file has a newer environment.
    fn of_environment(git: bool) -> Self {
        Self::new(git, |sandbox| sandbox.set("KEY", b"new"))
    }

    /// The newer file has a newer roster, too.
    fn of_roster(git: bool) -> Self {
        Self::new(git, |sandbox| {
            sandbox.run(["env", "add", "extra"]).ok();
        })
    }

    fn new(git: bool, go_on: impl Fn(&Sandbox)) -> Self {
        let sandbox = Sandbox::empty();
        if git {
            sandbox.git(&["init", "-q", "-b", "main"]).ok();
        }
        let sandbox = sandbox.into_vault();
        sandbox.set("KEY", b"old");
        let older = std::fs::read(sandbox.vault()).unwrap();
        go_on(&sandbox);
        let newer = std::fs::read(sandbox.vault()).unwrap();
        Self { sandbox, older, newer }
    }

    fn go_back(&self) {
        std::fs::write(self.sandbox.vault(), &self.older).unwrap();
    }
}

#[test]
fn d13_an_older_file_is_refused_outside_git() {
    for past in [Past::of_roster(false), Past::of_environment(false)] {
        past.go_back();
        refuses(&past.sandbox, "KEY", "this device has seen");
        std::fs::write(past.sandbox.vault(), &past.newer).unwrap();
        past.sandbox.run(["verify"]).ok();
    }
}

#[test]
fn d13_inside_git_an_older_roster_causes_a_warning_on_reading_and_is_refused_on_writing() {
    let past = Past::of_roster(true);
    past.go_back();
    let what = "roster change 3 (added environment extra: mia:write by mia) is missing from this file";
    past.sandbox.run(["verify"]).ok().says(&format!("warning: {what}"));
    let read = past.sandbox.run(["get", "KEY"]).ok().says(&format!("warning: {what}"));
    assert_eq!(read.text(), "old");
    assert_eq!(read.stderr.lines().filter(|line| line.starts_with("warning")).count(), 1, "{read:?}");
    let save = past.sandbox.run_with_input(["set", "KEY"], b"x").fails(6).says("error: nothing is saved");
    assert_eq!(save.stderr.matches(what).count(), 1, "{save:?}");
    assert_eq!(std::fs::read(past.sandbox.vault()).unwrap(), past.older);
}

#[test]
fn d14_inside_git_an_older_environment_that_no_branch_has_causes_a_warning_and_prevents_saving() {
    let past = Past::of_environment(true);
    past.go_back();
    past.sandbox.run(["verify"]).ok().says("warning: dev version 3 by mia is missing from this file");
    let read = past.sandbox.run(["get", "KEY"]).ok().says("warning: dev version 3 by mia is missing from this file");
    assert_eq!(read.text(), "old");
    past.sandbox.run_with_input(["set", "KEY"], b"branch").fails(6).says("nothing is saved: dev version 3 by mia");
}

#[test]
fn d13_strict_refuses_every_older_file() {
    for past in [Past::of_roster(true), Past::of_environment(true), Past::of_roster(false)] {
        past.go_back();
        past.sandbox.run(["get", "KEY", "--strict"]).fails(6);
        past.sandbox.run(["verify", "--strict"]).fails(6);
        past.sandbox.run_with_input(["set", "KEY", "--strict"], b"x").fails(6);
        let mut command = past.sandbox.command(["get", "KEY"]);
        command.env("VAULT_STRICT", "1");
        finish(command).fails(6);
    }
}

#[test]
fn d13_a_repository_planted_later_changes_nothing() {
    let past = Past::of_environment(false);
    std::fs::create_dir(past.sandbox.project().join(".git")).unwrap();
    past.go_back();
    refuses(&past.sandbox, "KEY", "this device has seen");
}

#[test]
fn d14_outside_git_one_older_environment_is_refused() {
    let team = Team::new();
    let old = team.forge().block("dev").clone();
    team.sandbox.set("dev/KEY", b"new");
    let mut forge = Forge::of(&team.sandbox);
    *forge.block("dev") = old;
    forge.write();
    team.refuses("environment dev is at version 2, but this device has seen version 3");
    // The other vault is unchanged.
    team.sandbox.run(["get", "prod/KEY"]).ok();
}

#[test]
fn d14_a_fork_of_the_same_version_is_refused_outside_git_and_causes_a_warning_inside() {
    for git in [false, true] {
        let past = Past::of_environment(git);
        let mia = Member::owner(&past.sandbox);
        past.go_back();
        Forge::of(&past.sandbox).seal(&mia, "dev", &[&mia], &[("KEY", "fork")]).write();
        if git {
            past.sandbox.run(["verify"]).ok().says("warning: dev version 3 by mia is missing from this file");
            past.sandbox.run(["verify", "--strict"]).fails(6).says("a different version 3");
        } else {
            past.sandbox.run(["verify"]).fails(6).says("a different version 3");
        }
    }
}

#[test]
fn d14_a_fork_that_is_one_version_longer_is_refused_outside_git_and_causes_a_warning_inside() {
    for git in [false, true] {
        let past = Past::of_environment(git);
        let mia = Member::owner(&past.sandbox);
        past.go_back();
        let mut fork = Forge::of(&past.sandbox);
        fork.seal(&mia, "dev", &[&mia], &[("KEY", "fork")]).seal(&mia, "dev", &[&mia], &[("KEY", "longer")]).write();
        let why = "version 4 of environment dev does not follow version 3, which this device has seen";
        if git {
            past.sandbox.run(["verify", "--strict"]).fails(6).says(why);
            past.sandbox.run(["verify"]).ok().says("warning: dev version 3 by mia is missing from this file");
        } else {
            refuses(&past.sandbox, "KEY", why);
        }
    }
}

#[test]
fn a_merge_of_the_known_version_with_another_one_counts_as_its_successor() {
    let past = Past::of_environment(false);
    let mia = Member::owner(&past.sandbox);
    let mut merged = Forge::of(&past.sandbox);
    let mut previous = vec![merged.block_hash("dev"), Hash::of(b"the other side")];
    previous.sort_unstable();
    merged.seal_as(&mia, "dev", 4, previous, &[&mia], &content(&[("KEY", "merged")])).write();
    past.sandbox.run(["verify"]).ok();
    assert_eq!(past.sandbox.run(["get", "KEY"]).ok().text(), "merged");
}

/// The hash in the hint of a refusal.
fn hash_in_hint(run: &Run) -> String {
    let hint = run.stderr.lines().find(|line| line.contains("--accept")).unwrap();
    hint.rsplit(' ').next().unwrap().to_owned()
}

#[test]
fn d13_typing_the_hash_in_the_hint_accepts_a_refused_file() {
    for past in [Past::of_roster(false), Past::of_environment(false)] {
        past.go_back();
        let hash = hash_in_hint(&past.sandbox.run(["get", "KEY"]).fails(6));
        assert_eq!(hash.len(), 32, "128 bits");
        past.sandbox.run(["verify", "--accept", "0123456789abcdef"]).fails(2);
        past.sandbox.run(["verify", "--accept", &hash[..16]]).fails(2);
        past.sandbox.run(["verify", "--accept", ""]).fails(2);
        past.sandbox.run(["get", "KEY"]).fails(6);
        past.sandbox.run(["verify", "--accept", &hash]).ok();
        assert_eq!(past.sandbox.run(["get", "KEY"]).ok().text(), "old");
        past.sandbox.set("KEY", b"goes on");
        past.sandbox.run(["verify"]).ok();
    }
}

#[test]
fn d13_nothing_forged_can_be_accepted() {
    let past = Past::of_environment(false);
    past.go_back();
    let hash = hash_in_hint(&past.sandbox.run(["get", "KEY"]).fails(6));
    let mut forge = Forge::of(&past.sandbox);
    let eve = Member::new("eve");
    forge.seal(&eve, "dev", &[&eve], &[("KEY", "planted")]).write();
    past.sandbox.run(["verify", "--accept", &hash]).fails(6);
}

#[test]
fn a_repository_planted_before_a_file_is_accepted_changes_nothing() {
    let past = Past::of_environment(false);
    past.go_back();
    let hash = hash_in_hint(&past.sandbox.run(["get", "KEY"]).fails(6));
    std::fs::create_dir(past.sandbox.project().join(".git")).unwrap();
    past.sandbox.run(["verify", "--accept", &hash]).ok();
    past.sandbox.set("KEY", b"goes on");
    past.go_back();
    refuses(&past.sandbox, "KEY", "this device has seen");
}

#[test]
fn inside_git_a_block_by_a_former_writer_on_an_older_roster_is_refused() {
    let team = Team::new();
    if !has("git") {
        return;
    }
    let everybody = [&team.mia, &team.ben, &team.rea];
    team.sandbox.git(&["init", "-q", "-b", "main"]).ok();
    std::fs::remove_dir_all(team.sandbox.state()).unwrap();
    let mut seen = team.forge();
    seen.seal(&team.ben, "dev", &everybody, &[("KEY", "by ben")]).write();
    team.accepts();
    let accepted = Forge::of(&team.sandbox);
    let mut forge = Forge::of(&team.sandbox);
    forge.change(&team.mia, Change::RemoveUser { user: user("ben") });
    forge.seal(&team.mia, "dev", &[&team.mia, &team.rea], &[("KEY", "new")]);
    forge.write();
    team.accepts();
    // What he wrote before, and was accepted here, is an older checkout.
    accepted.write();
    team.sandbox
        .run(["get", "dev/KEY"])
        .ok()
        .says("warning: roster change 7 (removed ben by mia) and dev version 4 by mia are missing from this file");
    // What he writes now under the old roster was never seen here.
    let mut late = Forge { path: accepted.path.clone(), file: accepted.file.clone() };
    late.seal(&team.ben, "dev", &everybody, &[("KEY", "late")]).write();
    team.sandbox.run(["get", "dev/KEY"]).fails(6).says("was written by ben, who has lost that right or key");
    team.sandbox.run(["verify"]).fails(6);
}

#[test]
fn l9_inside_git_an_old_pending_block_never_seen_here_is_refused() {
    let team = Team::new();
    team.sandbox.git(&["init", "-q", "-b", "main"]).ok();
    std::fs::remove_dir_all(team.sandbox.state()).unwrap();
    let mut forge = team.forge();
    forge.seal(&team.ben, "dev", &[&team.mia, &team.ben, &team.rea], &[("KEY", "by ben")]);
    let left = forge.block("dev").clone();
    let pending = vec![(environment("dev"), forge.block_hash("dev"))];
    forge.change_leaving(&team.ada, Change::RemoveUser { user: user("ben") }, pending);
    forge.seal(&team.mia, "dev", &[&team.mia, &team.rea], &[("KEY", "cured")]);
    forge.write();
    // This device pulls only now, after the block was saved again.
    team.accepts();
    *forge.block("dev") = left;
    forge.write();
    team.refuses("dev is left pending at version 3, which does not follow version 4");
}

#[test]
fn l8_two_rosters_on_two_branches_are_a_fork_inside_git_too() {
    let team = Team::new();
    team.sandbox.git(&["init", "-q", "-b", "main"]).ok();
    std::fs::remove_dir_all(team.sandbox.state()).unwrap();
    let (mut one, mut other) = (team.forge(), team.forge());
    one.change(&team.mia, Change::SetRole { user: user("ben"), role: Role::Admin }).write();
    team.accepts();
    other.change(&team.ada, Change::SetRole { user: user("rea"), role: Role::Admin });
    other.change(&team.ada, Change::SetRole { user: user("rea"), role: Role::Member }).write();
    team.refuses("the roster is a fork");
    let hash = hash_in_hint(&team.sandbox.run(["get", "dev/KEY"]).fails(6));
    team.sandbox.run(["verify", "--accept", &hash]).ok();
    team.accepts();
}
