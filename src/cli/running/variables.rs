//! Which variable an item becomes: the one from `--rename`, else the one that is stored with it or its own name, with
//! `--prefix`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use vault::item::{InjectableOutline, clashes};
use vault::name::{EnvironmentName, is_variable_name, quoted};
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
        return Err("the part before = is not a variable name");
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
            return Err(Error::usage("--prefix is not the beginning of a variable name")
                .hint("letters, digits and _, and no digit first: --prefix APP_"));
        }
        Ok(Self { prefix, renamed })
    }

    /// The variable that an item becomes, or that holds the path of its file.
    pub fn name_of<'n>(&'n self, item: InjectableOutline<'n>) -> Cow<'n, str> {
        if self.renamed.is_empty() && self.prefix.is_empty() {
            return if item.is_plain() { Cow::Borrowed(item.name()) } else { item.variable() };
        }
        match self.renamed.get(item.name()) {
            Some(new) => Cow::Borrowed(new),
            None if self.prefix.is_empty() => item.variable(),
            None => Cow::Owned(format!("{}{}", self.prefix, item.variable())),
        }
    }

    /// Whether `--rename` names the item.
    pub fn is_renamed(&self, item: &str) -> bool {
        self.renamed.contains_key(item)
    }

    /// A renamed item must be there.
    pub fn check_renamed<'i>(&self, items: impl Iterator<Item = &'i str>) -> Result<()> {
        if self.renamed.is_empty() {
            return Ok(());
        }
        let mut missing: Vec<&str> = self.renamed.keys().copied().collect();
        for item in items {
            missing.retain(|old| *old != item);
        }
        match missing.first() {
            None => Ok(()),
            Some(old) => Err(Error::not_found(format!("--rename names {}, and there is no such item", quoted(old)))
                .hint("vault list shows the names")),
        }
    }

    /// No two of the items of an environment become one variable: which one the program got would be chance.
    pub fn check_apart<'i, I: Iterator<Item = InjectableOutline<'i>>>(
        &self,
        environment: &EnvironmentName,
        items: impl Fn() -> I,
    ) -> Result<()> {
        if self.renamed.is_empty() && items().all(|item| item.is_plain()) {
            return Ok(());
        }
        match clashes(items().map(|item| (item.name(), Cow::Owned(self.name_of(item).into_owned())))).first() {
            None => Ok(()),
            Some(clash) => {
                let [_, second] = &clash.items;
                let chosen = format!("vault set {environment}/{second} --as VAR");
                Err(clash.error(environment).hint(format!("leave one out: --except {second}; for good: {chosen}")))
            }
        }
    }
}
