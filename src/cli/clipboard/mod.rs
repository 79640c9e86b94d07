//! Copies a value to the clipboard of a person's display or terminal, and clears it after a while.

pub mod clearing;
mod terminal;
mod tools;

use crate::cli::process::programs;
use crate::cli::showing::ui::Ui;
use clearing::{Clearing, Fingerprint};
use std::time::Duration;
use tools::{Discretion, Tool, Uncopied};
use vault::settings::Variable;
use vault::words::exactly;
use vault::{Error, Result};

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
    fn word(self) -> &'static str {
        match self {
            Self::Tool(tool) => tool.word,
            Self::Tmux => "tmux",
            Self::Terminal => "terminal",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        let tools = tools::ALL.iter().map(Self::Tool);
        tools.chain([Self::Tmux, Self::Terminal]).find(|way| way.word() == word)
    }

    /// Says what happened to the item, and what vault can't guarantee.
    pub fn say(self, item: &str, after: Duration, ui: Ui) {
        let time = exactly(after);
        let Self::Tool(tool) = self else {
            ui.done(&format!(
                "Sent {item} to the terminal's clipboard; it is cleared in {time}, whatever it holds then."
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

    fn is_there(self) -> bool {
        match self {
            Self::Tool(tool) => tool.is_there(),
            Self::Tmux => Variable::Tmux.filled().is_some() && programs::find("tmux").is_some(),
            Self::Terminal => terminal::is_there(),
        }
    }

    fn copy(self, text: &str) -> Result<(), Uncopied> {
        match self {
            Self::Tool(tool) => tool.copy(text),
            Self::Tmux => terminal::copy_by_tmux(text),
            Self::Terminal => Ok(terminal::copy(text)?),
        }
    }

    /// Clears what was copied this way. If the clipboard can be read, it is only cleared if it still holds that.
    fn clear(self, copied: &Fingerprint) {
        match self {
            Self::Tool(tool) => tool.clear(copied),
            Self::Tmux => terminal::clear_by_tmux(),
            Self::Terminal => terminal::clear(),
        }
    }
}

/// The ways to a clipboard that are available.
pub struct Clipboard {
    /// The best way comes first.
    ways: Vec<Way>,
}

impl Clipboard {
    /// Finds the ways to a clipboard. Call it before anything is decrypted.
    ///
    /// # Errors
    /// If there is neither a display with a program for its clipboard nor a terminal that may have a clipboard.
    pub fn find() -> Result<Self> {
        let all = tools::ALL.iter().map(Way::Tool).chain([Way::Tmux, Way::Terminal]);
        let ways: Vec<Way> = all.filter(|way| way.is_there()).collect();
        if !ways.is_empty() {
            return Ok(Self { ways });
        }
        let error = Error::failed("there is no clipboard here");
        Err(match missing_program() {
            Some(hint) => error.hint(hint),
            None => error.hint("--clip needs a display or a terminal; to write a file: vault get NAME -o FILE"),
        })
    }

    /// Copies a text, to be cleared after this time, and returns the way that worked.
    ///
    /// # Errors
    /// If the text is too long, or no way works.
    pub fn copy(&self, text: &str, after: Duration) -> Result<Way> {
        let mut clearing = Clearing::start(text, after)?;
        let mut failure = None;
        for way in &self.ways {
            // The clearing process is told first, so that it clears the value even if this process is ended now.
            clearing.tell(*way)?;
            match way.copy(text) {
                Ok(()) => return Ok(*way),
                // The clearing process stays, because the clipboard may hold the value. Another way could hang as well.
                Err(Uncopied { error, is_late: true }) => return Err(error),
                Err(Uncopied { error, .. }) => failure = failure.or(Some(error)),
            }
        }
        clearing.cancel();
        Err(failure.unwrap_or_else(|| Error::failed("there is no clipboard here")))
    }
}

/// Returns what to install for the current display.
pub fn missing_program() -> Option<&'static str> {
    if Variable::WaylandDisplay.filled().is_some() {
        Some("install wl-clipboard: it copies to this display's clipboard")
    } else if Variable::Display.filled().is_some() {
        Some("install xclip or xsel: they copy to this display's clipboard")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_has_a_word_of_its_own() {
        for way in tools::ALL.iter().map(Way::Tool).chain([Way::Tmux, Way::Terminal]) {
            assert_eq!(Way::of_word(way.word()), Some(way));
        }
        assert_eq!(Way::of_word("other"), None);
    }
}
