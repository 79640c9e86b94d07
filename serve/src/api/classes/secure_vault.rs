//! `SecureVault`: the items of kind secret, which are always encrypted.

use super::items::{ItemClass, field};
use crate::api::schema::{Field, Schema, Type};
use vault::item::Kind;

const SCHEMA: Schema = Schema {
    class: "SecureVault",
    fields: &[
        Field::once("name", Type::String).required(),
        field::VALUE,
        Field::write("encrypted", Type::Boolean),
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
pub const SECURE_VAULT: ItemClass = ItemClass { schema: &SCHEMA, name: "name", kind: Some(Kind::Secret) };
