//! The parts of every operation: its responses, its body, and whether it needs a session.

#![allow(clippy::needless_pass_by_value, reason = "every value is made for the document")]

use crate::api::object::Fields;
use serde_json::{Value, json};

/// The errors of any request, by status.
pub(super) const ERRORS: [(&str, &str); 12] = [
    ("400", "The request is invalid"),
    ("401", "Nobody is signed in, or the session has ended"),
    ("403", "Not allowed, or not from this origin"),
    ("404", "There is no such object"),
    ("405", "The path doesn't support this method; see Allow"),
    ("408", "The body did not arrive in time"),
    ("412", "The object's version differs from If-Match"),
    ("413", "The body is too large"),
    ("415", "The content type is not JSON"),
    ("421", "The server is not known by this host name"),
    ("429", "Too many requests or attempts; see Retry-After"),
    ("503", "Another process holds the vault's lock, or the server is shutting down"),
];

/// The responses of an operation: its success and all errors.
pub(super) fn responses(status: &str, what: &str, schema: Value) -> Value {
    let mut all = Fields::new();
    all.insert(status.to_owned(), response(what, schema));
    for (status, _) in ERRORS {
        all.insert(status.to_owned(), json!({ "$ref": format!("#/components/responses/{status}") }));
    }
    Value::Object(all)
}

pub(super) fn response(what: &str, schema: Value) -> Value {
    json!({ "description": what, "content": { "application/json": { "schema": schema } } })
}

pub(super) fn body(schema: Value) -> Value {
    json!({ "required": true, "content": { "application/json": { "schema": schema } } })
}

/// Makes the body optional: an update without a body changes nothing.
pub(super) fn optional(body: Value) -> Value {
    with(body, "required", false.into())
}

pub(super) fn operation(id: &str, summary: &str, responses: Value) -> Value {
    json!({ "operationId": id, "summary": summary, "responses": responses })
}

/// Makes an operation available without a session.
pub(super) fn open(mut operation: Value) -> Value {
    operation["security"] = json!([]);
    operation
}

pub(super) fn with(mut operation: Value, name: &str, value: Value) -> Value {
    operation[name] = value;
    operation
}
