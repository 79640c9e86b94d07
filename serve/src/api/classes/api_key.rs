//! `APIKey`: the items of kind api-key.

use super::items::{ItemClass, MAX_TEXT};
use crate::api::schema::{Field, Schema, Type};
use vault::item::Kind;

const SCHEMA: Schema = Schema {
    class: "APIKey",
    fields: &[
        Field::once("key", Type::String).required(),
        Field::write("value", Type::String).required().secret().asked_for().at_most(MAX_TEXT),
        Field::read("encryptedValue", Type::String).secret(),
        Field::once("environment", Type::String),
        Field::read("owner", Type::Pointer("_User")),
        Field::read("version", Type::Number),
        Field::read("updatedBy", Type::String),
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
pub const API_KEY: ItemClass = ItemClass { schema: &SCHEMA, name: "key", kind: Some(Kind::ApiKey) };
