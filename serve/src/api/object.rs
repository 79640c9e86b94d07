//! Objects in Parse's form: fields in JSON, with dates and pointers encoded as Parse does.

use super::error::Result;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use vault::name::{EnvironmentName, ItemName};
use vault::time::Time;

/// The fields of an object.
pub type Fields = Map<String, Value>;

/// An object of a class.
#[derive(Debug, Clone)]
pub struct Object {
    pub class: &'static str,
    pub fields: Fields,
    /// The item behind the object, if its value can be shown.
    pub item: Option<(EnvironmentName, ItemName)>,
}

impl Object {
    /// Returns an object with the fields that the data dictionary gives it, and creation and change as Parse writes them.
    pub fn from_view(class: &'static str, shown: &impl Serialize) -> Result<Self> {
        let Ok(Value::Object(mut fields)) = serde_json::to_value(shown) else {
            return Err(vault::Error::failed(format!("an object of {class} can't be written as JSON")).into());
        };
        for time in ["createdAt", "updatedAt"] {
            if let Some(text) = fields.get_mut(time) {
                *text = text.as_str().and_then(time_of).map(moment).into();
            }
        }
        Ok(Self { class, fields, item: None })
    }

    /// Adds a field.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a field if it has a value.
    pub fn with_some(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Returns the object's id.
    pub fn id(&self) -> &str {
        self.text("objectId")
    }

    /// Returns a text field, or an empty string if there is none.
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

/// The objects of a class. Answers share them, and copy an object only to change it.
#[derive(Debug)]
pub struct Rows {
    pub all: Vec<Arc<Object>>,
    by_id: HashMap<String, usize>,
}

impl Rows {
    pub fn new(all: Vec<Object>) -> Self {
        let by_id = all.iter().enumerate().map(|(place, object)| (object.id().to_owned(), place)).collect();
        Self { all: all.into_iter().map(Arc::new).collect(), by_id }
    }

    /// Returns the object with this id.
    pub fn get(&self, id: &str) -> Option<&Object> {
        self.by_id.get(id).and_then(|place| self.all.get(*place)).map(AsRef::as_ref)
    }
}

/// Formats a time as Parse does, with milliseconds.
pub fn moment(time: Time) -> String {
    let text = time.to_string();
    format!("{}.000Z", text.trim_end_matches('Z'))
}

/// Parses a time as [`moment`] formats it, with or without milliseconds.
pub fn time_of(text: &str) -> Option<Time> {
    let whole = text.strip_suffix('Z').map(|text| text.split_once('.').map_or(text, |(whole, _)| whole))?;
    Time::parse(&format!("{whole}Z")).ok()
}

/// Returns a date field.
pub fn date(time: Time) -> Value {
    json!({ "__type": "Date", "iso": moment(time) })
}

/// Returns a pointer to another object.
pub fn pointer(class: &str, id: &str) -> Value {
    json!({ "__type": "Pointer", "className": class, "objectId": id })
}

/// Returns the id in a pointer to an object of this class.
pub fn pointed<'a>(value: &'a Value, class: &str) -> Option<&'a str> {
    let is_pointer = value["__type"] == "Pointer" && value["className"] == class;
    value["objectId"].as_str().filter(|_| is_pointer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_keeps_its_fields_and_gets_dates_in_parse_format() {
        let shown = json!({ "objectId": "1-dev", "createdAt": "2026-11-29T10:00:00Z", "version": 3 });
        let object = Object::from_view("Environment", &shown).unwrap();
        let fields = json!({ "objectId": "1-dev", "createdAt": "2026-11-29T10:00:00.000Z", "version": 3 });
        assert_eq!((object.class, Value::Object(object.fields)), ("Environment", fields));
        assert!(Object::from_view("Environment", &"dev").is_err());
    }

    #[test]
    fn a_time_is_parsed_with_and_without_milliseconds() {
        let time = Time::parse("2026-11-29T10:00:00Z").unwrap();
        assert_eq!(moment(time), "2026-11-29T10:00:00.000Z");
        for text in ["2026-11-29T10:00:00.000Z", "2026-11-29T10:00:00.999Z", "2026-11-29T10:00:00Z"] {
            assert_eq!(time_of(text), Some(time), "{text}");
        }
        for wrong in ["2026-11-29T10:00:00", "2026-11-29", "", "now"] {
            assert_eq!(time_of(wrong), None, "{wrong}");
        }
    }
}
