//! A YAML document as numbered nodes. Aliases share a node, so they can't make the document grow, and nothing that reads or
//! drops it follows them deeper than the file is nested.

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};
use std::collections::HashMap;

/// The deepest nesting of a file.
const MAX_DEPTH: usize = 64;

/// The first document of a file.
pub(super) struct Document {
    nodes: Vec<Node>,
    root: usize,
}

/// A node, with the line where it begins.
pub(super) struct Node {
    pub line: usize,
    pub content: Content,
}

/// What a node is. Nodes are named by their numbers.
pub(super) enum Content {
    Text(String),
    Nothing,
    Map(Vec<(Key, usize)>),
    List(Vec<usize>),
}

/// A key of a mapping.
pub(super) struct Key {
    pub name: String,
    pub line: usize,
}

impl Document {
    /// Parses the first document; `None` if it is not valid YAML, or nested too deeply.
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { parser: Parser::new_from_str(text), anchors: HashMap::new(), nodes: Vec::new() };
        let root = reader.root()?;
        Some(Self { nodes: reader.nodes, root })
    }

    pub fn root(&self) -> usize {
        self.root
    }

    pub fn node(&self, number: usize) -> &Node {
        &self.nodes[number]
    }

    /// How many entries a search may look at: in proportion to the file, with room for small files that share much.
    pub fn budget(&self) -> usize {
        10 * self.nodes.len() + 1_000_000
    }
}

struct Reader<'s> {
    parser: Parser<'s, StrInput<'s>>,
    /// The nodes that aliases refer to.
    anchors: HashMap<usize, usize>,
    nodes: Vec<Node>,
}

impl<'s> Reader<'s> {
    fn root(&mut self) -> Option<usize> {
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
                Event::StreamEnd | Event::DocumentEnd => return None,
                event => return self.node(event, span, 0),
            }
        }
    }

    fn next(&mut self) -> Option<(Event<'s>, Span)> {
        self.parser.next_event()?.ok()
    }

    fn node(&mut self, event: Event<'s>, span: Span, depth: usize) -> Option<usize> {
        if depth > MAX_DEPTH {
            return None;
        }
        let (anchor, content) = match event {
            Event::Alias(anchor) => return self.anchors.get(&anchor).copied(),
            Event::Scalar(text, style, anchor, _) => {
                let is_nothing = style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                (anchor, if is_nothing { Content::Nothing } else { Content::Text(text.into_owned()) })
            }
            Event::MappingStart(anchor, _) => (anchor, Content::Map(self.mapping(depth)?)),
            Event::SequenceStart(anchor, _) => (anchor, Content::List(self.sequence(depth)?)),
            _ => return None,
        };
        let number = self.nodes.len();
        self.nodes.push(Node { line: span.start.line(), content });
        if anchor > 0 {
            self.anchors.insert(anchor, number);
        }
        Some(number)
    }

    fn mapping(&mut self, depth: usize) -> Option<Vec<(Key, usize)>> {
        let mut members = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                return Some(members);
            }
            let key = self.node(event, span, depth + 1)?;
            let (event, span) = self.next()?;
            let value = self.node(event, span, depth + 1)?;
            let Node { line, content } = &self.nodes[key];
            if let Content::Text(name) = content {
                let key = Key { name: name.clone(), line: *line };
                members.push((key, value));
            }
        }
    }

    fn sequence(&mut self, depth: usize) -> Option<Vec<usize>> {
        let mut nodes = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                return Some(nodes);
            }
            nodes.push(self.node(event, span, depth + 1)?);
        }
    }
}
