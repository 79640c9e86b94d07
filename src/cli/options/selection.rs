//! `--only` and `--except`: names and patterns.

use std::cell::RefCell;
use vault::name::{Pattern, quoted};
use vault::{Error, Result};

/// The options that choose items.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct SelectionArgs {
    /// Only these items: names, or patterns such as AWS_*
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::item_names))]
    only: Vec<String>,
    /// All but these items: names, or patterns
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    #[arg(add = clap_complete::ArgValueCandidates::new(crate::cli::generated::candidates::item_names))]
    except: Vec<String>,
}

impl SelectionArgs {
    /// Whether they choose at all.
    pub fn is_given(&self) -> bool {
        !(self.only.is_empty() && self.except.is_empty())
    }
}

/// Which items are wanted.
pub struct Selection {
    only: Vec<Pattern>,
    except: Vec<Pattern>,
    /// The options and the names in them that no item was seen to have yet.
    unseen: RefCell<Vec<(&'static str, String)>>,
}

/// A name that is empty is a mistake, and not one that nothing has.
fn pattern(option: &str, text: &str) -> Result<Pattern> {
    if text.is_empty() {
        return Err(Error::usage(format!("{option} is given an empty name"))
            .hint("names or patterns, for example AWS_*; did your shell expand an unset variable?"));
    }
    Pattern::exact(text)
}

impl Selection {
    /// Reads the options.
    pub fn new(args: &SelectionArgs) -> Result<Self> {
        let mut unseen = Vec::new();
        let mut patterns = |option: &'static str, texts: &[String]| {
            let patterns = texts.iter().map(|text| pattern(option, text)).collect::<Result<Vec<_>>>()?;
            unseen.extend(patterns.iter().filter_map(Pattern::name).map(|name| (option, name.to_owned())));
            Ok(patterns)
        };
        let (only, except) = (patterns("--only", &args.only)?, patterns("--except", &args.except)?);
        Ok(Self { only, except, unseen: unseen.into() })
    }

    /// Whether an item of this name is wanted. To be asked of every item there is.
    pub fn takes(&self, name: &str) -> bool {
        let mut unseen = self.unseen.borrow_mut();
        if !unseen.is_empty() {
            unseen.retain(|(_, wanted)| wanted != name);
        }
        let any = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(name));
        (self.only.is_empty() || any(&self.only)) && !any(&self.except)
    }

    /// Whether `--only` gives this very name, not a pattern.
    pub fn is_named(&self, name: &str) -> bool {
        self.only.iter().any(|pattern| pattern.name() == Some(name))
    }

    /// Once every item was asked of: one whose name was given must have been there. A typing error must not run a program
    /// without its secret, nor with one that it should not have.
    pub fn check_names(&self) -> Result<()> {
        match self.unseen.borrow().first() {
            None => Ok(()),
            Some((option, name)) => {
                Err(Error::not_found(format!("{option} names {}, and there is no such item", quoted(name)))
                    .hint("vault list shows the names"))
            }
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
        let checked = |only: &[&str], except: &[&str]| {
            let chosen = selection(only, except);
            let taken = ["A", "B"].into_iter().filter(|name| chosen.takes(name)).count();
            (taken, chosen.check_names().map_err(|error| error.to_string()).err())
        };
        assert_eq!(checked(&["A", "X_*"], &["Y_*"]), (1, None));
        assert_eq!(checked(&["A"], &["A"]), (0, None));
        assert_eq!(checked(&["A", "C"], &[]).1.unwrap(), "--only names \"C\", and there is no such item");
        assert_eq!(checked(&[], &["C"]).1.unwrap(), "--except names \"C\", and there is no such item");
    }

    #[test]
    fn an_empty_name_is_a_usage_error() {
        let args = SelectionArgs { only: vec![String::new()], except: Vec::new() };
        let error = Selection::new(&args).err().unwrap();
        assert_eq!(
            (error.to_string().as_str(), error.kind()),
            ("--only is given an empty name", vault::error::Kind::Usage)
        );
    }
}
