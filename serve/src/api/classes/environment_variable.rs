//! `EnvironmentVariable`: the items of kind variable.

use super::items::{ItemClass, field};
use crate::api::schema::{Field, Schema, Type};
use vault::item::Kind;

const SCHEMA: Schema = Schema {
    class: "EnvironmentVariable",
    fields: &[
        Field::once("key", Type::String).required(),
        field::VALUE,
        field::ENVIRONMENT,
        field::OWNER,
        field::VERSION,
        field::UPDATED_BY,
        field::NOTE,
        field::TAGS,
    ],
    create: true,
    update: true,
    delete: true,
};

/// The class.
pub const ENVIRONMENT_VARIABLE: ItemClass = ItemClass { schema: &SCHEMA, name: "key", kind: Some(Kind::Variable) };
