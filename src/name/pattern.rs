//! Patterns that select names: a glob, a whole name, or a part of one.

use super::quoted;
use crate::error::{Error, Result};
use glob::MatchOptions;

/// Selects names.
#[derive(Debug, Clone)]
pub struct Pattern(Form);

#[derive(Debug, Clone)]
enum Form {
    Name(String),
    /// In lower case.
    Part(String),
    Glob {
        glob: glob::Pattern,
        options: MatchOptions,
    },
}

impl Pattern {
    /// A glob such as `AWS_*`, or else the whole name. Case matters.
    ///
    /// # Errors
    /// A usage error if the text looks like a glob but is not a valid one.
    pub(crate) fn exact(text: &str) -> Result<Self> {
        Ok(Self(match is_glob(text) {
            true => glob(text, true)?,
            false => Form::Name(text.to_owned()),
        }))
    }

    /// A glob for the whole name, or else a part of it, as in a search. Case does not matter.
    ///
    /// # Errors
    /// A usage error if the text looks like a glob but is not a valid one.
    pub fn part(text: &str) -> Result<Self> {
        Ok(Self(match is_glob(text) {
            true => glob(text, false)?,
            false => Form::Part(text.to_ascii_lowercase()),
        }))
    }

    /// Returns whether the pattern matches this name.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        match &self.0 {
            Form::Name(known) => known == name,
            Form::Part(part) => name.to_ascii_lowercase().contains(part),
            Form::Glob { glob, options } => glob.matches_with(name, *options),
        }
    }

    /// Returns the name, if the pattern is a single one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match &self.0 {
            Form::Name(name) => Some(name),
            Form::Part(_) | Form::Glob { .. } => None,
        }
    }
}

fn is_glob(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

fn glob(text: &str, case_sensitive: bool) -> Result<Form> {
    let glob = glob::Pattern::new(text)
        .map_err(|_| Error::usage(format!("{} is not a pattern", quoted(text))).hint("for example AWS_*"))?;
    Ok(Form::Glob { glob, options: MatchOptions { case_sensitive, ..MatchOptions::new() } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_pattern_matches_parts_and_globs_in_any_case() {
        let finds = |pattern: &str, name: &str| Pattern::part(pattern).unwrap().matches(name);
        assert!(finds("stripe", "STRIPE_KEY") && finds("KEY", "stripe.key") && finds("", "A"));
        assert!(finds("aws_*", "AWS_REGION") && finds("?b*", "ABC") && finds("[ab]*", "BETA"));
        assert!(!finds("aws*", "MY_AWS"), "a glob must match the whole name");
        assert!(!finds("strpe", "STRIPE_KEY"));
    }

    #[test]
    fn a_selection_pattern_is_a_whole_name_or_a_case_sensitive_glob() {
        let chooses = |pattern: &str, name: &str| Pattern::exact(pattern).unwrap().matches(name);
        assert!(chooses("KEY", "KEY") && chooses("AWS_*", "AWS_REGION"));
        assert!(!chooses("KEY", "STRIPE_KEY") && !chooses("key", "KEY") && !chooses("aws_*", "AWS_REGION"));
        assert_eq!(Pattern::exact("KEY").unwrap().name(), Some("KEY"));
        assert_eq!(Pattern::exact("K*").unwrap().name(), None);
    }

    #[test]
    fn an_unclosed_bracket_is_not_a_pattern() {
        assert_eq!(Pattern::part("[A").unwrap_err().to_string(), "\"[A\" is not a pattern");
        assert!(Pattern::exact("***").is_err());
    }
}
