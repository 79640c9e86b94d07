//! A query: which objects, in which order, how many, and with which fields.

mod compare;
mod fields;
mod filter;
mod pattern;
mod test;

use super::error::{ApiError, Result};
use super::object::{Fields, Object};
use super::schema::Schema;
use fields::{included, names, order};
use filter::Filter;
use serde_json::Value;
use std::sync::Arc;

/// The number of objects that a query without a limit returns.
pub const USUAL: usize = 100;
/// The greatest limit.
pub const MOST: usize = 1_000;

/// A query.
#[derive(Debug)]
pub struct Query {
    filter: Filter,
    /// The fields to sort by; `true` means descending.
    order: Vec<(String, bool)>,
    limit: usize,
    skip: usize,
    /// Whether to count all matches.
    pub count: bool,
    pub shape: Shape,
}

/// The fields to return.
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
    /// Parses Parse's parameters: `where`, `order`, `limit`, `skip`, `count`, `keys`, `excludeKeys`, `include`.
    ///
    /// # Errors
    /// An unknown, unsupported or invalid parameter.
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

    /// Returns whether an object matches the query.
    pub fn matches(&self, object: &Object) -> bool {
        self.filter.matches(object)
    }

    /// Returns the id, if the query asks for a single object and nothing else. The SDKs' `Query.get` sends such a
    /// query.
    pub fn single(&self) -> Option<&str> {
        self.filter.single().filter(|_| self.limit == 1 && self.skip == 0 && !self.count)
    }

    /// Returns the number of patterns.
    pub fn patterns(&self) -> usize {
        self.filter.patterns()
    }

    /// Returns how many of the newest objects are enough, if the query sorts by time and has no condition.
    pub fn newest(&self) -> Option<usize> {
        let is_by_time = matches!(&self.order[..], [(field, true)] if field == "createdAt" || field == "accessTime");
        (is_by_time && !self.count && self.filter.is_empty()).then_some(self.limit.saturating_add(self.skip))
    }

    /// Returns the requested objects in order, and the number of all matches.
    pub fn choose<'a>(&self, all: &'a [Arc<Object>]) -> (Vec<&'a Arc<Object>>, usize) {
        let mut found: Vec<&Arc<Object>> = all.iter().filter(|object| self.matches(object)).collect();
        let count = found.len();
        // Objects come in ascending order. They are reversed first, so that of several log entries in one second the
        // newest comes first.
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
    /// Parses `keys`, `excludeKeys` and `include`, and refuses every other parameter.
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

    /// Returns whether `keys` names a field.
    pub fn names(&self, field: &str) -> bool {
        self.keys.as_ref().is_some_and(|keys| keys.iter().any(|key| key == field)) && !self.excludes(field)
    }

    /// Returns whether the query has `keys`.
    pub fn has_keys(&self) -> bool {
        self.keys.is_some()
    }

    /// Returns whether `excludeKeys` names a field.
    pub fn excludes(&self, field: &str) -> bool {
        self.exclude.iter().any(|name| name == field)
    }

    /// Returns whether objects are returned with all fields that aren't secret, and without included objects.
    pub fn is_whole(&self) -> bool {
        self.keys.is_none() && self.exclude.is_empty() && self.include.is_empty()
    }

    /// Removes the fields that aren't requested. The common fields stay, and so does the encoding of a binary value.
    pub fn apply(&self, fields: &mut Fields) {
        const KEPT: [&str; 5] = ["objectId", "createdAt", "updatedAt", "ACL", "encoding"];
        fields.retain(|name, _| {
            let is_chosen = self.keys.as_ref().is_none_or(|keys| keys.contains(name));
            KEPT.contains(&name.as_str()) || is_chosen && !self.excludes(name)
        });
    }
}

/// Parses JSON, which is text if it comes from the URL.
fn parsed(value: &Value) -> Result<Value> {
    match value {
        Value::String(text) => serde_json::from_str(text).map_err(|_| ApiError::query("where is not JSON")),
        value => Ok(value.clone()),
    }
}

fn number(name: &str, value: &Value) -> Result<usize> {
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    let number = number.and_then(|number| usize::try_from(number).ok());
    number.ok_or_else(|| ApiError::query(format!("{name} must be a whole number, 0 or more")))
}

/// Parses a boolean in the forms that SDKs and people use.
fn yes_or_no(name: &str, value: &Value) -> Result<bool> {
    match (value, value.as_str()) {
        (Value::Bool(is_meant), _) => Ok(*is_meant),
        (_, Some("1" | "true")) => Ok(true),
        (_, Some("0" | "false")) => Ok(false),
        (value, _) if *value == 1 || *value == 0 => Ok(*value == 1),
        _ => Err(ApiError::query(format!("{name} must be true or false"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::classes::{Class as _, secret::SECRET};
    use serde_json::json;

    #[test]
    fn a_repeated_name_counts_once() {
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
