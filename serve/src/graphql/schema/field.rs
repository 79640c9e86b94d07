//! Fields, and the values that they pass on.

use super::super::error;
use super::super::node::Node;
use super::super::shared::Shared;
use crate::api::Result;
use async_graphql::dynamic::{Field, FieldFuture, FieldValue, ResolverContext, TypeRef};
use async_graphql::parser::types::Field as Selected;

/// Makes a root field that calls the API.
pub fn resolved(
    name: &str,
    kind: TypeRef,
    work: impl Fn(&Shared, &Selected) -> Result<Option<FieldValue<'static>>> + Send + Sync + 'static,
) -> Field {
    Field::new(name, kind, move |context| {
        let done = Shared::from_context(&context).and_then(|shared| work(shared, &context.ctx.item.node));
        let at = context.ctx.path_node.as_ref();
        FieldFuture::new(std::future::ready(done.map_err(|refusal| error::of_field(refusal, at))))
    })
}

/// Makes a field that returns a part of its parent's value.
pub fn part<P: Send + Sync + 'static>(
    name: &str,
    kind: TypeRef,
    of: impl for<'a> Fn(&'a P) -> Option<FieldValue<'a>> + Send + Sync + 'static,
) -> Field {
    Field::new(name, kind, move |context: ResolverContext<'_>| FieldFuture::Value(parent::<P>(&context).and_then(&of)))
}

/// Returns the value of the parent field.
pub fn parent<'a, P: 'static>(context: &ResolverContext<'a>) -> Option<&'a P> {
    context.parent_value.downcast_ref()
}

/// Converts JSON to a value of the GraphQL library.
pub fn value(json: &serde_json::Value) -> Option<FieldValue<'static>> {
    match async_graphql::Value::from_json(json.clone()) {
        Ok(async_graphql::Value::Null) | Err(_) => None,
        Ok(value) => Some(FieldValue::value(value)),
    }
}

/// Returns a node as a value, whose fields can then be read.
pub fn borrowed(node: &Node) -> FieldValue<'_> {
    FieldValue::borrowed_any(node)
}
