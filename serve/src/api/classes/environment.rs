//! `Environment`: the environments of the vault. Their names and the rights on them are not secret.

use super::{Class, user};
use crate::api::call::Call;
use crate::api::error::Result;
use crate::api::object::Object;
use crate::api::query::Query;
use crate::api::schema::{Field, Schema, Type};
use vault::name::{EnvironmentName, UserName};
use vault::roster;
use vault::vault::{Standing, Vault};

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
        let access = user::People::of(vault).access(vault);
        let standings = vault.standings()?;
        let mut objects = Vec::new();
        for (name, environment) in &vault.roster().state().environments {
            let count = counts.iter().find(|(counted, _)| counted == name).map(|(_, count)| *count);
            let is_pending = standings.get(name) == Some(&Standing::Pending);
            let object = object(vault, name, environment).with_some("items", count).with("pending", is_pending);
            objects.push(object.with("ACL", access.get(name).cloned().unwrap_or_default()));
        }
        Ok(objects)
    }
}

fn object(vault: &Vault, name: &EnvironmentName, environment: &roster::Environment) -> Object {
    let id = vault.roster().hash_at(environment.added).map(|hash| format!("{hash}-{name}")).unwrap_or_default();
    let saved = vault.file().block(name).map(|block| &block.statement);
    let names = |is_in: &dyn Fn(&UserName) -> bool| -> Vec<&str> {
        environment.grants.keys().filter(|user| is_in(user)).map(UserName::as_str).collect()
    };
    let updated = saved.map_or(environment.added_at, vault::file::BlockStatement::written);
    Object::new(SCHEMA.class, id, environment.added_at, updated)
        .with("name", name.as_str())
        .with_some("version", saved.map(|saved| saved.version))
        .with_some("updatedBy", saved.map(|saved| saved.author.as_str()))
        .with("readers", names(&|user| environment.reads(user)))
        .with("writers", names(&|user| environment.writes(user)))
        .with("protected", environment.is_protected())
}
