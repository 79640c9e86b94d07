//! `POST /batch`: several requests in one. Each succeeds or fails on its own.

use super::answer::Answer;
use super::{Asked, routes};
use crate::api::classes::access_log;
use crate::api::error::{ApiError, Code, Result};
use crate::api::{Api, Token};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// The most requests in a batch.
const MOST: usize = 50;

/// Answers a request, which may be a batch.
pub fn answer(api: &Api, asked: Asked) -> Result<Answer> {
    match asked.method == "POST" && asked.path == ["batch"] {
        true => several(api, asked),
        false => routes::answer(api, asked),
    }
}

/// Answers the requests of a batch, in order.
fn several(api: &Api, mut asked: Asked) -> Result<Answer> {
    asked.check_version_is_meant()?;
    api.sessions.find(asked.token.as_ref().ok_or_else(ApiError::unauthenticated)?)?;
    let wrong = |what: &str| ApiError::new(Code::InvalidJson, what.to_owned());
    if asked.fields.remove("transaction").is_some_and(|transaction| transaction == true) {
        return Err(ApiError::new(
            Code::Forbidden,
            "transactions are not supported: each request of a batch succeeds or fails alone",
        ));
    }
    let Some(Value::Array(requests)) = asked.fields.remove("requests") else {
        return Err(wrong("requests must be an array"));
    };
    if !asked.fields.is_empty() {
        return Err(wrong("a batch has only requests"));
    }
    if requests.len() > MOST {
        return Err(ApiError::new(Code::InvalidBatch, format!("a batch has at most {MOST} requests")));
    }
    let read = requests.into_iter().map(|request| part(request, &asked)).collect::<Result<Vec<_>>>()?;
    let cost: usize = read.iter().map(|part| if part.reads_log() { access_log::COST } else { 1 }).sum();
    if cost > MOST {
        return Err(ApiError::new(Code::InvalidBatch, format!("a batch has at most {MOST} requests"))
            .hint(format!("a request for AccessLog counts as {}", access_log::COST)));
    }
    let done = read.into_iter().map(|part| match routes::answer(api, part) {
        Ok(answer) => Done::Success(answer.body),
        Err(error) => Done::Error(error.to_json()),
    });
    Answer::ok(&done.collect::<Vec<_>>())
}

/// The result of one request.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Done {
    Success(Box<RawValue>),
    Error(Value),
}

impl Asked {
    fn reads_log(&self) -> bool {
        self.path.get(1).is_some_and(|class| class == access_log::NAME)
    }
}

/// Reads one request of the batch, with the same client and token.
fn part(request: Value, whole: &Asked) -> Result<Asked> {
    let wrong = |what: &str| ApiError::new(Code::InvalidJson, what.to_owned());
    let Value::Object(mut request) = request else { return Err(wrong("each request must be an object")) };
    let mut text = |name: &str| match request.remove(name) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(wrong("each request needs a method and a path")),
    };
    let (method, path) = (text("method")?, text("path")?);
    if !["GET", "POST", "PUT", "DELETE"].contains(&&*method) {
        return Err(wrong("the method must be GET, POST, PUT or DELETE"));
    }
    let inner = path.strip_prefix("/parse/").or_else(|| path.strip_prefix('/')).unwrap_or(&path);
    let path: Vec<String> = inner.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    // A batch may not contain a batch, a login or a sign-up: that would try many passphrases at once.
    let is_sign_up = method == "POST" && path.get(1).is_some_and(|class| class == "_User");
    if is_sign_up || path.first().is_none_or(|first| first != "classes") {
        return Err(ApiError::new(Code::InvalidBatch, "a batch has only requests for /classes, and no sign-up"));
    }
    let fields = match request.remove("body") {
        None | Some(Value::Null) => crate::api::object::Fields::new(),
        Some(Value::Object(fields)) => fields,
        Some(_) => return Err(wrong("the body of a request must be an object")),
    };
    if !request.is_empty() {
        return Err(wrong("a request has only a method, a path and a body"));
    }
    let token = whole.token.as_ref().map(|token| Token::sent(token.expose().to_owned()));
    Ok(Asked { method, path, fields, token, client: whole.client.clone(), version: None })
}
