//! Compares field values.

use crate::api::object::Object;
use serde_json::Value;
use std::cmp::Ordering;

/// A value in the form in which it is compared.
#[derive(Debug, PartialEq)]
pub enum Key<'a> {
    Nothing,
    Boolean(bool),
    Number(f64),
    Text(&'a str),
    Pointer(&'a str, &'a str),
    Other(&'a Value),
}

impl<'a> Key<'a> {
    pub fn new(value: Option<&'a Value>) -> Self {
        match value {
            None | Some(Value::Null) => Self::Nothing,
            Some(Value::Bool(boolean)) => Self::Boolean(*boolean),
            Some(Value::Number(number)) => number.as_f64().map_or(Self::Nothing, Self::Number),
            Some(Value::String(text)) => Self::Text(text),
            Some(value @ Value::Object(fields)) => match fields.get("__type").and_then(Value::as_str) {
                Some("Date") => value["iso"].as_str().map_or(Self::Nothing, Self::Text),
                Some("Pointer" | "Object") => {
                    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
                    Self::Pointer(text("className"), text("objectId"))
                }
                _ => Self::Other(value),
            },
            Some(value) => Self::Other(value),
        }
    }

    /// Compares two values, if both have the same ordered type.
    pub fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => one.partial_cmp(other),
            (Self::Text(one), Self::Text(other)) => Some(one.cmp(other)),
            (Self::Boolean(one), Self::Boolean(other)) => Some(one.cmp(other)),
            (Self::Pointer(_, one), Self::Pointer(_, other)) => Some(one.cmp(other)),
            (Self::Nothing, Self::Nothing) => Some(Ordering::Equal),
            // A missing value sorts first, as in Parse.
            (Self::Nothing, _) => Some(Ordering::Less),
            (_, Self::Nothing) => Some(Ordering::Greater),
            _ => None,
        }
    }
}

/// Compares two objects by these fields, in order. `true` means descending.
pub fn by_fields(one: &Object, other: &Object, fields: &[(String, bool)]) -> Ordering {
    for (field, is_descending) in fields {
        let key = |object: &'_ Object| object.fields.get(field).cloned();
        let (one, other) = (key(one), key(other));
        let order = Key::new(one.as_ref()).order(&Key::new(other.as_ref())).unwrap_or(Ordering::Equal);
        if order != Ordering::Equal {
            return if *is_descending { order.reverse() } else { order };
        }
    }
    Ordering::Equal
}
