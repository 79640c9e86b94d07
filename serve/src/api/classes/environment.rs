//! `Environment`: the environments of the vault. Their names and the rights on them are not secret.

use super::{Class, shown, user};
use crate::api::call::Call;
use crate::api::error::Result;
use crate::api::object::Object;
use crate::api::query::Query;
use crate::api::schema::{Field, Schema, Type};
use vault::name::EnvironmentName;
use vault::view;

const SCHEMA: Schema = Schema {
    class: "Environment",
    fields: &[
        Field::read("name", Type::String),
        Field::read("version", Type::Number),
        Field::read("items", Type::Number),
        Field::read("readers", Type::Array),
        Field::read("writers", Type::Array),
        Field::read("updatedBy", Type::String),
        Field::read("protected", Type::Boolean),
        Field::read("pending", Type::Boolean),
    ],
    create: false,
    update: false,
    delete: false,
};

/// The class.
pub struct Environment;

impl Class for Environment {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn all(&self, call: &mut Call<'_>, _: &Query) -> Result<Vec<Object>> {
        let counts: Vec<(EnvironmentName, usize)> =
            call.contents()?.iter().map(|unread| (unread.environment().clone(), unread.count())).collect();
        let vault = call.session()?.vault();
        let access = user::People::new(vault).access(vault);
        let mut objects = Vec::new();
        for (name, save) in vault.last_saves()? {
            let Some(one) = view::Environment::new(vault, save) else { continue };
            let count = counts.iter().find(|(counted, _)| *counted == name).map(|(_, count)| *count);
            let object = shown(&SCHEMA, &one)?.with_some("items", count);
            // A program gets them also where the command line leaves them out.
            let object = object.with("protected", one.protected).with("pending", one.pending);
            objects.push(object.with("ACL", access.get(&name).cloned().unwrap_or_default()));
        }
        Ok(objects)
    }
}
