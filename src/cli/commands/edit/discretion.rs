//! What an editor is told so that nothing of a value is left behind: swap, backup and undo files, command and register
//! histories, sessions. The file itself is in memory; these are not.

use memchr::memmem;
use std::ffi::OsStr;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use vault::settings::Variable;

/// For vim (`:help starting`): after its own settings, so that they win.
const VIM: &str = " -n -i NONE -c 'silent! set noswapfile|silent! set noundofile|silent! set nobackup|\
    silent! set nowritebackup|silent! set viminfo=|silent! set sessionoptions=|silent! set patchmode='";

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

/// For Emacs: once its init file was read, and again after whatever that put off until the start is over.
const EMACS: &str = " --eval '(let ((keep-nothing (lambda ()
    (setq make-backup-files nil backup-inhibited t auto-save-default nil create-lockfiles nil
          auto-save-list-file-prefix nil auto-save-list-file-name nil kill-emacs-hook nil
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
    /// It keeps nothing, or is not known.
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Vim { is_window: bool },
    VimWindow,
    Emacs,
    Micro,
    KeepsCopies,
    Other,
}

/// Finds out which program a command line for an editor starts: `env vim`, or vi where that is a link to vim.
pub fn discretion(line: &str) -> Discretion {
    let Some(word) = program_word(line) else { return Discretion::Unknown };
    let resolved = resolve(&word);
    match family(&word, resolved.as_deref()) {
        // A script starts its editor as it likes: no option would reach it.
        Family::Other if starts_another(&word, line, resolved.as_deref()) => Discretion::KeepsCopies(word),
        Family::Other => Discretion::Unknown,
        // Options at the end of the line would be those of another command.
        family if family == Family::KeepsCopies || !is_one_command(line) => Discretion::KeepsCopies(word),
        Family::Vim { is_window: true } => Discretion::Options(format!(" -f{VIM}")),
        Family::VimWindow => Discretion::Options(format!(" --no-fork --{VIM}")),
        Family::Emacs => Discretion::Options(EMACS.to_owned()),
        Family::Micro => Discretion::Options(MICRO.to_owned()),
        Family::Vim { .. } | Family::KeepsCopies => Discretion::Options(VIM.to_owned()),
    }
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
            if !is_wrapped || matches!(name, "vi" | "view" | "ex") || by_name(name) != Family::Other {
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

/// By the name of the program itself; the word counts where that says nothing, as with a launcher of packages.
fn family(word: &str, resolved: Option<&Path>) -> Family {
    let name = |path: &Path| path.file_name().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
    let (real, word) = (resolved.map(name).unwrap_or_default(), name(Path::new(word)));
    if ["busybox", "toybox"].contains(&&*real) {
        return Family::Other;
    }
    if let (Some(path), "vi" | "view" | "ex" | "rvi" | "rview" | "nvi" | "nex" | "nview") = (resolved, &*real) {
        // A vi of its own kind copies the whole file to /var/tmp for its recovery.
        return if is_vim(path) { Family::Vim { is_window: false } } else { Family::KeepsCopies };
    }
    match by_name(&real) {
        Family::Other => by_name(&word),
        family => family,
    }
}

fn by_name(name: &str) -> Family {
    // vim.basic, vim-huge, emacs-gtk, emacs28, nvim.appimage
    let stem = name.split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or_default();
    match stem {
        _ if name.starts_with("nvim-qt") => Family::VimWindow,
        "neovide" => Family::VimWindow,
        "gvim" | "mvim" | "gview" | "rgvim" | "rgview" | "gvimdiff" | "evim" | "eview" => {
            Family::Vim { is_window: true }
        }
        "vim" | "nvim" | "rvim" | "vimx" | "vimdiff" => Family::Vim { is_window: false },
        "emacs" => Family::Emacs,
        "micro" => Family::Micro,
        // Local histories, hot exit, or a server with settings of its own.
        "emacsclient" | "code" | "codium" | "vscodium" | "cursor" | "windsurf" | "zed" | "zeditor" | "subl"
        | "sublime" | "atom" | "idea" | "pycharm" | "webstorm" | "goland" | "clion" | "phpstorm" | "rubymine"
        | "fleet" | "mcedit" | "elvis" | "kate" => Family::KeepsCopies,
        _ => Family::Other,
    }
}

/// Whether a script, in a file or behind `sh -c`, names an editor that is known here: `sensible-editor`, or one's own.
fn starts_another(word: &str, line: &str, resolved: Option<&Path>) -> bool {
    const LARGEST: u64 = 64 << 10;
    let name = Path::new(word).file_name().and_then(OsStr::to_str).unwrap_or_default();
    if ["sh", "bash", "dash", "zsh", "fish", "ksh"].contains(&name) {
        return names_an_editor(line);
    }
    let mut script = Vec::new();
    let file = resolved.and_then(|path| std::fs::File::open(path).ok());
    let read = file.is_some_and(|file| file.take(LARGEST).read_to_end(&mut script).is_ok());
    read && script.starts_with(b"#!") && names_an_editor(&String::from_utf8_lossy(&script))
}

fn names_an_editor(script: &str) -> bool {
    let is_editor = |word: &str| matches!(word, "vi" | "view") || by_name(word) != Family::Other;
    let words = |line| str::split(line, |c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
    script.lines().filter(|line| !line.trim_start().starts_with('#')).flat_map(words).any(is_editor)
}

/// Whether a program is vim, whatever its name.
fn is_vim(path: &Path) -> bool {
    const LARGEST: u64 = 32 << 20;
    let mut program = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut program));
    read.is_ok() && memmem::find(&program, b"Vi IMproved").is_some()
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
        assert_eq!(of("vi", "/bin/busybox"), Family::Other);
        assert_eq!(of("emacs", "/usr/bin/emacs-gtk"), Family::Emacs);
        assert_eq!(of("emacsclient", "/usr/bin/emacsclient.emacs"), Family::KeepsCopies);
        assert_eq!(of("code", "/usr/share/code/bin/code"), Family::KeepsCopies);
        assert_eq!(of("editor", "/bin/nano"), Family::Other);
        assert_eq!(of("vi", "/nonexistent/vi"), Family::KeepsCopies, "no vim, as far as can be seen");
    }

    #[test]
    fn a_line_of_several_commands_gets_no_options() {
        assert_eq!(discretion("code --wait"), Discretion::KeepsCopies("code".to_owned()));
        assert_eq!(discretion("vim \"$1\"; :"), Discretion::KeepsCopies("vim".to_owned()));
        assert_eq!(discretion("touch ran;"), Discretion::Unknown);
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
        assert_eq!(discretion(line), Discretion::Unknown);
        assert_eq!(discretion("sh -c 'vim \"$0\"'"), Discretion::KeepsCopies("sh".to_owned()));
        assert_eq!(discretion("sh -c 'cp new \"$0\"'"), Discretion::Unknown);
    }
}
