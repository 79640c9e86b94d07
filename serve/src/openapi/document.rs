//! Generates the OpenAPI document, and tests that the committed one is the same.

#![allow(clippy::needless_pass_by_value, reason = "every value is made for the document")]
#![allow(clippy::disallowed_methods, reason = "tests read variables that only tests use")]

use super::schemas::{change, made_of, names, new_object, reference, username};
use super::{DOCUMENT, schemas};
use crate::api::functions;
use crate::api::object::Fields;
use crate::api::schema::{Schema, Type};
use crate::api::{classes, query};
use serde_json::{Value, json};

/// The errors of any request, by status.
const ERRORS: [(&str, &str); 12] = [
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
fn responses(status: &str, what: &str, schema: Value) -> Value {
    let mut all = Fields::new();
    all.insert(status.to_owned(), response(what, schema));
    for (status, _) in ERRORS {
        all.insert(status.to_owned(), json!({ "$ref": format!("#/components/responses/{status}") }));
    }
    Value::Object(all)
}

fn response(what: &str, schema: Value) -> Value {
    json!({ "description": what, "content": { "application/json": { "schema": schema } } })
}

fn body(schema: Value) -> Value {
    json!({ "required": true, "content": { "application/json": { "schema": schema } } })
}

/// Makes the body optional: an update without a body changes nothing.
fn optional(body: Value) -> Value {
    with(body, "required", false.into())
}

fn operation(id: &str, summary: &str, responses: Value) -> Value {
    json!({ "operationId": id, "summary": summary, "responses": responses })
}

/// Makes an operation available without a session.
fn open(mut operation: Value) -> Value {
    operation["security"] = json!([]);
    operation
}

fn with(mut operation: Value, name: &str, value: Value) -> Value {
    operation[name] = value;
    operation
}

fn in_query(name: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "query", "schema": schema })
}

fn in_path(name: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "pattern": "^[0-9a-z_-]{32,160}$" } })
}

fn if_match() -> Value {
    json!({ "name": "If-Match", "in": "header", "schema": { "type": "integer", "minimum": 0 } })
}

/// The query parameters that choose the fields of the response.
fn shape(schema: &Schema) -> Vec<Value> {
    let mut all = vec![in_query("keys", names(schema, |_| true)), in_query("excludeKeys", names(schema, |_| true))];
    if schema.fields.iter().any(|field| matches!(field.kind, Type::Pointer(_))) {
        all.push(in_query("include", names(schema, |field| matches!(field.kind, Type::Pointer(_)))));
    }
    all
}

/// Parse's conditions on text fields. The description names the others.
fn condition(schema: &Schema) -> Value {
    let plain = schema.all().filter(|field| field.kind == Type::String && !field.is_secret);
    let properties: Fields = plain.map(|field| (field.name.to_owned(), reference("TextCondition"))).collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn query(schema: &Schema) -> Vec<Value> {
    let sorted = schema.all().filter(|field| !field.is_secret).map(|field| field.name).collect::<Vec<_>>().join("|");
    let order = json!({ "type": "string", "pattern": format!("^(-?({sorted})(,-?({sorted}))*)?$") });
    let mut all = vec![
        json!({ "name": "where", "in": "query", "description": "Also $or and $and, and $lt, $lte, $gt, $gte for numbers and dates",
            "content": { "application/json": { "schema": condition(schema) } } }),
        in_query("order", order),
        in_query(
            "limit",
            json!({ "type": "integer", "minimum": 0, "default": query::USUAL,
                "description": format!("At most {} are returned", query::MOST) }),
        ),
        in_query("skip", json!({ "type": "integer", "minimum": 0 })),
        in_query("count", json!({ "enum": ["1", "0", "true", "false"] })),
    ];
    all.extend(shape(schema));
    all
}

/// Adds the paths of a class.
fn of_class(schema: &Schema, paths: &mut Fields) {
    let class = schema.class;
    let word = class.trim_start_matches('_');
    let find = operation(
        &format!("find{word}"),
        "Find objects, without values unless keys names them",
        responses("200", "What was found", reference(&format!("{class}Results"))),
    );
    let mut of_all = json!({ "get": with(find, "parameters", query(schema).into()) });
    if schema.create && class != "_User" {
        let made = responses("201", "Made", reference("Created"));
        let create = operation(&format!("create{word}"), "Create an object", made);
        of_all["post"] = with(create, "requestBody", body(new_object(schema)));
    }
    let get = operation(
        &format!("get{word}"),
        "Read an object; its value is logged before it is returned",
        responses("200", "The object", reference(class)),
    );
    let mut of_one =
        json!({ "parameters": [in_path("objectId")], "get": with(get, "parameters", shape(schema).into()) });
    if schema.update {
        let changed = responses("200", "Changed", reference("Updated"));
        let update = operation(&format!("update{word}"), "Change an object", changed);
        of_one["put"] =
            with(with(update, "parameters", json!([if_match()])), "requestBody", optional(body(change(schema))));
    }
    if schema.delete {
        let delete = operation(&format!("delete{word}"), "Remove an object", responses("200", "Removed", nothing()));
        of_one["delete"] = with(delete, "parameters", json!([if_match()]));
    }
    paths.insert(format!("/parse/classes/{class}"), of_all);
    paths.insert(format!("/parse/classes/{class}/{{objectId}}"), of_one);
}

fn nothing() -> Value {
    json!({ "type": "object", "additionalProperties": false })
}

/// Adds the paths for users and sessions.
fn of_users(paths: &mut Fields) {
    let user = || json!({ "allOf": [reference("_User"), { "type": "object", "required": ["sessionToken"] }] });
    let text = || json!({ "type": "string", "maxLength": 200 });
    let mut login = made_of(&json!({ "username": username(), "password": text() }));
    login["additionalProperties"] = false.into();
    let log_in = operation("logIn", "Sign in", responses("200", "The user, with the session token", user()));
    paths.insert("/parse/login".to_owned(), json!({ "post": open(with(log_in, "requestBody", body(login.clone()))) }));
    let log_out = operation("logOut", "End the session", responses("200", "Ended", nothing()));
    paths.insert("/parse/logout".to_owned(), json!({ "post": log_out }));
    let me = operation("me", "Who is signed in", responses("200", "The user", user()));
    paths.insert("/parse/users/me".to_owned(), json!({ "get": me }));
    let fields = made_of(
        &json!({ "objectId": { "type": "string" }, "user": { "type": "object" }, "sessionToken": { "type": "string" } }),
    );
    let session = operation("session", "The session itself", responses("200", "The session", fields));
    paths.insert("/parse/sessions/me".to_owned(), json!({ "get": session }));
    let class = classes::ALL.iter().map(|class| class.schema()).find(|schema| schema.class == "_User");
    let Some(schema) = class else { return };
    let find = operation("findUsers", "Find users", responses("200", "What was found", reference("_UserResults")));
    login["properties"]["invitation"] = json!({ "type": "string", "description": "The key that an admin was shown" });
    let mut signed_up = responses("201", "Signed up, with the session token and a recovery key", user());
    signed_up["202"] = response("Asked to be added", reference("Requested"));
    let sign_up = operation("signUp", "Sign up with an invitation, or ask to be added", signed_up);
    // The SDKs for Flutter and .NET sign up on this path. The paths of the classes exist already at this point.
    let mut same = open(with(sign_up.clone(), "requestBody", body(login.clone())));
    same["operationId"] = "signUpAsObject".into();
    if let Some(of_class) = paths.get_mut("/parse/classes/_User") {
        of_class["post"] = same;
    }
    paths.insert(
        "/parse/users".to_owned(),
        json!({
            "get": with(find, "parameters", query(schema).into()),
            "post": open(with(sign_up, "requestBody", body(login))),
        }),
    );
    let get = operation("getUserById", "Read a user", responses("200", "The user", reference("_User")));
    paths.insert(
        "/parse/users/{objectId}".to_owned(),
        json!({
        "parameters": [in_path("objectId")], "get": with(get, "parameters", shape(schema).into()) }),
    );
}

/// The schema of a function's parameter, by its name.
fn parameter(name: &str) -> Value {
    match name {
        "objectId" => json!({ "type": "string", "pattern": "^[0-9a-f]{32}$" }),
        "version" => json!({ "type": "integer", "minimum": 1, "maximum": 1000 }),
        "length" => json!({ "type": "integer", "minimum": 16, "maximum": 128 }),
        "username" => username(),
        "environment" => json!({ "type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,62}$" }),
        "right" => json!({ "enum": ["none", "read", "write"] }),
        "role" => json!({ "enum": ["member", "admin"] }),
        "grants" => json!({ "type": "array", "items": reference("Grant"), "maxItems": 2 }),
        "email" => json!({ "type": "string", "pattern": "^[a-z]{1,20}@example\\.com$" }),
        _ => json!({ "type": "string", "description": "The public keys of a request, one line" }),
    }
}

fn of_functions(paths: &mut Fields) {
    for (name, parameters) in functions::ALL {
        let properties: Fields = parameters.iter().map(|name| ((*name).to_owned(), parameter(name))).collect();
        let is_optional = |parameter: &&&str| {
            ["length", "email", "grants", "keys"].contains(*parameter) || (name, **parameter) == ("addUser", "role")
        };
        let required: Vec<&&str> = parameters.iter().filter(|parameter| !is_optional(parameter)).collect();
        let sent =
            json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
        let result = json!({ "type": "object", "properties": { "result": {} }, "required": ["result"] });
        let run = operation(name, "See docs/serve.md", responses("200", "Done", result));
        let run = if parameters.is_empty() { run } else { with(run, "requestBody", body(sent)) };
        paths.insert(format!("/parse/functions/{name}"), json!({ "post": run }));
    }
}

fn of_server(paths: &mut Fields) {
    let status = made_of(&json!({ "status": { "const": "ok" } }));
    let health = open(operation("health", "Whether the server answers", responses("200", "It answers", status)));
    paths.insert("/parse/health".to_owned(), json!({ "get": health }));
    let schema = json!({ "type": "object", "required": ["className", "fields", "classLevelPermissions"] });
    let results = made_of(&json!({ "results": { "type": "array", "items": schema } }));
    let all = operation("schemas", "Every class", responses("200", "The classes", results));
    paths.insert("/parse/schemas".to_owned(), json!({ "get": all }));
    let names: Vec<&str> = classes::ALL.iter().map(|class| class.schema().class).collect();
    let class = json!({ "name": "class", "in": "path", "required": true, "schema": { "enum": names } });
    let one = operation("schema", "A class", responses("200", "The class", schema));
    paths.insert("/parse/schemas/{class}".to_owned(), json!({ "parameters": [class], "get": one }));
    let request = json!({
        "type": "object",
        "properties": { "method": { "enum": ["GET"] }, "path": { "enum": ["/parse/classes/Secret", "/classes/_User"] } },
        "required": ["method", "path"],
    });
    let sent = json!({ "type": "object", "additionalProperties": false, "required": ["requests"],
        "properties": { "requests": { "type": "array", "items": request, "maxItems": 50 } } });
    let each = json!({ "type": "array", "items": { "type": "object", "maxProperties": 1 } });
    let batch =
        operation("batch", "Several requests for /classes in one", responses("200", "The answers, in order", each));
    paths.insert("/parse/batch".to_owned(), json!({ "post": with(batch, "requestBody", body(sent)) }));
}

fn document() -> Value {
    let mut paths = Fields::new();
    of_server(&mut paths);
    classes::ALL.iter().for_each(|class| of_class(class.schema(), &mut paths));
    of_users(&mut paths);
    of_functions(&mut paths);
    let errors = ERRORS.iter().map(|(status, what)| ((*status).to_owned(), response(what, reference("Error"))));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "vault serve",
            "description": "The REST API of Parse on one vault, on this machine. docs/serve.md says more.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "session": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "session": { "type": "apiKey", "in": "header", "name": "X-Parse-Session-Token" } },
            "responses": errors.collect::<Fields>(),
            "schemas": schemas::all(),
        },
    })
}

#[test]
fn the_committed_document_is_what_the_code_generates() {
    let text = format!("{:#}\n", document());
    if std::env::var_os("VAULT_BLESS").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json"), &text).unwrap();
        return;
    }
    assert!(text == DOCUMENT, "to write serve/openapi.json anew: VAULT_BLESS=1 cargo test -p vault-serve openapi");
}
