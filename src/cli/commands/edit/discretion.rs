//! What an editor is told so that nothing of a value is left behind: swap, backup and undo files, command and register
//! histories, sessions. The file itself is in memory; these are not.

use super::families::{Family, by_name, family, returns_at_once};
use crate::cli::process::programs::without_keys;
use std::ffi::OsStr;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use vault::settings::{self, Variable};
use zeroize::Zeroizing;

/// For vim (`:help starting`): after its own settings, so that they win. Without a swap file from the start, and then with
/// one beside the text, in memory: see [`recovery`].
const VIM: &str = " -n -i NONE -c 'silent! set directory=.|silent! set noundofile|silent! set nobackup|\
    silent! set nowritebackup|silent! set viminfo=|silent! set sessionoptions=|silent! set patchmode=|\
    silent! set updatecount=20|silent! set swapfile'";

/// What a vim or nvim does without VIMINIT: it reads the user's settings, or its own. One without its language skips this.
const USUAL: &str = "if 1 | for f in filter(has('nvim') ? [stdpath('config').'/init.lua', \
    stdpath('config').'/init.vim'] : [expand('~/.vimrc'), expand('~/.vim/vimrc'), $VIMRUNTIME.'/defaults.vim'], \
    'filereadable(v:val)')[:0] | let $MYVIMRC = f | execute 'source' fnameescape(f) | endfor | unlet! f | endif";

/// The value of VIMINIT for a vim or nvim that another program starts (`:help initialization`): first what the user has
/// there, or what they would have without it, and then that nothing is kept.
pub fn vim_init(own: Option<&str>) -> String {
    let keep_nothing = "silent! set noswapfile|silent! set noundofile|silent! set nobackup|silent! set nowritebackup|\
                        silent! set viminfo=|silent! set sessionoptions=|silent! set patchmode=";
    format!("{}\n{keep_nothing}", own.unwrap_or(USUAL))
}

/// For Emacs: once its init file was read, and again after whatever that put off until the start is over. What it saves by
/// itself stands beside the text, in memory.
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

/// How to have an editor keep nothing.
#[derive(Debug, PartialEq, Eq)]
pub enum Discretion {
    /// By these options, as a shell reads them, behind the command.
    Options(String),
    /// It keeps copies, and no option prevents it.
    KeepsCopies(String),
    /// By settings of ours: [`nano_settings`].
    Settings,
    /// It keeps nothing, or is a script that starts no editor.
    KeepsNothing,
}

/// Finds out which program a command line for an editor starts: `env vim`, or vi where that is a link to vim.
pub fn discretion(line: &str) -> Discretion {
    let Some(word) = program_word(line) else { return Discretion::KeepsNothing };
    let resolved = resolve(&word);
    match family(&word, resolved.as_deref()) {
        // A script starts its editor as it likes: no option would reach it.
        Family::Other if starts_another(&word, line, resolved.as_deref()) => Discretion::KeepsCopies(word),
        Family::Other | Family::KeepsNothing => Discretion::KeepsNothing,
        // Options at the end of the line would be those of another command.
        family if family == Family::KeepsCopies || !is_one_command(line) => Discretion::KeepsCopies(word),
        Family::Vim { is_window: true } => Discretion::Options(format!(" -f{VIM}")),
        Family::VimWindow => Discretion::Options(format!(" --no-fork --{VIM}")),
        Family::Emacs => Discretion::Options(EMACS.to_owned()),
        Family::Micro => Discretion::Options(MICRO.to_owned()),
        Family::Nano => Discretion::Settings,
        Family::Vim { .. } | Family::KeepsCopies => Discretion::Options(VIM.to_owned()),
    }
}

/// What nano reads in the place of its usual files (nanorc(5)): these, and then that nothing is kept.
pub fn nano_settings() -> Zeroizing<Vec<u8>> {
    let home = settings::home();
    let config = Variable::ConfigHome.filled().map(PathBuf::from).or_else(|| Some(home.as_ref()?.join(".config")));
    let own = [home.map(|home| home.join(".nanorc")), config.map(|config| config.join("nano/nanorc"))];
    let own = own.into_iter().flatten().find(|path| path.is_file());
    let mut settings = Zeroizing::new(Vec::new());
    for path in [Some(PathBuf::from("/etc/nanorc")), own].into_iter().flatten() {
        const LARGEST: usize = 1 << 20;
        if let Ok((text, _)) = vault::fs::read(&path, LARGEST) {
            settings.extend_from_slice(&text);
            settings.push(b'\n');
        }
    }
    settings.extend_from_slice(b"unset backup\nunset historylog\nunset positionlog\nunset locking\n");
    settings
}

/// A vim that writes what the swap file of `name` holds to `recovered`, both in its current directory (`:help recovery`), if
/// the line is one that starts a vim.
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

/// The command line of an editor that returns at once, as it would wait; `None` if it waits.
pub fn waiting(line: &str) -> Option<String> {
    let word = program_word(line)?;
    let option = returns_at_once(&word)?;
    let waits = |word: &str| ["-w", "--wait", "-b", "--block"].contains(&word);
    (!line.split_whitespace().any(waits)).then(|| format!("{line} {option}"))
}

/// Whether the line is one command, which can take the shell's place.
pub fn is_plain(line: &str) -> bool {
    !line.contains(|c| ";&|()<>=\n".contains(c))
}

/// Whether what is put behind the line reaches its last word's command: variables may stand before that.
fn is_one_command(line: &str) -> bool {
    !line.contains(|c| ";&|()<>\n".contains(c))
}

/// The program's word: behind `env`, `nice` and the like, their options and variables. Behind one of these the first word
/// that names an editor is meant, whatever option takes the words before it: `env -u NAME vim`.
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

/// The file that the word starts, with every link followed.
fn resolve(word: &str) -> Option<PathBuf> {
    if word.contains('/') {
        return std::fs::canonicalize(word).ok();
    }
    let path = Variable::Path.value()?;
    std::env::split_paths(&path).map(|directory| directory.join(word)).find_map(|path| std::fs::canonicalize(path).ok())
}

/// Whether a script, in a file or behind `sh -c`, names an editor that is known here: `sensible-editor`, or one's own. A
/// program that is no script may be an editor that isn't known.
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

/// Whether this is the name of an editor that has to be told something.
fn is_editor(name: &str) -> bool {
    !matches!(by_name(name), Family::KeepsNothing | Family::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_behind_what_starts_it() {
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
    fn a_program_is_known_by_its_own_name_first() {
        let of = |word, resolved: &str| family(word, Some(Path::new(resolved)));
        let vim = Family::Vim { is_window: false };
        assert_eq!(of("vi", "/usr/bin/vim.basic"), vim);
        assert_eq!(of("editor", "/usr/bin/vim.tiny"), vim);
        assert_eq!(of("vim", "/usr/bin/nvim"), vim);
        assert_eq!(of("nvim", "/usr/bin/snap"), vim);
        assert_eq!(of("gvim", "/usr/bin/gvim"), Family::Vim { is_window: true });
        assert_eq!(of("vi", "/bin/busybox"), Family::KeepsNothing);
        assert_eq!(of("emacs", "/usr/bin/emacs-gtk"), Family::Emacs);
        assert_eq!(of("emacsclient", "/usr/bin/emacsclient.emacs"), Family::KeepsCopies);
        assert_eq!(of("code", "/usr/share/code/bin/code"), Family::KeepsCopies);
        assert_eq!(of("editor", "/bin/nano"), Family::Nano);
        assert_eq!(of("hx", "/usr/lib/helix/hx"), Family::KeepsNothing);
        for keeps in ["codium", "subl", "zed", "kate", "gedit", "gnome-text-editor"] {
            assert_eq!(of(keeps, "/nonexistent"), Family::KeepsCopies, "{keeps}");
        }
        assert_eq!(of("vi", "/nonexistent/vi"), Family::KeepsCopies, "no vim, as far as can be seen");
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
    fn a_program_that_is_not_known_may_keep_copies_and_a_script_of_ones_own_keeps_none() {
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
    fn a_script_that_starts_an_editor_is_warned_of() {
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
