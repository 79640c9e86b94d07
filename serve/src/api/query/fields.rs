//! The names of fields in a query.

use crate::api::error::{ApiError, Result};
use crate::api::schema::{Schema, Type};
use serde_json::Value;
use std::collections::HashSet;

/// Parses names: a list, a JSON list as text, or text with commas.
fn words(value: &Value) -> Result<Vec<String>> {
    let wrong = || ApiError::query("give field names as a list, or as a string with commas");
    let list = |all: &[Value]| {
        let words = all.iter().map(|word| word.as_str().map(str::to_owned));
        words.collect::<Option<Vec<_>>>().ok_or_else(wrong)
    };
    match value {
        Value::Array(all) => list(all),
        Value::String(text) if text.starts_with('[') => {
            list(&serde_json::from_str::<Vec<Value>>(text).map_err(|_| wrong())?)
        }
        Value::String(text) => {
            Ok(text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect())
        }
        _ => Err(wrong()),
    }
}

/// Parses names of fields.
pub fn names(value: &Value, schema: &Schema) -> Result<Vec<String>> {
    let checked = |word: String| known(&word, schema).map(|()| word);
    once(words(value)?).map(checked).collect()
}

/// Drops repeated names, so that they cost nothing.
fn once(words: Vec<String>) -> impl Iterator<Item = String> {
    let mut seen = HashSet::new();
    words.into_iter().filter(move |word| seen.insert(word.clone()))
}

fn known(name: &str, schema: &Schema) -> Result<()> {
    match schema.field(name) {
        Some(_) => Ok(()),
        None => Err(ApiError::query(format!("{} has no field {}", schema.class, vault::name::quoted(name)))),
    }
}

/// Checks that objects can be found or sorted by a field: it exists and isn't secret.
pub fn visible(name: &str, schema: &Schema) -> Result<()> {
    known(name, schema)?;
    match schema.field(name).is_some_and(|field| field.is_secret) {
        true => Err(ApiError::query(format!("{name} is secret: it can't be searched or sorted by"))),
        false => Ok(()),
    }
}

/// Parses `order`: fields, each with whether its order is descending.
pub fn order(value: &Value, schema: &Schema) -> Result<Vec<(String, bool)>> {
    let field = |word: String| {
        let name = word.strip_prefix(['-', '+']).unwrap_or(&word);
        visible(name, schema).map(|()| (name.to_owned(), word.starts_with('-')))
    };
    once(words(value)?).map(field).collect()
}

/// Parses `include`: fields that are pointers.
pub fn included(value: &Value, schema: &Schema) -> Result<Vec<String>> {
    let field = |word: String| match schema.field(&word).map(|field| field.kind) {
        Some(Type::Pointer(_)) => Ok(word),
        Some(_) => Err(ApiError::query(format!("{word} is not a pointer and can't be included"))),
        None => known(&word, schema).map(|()| String::new()),
    };
    once(words(value)?).map(field).collect()
}
