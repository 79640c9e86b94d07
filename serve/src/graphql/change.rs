//! Mutations: creating, updating and deleting objects, and calling functions.

use super::ids::{id, own_id};
use super::names::{capital, single, type_name};
use super::node::{Node, Wanted};
use super::shared::Shared;
use crate::api::call::Call;
use crate::api::classes::Class;
use crate::api::object::{Fields, Object};
use crate::api::{ApiError, Result, functions, objects};
use async_graphql::parser::types::Field;
use serde_json::Value;

/// The result of a mutation.
pub struct Payload {
    /// The client's id for this mutation (`clientMutationId`).
    pub name: Value,
    /// The object that was changed.
    pub node: Option<Node>,
    /// The result of a function.
    pub result: Value,
}

/// What a mutation does with an object.
#[derive(Clone, Copy)]
pub enum Change {
    Create,
    Update,
    Delete,
}

impl Change {
    /// Returns the first word of the mutation's name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// Returns the `input` argument of a mutation.
pub fn input(shared: &Shared, field: &Field) -> Result<Fields> {
    match shared.document.arguments(field).remove("input") {
        Some(Value::Object(input)) => Ok(input),
        _ => Err(ApiError::validation("input must be an object")),
    }
}

/// Returns the client's id for a mutation, which the response repeats.
pub fn client_mutation_id(input: &Fields) -> Value {
    input.get("clientMutationId").cloned().unwrap_or_default()
}

/// Creates, updates or deletes an object of a class.
pub fn change(shared: &Shared, field: &Field, class: &'static dyn Class, change: Change) -> Result<Payload> {
    let mut input = input(shared, field)?;
    let fields = fields(&mut input)?;
    let version = version(&input)?;
    let payload = format!("{}{}Payload", capital(change.word()), type_name(class));
    let document = &shared.document;
    let sets = document.below(&[&field.selection_set.node], &payload, &single(class));
    let wanted = Wanted { document, sets };
    let node = shared.api.with(shared.token.as_ref(), &shared.client, |call| match change {
        Change::Create => {
            let object = objects::create(call, class, fields)?;
            changed(call, class, object, &wanted)
        }
        Change::Update => {
            let id = own_id(class, &id(&input)?);
            let object = objects::update(call, class, &id, fields, version)?;
            changed(call, class, object, &wanted)
        }
        Change::Delete => {
            // The object is read before it is deleted.
            let id = own_id(class, &id(&input)?);
            let node = Node::read(call, class, &id, &wanted)?;
            objects::delete(call, class, &id, version)?;
            Ok(node)
        }
    })?;
    Ok(Payload { name: client_mutation_id(&input), node: Some(node), result: Value::Null })
}

/// Returns a changed object. If the client asks for its value, the object is read like any other.
fn changed(call: &mut Call<'_>, class: &'static dyn Class, object: Object, wanted: &Wanted<'_>) -> Result<Node> {
    match wanted.secrets(class).is_empty() {
        true => Node::found(call, class, object, wanted),
        false => Node::read(call, class, object.id(), wanted),
    }
}

/// Calls a function.
pub fn call_function(shared: &Shared, field: &Field) -> Result<Payload> {
    let mut input = input(shared, field)?;
    let name = input.get("functionName").and_then(Value::as_str).unwrap_or_default().to_owned();
    let version = version(&input)?;
    let parameters = match input.remove("params") {
        None | Some(Value::Null) => Fields::new(),
        Some(Value::Object(parameters)) => parameters,
        Some(_) => return Err(ApiError::validation("params must be an object")),
    };
    let run = |call: &mut Call<'_>| functions::run(call, &name, &parameters, version);
    let result = shared.api.with(shared.token.as_ref(), &shared.client, run)?;
    Ok(Payload { name: client_mutation_id(&input), node: None, result })
}

/// Returns the fields to set.
pub fn fields(input: &mut Fields) -> Result<Fields> {
    match input.remove("fields") {
        None | Some(Value::Null) => Ok(Fields::new()),
        Some(Value::Object(fields)) => Ok(fields),
        Some(_) => Err(ApiError::validation("fields must be an object")),
    }
}

/// Returns the version that the object must have.
fn version(input: &Fields) -> Result<Option<u32>> {
    match input.get("version") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
            number.map(Some).ok_or_else(|| ApiError::validation("version must be a whole number"))
        }
    }
}
