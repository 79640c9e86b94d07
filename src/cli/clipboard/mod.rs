//! Copies a value to the clipboard of a person's display or terminal, and clears it after a while.

pub mod clearing;
mod fingerprint;
mod terminal;
mod tools;
mod way;

use clearing::Clearing;
use std::time::Duration;
use tools::Uncopied;
use vault::{Error, Result};
use way::{Way, missing_program};

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
