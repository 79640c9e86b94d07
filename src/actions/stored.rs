//! An item after an action.
//!
//! - Gives parts of what was read: `Stored::secret`
//! - Gives text without values: `Stored::variable`

use super::LeftOut;
use crate::item::{Item, Metadata};
use crate::name::EnvironmentName;
use crate::vault::Allowed;
use crate::view::Secret;

/// An item after an action, without its value.
#[derive(Debug)]
pub struct Stored {
    /// The object for programs.
    pub secret: Secret,
    /// The item's metadata.
    pub metadata: Metadata,
    /// Whether somebody who lost access knows the value, so that it is still due for replacement.
    pub is_known: bool,
    /// The variable that programs get, with the value or with the path of its file.
    pub variable: String,
    /// Why programs don't get it, if the user should be told.
    pub left_out: Option<LeftOut>,
}

impl Stored {
    /// Returns the current state of the item.
    pub(super) fn new(environment: &EnvironmentName, item: &Item, allowed: Allowed<'_>) -> Self {
        Self {
            secret: Secret::new(environment, item.outline()),
            metadata: item.metadata.clone(),
            is_known: item.current.rotate_due.is_some(),
            variable: item.outline().variable().into_owned(),
            left_out: LeftOut::new(environment, item.outline(), allowed),
        }
    }
}
