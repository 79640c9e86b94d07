//! The reasons why a request is refused before its body is read.

use axum::http::StatusCode;
use axum::http::header::{self, HeaderValue};
use axum::response::{IntoResponse as _, Response};

/// A reason. It never repeats any part of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    status: u16,
    message: &'static str,
    hint: &'static str,
}

impl Refusal {
    pub const HOST: Self = Self {
        status: 421,
        message: "this server is not known by that host name",
        hint: "use the address that the server printed, or start it with --host NAME",
    };
    pub const ORIGIN: Self = Self {
        status: 403,
        message: "pages from this origin may not use the server",
        hint: "start it with --allow-origin ORIGIN if you trust them",
    };
    pub const QUERY: Self = Self {
        status: 400,
        message: "the URL contains a token, passphrase or value, and URLs end up in logs",
        hint: "send it in a header or in the body",
    };
    pub const METHOD: Self =
        Self { status: 405, message: "the server does not support this method", hint: "use GET, POST, PUT or DELETE" };

    /// Returns the response.
    pub fn answer(self) -> Response {
        let body = serde_json::json!({ "code": 119, "error": self.message, "hint": self.hint });
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::FORBIDDEN);
        let mut answer = (status, axum::Json(body)).into_response();
        // The body was not read, so the connection can't be used again.
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        if status == StatusCode::METHOD_NOT_ALLOWED {
            answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, POST, PUT, DELETE"));
        }
        answer
    }
}
