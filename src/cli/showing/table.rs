//! Prints tables and fits them into a terminal's width: long cells are shortened, and columns without room are left
//! out.

use super::ui::{Ui, one_line};
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use std::borrow::Cow;
use std::fmt::Write as _;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};
use vault::Result;

/// The space after a column.
const GAP: usize = 2;
/// No column is made narrower than this.
const LEAST: usize = 16;

impl Ui {
    /// Prints rows under a header. Columns that are empty everywhere are left out.
    pub fn table(self, header: &[&str], rows: &[Vec<String>]) -> Result<()> {
        self.columns(header, rows, &numbers(&filled(header, rows)), None)
    }

    /// Like [`Ui::table`], but fits the table into a terminal. Columns are left out from the end until the others fit.
    /// The first `least` columns always stay, and their cells are wrapped if necessary. Returns the headers of the
    /// columns left out.
    pub fn fitted_table<'a>(self, header: &[&'a str], rows: &[Vec<String>], least: usize) -> Result<Vec<&'a str>> {
        let columns = filled(header, rows);
        let Some(width) = self.width() else {
            return self.columns(header, rows, &numbers(&columns), None).map(|()| Vec::new());
        };
        let before = numbers(&columns);
        let kept = numbers(&fitted(columns, width, Yielding { shortened: &[], kept: least }));
        self.columns(header, rows, &kept, Some(width))?;
        Ok(before.into_iter().filter(|column| !kept.contains(column)).map(|column| header[column]).collect())
    }

    /// Like [`Ui::table`], but on a terminal each row takes a single line. Cells are shortened and columns left out as
    /// `yielding` says. Returns whether anything is not shown.
    pub fn shortened_table(self, header: &[&str], rows: &[Vec<String>], yielding: Yielding<'_>) -> Result<bool> {
        let Some(width) = self.width() else { return self.table(header, rows).map(|()| false) };
        let first_lines = |row: &Vec<String>| row.iter().map(|cell| shorten(cell, usize::MAX)).collect();
        let short: Vec<Vec<String>> = rows.iter().map(first_lines).collect();
        let columns = filled(header, &short);
        let count = columns.len();
        let kept = fitted(columns, width, yielding);
        let mut cells = short;
        for row in &mut cells {
            for (column, width) in kept.iter().filter(|(column, _)| yielding.shortened.contains(column)) {
                row[*column] = shorten(&row[*column], *width);
            }
        }
        let is_too_wide = kept.iter().map(|(_, width)| width + GAP).sum::<usize>() > width + GAP;
        self.columns(header, &cells, &numbers(&kept), is_too_wide.then_some(width))?;
        let is_cut = |(row, cells): (&Vec<String>, &Vec<String>)| {
            kept.iter().any(|(column, _)| cell(row[*column].trim_end()) != cells[*column].trim_end())
        };
        Ok(kept.len() < count || rows.iter().zip(&cells).any(is_cut))
    }

    fn columns(self, header: &[&str], rows: &[Vec<String>], kept: &[usize], width: Option<usize>) -> Result<()> {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        if let Some(width) = width {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(u16::try_from(width + GAP).unwrap_or(u16::MAX));
        }
        table.set_header(kept.iter().map(|&i| header[i]));
        for row in rows {
            table.add_row(kept.iter().map(|&i| cell(&row[i])));
        }
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            if index == 0 {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        let bold = self.colors_output();
        let mut text = String::new();
        for (number, line) in table.lines().enumerate() {
            let line = line.trim_end();
            let _ = if bold && number == 0 { writeln!(text, "\x1b[1m{line}\x1b[0m") } else { writeln!(text, "{line}") };
        }
        self.bytes(text.as_bytes())
    }
}

/// Returns a text for a cell. A tab would end the cell. Most texts are printable ASCII and borrowed as they are.
pub(super) fn cell(text: &str) -> Cow<'_, str> {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    match vault::secret::redacted(text) {
        Cow::Borrowed(text) if is_plain => Cow::Borrowed(text),
        _ => Cow::Owned(one_line(text).replace('\t', "\\t")),
    }
}

/// Returns the columns without their widths.
fn numbers(columns: &[(usize, usize)]) -> Vec<usize> {
    columns.iter().map(|(column, _)| *column).collect()
}

/// Which columns give way if there is no room.
#[derive(Clone, Copy)]
pub struct Yielding<'a> {
    /// Columns that are shortened, the widest first.
    pub shortened: &'a [usize],
    /// How many of the first columns always stay. After them, columns are left out from the end.
    pub kept: usize,
}

/// Fits columns into a width of `room`. Each column comes with its width.
pub(super) fn fitted(mut columns: Vec<(usize, usize)>, room: usize, yielding: Yielding<'_>) -> Vec<(usize, usize)> {
    let is_shortened = |column: usize| yielding.shortened.contains(&column);
    let least = |&(column, width): &(usize, usize)| match is_shortened(column) {
        true => width.min(LEAST) + GAP,
        false => width + GAP,
    };
    while columns.iter().map(least).sum::<usize>() > room + GAP {
        if columns.pop_if(|(column, _)| *column >= yielding.kept).is_none() {
            break;
        }
    }
    let whole: usize = columns.iter().map(|(_, width)| width + GAP).sum();
    for _ in 0..whole.saturating_sub(room + GAP) {
        let can_shrink = |&&mut (column, width): &&mut (usize, usize)| is_shortened(column) && width > LEAST;
        match columns.iter_mut().filter(can_shrink).max_by_key(|(_, width)| *width) {
            Some((_, width)) => *width -= 1,
            None => break,
        }
    }
    columns
}

/// Returns the columns with any filled cell. Each is as wide as its widest cell.
fn filled(header: &[&str], rows: &[Vec<String>]) -> Vec<(usize, usize)> {
    let columns = (0..header.len()).filter(|&column| rows.iter().any(|row| !row[column].is_empty()));
    let widest = |column: usize| {
        let cells = rows.iter().map(|row| cell(&row[column]).width());
        cells.chain([header[column].len()]).max().unwrap_or_default()
    };
    columns.map(|column| (column, widest(column))).collect()
}

/// Shortens a text to its first line and to this width, in columns of the terminal. `…` says that something is missing.
pub(super) fn shorten(text: &str, width: usize) -> String {
    let (first, has_more) = match text.split_once('\n') {
        Some((first, rest)) => (first.trim_end_matches('\r'), !rest.is_empty()),
        None => (text, false),
    };
    let first = cell(first);
    if !has_more && first.width() <= width {
        return first.into_owned();
    }
    let mut shortened = String::new();
    let mut room = width.saturating_sub(1);
    for c in first.chars() {
        let columns = c.width().unwrap_or_default();
        if columns > room {
            break;
        }
        room -= columns;
        shortened.push(c);
    }
    shortened.push('…');
    shortened
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(widths: &[usize], room: usize, shortened: &[usize], kept: usize) -> Vec<(usize, usize)> {
        let columns = widths.iter().copied().enumerate().filter(|(_, width)| *width > 0).collect();
        fitted(columns, room, Yielding { shortened, kept })
    }

    #[test]
    fn a_table_that_fits_is_unchanged() {
        assert_eq!(fit(&[10, 0, 30], 42, &[2], 1), [(0, 10), (2, 30)]);
    }

    #[test]
    fn the_widest_column_is_shortened_first_and_then_columns_are_dropped_from_the_end() {
        assert_eq!(fit(&[10, 50, 30], 64, &[1, 2], 1), [(0, 10), (1, 25), (2, 25)]);
        assert_eq!(fit(&[10, 500_000, 8], 60, &[1], 1), [(0, 10), (1, 38), (2, 8)]);
        assert_eq!(fit(&[10, 50, 30, 12], 47, &[1], 1), [(0, 10), (1, 35)]);
        assert_eq!(fit(&[100, 10, 10], 40, &[], 2), [(0, 100), (1, 10)], "the first columns must stay");
    }

    #[test]
    fn a_text_is_shortened_by_terminal_columns_not_by_characters() {
        assert_eq!(shorten("short", 16), "short");
        assert_eq!(shorten("0123456789", 5), "0123…");
        assert_eq!(shorten("日本語日本語", 6), "日本…");
        assert_eq!(shorten("-----BEGIN KEY-----\nMII\n", 40), "-----BEGIN KEY-----…");
        assert_eq!(shorten("one line\n", 40), "one line");
        assert_eq!(shorten("a\x1b[2Jb", 40), "a\\u{1b}[2Jb");
        assert_eq!(shorten("a\tb", 40), "a\\tb", "a tab would end the column");
    }
}
