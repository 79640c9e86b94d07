//! The description of an item, apart from its value.

use super::{Deliver, Kind, Metadata};
use crate::name::VariableName;
use crate::time::Time;

/// A change to an item's description: `None` keeps what there is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description {
    /// What it is for.
    pub kind: Option<Kind>,
    /// A note; an empty one removes it.
    pub note: Option<String>,
    /// When the value stops working, or never.
    pub expires: Option<Option<Time>>,
    /// Who issued an API key; an empty one removes it.
    pub provider: Option<String>,
    /// All tags to find it by; empty ones are ignored.
    pub tags: Option<Vec<String>>,
    /// After how many days the value should be replaced; 0 for never.
    pub rotate_after: Option<u32>,
    /// How programs get it.
    pub deliver: Option<Deliver>,
    /// The variable that it is for programs, or the usual one again.
    pub variable: Option<Option<VariableName>>,
}

impl Description {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it says how programs get the item.
    #[must_use]
    pub fn says_delivery(&self) -> bool {
        self.deliver.is_some() || self.variable.is_some()
    }

    /// The variable, if one is chosen.
    #[must_use]
    pub fn variable(&self) -> Option<&VariableName> {
        self.variable.as_ref()?.as_ref()
    }

    /// What there was, with what is said in its place. A new value without a new expiry has none.
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
        if let Some(expires) = self.expires {
            metadata.expires_at = expires;
        }
        if let Some(deliver) = self.deliver {
            metadata.deliver = deliver;
        }
        if let Some(variable) = &self.variable {
            metadata.variable.clone_from(variable);
        }
        metadata
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_stays_and_what_is_said_to_be_empty_goes() {
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
        let said = Description {
            note: Some(String::new()),
            tags: Some(vec![String::new()]),
            rotate_after: Some(0),
            ..Description::default()
        };
        let after = said.apply(Some(&before), false);
        assert_eq!((after.kind, after.note, after.tags.len(), after.rotate_after), (Kind::ApiKey, None, 0, None));
        assert!(!said.is_empty() && !said.says_delivery() && Description::default().is_empty());
    }

    #[test]
    fn an_expiry_goes_with_its_value_unless_a_new_one_is_said() {
        let at = Time::parse("2027-02-21T00:00:00Z").unwrap();
        let before = Metadata { expires_at: Some(at), ..Metadata::default() };
        assert_eq!(Description::default().apply(Some(&before), true).expires_at, None);
        assert_eq!(Description::default().apply(Some(&before), false).expires_at, Some(at));
        let said = Description { expires: Some(Some(at)), ..Description::default() };
        assert_eq!(said.apply(Some(&before), true).expires_at, Some(at));
        let never = Description { expires: Some(None), ..Description::default() };
        assert_eq!(never.apply(Some(&before), false).expires_at, None);
    }
}
