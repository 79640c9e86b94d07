//! `SecureVault`: the items of kind secret, which are always encrypted.

use super::items::{ItemClass, MAX_TEXT};
use crate::api::schema::{Field, Schema, Type};
use vault::item::Kind;

const SCHEMA: Schema = Schema {
    class: "SecureVault",
    fields: &[
        Field::once("name", Type::String).required(),
        Field::write("value", Type::String).required().secret().at_most(MAX_TEXT),
        Field::write("encrypted", Type::Boolean),
        Field::once("environment", Type::String),
        Field::read("owner", Type::Pointer("_User")),
        Field::read("version", Type::Number),
        Field::read("updatedBy", Type::String),
        Field::write("note", Type::String),
        Field::write("tags", Type::Array),
    ],
    create: true,
    update: true,
    delete: true,
};

/// The class.
pub const SECURE_VAULT: ItemClass = ItemClass { schema: &SCHEMA, name: "name", kind: Some(Kind::Secret) };
