//! The merged roster, and decisions about its environments that the rosters of the sides don't tell.

use crate::merge::Side;
use crate::name::EnvironmentName;
use crate::roster::Roster;
use std::collections::{BTreeMap, BTreeSet};

/// The merged roster.
pub(in crate::vault) struct Merged {
    pub roster: Roster,
    /// The environments that both sides added under one name, and that are now one environment.
    pub joined: BTreeSet<EnvironmentName>,
    /// The environments that one side removed and that are kept, with the side whose version is kept.
    pub kept: BTreeMap<EnvironmentName, Side>,
}

impl Merged {
    /// Creates a merged roster without any decisions.
    pub fn new(roster: Roster) -> Self {
        Self { roster, joined: BTreeSet::new(), kept: BTreeMap::new() }
    }
}
