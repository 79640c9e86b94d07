//! Changes of an item's metadata.

use super::{Deliver, Kind, Metadata};
use crate::name::VariableName;
use crate::time::Time;

/// A change of a field that an item may lack.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Setting<T> {
    /// The field stays as it is.
    #[default]
    Keep,
    /// The item has none from now on.
    Clear,
    /// The field's new content.
    Set(T),
}

impl<T> From<Option<T>> for Setting<T> {
    /// `None` clears the field.
    fn from(new: Option<T>) -> Self {
        new.map_or(Self::Clear, Self::Set)
    }
}

impl<T: Clone> Setting<T> {
    fn apply(&self, field: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *field = None,
            Self::Set(new) => *field = Some(new.clone()),
        }
    }
}

/// A change of an item's metadata. `None` keeps a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description {
    /// The kind of item.
    pub kind: Option<Kind>,
    /// The note; an empty one removes it.
    pub note: Option<String>,
    /// When the value expires.
    pub expires: Setting<Time>,
    /// Who issued the API key; an empty text removes it.
    pub provider: Option<String>,
    /// All tags. Empty ones are ignored.
    pub tags: Option<Vec<String>>,
    /// The number of days after which the value should be replaced; 0 for never.
    pub rotate_after: Option<u32>,
    /// How programs get the item.
    pub deliver: Option<Deliver>,
    /// The variable in which programs get the item, if it is not the default one.
    pub variable: Setting<VariableName>,
}

impl Description {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it changes how programs get the item.
    #[must_use]
    pub(crate) fn says_delivery(&self) -> bool {
        self.deliver.is_some() || self.variable != Setting::Keep
    }

    /// Returns the chosen variable, if there is one.
    #[must_use]
    pub fn variable(&self) -> Option<&VariableName> {
        match &self.variable {
            Setting::Set(variable) => Some(variable),
            Setting::Keep | Setting::Clear => None,
        }
    }

    /// Returns the metadata `before` with the changes applied. A new value without a new expiry does not expire.
    #[must_use]
    pub fn apply(&self, before: Option<&Metadata>, is_new_value: bool) -> Metadata {
        let before = before.cloned().unwrap_or_default();
        let mut metadata = if is_new_value { before.for_new_value() } else { before };
        let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        if let Some(kind) = self.kind {
            metadata.kind = kind;
        }
        if let Some(note) = &self.note {
            metadata.note = text(note);
        }
        if let Some(provider) = &self.provider {
            metadata.provider = text(provider);
        }
        if let Some(tags) = &self.tags {
            metadata.tags = tags.iter().filter(|tag| !tag.is_empty()).cloned().collect();
        }
        if let Some(days) = self.rotate_after {
            metadata.rotate_after = Some(days).filter(|days| *days > 0);
        }
        self.expires.apply(&mut metadata.expires_at);
        if let Some(deliver) = self.deliver {
            metadata.deliver = deliver;
        }
        self.variable.apply(&mut metadata.variable);
        metadata
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_are_not_given_stay_and_empty_ones_are_removed() {
        let at = Time::parse("2027-02-21T00:00:00Z").unwrap();
        let before = Metadata {
            kind: Kind::ApiKey,
            note: Some("for tests".to_owned()),
            tags: vec!["ci".to_owned()],
            rotate_after: Some(90),
            expires_at: Some(at),
            ..Metadata::default()
        };
        assert_eq!(Description::default().apply(Some(&before), false), before);
        let description = Description {
            note: Some(String::new()),
            tags: Some(vec![String::new()]),
            rotate_after: Some(0),
            ..Description::default()
        };
        let after = description.apply(Some(&before), false);
        assert_eq!((after.kind, after.note, after.tags.len(), after.rotate_after), (Kind::ApiKey, None, 0, None));
        assert!(!description.is_empty() && !description.says_delivery() && Description::default().is_empty());
    }

    #[test]
    fn an_expiry_is_removed_with_its_value_unless_a_new_one_is_given() {
        let at = Time::parse("2027-02-21T00:00:00Z").unwrap();
        let before = Metadata { expires_at: Some(at), ..Metadata::default() };
        assert_eq!(Description::default().apply(Some(&before), true).expires_at, None);
        assert_eq!(Description::default().apply(Some(&before), false).expires_at, Some(at));
        let description = Description { expires: Setting::Set(at), ..Description::default() };
        assert_eq!(description.apply(Some(&before), true).expires_at, Some(at));
        let never = Description { expires: Setting::Clear, ..Description::default() };
        assert_eq!(never.apply(Some(&before), false).expires_at, None);
    }
}
