//! `AccessLog`: the entries of the access log on this device that the user's keys open: a user's own, and for an admin
//! everybody's.

use super::{Class, secret, shown, user};
use crate::api::call::Call;
use crate::api::error::Result;
use crate::api::object::{Object, Rows, moment, pointer};
use crate::api::query::Query;
use crate::api::schema::{Field, Schema, Type};
use serde_json::json;
use std::collections::HashMap;
use vault::log::{Extent, Line};
use vault::view;

/// The name of the class.
pub const NAME: &str = "AccessLog";
/// The requests that one request for the log counts as, because it reads the log files.
pub const COST: usize = 10;

const SCHEMA: Schema = Schema {
    class: NAME,
    fields: &[
        Field::read("secret", Type::Pointer("Secret")),
        Field::read("secrets", Type::Array),
        Field::read("user", Type::Pointer("_User")),
        Field::read("accessTime", Type::Date),
        Field::read("action", Type::String),
        Field::read("environment", Type::String),
        Field::read("program", Type::String),
        Field::read("host", Type::String),
        Field::read("device", Type::String),
        Field::read("number", Type::Number),
        Field::read("outcome", Type::String),
        Field::read("reason", Type::String),
        Field::read("note", Type::String),
    ],
    create: false,
    update: false,
    delete: false,
};

/// The class.
pub struct AccessLog;

impl Class for AccessLog {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn all(&self, call: &mut Call<'_>, query: &Query) -> Result<Vec<Object>> {
        let items = Items::read(call)?;
        let session = call.session()?;
        let people = user::People::new(session.vault());
        let extent = query.newest().map_or(Extent::Whole, Extent::Last);
        let logs = session.logs_here(extent)?;
        // An answer can't have both entries and an error, and the entries that a broken log still has prove nothing.
        logs.check()?;
        let mut objects = Vec::new();
        for line in logs.lines() {
            let object = object(&line?, &people, &items)?;
            // A log may be long, so entries that don't match are dropped here.
            if query.matches(&object) {
                objects.push(object);
            }
        }
        Ok(objects)
    }
}

fn object(line: &Line, people: &user::People, items: &Items) -> Result<Object> {
    let entry = &line.entry;
    let names: Vec<&str> = line.items().iter().map(vault::secret::TextPart::as_str).collect();
    let owner = people.id(&line.user);
    let only = match (&names[..], &entry.environment) {
        ([only], Some(environment)) => items.id(environment, only),
        _ => None,
    };
    let object = shown(&SCHEMA, &view::AccessLog::new(line))?
        .with("updatedAt", moment(entry.time))
        .with("user", pointer("_User", &owner))
        .with_some("secret", only.map(|id| pointer("Secret", id)));
    Ok(object.with("ACL", json!({ owner: { "read": true } })))
}

/// The ids of the current items, by environment and name.
struct Items(HashMap<(String, String), String>);

impl Items {
    fn read(call: &mut Call<'_>) -> Result<Self> {
        let rows: std::sync::Arc<Rows> = call.objects("Secret", |call| secret::SECRET.all(call, &Query::default()))?;
        let place = |object: &Object| (object.text("environment").to_owned(), object.text("name").to_owned());
        Ok(Self(rows.all.iter().map(|object| (place(object), object.id().to_owned())).collect()))
    }

    fn id(&self, environment: &str, name: &str) -> Option<&str> {
        self.0.get(&(environment.to_owned(), name.to_owned())).map(String::as_str)
    }
}
