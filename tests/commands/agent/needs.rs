//! What an agent is enough for, and what takes the passphrase or key.

use crate::harness::{Run, finish};
use crate::unlocked::{PASSPHRASE, Unlocked, on_terminal, shown_after_passphrase};
use vault::log::Action;

type Lines = &'static [&'static [&'static str]];

/// Returns command lines that do an action: those for which an agent is enough, and those that always need the passphrase
/// or key. A new action has to say which of them its command is.
fn lines(action: Action) -> (Lines, Lines) {
    match action {
        Action::Set => (&[&["set", "--kind", "variable", "NEW=1"], &["set", "NEW=2"]], &[]),
        Action::Get => (&[&["get", "NEW"]], &[]),
        Action::List => (&[&["list", "--values"]], &[]),
        Action::Remove => (&[&["rm", "-y", "OLD"]], &[]),
        Action::Move => (&[&["mv", "NEW", "MOVED"]], &[]),
        Action::Copy => (&[&["cp", "MOVED", "COPY"]], &[]),
        Action::Edit => (&[&["edit", "MOVED"]], &[]),
        Action::History => (&[&["history", "MOVED", "--values"]], &[]),
        Action::Rollback => (&[&["rollback", "MOVED", "--version", "1"]], &[]),
        Action::Rotate => (&[&["rotate", "MOVED", "--generate"]], &[]),
        Action::RotateCommand => (&[&["rotate", "MOVED", "--command", "echo new"]], &[]),
        // The first takes back a change of an item, and the second the addition of an environment.
        Action::Undo => (&[&["undo", "--dry-run"], &["undo"]], &[&["undo", "--dry-run"], &["undo"]]),
        Action::Exec => (&[&["exec", "--", "true"]], &[]),
        Action::Hook => (&[&["allow"], &["hook-env", "bash"]], &[]),
        Action::Import => (&[&["import", "new.env"]], &[]),
        Action::Export => (&[&["export"]], &[]),
        Action::Render => (&[&["render", "refers"]], &[]),
        Action::Check => (&[&["check"]], &[]),
        Action::Scan => (&[&["scan", "refers"]], &[]),
        Action::Exposure => (&[&["exposure", "mia"]], &[]),
        Action::EnvDiff => (&[&["env", "diff", "staging", "staging2"]], &[]),
        Action::EnvCopy => (
            &[&["env", "copy", "dev", "staging"], &["env", "copy", "dev", "qa", "--dry-run"]],
            &[&["env", "copy", "dev", "qa"]],
        ),
        Action::EnvAdd => (&[], &[&["env", "add", "qa"], &["env", "add", "qa", "--private"]]),
        Action::EnvRemove => (&[], &[&["env", "rm", "-y", "staging"]]),
        Action::EnvProtect => (&[], &[&["env", "protect", "staging"]]),
        Action::EnvUnprotect => (&[], &[&["env", "unprotect", "guarded", "--reason", "a test"]]),
        Action::UserAdd => (&[], &[&["user", "add", "ci"], &["user", "add", "--names", "names", "--keys-to", "keys"]]),
        Action::UserRemove => (&[], &[&["user", "rm", "ben"]]),
        Action::UserRole => (&[], &[&["user", "role", "ben", "admin"]]),
        Action::UserRenew => (&[], &[&["user", "renew", "mia"], &["user", "renew", "mia", "--finish"]]),
        Action::Grant => (&[], &[&["grant", "ben", "staging"]]),
        Action::Revoke => (&[], &[&["revoke", "ben", "dev"]]),
        Action::Passwd => (&[], &[&["passwd"], &["passwd", "--key"]]),
        Action::Recovery => (&[], &[&["recovery"]]),
        Action::Log => (&[&["log"], &["log", "stats"]], &[]),
        Action::LogExport => (&[], &[&["log", "export"]]),
        Action::LogArchive => (&[], &[&["log", "archive", "--before", "1d"]]),
        // Without an option, it says until when the agent keeps the keys.
        Action::Unlock => (&[&["unlock"]], &[]),
        // These need no keys, more than a vault, or the key that an admin printed.
        Action::Init | Action::Diff | Action::Merge | Action::Doctor | Action::Join | Action::Lock | Action::Damage => {
            (&[], &[])
        }
    }
}

/// An unlocked vault with what the command lines name.
fn place() -> Unlocked {
    let vault = Unlocked::with_passphrase();
    for (file, text) in [
        ("new.env", "IMPORTED=1\n"),
        ("refers", "NAME=vault://MOVED\n"),
        ("names", "eva\n"),
        (".env.example", "MOVED=\n"),
    ] {
        vault.sandbox.write(file, text);
    }
    vault.unlock_with("VAULT_PASSPHRASE", PASSPHRASE).ok();
    for arguments in [
        &["user", "add", "ben", "--read", "dev"][..],
        &["set", "--kind", "variable", "OLD=1"],
        &["env", "add", "staging"],
        &["env", "add", "staging2"],
        &["env", "add", "guarded"],
        &["env", "protect", "guarded"],
    ] {
        given(&vault, arguments).ok();
    }
    vault
}

/// Runs a command with the passphrase.
fn given(vault: &Unlocked, arguments: &[&str]) -> Run {
    let mut command = vault.command(arguments);
    command.env("VAULT_PASSPHRASE", PASSPHRASE);
    finish(command)
}

#[test]
fn an_agent_is_enough_for_every_action_that_is_not_signed_with_the_keys() {
    let vault = place();
    for arguments in Action::ALL.iter().flat_map(|action| lines(*action).0) {
        let mut command = vault.command(arguments);
        command.env_remove("VAULT_KEY").env("VAULT_ENV", "dev").env("EDITOR", "true");
        finish(command).ok();
    }
}

#[test]
fn an_agent_changes_nothing_that_is_signed_with_the_keys() {
    let vault = place();
    // The change that an undo would take back.
    given(&vault, &["env", "add", "last"]).ok();
    let before = std::fs::read(vault.sandbox.vault()).unwrap();
    for arguments in Action::ALL.iter().flat_map(|action| lines(*action).1) {
        let run = vault.run(arguments).fails(4).says("this command always needs your passphrase or key, and");
        let run = run.says("set VAULT_KEY, VAULT_KEY_FILE or --passphrase-fd (vault unlock is not enough)");
        assert!(!run.stderr.contains("locked") && run.stdout.is_empty(), "{run:?}");
        let mut terminal = on_terminal(vault.command(arguments));
        let question = terminal.exp_string(", which always asks): ").unwrap();
        assert!(
            question.starts_with("Passphrase for mia in ./secrets.vault (for vault "),
            "{arguments:?} {question:?}"
        );
    }
    assert!(std::fs::read(vault.sandbox.vault()).unwrap() == before);
    // A longer time takes the passphrase, too.
    let longer = vault.run(&["unlock", "--for", "8h"]).fails(4);
    assert!(longer.stderr.starts_with("error: this command always needs your passphrase or key"), "{longer:?}");
}

#[test]
fn what_an_agent_is_not_enough_for_is_done_with_the_passphrase() {
    let vault = place();
    let shown = shown_after_passphrase(vault.command(&["env", "copy", "dev", "qa"]));
    assert!(shown.contains("Copied 1 item from dev to qa (new)"), "{shown}");
    given(&vault, &["env", "copy", "dev", "qa2"]).ok();
    given(&vault, &["undo"]).ok().says("Undone: ");
}
