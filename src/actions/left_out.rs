//! Items that a program doesn't get automatically: reported when they are stored, because they are missed only when a
//! program runs.

use crate::item::{MAX_VARIABLE, Outline, Unfit};
use crate::name::{EnvironmentName, ItemName};
use crate::vault::Allowed;

/// An item that programs don't get as a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Where it is.
    pub environment: EnvironmentName,
    /// Its name.
    pub item: ItemName,
    /// The variable that it would be.
    pub variable: String,
    /// Why it can't be.
    pub why: Unfit,
}

impl LeftOut {
    /// The item as one that programs don't get, if they don't.
    #[must_use]
    pub fn of(environment: &EnvironmentName, item: Outline<'_>, allowed: Allowed<'_>) -> Option<Self> {
        let variable = item.variable().into_owned();
        let why = match item.unfit(Some(MAX_VARIABLE))? {
            Unfit::Dangerous(_) if allowed.is_kept(environment, &variable) => {
                item.unfit_value(&variable, Some(MAX_VARIABLE))?
            }
            why => why,
        };
        Some(Self { environment: environment.clone(), item: item.name().clone(), variable, why })
    }

    /// Whether that is to be told of a value that was stored: an unusable name once, as it is chosen.
    #[must_use]
    pub fn is_news(&self, is_chosen: bool) -> bool {
        is_chosen || self.why != Unfit::Name
    }
}
