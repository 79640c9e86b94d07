//! One rule of an ignore file.

use glob::{MatchOptions, Pattern};
use std::path::{Path, PathBuf};

/// One line of a `.vaultignore` file.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    /// The directory that the pattern is relative to, with links resolved.
    base: PathBuf,
    pattern: Pattern,
    /// Whether the rule includes again what an earlier rule leaves out.
    pub(super) is_negated: bool,
    is_of_directories: bool,
}

impl Rule {
    /// Parses a line; `None` for an empty line or a comment.
    pub(super) fn parse(base: &Path, line: &str) -> Result<Option<Self>, &'static str> {
        let line = without_trailing_spaces(line.strip_suffix('\r').unwrap_or(line));
        if line.is_empty() || line.starts_with('#') {
            return Ok(None);
        }
        let (is_negated, line) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
        let (is_of_directories, line) = line.strip_suffix('/').map_or((false, line), |rest| (true, rest));
        if line.is_empty() {
            return Ok(None);
        }
        // A slash anywhere but at the end makes the pattern relative to its directory.
        let text = match line.strip_prefix('/') {
            Some(rest) => in_globs(rest),
            None if line.contains('/') => in_globs(line),
            None => format!("**/{}", in_globs(line)),
        };
        let pattern = Pattern::new(&text).map_err(|error| error.msg)?;
        Ok(Some(Self { base: base.to_owned(), pattern, is_negated, is_of_directories }))
    }

    pub(super) fn fits(&self, path: &Path, is_directory: bool) -> bool {
        let options =
            MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: false };
        let Ok(below) = path.strip_prefix(&self.base) else { return false };
        (is_directory || !self.is_of_directories) && self.pattern.matches_with(&below.to_string_lossy(), options)
    }
}

/// Removes spaces at the end, except for one after a backslash.
fn without_trailing_spaces(line: &str) -> &str {
    let bare = line.trim_end_matches(' ');
    let backslashes = bare.bytes().rev().take_while(|byte| *byte == b'\\').count();
    if backslashes % 2 == 1 && bare.len() < line.len() { &line[..=bare.len()] } else { bare }
}

/// Translates a pattern for the glob crate. That crate has no backslash, supports `[!a]` but not `[^a]`, and accepts
/// `**` only as a whole component; git treats it as `*` anywhere else.
fn in_globs(pattern: &str) -> String {
    let mut components = Vec::new();
    for component in pattern.split('/') {
        components.push(if component == "**" { component.to_owned() } else { component_in_globs(component) });
    }
    // A final `**` matches what is in the directory, but not the directory.
    if components.len() > 1 && components.last().is_some_and(|last| last == "**") {
        components.push("*".to_owned());
    }
    components.join("/")
}

fn component_in_globs(component: &str) -> String {
    let mut text = String::with_capacity(component.len());
    let mut letters = component.chars().peekable();
    let mut is_in_class = false;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                let literal = letters.next().unwrap_or('\\');
                text.push_str(&if is_in_class { literal.to_string() } else { Pattern::escape(&literal.to_string()) });
            }
            '*' if !is_in_class => {
                while letters.next_if_eq(&'*').is_some() {}
                text.push('*');
            }
            '[' if !is_in_class => {
                is_in_class = true;
                text.push('[');
                if letters.next_if(|next| "^!".contains(*next)).is_some() {
                    text.push('!');
                }
                // At the start of a class, `]` is a member of it.
                text.extend(letters.next_if_eq(&']'));
            }
            ']' => {
                is_in_class = false;
                text.push(']');
            }
            other => text.push(other),
        }
    }
    text
}
