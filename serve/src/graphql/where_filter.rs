//! Translates GraphQL's `where` to the form that queries use.

use super::ids::own_id;
use crate::api::call::Call;
use crate::api::classes::{self, Class};
use crate::api::object::{Fields, pointer};
use crate::api::query::Query;
use crate::api::schema::Type;
use crate::api::{ApiError, Result, objects};
use serde_json::{Value, json};

/// The operators, with their names in a query.
pub const OPERATORS: [(&str, &str); 11] = [
    ("equalTo", "$eq"),
    ("notEqualTo", "$ne"),
    ("lessThan", "$lt"),
    ("lessThanOrEqualTo", "$lte"),
    ("greaterThan", "$gt"),
    ("greaterThanOrEqualTo", "$gte"),
    ("in", "$in"),
    ("notIn", "$nin"),
    ("exists", "$exists"),
    ("matchesRegex", "$regex"),
    ("options", "$options"),
];

/// The most objects that a condition on a pointer may match.
const POINTED: usize = 256;
/// The most conditions on pointers, nested ones included. Each searches a whole class.
const LOOKS: usize = 8;

/// Finds the objects of a class that match a condition, as pointers.
type Matching<'a> = dyn FnMut(&'static dyn Class, &Value) -> Result<Vec<Value>> + 'a;

/// Translates a condition on objects of a class.
pub fn read(call: &mut Call<'_>, given: &Value, class: &'static dyn Class) -> Result<Value> {
    let mut left = LOOKS;
    read_with(call, given, class, &mut left)
}

fn read_with(call: &mut Call<'_>, given: &Value, class: &'static dyn Class, left: &mut usize) -> Result<Value> {
    let mut looked = |class, given: &Value| {
        *left = left
            .checked_sub(1)
            .ok_or_else(|| ApiError::query(format!("where has more than {LOOKS} have and haveNot")))?;
        matching(call, class, given, left)
    };
    conditions(&mut looked, given, class)
}

fn matching(call: &mut Call<'_>, class: &'static dyn Class, given: &Value, left: &mut usize) -> Result<Vec<Value>> {
    let Value::Object(parameters) = json!({ "where": read_with(call, given, class, left)? }) else {
        return Ok(Vec::new());
    };
    let query = Query::read(&parameters, class.schema())?;
    let rows = objects::all(call, class)?;
    let name = class.schema().class;
    let found: Vec<Value> =
        rows.all.iter().filter(|object| query.matches(object)).map(|object| pointer(name, object.id())).collect();
    match found.len() > POINTED {
        true => Err(ApiError::query(format!("a condition on {name} matches more than {POINTED} objects"))),
        false => Ok(found),
    }
}

fn conditions(matching: &mut Matching<'_>, given: &Value, class: &'static dyn Class) -> Result<Value> {
    let fields = given.as_object().ok_or_else(|| ApiError::query("where must be an object"))?;
    let mut all = Fields::new();
    let mut more = Vec::new();
    for (name, value) in fields {
        if value.is_null() {
            continue;
        }
        let (name, value) = match &**name {
            "OR" | "AND" => {
                let several = listed(value).iter().map(|one| conditions(matching, one, class));
                let operator = if name == "OR" { "$or" } else { "$and" };
                (operator.to_owned(), Value::Array(several.collect::<Result<_>>()?))
            }
            "id" | "objectId" => ("objectId".to_owned(), operators(&with_ids(value, class))?),
            _ => match class.schema().field(name).map(|field| field.kind) {
                Some(Type::Pointer(target)) => (name.clone(), pointing(matching, value, classes::named(target)?)?),
                Some(Type::Array) => (name.clone(), of_list(name, value, &mut more)?),
                _ => (name.clone(), operators(value)?),
            },
        };
        match all.contains_key(&name) {
            true => more.push(json!({ name: value })),
            false => _ = all.insert(name, value),
        }
    }
    if !more.is_empty() {
        if let Some(both) = all.remove("$and") {
            more.push(json!({ "$and": both }));
        }
        all.insert("$and".to_owned(), more.into());
    }
    Ok(all.into())
}

/// Returns the elements of a list. GraphQL also allows a single value in place of a list.
fn listed(value: &Value) -> &[Value] {
    match value {
        Value::Array(all) => all,
        one => std::slice::from_ref(one),
    }
}

/// Translates the condition on one field.
fn operators(given: &Value) -> Result<Value> {
    let given = given.as_object().ok_or_else(|| ApiError::query("a condition is an object, such as {equalTo: ...}"))?;
    let mut translated = Fields::new();
    for (name, value) in given {
        let operator = OPERATORS.iter().find(|(known, _)| known == name).map(|(_, operator)| *operator);
        let operator =
            operator.ok_or_else(|| ApiError::query(format!("{} is not supported", vault::name::quoted(name))))?;
        let value = match operator {
            "$in" | "$nin" => Value::Array(listed(value).to_vec()),
            _ => value.clone(),
        };
        translated.insert(operator.to_owned(), value);
    }
    Ok(translated.into())
}

/// Replaces global ids by the ids within the class.
fn with_ids(given: &Value, class: &'static dyn Class) -> Value {
    let plain = |value: &Value| match value {
        Value::String(id) => own_id(class, id).into(),
        other => other.clone(),
    };
    let Some(given) = given.as_object() else { return given.clone() };
    let translated = given.iter().map(|(name, value)| {
        let value = match value {
            Value::Array(all) => all.iter().map(plain).collect::<Vec<_>>().into(),
            one => plain(one),
        };
        (name.clone(), value)
    });
    Value::Object(translated.collect())
}

/// Translates the condition on a list. `contains` becomes one condition per value.
fn of_list(name: &str, given: &Value, more: &mut Vec<Value>) -> Result<Value> {
    let mut given = given.clone();
    if let Some(contained) = given.as_object_mut().and_then(|fields| fields.remove("contains")) {
        more.extend(listed(&contained).iter().map(|one| json!({ name: one })));
    }
    operators(&given)
}

/// Translates the condition on the object behind a pointer.
fn pointing(matching: &mut Matching<'_>, given: &Value, class: &'static dyn Class) -> Result<Value> {
    let given = given.as_object().ok_or_else(|| ApiError::query("a condition on an object is {have: {...}}"))?;
    let mut translated = Fields::new();
    for (name, value) in given.iter().filter(|(_, value)| !value.is_null()) {
        match &**name {
            "have" => translated.insert("$in".to_owned(), matching(class, value)?.into()),
            "haveNot" => translated.insert("$nin".to_owned(), matching(class, value)?.into()),
            _ => translated.insert("$exists".to_owned(), value.clone()),
        };
    }
    Ok(translated.into())
}

#[cfg(test)]
mod tests {
    use super::super::ids::global_id;
    use super::*;
    use crate::api::classes::secret::SECRET;

    fn parsed(given: &Value) -> Value {
        let mut mia = |class: &'static dyn Class, _: &Value| Ok(vec![pointer(class.schema().class, "m")]);
        let conditions = conditions(&mut mia, given, &SECRET).unwrap();
        let Value::Object(parameters) = json!({ "where": conditions }) else { panic!() };
        Query::read(&parameters, SECRET.schema()).unwrap();
        conditions
    }

    #[test]
    fn graphql_conditions_are_translated_to_query_conditions() {
        for (given, wanted) in [
            (json!({}), json!({})),
            (json!({ "name": { "equalTo": "A" }, "note": null }), json!({ "name": { "$eq": "A" } })),
            (json!({ "name": { "in": "A" } }), json!({ "name": { "$in": ["A"] } })),
            (
                json!({ "name": { "matchesRegex": "a", "options": "i" }, "version": { "greaterThan": 1, "lessThanOrEqualTo": 2 } }),
                json!({ "name": { "$regex": "a", "$options": "i" }, "version": { "$gt": 1, "$lte": 2 } }),
            ),
            (
                json!({ "OR": [{ "name": { "equalTo": "A" } }, { "note": { "exists": false } }] }),
                json!({ "$or": [{ "name": { "$eq": "A" } }, { "note": { "$exists": false } }] }),
            ),
            (
                json!({ "id": { "equalTo": global_id("Secret", "1") }, "objectId": { "in": ["2", global_id("Secret", "3")] } }),
                json!({ "objectId": { "$eq": "1" }, "$and": [{ "objectId": { "$in": ["2", "3"] } }] }),
            ),
            (
                json!({ "owner": { "have": { "username": { "equalTo": "mia" } } } }),
                json!({ "owner": { "$in": [pointer("_User", "m")] } }),
            ),
            (
                json!({ "tags": { "contains": ["a", "b"], "exists": true }, "AND": { "name": { "equalTo": "A" } } }),
                json!({ "tags": { "$exists": true }, "$and": [{ "tags": "a" }, { "tags": "b" }, { "$and": [{ "name": { "$eq": "A" } }] }] }),
            ),
        ] {
            assert_eq!(parsed(&given), wanted, "{given}");
        }
    }

    #[test]
    fn invalid_conditions_are_refused() {
        for given in [
            json!([]),
            json!({ "name": "A" }),
            json!({ "owner": "m" }),
            json!({ "OR": 1 }),
            json!({ "name": { "near": 1 } }),
        ] {
            let refused = conditions(&mut |_, _| Ok(Vec::new()), &given, &SECRET).unwrap_err();
            assert_eq!(refused.code as u16, 102, "{given}");
        }
    }
}
