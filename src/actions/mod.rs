//! What the commands decide: which items an action affects, what it refuses, what it keeps and what it logs. A function
//! takes values and names and returns an outcome. Nothing here uses a terminal or starts a process, except git. Each file
//! has the name of its command, or of what several commands share.

pub mod check;
pub mod diff;
mod different;
pub mod edit;
pub mod env_add;
pub mod env_copy;
pub mod env_diff;
pub mod env_protect;
pub mod env_rm;
pub mod exec;
mod expected;
mod expired;
pub mod export;
pub mod exposure;
pub mod get;
pub mod grant;
pub mod history;
pub mod hook;
pub mod import;
pub mod left_behind;
mod left_out;
pub mod list;
pub mod lock;
pub mod log_verify;
pub mod mv;
pub mod passwd;
pub mod piped;
pub mod recovery;
mod references;
pub mod render;
pub mod rm;
pub mod rollback;
pub mod rotate;
pub mod scan;
mod seen;
mod selection;
pub mod set;
mod set_if;
mod stored;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub mod user_add;
pub mod user_renew;
pub mod user_rm;
pub mod user_role;
pub mod verify;

pub use expected::Expected;
pub use left_out::LeftOut;
pub use seen::Seen;
pub use selection::Selection;
pub use stored::Stored;

use crate::log::{Action, Entry};
use crate::name::{EnvironmentName, ItemName};
use std::collections::BTreeMap;

/// The place of an item: its environment and its name.
pub type Place = (EnvironmentName, ItemName);

/// Returns the log entries for an action on these items: one for each environment.
fn entries<'a>(action: Action, places: impl IntoIterator<Item = &'a Place>) -> Vec<Entry> {
    let mut environments: BTreeMap<&EnvironmentName, Vec<&ItemName>> = BTreeMap::new();
    for (environment, name) in places {
        environments.entry(environment).or_default().push(name);
    }
    let entry = |(environment, names)| Entry::new(action).environment(environment).items::<&ItemName>(names);
    environments.into_iter().map(entry).collect()
}
