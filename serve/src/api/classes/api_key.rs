//! `APIKey`: the items of kind api-key.

use super::items::{ItemClass, field};
use crate::api::schema::{Field, Schema, Type};
use vault::item::Kind;

const SCHEMA: Schema = Schema {
    class: "APIKey",
    fields: &[
        Field::once("key", Type::String).required(),
        field::VALUE.asked_for(),
        Field::read("encryptedValue", Type::String).secret(),
        field::ENVIRONMENT,
        field::OWNER,
        field::VERSION,
        field::UPDATED_BY,
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
pub const API_KEY: ItemClass = ItemClass { schema: &SCHEMA, name: "key", kind: Some(Kind::ApiKey) };
