//! `Secret`: every item, of any kind.

use super::items::{ItemClass, field};
use crate::api::schema::{Field, Schema, Type};

const SCHEMA: Schema = Schema {
    class: "Secret",
    fields: &[
        Field::once("name", Type::String).required(),
        field::VALUE,
        Field::write("encoding", Type::String).secret().asked_for(),
        Field::write("kind", Type::String),
        field::ENVIRONMENT,
        field::OWNER,
        field::VERSION,
        field::UPDATED_BY,
        Field::write("deliver", Type::String),
        Field::write("as", Type::String),
        field::PROVIDER,
        field::EXPIRES_AT,
        field::ROTATE_DUE,
        field::NOTE,
        field::TAGS,
    ],
    create: true,
    update: true,
    delete: true,
};

/// The class.
pub const SECRET: ItemClass = ItemClass { schema: &SCHEMA, name: "name", kind: None };
