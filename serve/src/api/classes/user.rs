//! `_User`: the users of the vault. It has no password field: a passphrase only opens keys and is not stored.

use super::{Class, shown};
use crate::api::call::Call;
use crate::api::error::Result;
use crate::api::object::Object;
use crate::api::query::Query;
use crate::api::schema::{Field, Schema, Type};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use vault::name::{EnvironmentName, UserName};
use vault::roster::{Change, Environment};
use vault::vault::Vault;
use vault::view;

const SCHEMA: Schema = Schema {
    class: "_User",
    fields: &[
        Field::read("username", Type::String),
        Field::read("email", Type::String),
        Field::read("role", Type::String),
        Field::read("grants", Type::Array),
        Field::read("recipient", Type::String),
        Field::read("slots", Type::Array),
        Field::read("addedBy", Type::String),
        Field::read("issuedBy", Type::String),
    ],
    create: true,
    update: false,
    delete: false,
};

/// The class.
pub struct User;

impl Class for User {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn all(&self, call: &mut Call<'_>, _: &Query) -> Result<Vec<Object>> {
        let vault = call.session()?.vault();
        vault.whole_roster()?.state().users.keys().map(|name| object(vault, name)).collect()
    }
}

/// Returns the caller's own object.
pub fn me(call: &mut Call<'_>) -> Result<Object> {
    let session = call.session()?;
    object(session.vault(), session.user())
}

/// Returns the object of a user.
pub fn object(vault: &Vault, name: &UserName) -> Result<Object> {
    Ok(shown(&SCHEMA, &view::User::new(vault, name)?)?.with("ACL", json!({ "*": { "read": true } })))
}

/// The ids of users by name. Removed users are included, because an item keeps its owner.
pub struct People(HashMap<UserName, String>);

impl People {
    pub fn new(vault: &Vault) -> Self {
        let roster = vault.roster();
        let mut ids = HashMap::new();
        for statement in roster.statements() {
            let name = match &statement.draft.change {
                Change::Create { .. } => &statement.draft.author,
                Change::AddUser { user, .. } => user,
                _ => continue,
            };
            let id = roster.hash_at(statement.version).map(|hash| hash.to_string());
            ids.insert(name.clone(), id.unwrap_or_default());
        }
        ids.extend(roster.state().users.iter().map(|(name, user)| (name.clone(), user.id.to_string())));
        Self(ids)
    }

    /// Returns the id of a user, or an empty string for somebody who never was one.
    pub fn id(&self, name: &UserName) -> String {
        self.0.get(name).cloned().unwrap_or_default()
    }

    /// Returns the rights on each environment, as an ACL.
    pub fn access(&self, vault: &Vault) -> BTreeMap<EnvironmentName, Value> {
        let acl = |environment: &Environment| -> Value {
            let of_user = |user: &UserName| {
                let mut rights = json!({ "read": true });
                if environment.writes(user) {
                    rights["write"] = true.into();
                }
                (self.id(user), rights)
            };
            Value::Object(environment.grants.keys().map(of_user).collect())
        };
        let environments = &vault.roster().state().environments;
        environments.iter().map(|(name, environment)| (name.clone(), acl(environment))).collect()
    }
}
