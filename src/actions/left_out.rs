//! Items that a program doesn't get automatically. This is reported when they are stored; otherwise it would show only
//! when a program runs.
//!
//! - Gives text without values: `LeftOut::variable`

use crate::item::{Outline, VariableProblem};
use crate::log::{Entry, Outcome};
use crate::name::{EnvironmentName, ItemName};
use crate::vault::{Allowed, Purpose};

/// An item that programs don't get as a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The item's environment.
    pub environment: EnvironmentName,
    /// The item's name.
    pub item: ItemName,
    /// The variable that the item would be.
    pub variable: String,
    /// Why the item can't be that variable.
    pub why: VariableProblem,
}

impl LeftOut {
    /// Returns the item with the reason why programs don't get it, or `None` if they do. The reason can be about the
    /// value, so this is only for a value that was just stored.
    #[must_use]
    pub(super) fn new(environment: &EnvironmentName, item: Outline<'_>, allowed: Allowed<'_>) -> Option<Self> {
        let variable = item.variable().into_owned();
        let why = item.variable_problem(|| allowed.is_kept(environment, &variable))?;
        Some(Self { environment: environment.clone(), item: item.name().clone(), variable, why })
    }

    /// Returns whether to report this when a value is stored. An unusable name is reported only when it is chosen.
    #[must_use]
    pub fn is_news(&self, is_chosen: bool) -> bool {
        is_chosen || self.why != VariableProblem::Name
    }
}

/// Returns the log entry which says that programs don't get these items because of their values: that alone says something
/// about the values. `None` if there are no such items.
pub(super) fn entry<N: ToString>(purpose: &Purpose, environment: &EnvironmentName, items: &[N]) -> Option<Entry> {
    if items.is_empty() {
        return None;
    }
    let entry = purpose.clone().items(items.iter().map(ToString::to_string)).entry(environment);
    Some(entry.note("the values can't be in variables").outcome(Outcome::Failed))
}
