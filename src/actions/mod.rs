//! What commands decide: which items an action is about, what is refused, what is kept and what is logged. Values and names
//! come in, an outcome goes out; no terminal, no process. Each file has the name of its command.

pub mod env_add;
pub mod env_copy;
pub mod grant;
pub mod import;
mod left_out;
pub mod mv;
pub mod rm;
pub mod rollback;
pub mod rotate;
pub mod set;
mod stored;
#[cfg(test)]
mod testing;
pub mod user_add;

pub use left_out::LeftOut;
pub use stored::Stored;

use crate::log::{Action, Entry};
use crate::name::{EnvironmentName, ItemName};
use std::collections::BTreeMap;

/// An item's place.
pub type Place = (EnvironmentName, ItemName);

/// What the log says of an action on these items: one entry for each environment.
fn entries<'a>(action: Action, places: impl Iterator<Item = (&'a EnvironmentName, &'a ItemName)>) -> Vec<Entry> {
    let mut environments: BTreeMap<&EnvironmentName, Vec<&ItemName>> = BTreeMap::new();
    for (environment, name) in places {
        environments.entry(environment).or_default().push(name);
    }
    let entry = |(environment, names)| Entry::new(action).environment(environment).items::<&ItemName>(names);
    environments.into_iter().map(entry).collect()
}
