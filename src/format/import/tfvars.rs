//! Terraform's `terraform.tfvars`: the part of HCL that such files use, parsed strictly.
//!
//! A file is a list of `name = value`. A value is a string, a here-document, a number, a boolean, `null`, or a list or
//! map of these (HCL Native Syntax Specification; "Variable Definitions Files"). Expressions, templates and blocks are
//! refused with their line: Terraform does not accept them in such files either.

use super::tree::{Node, Value, check_depth};
use crate::error::{Error, Result};
use crate::format::buffer::Buffer;
use crate::format::lines::Lines;

/// Parses a file.
pub(super) fn parse(source: &str) -> Result<Node> {
    let mut reader = Reader { source, at: 0, lines: Lines::new(source) };
    let mut members = Vec::new();
    loop {
        reader.skip(true)?;
        if reader.rest().is_empty() {
            return Ok(Node { line: 1, value: Value::Map(members) });
        }
        members.push(reader.member(&["="], 0)?);
        reader.skip(false)?;
        if !reader.rest().is_empty() && !reader.eats("\n") && !reader.eats("\r\n") {
            return Err(reader.refuse("has more than one value"));
        }
    }
}

struct Reader<'s> {
    source: &'s str,
    at: usize,
    lines: Lines,
}

impl<'s> Reader<'s> {
    fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    fn line(&self) -> usize {
        self.lines.number_at(self.at)
    }

    fn refuse(&self, what: &str) -> Error {
        Error::usage(format!("line {} {what}", self.line()))
            .hint("a .tfvars file sets names to strings, numbers, lists and maps; vault does not evaluate expressions")
    }

    fn eats(&mut self, text: &str) -> bool {
        let is_there = self.rest().starts_with(text);
        if is_there {
            self.at += text.len();
        }
        is_there
    }

    /// Skips spaces and comments, and with `newlines` line ends as well.
    fn skip(&mut self, newlines: bool) -> Result<()> {
        loop {
            let rest = self.rest();
            let space = rest.find(|c: char| !(c == ' ' || c == '\t' || (newlines && (c == '\n' || c == '\r'))));
            self.at += space.unwrap_or(rest.len());
            let rest = self.rest();
            if rest.starts_with('#') || rest.starts_with("//") {
                let comment = rest.lines().next().unwrap_or_default();
                if comment.contains('\r') {
                    return Err(self.refuse("has a comment with a carriage return, which ends no line here"));
                }
                self.at += comment.len();
            } else if let Some(comment) = rest.strip_prefix("/*") {
                let end = comment.find("*/").ok_or_else(|| self.refuse("starts a comment that does not end"))?;
                self.at += end + 4;
            } else {
                return Ok(());
            }
        }
    }

    /// Parses a name, one of these signs, and a value.
    fn member(&mut self, signs: &[&str], depth: usize) -> Result<(String, Node)> {
        let line = self.line();
        let name = if self.rest().starts_with('"') {
            self.string()?.as_str().unwrap_or_default().to_owned()
        } else {
            self.identifier()?.to_owned()
        };
        self.skip(false)?;
        if !signs.iter().any(|sign| self.eats(sign)) {
            return Err(self.refuse("is not name = value"));
        }
        self.skip(false)?;
        let mut node = self.value(depth + 1)?;
        // Messages give the line of the name, because that is what people look for.
        node.line = line;
        Ok((name, node))
    }

    fn identifier(&mut self) -> Result<&'s str> {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).unwrap_or(rest.len());
        if end == 0 || rest.starts_with(|c: char| c == '-' || c.is_numeric()) {
            return Err(self.refuse("is not name = value"));
        }
        self.at += end;
        Ok(&rest[..end])
    }

    fn value(&mut self, depth: usize) -> Result<Node> {
        let line = self.line();
        check_depth(depth, line)?;
        let rest = self.rest();
        let value = match rest.as_bytes().first() {
            Some(b'"') => Value::Text(self.string()?),
            Some(b'<') if rest.starts_with("<<") => Value::Text(self.here_document()?),
            Some(b'[') => self.list(depth)?,
            Some(b'{') => self.map(depth)?,
            _ => self.word()?,
        };
        Ok(Node { line, value })
    }

    /// Parses a number or a keyword. Both keep their spelling.
    fn word(&mut self) -> Result<Value> {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "._+-".contains(c))).unwrap_or(rest.len());
        let word = &rest[..end];
        let is_number =
            word.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit()) && word.parse::<f64>().is_ok();
        let value = match word {
            "null" => Value::Null,
            "true" | "false" => Value::Text(word.into()),
            _ if is_number => Value::Text(word.into()),
            _ => return Err(self.refuse("has a value that is not a string, number, list or map")),
        };
        self.at += end;
        Ok(value)
    }

    fn list(&mut self, depth: usize) -> Result<Value> {
        self.at += 1;
        let mut nodes = Vec::new();
        loop {
            self.skip(true)?;
            if self.eats("]") {
                return Ok(Value::List(nodes));
            }
            nodes.push(self.value(depth + 1)?);
            self.skip(true)?;
            if !self.eats(",") && !self.rest().starts_with(']') {
                return Err(self.refuse("has a list without a comma or an end"));
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Value> {
        self.at += 1;
        let mut members = Vec::new();
        loop {
            self.skip(true)?;
            if self.eats("}") {
                return Ok(Value::Map(members));
            }
            members.push(self.member(&["=", ":"], depth)?);
            self.skip(false)?;
            if ![",", "\n", "\r\n"].iter().any(|sign| self.eats(sign)) && !self.rest().starts_with('}') {
                return Err(self.refuse("has a map without a comma or an end"));
            }
        }
    }

    /// Parses a double-quoted string, which must end on its line.
    fn string(&mut self) -> Result<crate::secret::SecretBytes> {
        self.at += 1;
        let mut out = Buffer::default();
        loop {
            let rest = self.rest();
            let Some(c) = rest.chars().next().filter(|c| *c != '\n') else {
                return Err(self.refuse("has a string that does not end"));
            };
            match c {
                '"' => {
                    self.at += 1;
                    return Ok(out.into_secret());
                }
                '\\' => self.escape(&mut out)?,
                '$' | '%' => self.template(c, &mut out)?,
                _ => {
                    out.push(c.encode_utf8(&mut [0; 4]));
                    self.at += c.len_utf8();
                }
            }
        }
    }

    fn escape(&mut self, out: &mut Buffer) -> Result<()> {
        let rest = &self.rest()[1..];
        let (c, length) = match rest.chars().next() {
            Some('n') => ('\n', 1),
            Some('r') => ('\r', 1),
            Some('t') => ('\t', 1),
            Some(c @ ('"' | '\\')) => (c, 1),
            Some(kind @ ('u' | 'U')) => {
                let length = if kind == 'u' { 4 } else { 8 };
                let digits = rest.get(1..=length).filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
                let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
                (code.ok_or_else(|| self.refuse("has an unsupported escape"))?, 1 + length)
            }
            _ => return Err(self.refuse("has an unsupported escape")),
        };
        out.push(c.encode_utf8(&mut [0; 4]));
        self.at += 1 + length;
        Ok(())
    }

    /// Parses a `$` or `%` in a string: `$${` and `%%{` stand for `${` and `%{`, and without the doubled sign they
    /// begin a template.
    fn template(&mut self, sign: char, out: &mut Buffer) -> Result<()> {
        let rest = self.rest();
        if rest[1..].starts_with(sign) && rest[2..].starts_with('{') {
            out.push(&rest[1..3]);
            self.at += 3;
        } else if rest[1..].starts_with('{') {
            return Err(self.refuse("has a template, which is not supported"));
        } else {
            out.push(&rest[..1]);
            self.at += 1;
        }
        Ok(())
    }

    /// Parses `<<END`, up to a line with only END. `<<-END` also removes the indent that all lines share.
    fn here_document(&mut self) -> Result<crate::secret::SecretBytes> {
        let begin = self.at;
        self.at += 2;
        let is_indented = self.eats("-");
        let end = self.identifier()?;
        if !self.eats("\n") && !self.eats("\r\n") {
            return Err(self.refuse("has text after the start of a here-document"));
        }
        let mut lines = Vec::new();
        loop {
            let rest = self.rest();
            let length = rest.find('\n').map_or(rest.len(), |end| end + 1);
            let line = &rest[..length];
            if line.trim() == end {
                // The end of this line ends the member, so it is not consumed here.
                self.at += line.trim_end_matches(['\r', '\n']).len();
                break;
            }
            if line.is_empty() {
                self.at = begin;
                return Err(self.refuse("starts a here-document that does not end"));
            }
            self.at += length;
            lines.push(line);
        }
        let indent = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
        let shared = lines.iter().filter(|line| !line.trim().is_empty()).map(indent).min().filter(|_| is_indented);
        let mut out = Buffer::default();
        for line in lines {
            // A blank line has no indent to remove.
            let cut = if line.trim().is_empty() { 0 } else { shared.unwrap_or(0) };
            self.here_line(&line[cut..], &mut out)?;
        }
        Ok(out.into_secret())
    }

    fn here_line(&self, line: &str, out: &mut Buffer) -> Result<()> {
        let mut rest = line;
        while let Some(at) = rest.find("${").into_iter().chain(rest.find("%{")).min() {
            let sign = &rest[at..=at];
            if !rest[..at].ends_with(sign) {
                return Err(self.refuse("ends a here-document with a template, which is not supported"));
            }
            out.push(&rest[..at - 1]);
            out.push(&rest[at..at + 2]);
            rest = &rest[at + 2..];
        }
        out.push(rest);
        Ok(())
    }
}
