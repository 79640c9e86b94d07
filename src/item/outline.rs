//! Items without their values: what everybody who may unlock an environment can see.

use super::{
    Deliver, Injectable, Item, Kind, Metadata, Outlook, Unfit, Version, unfit, unfit_value, value_variable, variable,
};
use crate::error::Result;
use crate::identity::FingerprintKey;
use crate::name::{EnvironmentName, ItemName, UserName};
use crate::time::Time;
use std::borrow::Cow;

/// An item without its values. Nothing compares two of them: that would tell whether values are the same.
#[derive(Debug, Clone, Copy)]
pub struct Outline<'a>(&'a Item);

/// One version of an item without its value.
#[derive(Debug, Clone, Copy)]
pub struct VersionOutline<'a>(&'a Version);

/// What `exec` needs of an item, without the value.
#[derive(Clone, Copy)]
pub struct InjectableOutline<'a>(&'a Injectable, &'a str);

impl Item {
    /// The item without its values.
    #[must_use]
    pub fn outline(&self) -> Outline<'_> {
        Outline(self)
    }
}

impl Injectable {
    /// The item without its value.
    #[must_use]
    pub fn outline(&self) -> InjectableOutline<'_> {
        InjectableOutline(self, &self.name)
    }
}

impl<'a> Outline<'a> {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &'a ItemName {
        &self.0.name
    }

    /// What people may change beside the value.
    #[must_use]
    pub fn metadata(&self) -> &'a Metadata {
        &self.0.metadata
    }

    /// The id: see [`Item::id`].
    #[must_use]
    pub fn id(&self, environment: &EnvironmentName) -> String {
        self.0.id(environment)
    }

    /// Who created it.
    #[must_use]
    pub fn owner(&self) -> &'a UserName {
        &self.0.owner
    }

    /// When it was created.
    #[must_use]
    pub fn created_at(&self) -> Time {
        self.0.created_at
    }

    /// When anything of it changed last.
    #[must_use]
    pub fn updated_at(&self) -> Time {
        self.0.updated_at
    }

    /// Who changed it last.
    #[must_use]
    pub fn updated_by(&self) -> &'a UserName {
        &self.0.updated_by
    }

    /// The version that is the current one.
    #[must_use]
    pub fn current(&self) -> VersionOutline<'a> {
        VersionOutline(&self.0.current)
    }

    /// The current version and the earlier ones, newest first.
    pub fn versions(&self) -> impl Iterator<Item = VersionOutline<'a>> + use<'a> {
        self.0.versions().map(VersionOutline)
    }

    /// The version with this number.
    ///
    /// # Errors
    /// As [`Item::version`].
    pub fn version(&self, number: u32) -> Result<VersionOutline<'a>> {
        self.0.version(number).map(VersionOutline)
    }

    /// Whether the value has stopped working by `now`.
    #[must_use]
    pub fn is_expired(&self, now: Time) -> bool {
        self.0.is_expired(now)
    }

    /// When a replacement is or was due: see [`Item::due`].
    #[must_use]
    pub fn due(&self) -> Option<Time> {
        self.0.due()
    }

    /// Whether a replacement is due by `now`.
    #[must_use]
    pub fn is_due(&self, now: Time) -> bool {
        self.0.is_due(now)
    }

    /// Whether one is not due yet, and will be soon.
    #[must_use]
    pub fn is_due_soon(&self, outlook: Outlook) -> bool {
        self.0.is_due_soon(outlook)
    }

    /// Whether lists show nothing of the value: see [`Item::shown`].
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        self.0.shown().is_none()
    }

    /// The variable that holds the value or the path of its file.
    #[must_use]
    pub fn variable(&self) -> Cow<'a, str> {
        let Metadata { deliver, variable: chosen, .. } = &self.0.metadata;
        variable(self.0.name.as_str(), *deliver, chosen.as_ref())
    }

    /// Whether it reaches a program as the variable of its name.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.0.metadata.deliver == Deliver::Variable && self.0.metadata.variable.is_none()
    }

    /// The variable that holds the value itself, where it is written down as one.
    #[must_use]
    pub fn value_variable(&self) -> &'a str {
        let Metadata { deliver, variable: chosen, .. } = &self.0.metadata;
        value_variable(self.0.name.as_str(), *deliver, chosen.as_ref())
    }

    /// A fingerprint of the value, which says nothing of it without the key.
    #[must_use]
    pub fn fingerprint(&self, environment: &EnvironmentName, key: &FingerprintKey) -> String {
        key.fingerprint(&self.id(environment), &self.0.current.value)
    }

    /// Why a program can't get the item as a variable: see [`unfit`].
    #[must_use]
    pub fn unfit(&self, longest: Option<usize>) -> Option<Unfit> {
        match self.0.metadata.deliver {
            Deliver::Variable => unfit(&self.variable(), &self.0.current.value, longest),
            Deliver::File => unfit(&self.variable(), b"", longest),
            Deliver::None => None,
        }
    }

    /// Why a variable of this name can't have the value: see [`unfit_value`].
    #[must_use]
    pub fn unfit_value(&self, variable: &str, longest: Option<usize>) -> Option<Unfit> {
        unfit_value(variable, &self.0.current.value, longest)
    }
}

impl<'a> VersionOutline<'a> {
    /// Counts the values of an item from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.0.number
    }

    /// When the value was set.
    #[must_use]
    pub fn set_at(&self) -> Time {
        self.0.set_at
    }

    /// Who set it.
    #[must_use]
    pub fn set_by(&self) -> &'a UserName {
        &self.0.set_by
    }

    /// Since when a replacement is due, because somebody who knew the value lost their right.
    #[must_use]
    pub fn rotate_due(&self) -> Option<Time> {
        self.0.rotate_due
    }
}

impl<'a> InjectableOutline<'a> {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.1
    }

    /// What the item is for.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Whether the value has stopped working by `now`.
    #[must_use]
    pub fn is_expired(&self, now: Time) -> bool {
        self.0.is_expired(now)
    }

    /// When the value stops working, if it still works and that is near.
    #[must_use]
    pub fn expires_soon(&self, outlook: Outlook) -> Option<Time> {
        self.0.expires_at.filter(|expires| outlook.is_near(*expires))
    }

    /// How a program gets it.
    #[must_use]
    pub fn deliver(&self) -> Deliver {
        self.0.deliver
    }

    /// The variable that holds the value or the path of its file.
    #[must_use]
    pub fn variable(&self) -> Cow<'a, str> {
        variable(self.1, self.0.deliver, self.0.variable.as_ref())
    }

    /// Whether it reaches a program as the variable of its name.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.0.deliver == Deliver::Variable && self.0.variable.is_none()
    }

    /// Why the item can't be a variable of this name: see [`unfit`].
    #[must_use]
    pub fn unfit(&self, variable: &str, longest: Option<usize>) -> Option<Unfit> {
        unfit(variable, self.in_variable(), longest)
    }

    /// The same where the name is allowed: see [`unfit_value`].
    #[must_use]
    pub fn unfit_value(&self, variable: &str, longest: Option<usize>) -> Option<Unfit> {
        unfit_value(variable, self.in_variable(), longest)
    }

    /// What the variable holds, as far as it can be unfit: the path of a file never is.
    fn in_variable(&self) -> &'a [u8] {
        if self.0.deliver == Deliver::File { b"" } else { &self.0.value }
    }
}
