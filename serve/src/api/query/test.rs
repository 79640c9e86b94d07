//! The condition on one field.

use super::compare::Key;
use super::pattern;
use crate::api::error::{ApiError, Result};
use crate::api::object::{Fields, moment, time_of};
use crate::api::schema::{Schema, Type};
use regex::Regex;
use serde_json::{Value, json};
use std::cmp::Ordering;

/// The most values of one operator.
const MOST: usize = 256;

/// A condition on a field.
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

/// Parses the condition on one field.
pub fn read(name: &str, value: &Value, schema: &Schema) -> Result<Vec<Test>> {
    let plain = |value: &Value| match schema.field(name).map(|field| field.kind) {
        Some(Type::Date) => dated(name, value),
        Some(Type::String) if !value.is_string() && !value.is_null() => {
            Err(ApiError::query(format!("compare {name} with a string")))
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
                    .hint("supported: $eq, $ne, $lt, $lte, $gt, $gte, $in, $nin, $exists, $regex"));
            }
        });
    }
    Ok(tests)
}

fn regex(value: &Value, operators: &Fields) -> Result<Regex> {
    let text = value.as_str().ok_or_else(|| ApiError::query("$regex takes a string"))?;
    let options = operators.get("$options").map_or(Some(""), Value::as_str);
    pattern::read(text, options.ok_or_else(|| ApiError::query("$options takes a string"))?)
}

fn several(operator: &str, value: &Value, plain: &dyn Fn(&Value) -> Result<Value>) -> Result<Vec<Value>> {
    let several = value.as_array().ok_or_else(|| ApiError::query(format!("{operator} takes a list")))?;
    if several.len() > MOST {
        return Err(ApiError::query(format!("{operator} takes at most {MOST} values")));
    }
    several.iter().map(plain).collect()
}

/// Returns a date in the form of objects' dates, whatever its form in the query.
fn dated(name: &str, value: &Value) -> Result<Value> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    let text = value.as_str().or_else(|| value["iso"].as_str());
    let wrong = || ApiError::query(format!("compare {name} with a date"));
    let text = text.ok_or_else(wrong)?;
    let time = time_of(text).ok_or_else(wrong)?;
    // Objects have whole seconds; a query may be finer.
    let iso = if text.len() == moment(time).len() { text.to_owned() } else { moment(time) };
    Ok(json!({ "__type": "Date", "iso": iso }))
}

impl Test {
    /// Returns whether a field's value matches.
    pub fn holds(&self, field: Option<&Value>) -> bool {
        let is = |value: &Value| is(field, value);
        let compares = |value: &Value, wanted: &dyn Fn(Ordering) -> bool| {
            let key = Key::new(field);
            key != Key::Nothing && key.order(&Key::new(Some(value))).is_some_and(wanted)
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

/// Returns whether a field has this value. A list has the value if one of its elements does.
fn is(field: Option<&Value>, value: &Value) -> bool {
    let wanted = Key::new(Some(value));
    match field {
        Some(Value::Array(all)) if !value.is_array() => all.iter().any(|one| Key::new(Some(one)) == wanted),
        field => Key::new(field) == wanted,
    }
}
