//! Finds what decisions name among the conflicts of several environments.

use super::{Choice, Conflict, Merging};
use crate::error::{Error, Remedy, Result};
use crate::merge::Side;
use crate::name::{EnvironmentName, ItemName, NamedItem};

impl<'a> Merging<'a> {
    /// Finds the item that `NAME` or `ENV/NAME` stands for. `NAME` is in the chosen environment, or else in the only one
    /// where an item of that name is in conflict.
    ///
    /// # Errors
    /// A not-found error if nothing of that name is in conflict; a usage error if the name is in conflict in several
    /// environments.
    pub(crate) fn find<'m>(
        all: &'m [Self],
        item: &NamedItem,
        chosen: Option<&EnvironmentName>,
    ) -> Result<(&'m Self, ItemName)> {
        let NamedItem { environment, name } = item;
        let is_meant = |merging: &Self| match environment.as_ref().or(chosen) {
            Some(environment) => merging.environment() == environment,
            None => merging.conflicts().iter().any(|conflict| conflict.names().contains(&name)),
        };
        match all.iter().filter(|merging| is_meant(merging)).collect::<Vec<_>>()[..] {
            [merging] => Ok((merging, name.clone())),
            [] => Err(not_found(format!("{item} is not in conflict"))),
            _ => Err(Error::usage(format!("{name} is in conflict in several environments"))
                .hint(format!("say which one: ENV/{name}"))),
        }
    }

    /// Decides the conflicts about an item in an environment: see [`Merging::choose`].
    ///
    /// # Errors
    /// The same as for [`Merging::choose`].
    pub(crate) fn choose_in(
        all: &mut [Self],
        environment: &EnvironmentName,
        item: &ItemName,
        choice: Choice,
    ) -> Result<()> {
        match all.iter_mut().find(|merging| merging.environment() == environment) {
            Some(merging) => merging.choose(item, choice),
            None => Err(not_found(format!("{} is not in conflict", NamedItem::within(environment, item)))),
        }
    }

    /// Takes a side for everything that is still in conflict in an environment.
    ///
    /// # Errors
    /// A not-found error if nothing in this environment is in conflict.
    pub(crate) fn choose_all(all: &mut [Self], environment: &EnvironmentName, side: Side) -> Result<()> {
        let Some(merging) = all.iter_mut().find(|merging| merging.environment() == environment) else {
            return Err(not_found(format!("nothing in {environment} is in conflict")));
        };
        let first = |conflict: &Conflict<'_>| conflict.names().first().map(|name| (*name).clone());
        let names: Vec<ItemName> = merging.open().filter_map(first).collect();
        names.iter().try_for_each(|name| merging.choose(name, Choice::Side(side)))
    }
}

fn not_found(message: String) -> Error {
    Error::not_found(message).hint(("to see what is: ", Remedy::Merge))
}
