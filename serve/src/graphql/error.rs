//! GraphQL's form of errors. Everything but the message is in the extensions.

use crate::api::{ApiError, Code};

use async_graphql::{ErrorExtensionValues, QueryPathNode, Response};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// The most errors in one response. A wrong document can cause one per field.
const MOST: usize = 20;

/// The path of the field that failed.
struct Path(Value);

/// Makes the error of a field. The library doesn't report the path, so the error carries it.
pub fn of_field(error: ApiError, at: Option<&QueryPathNode<'_>>) -> async_graphql::Error {
    let mut extensions = ErrorExtensionValues::default();
    for (name, detail) in error.details() {
        extensions.set(name, async_graphql::Value::from_json(detail).unwrap_or_default());
    }
    if let Some(seconds) = error.retry_after {
        extensions.set("retryAfter", seconds);
    }
    let path = at.and_then(|node| serde_json::to_value(node).ok()).map(|path| Arc::new(Path(path)));
    async_graphql::Error { message: error.message, source: path.map(|path| path as _), extensions: Some(extensions) }
}

/// The body of a response. Its fields have the order of the query.
#[derive(Serialize)]
pub struct Body<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a async_graphql::Value>,
}

impl<'a> Body<'a> {
    /// Makes the body. If the document was refused and nothing ran, it has only errors.
    pub fn new(response: &'a Response) -> Self {
        let mut errors: Vec<Value> = Vec::new();
        let mut was_run = response.errors.is_empty() || response.data != async_graphql::Value::Null;
        for error in response.errors.iter().take(MOST) {
            let mut json =
                serde_json::to_value(error).unwrap_or_else(|_| json!({ "message": "the error can't be written" }));
            // Errors of fields have a code. All others are the library's: it refuses a document that isn't valid, or can't
            // use what a field gave, which is a fault of this server. Only the latter has a path.
            if json["extensions"]["code"].is_null() {
                let code = if error.path.is_empty() { Code::InvalidQuery } else { Code::Internal };
                json["extensions"]["code"] = (code as u16).into();
            }
            if let Some(Path(path)) = error.source::<Path>() {
                json["path"] = path.clone();
            }
            was_run |= !json["path"].is_null();
            errors.push(json);
        }
        Self { errors, data: was_run.then_some(&response.data) }
    }

    /// Returns whether anything ran.
    pub fn was_run(&self) -> bool {
        self.data.is_some()
    }
}

/// Returns the body of the response to a refused request.
pub fn refusal(error: &ApiError) -> Value {
    json!({ "errors": [{ "message": error.message, "extensions": error.details() }] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::dynamic::{Field, FieldFuture, FieldValue, Object, Schema, TypeRef};
    use async_graphql::{Pos, ServerError};

    #[test]
    fn an_error_keeps_its_code_whatever_its_message_says() {
        let at = Some(Pos::from((1, 1)));
        let ours = of_field(ApiError::object_not_found(), None).into_server_error(Pos::from((1, 1)));
        let others = ["internal: x", "Unknown field"].map(|message| ServerError::new(message, at));
        let response = Response::from_errors([vec![ours], others.into()].concat());
        let json = serde_json::to_value(Body::new(&response)).unwrap();
        let codes: Vec<_> =
            json["errors"].as_array().unwrap().iter().map(|error| &error["extensions"]["code"]).collect();
        assert_eq!(codes, [101, 102, 102]);
    }
    #[tokio::test]
    async fn a_fault_of_the_schema_is_an_internal_error_and_an_invalid_document_is_not() {
        let wrong = Field::new("wrong", TypeRef::named_nn(TypeRef::INT), |_| FieldFuture::from_value(None));
        let ours = Field::new("ours", TypeRef::named(TypeRef::INT), |_| {
            let refused = Err::<Option<FieldValue<'_>>, _>(of_field(ApiError::object_not_found(), None));
            FieldFuture::new(std::future::ready(refused))
        });
        let query = Object::new("Query").field(wrong).field(ours);
        let schema = Schema::build("Query", None, None).register(query).finish().unwrap();
        for (document, code) in [
            ("{ wrong }", 1),
            ("{ ours }", 101),
            ("{ unknown }", 102),
            ("{ ours(a: 1) }", 102),
            // The library notices this only while the document runs.
            ("query A($name: String) { __type(name: $name) { name } }", 102),
        ] {
            let response = schema.execute(document).await;
            let json = serde_json::to_value(Body::new(&response)).unwrap();
            assert_eq!(json["errors"][0]["extensions"]["code"], code, "{document}");
        }
    }
}
