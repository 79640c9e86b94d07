//! Items without their values, for code that must not read values.

use super::{
    Deliver, DueWindow, Injectable, Item, Kind, Metadata, VariableProblem, Version, value_problem, value_variable,
    variable, variable_problem,
};
use crate::error::Result;
use crate::identity::FingerprintKey;
use crate::name::{EnvironmentName, ItemName, UserName};
use crate::time::Time;
use std::borrow::Cow;

/// An item without its values. Outlines can't be compared, because that would reveal whether their values are equal.
#[derive(Debug, Clone, Copy)]
pub struct Outline<'a>(&'a Item);

/// One version of an item, without its value.
#[derive(Debug, Clone, Copy)]
pub struct VersionOutline<'a>(&'a Version);

/// The parts of an item that `exec` needs, without the value.
#[derive(Clone, Copy)]
pub struct InjectableOutline<'a>(&'a Injectable, &'a str);

impl Item {
    /// Returns the item without its values.
    #[must_use]
    pub fn outline(&self) -> Outline<'_> {
        Outline(self)
    }
}

impl Injectable {
    /// Returns the item without its value.
    #[must_use]
    pub fn outline(&self) -> InjectableOutline<'_> {
        InjectableOutline(self, &self.name)
    }
}

impl<'a> Outline<'a> {
    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &'a ItemName {
        &self.0.name
    }

    /// Returns everything that users can change apart from the value.
    #[must_use]
    pub fn metadata(&self) -> &'a Metadata {
        &self.0.metadata
    }

    /// Returns the id: see [`Item::id`].
    #[must_use]
    pub fn id(&self, environment: &EnvironmentName) -> String {
        self.0.id(environment)
    }

    /// Returns who created the item.
    #[must_use]
    pub fn owner(&self) -> &'a UserName {
        &self.0.owner
    }

    /// Returns when the item was created.
    #[must_use]
    pub fn created_at(&self) -> Time {
        self.0.created_at
    }

    /// Returns when any part of the item last changed.
    #[must_use]
    pub fn updated_at(&self) -> Time {
        self.0.updated_at
    }

    /// Returns who last changed the item.
    #[must_use]
    pub fn updated_by(&self) -> &'a UserName {
        &self.0.updated_by
    }

    /// Returns the current version.
    #[must_use]
    pub fn current(&self) -> VersionOutline<'a> {
        VersionOutline(&self.0.current)
    }

    /// Returns the current version and the earlier ones, newest first.
    pub fn versions(&self) -> impl Iterator<Item = VersionOutline<'a>> + use<'a> {
        self.0.versions().map(VersionOutline)
    }

    /// Returns the version with this number.
    ///
    /// # Errors
    /// As [`Item::version`].
    pub fn version(&self, number: u32) -> Result<VersionOutline<'a>> {
        self.0.version(number).map(VersionOutline)
    }

    /// Whether the value has expired by `now`.
    #[must_use]
    pub fn is_expired(&self, now: Time) -> bool {
        self.0.is_expired(now)
    }

    /// Returns when a replacement is or was due: see [`Item::due`].
    #[must_use]
    pub fn due(&self) -> Option<Time> {
        self.0.due()
    }

    /// Whether a replacement is due by `now`.
    #[must_use]
    pub(crate) fn is_due(&self, now: Time) -> bool {
        self.0.is_due(now)
    }

    /// Whether a replacement is not due yet, but will be soon.
    #[must_use]
    pub(crate) fn is_due_soon(&self, window: DueWindow) -> bool {
        self.0.is_due_soon(window)
    }

    /// Returns the variable that holds the value or the path of its file.
    #[must_use]
    pub fn variable(&self) -> Cow<'a, str> {
        let Metadata { deliver, variable: chosen, .. } = &self.0.metadata;
        variable(self.0.name.as_str(), *deliver, chosen.as_ref())
    }

    /// Whether a program gets the item as the variable with the item's name.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.0.metadata.deliver == Deliver::Variable && self.0.metadata.variable.is_none()
    }

    /// Returns the variable for the value itself: see [`value_variable`].
    #[must_use]
    pub(crate) fn value_variable(&self) -> &'a str {
        let Metadata { deliver, variable: chosen, .. } = &self.0.metadata;
        value_variable(self.0.name.as_str(), *deliver, chosen.as_ref())
    }

    /// Returns a fingerprint of the value, which reveals nothing without the key. A front end gets no fingerprint of a
    /// value that it chose, because that would confirm a guess.
    #[must_use]
    pub(crate) fn fingerprint(&self, environment: &EnvironmentName, key: &FingerprintKey) -> String {
        key.fingerprint(&self.id(environment), &self.0.current.value)
    }

    /// Returns why a program can't get the item as a variable: see [`variable_problem`].
    #[must_use]
    pub(crate) fn variable_problem(&self, is_allowed: impl FnOnce() -> bool) -> Option<VariableProblem> {
        match self.0.metadata.deliver {
            Deliver::Variable => variable_problem(&self.variable(), &self.0.current.value, is_allowed),
            Deliver::File => variable_problem(&self.variable(), b"", is_allowed),
            Deliver::None => None,
        }
    }

    /// Returns why a variable of this name can't hold the value: see [`value_problem`].
    #[must_use]
    pub(crate) fn value_problem(&self, variable: &str) -> Option<VariableProblem> {
        value_problem(variable, &self.0.current.value)
    }
}

impl<'a> VersionOutline<'a> {
    /// Returns the number of the value, counted from 1 for each item.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.0.number
    }

    /// Returns when the value was set.
    #[must_use]
    pub fn set_at(&self) -> Time {
        self.0.set_at
    }

    /// Returns who set the value.
    #[must_use]
    pub fn set_by(&self) -> &'a UserName {
        &self.0.set_by
    }

    /// Returns when a replacement became due, because somebody who knew the value lost the right to read it.
    #[must_use]
    pub fn rotate_due(&self) -> Option<Time> {
        self.0.rotate_due
    }
}

impl<'a> InjectableOutline<'a> {
    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.1
    }

    /// Returns the kind of the item.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Whether the value has expired by `now`.
    #[must_use]
    pub fn is_expired(&self, now: Time) -> bool {
        self.0.is_expired(now)
    }

    /// Returns when the value expires, if that is in the future, but soon.
    #[must_use]
    pub(crate) fn expires_soon(&self, window: DueWindow) -> Option<Time> {
        self.0.expires_at.filter(|expires| window.is_near(*expires))
    }

    /// Returns how a program gets the item.
    #[must_use]
    pub fn deliver(&self) -> Deliver {
        self.0.deliver
    }

    /// Returns the variable that holds the value or the path of its file.
    #[must_use]
    pub fn variable(&self) -> Cow<'a, str> {
        variable(self.1, self.0.deliver, self.0.variable.as_deref())
    }

    /// Whether a program gets the item as the variable with the item's name.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.0.deliver == Deliver::Variable && self.0.variable.is_none()
    }

    /// Returns why a variable of this name can't have the item's value: see [`value_problem`]. The path of a file is
    /// always valid.
    #[must_use]
    pub(crate) fn value_problem(&self, variable: &str) -> Option<VariableProblem> {
        if self.0.deliver == Deliver::File { None } else { value_problem(variable, &self.0.value) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Content;
    use crate::name::{ItemName, VariableName};
    use crate::secret::SecretBytes;

    #[test]
    fn an_allowed_name_is_judged_by_the_path_of_a_file_and_by_a_value_otherwise() {
        let (mia, name) = (UserName::new("mia").unwrap(), ItemName::new("PRELOAD").unwrap());
        let problem = |deliver: Deliver, is_allowed: bool| {
            let mut content = Content::default();
            let variable = VariableName::new("LD_PRELOAD").ok();
            let metadata = Metadata { deliver, variable, ..Metadata::default() };
            content.set(&name, SecretBytes::new(b"\0".to_vec()), &metadata, &mia, Time::now()).unwrap();
            content.items()[&name].outline().variable_problem(|| is_allowed)
        };
        assert_eq!(problem(Deliver::File, true), None);
        assert_eq!(problem(Deliver::Variable, true), Some(VariableProblem::Nul));
        assert!(matches!(problem(Deliver::File, false), Some(VariableProblem::Dangerous(_))));
    }
}
