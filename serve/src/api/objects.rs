//! Finds, reads and changes objects, in the same way for REST, GraphQL and live queries.

use super::call::Call;
use super::classes::{self, Class, access_log};
use super::error::{ApiError, Code, Result};
use super::object::{Fields, Object, Rows};
use super::query::{Query, Shape};
use super::schema::Type;
use serde_json::Value;
use std::sync::Arc;

/// The most objects in one operation on a list, because each is compared with every element.
const OPERANDS: usize = 256;

/// The result of a query.
#[derive(Debug)]
pub struct Found {
    pub objects: Vec<Arc<Object>>,
    /// The number of all matches whatever the limit, if the query asked for it.
    pub count: Option<usize>,
}

/// Finds objects. They have secret fields only if `keys` names them, and then each read is in the log. A query for a
/// single id reads that object.
pub fn find(call: &mut Call<'_>, class: &dyn Class, query: &Query) -> Result<Found> {
    if let Some(id) = query.single() {
        let object = match get(call, class, id, &query.shape) {
            Err(error) if error.code == Code::NotFound => None,
            object => Some(object?),
        };
        return Ok(Found { objects: object.into_iter().map(Arc::new).collect(), count: None });
    }
    let rows = rows(call, class, query)?;
    let (chosen, count) = query.choose(&rows.all);
    let mut objects: Vec<Arc<Object>> = chosen.into_iter().cloned().collect();
    let is_secret = |name: &str| class.schema().field(name).is_some_and(|field| field.is_secret);
    if class.schema().all().any(|field| field.is_secret && query.shape.names(field.name)) {
        let mut revealed: Vec<Object> = objects.into_iter().map(Arc::unwrap_or_clone).collect();
        class.reveal(call, &mut revealed, &|name| is_secret(name) && query.shape.names(name))?;
        objects = revealed.into_iter().map(Arc::new).collect();
    }
    if !query.shape.is_whole() {
        for object in &mut objects {
            finish(call, class, Arc::make_mut(object), &query.shape)?;
        }
    }
    Ok(Found { objects, count: query.count.then_some(count) })
}

/// Reads one object with its secret fields, unless `keys` leaves them out.
pub fn get(call: &mut Call<'_>, class: &dyn Class, id: &str, shape: &Shape) -> Result<Object> {
    let mut object = [outline(call, class, id)?];
    let is_wanted = |name: &str| {
        let Some(field) = class.schema().field(name).filter(|field| field.is_secret) else { return false };
        if shape.has_keys() { shape.names(name) } else { !field.is_asked_for && !shape.excludes(name) }
    };
    if class.schema().all().any(|field| is_wanted(field.name)) {
        class.reveal(call, &mut object, &is_wanted)?;
    }
    let [mut object] = object;
    finish(call, class, &mut object, shape)?;
    Ok(object)
}

/// Returns one object without its secret fields.
pub fn outline(call: &mut Call<'_>, class: &dyn Class, id: &str) -> Result<Object> {
    let query = Query::default();
    rows(call, class, &query)?.get(id).cloned().ok_or_else(ApiError::object_not_found)
}

/// Returns all objects of a class that the caller may see, without their secret fields.
pub fn all(call: &mut Call<'_>, class: &dyn Class) -> Result<Arc<Rows>> {
    rows(call, class, &Query::default())
}

/// Creates an object.
pub fn create(call: &mut Call<'_>, class: &dyn Class, mut fields: Fields) -> Result<Object> {
    if !class.schema().create {
        return Err(class.forbidden("created"));
    }
    if fields.remove("ACL").is_some() {
        return Err(rights());
    }
    class.schema().check_new(&fields)?;
    class.create(call, fields)
}

/// Changes an object. `version` is the version that it must have, if the caller gave one.
pub fn update(
    call: &mut Call<'_>,
    class: &dyn Class,
    id: &str,
    mut changes: Fields,
    version: Option<u32>,
) -> Result<Object> {
    let before = outline(call, class, id)?;
    if !class.schema().update {
        return Err(class.forbidden("changed"));
    }
    apply_operations(&mut changes, &before.fields)?;
    if changes.get("ACL").is_some_and(|acl| before.fields.get("ACL") != Some(acl)) {
        return Err(rights());
    }
    class.schema().check_change(&mut changes, &before.fields)?;
    if changes.is_empty() && version.is_none() {
        return Ok(before);
    }
    class.update(call, &before, changes, version)
}

/// Deletes an object. `version` is the version that it must have, if the caller gave one.
pub fn delete(call: &mut Call<'_>, class: &dyn Class, id: &str, version: Option<u32>) -> Result<()> {
    let before = outline(call, class, id)?;
    if !class.schema().delete {
        return Err(class.forbidden("removed"));
    }
    class.delete(call, &before, version)
}

/// Returns the objects of a class from which a query chooses. They are kept until the file changes, log entries until
/// the log grows.
pub fn rows(call: &mut Call<'_>, class: &dyn Class, query: &Query) -> Result<Arc<Rows>> {
    let name = class.schema().class;
    if name == access_log::NAME {
        return call.log(query.newest(), |call| class.all(call, query));
    }
    call.objects(name, |call| class.all(call, query))
}

/// Puts in the included objects, and removes the fields that the client doesn't want.
fn finish(call: &mut Call<'_>, class: &dyn Class, object: &mut Object, shape: &Shape) -> Result<()> {
    shape.apply(&mut object.fields);
    for name in &shape.include {
        let Some(id) = object.fields.get(name).and_then(|pointer| pointer["objectId"].as_str()) else { continue };
        let Some(Type::Pointer(target)) = class.schema().field(name).map(|field| field.kind) else { continue };
        // A pointer to a removed object stays a pointer.
        let Ok(included) = outline(call, classes::named(target)?, id) else { continue };
        let mut fields = included.fields;
        fields.insert("__type".to_owned(), "Object".into());
        fields.insert("className".to_owned(), target.into());
        object.fields.insert(name.clone(), Value::Object(fields));
    }
    Ok(())
}

/// The error for a client that sets the ACL of an object.
fn rights() -> ApiError {
    ApiError::new(Code::Forbidden, "the ACL comes from the rights on the environment and can't be set")
        .hint("an admin gives rights: vault grant USER ENV")
}

/// Replaces each operation by the value that it results in: null for `Delete`, and the changed list for the others.
fn apply_operations(changes: &mut Fields, before: &Fields) -> Result<()> {
    for (name, value) in changes.iter_mut() {
        let Some(operation) = value.get("__op").and_then(Value::as_str) else { continue };
        let listed = |value: &Value| value["objects"].as_array().cloned().unwrap_or_default();
        if value["objects"].as_array().is_some_and(|all| all.len() > OPERANDS) {
            return Err(ApiError::validation(format!("{operation} takes at most {OPERANDS} objects at a time")));
        }
        let mut list = before.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        *value = match operation {
            "Delete" => Value::Null,
            "Add" => {
                list.extend(listed(value));
                list.into()
            }
            "AddUnique" => {
                for one in listed(value) {
                    if !list.contains(&one) {
                        list.push(one);
                    }
                }
                list.into()
            }
            "Remove" => {
                let removed = listed(value);
                list.retain(|one| !removed.contains(one));
                list.into()
            }
            other => {
                let other = vault::name::quoted(other);
                return Err(ApiError::new(Code::IncorrectType, format!("{name} doesn't support {other}"))
                    .hint("it takes: Delete, Add, AddUnique, Remove"));
            }
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn operations_apply_to_the_current_value() {
        let before = json!({ "tags": ["a", "b"], "note": "n" });
        let before = before.as_object().unwrap();
        let done = |json: Value| {
            let mut changes = json.as_object().unwrap().clone();
            apply_operations(&mut changes, before).map(|()| Value::Object(changes)).map_err(|error| error.code as u16)
        };
        assert_eq!(done(json!({ "note": { "__op": "Delete" } })), Ok(json!({ "note": null })));
        let add = json!({ "tags": { "__op": "AddUnique", "objects": ["b", "c"] } });
        assert_eq!(done(add), Ok(json!({ "tags": ["a", "b", "c"] })));
        let remove = json!({ "tags": { "__op": "Remove", "objects": ["a"] } });
        assert_eq!(done(remove), Ok(json!({ "tags": ["b"] })));
        let many = json!({ "tags": { "__op": "AddUnique", "objects": (0..=OPERANDS).collect::<Vec<_>>() } });
        assert_eq!(done(many), Err(142));
        assert_eq!(done(json!({ "version": { "__op": "Increment", "amount": 1 } })), Err(111));
    }
}
