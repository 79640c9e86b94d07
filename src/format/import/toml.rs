//! TOML, with numbers and dates as written.

use super::tree::{Node, Value, check_depth};
use crate::error::{Error, Result};
use crate::format::lines::Lines;
use crate::ordered::InOrder as _;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Parses a document.
pub(super) fn parse(source: &str) -> Result<Node> {
    let reader = Reader { source, lines: Lines::new(source) };
    let table = DeTable::parse(source).map_err(|error| reader.not_toml(error.span()))?;
    Ok(Node { line: 1, value: Value::Map(reader.members(table.get_ref(), 0)?) })
}

struct Reader<'s> {
    source: &'s str,
    lines: Lines,
}

impl Reader<'_> {
    /// Makes the error with the line only: the library's message could quote the file.
    fn not_toml(&self, span: Option<Range<usize>>) -> Error {
        Error::usage(format!("line {} is not TOML", self.lines.number_at(span.map_or(0, |span| span.start))))
    }

    /// Returns the members of a table in the order of the file. The library sorts them by name.
    fn members(&self, table: &DeTable<'_>, depth: usize) -> Result<Vec<(String, Node)>> {
        let mut members = Vec::new();
        for (name, value) in table {
            let mut node = self.node(value, depth + 1)?;
            node.line = self.lines.number_at(name.span().start);
            members.push((name.span().start, (name.get_ref().clone().into_owned(), node)));
        }
        members.order_by_key(|(start, _)| *start);
        Ok(members.into_iter().map(|(_, member)| member).collect())
    }

    fn node(&self, value: &Spanned<DeValue<'_>>, depth: usize) -> Result<Node> {
        let line = self.lines.number_at(value.span().start);
        check_depth(depth, line)?;
        let value = match value.get_ref() {
            DeValue::String(text) => Value::Text((&**text).into()),
            DeValue::Table(table) => Value::Map(self.members(table, depth)?),
            DeValue::Array(array) => {
                Value::List(array.iter().map(|value| self.node(value, depth + 1)).collect::<Result<_>>()?)
            }
            _ => Value::Text(self.source.get(value.span()).unwrap_or_default().into()),
        };
        Ok(Node { line, value })
    }
}
