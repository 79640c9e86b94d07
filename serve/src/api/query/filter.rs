//! `where`: which objects are meant.

use super::compare::Key;
use super::{pattern, visible};
use crate::api::error::{ApiError, Result};
use crate::api::object::{Fields, Object, moment, time_of};
use crate::api::schema::{Schema, Type};
use regex::Regex;
use serde_json::{Value, json};
use std::cmp::Ordering;

/// How deep `$or` and `$and` may stand in one another.
const DEEPEST: usize = 8;
/// The most conditions.
const MOST: usize = 256;

/// A condition.
#[derive(Debug)]
pub enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Field(String, Test),
}

/// What must hold for a field.
#[derive(Debug)]
pub enum Test {
    Is(Value),
    IsNot(Value),
    In(Vec<Value>),
    NotIn(Vec<Value>),
    Below(Value),
    UpTo(Value),
    Above(Value),
    From(Value),
    Exists(bool),
    Matches(Regex),
}

impl Filter {
    /// Reads Parse's form.
    pub fn read(json: &Value, schema: &Schema) -> Result<Self> {
        let mut left = MOST;
        Self::read_at(json, schema, DEEPEST, &mut left)
    }

    fn read_at(json: &Value, schema: &Schema, depth: usize, left: &mut usize) -> Result<Self> {
        let fields = json.as_object().ok_or_else(|| ApiError::query("where must be an object"))?;
        let Some(depth) = depth.checked_sub(1) else {
            return Err(ApiError::query(format!("where is more than {DEEPEST} levels deep")));
        };
        let mut all = Vec::new();
        for (name, value) in fields {
            match &**name {
                "$and" | "$or" => {
                    let several = value.as_array().ok_or_else(|| ApiError::query(format!("{name} takes a list")))?;
                    let read =
                        several.iter().map(|one| Self::read_at(one, schema, depth, left)).collect::<Result<_>>()?;
                    all.push(if name == "$or" { Self::Any(read) } else { Self::All(read) });
                }
                name if name.starts_with('$') => {
                    return Err(ApiError::query(format!("{} is not supported", vault::name::quoted(name)))
                        .hint("where takes fields, $or and $and"));
                }
                name => {
                    visible(name, schema)?;
                    let tests = tests(name, value, schema)?;
                    *left = left.checked_sub(tests.len()).ok_or_else(|| ApiError::query("where is too long"))?;
                    all.extend(tests.into_iter().map(|test| Self::Field(name.to_owned(), test)));
                }
            }
        }
        Ok(Self::All(all))
    }

    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::All(all) if all.is_empty())
    }

    /// The id, if that is all it asks for.
    pub fn single(&self) -> Option<&str> {
        match self {
            Self::All(all) => match &all[..] {
                [Self::Field(name, Test::Is(Value::String(id)))] if name == "objectId" => Some(id),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it holds for an object.
    pub fn matches(&self, object: &Object) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.matches(object)),
            Self::Any(any) => any.iter().any(|one| one.matches(object)),
            Self::Field(name, test) => test.holds(object.fields.get(name)),
        }
    }
}

/// What is said of one field.
fn tests(name: &str, value: &Value, schema: &Schema) -> Result<Vec<Test>> {
    let plain = |value: &Value| match schema.field(name).map(|field| field.kind) {
        Some(Type::Date) => dated(name, value),
        Some(Type::String) if !value.is_string() && !value.is_null() => {
            Err(ApiError::query(format!("{name} is compared with a text")))
        }
        _ => Ok(value.clone()),
    };
    let Some(operators) = value.as_object().filter(|fields| fields.keys().any(|key| key.starts_with('$'))) else {
        return Ok(vec![Test::Is(plain(value)?)]);
    };
    let mut tests = Vec::new();
    for (operator, value) in operators {
        tests.push(match &**operator {
            "$eq" => Test::Is(plain(value)?),
            "$ne" => Test::IsNot(plain(value)?),
            "$lt" => Test::Below(plain(value)?),
            "$lte" => Test::UpTo(plain(value)?),
            "$gt" => Test::Above(plain(value)?),
            "$gte" => Test::From(plain(value)?),
            "$in" => Test::In(several(operator, value, &plain)?),
            "$nin" => Test::NotIn(several(operator, value, &plain)?),
            "$exists" => {
                Test::Exists(value.as_bool().ok_or_else(|| ApiError::query("$exists takes true or false".to_owned()))?)
            }
            "$regex" => Test::Matches(regex(value, operators)?),
            "$options" if operators.contains_key("$regex") => continue,
            other => {
                return Err(ApiError::query(format!("{} is not supported", vault::name::quoted(other)))
                    .hint("it takes: $eq, $ne, $lt, $lte, $gt, $gte, $in, $nin, $exists, $regex"));
            }
        });
    }
    Ok(tests)
}

fn regex(value: &Value, operators: &Fields) -> Result<Regex> {
    let text = value.as_str().ok_or_else(|| ApiError::query("$regex takes a text"))?;
    let options = operators.get("$options").map_or(Some(""), Value::as_str);
    pattern::read(text, options.ok_or_else(|| ApiError::query("$options takes a text"))?)
}

fn several(operator: &str, value: &Value, plain: &dyn Fn(&Value) -> Result<Value>) -> Result<Vec<Value>> {
    let several = value.as_array().ok_or_else(|| ApiError::query(format!("{operator} takes a list")))?;
    if several.len() > MOST {
        return Err(ApiError::query(format!("{operator} takes at most {MOST} values")));
    }
    several.iter().map(plain).collect()
}

/// A date in the form that dates of objects have, however it is written.
fn dated(name: &str, value: &Value) -> Result<Value> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    let text = value.as_str().or_else(|| value["iso"].as_str());
    let wrong = || ApiError::query(format!("{name} is a date: compare it with one"));
    let text = text.ok_or_else(wrong)?;
    let time = time_of(text).ok_or_else(wrong)?;
    // Finer than a second only in the query.
    let iso = if text.len() == moment(time).len() { text.to_owned() } else { moment(time) };
    Ok(json!({ "__type": "Date", "iso": iso }))
}

impl Test {
    fn holds(&self, field: Option<&Value>) -> bool {
        let is = |value: &Value| is(field, value);
        let compares = |value: &Value, wanted: &dyn Fn(Ordering) -> bool| {
            let key = Key::of(field);
            key != Key::Nothing && key.order(&Key::of(Some(value))).is_some_and(wanted)
        };
        match self {
            Self::Is(value) => is(value),
            Self::IsNot(value) => !is(value),
            Self::In(values) => values.iter().any(is),
            Self::NotIn(values) => !values.iter().any(is),
            Self::Below(value) => compares(value, &Ordering::is_lt),
            Self::UpTo(value) => compares(value, &Ordering::is_le),
            Self::Above(value) => compares(value, &Ordering::is_gt),
            Self::From(value) => compares(value, &Ordering::is_ge),
            Self::Exists(wanted) => field.is_some_and(|value| !value.is_null()) == *wanted,
            Self::Matches(regex) => match field {
                Some(Value::String(text)) => regex.is_match(text),
                Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).any(|text| regex.is_match(text)),
                _ => false,
            },
        }
    }
}

/// Whether a field has this value; a list has each of its own.
fn is(field: Option<&Value>, value: &Value) -> bool {
    let wanted = Key::of(Some(value));
    match field {
        Some(Value::Array(all)) if !value.is_array() => all.iter().any(|one| Key::of(Some(one)) == wanted),
        field => Key::of(field) == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::classes::{Class as _, secret::SECRET};
    use vault::time::Time;

    fn object() -> Object {
        let time = Time::parse("2026-11-29T10:00:00Z").unwrap();
        Object::new("Secret", "1".to_owned(), time, time)
            .with("name", "STRIPE_KEY")
            .with("version", 3)
            .with("tags", vec!["billing", "eu"])
            .with("expiresAt", json!({ "__type": "Date", "iso": "2027-01-01T00:00:00.000Z" }))
            .with("owner", json!({ "__type": "Pointer", "className": "_User", "objectId": "u" }))
    }

    fn matches(json: &Value) -> bool {
        Filter::read(json, SECRET.schema()).unwrap().matches(&object())
    }

    fn refused(json: &Value) -> String {
        let error = Filter::read(json, SECRET.schema()).unwrap_err();
        assert_eq!(error.code as u16, 102);
        error.message
    }

    #[test]
    fn conditions_hold_as_in_parse() {
        for json in [
            json!({}),
            json!({ "name": "STRIPE_KEY", "version": 3 }),
            json!({ "name": { "$ne": "OTHER" }, "version": { "$gt": 2, "$lte": 3 } }),
            json!({ "name": { "$in": ["A", "STRIPE_KEY"] } }),
            json!({ "name": { "$nin": ["A"] } }),
            json!({ "tags": "eu" }),
            json!({ "note": { "$exists": false }, "name": { "$exists": true } }),
            json!({ "name": { "$regex": "^\\QSTRIPE\\E" } }),
            json!({ "name": { "$regex": "stripe", "$options": "i" } }),
            json!({ "$or": [{ "name": "A" }, { "version": 3 }] }),
            json!({ "$and": [{ "name": "STRIPE_KEY" }, { "version": 3 }] }),
            json!({ "createdAt": { "$gte": { "__type": "Date", "iso": "2026-11-29T10:00:00.000Z" } } }),
            json!({ "expiresAt": { "$lt": { "__type": "Date", "iso": "2027-01-01T00:00:00.500Z" } } }),
            json!({ "owner": { "__type": "Pointer", "className": "_User", "objectId": "u" } }),
            json!({ "note": null }),
        ] {
            assert!(matches(&json), "{json}");
        }
        for json in [
            json!({ "name": "OTHER" }),
            json!({ "version": "3" }),
            json!({ "version": { "$lt": 3 } }),
            json!({ "note": { "$gt": "a" } }),
            json!({ "tags": { "$ne": "eu" } }),
            json!({ "$or": [{ "name": "A" }, { "version": 4 }] }),
            json!({ "owner": { "__type": "Pointer", "className": "_User", "objectId": "v" } }),
        ] {
            assert!(!matches(&json), "{json}");
        }
    }

    #[test]
    fn what_is_not_supported_is_refused_and_never_ignored() {
        assert_eq!(refused(&json!({ "name": { "$near": 1 } })), "\"$near\" is not supported");
        assert_eq!(refused(&json!({ "$nor": [] })), "\"$nor\" is not supported");
        assert_eq!(refused(&json!({ "colour": "red" })), "Secret has no field \"colour\"");
        assert_eq!(refused(&json!({ "name": false })), "name is compared with a text");
        assert_eq!(refused(&json!({ "name": {} })), "name is compared with a text");
        assert_eq!(refused(&json!({ "name": { "$in": ["A", 1] } })), "name is compared with a text");
        assert_eq!(refused(&json!([])), "where must be an object");
        assert!(refused(&json!({ "value": "s3cret" })).contains("secret"));
        assert!(refused(&json!({ "createdAt": { "$gt": "yesterday" } })).contains("date"));
        let deep = (0..9).fold(json!({}), |inner, _| json!({ "$or": [inner] }));
        assert!(refused(&deep).contains("levels"));
    }
}
