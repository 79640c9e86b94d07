//! The functions: what can be done with an object besides creating, updating and deleting it. Parse calls them cloud
//! functions.

use super::call::Call;
use super::classes::secret;
use super::error::{ApiError, Code, Result};
use super::object::{Fields, moment};
use super::objects;
use super::parameters::{number, text};
use super::people;
use serde_json::{Value, json};
use vault::actions::rollback::roll_back_if;
use vault::actions::rotate::renew_if;
use vault::actions::{Expected, Place};
use vault::generate::Material;
use vault::vault::Session;

/// The names of all functions, with their parameters.
pub const ALL: [(&str, &[&str]); 9] = [
    ("history", &["objectId"]),
    ("rollback", &["objectId", "version"]),
    ("rotate", &["objectId", "length"]),
    ("grant", &["username", "environment", "right", "orphans", "empty", "restore"]),
    ("requests", &[]),
    ("addUser", &["username", "email", "role", "grants", "keys"]),
    ("refuseRequest", &["username"]),
    ("removeUser", &["username", "keepIssued", "orphans", "empty", "restore"]),
    ("setRole", &["username", "role", "unmanaged"]),
];

/// Runs a function. `version` is the version that the item must have, if the caller gave one.
pub fn run(call: &mut Call<'_>, name: &str, fields: &Fields, version: Option<u32>) -> Result<Value> {
    let (_, known) = ALL.iter().find(|(known, _)| *known == name).ok_or_else(|| {
        let names: Vec<&str> = ALL.iter().map(|(name, _)| *name).collect();
        ApiError::new(Code::ScriptFailed, format!("Invalid function: {}", vault::name::quoted(name)))
            .hint(format!("the functions are: {}", names.join(", ")))
    })?;
    if let Some(other) = fields.keys().find(|field| !known.contains(&field.as_str())) {
        let other = vault::name::quoted(other);
        let takes = if known.is_empty() { "nothing".to_owned() } else { known.join(", ") };
        return Err(ApiError::validation(format!("{name} has no parameter {other}")).hint(format!("it takes: {takes}")));
    }
    if version.is_some() && !["rollback", "rotate"].contains(&name) {
        return Err(ApiError::validation(format!("{name} doesn't take a version"))
            .hint("rollback and rotate take one: If-Match, or version in GraphQL"));
    }
    match name {
        "history" => history(call, fields),
        "rollback" => rollback(call, fields, version),
        "rotate" => rotate(call, fields, version),
        "requests" => people::requests(call),
        "addUser" => people::add(call, fields),
        "refuseRequest" => people::refuse(call, fields),
        "removeUser" => people::remove(call, fields),
        "setRole" => people::set_role(call, fields),
        _ => people::grant(call, fields),
    }
}

/// Returns the versions of an item without their values, the newest first.
fn history(call: &mut Call<'_>, fields: &Fields) -> Result<Value> {
    let ((environment, name), _) = item(call, fields)?;
    let unread = call.contents()?.iter().find(|unread| *unread.environment() == environment);
    let outline = unread.ok_or_else(ApiError::object_not_found)?.item(&name)?;
    let current = outline.current().number();
    let mut versions = Vec::new();
    for version in outline.versions() {
        versions.push(json!({
            "version": version.number(),
            "createdAt": moment(version.set_at()),
            "createdBy": version.set_by().as_str(),
            "current": version.number() == current,
            "rotateDue": version.rotate_due().map(moment),
        }));
    }
    Ok(versions.into())
}

/// Makes an earlier value the current one, as a new version.
fn rollback(call: &mut Call<'_>, fields: &Fields, version: Option<u32>) -> Result<Value> {
    let to = number(fields, "version")?.ok_or_else(|| ApiError::validation("version is required"))?;
    change(call, fields, version, |session, place, expected| Ok(roll_back_if(session, place, Some(to), expected)?.to))
}

/// Gives an item a random value.
fn rotate(call: &mut Call<'_>, fields: &Fields, version: Option<u32>) -> Result<Value> {
    let length = number(fields, "length")?.map(|length| length as usize);
    let value = Material::default().recipe(length)?.generate()?;
    change(call, fields, version, |session, place, expected| {
        Ok(renew_if(session, place, &value, expected)?.secret.version)
    })
}

/// Gives an item another value with `action`, if it has the required version, and returns the new version.
fn change(
    call: &mut Call<'_>,
    fields: &Fields,
    version: Option<u32>,
    action: impl FnOnce(&mut Session, &Place, Expected<'_>) -> vault::Result<u32>,
) -> Result<Value> {
    let (place, id) = item(call, fields)?;
    let expected = Expected::Item { id: Some(&id), version };
    let number = call.act(|session| action(session, &place, expected))?;
    Ok(json!({ "objectId": id, "version": number }))
}

/// Returns the item that the parameter `objectId` names, and its id.
fn item(call: &mut Call<'_>, fields: &Fields) -> Result<(Place, String)> {
    let id = text(fields, "objectId")?;
    let object = objects::outline(call, &secret::SECRET, id)?;
    let place = object.item.ok_or_else(ApiError::object_not_found)?;
    Ok((place, id.to_owned()))
}
