//! An item as an action left it.

use super::LeftOut;
use crate::item::{Item, Metadata};
use crate::name::EnvironmentName;
use crate::vault::Allowed;
use crate::view::Secret;

/// An item as an action left it, without its value.
#[derive(Debug)]
pub struct Stored {
    /// The object for programs.
    pub secret: Secret,
    /// How the item is described.
    pub metadata: Metadata,
    /// Whether somebody who lost access knew the value, so that it is still due for replacement.
    pub is_known: bool,
    /// The variable that it is for programs, or that holds the path of its file.
    pub variable: String,
    /// Why programs don't get it, if the user should be told.
    pub left_out: Option<LeftOut>,
}

impl Stored {
    /// The item as it is now.
    pub(super) fn of(environment: &EnvironmentName, item: &Item, allowed: Allowed<'_>) -> Self {
        Self {
            secret: Secret::new(environment, item.outline()),
            metadata: item.metadata.clone(),
            is_known: item.current.rotate_due.is_some(),
            variable: item.outline().variable().into_owned(),
            left_out: LeftOut::of(environment, item.outline(), allowed),
        }
    }
}
