//! Finds the variables that a compose file passes through from the environment under the same name: names without a
//! value in a service's `environment` or `build.args`, and the variables that secrets and configs are taken from.

use super::Need;
use crate::name::is_variable_name;
use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};
use std::collections::HashMap;
use std::rc::Rc;

/// The deepest nesting of a file.
const MAX_DEPTH: usize = 64;

/// Returns the variables that are passed through. A file that is not valid YAML, such as a template, passes nothing
/// through.
pub(super) fn passed_through(text: &str) -> Vec<Need> {
    let mut reader = Reader { parser: Parser::new_from_str(text), anchors: HashMap::new() };
    let Some(root) = reader.root() else { return Vec::new() };
    let mut needs = Vec::new();
    for service in root.members("services").flat_map(|(_, services)| services.values()) {
        for (_, environment) in service.members("environment") {
            names_alone(environment, &mut needs);
        }
        for (_, args) in service.members("build").flat_map(|(_, build)| build.members("args")) {
            names_alone(args, &mut needs);
        }
    }
    for kind in ["secrets", "configs"] {
        for source in root.members(kind).flat_map(|(_, sources)| sources.values()) {
            for (_, variable) in source.members("environment") {
                if let Content::Text(name) = &variable.content {
                    add(name, variable.line, &mut needs);
                }
            }
        }
    }
    needs
}

struct Node {
    line: usize,
    content: Content,
}

enum Content {
    Text(String),
    Nothing,
    Map(Vec<(Key, Rc<Node>)>),
    List(Vec<Rc<Node>>),
}

struct Key {
    name: String,
    line: usize,
}

impl Node {
    /// Returns the members of a group with this name.
    fn members<'n>(&'n self, name: &'n str) -> impl Iterator<Item = (&'n Key, &'n Node)> {
        let members: &[(Key, Rc<Self>)] = if let Content::Map(members) = &self.content { members } else { &[] };
        members.iter().filter(move |(key, _)| key.name == name).map(|(key, node)| (key, &**node))
    }

    fn values(&self) -> impl Iterator<Item = &Self> {
        let members: &[(Key, Rc<Self>)] = if let Content::Map(members) = &self.content { members } else { &[] };
        members.iter().map(|(_, node)| &**node)
    }
}

/// Adds the names without a value in a list (`- NAME`) or a group (`NAME:`), and in the groups that `<<` merges into
/// it.
fn names_alone(node: &Node, needs: &mut Vec<Need>) {
    match &node.content {
        Content::List(nodes) => {
            for node in nodes {
                if let Content::Text(name) = &node.content {
                    add(name, node.line, needs);
                }
            }
        }
        Content::Map(members) => {
            for (key, value) in members {
                match &value.content {
                    Content::Nothing => add(&key.name, key.line, needs),
                    Content::Map(_) if key.name == "<<" => names_alone(value, needs),
                    Content::List(merged) if key.name == "<<" => merged.iter().for_each(|node| {
                        if matches!(node.content, Content::Map(_)) {
                            names_alone(node, needs);
                        }
                    }),
                    _ => {}
                }
            }
        }
        Content::Text(_) | Content::Nothing => {}
    }
}

fn add(name: &str, line: usize, needs: &mut Vec<Need>) {
    // Services that share one large group through aliases could repeat its names without limit.
    const MAX: usize = 200_000;
    if is_variable_name(name) && needs.len() < MAX {
        needs.push(Need { name: name.to_owned(), line, is_required: true });
    }
}

struct Reader<'s> {
    parser: Parser<'s, StrInput<'s>>,
    /// The nodes that aliases refer to. Aliases share them, so they can't make the tree grow.
    anchors: HashMap<usize, Rc<Node>>,
}

impl<'s> Reader<'s> {
    fn root(&mut self) -> Option<Rc<Node>> {
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

    fn node(&mut self, event: Event<'s>, span: Span, depth: usize) -> Option<Rc<Node>> {
        if depth > MAX_DEPTH {
            return None;
        }
        let (anchor, content) = match event {
            Event::Alias(anchor) => return self.anchors.get(&anchor).cloned(),
            Event::Scalar(text, style, anchor, _) => {
                let is_nothing = style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                (anchor, if is_nothing { Content::Nothing } else { Content::Text(text.into_owned()) })
            }
            Event::MappingStart(anchor, _) => (anchor, Content::Map(self.mapping(depth)?)),
            Event::SequenceStart(anchor, _) => (anchor, Content::List(self.sequence(depth)?)),
            _ => return None,
        };
        let node = Rc::new(Node { line: span.start.line(), content });
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        Some(node)
    }

    fn mapping(&mut self, depth: usize) -> Option<Vec<(Key, Rc<Node>)>> {
        let mut members = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                return Some(members);
            }
            let key = self.node(event, span, depth + 1)?;
            let (event, span) = self.next()?;
            let value = self.node(event, span, depth + 1)?;
            if let Content::Text(name) = &key.content {
                members.push((Key { name: name.clone(), line: key.line }, value));
            }
        }
    }

    fn sequence(&mut self, depth: usize) -> Option<Vec<Rc<Node>>> {
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
