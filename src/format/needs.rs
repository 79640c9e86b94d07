//! Which variables a file needs: a `.env.example` by its names, anything else by `$NAME` and `${NAME}`.

use crate::error::Result;
use crate::format::dotenv::{self, Dialect, References};
use crate::name::is_variable_name;

/// A variable that a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Its name.
    pub name: String,
    /// The line it stands on, from 1.
    pub line: usize,
    /// Whether the file gives no default, as `${NAME:-default}` does.
    pub is_required: bool,
}

/// What a file of this name needs: of `.yaml`, `.yml`, `.json` and `.toml` files the references (Docker Compose's syntax:
/// `$$` is a dollar sign), of others the names of a `.env` file. Each name once, where it is required first.
///
/// # Errors
/// Input that is not UTF-8.
pub fn read(file_name: &str, bytes: &[u8]) -> Result<Vec<Need>> {
    let ending = file_name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let all = match ending.as_deref() {
        Some("yaml" | "yml" | "json" | "toml") => references(dotenv::text(bytes)?),
        _ => names(bytes)?,
    };
    let mut needs: Vec<Need> = Vec::new();
    for need in all {
        match needs.iter_mut().find(|known| known.name == need.name) {
            None => needs.push(need),
            Some(known) if need.is_required && !known.is_required => *known = need,
            Some(_) => {}
        }
    }
    Ok(needs)
}

/// Whether a file of this name is one of the examples that projects keep beside the real file: `.env.example`,
/// `example.env`, `.env-sample`, `.env.dist`, `config.template.yaml`.
#[must_use]
pub fn is_example(file_name: &str) -> bool {
    let name = file_name.to_ascii_lowercase();
    name.split(['.', '-', '_']).any(|part| ["example", "sample", "template", "tmpl", "dist"].contains(&part))
}

fn names(bytes: &[u8]) -> Result<Vec<Need>> {
    let parsed = dotenv::parse(bytes, Dialect::default(), References::Keep)?;
    let need = |entry: super::Entry| Need { name: entry.name, line: entry.line, is_required: true };
    Ok(parsed.entries.into_iter().map(need).collect())
}

fn references(text: &str) -> Vec<Need> {
    let mut needs = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with('#') {
            continue;
        }
        let mut rest = line;
        while let Some((_, behind)) = rest.split_once('$') {
            rest = behind.strip_prefix('$').unwrap_or(behind);
            if rest.len() == behind.len() {
                let found = reference(behind).map(|(name, is_required)| (name.to_owned(), is_required));
                needs.extend(found.map(|(name, is_required)| Need { name, line: index + 1, is_required }));
            }
        }
    }
    needs
}

/// The name behind a dollar sign, and whether it is without a default.
fn reference(text: &str) -> Option<(&str, bool)> {
    let (braced, text) = text.strip_prefix('{').map_or((false, text), |text| (true, text));
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, behind) = text.split_at(end);
    let operator = behind.strip_prefix(':').unwrap_or(behind);
    let has_default = braced && operator.starts_with(['-', '+']);
    let is_reference = is_variable_name(name) && (!braced || operator.starts_with(['}', '-', '+', '?']));
    is_reference.then_some((name, !has_default))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(file: &str, text: &str) -> Vec<(String, usize, bool)> {
        let needs = read(file, text.as_bytes()).unwrap();
        needs.into_iter().map(|need| (need.name, need.line, need.is_required)).collect()
    }

    #[test]
    fn an_example_is_told_by_its_name() {
        for example in [".env.example", "example.env", ".env-sample", ".env.dist", "Config.Template.yaml"] {
            assert!(is_example(example), "{example}");
        }
        for real in [".env", ".env.production", "examples", "distribution.env", "-"] {
            assert!(!is_example(real), "{real}");
        }
    }

    #[test]
    fn an_example_needs_its_names() {
        let expected = vec![("A".to_owned(), 2, true), ("B".to_owned(), 3, true)];
        assert_eq!(needs(".env.example", "# note\nA=\nexport B=\"x\"\n#C=\n"), expected);
    }

    #[test]
    fn a_compose_file_needs_what_it_refers_to() {
        let text = "a: ${A}\nb: \"$B:${C:-x}\"\n# ${NOT}\nc: $$D ${E:?must} $1 ${-} ${F+x}${A:-late}\nd: ${C}\n";
        let expected = [("A", 1, true), ("B", 2, true), ("C", 5, true), ("E", 4, true), ("F", 4, false)];
        assert_eq!(
            needs("compose.yaml", text),
            expected.map(|(name, line, required)| (name.to_owned(), line, required))
        );
    }
}
