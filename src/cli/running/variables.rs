//! Which variable an item becomes: its own name, one from `--rename`, or one with `--prefix`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use vault::name::{is_variable_name, quoted};
use vault::{Error, Result};

/// The options that name variables.
#[derive(Debug, Default, clap::Args)]
pub struct VariableArgs {
    /// Put this before the name of every variable that an item becomes
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
    /// Give the item OLD as the variable NEW, which takes no prefix
    #[arg(long, value_name = "NEW=OLD", value_delimiter = ',', value_parser = renaming)]
    rename: Vec<(String, String)>,
}

fn renaming(text: &str) -> Result<(String, String), &'static str> {
    let (new, old) = text.split_once('=').ok_or("it is NEW=OLD, the variable and the item")?;
    if !is_variable_name(new) {
        return Err("what stands before = is no name of a variable");
    }
    Ok((old.to_owned(), new.to_owned()))
}

/// The variables' names.
pub struct Variables<'a> {
    prefix: &'a str,
    renamed: BTreeMap<&'a str, &'a str>,
}

impl<'a> Variables<'a> {
    /// Reads the options.
    pub fn new(args: &'a VariableArgs) -> Result<Self> {
        let mut renamed = BTreeMap::new();
        for (old, new) in &args.rename {
            if renamed.insert(old.as_str(), new.as_str()).is_some() {
                return Err(Error::usage(format!("--rename names {old} twice")));
            }
        }
        let prefix = args.prefix.as_deref().unwrap_or_default();
        if !prefix.is_empty() && !is_variable_name(prefix) {
            return Err(Error::usage("--prefix is no beginning of a variable's name")
                .hint("letters, digits and _, and no digit first: --prefix APP_"));
        }
        Ok(Self { prefix, renamed })
    }

    /// The variable that an item of this name becomes.
    pub fn name_of<'n>(&'n self, item: &'n str) -> Cow<'n, str> {
        if self.renamed.is_empty() && self.prefix.is_empty() {
            return Cow::Borrowed(item);
        }
        match self.renamed.get(item) {
            Some(new) => Cow::Borrowed(new),
            None if self.prefix.is_empty() => Cow::Borrowed(item),
            None => Cow::Owned(format!("{}{item}", self.prefix)),
        }
    }

    /// Whether `--rename` names the item.
    pub fn is_renamed(&self, item: &str) -> bool {
        self.renamed.contains_key(item)
    }

    /// A renamed item must be there, and the only one of its new name.
    pub fn check<'i>(&self, items: impl Iterator<Item = &'i str>) -> Result<()> {
        if self.renamed.is_empty() {
            return Ok(());
        }
        let mut missing: Vec<&str> = self.renamed.keys().copied().collect();
        let mut taken: BTreeMap<Cow<'_, str>, &str> = BTreeMap::new();
        for item in items {
            missing.retain(|old| *old != item);
            let new = self.name_of(item).into_owned();
            if let Some(other) = taken.insert(new.clone().into(), item).filter(|other| *other != item) {
                return Err(Error::usage(format!("{other} and {item} would both be {new}"))
                    .hint("leave one out: --except NAME"));
            }
        }
        match missing.first() {
            None => Ok(()),
            Some(old) => Err(Error::not_found(format!("--rename names {}, and there is no such item", quoted(old)))
                .hint("vault list shows the names")),
        }
    }
}
