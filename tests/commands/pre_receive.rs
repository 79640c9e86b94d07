//! The pre-receive hook in a real repository: a pushed vault must be signed and descend from the one before.

use crate::device::{add, vault};
use crate::forge::{Forge, Member, environment, user};
use crate::harness::{Run, Sandbox, finish, has, program};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

/// A clone in the sandbox's project. Its origin has the hook.
pub struct Repository<'a> {
    pub sandbox: &'a Sandbox,
}

impl<'a> Repository<'a> {
    pub fn new(sandbox: &'a Sandbox) -> Self {
        let repository = Self { sandbox };
        let bare = repository.bare();
        repository.git(&["init", "-q", "--bare", "-b", "main", bare.to_str().unwrap()]).ok();
        let hook = bare.join("hooks/pre-receive");
        std::fs::write(&hook, include_str!("../../contrib/pre-receive")).unwrap();
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
        repository.git(&["init", "-q", "-b", "main", "."]).ok();
        repository.git(&["remote", "add", "origin", bare.to_str().unwrap()]).ok();
        repository
    }

    /// With the vault on the origin's main branch.
    pub fn pushed(sandbox: &'a Sandbox) -> Self {
        let repository = Self::new(sandbox);
        repository.push("main").ok();
        repository.git(&["fetch", "-q"]).ok();
        repository
    }

    pub fn bare(&self) -> std::path::PathBuf {
        self.sandbox.home().join("origin.git")
    }

    fn prepare(&self, mut command: Command) -> Command {
        let bin = program().parent().unwrap().display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{bin}:{path}")).env("GIT_CONFIG_GLOBAL", "/dev/null");
        for name in ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"] {
            command.env(name, "mia@example.com");
        }
        // The server has no key.
        command.env_remove("VAULT_KEY");
        command
    }

    pub fn git(&self, arguments: &[&str]) -> Run {
        finish(self.prepare(self.sandbox.other("git", arguments)))
    }

    pub fn commit(&self, message: &str) {
        self.git(&["add", "-A"]).ok();
        self.git(&["commit", "-q", "--allow-empty", "-m", message]).ok();
    }

    /// Commits everything and pushes it to this branch.
    pub fn push(&self, branch: &str) -> Run {
        self.commit("change");
        self.git(&["push", "-q", "-f", "origin", &format!("HEAD:refs/heads/{branch}")])
    }

    /// Asserts that the push is refused for this reason, and that the next honest push succeeds.
    #[track_caller]
    pub fn refuses(&self, why: &str) {
        let run = self.push("main");
        assert!(run.code != 0 && run.stderr.contains(why), "{run:?}");
        self.git(&["reset", "-q", "--hard", "origin/main"]).ok();
    }
}

#[test]
fn a_push_is_accepted_if_it_is_signed_and_descends_from_the_previous_state() {
    if !has("git") {
        return;
    }
    let sandbox = vault();
    let repository = Repository::pushed(&sandbox);
    let first = std::fs::read(sandbox.vault()).unwrap();
    sandbox.set("dev/KEY", b"two");
    add(&sandbox, &["rea", "--read", "dev"]);
    repository.push("main").ok();
    sandbox.write("other", "a commit without the vault");
    repository.push("main").ok();
    repository.git(&["fetch", "-q"]).ok();
    // An older file, a removed one, and one that is not a vault.
    std::fs::write(sandbox.vault(), &first).unwrap();
    repository.refuses("the roster does not continue the one at");
    std::fs::remove_file(sandbox.vault()).unwrap();
    repository.refuses("the push removes secrets.vault");
    std::fs::write(sandbox.vault(), "<<<<<<< HEAD\n").unwrap();
    repository.refuses("secrets.vault of");
    // A branch from an earlier commit has the vault of that time.
    repository.git(&["checkout", "-q", "-b", "branch", "HEAD~2"]).ok();
    repository.push("branch").ok();
}

#[test]
fn a_push_signed_by_somebody_without_the_right_is_refused() {
    if !has("git") {
        return;
    }
    let sandbox = vault();
    let mia = Member::owner(&sandbox);
    let rea = Member::new("rea");
    let mut forge = Forge::of(&sandbox);
    forge.join(&mia, &rea, vault::roster::Role::Member, &[("dev", vault::roster::Right::Read)]);
    forge.seal(&mia, "dev", &[&mia, &rea], &[("KEY", "honest")]).write();
    let repository = Repository::pushed(&sandbox);
    // A reader writes, a member changes the roster, and an old block restores a removed user's right.
    let honest = || Forge::of(&sandbox);
    honest().seal(&rea, "dev", &[&mia, &rea], &[("KEY", "planted")]).write();
    repository.refuses("rea wrote it without the right to");
    let promote = vault::roster::Change::SetRole { user: user("rea"), role: vault::roster::Role::Admin };
    honest().change(&rea, promote).write();
    repository.refuses("is not an admin");
    let old = honest().block("dev").clone();
    sandbox.run(["user", "rm", "-y", "rea"]).ok();
    repository.push("main").ok();
    repository.git(&["fetch", "-q"]).ok();
    let mut forge = honest();
    *forge.block("dev") = old;
    forge.write();
    repository.refuses("from before roster change 5");
    // A fork of the roster.
    repository.git(&["checkout", "-q", "HEAD~1", "--", "secrets.vault"]).ok();
    let mut fork = honest();
    let grants = vec![(mia.name.clone(), vault::roster::Right::Write)];
    let name = environment("extra");
    fork.change(&mia, vault::roster::Change::AddEnvironment { environment: name.clone(), grants });
    let mut block = fork.block("dev").clone();
    block.statement.name = name;
    fork.file.blocks.push(block);
    fork.seal_as(&mia, "extra", 1, Vec::new(), &[&mia], &vault::item::Content::default()).write();
    repository.refuses("the roster does not continue the one at");
}

/// Replaces the vault by another one of mia's that no device has seen.
fn replace_by_another(sandbox: &Sandbox) {
    std::fs::remove_file(sandbox.vault()).unwrap();
    let mut init = sandbox.command(["init", "--user", "mia", "--key", "--env", "dev", "--env", "prod"]);
    init.env("VAULT_STATE_DIR", sandbox.home().join("elsewhere"));
    finish(init).ok();
}

#[test]
fn a_push_of_another_vault_is_refused_on_every_branch() {
    if !has("git") {
        return;
    }
    let sandbox = vault();
    let repository = Repository::pushed(&sandbox);
    replace_by_another(&sandbox);
    repository.refuses("not the same vault");
    // A new branch from there, one without earlier commits, and one that had no vault before.
    replace_by_another(&sandbox);
    let run = repository.push("branch");
    assert!(run.code != 0 && run.stderr.contains("not the same vault"), "{run:?}");
    repository.git(&["checkout", "-q", "--orphan", "anew"]).ok();
    let run = repository.push("anew");
    assert!(run.code != 0 && run.stderr.contains("this is not the same vault as at HEAD"), "{run:?}");
    let other = std::fs::read(sandbox.vault()).unwrap();
    repository.git(&["rm", "-q", "-f", "secrets.vault"]).ok();
    repository.push("anew").ok();
    std::fs::write(sandbox.vault(), other).unwrap();
    let run = repository.push("anew");
    assert!(run.code != 0 && run.stderr.contains("this is not the same vault as at HEAD"), "{run:?}");
    // Here, the same vault is accepted.
    repository.git(&["fetch", "-q"]).ok();
    repository.git(&["reset", "-q", "--hard", "origin/main"]).ok();
    repository.push("anew").ok();
}

#[test]
fn the_hook_prints_no_hint_that_a_pusher_cannot_follow() {
    if !has("git") {
        return;
    }
    let sandbox = vault();
    let repository = Repository::new(&sandbox);
    repository.push("main").ok();
    let first = std::fs::read(sandbox.vault()).unwrap();
    sandbox.set("dev/KEY", b"two");
    repository.push("main").ok();
    std::fs::write(sandbox.vault(), first).unwrap();
    let run = repository.push("main");
    assert!(run.code != 0 && run.stderr.contains("went back") && !run.stderr.contains("vault verify"), "{run:?}");
}

#[test]
fn a_review_step_lists_changes_and_refuses_states_that_do_not_descend() {
    if !has("git") {
        return;
    }
    let sandbox = vault();
    let repository = Repository::pushed(&sandbox);
    add(&sandbox, &["rea", "--read", "dev"]);
    let verify = || finish(repository.prepare(sandbox.command(["verify", "--since", "origin/main"])));
    let run = verify().ok();
    assert!(run.text().contains("roster change 4: add-user by mia"), "{run:?}");
    sandbox.run(["user", "rm", "-y", "rea"]).ok();
    repository.push("main").ok();
    repository.git(&["fetch", "-q"]).ok();
    repository.git(&["checkout", "-q", "HEAD~1", "--", "secrets.vault"]).ok();
    verify().fails(6);
}

#[test]
fn n9_a_link_or_a_name_in_another_case_does_not_bypass_the_hook() {
    if !has("git") {
        return;
    }
    let sandbox = vault();
    let repository = Repository::pushed(&sandbox);
    let at = |name: &str| sandbox.project().join(name);
    std::fs::rename(sandbox.vault(), at("moved")).unwrap();
    std::os::unix::fs::symlink("moved", sandbox.vault()).unwrap();
    repository.refuses("is a link, not a file");
    std::fs::copy(sandbox.vault(), at("Secrets.Vault")).unwrap();
    repository.refuses("there is Secrets.Vault beside secrets.vault");
    // Also on a branch that doesn't have the file itself, and as a directory.
    std::fs::rename(sandbox.vault(), at("SECRETS.vault")).unwrap();
    let run = repository.push("branch");
    assert!(run.code != 0 && run.stderr.contains("there is SECRETS.vault"), "{run:?}");
    repository.git(&["reset", "-q", "--hard", "origin/main"]).ok();
    std::fs::create_dir(at("secrets.VAULT")).unwrap();
    sandbox.write("secrets.VAULT/x", "y");
    repository.refuses("there is secrets.VAULT");
    sandbox.set("dev/KEY", b"honest");
    repository.push("main").ok();
}

#[test]
fn n9_the_hook_checks_the_parent_directories_of_a_nested_vault() {
    if !has("git") {
        return;
    }
    let sandbox = vault();
    let repository = Repository::new(&sandbox);
    let hook = repository.bare().join("hooks/pre-receive");
    let text = include_str!("../../contrib/pre-receive")
        .replace("${VAULT_HOOK_FILE:-secrets.vault}", "config/a/secrets.vault");
    std::fs::write(hook, text).unwrap();
    let at = |name: &str| sandbox.project().join(name);
    std::fs::create_dir_all(at("config/a")).unwrap();
    std::fs::rename(sandbox.vault(), at("config/a/secrets.vault")).unwrap();
    repository.push("main").ok();
    repository.git(&["fetch", "-q"]).ok();
    std::fs::create_dir_all(at("config/A")).unwrap();
    std::fs::copy(at("config/a/secrets.vault"), at("config/A/secrets.vault")).unwrap();
    repository.refuses("there is A beside config/a/secrets.vault");
    std::os::unix::fs::symlink("config", at("Config")).unwrap();
    repository.refuses("there is Config beside");
    // A directory that became a link contains no file.
    std::fs::rename(at("config"), at("planted")).unwrap();
    std::os::unix::fs::symlink("planted", at("config")).unwrap();
    repository.refuses("the push removes config/a/secrets.vault");
}
