//! Answers, and how they become responses.

use crate::api::{ApiError, Code};
use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{self, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde_json::value::RawValue;

/// The answer to a request.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// The body as JSON text. It is written once, so that a long list is in memory only once.
    pub body: Box<RawValue>,
    /// The path of the new object.
    pub location: Option<String>,
    /// The version of the object in the response.
    pub version: Option<u64>,
}

impl Answer {
    pub fn ok(body: &impl Serialize) -> Result<Self, ApiError> {
        let failed = |_| ApiError::new(Code::Internal, "the answer can't be written as JSON").status(500);
        let body = serde_json::value::to_raw_value(body).map_err(failed)?;
        Ok(Self { status: 200, body, location: None, version: None })
    }
}

/// Returns the response for an answer.
pub fn written(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    let mut response = (status, json, String::from(Box::<str>::from(answer.body))).into_response();
    let headers = response.headers_mut();
    if let Some(location) = answer.location.and_then(|location| HeaderValue::try_from(location).ok()) {
        headers.insert(header::LOCATION, location);
    }
    if let Some(version) = answer.version.and_then(|version| HeaderValue::try_from(format!("\"{version}\"")).ok()) {
        headers.insert(header::ETAG, version);
    }
    response
}

/// Returns the response for an error, in Parse's form.
pub fn refused(error: &ApiError) -> Response<Body> {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = (status, axum::Json(error.to_json())).into_response();
    if let Some(seconds) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(allow) = error.allow {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    }
    response
}
