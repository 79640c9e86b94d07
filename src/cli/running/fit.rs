//! Which of the items chosen can be variables. One that can't doesn't keep the others from the command, unless it was
//! asked for by its name.

use super::limits::longest_string;
use super::variables::Variables;
use std::collections::{HashMap, HashSet};
use vault::dangerous;
use vault::item::{Deliver, Injectable, InjectableOutline, Unfit, unfit_value};
use vault::name::EnvironmentName;
use vault::vault::UnreadInjectables;
use vault::{Error, Result};

/// How items are chosen and named.
pub struct Request<'a> {
    pub variables: &'a Variables<'a>,
    /// Whether a dangerous name may come from an environment.
    pub allows: &'a dyn Fn(&EnvironmentName, &str) -> bool,
    /// Whether `--only` gives this very name.
    pub is_named: &'a dyn Fn(&str) -> bool,
    /// Whether an option hands the item over in another way.
    pub is_handed: &'a dyn Fn(&str) -> bool,
}

/// Takes out what can be no variable, and tells each with its reason. An item that is named by `--only` or `--rename` is an
/// error instead, but for its name's form, and so is a dangerous name that `--rename` makes. What is taken out of one
/// environment is not left of one before, whose values it would have replaced. An item that is kept from programs is taken
/// out without a word, unless it is named.
pub fn retain(unread: &mut [UnreadInjectables], request: &Request<'_>) -> Result<Vec<String>> {
    let Request { variables, is_handed, .. } = request;
    let own = unread.iter().flat_map(UnreadInjectables::items).map(|item| item.name());
    variables.check_renamed(own.filter(|name| !is_handed(name)))?;
    let mut later = Later { is_used: unread.len() > 1, ..Later::default() };
    let (mut left_out, mut refused) = (Vec::new(), None);
    let longest = longest_string();
    for unread in unread.iter_mut().rev() {
        let (environment, mut here) = (unread.environment().clone(), Vec::new());
        unread.retain(|item| {
            if is_handed(item.name()) {
                return true;
            }
            let (name, is_asked_for) = (variables.name_of(item), request.asks_for(item));
            let why = request.reason(&environment, &name, item, longest);
            if later.replaces(item, &name, why.is_some()) {
                return false;
            }
            if item.deliver() == Deliver::None && !is_asked_for {
                later.gone.insert(item.name().to_owned());
                return false;
            }
            let Some(why) = why else {
                if later.is_used {
                    here.push((item.name().to_owned(), name.into_owned()));
                }
                return true;
            };
            if is_asked_for && why != Unfit::Name {
                refused.get_or_insert_with(|| refusal(item.name(), &name, why, &environment));
            }
            left_out.push(words(item.name(), &name, why));
            later.gone.insert(item.name().to_owned());
            false
        });
        variables.check_apart(&environment, || unread.items().filter(|item| !is_handed(item.name())))?;
        later.keep(here);
    }
    refused.map_or(Ok(left_out), Err)
}

/// What later environments have said of items and variables: they win.
#[derive(Default)]
struct Later {
    /// Whether there are several environments.
    is_used: bool,
    /// The items that are left out there.
    gone: HashSet<String>,
    /// The variables of the items that are given from there.
    kept: HashMap<String, String>,
    /// The items that have each variable.
    owners: HashMap<String, String>,
}

impl Later {
    /// Whether an item of an earlier environment gives way. One that is the same variable doesn't: its value does.
    fn replaces(&self, item: InjectableOutline<'_>, variable: &str, is_unfit: bool) -> bool {
        if !self.is_used {
            return false;
        }
        let is_other = |kept: &String| is_unfit || kept != variable || item.deliver() == Deliver::File;
        self.gone.contains(item.name())
            || self.kept.get(item.name()).is_some_and(is_other)
            || self.owners.get(variable).is_some_and(|owner| owner != item.name())
    }

    fn keep(&mut self, here: Vec<(String, String)>) {
        for (item, variable) in here {
            self.owners.entry(variable.clone()).or_insert_with(|| item.clone());
            self.kept.entry(item).or_insert(variable);
        }
    }
}

/// Refuses a variable of an env file that can't be.
pub fn check(variable: &Injectable) -> Result<()> {
    let name = &variable.name;
    match unfit_value(name, &variable.value, longest_string()) {
        None => Ok(()),
        Some(why) => Err(Error::failed(format!("{name} {why}")).hint(format!(
            "take {name} out of the file of --env-file; a program reads an item as a file with --file ITEM"
        ))),
    }
}

impl Request<'_> {
    /// Whether the item is asked for by its very name.
    fn asks_for(&self, item: InjectableOutline<'_>) -> bool {
        (self.is_named)(item.name()) || self.variables.is_renamed(item.name())
    }

    fn reason(
        &self,
        environment: &EnvironmentName,
        variable: &str,
        item: InjectableOutline<'_>,
        longest: Option<usize>,
    ) -> Option<Unfit> {
        match item.unfit(variable, longest) {
            Some(Unfit::Dangerous(_)) if (self.allows)(environment, variable) => item.unfit_value(variable, longest),
            why => why,
        }
    }
}

fn refusal(item: &str, variable: &str, why: Unfit, environment: &EnvironmentName) -> Error {
    match why {
        Unfit::Dangerous(danger) => dangerous::refusal(variable, danger, Some(environment)),
        Unfit::Name | Unfit::Nul | Unfit::Large(_) => Error::failed(format!("{item} {why}"))
            .hint(format!("as a file: --file {item}; or leave it out: --except {item}")),
    }
}

/// The reason, and what gives the item to the command all the same.
fn words(item: &str, variable: &str, why: Unfit) -> String {
    match why {
        Unfit::Name => format!("{item} {why}"),
        Unfit::Dangerous(_) if item != variable => format!("{item}: {variable} {why} (--allow-name {variable})"),
        Unfit::Dangerous(_) => format!("{item} {why} (--allow-name {item})"),
        Unfit::Nul | Unfit::Large(_) => format!("{item} {why} (--file {item})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::running::variables::VariableArgs;
    use vault::item::Injectable;
    use vault::name::EnvironmentName;
    use vault::secret::SecretBytes;

    fn item(name: &str, value: &[u8]) -> Injectable {
        let value = SecretBytes::new(value.to_vec());
        Injectable::new(name, value)
    }

    fn retained(environments: &[&[Injectable]], named: &[&str]) -> Result<(Vec<String>, Vec<String>)> {
        let unread =
            |items: &&[Injectable]| UnreadInjectables::new(EnvironmentName::new("dev").unwrap(), items.to_vec());
        let mut unread: Vec<_> = environments.iter().map(unread).collect();
        let args = VariableArgs::default();
        let variables = Variables::new(&args)?;
        let is_named = |name: &str| named.contains(&name);
        let request = Request {
            variables: &variables,
            allows: &|_, _| false,
            is_named: &is_named,
            is_handed: &|name| name == "HANDED",
        };
        let said = retain(&mut unread, &request)?;
        let left = unread.iter().zip(environments).flat_map(|(unread, items)| {
            let length = |name: &str| items.iter().find(|item| *item.name == *name).unwrap().value.len();
            unread.items().map(move |item| format!("{}={}", item.name(), length(item.name())))
        });
        Ok((left.collect(), said))
    }

    #[test]
    fn what_can_be_no_variable_is_left_out_with_its_reason_and_the_rest_is_kept() {
        let items = [item("A", b"x"), item("1A", b"x"), item("B", b"x\0"), item("LD_PRELOAD", b"x"), item("C", b"")];
        let (left, said) = retained(&[&items], &["A", "1A"]).unwrap();
        assert_eq!(left, ["A=1", "C=0"]);
        let expected = [
            "1A is not a variable name",
            "B holds a NUL byte, which no variable can (--file B)",
            "LD_PRELOAD can make a program load code (--allow-name LD_PRELOAD)",
        ];
        assert_eq!(said, expected);
        for name in ["B", "LD_PRELOAD"] {
            assert!(retained(&[&items], &[name]).unwrap_err().to_string().starts_with(name));
        }
    }

    #[test]
    fn a_value_that_is_left_out_gives_no_place_to_that_of_an_earlier_environment() {
        let (fit, unfit) = ([item("A", b"fit")], [item("A", b"x\0")]);
        assert_eq!(retained(&[&fit, &unfit], &[]).unwrap().0, [""; 0]);
        let (left, said) = retained(&[&unfit, &fit], &[]).unwrap();
        assert_eq!((left, said.len()), (vec!["A=3".to_owned()], 0), "a later one has replaced it anyhow");
    }
}
