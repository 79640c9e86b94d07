//! Filters out the chosen items that can't be variables: first because of their names, and, once somebody gets the
//! values, because of these. That is an error only if an item was asked for by name.
//!
//! - Gives text without values: `NotInjected::item`, `NotInjected::variable`

use super::handed::Handing;
use super::variables::Variables;
use crate::actions::Selection;
use crate::dangerous;
use crate::error::{Error, Remedy, Result};
use crate::item::{Deliver, Injectable, InjectableOutline, VariableProblem, name_problem, value_problem};
use crate::name::EnvironmentName;
use crate::vault::UnreadInjectables;
use std::collections::{HashMap, HashSet};

/// The options that choose and name items.
pub(super) struct Criteria<'a> {
    pub variables: &'a Variables<'a>,
    pub selection: &'a Selection,
    pub handing: &'a Handing,
    /// Whether a dangerous name from this environment is allowed.
    pub allows: &'a dyn Fn(&EnvironmentName, &str) -> bool,
}

/// An item that the command doesn't get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotInjected {
    /// The item's environment.
    pub environment: EnvironmentName,
    /// The item's name.
    pub item: String,
    /// The variable that the item would be.
    pub variable: String,
    /// Why the item can't be that variable.
    pub why: VariableProblem,
}

/// Whether every item becomes the variable of its own name, and they are sorted: [`retain`] would keep all of them.
pub(super) fn are_plain(unread: &[UnreadInjectables], criteria: &Criteria<'_>) -> bool {
    match unread {
        [only] => only.can_be_variables() && criteria.variables.are_own_names() && criteria.handing.is_nothing(),
        _ => false,
    }
}

/// What is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Names,
    Values,
}

/// Removes the items whose names can't be variables, and returns each with its reason. An item that was chosen or renamed
/// by name is an error instead, and so is one whose new name is dangerous; but if only the form of its name is wrong, it
/// is removed like any other. An item that is removed from one environment is removed from earlier ones as well,
/// because its value would have replaced theirs. An item that is kept from programs is removed without a notice, unless
/// it was named.
pub(super) fn retain(unread: &mut [UnreadInjectables], criteria: &Criteria<'_>) -> Result<Vec<NotInjected>> {
    let names = unread.iter().flat_map(UnreadInjectables::items).map(|item| item.name());
    criteria.variables.check_renamed(names.filter(|name| !criteria.handing.takes(name)))?;
    sift(unread, criteria, Look::Names)
}

/// Does the same as [`retain`] to the items that it has kept, because of their values. Whatever this returns says something
/// about the value of each, so the caller logs it first.
pub(super) fn retain_fit(unread: &mut [UnreadInjectables], criteria: &Criteria<'_>) -> Result<Vec<NotInjected>> {
    sift(unread, criteria, Look::Values)
}

fn sift(unread: &mut [UnreadInjectables], criteria: &Criteria<'_>, look: Look) -> Result<Vec<NotInjected>> {
    let Criteria { variables, handing, .. } = criteria;
    let mut sieve = Sieve {
        criteria,
        look,
        later: Later { is_used: unread.len() > 1, ..Later::default() },
        left_out: Vec::new(),
        refused: None,
    };
    for unread in unread.iter_mut().rev() {
        let (environment, mut here) = (unread.environment().clone(), Vec::new());
        unread.retain(|item| sieve.keeps(item, &environment, &mut here));
        variables.check_apart(&environment, || unread.items().filter(|item| !handing.takes(item.name())))?;
        sieve.later.keep(here);
    }
    sieve.refused.map_or(Ok(sieve.left_out), Err)
}

/// The decisions so far. Environments are visited from the last to the first.
struct Sieve<'a> {
    criteria: &'a Criteria<'a>,
    look: Look,
    later: Later,
    left_out: Vec<NotInjected>,
    /// The error for the first item that was asked for and can't be given.
    refused: Option<Error>,
}

impl Sieve<'_> {
    /// Returns whether the command gets the item. If so, adds it and its variable to `here`.
    fn keeps(
        &mut self,
        item: InjectableOutline<'_>,
        environment: &EnvironmentName,
        here: &mut Vec<(String, String)>,
    ) -> bool {
        let criteria = self.criteria;
        if criteria.handing.takes(item.name()) {
            return true;
        }
        let (variable, is_asked_for) = (criteria.variables.name_of(item), criteria.asks_for(item));
        let why = match self.look {
            Look::Names => name_problem(&variable, || (criteria.allows)(environment, &variable)),
            Look::Values => item.value_problem(&variable),
        };
        if self.later.replaces(item, &variable, why.is_some()) {
            return false;
        }
        if item.deliver() == Deliver::None && !is_asked_for {
            self.later.gone.insert(item.name().to_owned());
            return false;
        }
        let Some(why) = why else {
            if self.later.is_used {
                here.push((item.name().to_owned(), variable.into_owned()));
            }
            return true;
        };
        if is_asked_for && why != VariableProblem::Name {
            self.refused.get_or_insert_with(|| refusal(item.name(), &variable, why, environment));
        }
        self.later.gone.insert(item.name().to_owned());
        let (environment, item) = (environment.clone(), item.name().to_owned());
        self.left_out.push(NotInjected { environment, item, variable: variable.into_owned(), why });
        false
    }
}

/// The decisions for later environments, which win over earlier ones.
#[derive(Default)]
struct Later {
    /// Whether there are several environments.
    is_used: bool,
    /// The items that were left out of a later environment.
    gone: HashSet<String>,
    /// The items that the command gets from a later environment, with their variables.
    kept: HashMap<String, String>,
    /// The variables of later environments, with the items that they belong to.
    owners: HashMap<String, String>,
}

impl Later {
    /// Returns whether an item of an earlier environment is dropped. An item that becomes the same variable in both
    /// stays: its value is overwritten later.
    fn replaces(&self, item: InjectableOutline<'_>, variable: &str, has_problem: bool) -> bool {
        if !self.is_used {
            return false;
        }
        let is_other = |kept: &String| has_problem || kept != variable || item.deliver() == Deliver::File;
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

/// Refuses a variable of an env file whose value can't be passed.
pub(super) fn check(variable: &Injectable) -> Result<()> {
    let name = &variable.name;
    match value_problem(name, &variable.value) {
        None => Ok(()),
        Some(why) => Err(Error::failed(format!("{name} {why}")).hint((
            format!("remove {name} from the env file; to give a program an item as a file: "),
            Remedy::GiveAsFile(None),
        ))),
    }
}

impl Criteria<'_> {
    /// Returns whether the item is chosen or renamed by its exact name.
    fn asks_for(&self, item: InjectableOutline<'_>) -> bool {
        self.selection.is_named(item.name()) || self.variables.is_renamed(item.name())
    }
}

fn refusal(item: &str, variable: &str, why: VariableProblem, environment: &EnvironmentName) -> Error {
    match why {
        VariableProblem::Dangerous(danger) => dangerous::refusal(variable, danger, Some(environment)),
        VariableProblem::Name | VariableProblem::Nul | VariableProblem::Large(_) => {
            Error::failed(format!("{item} {why}")).hint((
                "as a file: ",
                Remedy::GiveAsFile(Some(item.to_owned())),
                "; or leave it out: ",
                Remedy::LeaveOut(item.to_owned()),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretBytes;

    fn item(name: &str, value: &[u8]) -> Injectable {
        let value = SecretBytes::new(value.to_vec());
        Injectable::new(name, value)
    }

    fn retained(environments: &[&[Injectable]], named: &[&str]) -> Result<(Vec<String>, Vec<String>)> {
        let unread = |items: &&[Injectable]| {
            UnreadInjectables::of_no_session(EnvironmentName::new("dev").unwrap(), items.to_vec())
        };
        let mut unread: Vec<_> = environments.iter().map(unread).collect();
        let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).chain(["*".to_owned()]).collect();
        let criteria = Criteria {
            variables: &Variables::new("", &[])?,
            selection: &Selection::new(&named, &[])?,
            handing: &Handing { files: Vec::new(), stdin: Some("HANDED".to_owned()) },
            allows: &|_, _| false,
        };
        let mut left_out = retain(&mut unread, &criteria)?;
        left_out.extend(retain_fit(&mut unread, &criteria)?);
        let left = unread.iter().zip(environments).flat_map(|(unread, items)| {
            let length = |name: &str| items.iter().find(|item| *item.name == *name).unwrap().value.len();
            unread.items().map(move |item| format!("{}={}", item.name(), length(item.name())))
        });
        let reasons = left_out.iter().map(|NotInjected { item, why, .. }| format!("{item} {why}"));
        Ok((left.collect(), reasons.collect()))
    }

    #[test]
    fn items_that_cannot_be_variables_are_left_out_with_a_reason_and_the_rest_is_kept() {
        let items = [item("A", b"x"), item("1A", b"x"), item("B", b"x\0"), item("LD_PRELOAD", b"x"), item("C", b"")];
        let (left, reasons) = retained(&[&items], &["A", "1A"]).unwrap();
        assert_eq!(left, ["A=1", "C=0"]);
        let expected = [
            "1A is not a variable name",
            "LD_PRELOAD can make a program load code",
            "B contains a NUL byte, which a variable can't have",
        ];
        assert_eq!(reasons, expected);
        for name in ["B", "LD_PRELOAD"] {
            assert!(retained(&[&items], &[name]).unwrap_err().to_string().starts_with(name));
        }
    }

    #[test]
    fn an_excluded_value_is_not_replaced_by_that_of_an_earlier_environment() {
        let (text, nul) = ([item("A", b"fit")], [item("A", b"x\0")]);
        assert_eq!(retained(&[&text, &nul], &[]).unwrap().0, [""; 0]);
        let (left, reasons) = retained(&[&nul, &text], &[]).unwrap();
        assert_eq!((left, reasons.len()), (vec!["A=3".to_owned()], 0), "a later environment overrides it anyway");
    }
}
