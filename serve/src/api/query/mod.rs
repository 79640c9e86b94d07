//! What is asked for: which objects, in which order, how many, and which of their fields.

mod compare;
mod filter;
mod pattern;
mod test;

use super::error::{ApiError, Result};
use super::object::{Fields, Object};
use super::schema::{Schema, Type};
use filter::Filter;
use serde_json::Value;
use std::collections::HashSet;
use std::sync::Arc;

/// How many objects are given where nobody says.
pub const USUAL: usize = 100;
/// The most that are given at once.
pub const MOST: usize = 1_000;

/// A query.
#[derive(Debug)]
pub struct Query {
    filter: Filter,
    /// Fields, and whether the largest comes first.
    order: Vec<(String, bool)>,
    limit: usize,
    skip: usize,
    /// Whether to tell how many there are.
    pub count: bool,
    pub shape: Shape,
}

/// Which fields are given.
#[derive(Debug, Default)]
pub struct Shape {
    keys: Option<Vec<String>>,
    exclude: Vec<String>,
    pub include: Vec<String>,
}

impl Default for Query {
    fn default() -> Self {
        let (filter, shape) = (Filter::All(Vec::new()), Shape::default());
        Self { filter, order: Vec::new(), limit: USUAL, skip: 0, count: false, shape }
    }
}

impl Query {
    /// Reads Parse's parameters: `where`, `order`, `limit`, `skip`, `count`, `keys`, `excludeKeys`, `include`.
    ///
    /// # Errors
    /// For whatever isn't one, or isn't supported.
    pub fn read(parameters: &Fields, schema: &Schema) -> Result<Self> {
        let mut query = Self { shape: Shape::default(), ..Self::default() };
        for (name, value) in parameters {
            match &**name {
                "where" => query.filter = Filter::read(&parsed(value)?, schema)?,
                "order" => query.order = order(value, schema)?,
                "limit" => query.limit = number(name, value)?.min(MOST),
                "skip" => query.skip = number(name, value)?,
                "count" => query.count = yes_or_no(name, value)?,
                _ => query.shape.read_one(name, value, schema)?,
            }
        }
        Ok(query)
    }

    /// Whether an object is one that is asked for.
    pub fn matches(&self, object: &Object) -> bool {
        self.filter.matches(object)
    }

    /// The id of the one object that is asked for and nothing else: so the SDKs' `Query.get` asks for it.
    pub fn single(&self) -> Option<&str> {
        self.filter.single().filter(|_| self.limit == 1 && self.skip == 0 && !self.count)
    }

    /// How many patterns it looks for.
    pub fn patterns(&self) -> usize {
        self.filter.patterns()
    }

    /// How many of the newest are enough, where they are asked for and nothing is said of which.
    pub fn newest(&self) -> Option<usize> {
        let is_by_time = matches!(&self.order[..], [(field, true)] if field == "createdAt" || field == "accessTime");
        (is_by_time && !self.count && self.filter.is_empty()).then_some(self.limit.saturating_add(self.skip))
    }

    /// The objects that are asked for, in order, and how many there are of them all.
    pub fn choose<'a>(&self, all: &'a [Arc<Object>]) -> (Vec<&'a Arc<Object>>, usize) {
        let mut found: Vec<&Arc<Object>> = all.iter().filter(|object| self.matches(object)).collect();
        let count = found.len();
        // The largest first is the reverse, of what is equal too: entries of one second are told with the newest first.
        if self.order.first().is_some_and(|(_, is_descending)| *is_descending) {
            found.reverse();
        }
        if !self.order.is_empty() {
            found.sort_by(|one, other| compare::by_fields(one, other, &self.order));
        }
        (found.into_iter().skip(self.skip).take(self.limit).collect(), count)
    }
}

impl Shape {
    /// Reads `keys`, `excludeKeys` and `include`, and refuses whatever else is asked for.
    pub fn read(parameters: &Fields, schema: &Schema) -> Result<Self> {
        let mut shape = Self::default();
        parameters.iter().try_for_each(|(name, value)| shape.read_one(name, value, schema))?;
        Ok(shape)
    }

    fn read_one(&mut self, name: &str, value: &Value, schema: &Schema) -> Result<()> {
        match name {
            "keys" => self.keys = Some(names(value, schema)?),
            "excludeKeys" => self.exclude = names(value, schema)?,
            "include" => self.include = included(value, schema)?,
            _ => {
                return Err(ApiError::query(format!("{} is not supported", vault::name::quoted(name)))
                    .hint("supported: where, order, limit, skip, count, keys, excludeKeys, include"));
            }
        }
        Ok(())
    }

    /// Whether a field is asked for by its name.
    pub fn names(&self, field: &str) -> bool {
        self.keys.as_ref().is_some_and(|keys| keys.iter().any(|key| key == field)) && !self.excludes(field)
    }

    /// Whether fields are chosen.
    pub fn has_keys(&self) -> bool {
        self.keys.is_some()
    }

    /// Whether a field is not wanted.
    pub fn excludes(&self, field: &str) -> bool {
        self.exclude.iter().any(|name| name == field)
    }

    /// Whether an object is shown as it is.
    pub fn is_whole(&self) -> bool {
        self.keys.is_none() && self.exclude.is_empty() && self.include.is_empty()
    }

    /// Takes away what is not asked for. What every object has stays, and what a value that is no text is written in.
    pub fn apply(&self, fields: &mut Fields) {
        const KEPT: [&str; 5] = ["objectId", "createdAt", "updatedAt", "ACL", "encoding"];
        fields.retain(|name, _| {
            let is_chosen = self.keys.as_ref().is_none_or(|keys| keys.contains(name));
            KEPT.contains(&name.as_str()) || is_chosen && !self.excludes(name)
        });
    }
}

/// JSON, which in a URL is text.
fn parsed(value: &Value) -> Result<Value> {
    match value {
        Value::String(text) => serde_json::from_str(text).map_err(|_| ApiError::query("where is not JSON")),
        value => Ok(value.clone()),
    }
}

fn number(name: &str, value: &Value) -> Result<usize> {
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    let number = number.and_then(|number| usize::try_from(number).ok());
    number.ok_or_else(|| ApiError::query(format!("{name} must be a whole number, from 0")))
}

/// As the SDKs and people write it.
fn yes_or_no(name: &str, value: &Value) -> Result<bool> {
    match (value, value.as_str()) {
        (Value::Bool(is_meant), _) => Ok(*is_meant),
        (_, Some("1" | "true")) => Ok(true),
        (_, Some("0" | "false")) => Ok(false),
        (value, _) if *value == 1 || *value == 0 => Ok(*value == 1),
        _ => Err(ApiError::query(format!("{name} must be true or false"))),
    }
}

/// Words with commas between them, or a list of words, which in a URL is JSON.
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

fn names(value: &Value, schema: &Schema) -> Result<Vec<String>> {
    let checked = |word: String| known(&word, schema).map(|()| word);
    once(words(value)?).map(checked).collect()
}

/// A word that is said over and over means no more, and costs no more.
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

/// A field that objects can be chosen or sorted by: not one that is secret.
fn visible(name: &str, schema: &Schema) -> Result<()> {
    known(name, schema)?;
    match schema.field(name).is_some_and(|field| field.is_secret) {
        true => Err(ApiError::query(format!("{name} is secret: it can't be searched or sorted by"))),
        false => Ok(()),
    }
}

fn order(value: &Value, schema: &Schema) -> Result<Vec<(String, bool)>> {
    let field = |word: String| {
        let name = word.strip_prefix(['-', '+']).unwrap_or(&word);
        visible(name, schema).map(|()| (name.to_owned(), word.starts_with('-')))
    };
    once(words(value)?).map(field).collect()
}

fn included(value: &Value, schema: &Schema) -> Result<Vec<String>> {
    let field = |word: String| match schema.field(&word).map(|field| field.kind) {
        Some(Type::Pointer(_)) => Ok(word),
        Some(_) => Err(ApiError::query(format!("{word} is not a pointer and can't be included"))),
        None => known(&word, schema).map(|()| String::new()),
    };
    once(words(value)?).map(field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::classes::{Class as _, secret::SECRET};
    use serde_json::json;

    #[test]
    fn what_is_named_over_and_over_is_taken_once() {
        let often = |word: &str| vec![word; 100_000].join(",");
        let parameters = json!({ "order": often("-kind"), "keys": often("name"), "excludeKeys": often("note"), "include": often("owner") });
        let query = Query::read(parameters.as_object().unwrap(), SECRET.schema()).unwrap();
        assert_eq!(query.order, [("kind".to_owned(), true)]);
        assert_eq!(query.shape.keys.as_deref(), Some(&["name".to_owned()][..]));
        assert_eq!(
            (&query.shape.exclude[..], &query.shape.include[..]),
            (&["note".to_owned()][..], &["owner".to_owned()][..])
        );
    }
}
