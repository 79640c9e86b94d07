//! Makes editors leave nothing of a value behind: no swap, backup or undo files, no command or register histories, no
//! sessions. The file itself is in memory, but those would be on a disk.

use super::families::{Family, by_name, family, returns_at_once};
use crate::cli::process::programs::without_keys;
use std::ffi::OsStr;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use vault::settings;
use vault::settings::programs::started_as;
use zeroize::Zeroizing;

/// Options for vim (`:help starting`). They come after vim's own settings, so they win. Vim starts without a swap file,
/// and then creates one next to the text, in memory: see [`recovery`].
const VIM: &str = " -n -i NONE -c 'silent! set directory=.|silent! set noundofile|silent! set nobackup|\
    silent! set nowritebackup|silent! set viminfo=|silent! set sessionoptions=|silent! set patchmode=|\
    silent! set updatecount=20|silent! set swapfile'";

/// What vim or nvim does without VIMINIT: it reads the user's settings, or else its defaults. A vim without its script
/// language skips this.
const USUAL: &str = "if 1 | for f in filter(has('nvim') ? [stdpath('config').'/init.lua', \
    stdpath('config').'/init.vim'] : [expand('~/.vimrc'), expand('~/.vim/vimrc'), $VIMRUNTIME.'/defaults.vim'], \
    'filereadable(v:val)')[:0] | let $MYVIMRC = f | execute 'source' fnameescape(f) | endfor | unlet! f | endif";

/// Returns VIMINIT for a vim or nvim that another program starts (`:help initialization`). It begins with the user's
/// own VIMINIT, or with what vim does without one, and then turns off everything that keeps copies.
pub fn vim_init(own: Option<&str>) -> String {
    let keep_nothing = "silent! set noswapfile|silent! set noundofile|silent! set nobackup|silent! set nowritebackup|\
                        silent! set viminfo=|silent! set sessionoptions=|silent! set patchmode=";
    format!("{}\n{keep_nothing}", own.unwrap_or(USUAL))
}

/// Options for Emacs. They apply after its init file, and again after everything that the init file has delayed until
/// the start is over. Auto-save files are written next to the text, in memory.
const EMACS: &str = " --eval '(let ((keep-nothing (lambda ()
    (setq make-backup-files nil backup-inhibited t auto-save-default t create-lockfiles nil
          auto-save-file-name-transforms nil auto-save-list-file-prefix nil auto-save-list-file-name nil kill-emacs-hook nil
          undo-tree-auto-save-history nil desktop-save nil)
    (dolist (mode (list (quote savehist-mode) (quote save-place-mode) (quote recentf-mode)
                        (quote desktop-save-mode) (quote undohist-mode) (quote undo-fu-session-global-mode)))
      (when (and (boundp mode) (symbol-value mode)) (ignore-errors (funcall mode -1)))))))
    (funcall keep-nothing)
    (add-hook (quote window-setup-hook) keep-nothing t))'";

const MICRO: &str = " -backup off -permbackup off -saveundo off -savehistory off -savecursor off";

/// How to make an editor keep no copies.
#[derive(Debug, PartialEq, Eq)]
pub enum Discretion {
    /// Add these options after the command, in a shell's syntax.
    Options(String),
    /// The editor keeps copies, and no option prevents that. Holds the program's name.
    KeepsCopies(String),
    /// Give the editor vault's own settings: [`nano_settings`].
    Settings,
    /// The editor keeps no copies, or the line is a script that starts no editor.
    KeepsNothing,
}

/// Finds out which program an editor's command line starts, such as vim for `env vim`, or for vi if that is a link to
/// vim.
pub fn discretion(line: &str) -> Discretion {
    let Some(word) = program_word(line) else { return Discretion::KeepsNothing };
    let resolved = resolve(&word);
    match family(&word, resolved.as_deref()) {
        // A script starts its editor in its own way, and no option would reach the editor.
        Family::Other if starts_another(&word, line, resolved.as_deref()) => Discretion::KeepsCopies(word),
        Family::Other | Family::KeepsNothing => Discretion::KeepsNothing,
        // Options at the end of the line would be options of another command.
        family if family == Family::KeepsCopies || !is_one_command(line) => Discretion::KeepsCopies(word),
        Family::Vim { is_window: true } => Discretion::Options(format!(" -f{VIM}")),
        Family::VimWindow => Discretion::Options(format!(" --no-fork --{VIM}")),
        Family::Emacs => Discretion::Options(EMACS.to_owned()),
        Family::Micro => Discretion::Options(MICRO.to_owned()),
        Family::Nano => Discretion::Settings,
        Family::Vim { .. } | Family::KeepsCopies => Discretion::Options(VIM.to_owned()),
    }
}

/// Returns settings that nano reads instead of its usual files (nanorc(5)). They contain those files, and then turn off
/// everything that keeps copies.
pub fn nano_settings() -> Zeroizing<Vec<u8>> {
    let home = settings::home();
    let config = settings::shells::configuration_directory();
    let user_settings = [home.map(|home| home.join(".nanorc")), config.map(|config| config.join("nano/nanorc"))];
    let user_settings = user_settings.into_iter().flatten().find(|path| path.is_file());
    let mut settings = Zeroizing::new(Vec::new());
    for path in [Some(PathBuf::from("/etc/nanorc")), user_settings].into_iter().flatten() {
        const LARGEST: usize = 1 << 20;
        if let Ok((text, _)) = vault::fs::read(&path, LARGEST) {
            settings.extend_from_slice(&text);
            settings.push(b'\n');
        }
    }
    settings.extend_from_slice(b"unset backup\nunset historylog\nunset positionlog\nunset locking\n");
    settings
}

/// Returns a vim command that writes the content of the swap file of `name` to `recovered` (`:help recovery`). Both are
/// in its current directory. `None` if the line doesn't start a vim.
pub fn recovery(line: &str, name: &OsStr, recovered: &str) -> Option<Command> {
    let word = program_word(line)?;
    let vim = match family(&word, resolve(&word).as_deref()) {
        Family::Vim { is_window: false } => word.as_str(),
        Family::Vim { is_window: true } => "vim",
        Family::VimWindow => "nvim",
        _ => return None,
    };
    let mut command = without_keys(vim);
    command.args(["-u", "NONE", "-i", "NONE", "-n", "-es", "--cmd", "set nomodeline", "-r"]).arg(name);
    command.args(["-c", &format!("write! {recovered}"), "-c", "qall!"]);
    Some(command)
}

/// Returns the command line with the option that makes the editor wait. `None` if the editor waits already.
pub fn waiting(line: &str) -> Option<String> {
    let word = program_word(line)?;
    let option = returns_at_once(&word)?;
    let waits = |word: &str| ["-w", "--wait", "-b", "--block"].contains(&word);
    (!line.split_whitespace().any(waits)).then(|| format!("{line} {option}"))
}

/// Returns whether the line is a single command that can replace the shell.
pub fn is_plain(line: &str) -> bool {
    !line.contains(|c| ";&|()<>=\n".contains(c))
}

/// Returns whether arguments after the line go to its only command. Variables may come before the command.
fn is_one_command(line: &str) -> bool {
    !line.contains(|c| ";&|()<>\n".contains(c))
}

/// Returns the word that names the program, after `env`, `nice` and the like with their options and variables. After
/// such a wrapper, the first word that names an editor is taken, because earlier words may be values of options: `env
/// -u NAME vim`.
fn program_word(line: &str) -> Option<String> {
    const WRAPPERS: [&str; 15] = [
        "env", "command", "exec", "nice", "ionice", "nohup", "setsid", "time", "sudo", "doas", "stdbuf", "timeout",
        "taskset", "chrt", "strace",
    ];
    let mut is_wrapped = false;
    let mut first = None;
    for word in line.split_whitespace().map(|word| word.replace(['"', '\'', '\\'], "")) {
        let name = Path::new(&word).file_name().and_then(OsStr::to_str).unwrap_or_default();
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
        if WRAPPERS.contains(&name) {
            is_wrapped = true;
        } else if !(word.contains('=') || is_wrapped && (word.starts_with('-') || is_number)) {
            if !is_wrapped || matches!(name, "vi" | "view" | "ex") || is_editor(name) {
                return Some(word);
            }
            first = first.or(Some(word));
        }
    }
    first
}

/// Returns the file that the word starts, with all links resolved.
fn resolve(word: &str) -> Option<PathBuf> {
    if word.contains('/') {
        return std::fs::canonicalize(word).ok();
    }
    std::fs::canonicalize(started_as(word)?).ok()
}

/// Returns whether a script, in a file or after `sh -c`, names an editor that is known here, such as `sensible-editor`.
/// A program that is no script may be an editor that isn't known.
fn starts_another(word: &str, line: &str, resolved: Option<&Path>) -> bool {
    const LARGEST: u64 = 64 << 10;
    let name = Path::new(word).file_name().and_then(OsStr::to_str).unwrap_or_default();
    if ["sh", "bash", "dash", "zsh", "fish", "ksh"].contains(&name) {
        return names_an_editor(line);
    }
    let mut script = Vec::new();
    let Some(file) = resolved.and_then(|path| std::fs::File::open(path).ok()) else { return false };
    if file.take(LARGEST).read_to_end(&mut script).is_err() || !script.starts_with(b"#!") {
        return true;
    }
    names_an_editor(&String::from_utf8_lossy(&script))
}

fn names_an_editor(script: &str) -> bool {
    let is_named = |word: &str| matches!(word, "vi" | "view") || is_editor(word);
    let words = |line| str::split(line, |c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
    script.lines().filter(|line| !line.trim_start().starts_with('#')).flat_map(words).any(is_named)
}

/// Returns whether an editor of this name needs options or settings.
fn is_editor(name: &str) -> bool {
    !matches!(by_name(name), Family::KeepsNothing | Family::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_editor_is_found_behind_programs_that_start_it() {
        for line in [
            "vim",
            "vim -f",
            "env vim",
            "env -i TERM=xterm vim -n",
            "nice -n 5 vim",
            "A=1 vim",
            "\"vim\" -n",
            "exec vim",
            "sudo -E env vim",
            "env FOO=1 vim",
            "env -u FOO vim",
            "env -i PATH=/usr/bin vim",
            "stdbuf -o0 vim",
            "timeout 1h vim",
        ] {
            assert_eq!(program_word(line).as_deref(), Some("vim"), "{line}");
        }
        assert_eq!(program_word("env"), None);
        assert_eq!(program_word(""), None);
    }

    #[test]
    fn a_program_is_recognized_by_its_own_name_first() {
        let family_of = |word, resolved: &str| family(word, Some(Path::new(resolved)));
        let vim = Family::Vim { is_window: false };
        assert_eq!(family_of("vi", "/usr/bin/vim.basic"), vim);
        assert_eq!(family_of("editor", "/usr/bin/vim.tiny"), vim);
        assert_eq!(family_of("vim", "/usr/bin/nvim"), vim);
        assert_eq!(family_of("nvim", "/usr/bin/snap"), vim);
        assert_eq!(family_of("gvim", "/usr/bin/gvim"), Family::Vim { is_window: true });
        assert_eq!(family_of("vi", "/bin/busybox"), Family::KeepsNothing);
        assert_eq!(family_of("emacs", "/usr/bin/emacs-gtk"), Family::Emacs);
        assert_eq!(family_of("emacsclient", "/usr/bin/emacsclient.emacs"), Family::KeepsCopies);
        assert_eq!(family_of("code", "/usr/share/code/bin/code"), Family::KeepsCopies);
        assert_eq!(family_of("editor", "/bin/nano"), Family::Nano);
        assert_eq!(family_of("hx", "/usr/lib/helix/hx"), Family::KeepsNothing);
        for keeps in ["codium", "subl", "zed", "kate", "gedit", "gnome-text-editor"] {
            assert_eq!(family_of(keeps, "/nonexistent"), Family::KeepsCopies, "{keeps}");
        }
        assert_eq!(family_of("vi", "/nonexistent/vi"), Family::KeepsCopies, "no vim, as far as can be seen");
    }

    #[test]
    fn an_editor_that_returns_at_once_is_told_to_wait() {
        assert_eq!(waiting("code -n").as_deref(), Some("code -n --wait"));
        assert_eq!(waiting("/usr/bin/kate").as_deref(), Some("/usr/bin/kate --block"));
        for line in ["code --wait", "subl -w", "kate -b", "vim", ""] {
            assert_eq!(waiting(line), None, "{line}");
        }
    }

    #[test]
    fn an_unknown_program_may_keep_copies_and_a_users_own_script_keeps_none() {
        assert_eq!(discretion("ls"), Discretion::KeepsCopies("ls".to_owned()));
        assert_eq!(discretion("sed -i s/a/b/"), Discretion::KeepsNothing);
        assert_eq!(discretion("nano"), Discretion::Settings);
    }

    #[test]
    fn a_line_of_several_commands_gets_no_options() {
        assert_eq!(discretion("code --wait"), Discretion::KeepsCopies("code".to_owned()));
        assert_eq!(discretion("vim \"$1\"; :"), Discretion::KeepsCopies("vim".to_owned()));
        assert_eq!(discretion("touch ran;"), Discretion::KeepsNothing);
        for line in ["FOO=1 micro", "env FOO=1 micro", "env -u FOO micro", "stdbuf -o0 micro"] {
            assert_eq!(discretion(line), Discretion::Options(MICRO.to_owned()), "{line}");
        }
    }

    #[test]
    fn a_script_that_starts_an_editor_causes_a_warning() {
        let directory = tempfile::tempdir().unwrap();
        let script = directory.path().join("my-editor");
        let line = script.to_str().unwrap();
        std::fs::write(&script, "#!/bin/sh\nexec /usr/bin/vim.basic \"$@\"\n").unwrap();
        assert_eq!(discretion(line), Discretion::KeepsCopies(line.to_owned()));
        std::fs::write(&script, "#!/bin/sh\n# no vim\nexec sed -i s/a/b/ \"$@\"\n").unwrap();
        assert_eq!(discretion(line), Discretion::KeepsNothing);
        assert_eq!(discretion("sh -c 'vim \"$0\"'"), Discretion::KeepsCopies("sh".to_owned()));
        assert_eq!(discretion("sh -c 'cp new \"$0\"'"), Discretion::KeepsNothing);
    }
}
