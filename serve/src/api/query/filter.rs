//! `where`: the condition that objects must match.

use super::fields::visible;
use super::test::{self, Test};
use crate::api::error::{ApiError, Result};
use crate::api::object::Object;
use crate::api::schema::Schema;
use serde_json::Value;

/// The deepest nesting of `$or` and `$and`.
const DEEPEST: usize = 8;
/// The most conditions.
const MOST: usize = 256;
/// The most patterns. Compiling one takes time and memory.
const PATTERNS: usize = 8;

/// A condition.
#[derive(Debug)]
pub enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Field(String, Test),
}

impl Filter {
    /// Parses Parse's form of a condition.
    pub fn read(json: &Value, schema: &Schema) -> Result<Self> {
        let mut left = MOST;
        if patterns(json, DEEPEST + 2) > PATTERNS {
            return Err(ApiError::query(format!("where has more than {PATTERNS} $regex")));
        }
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
                    // An empty condition counts as one, too.
                    *left = left.checked_sub(several.len()).ok_or_else(too_long)?;
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
                    let tests = test::read(name, value, schema)?;
                    *left = left.checked_sub(tests.len()).ok_or_else(too_long)?;
                    all.extend(tests.into_iter().map(|test| Self::Field(name.to_owned(), test)));
                }
            }
        }
        Ok(Self::All(all))
    }

    /// Returns the number of patterns.
    pub fn patterns(&self) -> usize {
        match self {
            Self::All(several) | Self::Any(several) => several.iter().map(Self::patterns).sum(),
            Self::Field(_, test) => usize::from(matches!(test, Test::Matches(_))),
        }
    }

    /// Returns whether the condition matches everything.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::All(all) if all.is_empty())
    }

    /// Returns the id, if the condition asks for nothing else.
    pub fn single(&self) -> Option<&str> {
        match self {
            Self::All(all) => match &all[..] {
                [Self::Field(name, Test::Is(Value::String(id)))] if name == "objectId" => Some(id),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns whether an object matches.
    pub fn matches(&self, object: &Object) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.matches(object)),
            Self::Any(any) => any.iter().any(|one| one.matches(object)),
            Self::Field(name, test) => test.holds(object.fields.get(name)),
        }
    }
}

fn too_long() -> ApiError {
    ApiError::query(format!("where has more than {MOST} conditions"))
}

/// Counts the patterns before they are compiled. Levels below the deepest condition are skipped, because they are
/// refused anyway.
fn patterns(json: &Value, depth: usize) -> usize {
    let Some(depth) = depth.checked_sub(1) else { return 0 };
    match json {
        Value::Array(several) => several.iter().map(|one| patterns(one, depth)).sum(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| usize::from(name == "$regex") + patterns(value, depth)).sum()
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::classes::{Class as _, secret::SECRET};
    use serde_json::json;

    fn object() -> Object {
        let time = "2026-11-29T10:00:00Z";
        Object::from_view("Secret", &json!({ "objectId": "1", "createdAt": time, "updatedAt": time }))
            .unwrap()
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
    fn conditions_match_as_in_parse() {
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
    fn unsupported_conditions_are_refused_and_never_ignored() {
        assert_eq!(refused(&json!({ "name": { "$near": 1 } })), "\"$near\" is not supported");
        assert_eq!(refused(&json!({ "$nor": [] })), "\"$nor\" is not supported");
        assert_eq!(refused(&json!({ "colour": "red" })), "Secret has no field \"colour\"");
        assert_eq!(refused(&json!({ "name": false })), "compare name with a string");
        assert_eq!(refused(&json!({ "name": {} })), "compare name with a string");
        assert_eq!(refused(&json!({ "name": { "$in": ["A", 1] } })), "compare name with a string");
        assert_eq!(refused(&json!([])), "where must be an object");
        assert!(refused(&json!({ "value": "s3cret" })).contains("secret"));
        assert!(refused(&json!({ "createdAt": { "$gt": "yesterday" } })).contains("date"));
        let many = |one: Value| json!({ "$and": vec![one; 257] });
        for endless in [many(json!({})), many(json!({ "$or": [] })), many(json!({ "name": "A" }))] {
            assert!(refused(&endless).contains("256 conditions"));
        }
        let patterns = |count: usize| json!({ "$or": vec![json!({ "name": { "$regex": "a" } }); count] });
        assert!(Filter::read(&patterns(8), SECRET.schema()).is_ok_and(|read| read.patterns() == 8));
        assert!(refused(&patterns(9)).contains("8 $regex"));
        let deep = (0..9).fold(json!({}), |inner, _| json!({ "$or": [inner] }));
        assert!(refused(&deep).contains("levels"));
    }
}
