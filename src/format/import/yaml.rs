//! YAML, with plain values as written: `0123`, `no` and `1.10` keep their spelling.

use super::tree::{Node, Value, check_depth};
use crate::error::{Error, Remedy, Result};
use crate::secret::SecretBytes;
use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput, Tag};
use std::borrow::Cow;

/// A document with the line on which it begins, from 1.
pub(super) struct Document {
    pub(super) line: usize,
    pub(super) root: Node,
}

/// Parses a stream of documents.
pub(super) fn parse(source: &str) -> Result<Vec<Document>> {
    let mut reader = Reader { parser: Parser::new_from_str(source) };
    let mut documents = Vec::new();
    let mut line = 1;
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::DocumentStart(_) => line = span.start.line(),
            Event::StreamStart | Event::DocumentEnd | Event::Nothing => {}
            Event::StreamEnd => return Ok(documents),
            event => documents.push(Document { line, root: reader.node(event, span, 0)? }),
        }
    }
}

fn not_yaml(line: usize) -> Error {
    Error::usage(format!("line {line} is not YAML"))
        .hint(("fix that line, or name the file's format: ", Remedy::InputFormat))
}

struct Reader<'s> {
    parser: Parser<'s, StrInput<'s>>,
}

impl<'s> Reader<'s> {
    fn next(&mut self) -> Result<(Event<'s>, Span)> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            // Only the line is used: the library's message could quote the file.
            Some(Err(error)) => Err(not_yaml(error.marker().line())),
            None => Err(Error::usage("the YAML ends unexpectedly").hint("check that the file is complete")),
        }
    }

    fn node(&mut self, event: Event<'s>, span: Span, depth: usize) -> Result<Node> {
        let line = span.start.line();
        check_depth(depth, line)?;
        let value = match event {
            Event::Scalar(text, style, _, tag) => scalar(text, style, tag.as_deref(), line)?,
            Event::MappingStart(_, tag) => {
                check_tag(tag.as_deref(), line)?;
                self.mapping(depth)?
            }
            Event::SequenceStart(_, tag) => {
                check_tag(tag.as_deref(), line)?;
                self.sequence(depth)?
            }
            Event::Alias(_) => {
                return Err(
                    Error::usage(format!("line {line} refers to an anchor")).hint("write out the value itself there")
                );
            }
            _ => return Err(not_yaml(line)),
        };
        Ok(Node { line, value })
    }

    fn mapping(&mut self, depth: usize) -> Result<Value> {
        let mut members = Vec::new();
        loop {
            let (key, span) = self.next()?;
            let name = match key {
                Event::MappingEnd => return Ok(Value::Map(members)),
                Event::Scalar(text, ..) => text.into_owned(),
                _ => return Err(Error::usage(format!("line {} has a name that is not text", span.start.line()))),
            };
            let line = span.start.line();
            let (event, span) = self.next()?;
            let mut node = self.node(event, span, depth + 1)?;
            // Messages give the line of the name, because a long value may begin below it.
            node.line = line;
            members.push((name, node));
        }
    }

    fn sequence(&mut self, depth: usize) -> Result<Value> {
        let mut nodes = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(Value::List(nodes));
            }
            nodes.push(self.node(event, span, depth + 1)?);
        }
    }
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>, line: usize) -> Result<Value> {
    check_tag(tag, line)?;
    let is_null = matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
    if style == ScalarStyle::Plain && is_null && tag.is_none_or(|tag| tag.suffix == "null") {
        return Ok(Value::Null);
    }
    Ok(Value::Text(SecretBytes::new(text.into_owned().into_bytes())))
}

/// Accepts only tags that keep the text as it is. Other tags ask the program to convert it.
fn check_tag(tag: Option<&Tag>, line: usize) -> Result<()> {
    const PLAIN: [&str; 7] = ["str", "int", "float", "bool", "null", "map", "seq"];
    match tag {
        Some(tag) if !(tag.is_yaml_core_schema() && PLAIN.contains(&tag.suffix.as_str())) => {
            Err(Error::usage(format!("line {line} has an unsupported YAML tag"))
                .hint("give the value as plain text, without the tag"))
        }
        _ => Ok(()),
    }
}
