//! The JSON Schemas of requests and responses.

use crate::api::classes;
use crate::api::object::Fields;
use crate::api::schema::{Field, Schema, Set, Type};
use serde_json::{Value, json};
use vault::error::Reason;

/// The words that a field of this name accepts.
fn words(name: &str) -> Option<Value> {
    match name {
        "kind" => Some(json!(["secret", "variable", "api-key"])),
        "deliver" => Some(json!(["variable", "file", "none"])),
        "encoding" => Some(json!(["base64"])),
        "role" => Some(json!(["member", "admin"])),
        _ => None,
    }
}

/// The schema of a field in a response.
fn read(field: &Field) -> Value {
    match field.kind {
        // `createdAt` and `updatedAt` are plain text.
        Type::Date if field.set == Set::Never && ["createdAt", "updatedAt"].contains(&field.name) => moment(),
        Type::Array if field.name == "grants" => json!({ "type": "array", "items": reference("Grant") }),
        kind => of_type(kind),
    }
}

fn of_type(kind: Type) -> Value {
    match kind {
        Type::String => json!({ "type": "string" }),
        Type::Number => json!({ "type": "integer", "minimum": 0 }),
        Type::Boolean => json!({ "type": "boolean" }),
        Type::Date => reference("Date"),
        Type::Array => json!({ "type": "array", "items": { "type": "string" } }),
        Type::Pointer(class) => {
            json!({ "anyOf": [pointer(class), { "type": "object", "required": ["objectId", "__type"] }] })
        }
        Type::Acl => json!({ "type": "object", "additionalProperties": { "type": "object" } }),
    }
}

/// The schema of a field in a request.
fn written(field: &Field) -> Value {
    if let Some(words) = words(field.name) {
        return json!({ "type": "string", "enum": words });
    }
    match (field.kind, field.name) {
        (Type::String, "name" | "key") => json!({ "type": "string", "pattern": "^[A-Z][A-Z0-9_]{3,60}$" }),
        (Type::String, "environment") => json!({ "type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,62}$" }),
        (Type::String, "as") => json!({ "type": "string", "pattern": "^([A-Za-z_][A-Za-z0-9_]{0,60})?$" }),
        // The limit of a value is in bytes, which JSON Schema can't say.
        (Type::String, "value") => of_type(Type::String),
        (Type::String, _) => json!({ "type": "string", "maxLength": field.longest }),
        (Type::Boolean, "encrypted") => json!({ "const": true }),
        (Type::Array, _) => {
            json!({ "type": "array", "items": { "type": "string", "pattern": "^[a-z0-9-]{1,20}$" } })
        }
        (Type::Date, _) => reference("NewDate"),
        (kind, _) => of_type(kind),
    }
}

/// The schema of an object in a response.
pub fn object(schema: &Schema) -> Value {
    let properties: Fields = schema.all().map(|field| (field.name.to_owned(), read(field))).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": ["objectId", "createdAt", "updatedAt"],
    })
}

/// The schema of a new object.
pub fn new_object(schema: &Schema) -> Value {
    let settable = schema.fields.iter().filter(|field| field.set != Set::Never);
    let properties: Fields = settable.map(|field| (field.name.to_owned(), written(field))).collect();
    let required: Vec<&str> = schema.fields.iter().filter(|field| field.is_required).map(|field| field.name).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// The schema of a change.
pub fn change(schema: &Schema) -> Value {
    let settable = schema.fields.iter().filter(|field| field.set == Set::Always);
    // Null removes the field's value.
    let nullable = |field: &Field| json!({ "anyOf": [written(field), { "type": "null" }] });
    let changed = |field: &Field| if field.is_required { written(field) } else { nullable(field) };
    let properties: Fields = settable.map(|field| (field.name.to_owned(), changed(field))).collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// The schema of field names with commas between them.
pub fn names(schema: &Schema, is_meant: impl Fn(&Field) -> bool) -> Value {
    let names: Vec<&str> = schema.all().filter(|field| is_meant(field)).map(|field| field.name).collect();
    let one = names.join("|");
    json!({ "type": "string", "pattern": format!("^(({one})(,({one}))*)?$") })
}

/// A reference to one of [`all`].
pub fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn pointer(class: &str) -> Value {
    json!({
        "type": "object",
        "properties": { "__type": { "const": "Pointer" }, "className": { "const": class }, "objectId": { "type": "string" } },
        "required": ["__type", "className", "objectId"],
    })
}

fn moment() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

fn strings() -> Value {
    json!({ "type": "array", "items": { "type": "string" } })
}

/// The schema of a user name.
pub fn username() -> Value {
    json!({ "type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,62}$" })
}

/// The schema of an object with these properties, all required.
pub fn made_of(properties: &Value) -> Value {
    let required: Vec<&String> = properties.as_object().map(|fields| fields.keys().collect()).unwrap_or_default();
    json!({ "type": "object", "properties": properties, "required": required })
}

/// Every schema that has a name.
pub fn all() -> Fields {
    let mut all = Fields::new();
    let mut add = |name: &str, schema: Value| all.insert(name.to_owned(), schema);
    for class in classes::ALL {
        let schema = class.schema();
        add(schema.class, object(schema));
        let results = json!({ "type": "array", "items": reference(schema.class) });
        add(
            &format!("{}Results", schema.class),
            json!({ "type": "object", "required": ["results"],
                "properties": { "results": results, "count": { "type": "integer", "minimum": 0 } } }),
        );
    }
    add(
        "TextCondition",
        json!({ "anyOf": [
            { "type": "string" },
            { "type": "object", "minProperties": 1, "additionalProperties": false, "properties": {
                "$ne": { "type": "string" }, "$in": { "type": "array", "items": { "type": "string" } },
                "$nin": { "type": "array", "items": { "type": "string" } }, "$exists": { "type": "boolean" },
                "$regex": { "type": "string", "maxLength": 1024 } } },
        ] }),
    );
    add(
        "Error",
        json!({
            "type": "object",
            "properties": {
                "code": { "type": "integer", "description": "Parse's code" },
                "error": { "type": "string" },
                "hint": { "type": "string" },
                "reason": {
                    "enum": Reason::ALL.iter().map(|reason| reason.word()).collect::<Vec<_>>(),
                    "description": "Why the vault refused the request, as in the JSON of the command line",
                },
                "accept": {
                    "type": "object",
                    "properties": { "orphans": strings(), "unmanaged": strings() },
                    "additionalProperties": false,
                    "description": "Environments that the change would leave behind. To make it anyway, add them to \
                        the parameters of these names",
                },
            },
            "required": ["code", "error"],
            "additionalProperties": false,
        }),
    );
    add(
        "Date",
        json!({
            "type": "object",
            "properties": { "__type": { "const": "Date" }, "iso": { "type": "string", "format": "date-time" } },
            "required": ["__type", "iso"],
        }),
    );
    add(
        "NewDate",
        json!({
            "type": "object",
            "properties": { "__type": { "const": "Date" }, "iso": { "type": "string", "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T[01][0-9]:[0-5][0-9]:[0-5][0-9]\\.000Z$" } },
            "required": ["__type", "iso"],
        }),
    );
    add(
        "Grant",
        json!({
            "type": "object",
            "properties": {
                "environment": { "type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,62}$" },
                "right": { "enum": ["read", "write"] },
            },
            "required": ["environment", "right"],
            "additionalProperties": false,
        }),
    );
    add(
        "Created",
        json!({
            "type": "object",
            "properties": { "objectId": { "type": "string" }, "createdAt": moment(), "version": { "type": "integer" } },
            "required": ["objectId", "createdAt", "version"],
            "additionalProperties": false,
        }),
    );
    add(
        "Updated",
        json!({
            "type": "object",
            "properties": { "updatedAt": moment(), "version": { "type": "integer" } },
            "required": ["updatedAt", "version"],
            "additionalProperties": false,
        }),
    );
    add(
        "Requested",
        made_of(&json!({
            "username": username(), "requested": { "const": true }, "createdAt": moment(), "keys": { "type": "string" },
            "fingerprint": { "type": "string" }, "recoveryKey": { "type": "string" },
        })),
    );
    all
}
