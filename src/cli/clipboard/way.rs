//! The ways to a clipboard.

use super::fingerprint::Fingerprint;
use super::terminal;
use super::tools::{self, Discretion, Tool, Uncopied};
use crate::cli::showing::ui::Ui;
use std::time::Duration;
use vault::Result;
use vault::settings::programs::find;
use vault::settings::{DisplayServer, Variable};
use vault::words::exactly;

/// A way to a clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A display's clipboard, with a program that can also read it.
    Tool(&'static Tool),
    /// The clipboard of the terminals that show a tmux session, through tmux.
    Tmux,
    /// The terminal's clipboard, with an escape sequence.
    Terminal,
}

impl Way {
    /// Returns the name of this way for the clearing process.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Tool(tool) => tool.word,
            Self::Tmux => "tmux",
            Self::Terminal => "terminal",
        }
    }

    pub(super) fn of_word(word: &str) -> Option<Self> {
        let tools = tools::ALL.iter().map(Self::Tool);
        tools.chain([Self::Tmux, Self::Terminal]).find(|way| way.word() == word)
    }

    /// Says what happened to the item, and what vault can't guarantee.
    pub fn say(self, item: &str, after: Duration, ui: Ui) {
        let time = exactly(after);
        let Self::Tool(tool) = self else {
            ui.done(&format!(
                "Sent {item} to the terminal's clipboard; it is cleared in {time}, whatever it contains then."
            ));
            ui.note("vault can't check that the terminal took it: some need a setting for OSC 52, and some ignore it");
            return missing_program().into_iter().for_each(|hint| ui.hint(hint));
        };
        ui.done(&format!("Copied {item}; the clipboard is cleared in {time}."));
        let program = tool.program();
        match tool.discretion {
            Discretion::Marks => {}
            Discretion::Unmarked => {
                ui.note(&format!("{program} can't mark it as a secret: a clipboard manager may keep it"));
            }
            Discretion::InFile => {
                ui.warn("this wl-copy puts the value into a file in /tmp, and a clipboard manager may keep it");
                ui.hint("install wl-clipboard 2.3 or newer, or xclip");
            }
        }
    }

    pub(super) fn is_there(self) -> bool {
        match self {
            Self::Tool(tool) => tool.is_there(),
            Self::Tmux => Variable::Tmux.filled().is_some() && find("tmux").is_some(),
            Self::Terminal => terminal::is_there(),
        }
    }

    pub(super) fn copy(self, text: &str) -> Result<(), Uncopied> {
        match self {
            Self::Tool(tool) => tool.copy(text),
            Self::Tmux => terminal::copy_by_tmux(text),
            Self::Terminal => Ok(terminal::copy(text)?),
        }
    }

    /// Clears what was copied this way. If the clipboard can be read, it is only cleared if it still holds that.
    pub(super) fn clear(self, copied: &Fingerprint) {
        match self {
            Self::Tool(tool) => tool.clear(copied),
            Self::Tmux => terminal::clear_by_tmux(),
            Self::Terminal => terminal::clear(),
        }
    }
}

/// Returns what to install for the current display.
pub fn missing_program() -> Option<&'static str> {
    if DisplayServer::Wayland.is_there() {
        Some("install wl-clipboard: it copies to this display's clipboard")
    } else if DisplayServer::X11.is_there() {
        Some("install xclip or xsel: they copy to this display's clipboard")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_has_its_own_word() {
        for way in tools::ALL.iter().map(Way::Tool).chain([Way::Tmux, Way::Terminal]) {
            assert_eq!(Way::of_word(way.word()), Some(way));
        }
        assert_eq!(Way::of_word("other"), None);
    }
}
