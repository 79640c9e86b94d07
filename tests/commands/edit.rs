//! `edit`: an environment or an item in an editor. The editors are scripts: `$1` is the file.

mod drafts;
mod editors;
mod on_terminal;
mod signals;

use crate::harness::{Run, Sandbox, finish};
use rexpect::session::PtySession;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn sandbox() -> Option<Sandbox> {
    if !Path::new("/dev/shm").is_dir() {
        return None;
    }
    let sandbox = Sandbox::with_vault();
    sandbox.set("A", b"one");
    sandbox.set("B", b"two words # not a comment\nsecond line");
    sandbox.set("tls.key", b"binary \0 bytes");
    Some(sandbox)
}

/// Uses a script as the editor. It records the path of the file.
fn editor(sandbox: &Sandbox, script: &str) -> PathBuf {
    let editor = sandbox.write("editor", format!("#!/bin/sh\necho \"$1\" >path\n{script}\n"));
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o755)).unwrap();
    editor
}

fn command(sandbox: &Sandbox, script: &str, arguments: &[&str]) -> Command {
    let mut command = sandbox.command([&["edit"], arguments].concat());
    command.env("EDITOR", editor(sandbox, script)).env_remove("VISUAL");
    command
}

fn edit(sandbox: &Sandbox, script: &str, arguments: &[&str]) -> Run {
    let run = finish(command(sandbox, script, arguments));
    nothing_is_left_in_memory(sandbox);
    run
}

/// Starts a command on its own terminal.
fn at_terminal(mut command: Command) -> PtySession {
    command.env("TERM", "xterm").stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    rexpect::session::spawn_command(command, Some(60_000)).unwrap()
}

fn nothing_is_left_in_memory(sandbox: &Sandbox) {
    if let Ok(path) = std::fs::read_to_string(sandbox.project().join("path")) {
        assert!(!Path::new(path.trim()).parent().unwrap().exists(), "{path} is left in memory");
    }
}

/// The sealed drafts on this device.
fn drafts(sandbox: &Sandbox) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(sandbox.vault_state()).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("draft-")).collect()
}

/// Returns the text of the newest draft.
fn drafted(sandbox: &Sandbox) -> String {
    let mut command = sandbox.command(["edit", "--resume"]);
    // The editor fails, so that nothing is saved.
    command.env("EDITOR", "show() { cat \"$1\"; false; }; show").env_remove("VISUAL");
    finish(command).text()
}

fn value(sandbox: &Sandbox, item: &str) -> Vec<u8> {
    sandbox.run(["get", item]).ok().stdout
}

#[test]
fn edits_in_the_text_change_the_environment() {
    let Some(sandbox) = sandbox() else { return };
    let script = "sed -i -e 's/^A=.*/A=changed/' \"$1\"; echo 'NEW=\"x y\"' >>\"$1\"";
    edit(&sandbox, script, &[]).ok().says("In dev: changed A; added NEW.");
    assert_eq!(value(&sandbox, "A"), b"changed");
    assert_eq!(value(&sandbox, "NEW"), b"x y");
    assert_eq!(value(&sandbox, "B"), b"two words # not a comment\nsecond line");
    assert_eq!(value(&sandbox, "tls.key"), b"binary \0 bytes");
    assert_eq!(sandbox.run(["get", "A", "--version", "1"]).ok().text(), "one");
}

#[test]
fn an_unchanged_text_is_not_saved() {
    let Some(sandbox) = sandbox() else { return };
    let before = std::fs::read(sandbox.vault()).unwrap();
    edit(&sandbox, "true", &[]).ok().says("Nothing changed, nothing was written.");
    // The same values in another notation aren't a change either.
    edit(&sandbox, "sed -i 's/^A=.*/A = \"one\"/' \"$1\"; echo '# a comment' >>\"$1\"", &[])
        .ok()
        .says("Nothing changed");
    edit(&sandbox, "touch \"$1\"", &["A"]).ok().says("Nothing changed");
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
}

#[test]
fn one_item_is_edited_byte_for_byte() {
    let Some(sandbox) = sandbox() else { return };
    edit(&sandbox, "printf 'new\\n' >\"$1\"", &["A"]).ok().says("In dev: changed A.");
    assert_eq!(value(&sandbox, "A"), b"new", "the editor's final newline must not be part of the value");
    edit(&sandbox, "printf 'a\\0b\\n\\n' >\"$1\"", &["dev/tls.key"]).ok();
    assert_eq!(value(&sandbox, "tls.key"), b"a\0b\n");
    let emptied = ": >\"$1\"";
    edit(&sandbox, emptied, &["A"]).fails(2).says("the value is empty").says("to accept an empty value: --empty");
    assert_eq!(value(&sandbox, "A"), b"new");
    edit(&sandbox, emptied, &["A", "--empty"]).ok();
    assert_eq!(value(&sandbox, "A"), b"");
    edit(&sandbox, "true", &["NOWHERE"]).fails(3);
}

#[test]
fn a_line_without_a_value_does_not_empty_an_item() {
    let Some(sandbox) = sandbox() else { return };
    let script = "sed -i 's/^A=.*/A=/' \"$1\"";
    edit(&sandbox, script, &[]).fails(2).says("A is empty: give it a value or remove the line");
    assert_eq!(value(&sandbox, "A"), b"one");
    edit(&sandbox, "grep -q NEW \"$1\" || echo NEW= >>\"$1\"", &[]).fails(2).says("NEW is empty");
    edit(&sandbox, script, &["--empty"]).ok().says("changed A");
    // A value that was empty before is accepted.
    edit(&sandbox, "echo NEW=1 >>\"$1\"", &[]).ok().says("added NEW");
}

#[test]
fn a_refused_text_changes_nothing_and_the_error_names_the_line() {
    let Some(sandbox) = sandbox() else { return };
    let before = std::fs::read(sandbox.vault()).unwrap();
    edit(&sandbox, "echo 'nonsense here' >>\"$1\"", &[]).fails(2).says("line 6: not an assignment");
    edit(&sandbox, "echo LD_PRELOAD=x >>\"$1\"", &[])
        .fails(2)
        .says("line 6: LD_PRELOAD can make a program load code")
        .says("--allow-name");
    edit(&sandbox, "echo tls.key=x >>\"$1\"", &[]).fails(2).says("tls.key already exists");
    edit(&sandbox, ": >\"$1\"", &[]).fails(2).says("no items left");
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
}

#[test]
fn without_a_terminal_the_editor_is_opened_once() {
    let Some(sandbox) = sandbox() else { return };
    let run = edit(&sandbox, "echo x >>count; sed -i 1iBAD \"$1\"", &[]);
    run.fails(2).says("sets no value").says("nothing was written").says("kept as a draft");
    assert_eq!(std::fs::read_to_string(sandbox.project().join("count")).unwrap().lines().count(), 1);
}

#[test]
fn an_environment_can_be_named_with_or_without_an_option() {
    let Some(sandbox) = sandbox() else { return };
    sandbox.run(["env", "add", "prod"]).ok();
    sandbox.set("prod/P", b"${A}-as-it-is");
    let shown = |arguments: &[&str]| edit(&sandbox, "cat \"$1\"", arguments).ok().text();
    for arguments in [&["prod"][..], &["-e", "prod"]] {
        assert!(shown(arguments).contains("\nP='${A}-as-it-is'\n"), "{}", shown(arguments));
    }
    assert_eq!(shown(&["prod/P"]), "${A}-as-it-is");
    assert_eq!(shown(&["-e", "prod", "P"]), "${A}-as-it-is");
    edit(&sandbox, "true", &["-e", "dev", "prod"]).fails(3).says("there is no item dev/prod");
    let mut named = command(&sandbox, "cat \"$1\"", &["prod"]);
    named.env("VAULT_ENV", "dev");
    assert!(finish(named).ok().text().contains("\nP="));
}

#[test]
fn items_are_removed_only_after_confirmation() {
    let Some(sandbox) = sandbox() else { return };
    let script = "sed -i '/^A=/d' \"$1\"";
    edit(&sandbox, script, &[]).fails(2).says("-y answers yes");
    assert_eq!(value(&sandbox, "A"), b"one");
    edit(&sandbox, script, &["-y"]).ok().says("In dev: removed A.");
    sandbox.run(["get", "A"]).fails(3);
}

#[test]
fn an_editor_that_fails_or_is_killed_changes_nothing_and_leaves_nothing() {
    let Some(sandbox) = sandbox() else { return };
    let before = std::fs::read(sandbox.vault()).unwrap();
    edit(&sandbox, "echo A=x >\"$1\"; exit 3", &[]).fails(1).says("failed: exit status: 3");
    edit(&sandbox, "echo A=x >\"$1\"; kill -KILL $$", &[]).fails(1).says("failed");
    edit(&sandbox, "rm \"$1\"", &[]).fails(1).says("error: the editor removed the file");
    // A signal that ends vault also stops the editor, and the file is removed.
    edit(&sandbox, "kill -TERM $PPID; exec sleep 20", &[]).fails(1).says("SIGTERM ended the editor");
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
}

#[test]
fn the_next_run_removes_files_of_a_killed_one() {
    let Some(sandbox) = sandbox() else { return };
    // No process has this id.
    let left = Path::new("/dev/shm").join(format!("vault-edit-99999999-test{}", std::process::id()));
    std::fs::create_dir(&left).unwrap();
    std::fs::write(left.join("dev.env"), "A=secret").unwrap();
    edit(&sandbox, "true", &[]).ok();
    assert!(!left.exists());
}

#[test]
fn the_file_is_private_and_in_memory_and_the_editor_gets_no_key() {
    let Some(sandbox) = sandbox() else { return };
    let script =
        "stat -c %a \"$1\" \"$(dirname \"$1\")\"; df --output=fstype \"$1\" | tail -n 1; echo ${VAULT_KEY-none}";
    assert_eq!(edit(&sandbox, script, &[]).ok().text(), "600\n700\ntmpfs\nnone\n");
}

#[test]
fn a_concurrent_change_is_not_overwritten() {
    let Some(sandbox) = sandbox() else { return };
    let vault = crate::harness::program().display();
    let key = sandbox.key();
    let script = format!("VAULT_KEY={key} '{vault}' set --kind variable A=theirs; sed -i 's/^A=.*/A=mine/' \"$1\"");
    edit(&sandbox, &script, &[]).fails(1).says("dev/A was changed by mia in the meantime");
    assert_eq!(value(&sandbox, "A"), b"theirs");
    let script = format!("VAULT_KEY={key} '{vault}' set --kind variable C=theirs; sed -i 's/^A=.*/A=mine/' \"$1\"");
    edit(&sandbox, &script, &[]).ok();
    assert_eq!(value(&sandbox, "C"), b"theirs", "a change of another item is kept");
}

#[test]
fn the_log_entry_is_written_before_the_editor_gets_the_values() {
    let Some(sandbox) = sandbox() else { return };
    edit(&sandbox, "true", &["A"]).ok();
    let log = sandbox.run(["log", "--action", "edit", "--json"]).ok().json();
    assert_eq!(log["secrets"], serde_json::json!(["A"]), "{log}");
    let key = sandbox.run(["user", "add", "rea", "--read", "dev"]).ok().text();
    let mut command = sandbox.command(["edit"]);
    command.env("VAULT_KEY", key.trim()).env("EDITOR", "touch ran;");
    finish(command).fails(5).says("rea may not write dev");
    assert!(!sandbox.project().join("ran").exists());
}

#[test]
fn without_an_editor_and_a_terminal_it_fails_at_once() {
    let sandbox = Sandbox::with_vault();
    sandbox.run(["edit"]).fails(1).says("there is no terminal for an editor");
}

#[test]
fn a9_the_next_command_removes_files_that_a_killed_editor_left_in_memory() {
    let sandbox = Sandbox::with_vault();
    let runtime = Path::new("/dev/shm");
    if !runtime.is_dir() {
        println!("skipped: no file system in memory");
        return;
    }
    // The id of a process that has exited.
    let mut gone = Command::new("true").spawn().unwrap();
    let process = gone.id();
    gone.wait().unwrap();
    let left = runtime.join(format!("vault-edit-{process}-{}", "0".repeat(32)));
    std::fs::create_dir(&left).unwrap();
    std::fs::write(left.join("dev.env"), "A=secret").unwrap();
    sandbox.run(["list"]).ok();
    assert!(!left.exists());
}
