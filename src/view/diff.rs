//! The differences between two states of a vault, or between two environments.

use super::{RosterChange, Secret};
use crate::diff::{Field, ItemDifference, RosterDifference};
use crate::file::BlockStatement;
use crate::item::{Content, Outline};
use crate::name::EnvironmentName;
use crate::roster::{Roster, Statement};
use crate::vault::EnvironmentDifference;
use serde::Serialize;

/// The differences between two states of a vault.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Diff {
    /// The first state: a git revision.
    pub from: String,
    /// The second state: a git revision, `index`, or the path of the file.
    pub to: String,
    /// The environments that differ.
    pub environments: Vec<EnvironmentDiff>,
    /// The roster changes that only the second state has.
    pub roster_changes: Vec<RosterChange>,
    /// The roster changes that only the first state has.
    pub undone_roster_changes: Vec<RosterChange>,
}

impl Diff {
    /// Returns the object for two states, each with its name and its roster; `None` if the file did not exist there.
    #[must_use]
    pub fn new(
        [from, to]: [&str; 2],
        [before, after]: [Option<&Roster>; 2],
        environments: &[EnvironmentDifference],
        roster: &RosterDifference<'_>,
    ) -> Self {
        let objects = |roster: Option<&Roster>, statements: &[Statement]| -> Vec<RosterChange> {
            let object = |roster| statements.iter().map(|statement| RosterChange::new(roster, statement)).collect();
            roster.map_or_else(Vec::new, object)
        };
        Self {
            from: from.to_owned(),
            to: to.to_owned(),
            environments: environments.iter().map(EnvironmentDiff::new).collect(),
            roster_changes: objects(after, roster.made),
            undone_roster_changes: objects(before, roster.undone),
        }
    }
}

/// The differences in an environment.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentDiff {
    /// The environment's name.
    pub name: String,
    /// `added`, `removed` or `changed`.
    pub change: &'static str,
    /// Its version in the first state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<EnvironmentVersion>,
    /// Its version in the second state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<EnvironmentVersion>,
    /// Why its items could not be compared, if that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outline_only: Option<String>,
    /// The items that differ.
    pub items: Vec<ItemDiff>,
}

impl EnvironmentDiff {
    /// Returns the differences, with values if they were read.
    pub fn new(difference: &EnvironmentDifference) -> Self {
        let (name, before, after) = (difference.name(), difference.before(), difference.after());
        let items = difference.items();
        let change = match (before, after) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        };
        Self {
            name: name.to_string(),
            change,
            before: before.map(EnvironmentVersion::new),
            after: after.map(EnvironmentVersion::new),
            outline_only: difference.why_unreadable().map(str::to_owned),
            items: items.iter().map(|item| ItemDiff::new(item, (name, name), difference.values())).collect(),
        }
    }
}

/// A version of an environment.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentVersion {
    /// The number of saves.
    pub version: u32,
    /// The user who saved it.
    pub updated_by: String,
    /// When it was saved, by that user's clock: RFC 3339, UTC.
    pub updated_at: String,
}

impl EnvironmentVersion {
    fn new(statement: &BlockStatement) -> Self {
        Self {
            version: statement.version,
            updated_by: statement.author.to_string(),
            updated_at: statement.written().to_string(),
        }
    }
}

/// An item that differs between two states, or two environments.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ItemDiff {
    /// The item's name, in the second state if it was renamed.
    pub name: String,
    /// `added` if only the second side has it, `removed` if only the first side has it, or else `changed`.
    pub change: &'static str,
    /// The fields that differ, if both sides have it: `name`, `value`, `kind`, `note`, `tags`, `provider`, `expiresAt`,
    /// `rotateAfter`, `deliver`, `as` or `rotateDue`.
    pub fields: Vec<&'static str>,
    /// The item on the first side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Secret>,
    /// The item on the second side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Secret>,
}

impl ItemDiff {
    /// Returns the differences in an item of these environments, with values if they were read.
    pub fn new(
        difference: &ItemDifference<'_>,
        (before, after): (&EnvironmentName, &EnvironmentName),
        values: Option<(&Content, &Content)>,
    ) -> Self {
        let secret = |environment: &EnvironmentName, outline: Outline<'_>, read: Option<&Content>| {
            let secret = Secret::new(environment, outline);
            match read.and_then(|read| read.items().get(outline.name())) {
                Some(item) => secret.with_value(&item.current.value),
                None => secret,
            }
        };
        let (change, fields) = match difference {
            ItemDifference::Added(_) => ("added", Vec::new()),
            ItemDifference::Removed(_) => ("removed", Vec::new()),
            ItemDifference::Changed { fields, .. } => ("changed", fields.iter().map(|field| word(*field)).collect()),
        };
        Self {
            name: difference.name().to_string(),
            change,
            fields,
            before: difference.before().map(|item| secret(before, item, values.map(|(read, _)| read))),
            after: difference.after().map(|item| secret(after, item, values.map(|(_, read)| read))),
        }
    }
}

fn word(field: Field) -> &'static str {
    match field {
        Field::Name => "name",
        Field::Value => "value",
        Field::Kind => "kind",
        Field::Note => "note",
        Field::Tags => "tags",
        Field::Provider => "provider",
        Field::Expiry => "expiresAt",
        Field::RotateAfter => "rotateAfter",
        Field::Deliver => "deliver",
        Field::Variable => "as",
        Field::Mark => "rotateDue",
    }
}
