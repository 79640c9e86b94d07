//! Prints tables that may not fit into memory. Their cells are measured first, then printed row by row.

use super::table::{Yielding, cell, fitted, shorten};
use super::toned::Tone;
use super::ui::{Ui, one_line};
use std::borrow::Cow;
use unicode_width::UnicodeWidthStr as _;
use vault::Result;

/// The columns of a table, with the widths measured so far.
pub struct Columns<'a> {
    header: &'a [&'a str],
    /// The width of each column, and whether any cell in it is filled.
    measured: Vec<(usize, bool)>,
}

impl<'a> Columns<'a> {
    /// Returns the columns of a table without rows.
    pub fn new(header: &'a [&'a str]) -> Self {
        Self { header, measured: header.iter().map(|name| (name.len(), false)).collect() }
    }

    /// Makes room for a row with the [`widths`] of its cells.
    pub fn measure(&mut self, widths: &[Option<usize>]) {
        for (column, width) in widths.iter().enumerate() {
            width.iter().for_each(|width| self.widen(column, *width));
        }
    }

    /// Makes room for a cell of this width.
    pub fn widen(&mut self, column: usize, width: usize) {
        let (known, is_filled) = &mut self.measured[column];
        (*known, *is_filled) = (width.max(*known), true);
    }

    /// Begins the table with its header, without columns that are empty everywhere. On a terminal each row takes a
    /// single line, and the yielding columns are shortened or left out.
    pub fn into_rows(self, ui: Ui, yielding: Yielding<'_>) -> Rows {
        let filled = self.measured.iter().enumerate().filter(|(_, (_, is_filled))| *is_filled);
        let mut columns: Vec<(usize, usize)> = filled.map(|(column, (width, _))| (column, *width)).collect();
        let is_fitted = ui.is_terminal();
        if is_fitted {
            columns = fitted(columns, ui.width().unwrap_or(usize::from(u16::MAX)), yielding);
        }
        let mut rows = Rows { ui, columns, is_fitted, text: String::new() };
        rows.add(self.header, Tone::Heading);
        rows
    }
}

/// Returns the width of each cell, in columns of the terminal; none for an empty one.
pub fn widths<const N: usize>(cells: &[Cow<'_, str>; N]) -> [Option<usize>; N] {
    cells.each_ref().map(|text| (!text.is_empty()).then(|| width(&cell(text))))
}

/// Returns the width of a cell, in columns of the terminal. No control character is left in it.
fn width(cell: &str) -> usize {
    if cell.is_ascii() { cell.len() } else { cell.width() }
}

/// How much is printed at a time, in bytes.
const PIECE: usize = 16 * 1024;

/// A table that is printed row by row.
pub struct Rows {
    ui: Ui,
    /// The columns that are shown, with their widths.
    columns: Vec<(usize, usize)>,
    is_fitted: bool,
    /// The text to print next.
    text: String,
}

impl Rows {
    /// Prints a line between rows.
    pub fn line(&mut self, line: &str, tone: Tone) -> Result<()> {
        self.add_line(&one_line(line), tone);
        self.print_from(PIECE)
    }

    /// Prints a row.
    pub fn row(&mut self, cells: &[impl AsRef<str>], tone: Tone) -> Result<()> {
        self.add(cells, tone);
        self.print_from(PIECE)
    }

    /// Prints the rest.
    pub fn finish(mut self) -> Result<()> {
        self.print_from(0)
    }

    fn add(&mut self, cells: &[impl AsRef<str>], tone: Tone) {
        let mut line = String::new();
        for (column, room) in &self.columns {
            let text = cells[*column].as_ref();
            let shown = match cell(text) {
                // Text that is shown as it is.
                Cow::Borrowed(text) if text.len() <= *room => Cow::Borrowed(text),
                _ if self.is_fitted => Cow::Owned(shorten(text, *room)),
                shown => shown,
            };
            line.push_str(&shown);
            line.extend(std::iter::repeat_n(' ', (room + 2).saturating_sub(width(&shown))));
        }
        self.add_line(line.trim_end(), tone);
    }

    fn add_line(&mut self, line: &str, tone: Tone) {
        self.text.push_str(&self.ui.colored(line, tone));
        self.text.push('\n');
    }

    fn print_from(&mut self, length: usize) -> Result<()> {
        if self.text.len() > length {
            self.ui.bytes(self.text.as_bytes())?;
            self.text.clear();
        }
        Ok(())
    }
}
