//! Queries: finding and reading objects.

use super::ids::{from_global_id, id, own_id};
use super::names::type_name;
use super::node::{Node, Wanted, not_given};
use super::page::Page;
use super::shared::Shared;
use super::where_filter;
use crate::api::classes::{self, Class};
use crate::api::object::Fields;
use crate::api::query::Query;
use crate::api::{ApiError, Call, Result, objects};
use async_graphql::parser::types::Field;
use serde_json::Value;
use std::sync::Arc;

/// The result of a list query.
pub struct Connection {
    pub edges: Vec<Edge>,
    /// The position of the first edge among all matches.
    pub begins: usize,
    /// The number of matches, if the query asks for it.
    pub count: usize,
}

/// An object in a list, with its position.
pub struct Edge {
    pub place: usize,
    pub node: Node,
}

/// Reads one object of a class.
pub fn by_id(shared: &Shared, field: &Field, class: &'static dyn Class) -> Result<Node> {
    let id = own_id(class, &id(&shared.document.arguments(field))?);
    read(shared, field, class, &id)
}

/// Reads one object of any class.
pub fn by_global_id(shared: &Shared, field: &Field) -> Result<Node> {
    let id = id(&shared.document.arguments(field))?;
    let (class, id) = from_global_id(&id)
        .ok_or_else(|| ApiError::validation("id must be a global id").hint("use an object's id, not its objectId"))?;
    read(shared, field, classes::named(&class)?, &id)
}

fn read(shared: &Shared, field: &Field, class: &'static dyn Class, id: &str) -> Result<Node> {
    let wanted = Wanted { document: &shared.document, sets: vec![&field.selection_set.node] };
    shared.api.with(shared.token.as_ref(), &shared.client, |call| Node::read(call, class, id, &wanted))
}

/// Finds objects of a class. A list never has values.
pub fn several(shared: &Shared, field: &Field, class: &'static dyn Class) -> Result<Connection> {
    let document = &shared.document;
    let (name, sets) = (type_name(class), vec![&field.selection_set.node]);
    let connection = format!("{name}Connection");
    let selected: Vec<&str> =
        document.selected(&sets, &connection).iter().map(|field| field.name.node.as_str()).collect();
    let edges = document.below(&sets, &connection, "edges");
    let wanted = Wanted { document, sets: document.below(&edges, &format!("{name}Edge"), "node") };
    if let Some(secret) = wanted.secrets(class).first() {
        return Err(not_given(class, secret));
    }
    let arguments = document.arguments(field);
    let page = Page::read(&arguments)?;
    let is_counted = selected.contains(&"count") || selected.contains(&"pageInfo");
    let is_shown = selected.contains(&"edges") || selected.contains(&"pageInfo");
    shared.api.with(shared.token.as_ref(), &shared.client, |call| {
        let mut parameters = parameters(call, &arguments, class)?;
        let begins = match page.is_last {
            true => page.begins(count(call, class, &parameters)?),
            false => page.skip,
        };
        let limit = if is_shown { page.limit } else { Some(0) };
        if let Some(limit) = limit {
            parameters.insert("limit".to_owned(), limit.into());
        }
        parameters.insert("skip".to_owned(), begins.into());
        if is_counted {
            parameters.insert("count".to_owned(), true.into());
        }
        let found = objects::find(call, class, &Query::read(&parameters, class.schema())?)?;
        let mut edges = Vec::with_capacity(found.objects.len());
        for (number, object) in found.objects.into_iter().enumerate() {
            edges.push(Edge {
                place: begins + number,
                node: Node::found(call, class, Arc::unwrap_or_clone(object), &wanted)?,
            });
        }
        Ok(Connection { edges, begins, count: found.count.unwrap_or_default() })
    })
}

/// Returns how many objects there are.
fn count(call: &mut Call<'_>, class: &'static dyn Class, parameters: &Fields) -> Result<usize> {
    let mut counting = parameters.clone();
    counting.extend([("limit".to_owned(), 0.into()), ("count".to_owned(), true.into())]);
    let counted = objects::find(call, class, &Query::read(&counting, class.schema())?)?;
    Ok(counted.count.unwrap_or_default())
}

/// Returns the parameters of every query of a class. Secret fields are excluded, even if only one object matches.
fn parameters(call: &mut Call<'_>, arguments: &Fields, class: &'static dyn Class) -> Result<Fields> {
    let mut parameters = Fields::new();
    if let Some(given) = arguments.get("where").filter(|given| !given.is_null()) {
        parameters.insert("where".to_owned(), where_filter::read(call, given, class)?);
    }
    let secret = class.schema().all().filter(|field| field.is_secret).map(|field| field.name);
    parameters.insert("excludeKeys".to_owned(), secret.collect::<Vec<_>>().join(",").into());
    let order = match arguments.get("order") {
        Some(Value::Array(all)) => all.as_slice(),
        Some(Value::Null) | None => &[],
        Some(one) => std::slice::from_ref(one),
    };
    let words = order.iter().map(|word| word.as_str().and_then(sorted_by)).collect::<Option<Vec<_>>>();
    let words = words.ok_or_else(|| ApiError::query("order takes names such as createdAt_ASC"))?;
    if !words.is_empty() {
        parameters.insert("order".to_owned(), words.join(",").into());
    }
    Ok(parameters)
}

/// Returns the sort order for the query: `name_DESC` becomes `-name`.
fn sorted_by(word: &str) -> Option<String> {
    let (name, direction) = word.rsplit_once('_')?;
    let name = if name == "id" { "objectId" } else { name };
    Some(if direction == "DESC" { format!("-{name}") } else { name.to_owned() })
}
