//! `--only` and `--except`: names and patterns.

use vault::name::quoted;
use vault::{Error, Result};

/// The options that choose items.
#[derive(Debug, Clone, clap::Args)]
pub struct SelectionArgs {
    /// Only these items: names, or patterns such as AWS_*
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// All but these items: names, or patterns
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    except: Vec<String>,
}

/// Which items are wanted.
pub struct Selection {
    only: Vec<Pattern>,
    except: Vec<Pattern>,
}

enum Pattern {
    Name(String),
    Glob(glob::Pattern),
}

impl Pattern {
    fn new(text: &str) -> Result<Self> {
        if !text.contains(['*', '?', '[']) {
            return Ok(Self::Name(text.to_owned()));
        }
        let pattern = glob::Pattern::new(text);
        pattern
            .map(Self::Glob)
            .map_err(|_| Error::usage(format!("{} is no pattern", quoted(text))).hint("for example AWS_*"))
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Name(own) => own == name,
            Self::Glob(pattern) => pattern.matches(name),
        }
    }
}

impl Selection {
    /// Reads the options.
    pub fn new(args: &SelectionArgs) -> Result<Self> {
        let patterns = |texts: &[String]| texts.iter().map(|text| Pattern::new(text)).collect::<Result<_>>();
        Ok(Self { only: patterns(&args.only)?, except: patterns(&args.except)? })
    }

    /// Whether an item of this name is wanted.
    pub fn takes(&self, name: &str) -> bool {
        let any = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(name));
        (self.only.is_empty() || any(&self.only)) && !any(&self.except)
    }

    /// A name that was asked for must be there: a typing error must not run the program without its secret.
    pub fn check_names<'a>(&self, taken: impl Iterator<Item = &'a str>) -> Result<()> {
        let mut missing: Vec<&str> = self.only.iter().filter_map(Pattern::name).collect();
        if missing.is_empty() {
            return Ok(());
        }
        for name in taken {
            missing.retain(|wanted| *wanted != name);
        }
        missing.retain(|name| !self.except.iter().any(|pattern| pattern.matches(name)));
        match missing.first() {
            None => Ok(()),
            Some(name) => Err(Error::not_found(format!("--only names {name}, and there is no such item"))
                .hint("vault list shows the names")),
        }
    }
}

impl Pattern {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Glob(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(only: &[&str], except: &[&str]) -> Selection {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Selection::new(&SelectionArgs { only: owned(only), except: owned(except) }).unwrap()
    }

    #[test]
    fn patterns_choose_and_exceptions_win() {
        let chosen = selection(&["AWS_*", "PORT"], &["AWS_REGION"]);
        assert!(chosen.takes("AWS_KEY") && chosen.takes("PORT"));
        assert!(!chosen.takes("AWS_REGION") && !chosen.takes("OTHER"));
    }

    #[test]
    fn a_literal_name_must_exist_and_a_pattern_need_not() {
        assert!(selection(&["A", "X_*"], &[]).check_names(["A"].into_iter()).is_ok());
        assert!(selection(&["A", "B"], &[]).check_names(["A"].into_iter()).is_err());
    }
}
