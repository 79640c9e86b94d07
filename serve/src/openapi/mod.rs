//! The API as OpenAPI 3.1. The document is generated from the classes, their fields and the functions, committed as
//! `serve/openapi.json`, and served at `/openapi.json`. It holds nothing of a vault.

#[cfg(test)]
mod document;
#[cfg(test)]
mod functions;
#[cfg(test)]
mod parts;
#[cfg(test)]
mod schemas;

use axum::Router;
use axum::http::header;
use axum::routing::get;

/// The committed document.
const DOCUMENT: &str = include_str!("../../openapi.json");

/// Returns its route.
pub fn router() -> Router {
    Router::new().route("/openapi.json", get(async || ([(header::CONTENT_TYPE, "application/json")], DOCUMENT)))
}
