//! The fields of classes: their types, who may set them, and the rules of all classes.

use super::error::{ApiError, Result};
use super::object::{Fields, pointed, time_of};
use serde_json::{Value, json};

/// The type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    String,
    Number,
    Boolean,
    /// A date, with `__type`. `createdAt` and `updatedAt` are plain text, as in Parse.
    Date,
    /// A list of strings.
    Array,
    Pointer(&'static str),
    Acl,
}

/// When a client may set a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    Never,
    /// Only when the object is created.
    Once,
    Always,
}

/// A field of a class.
#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    pub kind: Type,
    pub set: Set,
    pub is_required: bool,
    /// Whether the field is secret: it is returned only after a log entry, never in a list, and no query filters or
    /// sorts by it.
    pub is_secret: bool,
    /// Whether the field is returned only if `keys` names it, even for a single object.
    pub is_asked_for: bool,
    /// The longest text, in bytes.
    pub longest: usize,
}

impl Field {
    const fn new(name: &'static str, kind: Type, set: Set) -> Self {
        Self { name, kind, set, is_required: false, is_secret: false, is_asked_for: false, longest: 4096 }
    }

    /// A field that clients can't set.
    pub const fn read(name: &'static str, kind: Type) -> Self {
        Self::new(name, kind, Set::Never)
    }

    /// A field that clients can set at any time.
    pub const fn write(name: &'static str, kind: Type) -> Self {
        Self::new(name, kind, Set::Always)
    }

    /// A field that clients can set only when they create the object.
    pub const fn once(name: &'static str, kind: Type) -> Self {
        Self::new(name, kind, Set::Once)
    }

    pub const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    pub const fn secret(mut self) -> Self {
        self.is_secret = true;
        self
    }

    pub const fn asked_for(mut self) -> Self {
        self.is_asked_for = true;
        self
    }

    pub const fn at_most(mut self, bytes: usize) -> Self {
        self.longest = bytes;
        self
    }

    /// Returns whether a value has the field's type.
    fn fits(&self, value: &Value) -> bool {
        match self.kind {
            Type::String => value.is_string(),
            Type::Number => value.is_number(),
            Type::Boolean => value.is_boolean(),
            Type::Date => {
                value.as_str().is_some_and(|text| time_of(text).is_some())
                    || value["__type"] == "Date" && value["iso"].as_str().is_some_and(|text| time_of(text).is_some())
            }
            Type::Array => value.as_array().is_some_and(|words| words.iter().all(Value::is_string)),
            Type::Acl => value.is_object(),
            Type::Pointer(class) => pointed(value, class).is_some(),
        }
    }

    /// Checks a value that a client sets.
    pub fn check(&self, value: &Value) -> Result<()> {
        if !self.fits(value) {
            return Err(ApiError::validation(format!("{} must be {}", self.name, self.kind.words())));
        }
        if value.as_str().is_some_and(|text| text.len() > self.longest) {
            return Err(ApiError::validation(format!("{} is longer than {} bytes", self.name, self.longest)));
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let mut json = match self.kind {
            Type::Pointer(class) => json!({ "type": "Pointer", "targetClass": class }),
            kind => json!({ "type": kind.name() }),
        };
        if self.is_required {
            json["required"] = true.into();
        }
        json
    }
}

impl Type {
    /// Returns Parse's name for the type.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::Number => "Number",
            Self::Boolean => "Boolean",
            Self::Date => "Date",
            Self::Array => "Array",
            Self::Pointer(_) => "Pointer",
            Self::Acl => "ACL",
        }
    }

    fn words(self) -> String {
        match self {
            Self::String => "a string".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Boolean => "true or false".to_owned(),
            Self::Date => "a date: {\"__type\": \"Date\", \"iso\": \"2026-11-29T10:00:00.000Z\"}".to_owned(),
            Self::Array => "a list of strings".to_owned(),
            Self::Acl => "an object".to_owned(),
            Self::Pointer(class) => format!("a pointer to an object of {class}"),
        }
    }
}

/// The fields of every object.
const COMMON: [Field; 4] = [
    Field::read("objectId", Type::String),
    Field::read("createdAt", Type::Date),
    Field::read("updatedAt", Type::Date),
    Field::read("ACL", Type::Acl),
];

/// A class: its name, its fields, and what clients can do with its objects.
#[derive(Debug)]
pub struct Schema {
    pub class: &'static str,
    pub fields: &'static [Field],
    /// Whether objects can be created, updated and deleted, within the caller's rights.
    pub create: bool,
    pub update: bool,
    pub delete: bool,
}

impl Schema {
    /// Returns all fields; the common ones come first.
    pub fn all(&self) -> impl Iterator<Item = &Field> {
        COMMON.iter().chain(self.fields)
    }

    /// Returns the field of this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.all().find(|field| field.name == name)
    }

    /// Checks the fields of a new object.
    pub fn check_new(&self, fields: &Fields) -> Result<()> {
        for (name, value) in fields {
            let field = self.known(name)?;
            if field.set == Set::Never {
                return Err(ApiError::validation(format!("{name} can't be set")));
            }
            field.check(value)?;
        }
        match self.fields.iter().find(|field| field.is_required && !fields.contains_key(field.name)) {
            Some(missing) => Err(ApiError::validation(format!("{} is required", missing.name))),
            None => Ok(()),
        }
    }

    /// Checks the changes to an object with the fields `before`, and drops fields that don't change: clients send back
    /// whole objects.
    pub fn check_change(&self, changes: &mut Fields, before: &Fields) -> Result<()> {
        changes.retain(|name, value| value.is_null() || before.get(name) != Some(value));
        for (name, value) in &*changes {
            let field = self.known(name)?;
            if field.set != Set::Always {
                return Err(ApiError::validation(format!("{name} can't be changed")));
            }
            match value {
                Value::Null if field.is_required => {
                    return Err(ApiError::validation(format!("{name} is required")));
                }
                Value::Null => {}
                value => field.check(value)?,
            }
        }
        Ok(())
    }

    fn known(&self, name: &str) -> Result<&Field> {
        self.field(name).ok_or_else(|| {
            let names: Vec<&str> = self.fields.iter().filter(|field| field.set != Set::Never).map(|f| f.name).collect();
            ApiError::validation(format!("{} has no field {}", self.class, vault::name::quoted(name)))
                .hint(format!("it takes: {}", names.join(", ")))
        })
    }

    /// Returns the schema as Parse Server does, with the class-level permissions.
    pub fn json(&self) -> Value {
        let fields: Fields = self.all().map(|field| (field.name.to_owned(), field.json())).collect();
        let signed_in = || json!({ "requiresAuthentication": true });
        let allowed = |is_allowed: bool| if is_allowed { signed_in() } else { json!({}) };
        json!({
            "className": self.class,
            "fields": fields,
            "classLevelPermissions": {
                "find": signed_in(), "count": signed_in(), "get": signed_in(),
                "create": allowed(self.create), "update": allowed(self.update), "delete": allowed(self.delete),
                "addField": {}, "protectedFields": {},
            },
            "indexes": {},
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THING: Schema = Schema {
        class: "Thing",
        fields: &[
            Field::once("name", Type::String).required().at_most(4),
            Field::write("tags", Type::Array),
            Field::write("until", Type::Date),
        ],
        create: true,
        update: true,
        delete: false,
    };

    fn fields(json: &Value) -> Fields {
        json.as_object().unwrap().clone()
    }

    #[test]
    fn an_invalid_field_is_refused_with_the_rule_it_breaks() {
        let refusal =
            |json: Value| THING.check_new(&fields(&json)).err().map(|error| (error.code as u16, error.message));
        assert_eq!(refusal(json!({ "name": "a", "tags": ["x"], "until": "2026-01-01T00:00:00.000Z" })), None);
        for (json, rule) in [
            (json!({}), "name is required"),
            (json!({ "name": 1 }), "name must be a string"),
            (json!({ "name": "abcde" }), "name is longer than 4 bytes"),
            (json!({ "name": "a", "tags": [1] }), "tags must be a list of strings"),
            (json!({ "name": "a", "colour": "red" }), "Thing has no field \"colour\""),
            (json!({ "name": "a", "objectId": "x" }), "objectId can't be set"),
        ] {
            assert_eq!(refusal(json), Some((142, rule.to_owned())));
        }
        assert!(refusal(json!({ "name": "a", "until": "tomorrow" })).unwrap().1.starts_with("until must be a date"));
    }

    #[test]
    fn unchanged_fields_are_dropped() {
        let before = fields(&json!({ "name": "a", "objectId": "1", "tags": ["x"] }));
        let mut same = before.clone();
        THING.check_change(&mut same, &before).unwrap();
        assert!(same.is_empty());
        let refusal = |json: Value| THING.check_change(&mut fields(&json), &before).err().map(|error| error.message);
        assert_eq!(refusal(json!({ "name": "b" })).unwrap(), "name can't be changed");
        assert_eq!(refusal(json!({ "tags": null })), None);
    }
}
