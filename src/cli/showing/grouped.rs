//! Lines with a tone, and tables in groups under headings, for the terminal.

use super::table::{Yielding, filled, fitted, shorten};
use super::ui::{Ui, one_line};
use unicode_width::UnicodeWidthStr as _;
use vault::Result;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Heading,
    /// Something that went wrong or was refused.
    Alarming,
}

/// A row of a table.
#[derive(Debug)]
pub struct Row {
    pub cells: Vec<String>,
    pub tone: Tone,
}

/// Rows under a heading.
#[derive(Debug)]
pub struct Group {
    pub heading: String,
    pub rows: Vec<Row>,
}

impl Ui {
    /// A line of data as [`Ui::line`], in its colour on a terminal.
    pub fn toned(self, line: &str, tone: Tone) -> Result<()> {
        self.bytes(format!("{}\n", self.colored(&one_line(line), tone)).as_bytes())
    }

    /// Groups of rows with the same columns, a line for each row.
    pub fn grouped_table(self, header: &[&str], groups: &[Group], yielding: Yielding<'_>) -> Result<()> {
        let rows: Vec<Vec<String>> = groups.iter().flat_map(|group| &group.rows).map(|row| row.cells.clone()).collect();
        let width = self.width().unwrap_or(usize::from(u16::MAX));
        let columns = fitted(filled(header, &rows), width, yielding);
        let header: Vec<String> = header.iter().map(|&name| name.to_owned()).collect();
        let mut text = format!("{}\n", self.colored(&aligned(&header, &columns), Tone::Heading));
        for (number, group) in groups.iter().enumerate() {
            if number > 0 {
                text.push('\n');
            }
            text.push_str(&self.colored(&one_line(&group.heading), Tone::Heading));
            text.push('\n');
            for row in &group.rows {
                text.push_str(&self.colored(&aligned(&row.cells, &columns), row.tone));
                text.push('\n');
            }
        }
        self.bytes(text.as_bytes())
    }

    fn colored(self, line: &str, tone: Tone) -> String {
        let color = match tone {
            Tone::Plain => return line.to_owned(),
            Tone::Heading => "\x1b[1m",
            Tone::Alarming => "\x1b[31m",
        };
        if self.colors_output() { format!("{color}{line}\x1b[0m") } else { line.to_owned() }
    }
}

/// The cells of these columns, each as wide as its column.
fn aligned(cells: &[String], columns: &[(usize, usize)]) -> String {
    let mut line = String::new();
    for (column, width) in columns {
        let cell = shorten(&cells[*column], *width);
        let gap = (width + 2).saturating_sub(cell.width());
        line.push_str(&cell);
        line.push_str(&" ".repeat(gap));
    }
    line.trim_end().to_owned()
}
