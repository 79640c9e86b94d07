//! The messages of Parse's LiveQuery protocol
//! (<https://github.com/parse-community/parse-server/wiki/Parse-LiveQuery-Protocol-Specification>), as Parse Server reads
//! and writes them.

use super::subscription::Event;
use crate::api::object::Fields;
use crate::api::{ApiError, Token};
use serde::Deserialize;
use serde_json::{Value, json};
use vault::error::Reason;

/// A message from a client.
pub enum Message {
    Connect { application: String, token: Option<Token>, installation: Option<String> },
    Subscribe { request: u64, class: String, parameters: Fields, token: Option<Token> },
    Unsubscribe { request: u64 },
}

/// An error in a message: Parse Server's code and words, the library's reason, and the request that it answers.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    pub code: u16,
    pub message: String,
    pub reason: Option<Reason>,
    pub request: Option<u64>,
}

/// The names of the fields that a message or its query must have and may have.
struct Names {
    required: &'static [&'static str],
    optional: &'static [&'static str],
}

/// The keys tell the kind of client, which makes no difference here.
const CONNECT: Names = Names {
    required: &["op", "applicationId"],
    optional: &[
        "sessionToken",
        "installationId",
        "masterKey",
        "clientKey",
        "javascriptKey",
        "restAPIKey",
        "windowsKey",
    ],
};
const SUBSCRIBE: Names = Names { required: &["op", "requestId", "query"], optional: &["sessionToken"] };
const QUERY: Names = Names { required: &["className", "where"], optional: &["fields", "keys", "watch"] };
const UNSUBSCRIBE: Names = Names { required: &["op", "requestId"], optional: &[] };

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connect {
    application_id: String,
    session_token: Option<String>,
    installation_id: Option<String>,
    master_key: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subscribe {
    request_id: u64,
    query: Query,
    session_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Query {
    class_name: String,
    #[serde(rename = "where")]
    condition: Value,
    /// Older clients send `fields`.
    #[serde(alias = "fields")]
    keys: Option<Vec<String>>,
    watch: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Unsubscribe {
    request_id: u64,
}

impl Message {
    /// Parses a message.
    ///
    /// # Errors
    /// Parse Server's answer to an invalid message.
    pub fn read(text: &str) -> Result<Self, Wrong> {
        let json: Value = serde_json::from_str(text).map_err(|_| Wrong::message("the message is not JSON", None))?;
        let request = json["requestId"].as_u64();
        match json["op"].as_str() {
            Some("connect") => parsed::<Connect>(&json, &CONNECT, request)?.message(),
            // An update replaces the query of its request.
            Some("subscribe" | "update") => {
                QUERY.check(&json["query"]).map_err(|what| Wrong::message(&what, request))?;
                Ok(parsed::<Subscribe>(&json, &SUBSCRIBE, request)?.message())
            }
            Some("unsubscribe") => {
                let Unsubscribe { request_id } = parsed(&json, &UNSUBSCRIBE, request)?;
                Ok(Self::Unsubscribe { request: request_id })
            }
            _ => Err(Wrong::with_code(3, "Get unknown operation", request)),
        }
    }
}

impl Connect {
    fn message(self) -> Result<Message, Wrong> {
        if self.master_key.is_some_and(|key| !key.is_null()) {
            return Err(Wrong::with_code(4, "Key in request is not valid", None));
        }
        Ok(Message::Connect {
            application: self.application_id,
            token: self.session_token.map(Token::sent),
            installation: self.installation_id,
        })
    }
}

impl Subscribe {
    fn message(self) -> Message {
        let mut parameters = Fields::new();
        parameters.insert("where".to_owned(), self.query.condition);
        if let Some(keys) = self.query.keys {
            parameters.insert("keys".to_owned(), keys.join(",").into());
        }
        if let Some(names) = self.query.watch {
            parameters.insert("watch".to_owned(), names.into());
        }
        let token = self.session_token.map(Token::sent);
        Message::Subscribe { request: self.request_id, class: self.query.class_name, parameters, token }
    }
}

impl Wrong {
    fn message(message: &str, request: Option<u64>) -> Self {
        Self::with_code(1, message, request)
    }

    /// An error with one of Parse Server's codes for live queries.
    pub fn with_code(code: u16, message: &str, request: Option<u64>) -> Self {
        Self { code, message: message.to_owned(), reason: None, request }
    }

    /// The error for a client that hasn't connected.
    pub fn not_connected(doing: &str) -> Self {
        let message = format!("Can not find this client, make sure you connect to server before {doing}");
        Self::with_code(2, &message, None)
    }

    pub fn new(error: &ApiError, request: Option<u64>) -> Self {
        Self { code: error.code as u16, message: error.message.clone(), reason: error.reason, request }
    }

    /// Returns the JSON to send. The client must not reconnect at once, because the same message would fail again.
    pub fn json(&self) -> Value {
        let mut json = json!({
            "op": "error", "code": self.code, "error": self.message, "reconnect": false, "requestId": self.request,
        });
        if let Some(reason) = self.reason {
            json["reason"] = reason.word().into();
        }
        json
    }
}

impl Names {
    /// Checks the names of the fields, if these are fields. Their types are checked later.
    fn check(&self, json: &Value) -> Result<(), String> {
        let Some(fields) = json.as_object() else { return Ok(()) };
        let is_known = |name: &str| self.required.contains(&name) || self.optional.contains(&name);
        if let Some(other) = fields.keys().find(|name| !is_known(name)) {
            return Err(format!("unknown field {}", vault::name::quoted(other)));
        }
        match self.required.iter().find(|name| !fields.contains_key(**name)) {
            Some(missing) => Err(format!("missing field {}", vault::name::quoted(missing))),
            None => Ok(()),
        }
    }
}

/// Parses a message with these fields. The error doesn't repeat the client's text, which may have a token.
fn parsed<'de, T: Deserialize<'de>>(json: &'de Value, names: &Names, request: Option<u64>) -> Result<T, Wrong> {
    names.check(json).map_err(|what| Wrong::message(&what, request))?;
    T::deserialize(json).map_err(|_| Wrong::message("the message doesn't have the fields of its op", request))
}

/// The ids of a client, which every answer repeats.
pub struct Address {
    pub id: String,
    pub installation: Option<String>,
}

impl Address {
    /// Returns an answer, with the id of its request if it has one.
    pub fn answer(&self, op: &str, request: Option<u64>) -> Value {
        let mut json = json!({ "op": op, "clientId": self.id });
        if let Some(installation) = &self.installation {
            json["installationId"] = installation.clone().into();
        }
        if let Some(request) = request {
            json["requestId"] = request.into();
        }
        json
    }

    /// Returns the message for an event.
    pub fn event(&self, request: u64, event: Event) -> Value {
        let mut json = self.answer(event.what.word(), Some(request));
        json["object"] = event.object;
        if let Some(original) = event.original {
            json["original"] = original;
        }
        json
    }
}

#[cfg(test)]
mod tests;
