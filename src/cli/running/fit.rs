//! Which of the items chosen can be variables. One that can't doesn't keep the others from the command, unless it was
//! asked for by its name.

use super::limits::longest_string;
use super::variables::Variables;
use crate::cli::options::names::AllowNames;
use std::collections::HashSet;
use vault::item::{Injectable, InjectableOutline, Unfit, unfit_value};
use vault::vault::UnreadInjectables;
use vault::{Error, Result};

/// Takes out what can be no variable, and tells each with its reason. An item that is named by `--only` or `--rename` is an
/// error instead, but for its name's form, and so is a dangerous name that `--rename` makes. What is taken out of one
/// environment is not left of one before, whose values it would have replaced.
pub fn retain(
    unread: &mut [UnreadInjectables],
    variables: &Variables<'_>,
    allow: &AllowNames,
    is_named: &dyn Fn(&str) -> bool,
    is_handed: &dyn Fn(&str) -> bool,
) -> Result<Vec<String>> {
    let own = unread.iter().flat_map(UnreadInjectables::items).map(|item| item.name());
    variables.check(own.filter(|name| !is_handed(name)))?;
    let several = unread.len() > 1;
    let (mut left_out, mut refused) = (Vec::new(), None);
    let (mut gone, mut kept) = (HashSet::new(), HashSet::new());
    for unread in unread.iter_mut().rev() {
        unread.retain(|item| {
            if is_handed(item.name()) {
                return true;
            }
            let name = variables.name_of(item.name());
            let why = reason(&name, item, allow);
            if gone.contains(item.name()) || (why.is_some() && kept.contains(item.name())) {
                return false;
            }
            let Some(why) = why else {
                if several {
                    kept.insert(item.name().to_owned());
                }
                return true;
            };
            let is_asked_for = is_named(item.name()) || variables.is_renamed(item.name());
            if is_asked_for && why != Unfit::Name {
                refused.get_or_insert_with(|| error(&name, item, why, allow));
            }
            left_out.push(words(item.name(), &name, why));
            gone.insert(item.name().to_owned());
            false
        });
    }
    refused.map_or(Ok(left_out), Err)
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

fn reason(variable: &str, item: InjectableOutline<'_>, allow: &AllowNames) -> Option<Unfit> {
    match item.unfit(variable, longest_string()) {
        Some(Unfit::Dangerous(_)) if allow.allows(variable) => item.unfit_value(variable, longest_string()),
        why => why,
    }
}

fn error(variable: &str, item: InjectableOutline<'_>, why: Unfit, allow: &AllowNames) -> Error {
    allow.check(std::iter::once(variable)).err().unwrap_or_else(|| refusal(item.name(), why))
}

fn refusal(item: &str, why: Unfit) -> Error {
    Error::failed(format!("{item} {why}")).hint(format!("as a file: --file {item}; or leave it out: --except {item}"))
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
    use vault::item::{Injectable, Kind};
    use vault::name::EnvironmentName;
    use vault::secret::SecretBytes;

    fn item(name: &str, value: &[u8]) -> Injectable {
        let value = SecretBytes::new(value.to_vec());
        Injectable { name: name.into(), kind: Kind::Secret, value: value.into(), expires_at: None }
    }

    fn retained(environments: &[&[Injectable]], named: &[&str]) -> Result<(Vec<String>, Vec<String>)> {
        let unread =
            |items: &&[Injectable]| UnreadInjectables::new(EnvironmentName::new("dev").unwrap(), items.to_vec());
        let mut unread: Vec<_> = environments.iter().map(unread).collect();
        let args = VariableArgs::default();
        let variables = Variables::new(&args)?;
        let is_named = |name: &str| named.contains(&name);
        let said = retain(&mut unread, &variables, &AllowNames::default(), &is_named, &|name| name == "HANDED")?;
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
            "1A is no name for a variable",
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
