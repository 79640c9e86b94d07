//! Lines with color, for the terminal.

use super::ui::{Ui, one_line};
use std::borrow::Cow;
use vault::Result;

/// The kind of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Heading,
    /// Something went wrong or was refused.
    Alarming,
}

impl Ui {
    /// Like [`Ui::line`], in the color of its tone on a terminal.
    pub fn toned(self, line: &str, tone: Tone) -> Result<()> {
        self.bytes(format!("{}\n", self.colored(&one_line(line), tone)).as_bytes())
    }

    pub(super) fn colored(self, line: &str, tone: Tone) -> Cow<'_, str> {
        let color = match tone {
            Tone::Plain => return line.into(),
            Tone::Heading => "\x1b[1m",
            Tone::Alarming => "\x1b[31m",
        };
        if self.colors_output() { format!("{color}{line}\x1b[0m").into() } else { line.into() }
    }
}
