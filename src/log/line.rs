//! An entry of a log, and where it is in the log.

use super::Entry;
use crate::name::UserName;
use crate::secret::TextPart;
use crate::signature::Hash;
use std::sync::Arc;

/// An entry, and where it is.
#[derive(Debug, Clone)]
pub struct Line {
    /// Whose log it is in.
    pub user: UserName,
    /// The device that wrote it.
    pub device: String,
    /// Its number, from 1.
    pub number: u64,
    /// Its hash, which anchors refer to.
    pub hash: Hash,
    /// The entry itself.
    pub entry: Entry,
    /// The items, if an earlier entry names them.
    pub(super) listed: Option<Arc<[TextPart]>>,
}

impl Line {
    /// Returns the names of the items that the entry is about.
    #[must_use]
    pub fn items(&self) -> &[TextPart] {
        self.listed.as_deref().unwrap_or(&self.entry.items)
    }
}
