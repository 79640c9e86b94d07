//! `Secret`: every item, of any kind.

use super::items::{ItemClass, MAX_TEXT};
use crate::api::schema::{Field, Schema, Type};

const SCHEMA: Schema = Schema {
    class: "Secret",
    fields: &[
        Field::once("name", Type::String).required(),
        Field::write("value", Type::String).required().secret().at_most(MAX_TEXT),
        Field::write("encoding", Type::String).secret().asked_for(),
        Field::write("kind", Type::String),
        Field::once("environment", Type::String),
        Field::read("owner", Type::Pointer("_User")),
        Field::read("version", Type::Number),
        Field::read("updatedBy", Type::String),
        Field::write("deliver", Type::String),
        Field::write("as", Type::String),
        Field::write("provider", Type::String),
        Field::write("expiresAt", Type::Date),
        Field::read("rotateDue", Type::Date),
        Field::write("note", Type::String),
        Field::write("tags", Type::Array),
    ],
    create: true,
    update: true,
    delete: true,
};

/// The class.
pub const SECRET: ItemClass = ItemClass { schema: &SCHEMA, name: "name", kind: None };
