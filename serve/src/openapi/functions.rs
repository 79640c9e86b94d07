//! The paths of the functions.

use super::parts::{body, operation, responses, with};
use super::schemas::{reference, username};
use crate::api::functions::ALL;
use crate::api::object::Fields;
use serde_json::{Value, json};

/// What a function does.
fn summary(name: &str) -> &'static str {
    match name {
        "history" => "List the versions of an item, newest first, without values",
        "rollback" => "Make an earlier value the current one, as a new version",
        "rotate" => "Set a random value of 32 letters and digits, or of this length; the response does not contain it",
        "grant" => {
            "Set a user's right on an environment. If the user loses a right, rotate lists what they have seen, pending \
             the environments that wait for the next save, knownKeys the users whose keys they may still have, and \
             unmanaged the environments on which nobody can give rights any more. If nobody could read or change the \
             environment any more, it must be in orphans. If it can't be read, empty continues without its items, and \
             restore with those at a git revision; for admins"
        }
        "requests" => "List who asked to join; for admins",
        "addUser" => "Add a user with the keys of a request, or with a new key, which is shown once; for admins",
        "refuseRequest" => "Delete a request to join; for admins",
        "removeUser" => {
            "Remove a user and, without keepIssued, those whose keys they may still have. It takes orphans, empty and \
             restore, and returns rotate, pending, knownKeys and unmanaged, as grant does; users are all who were \
             removed, and added those whom the user had added; for admins"
        }
        "setRole" => {
            "Make a user an admin or a member. If nobody could give rights on an environment any more, it must be in \
             unmanaged; returns knownKeys and unmanaged as grant does; for admins"
        }
        _ => panic!("{name} has no summary"),
    }
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
        "keepIssued" => json!({ "type": "boolean" }),
        "restore" => json!({
            "type": "object",
            "propertyNames": parameter("environment"),
            "additionalProperties": { "type": "string" },
        }),
        "empty" | "orphans" | "unmanaged" => json!({ "type": "array", "items": parameter("environment") }),
        "email" => json!({ "type": "string", "pattern": "^[a-z]{1,20}@example\\.com$" }),
        _ => json!({ "type": "string", "description": "The public keys of a request, one line" }),
    }
}

/// Adds the paths of the functions.
pub(super) fn add(paths: &mut Fields) {
    for (name, parameters) in ALL {
        let properties: Fields = parameters.iter().map(|name| ((*name).to_owned(), parameter(name))).collect();
        let is_optional = |parameter: &&&str| {
            ["email", "empty", "grants", "keepIssued", "keys", "length", "orphans", "restore", "unmanaged"]
                .contains(*parameter)
                || (name, **parameter) == ("addUser", "role")
        };
        let required: Vec<&&str> = parameters.iter().filter(|parameter| !is_optional(parameter)).collect();
        let sent =
            json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false });
        let result = json!({ "type": "object", "properties": { "result": {} }, "required": ["result"] });
        let run = operation(name, summary(name), responses("200", "Done", result));
        let run = if parameters.is_empty() { run } else { with(run, "requestBody", body(sent)) };
        paths.insert(format!("/parse/functions/{name}"), json!({ "post": run }));
    }
}
