//! `vault git setup`.

mod merged;
mod shown;

use crate::harness::{Run, Sandbox, finish, has, program};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

const LINE: &str = "secrets.vault merge=vault diff=vault -text\n";

/// A repository on main without a vault.
fn empty() -> Option<Sandbox> {
    if !has("git") {
        return None;
    }
    let sandbox = Sandbox::empty();
    sandbox.git(&["init", "-q", "-b", "main"]).ok();
    Some(sandbox)
}

/// A repository that is set up, with one commit of a vault with dev and prod.
fn repository() -> Option<Sandbox> {
    let sandbox = empty()?.into_vault();
    sandbox.run(["env", "add", "prod"]).ok();
    sandbox.set("dev/KEY", b"first-secret");
    sandbox.set("dev/SAME", b"first-secret");
    sandbox.set("prod/KEY", b"prod-secret");
    sandbox.run(["git", "setup"]).ok();
    commit(&sandbox, "one");
    Some(sandbox)
}

fn commit(sandbox: &Sandbox, message: &str) {
    sandbox.git(&["add", "-A"]).ok();
    sandbox.git(&["commit", "-qm", message]).ok();
}

/// Adds the directories of the program under test and of git to a command's PATH.
fn with_program(mut command: Command) -> Command {
    let directory = program().parent().unwrap().display();
    command.env("PATH", format!("{directory}:{}", std::env::var("PATH").unwrap()));
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    command
}

/// Runs git with this program in PATH.
fn git(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    finish(with_program(sandbox.other("git", arguments)))
}

/// The lines that git shows as added and removed, without times.
fn changes(run: &Run) -> Vec<String> {
    let text = run.text();
    let lines = text
        .lines()
        .filter(|line| line.starts_with(['+', '-']) && !line.starts_with("+++") && !line.starts_with("---"));
    lines.map(|line| line.split(" by ").next().unwrap().to_owned()).collect()
}

fn attributes(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(sandbox.project().join(".gitattributes")).unwrap_or_default()
}

#[test]
fn setup_writes_attributes_and_configuration_once_and_remove_undoes_it() {
    let Some(sandbox) = empty() else { return };
    let config = || std::fs::read_to_string(sandbox.project().join(".git/config")).unwrap();
    let before = config();
    for text in ["", "*.png binary\n", "* text=auto"] {
        if !text.is_empty() {
            sandbox.write(".gitattributes", text);
        }
        let run = finish(with_program(sandbox.command(["git", "setup"]))).ok();
        assert!(run.stderr.contains("Added to ./.gitattributes: secrets.vault merge=vault"), "{run:?}");
        assert!(run.stderr.contains("hint: commit .gitattributes; in every other clone"), "{run:?}");
        assert!(!run.stderr.contains("warning"), "{run:?}");
        let (attributes_then, config_then) = (attributes(&sandbox), config());
        assert!(attributes_then.starts_with(text) && attributes_then.contains(LINE.trim()), "{attributes_then}");
        assert_eq!(
            sandbox.git(&["config", "merge.vault.driver"]).text(),
            "vault merge --driver %O %A %B %P %S %X %Y\n"
        );
        assert_eq!(sandbox.git(&["config", "diff.vault.textconv"]).text(), "vault git textconv\n");
        assert_eq!(sandbox.git(&["config", "--type=bool", "diff.vault.cachetextconv"]).text(), "false\n");
        let again = finish(with_program(sandbox.command(["git", "setup"]))).ok();
        assert_eq!(again.stderr, "Nothing changed: ./.gitattributes already has the line, and this clone is set up.\n");
        assert_eq!([attributes(&sandbox), config()], [attributes_then, config_then]);
        sandbox.run(["git", "setup", "--remove"]).ok().says("Removed from ./.gitattributes");
        assert_eq!([attributes(&sandbox), config()], [text.to_owned(), before.clone()]);
        assert_eq!(sandbox.project().join(".gitattributes").exists(), !text.is_empty());
    }
    // Changes that the user makes later stay.
    sandbox.run(["git", "setup"]).ok();
    sandbox.git(&["config", "diff.vault.textconv", "other"]).ok();
    sandbox.run(["git", "setup", "--remove"]).ok().says("diff.vault.textconv was changed, so it is kept");
    assert_eq!(sandbox.git(&["config", "diff.vault.textconv"]).text(), "other\n");
    sandbox.run(["git", "setup", "--remove"]).ok().says("has no settings for vault");
    sandbox.run(["git", "setup"]).ok();
    assert_eq!(sandbox.git(&["config", "diff.vault.textconv"]).text(), "vault git textconv\n");
}

#[test]
fn one_line_covers_nested_vaults_and_a_line_that_overrides_it_is_named() {
    let Some(sandbox) = repository() else { return };
    std::fs::create_dir_all(sandbox.project().join("a/b")).unwrap();
    sandbox.run(["init", "--key", "--vault", "a/b/secrets.vault"]).ok();
    commit(&sandbox, "nested");
    let of = |path: &str| sandbox.git(&["check-attr", "merge", "diff", "text", "--", path]).ok().text();
    for path in ["secrets.vault", "a/b/secrets.vault"] {
        assert_eq!(of(path), format!("{path}: merge: vault\n{path}: diff: vault\n{path}: text: unset\n"));
    }
    let setup = || finish(with_program(sandbox.command(["git", "setup"]))).ok().stderr;
    assert!(!setup().contains("warning"));
    sandbox.write("a/.gitattributes", "* text=auto\n");
    assert!(setup().contains(
        "warning: another attribute line overrides vault's for a/b/secrets.vault: git has text auto, not unset"
    ));
    // A vault with another name needs its own configuration.
    std::fs::create_dir_all(sandbox.project().join("my conf")).unwrap();
    sandbox.run(["init", "--key", "--vault", "my conf/p*d.vault"]).ok();
    let named = ["git", "setup", "--vault", "my conf/p*d.vault"];
    let run = finish(with_program(sandbox.command(named))).ok();
    assert!(!run.stderr.contains("warning"), "{run:?}");
    assert!(
        of("my conf/p*d.vault").contains("merge: vault") && of("my conf/prod.vault").contains("merge: unspecified")
    );
    sandbox.run(["git", "setup", "--remove", "--vault", "my conf/p*d.vault"]).ok();
    assert_eq!(attributes(&sandbox), LINE);
}

#[test]
fn git_does_not_change_a_checkout_with_other_line_ends() {
    let Some(sandbox) = empty() else { return };
    let sandbox = sandbox.into_vault();
    sandbox.write(".gitattributes", "* text=auto eol=crlf\n");
    sandbox.run(["git", "setup"]).ok();
    commit(&sandbox, "one");
    let before = std::fs::read(sandbox.vault()).unwrap();
    std::fs::remove_file(sandbox.vault()).unwrap();
    sandbox.git(&["-c", "core.autocrlf=true", "checkout", "-q", "--", "secrets.vault"]).ok();
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
}

#[test]
fn work_trees_share_the_setup_and_a_submodule_has_its_own() {
    let Some(sandbox) = empty() else { return };
    let sandbox = sandbox.into_vault();
    commit(&sandbox, "one");
    sandbox.git(&["worktree", "add", "-q", "../linked"]).ok();
    let linked = sandbox.project().join("../linked");
    let run = |directory: &Path, arguments: &[&str]| {
        let mut command = with_program(sandbox.command(arguments));
        command.current_dir(directory);
        finish(command)
    };
    run(&linked, &["git", "setup"]).ok();
    assert_eq!(std::fs::read_to_string(linked.join(".gitattributes")).unwrap(), LINE);
    assert!(sandbox.git(&["config", "--local", "merge.vault.driver"]).ok().text().starts_with("vault merge"));
    assert_eq!(attributes(&sandbox), "", "each work tree must have its own files");
    sandbox.git(&["clone", "-q", ".", "../other"]).ok();
    sandbox.git(&["-c", "protocol.file.allow=always", "submodule", "add", "-q", "../other", "sub"]).ok();
    let sub = sandbox.project().join("sub");
    assert_eq!(sandbox.git(&["-C", "sub", "config", "merge.vault.driver"]).code, 1);
    run(&sub, &["git", "setup"]).ok();
    assert!(sandbox.git(&["-C", "sub", "config", "--local", "merge.vault.driver"]).ok().text().starts_with("vault"));
    assert!(sub.join(".gitattributes").exists() && attributes(&sandbox).is_empty());
    sandbox.git(&["init", "-q", "--bare", "../bare.git"]).ok();
    let bare = sandbox.project().join("../bare.git");
    run(&bare, &["git", "setup", "--vault", "secrets.vault"]).fails(2).says("is a bare repository");
    run(&sandbox.home(), &["git", "setup", "--vault", "secrets.vault"]).fails(1).says("not a git repository");
}

#[test]
fn a_symbolic_link_as_gitattributes_is_refused() {
    let Some(sandbox) = empty() else { return };
    sandbox.write("other", "");
    symlink("other", sandbox.project().join(".gitattributes")).unwrap();
    sandbox.run(["git", "setup"]).fails(1).says("git doesn't follow links there");
    assert_eq!(sandbox.git(&["config", "merge.vault.driver"]).code, 1, "a failed setup must leave nothing behind");
}

#[test]
fn setup_warns_if_git_would_find_no_vault_or_another_program() {
    let Some(sandbox) = empty() else { return };
    let bin = sandbox.home().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let with = |first: &Path| {
        // Only git, not its directory, which may also have a vault.
        let mut command = sandbox.command(["git", "setup"]);
        command.env("PATH", format!("{}:{}", first.display(), sandbox.home().join("git").display()));
        finish(command).ok().stderr
    };
    std::fs::create_dir(sandbox.home().join("git")).unwrap();
    let paths = std::env::var_os("PATH").unwrap();
    let real = std::env::split_paths(&paths).map(|path| path.join("git")).find(|path| path.is_file()).unwrap();
    symlink(real, sandbox.home().join("git/git")).unwrap();
    assert!(with(&bin).contains("vault is not in PATH"));
    std::fs::write(bin.join("vault"), "#!/bin/sh\n").unwrap();
    assert!(with(&bin).contains("vault is not in PATH"), "it can't be run");
    std::fs::set_permissions(bin.join("vault"), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert!(with(&bin).contains("bin/vault, which is not this program"));
    std::fs::remove_file(bin.join("vault")).unwrap();
    symlink(program(), bin.join("vault")).unwrap();
    assert!(!with(&bin).contains("warning"));
}

#[test]
fn status_reports_a_clone_without_setup_and_init_suggests_it() {
    let Some(sandbox) = empty() else { return };
    let init = |sandbox: &Sandbox, arguments: &[&str]| {
        let mut command = sandbox.command([&["init", "--work-factor", "10", "--vault"], arguments].concat());
        command.env("VAULT_PASSPHRASE", "seven purple lanterns drift over quiet harbors");
        finish(command).ok().stderr
    };
    const HINT: &str = "for merges and git diff by item: vault git setup";
    assert!(init(&sandbox, &["one.vault"]).contains(HINT));
    sandbox.run(["git", "setup"]).ok();
    assert!(!init(&sandbox, &["two.vault"]).contains(HINT));
    assert!(!init(&Sandbox::empty(), &["three.vault"]).contains(HINT), "there is no git");
    let sandbox = sandbox.into_vault();
    const STATUS: &str = "this clone can't merge or show the vault by item yet: vault git setup";
    assert!(!sandbox.run(["status"]).ok().stderr.contains(STATUS));
    sandbox.git(&["config", "--remove-section", "merge.vault"]).ok();
    sandbox.run(["status"]).ok().says(STATUS);
    sandbox.run(["git", "setup"]).ok();
    assert!(!sandbox.run(["status"]).ok().stderr.contains(STATUS));
}

/// git puts the path into a command line, which a shell parses.
#[test]
fn the_driver_gets_a_path_with_spaces_and_quotes_as_one_argument() {
    let Some(sandbox) = empty() else { return };
    let bin = sandbox.home().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let script = "#!/bin/sh\nprintf '<%s>' \"$@\" >\"$HOME/printed\"\necho merged >\"$4\"\n";
    std::fs::write(bin.join("vault"), script).unwrap();
    std::fs::set_permissions(bin.join("vault"), std::fs::Permissions::from_mode(0o755)).unwrap();
    sandbox.run(["git", "setup"]).ok();
    let directory = "it's $(touch x) \"a\"";
    std::fs::create_dir(sandbox.project().join(directory)).unwrap();
    let path = format!("{directory}/secrets.vault");
    sandbox.write(&path, "0\n");
    commit(&sandbox, "base");
    sandbox.git(&["checkout", "-qb", "other"]).ok();
    sandbox.write(&path, "1\n");
    commit(&sandbox, "other");
    sandbox.git(&["checkout", "-q", "main"]).ok();
    sandbox.write(&path, "2\n");
    commit(&sandbox, "main");
    let mut merge =
        sandbox.other("git", ["-c", "user.name=m", "-c", "user.email=m@x", "merge", "-q", "--no-edit", "other"]);
    merge.env("PATH", format!("{}:{}", bin.display(), std::env::var("PATH").unwrap()));
    finish(merge).ok();
    assert_eq!(std::fs::read_to_string(sandbox.project().join(&path)).unwrap(), "merged\n");
    let printed = std::fs::read_to_string(sandbox.home().join("printed")).unwrap();
    assert!(
        printed.starts_with("<merge><--driver><.merge_file") && printed.contains(&format!("<{path}>")),
        "{printed}"
    );
    assert!(printed.ends_with("<HEAD><other>"), "git's names of the sides must be passed, too: {printed}");
}

#[test]
fn a_branch_of_a_vault_that_was_made_before_git_init_is_refused_and_the_hint_says_why() {
    if !has("git") {
        return;
    }
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"1");
    sandbox.git(&["init", "-q", "-b", "main"]).ok();
    sandbox.git(&["add", "-A"]).ok();
    sandbox.git(&["commit", "-qm", "main"]).ok();
    sandbox.git(&["checkout", "-qb", "feature"]).ok();
    sandbox.set("A", b"2");
    sandbox.git(&["commit", "-qam", "feature"]).ok();
    sandbox.git(&["checkout", "-q", "main"]).ok();
    let run = sandbox.run(["get", "A"]).fails(6).says("before it was in git, so a branch looks like a rollback");
    let hash = run.stderr.split("vault verify --accept ").nth(1).unwrap().split_whitespace().next().unwrap();
    sandbox.run(["verify", "--accept", hash]).ok();
    assert_eq!(sandbox.run(["get", "A"]).ok().text(), "1");
}
