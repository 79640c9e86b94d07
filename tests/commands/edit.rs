//! `edit`: an environment or an item in an editor. The editors are scripts: `$1` is the file.

use crate::harness::{Run, Sandbox, finish, has_optional};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

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

fn edit(sandbox: &Sandbox, script: &str, arguments: &[&str]) -> Run {
    let editor = sandbox.write("editor", format!("#!/bin/sh\necho \"$1\" >path\n{script}\n"));
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = sandbox.command([&["edit"], arguments].concat());
    command.env("EDITOR", &editor).env_remove("VISUAL");
    let run = finish(command);
    if let Ok(path) = std::fs::read_to_string(sandbox.project().join("path")) {
        assert!(!Path::new(path.trim()).parent().unwrap().exists(), "{path} is left in memory");
    }
    run
}

fn value(sandbox: &Sandbox, item: &str) -> Vec<u8> {
    sandbox.run(["get", item]).ok().stdout
}

#[test]
fn an_environment_is_changed_as_its_text_was() {
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
fn what_is_left_unchanged_is_not_written() {
    let Some(sandbox) = sandbox() else { return };
    let before = std::fs::read(sandbox.vault()).unwrap();
    edit(&sandbox, "true", &[]).ok().says("Nothing changed, nothing was written.");
    // The same values in another form are no change either.
    edit(&sandbox, "sed -i 's/^A=.*/A = \"one\"/' \"$1\"; echo '# a comment' >>\"$1\"", &[])
        .ok()
        .says("Nothing changed");
    edit(&sandbox, "touch \"$1\"", &["A"]).ok().says("Nothing changed");
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
}

#[test]
fn one_item_is_edited_to_the_byte() {
    let Some(sandbox) = sandbox() else { return };
    edit(&sandbox, "printf 'new\\n' >\"$1\"", &["A"]).ok().says("In dev: changed A.");
    assert_eq!(value(&sandbox, "A"), b"new", "an editor's final newline is none of the value");
    edit(&sandbox, "printf 'a\\0b\\n\\n' >\"$1\"", &["dev/tls.key"]).ok();
    assert_eq!(value(&sandbox, "tls.key"), b"a\0b\n");
    let emptied = ": >\"$1\"";
    edit(&sandbox, emptied, &["A"]).fails(2).says("the value is empty").says("vault edit dev/A --empty");
    assert_eq!(value(&sandbox, "A"), b"new");
    edit(&sandbox, emptied, &["A", "--empty"]).ok();
    assert_eq!(value(&sandbox, "A"), b"");
    edit(&sandbox, "true", &["NOWHERE"]).fails(3);
}

#[test]
fn a_line_without_a_value_blanks_nothing() {
    let Some(sandbox) = sandbox() else { return };
    let script = "sed -i 's/^A=.*/A=/' \"$1\"";
    edit(&sandbox, script, &[]).fails(2).says("A is empty: give it a value or remove the line");
    assert_eq!(value(&sandbox, "A"), b"one");
    edit(&sandbox, "grep -q NEW \"$1\" || echo NEW= >>\"$1\"", &[]).fails(2).says("NEW is empty");
    edit(&sandbox, script, &["--empty"]).ok().says("changed A");
    // A value that was empty before is no mistake.
    edit(&sandbox, "echo NEW=1 >>\"$1\"", &[]).ok().says("added NEW");
}

#[test]
fn a_mistake_opens_the_editor_again_with_what_is_wrong() {
    let Some(sandbox) = sandbox() else { return };
    let script = "if head -n 1 \"$1\" | grep -q '^# error: line 7: no assignment$'; then sed -i '/^nonsense/d' \"$1\"; echo OK=1 >>\"$1\"; \
                  else echo 'nonsense here' >>\"$1\"; fi";
    edit(&sandbox, script, &[]).ok().says("added OK");
    let before = std::fs::read(sandbox.vault()).unwrap();
    // Who leaves it as it is has given up.
    let given_up = "grep -q nonsense \"$1\" || echo 'nonsense here' >>\"$1\"";
    edit(&sandbox, given_up, &[]).fails(2).says("hint: nothing was written");
    edit(&sandbox, "grep -q LD_ \"$1\" || echo LD_PRELOAD=x >>\"$1\"", &[])
        .fails(2)
        .says("can make a program load code");
    edit(&sandbox, "grep -q tls.key= \"$1\" || echo tls.key=x >>\"$1\"", &[]).fails(2).says("tls.key");
    edit(&sandbox, ": >\"$1\"", &[]).fails(2).says("no item is left");
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
}

#[test]
fn a_script_that_makes_the_same_mistake_for_ever_ends_with_what_is_wrong() {
    let Some(sandbox) = sandbox() else { return };
    let run = edit(&sandbox, "echo x >>count; sed -i 1iBAD \"$1\"", &[]);
    run.fails(2).says("sets no value").says("nothing was written");
    assert_eq!(std::fs::read_to_string(sandbox.project().join("count")).unwrap().lines().count(), 3);
}

#[test]
fn items_are_removed_only_where_somebody_said_yes() {
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
    // A signal that ends vault ends the editor, and the file goes.
    edit(&sandbox, "kill -TERM $PPID; exec sleep 20", &[]).fails(1).says("failed: signal: 15");
    assert_eq!(std::fs::read(sandbox.vault()).unwrap(), before);
}

#[test]
fn what_a_killed_run_left_goes_with_the_next_one() {
    let Some(sandbox) = sandbox() else { return };
    // No process has this number.
    let left = Path::new("/dev/shm").join(format!("vault-edit-99999999-test{}", std::process::id()));
    std::fs::create_dir(&left).unwrap();
    std::fs::write(left.join("dev.env"), "A=secret").unwrap();
    edit(&sandbox, "true", &[]).ok();
    assert!(!left.exists());
}

#[test]
fn the_file_is_private_in_memory_and_the_keys_of_the_vault_are_not_there() {
    let Some(sandbox) = sandbox() else { return };
    let script =
        "stat -c %a \"$1\" \"$(dirname \"$1\")\"; df --output=fstype \"$1\" | tail -n 1; echo ${VAULT_KEY-none}";
    assert_eq!(edit(&sandbox, script, &[]).ok().text(), "600\n700\ntmpfs\nnone\n");
}

#[test]
fn a_change_by_somebody_else_meanwhile_is_not_overwritten() {
    let Some(sandbox) = sandbox() else { return };
    let vault = crate::harness::program().display();
    let key = sandbox.key();
    let script = format!("VAULT_KEY={key} '{vault}' set --kind variable A=theirs; sed -i 's/^A=.*/A=mine/' \"$1\"");
    edit(&sandbox, &script, &[]).fails(1).says("dev/A was changed by somebody else meanwhile");
    assert_eq!(value(&sandbox, "A"), b"theirs");
    let script = format!("VAULT_KEY={key} '{vault}' set --kind variable C=theirs; sed -i 's/^A=.*/A=mine/' \"$1\"");
    edit(&sandbox, &script, &[]).ok();
    assert_eq!(value(&sandbox, "C"), b"theirs", "another item is kept");
}

#[test]
fn the_values_are_in_the_log_before_the_editor_has_them() {
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

/// Files below this directory that hold the text.
fn holding(directory: &Path, text: &[u8]) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path, text));
        } else if std::fs::read(&path).is_ok_and(|bytes| bytes.windows(text.len()).any(|part| part == text)) {
            found.push(path);
        }
    }
    found
}

/// The marker that the values in these tests hold.
const MARK: &str = "marker4711";

/// Edits a value on a terminal with these keys; the new value must hold them, and nothing at home the old one.
fn edit_on_terminal(sandbox: &Sandbox, editor: Option<&str>, keys: &str, path: Option<&str>) {
    sandbox.set("A", format!("{MARK}\n{MARK} {MARK}\n").as_bytes());
    let mut command = sandbox.command(["edit", "A"]);
    command.env("TERM", "xterm").env_remove("VISUAL").env_remove("USER");
    editor.map(|editor| command.env("EDITOR", editor));
    path.map(|path| command.env("PATH", path));
    command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
    let mut session = rexpect::session::spawn_command(command, Some(60_000)).unwrap();
    if !keys.is_empty() {
        session.exp_string(MARK).unwrap();
        session.send(keys).unwrap();
        session.flush().unwrap();
    }
    let shown = session.exp_eof().unwrap();
    assert!(shown.contains("In dev: changed A."), "{editor:?}: {shown}");
    assert!(sandbox.run(["get", "A"]).ok().text().len() > 33, "{editor:?}");
    let left = holding(&sandbox.home(), MARK.as_bytes());
    assert!(left.is_empty(), "{editor:?} left {left:?}");
}

/// Settings that keep everything, for vim and for nvim; the edit is made by itself.
const VIM_SETTINGS: &str = "set nocompatible undofile backup writebackup swapfile updatecount=1 history=1000\n\
    set undodir=~/kept backupdir=~/kept directory=~/kept\n\
    if has('nvim')\n  set shada='100,<500,s100\nelse\n  set viminfo='100,<500,s100\nendif\n\
    autocmd VimEnter * set noreadonly | exe 'normal! yyp' | wq!\n";

#[test]
fn every_vim_keeps_nothing_of_a_value_however_it_is_started() {
    let Some(sandbox) = sandbox() else { return };
    std::fs::create_dir_all(sandbox.home().join("kept")).unwrap();
    std::fs::create_dir_all(sandbox.home().join(".config/nvim")).unwrap();
    for settings in [".vimrc", ".config/nvim/init.vim"] {
        std::fs::write(sandbox.home().join(settings), VIM_SETTINGS).unwrap();
    }
    let editors = ["vim", "vi", "view", "vim.basic", "vim.tiny", "nvim", "env vim", "nice -n 1 vim"];
    for editor in editors.into_iter().filter(|editor| has_optional(editor.split(' ').next_back().unwrap())) {
        edit_on_terminal(&sandbox, Some(editor), "", None);
    }
    // A script of one's own, whose editor gets no options from here.
    for vim in ["vim", "nvim"].into_iter().filter(|vim| has_optional(vim)) {
        let script = sandbox.write("my-editor", format!("#!/bin/sh\nexec {vim} \"$@\"\n"));
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        edit_on_terminal(&sandbox, script.to_str(), "", None);
    }
    if !has_optional("vim") {
        return;
    }
    // No EDITOR: vi, which is a link to vim.
    let bin = sandbox.home().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let path = std::env::var("PATH").unwrap();
    let vim = std::env::split_paths(&path).map(|at| at.join("vim")).find(|at| at.is_file()).unwrap();
    std::os::unix::fs::symlink(std::fs::canonicalize(vim).unwrap(), bin.join("vi")).unwrap();
    edit_on_terminal(&sandbox, None, "", Some(&format!("{}:{path}", bin.display())));
}

#[test]
fn emacs_keeps_nothing_of_a_value() {
    if !has_optional("emacs") {
        return;
    }
    let Some(sandbox) = sandbox() else { return };
    let settings = "(require 'savehist) (require 'recentf)\n\
        (setq inhibit-startup-screen t make-backup-files t backup-directory-alist '((\".\" . \"~/kept\")) \
              auto-save-file-name-transforms '((\".*\" \"~/kept-auto\" t)) auto-save-interval 1 \
              savehist-additional-variables '(kill-ring))\n\
        (savehist-mode 1) (recentf-mode 1)\n\
        (add-hook 'emacs-startup-hook (lambda () (setq make-backup-files t) (savehist-mode 1) \
          (run-with-timer 0.1 nil (lambda () (kill-new (buffer-string)) (insert \"x\") (do-auto-save) (save-buffer) \
            (kill-emacs)))))\n";
    std::fs::create_dir(sandbox.home().join(".emacs.d")).unwrap();
    std::fs::write(sandbox.home().join(".emacs.d/init.el"), settings).unwrap();
    edit_on_terminal(&sandbox, Some("emacs -nw"), "", None);
}

#[test]
fn micro_and_nano_keep_nothing_of_a_value() {
    let Some(sandbox) = sandbox() else { return };
    if has_optional("micro") {
        std::fs::create_dir_all(sandbox.home().join(".config/micro")).unwrap();
        let settings = r#"{"backup": true, "permbackup": true, "saveundo": true, "savehistory": true}"#;
        std::fs::write(sandbox.home().join(".config/micro/settings.json"), settings).unwrap();
        edit_on_terminal(&sandbox, Some("micro"), "x\u{13}\u{11}", None);
    }
    if has_optional("nano") {
        edit_on_terminal(&sandbox, Some("nano"), "x\u{f}\r\u{18}", None);
    }
}

#[test]
fn an_editor_that_keeps_copies_is_warned_of_once() {
    let Some(sandbox) = sandbox() else { return };
    let code = sandbox.write("code", "#!/bin/sh\ngrep -q nonsense \"$1\" || echo nonsense >>\"$1\"\n");
    std::fs::set_permissions(&code, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = sandbox.command(["edit"]);
    command.env("EDITOR", &code).env_remove("VISUAL");
    // It is opened twice, for the mistake.
    let run = finish(command).fails(2).says("may keep a copy of what you edit on the disk");
    assert_eq!(run.stderr.matches("may keep a copy").count(), 1, "{run:?}");
}

#[test]
fn a9_what_a_killed_editor_left_in_memory_goes_with_the_next_command() {
    let sandbox = Sandbox::with_vault();
    let runtime = Path::new("/dev/shm");
    if !runtime.is_dir() {
        println!("skipped: no file system in memory");
        return;
    }
    // A process that has ended, so that nobody has its number.
    let mut gone = std::process::Command::new("true").spawn().unwrap();
    let process = gone.id();
    gone.wait().unwrap();
    let left = runtime.join(format!("vault-edit-{process}-{}", "0".repeat(32)));
    std::fs::create_dir(&left).unwrap();
    std::fs::write(left.join("dev.env"), "A=secret").unwrap();
    sandbox.run(["list"]).ok();
    assert!(!left.exists());
}
