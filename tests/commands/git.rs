//! `vault git setup`, and what git shows with it.

use crate::device::{Device, add};
use crate::harness::{Run, Sandbox, finish, has, program};
use crate::unlocked::Unlocked;
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

/// A repository that is set up, with one commit of a vault of dev and prod.
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

/// Adds the program under test, and git's own, to a command's PATH.
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
fn setup_writes_attributes_and_configuration_once_and_remove_undoes_exactly_that() {
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
    // Later changes by the user stay.
    sandbox.run(["git", "setup"]).ok();
    sandbox.git(&["config", "diff.vault.textconv", "other"]).ok();
    sandbox.run(["git", "setup", "--remove"]).ok().says("diff.vault.textconv was changed, so it is kept");
    assert_eq!(sandbox.git(&["config", "diff.vault.textconv"]).text(), "other\n");
    sandbox.run(["git", "setup", "--remove"]).ok().says("has no settings for vault");
    sandbox.run(["git", "setup"]).ok();
    assert_eq!(sandbox.git(&["config", "diff.vault.textconv"]).text(), "vault git textconv\n");
}

#[test]
fn one_line_covers_nested_vaults_and_a_line_that_outranks_it_is_named() {
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
    // A vault with another name is configured alone.
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
fn a_checkout_with_other_line_ends_is_not_changed_by_git() {
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
fn work_trees_share_what_is_set_up_and_a_submodule_has_its_own() {
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
    assert_eq!(attributes(&sandbox), "", "each work tree has its own files");
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
fn a_link_in_the_place_of_gitattributes_is_refused() {
    let Some(sandbox) = empty() else { return };
    sandbox.write("other", "");
    symlink("other", sandbox.project().join(".gitattributes")).unwrap();
    sandbox.run(["git", "setup"]).fails(1).says("git doesn't follow links there");
    assert_eq!(sandbox.git(&["config", "merge.vault.driver"]).code, 1, "nothing is half done");
}

#[test]
fn a_vault_that_git_would_not_find_or_another_program_is_told() {
    let Some(sandbox) = empty() else { return };
    let bin = sandbox.home().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let with = |first: &Path| {
        // Only git, without its directory, which may also have a vault.
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
fn status_says_when_a_clone_is_not_set_up_and_init_that_it_can_be() {
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

/// git puts the path into a command line, which a shell reads.
#[test]
fn the_driver_gets_a_path_with_spaces_and_quotes_as_one_word() {
    let Some(sandbox) = empty() else { return };
    let bin = sandbox.home().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let script = "#!/bin/sh\nprintf '<%s>' \"$@\" >\"$HOME/said\"\necho merged >\"$4\"\n";
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
    let said = std::fs::read_to_string(sandbox.home().join("said")).unwrap();
    assert!(said.starts_with("<merge><--driver><.merge_file") && said.contains(&format!("<{path}>")), "{said}");
    assert!(said.ends_with("<HEAD><other>"), "what git calls the sides comes with it: {said}");
}

#[test]
fn git_shows_each_changed_item_in_a_line_and_never_a_value() {
    let Some(sandbox) = repository() else { return };
    sandbox.set("dev/KEY", b"second-secret");
    sandbox.run(["set", "dev/SAME", "--note", "a\nb\u{1b}[2J", "--tag", "x"]).ok();
    sandbox.run(["mv", "prod/KEY", "prod/OTHER"]).ok();
    let log = sandbox.run(["log", "--json"]).ok().text();
    let marks = std::fs::read(sandbox.vault_state().join("marks.json")).unwrap();
    let run = git(&sandbox, &["diff"]).ok();
    let shown = changes(&run);
    let at = |start: &str| {
        let line = shown.iter().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start}: {shown:?}"));
        line.rsplit(' ').next().unwrap().to_owned()
    };
    assert_ne!(at("-dev/KEY secret v1"), at("+dev/KEY secret v2"), "another value, another fingerprint");
    assert_eq!(at("-dev/SAME secret v1"), at("+dev/SAME secret v1"), "only the note changed");
    assert_eq!(at("-prod/KEY secret v1"), at("+prod/OTHER secret v1"), "a renamed item keeps it");
    assert_ne!(at("-dev/KEY"), at("-dev/SAME"), "the same value in two items does not show");
    assert!(run.text().contains("tags x note \"a\\nb\\u{1b}[2J\"") && !run.text().contains('\u{1b}'), "{run:?}");
    assert!(shown.contains(&"+[dev] version 5".to_owned()), "{shown:?}");
    commit(&sandbox, "two");
    for arguments in [&["log", "-p", "-1"][..], &["show"], &["diff", "HEAD~1"], &["diff", "HEAD~1", "HEAD"]] {
        let again = git(&sandbox, arguments).ok();
        assert_eq!(changes(&again), shown, "{arguments:?}");
        assert!(!again.text().contains("-secret\"") && !again.text().contains("first-secret"), "{again:?}");
        assert_eq!(again.stderr, "");
    }
    let blame = git(&sandbox, &["blame", "secrets.vault"]).ok().text();
    assert!(blame.lines().any(|line| line.contains("dev/KEY secret v2")), "{blame}");
    assert_eq!(sandbox.run(["log", "--json"]).ok().text(), log, "no value left, so nothing is logged");
    assert_eq!(std::fs::read(sandbox.vault_state().join("marks.json")).unwrap(), marks);
    assert_eq!(git(&sandbox, &["for-each-ref", "refs/notes"]).ok().text(), "", "git keeps none of these texts");
}

#[test]
fn old_versions_are_shown_with_earlier_keys_and_without_a_word_about_their_age() {
    let Some(mut sandbox) = repository() else { return };
    let key = sandbox.run(["passwd", "--key"]).ok().text();
    sandbox.use_key(&key);
    sandbox.set("dev/KEY", b"second-secret");
    commit(&sandbox, "two");
    let run = git(&sandbox, &["log", "-p", "--reverse"]).ok();
    assert_eq!(run.stderr, "");
    let text = run.text();
    assert!(text.contains("\n+dev/KEY secret v1 ") && text.contains("\n-dev/KEY secret v1 "), "{text}");
    // All fingerprints use one key, so an unchanged value shows none.
    assert!(!text.contains("\n-dev/SAME"), "{text}");
    sandbox.git(&["checkout", "-q", "HEAD~1"]).ok();
    let run = git(&sandbox, &["diff", "main"]).ok();
    assert_eq!(run.stderr, "");
}

#[test]
fn without_a_key_or_a_right_git_shows_the_outline() {
    let Some(sandbox) = repository() else { return };
    let rea = Device::new(&sandbox, "rea").with_key(&add(&sandbox, &["rea", "--read", "dev"]));
    let nobody = Device::new(&sandbox, "nobody");
    commit(&sandbox, "rea");
    sandbox.set("dev/KEY", b"second-secret");
    sandbox.set("prod/KEY", b"other-secret");
    let diff = |device: &Device<'_>| finish(device.prepare(with_program(sandbox.other("git", ["diff", "-U0"])))).ok();
    let seen = diff(&rea);
    let shown = changes(&seen);
    assert!(shown.iter().any(|line| line.starts_with("+dev/KEY secret v2")), "{shown:?}");
    assert!(
        seen.text().contains("(outline only: rea may not read it)") && !seen.text().contains("prod/KEY"),
        "{seen:?}"
    );
    let seen = diff(&nobody);
    let outline = ["-[dev] version 4", "+[dev] version 5", "-[prod] version 2", "+[prod] version 3"];
    assert!(outline.iter().all(|line| changes(&seen).contains(&(*line).to_owned())), "{seen:?}");
    assert!(!seen.text().contains("/KEY"), "{seen:?}");
    let locked = nobody.run(&["git", "textconv", "secrets.vault"]).ok();
    assert!(locked.text().starts_with("# outline only: locked; vault unlock shows the items\n"), "{locked:?}");
    // No passphrase is tried or asked for.
    let tried = Device::new(&sandbox, "tried").with_passphrase("seven purple lanterns drift over quiet harbors");
    assert_eq!(tried.run(&["git", "textconv", "secrets.vault"]).ok().text(), locked.text());
    assert!(!nobody.state.exists() && !tried.state.exists(), "nothing is kept of it");
}

#[test]
fn an_agent_shows_the_same_as_the_key_and_lives_no_longer_for_it() {
    let Some(sandbox) = repository() else { return };
    sandbox.set("dev/KEY", b"second-secret");
    let by_key = git(&sandbox, &["diff"]).ok().text();
    let vault = Unlocked::around(sandbox);
    vault.unlock(&["--idle", "30m", "--for", "2h"]).ok();
    let idle = |vault: &Unlocked| vault.run(&["status", "--json"]).ok().json()["agent"]["idleUntil"].clone();
    let before = vault::time::Time::parse(idle(&vault).as_str().unwrap()).unwrap();
    let mut diff = with_program(vault.other("git", &["diff"]));
    diff.env_remove("VAULT_KEY");
    std::thread::sleep(std::time::Duration::from_millis(2_100));
    assert_eq!(finish(diff).ok().text(), by_key);
    let after = vault::time::Time::parse(idle(&vault).as_str().unwrap()).unwrap();
    assert!((after.utc() - before.utc()).num_seconds() <= 1, "{before} {after}");
}

#[test]
fn whatever_the_file_is_something_is_shown_and_git_goes_on() {
    let Some(sandbox) = repository() else { return };
    let textconv = |name: &str, content: &[u8]| {
        sandbox.write(name, content);
        let run = sandbox.run(["git", "textconv", name]).ok();
        assert_eq!(run.stderr, "", "{name}");
        run.text()
    };
    let whole = std::fs::read_to_string(sandbox.vault()).unwrap();
    let full = textconv("-copy", whole.as_bytes());
    assert!(full.contains("dev/KEY secret v1"), "{full}");
    assert_eq!(textconv("crlf", whole.replace('\n', "\r\n").as_bytes()), full);
    assert_eq!(textconv("empty", b""), "");
    assert!(textconv("plain", b"PASSWORD=hunter2\n").starts_with("# not a vault: 17 bytes, SHA-256 "));
    assert!(textconv("bytes", b"\xff\0\xfe").starts_with("# not a vault: 3 bytes"));
    assert!(sandbox.run(["git", "textconv", "nowhere"]).ok().text().starts_with("# can't be read"));
    let newer = textconv("newer", whole.replacen("format = 1", "format = 2", 1).as_bytes());
    assert!(newer.starts_with("# outline only: the file has format 2") && newer.contains("name = \"dev\""), "{newer}");
    let cut = textconv("cut", &whole.as_bytes()[..whole.len() - 100]);
    assert!(cut.starts_with("# outline only: ") && cut.contains("name = \"prod\""), "{cut}");
    let at = whole.find("[[environment]]").unwrap();
    let forged = whole[at..].replacen("author = \"mia\"", "author = \"eve\"", 1);
    let forged = textconv("forged", format!("{}{forged}", &whole[..at]).as_bytes());
    assert!(forged.contains("[dev] environment dev is not valid: eve wrote it without the right to"), "{forged}");
    assert!(forged.contains("prod/KEY secret v1") && !forged.contains("dev/KEY"), "{forged}");
    // Another vault of somebody else, whose keys nobody has here.
    let key = sandbox.command(["init", "--key", "--vault", "other.vault"]).output().unwrap();
    assert!(key.status.success());
    let other = sandbox.run(["git", "textconv", "other.vault"]).ok().text();
    assert!(other.starts_with("# outline only: locked") && other.contains("[dev] version 1"), "{other}");
}

#[test]
fn a_conflicted_file_is_an_outline_with_its_conflicts() {
    let Some(sandbox) = repository() else { return };
    sandbox.git(&["config", "--remove-section", "merge.vault"]).ok();
    sandbox.git(&["checkout", "-qb", "other"]).ok();
    sandbox.set("dev/KEY", b"other-secret");
    commit(&sandbox, "other");
    sandbox.git(&["checkout", "-q", "main"]).ok();
    sandbox.set("dev/KEY", b"main-secret");
    commit(&sandbox, "main");
    assert_eq!(sandbox.git(&["merge", "-q", "--no-edit", "other"]).code, 1);
    let run = git(&sandbox, &["diff"]).ok();
    assert_eq!(run.stderr, "");
    assert!(!run.text().contains("BEGIN AGE") && !run.text().contains("-secret\""), "{run:?}");
    let shown = sandbox.run(["git", "textconv", "secrets.vault"]).ok().text();
    assert!(shown.starts_with("# outline only: the file has an unresolved merge\n"), "{shown}");
    assert!(
        shown.contains("\n<<<<<<< ") && shown.contains("\n=======\n") && shown.contains("name = \"dev\""),
        "{shown}"
    );
    // The sides themselves are complete.
    assert!(git(&sandbox, &["diff", "HEAD", "MERGE_HEAD"]).ok().text().contains("dev/KEY secret v2"));
    let sides = sandbox.run(["diff", "HEAD", "MERGE_HEAD", "--values"]).ok();
    assert!(sides.text().contains("main-secret") && sides.text().contains("other-secret"), "{sides:?}");
    sandbox.run(["diff", "HEAD~1..HEAD"]).ok();
    sandbox.run(["diff"]).fails(6).says("vault merge");
    sandbox.run(["diff", "--staged"]).fails(6).says("is in conflict in git's index");
}

/// Runs git as this person, with the program in PATH, in a directory beside the project.
fn git_in(sandbox: &Sandbox, directory: &str, arguments: &[&str]) -> Run {
    let identity = ["-c", "user.name=mia", "-c", "user.email=mia@example.com"];
    let mut command = with_program(sandbox.other("git", identity.iter().chain(arguments)));
    command.current_dir(sandbox.project().join(directory));
    finish(command)
}

/// Sets an item there and commits it.
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
fn in_a_clone_that_is_set_up_git_merges_rebases_picks_and_pulls_items_by_itself() {
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

/// Two criss-cross merges leave two common ancestors, which git would merge first, without a key.
#[test]
fn merges_across_each_other_are_merged_from_one_of_their_ancestors() {
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
