//! REST as Parse Server has it, under `/parse`.

mod batch;
mod envelope;
mod routes;

pub use envelope::{Asked, caller};

use crate::api::{Api, ApiError, Code};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use http_body_util::BodyExt as _;
use serde_json::Value;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The largest body of a request, in bytes: some values of the largest size.
const MAX_BODY: usize = 8 * 1024 * 1024;

/// What is answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    /// Where the new object is.
    pub location: Option<String>,
    /// The version of the object that was read.
    pub version: Option<u64>,
}

impl Answer {
    pub fn ok(body: Value) -> Self {
        Self { status: 200, body, location: None, version: None }
    }
}

/// The paths under `/parse`.
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
    let body = read(body).await?;
    let asked = Asked::read(&head, &body)?;
    if head.method == Method::HEAD {
        return Err(ApiError::new(Code::Forbidden, "there is no such method")
            .hint("GET, POST, PUT or DELETE")
            .status(405));
    }
    api.run(move |api| routes::answer(api, asked)).await
}

/// The bytes of a body. What is too large is read as well, up to a bound, or the client would not hear why it is refused.
pub async fn read(mut body: Body) -> Result<Zeroizing<Vec<u8>>, ApiError> {
    let (mut bytes, mut length) = (Zeroizing::new(Vec::new()), 0_usize);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ApiError::new(Code::InvalidJson, "the body breaks off"))?;
        let Some(data) = frame.data_ref() else { continue };
        length = length.saturating_add(data.len());
        if length > 4 * MAX_BODY {
            break;
        }
        if length <= MAX_BODY {
            bytes.extend_from_slice(data);
        }
    }
    match length > MAX_BODY {
        true => Err(ApiError::validation(format!("the body is larger than {MAX_BODY} bytes")).status(413)),
        false => Ok(bytes),
    }
}

fn written(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, axum::Json(answer.body)).into_response();
    let headers = response.headers_mut();
    if let Some(location) = answer.location.and_then(|location| HeaderValue::try_from(location).ok()) {
        headers.insert(header::LOCATION, location);
    }
    if let Some(version) = answer.version.and_then(|version| HeaderValue::try_from(format!("\"{version}\"")).ok()) {
        headers.insert(header::ETAG, version);
    }
    response
}

/// An error as Parse tells it.
pub fn refused(error: &ApiError) -> Response<Body> {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = (status, axum::Json(error.to_json())).into_response();
    if let Some(seconds) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
