//! Parse Server's REST API, under `/parse`.

mod answer;
mod batch;
mod envelope;
mod routes;

pub use answer::refused;
pub use envelope::{Asked, caller};

use crate::api::{Api, ApiError, Token};
use answer::{Answer, written};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;
use axum::routing::any;
use std::sync::Arc;

/// Answers a request for an unknown path.
pub async fn nowhere() -> Response {
    refused(&routes::absent(&[]))
}

/// Returns the routes under `/parse`.
pub fn router(api: Arc<Api>) -> Router {
    Router::new().route("/parse/{*path}", any(answer)).with_state(api)
}

async fn answer(State(api): State<Arc<Api>>, request: Request) -> Response {
    match asked(&api, request).await {
        Ok(answer) => written(answer),
        Err(error) => refused(&error),
    }
}

async fn asked(api: &Arc<Api>, request: Request) -> Result<Answer, ApiError> {
    let (head, body) = request.into_parts();
    let body = crate::body::read(body).await?;
    let asked = Asked::read(&head, &body)?;
    // The SDKs send GET inside a POST. A real GET would have the passphrase in the URL.
    let is_login = head.method == Method::GET && asked.path == ["login"];
    if head.method == Method::HEAD || is_login {
        let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
        return Err(routes::absent(&path));
    }
    let token = asked.token.as_ref().map(Token::copy);
    api.run_in_turn(token.as_ref(), move |api| batch::answer(api, asked)).await
}
