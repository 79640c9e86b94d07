//! Generates the OpenAPI document, and tests that the committed one is the same.

#![allow(clippy::needless_pass_by_value, reason = "every value is made for the document")]
#![allow(clippy::disallowed_methods, reason = "tests read variables that only tests use")]

use super::parts::{ERRORS, body, open, operation, optional, response, responses, with};
use super::schemas::{change, made_of, names, new_object, reference, username};
use super::{DOCUMENT, functions, schemas};
use crate::api::object::Fields;
use crate::api::schema::{Schema, Type};
use crate::api::{classes, query};
use serde_json::{Value, json};

const DESCRIPTION: &str = "The REST API of Parse on one vault, on this machine. Sign in at /parse/login, and send the \
sessionToken of the response as X-Parse-Session-Token. Lists contain no values unless keys names them, and one object has its \
value. Each value is returned after its entry in the access log. X-Vault-Client names the client there, and X-Vault-Reason \
says why a value is needed, which a protected environment requires.";

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
    let with_key = json!({ "allOf": [reference("_User"), { "type": "object", "required": ["recoveryKey"] }] });
    let what = "Signed up, with a recovery key, and the session token if a session could begin";
    let mut signed_up = responses("201", what, with_key);
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
    functions::add(&mut paths);
    let errors = ERRORS.iter().map(|(status, what)| ((*status).to_owned(), response(what, reference("Error"))));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "vault serve",
            "description": DESCRIPTION,
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
