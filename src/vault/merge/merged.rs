//! The roster of the merged file, and what its environments come from beyond what the rosters of the sides say.

use crate::merge::Side;
use crate::name::EnvironmentName;
use crate::roster::Roster;
use std::collections::{BTreeMap, BTreeSet};

/// The roster of the merged file.
pub(in crate::vault) struct Merged {
    pub roster: Roster,
    /// The environments that both sides have added under one name, and that are one now.
    pub joined: BTreeSet<EnvironmentName>,
    /// Those that one side has removed, and that are there again as this one has them.
    pub kept: BTreeMap<EnvironmentName, Side>,
}

impl Merged {
    /// This roster, and nothing else.
    pub fn new(roster: Roster) -> Self {
        Self { roster, joined: BTreeSet::new(), kept: BTreeMap::new() }
    }
}
