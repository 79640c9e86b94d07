//! Editors leave no value behind, and the text is kept if a signal ends the editor.

use super::{at_terminal, drafted, drafts, nothing_is_left_in_memory, sandbox};
use crate::harness::{Sandbox, finish, has_optional};
use rexpect::process::Signal;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

/// Returns whether an editor is installed, and prints a message if the test is skipped.
fn is_there(editor: &str) -> bool {
    let found = has_optional(editor);
    if !found {
        println!("skipped: {editor} is not installed");
    }
    found
}

/// Returns the files below this directory that hold the text.
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

/// A text that is in every value of these tests.
const MARK: &str = "marker4711";

/// Edits a value on a terminal by typing these keys. The new value must contain them, and no file in the home directory
/// may hold the old one.
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

/// Settings for vim and nvim that keep every kind of copy and make the edit automatically.
const VIM_SETTINGS: &str = "set nocompatible undofile backup writebackup swapfile updatecount=1 history=1000\n\
    set undodir=~/kept backupdir=~/kept directory=~/kept\n\
    if has('nvim')\n  set shada='100,<500,s100\nelse\n  set viminfo='100,<500,s100\nendif\n\
    autocmd VimEnter * set noreadonly | exe 'normal! yyp' | wq!\n";

#[test]
fn vim_and_nvim_keep_no_copy_of_a_value_however_they_are_started() {
    let Some(sandbox) = sandbox() else { return };
    std::fs::create_dir_all(sandbox.home().join("kept")).unwrap();
    std::fs::create_dir_all(sandbox.home().join(".config/nvim")).unwrap();
    for settings in [".vimrc", ".config/nvim/init.vim"] {
        std::fs::write(sandbox.home().join(settings), VIM_SETTINGS).unwrap();
    }
    let editors = ["vim", "vi", "view", "vim.basic", "vim.tiny", "nvim", "env vim", "nice -n 1 vim"];
    for editor in editors.into_iter().filter(|editor| is_there(editor.split(' ').next_back().unwrap())) {
        edit_on_terminal(&sandbox, Some(editor), "", None);
    }
    // A user's script; vault can't add options to the editor in it.
    for vim in ["vim", "nvim"].into_iter().filter(|vim| is_there(vim)) {
        let script = sandbox.write("my-editor", format!("#!/bin/sh\nexec {vim} \"$@\"\n"));
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        edit_on_terminal(&sandbox, script.to_str(), "", None);
    }
    if !is_there("vim") {
        return;
    }
    // Without EDITOR: vi, which is a link to vim.
    let bin = sandbox.home().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let path = std::env::var("PATH").unwrap();
    let vim = std::env::split_paths(&path).map(|at| at.join("vim")).find(|at| at.is_file()).unwrap();
    std::os::unix::fs::symlink(std::fs::canonicalize(vim).unwrap(), bin.join("vi")).unwrap();
    edit_on_terminal(&sandbox, None, "", Some(&format!("{}:{path}", bin.display())));
}

#[test]
fn emacs_keeps_no_copy_of_a_value() {
    if !is_there("emacs") {
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
fn micro_nano_and_helix_keep_no_copy_of_a_value() {
    let Some(sandbox) = sandbox() else { return };
    if is_there("micro") {
        std::fs::create_dir_all(sandbox.home().join(".config/micro")).unwrap();
        let settings = r#"{"backup": true, "permbackup": true, "saveundo": true, "savehistory": true}"#;
        std::fs::write(sandbox.home().join(".config/micro/settings.json"), settings).unwrap();
        edit_on_terminal(&sandbox, Some("micro"), "x\u{13}\u{11}", None);
    }
    if is_there("nano") {
        edit_on_terminal(&sandbox, Some("nano"), "x\u{f}\r\u{18}", None);
        // Settings that keep every kind of copy.
        std::fs::create_dir(sandbox.home().join("kept")).unwrap();
        let kept = sandbox.home().join("kept");
        let settings = format!("set backup\nset backupdir \"{}\"\nset historylog\nset positionlog\n", kept.display());
        std::fs::write(sandbox.home().join(".nanorc"), settings).unwrap();
        // This also searches for a part of the value, which would be in the search history.
        edit_on_terminal(&sandbox, Some("nano"), &format!("\u{17}{MARK}\rx\u{f}\r\u{18}"), None);
    }
    if is_there("hx") {
        edit_on_terminal(&sandbox, Some("hx"), "ix\u{1b}:wq\r", None);
    }
}

#[test]
fn an_editor_that_may_keep_copies_causes_one_warning() {
    let Some(sandbox) = sandbox() else { return };
    let code = sandbox.write("code", "#!/bin/sh\ngrep -q nonsense \"$1\" || echo nonsense >>\"$1\"\n");
    std::fs::set_permissions(&code, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = sandbox.command(["edit"]);
    command.env("EDITOR", &code).env_remove("VISUAL");
    // The editor opens twice because of the mistake.
    let run = finish(command).fails(2).says("may keep a copy of what you edit on the disk");
    assert_eq!(run.stderr.matches("may keep a copy").count(), 1, "{run:?}");
}

/// Types in an editor without saving, and ends vault with a signal. The draft must hold the typed text.
fn keeps_unsaved_text(editor: &str, keys: &str) {
    let Some(sandbox) = sandbox() else { return };
    sandbox.set("A", format!("{MARK}\n").as_bytes());
    let mut command = sandbox.command(["edit", "A"]);
    command.env("EDITOR", editor).env_remove("VISUAL");
    let mut session = at_terminal(command);
    session.exp_string(MARK).unwrap();
    session.send(keys).unwrap();
    session.flush().unwrap();
    // Wait until the text is on the screen.
    session.exp_string("4712").unwrap();
    // Send the signal until vault has ended, as a closing shell and its terminal both do.
    session.process_mut().kill(Signal::SIGHUP).unwrap();
    session.exp_eof().unwrap();
    nothing_is_left_in_memory(&sandbox);
    assert_eq!(drafts(&sandbox).len(), 1, "{editor}");
    assert!(drafted(&sandbox).contains("4712"), "{editor}");
    let left = holding(&sandbox.home(), b"4712");
    assert!(left.is_empty(), "{editor} left {left:?}");
}

#[test]
fn unsaved_text_is_kept_when_a_signal_ends_vim_nvim_nano_or_emacs() {
    for (editor, keys) in [("vim", "i4712"), ("nvim", "i4712"), ("nano", "4712"), ("emacs -nw", "4712")] {
        if is_there(editor.split(' ').next().unwrap()) {
            keeps_unsaved_text(editor, keys);
        }
    }
}
