//! GraphQL at `/graphql`, with the schema that Parse Server generates for the same classes. Fields use the same calls
//! as REST, with the same rules and the same log.
//!
//! [`document`] parses the query and refuses one that costs too much. [`schema`] makes the types from the classes. The
//! other modules resolve the fields.

mod change;
mod cost;
mod document;
mod error;
mod find;
mod ids;
mod names;
mod node;
mod page;
mod request;
mod schema;
mod shared;
mod text;
mod user;
mod variables;
mod where_filter;

use crate::api::{Api, ApiError, Code, Result, Token};
use crate::parse;
use async_graphql::dynamic::Schema;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use document::Document;
use shared::Shared;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The state of the route.
#[derive(Clone)]
struct Front {
    api: Arc<Api>,
    schema: Schema,
    /// The types that variables may have.
    inputs: Arc<BTreeSet<String>>,
}

/// Returns the route of this front end.
pub fn router(api: Arc<Api>) -> vault::Result<Router> {
    let schema = schema::make().map_err(|error| vault::Error::failed(format!("cannot make the schema: {error}")))?;
    let inputs = Arc::new(schema::inputs(&schema));
    Ok(Router::new().route("/graphql", any(answer)).with_state(Front { api, schema, inputs }))
}

async fn answer(State(front): State<Front>, request: Request) -> Response {
    match execute(front, request).await {
        Ok(response) => written(&response),
        Err(error) => refused(&error),
    }
}

async fn execute(front: Front, request: Request) -> Result<async_graphql::Response> {
    let (head, body) = request.into_parts();
    check_head(&head.method, head.uri.query(), &head.headers)?;
    let (token, client) = parse::caller(&head.headers)?;
    let body = crate::body::read(body).await?;
    let Front { api, schema, inputs } = front;
    // Parsing takes time as well, so it runs in the turn of the session.
    let (running, session_token) = (Arc::clone(&api), token.as_ref().map(Token::copy));
    running
        .run_in_turn(session_token.as_ref(), move |_| {
            let document = Document::read(request::read(&body)?, &inputs)?;
            let request = document.request();
            let request = request.data(Shared { api, token, client, document });
            // Resolvers block only this thread.
            Ok(tokio::runtime::Handle::current().block_on(schema.execute(request)))
        })
        .await
}

/// Checks that the request is a POST of JSON, so that no link, form or URL can send a query.
fn check_head(method: &Method, query: Option<&str>, headers: &HeaderMap) -> Result<()> {
    if method != Method::POST {
        let error = ApiError::new(Code::Forbidden, "GraphQL accepts only POST").status(405);
        return Err(error.hint("send {\"query\": \"...\"} in the body; /playground tries it"));
    }
    if query.is_some() {
        return Err(ApiError::query("the GraphQL URL takes no parameters").hint("send them in the body"));
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(ApiError::new(Code::InvalidJson, "the body must be application/json").status(415));
    }
    match headers.contains_key(header::IF_MATCH) {
        true => {
            Err(ApiError::validation("If-Match is not supported by GraphQL").hint("put the version into the input"))
        }
        false => Ok(()),
    }
}

/// Returns the response. A refused document has no data and status 400. If only some fields failed, the errors stand
/// beside the data.
fn written(response: &async_graphql::Response) -> Response {
    let body = error::Body::new(response);
    let status = if body.was_run() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    (status, axum::Json(body)).into_response()
}

fn refused(refusal: &ApiError) -> Response {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = (status, axum::Json(error::refusal(refusal))).into_response();
    if refusal.status == 405 {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    response
}
