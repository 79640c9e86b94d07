//! Notes comments that look like values, such as `# OLD_TOKEN=...`: they are in no entry, and would be lost with the
//! file.

use crate::format::lines::Lines;
use crate::format::source::Source;
use crate::format::{Imported, Note};
use crate::ordered::Ordered as _;
use std::collections::BTreeSet;

/// How a format begins a comment, and what is between a name and its value.
struct Syntax {
    comments: &'static [&'static str],
    signs: &'static [&'static str],
}

/// Notes each comment that looks like an assignment.
pub(super) fn note(source: Source, text: &str, imported: &mut Imported) {
    let syntax = match source {
        Source::Dotenv | Source::Toml => Syntax { comments: &["#"], signs: &["="] },
        Source::Yaml => Syntax { comments: &["#"], signs: &["=", ": "] },
        Source::Tfvars => Syntax { comments: &["#", "//", "/*"], signs: &["="] },
        Source::Properties => Syntax { comments: &["#", "!"], signs: &["=", ": "] },
        Source::Csv | Source::Json => return,
    };
    let mut found = Vec::new();
    let mut is_in_block = false;
    let (lines, taken) = (Lines::new(text), Values::new(&syntax, imported));
    let mut at = 0;
    for line in text.split('\n') {
        let comment = if is_in_block { Some(line) } else { syntax.comment(line) };
        is_in_block = source == Source::Tfvars && goes_on(line, is_in_block);
        let begin = at + line.len() - comment.map_or(0, str::len);
        // A CR alone ends a line for some readers only, so each part of a comment with one is looked at.
        for part in line.split('\r') {
            let comment = part.get(begin.saturating_sub(at)..).unwrap_or_default();
            let number = lines.number_at(at);
            let is_entry = begin < at && taken.entries.contains(&number);
            if syntax.is_assignment(comment) && !is_entry && !taken.has(number, part) {
                found.push(number);
            }
            at += part.len() + 1;
        }
    }
    for line in found {
        imported.notes.push(Note::left_out(line, None, "a comment that looks like a value"));
    }
}

/// Returns whether a comment that began with `/*` goes on behind this line.
fn goes_on(line: &str, is_in_block: bool) -> bool {
    match (line.rfind("/*"), line.rfind("*/")) {
        (Some(begin), Some(end)) => begin > end,
        (Some(_), None) => true,
        (None, Some(_)) => false,
        (None, None) => is_in_block,
    }
}

impl Syntax {
    /// Returns the comment of a line: the whole line, or what follows a value.
    fn comment<'l>(&self, line: &'l str) -> Option<&'l str> {
        let is_begun = |at: usize| {
            let begins = self.comments.iter().any(|sign| line[at..].starts_with(sign));
            begins && line[..at].chars().next_back().is_none_or(char::is_whitespace)
        };
        line.char_indices().map(|(at, _)| at).find(|at| is_begun(*at)).map(|at| &line[at..])
    }

    fn is_assignment(&self, text: &str) -> bool {
        let text = text.trim_start_matches(|c: char| c.is_whitespace() || "#/!*;".contains(c));
        let text = text.strip_prefix("export ").unwrap_or(text).trim_start();
        let split = self.signs.iter().filter_map(|sign| text.split_once(sign));
        split.into_iter().any(|(name, value)| {
            let name = name.trim_end().trim_matches(QUOTES);
            let is_name = name.chars().all(|c| c.is_alphanumeric() || "_.-".contains(c));
            is_name && !name.is_empty() && !value.trim().trim_matches(QUOTES).is_empty()
        })
    }
}

const ENDS: [char; 2] = ['\n', '\r'];
const QUOTES: [char; 3] = ['"', '\'', '`'];

/// What was read, and where a sign of a comment is a part of a value.
struct Values<'v> {
    /// The lines on which an entry begins.
    entries: BTreeSet<usize>,
    /// The lines on which a value with such a sign begins.
    begin: BTreeSet<usize>,
    /// The lines of values with several lines, whichever ends they have.
    inner: BTreeSet<&'v str>,
}

impl<'v> Values<'v> {
    fn new(syntax: &Syntax, imported: &'v Imported) -> Self {
        let texts = || imported.entries.iter().filter_map(|entry| Some((entry.line, entry.value.as_str()?)));
        let has_sign = |text: &str| syntax.comments.iter().any(|sign| text.contains(sign));
        let several = texts().filter(|(_, text)| text.contains(ENDS));
        let inner = several.flat_map(|(_, text)| text.split(ENDS).map(trimmed));
        Self {
            entries: imported.entries.iter().map(|entry| entry.line).ordered(),
            begin: texts().filter(|(_, text)| has_sign(text)).map(|(line, _)| line).ordered(),
            inner: inner.ordered(),
        }
    }

    /// Returns whether this line is part of a value.
    fn has(&self, number: usize, line: &str) -> bool {
        self.begin.contains(&number) || self.inner.contains(trimmed(line))
    }
}

/// Removes what the syntax puts around a line of a value.
fn trimmed(line: &str) -> &str {
    line.trim().trim_matches(QUOTES)
}
