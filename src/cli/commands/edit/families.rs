//! Recognizes editors by the program's name.

use memchr::memmem;
use std::ffi::OsStr;
use std::io::Read as _;
use std::path::Path;

/// Editors that need the same options or settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Vim { is_window: bool },
    VimWindow,
    Emacs,
    Micro,
    Nano,
    KeepsCopies,
    KeepsNothing,
    Other,
}

/// Finds the family by the name of the resolved program. If that says nothing, as with a package launcher, the typed
/// word is used.
pub fn family(word: &str, resolved: Option<&Path>) -> Family {
    let name = |path: &Path| path.file_name().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
    let (real, word) = (resolved.map(name).unwrap_or_default(), name(Path::new(word)));
    if ["busybox", "toybox"].contains(&&*real) {
        return Family::KeepsNothing;
    }
    if let (Some(path), "vi" | "view" | "ex" | "rvi" | "rview" | "nvi" | "nex" | "nview") = (resolved, &*real) {
        // A vi that is not vim copies the whole file to /var/tmp for recovery.
        return if is_vim(path) { Family::Vim { is_window: false } } else { Family::KeepsCopies };
    }
    match by_name(&real) {
        Family::Other => by_name(&word),
        family => family,
    }
}

pub fn by_name(name: &str) -> Family {
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
        "nano" | "rnano" => Family::Nano,
        // Helix and kakoune write nothing but the text. The others are no editors; scripts use them.
        "hx" | "helix" | "kak" => Family::KeepsNothing,
        "true" | "false" | "cat" | "cp" | "tee" | "touch" | "sed" | "awk" | "perl" | "python" | "ruby" | "node" => {
            Family::KeepsNothing
        }
        // They have local histories, a hot exit, or a server with its own settings.
        "emacsclient" | "code" | "codium" | "vscodium" | "cursor" | "windsurf" | "zed" | "zeditor" | "subl"
        | "sublime" | "atom" | "idea" | "pycharm" | "webstorm" | "goland" | "clion" | "phpstorm" | "rubymine"
        | "fleet" | "mcedit" | "elvis" | "kate" | "kwrite" | "gedit" | "gnome" | "mousepad" | "pluma" | "xed" => {
            Family::KeepsCopies
        }
        _ => Family::Other,
    }
}

/// Returns the option that makes an editor wait, if it would return at once without it.
pub fn returns_at_once(word: &str) -> Option<&'static str> {
    let name = Path::new(word).file_name().and_then(OsStr::to_str).unwrap_or_default();
    match name {
        "code" | "codium" | "vscodium" | "cursor" | "windsurf" | "zed" | "zeditor" | "subl" | "atom" | "gedit" => {
            Some("--wait")
        }
        "kate" => Some("--block"),
        _ => None,
    }
}

/// Returns whether a program is vim, whatever its name.
fn is_vim(path: &Path) -> bool {
    const LARGEST: u64 = 32 << 20;
    let mut program = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut program));
    read.is_ok() && memmem::find(&program, b"Vi IMproved").is_some()
}
