//! The messages of Parse's LiveQuery protocol
//! (<https://github.com/parse-community/parse-server/wiki/Parse-LiveQuery-Protocol-Specification>), as Parse Server reads
//! and writes them.

use super::subscription::Event;
use crate::api::object::Fields;
use crate::api::{ApiError, Token};
use serde::Deserialize;
use serde_json::{Value, json};

/// A message from a client.
pub enum Message {
    Connect { application: String, token: Option<Token>, installation: Option<String> },
    Subscribe { request: u64, class: String, parameters: Fields, token: Option<Token> },
    Unsubscribe { request: u64 },
}

/// An error in a message: Parse Server's code and words, and the request that it answers.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    pub code: u16,
    pub message: String,
    pub request: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Connect {
    #[serde(rename = "op")]
    _op: String,
    application_id: String,
    session_token: Option<String>,
    installation_id: Option<String>,
    master_key: Option<Value>,
    /// The kind of client, which makes no difference here.
    #[serde(alias = "clientKey", alias = "windowsKey", alias = "restAPIKey", rename = "javascriptKey")]
    _key: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Subscribe {
    #[serde(rename = "op")]
    _op: String,
    request_id: u64,
    query: Query,
    session_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
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
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Unsubscribe {
    #[serde(rename = "op")]
    _op: String,
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
        let wrong = |error: serde_json::Error| Wrong::message(&without_text(&error), request);
        match json["op"].as_str() {
            Some("connect") => Connect::deserialize(json).map_err(wrong).and_then(Connect::message),
            // An update replaces the query of its request.
            Some("subscribe" | "update") => Subscribe::deserialize(json).map_err(wrong).map(Subscribe::message),
            Some("unsubscribe") => {
                let unsubscribe = Unsubscribe::deserialize(json).map_err(wrong)?;
                Ok(Self::Unsubscribe { request: unsubscribe.request_id })
            }
            _ => Err(Wrong { code: 3, message: "Get unknown operation".to_owned(), request }),
        }
    }
}

impl Connect {
    fn message(self) -> Result<Message, Wrong> {
        if self.master_key.is_some_and(|key| !key.is_null()) {
            return Err(Wrong { code: 4, message: "Key in request is not valid".to_owned(), request: None });
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
        Self { code: 1, message: message.to_owned(), request }
    }

    /// The error for a client that hasn't connected.
    pub fn not_connected(doing: &str) -> Self {
        let message = format!("Can not find this client, make sure you connect to server before {doing}");
        Self { code: 2, message, request: None }
    }

    pub fn new(error: &ApiError, request: Option<u64>) -> Self {
        Self { code: error.code as u16, message: error.message.clone(), request }
    }

    /// Returns the JSON to send. The client must not reconnect at once, because the same message would fail again.
    pub fn json(&self) -> Value {
        json!({ "op": "error", "code": self.code, "error": self.message, "reconnect": false, "requestId": self.request })
    }
}

/// Returns what is wrong, without the client's text: it may have a token.
fn without_text(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once('`') {
        Some((kind, rest)) if kind.starts_with("missing field") || kind.starts_with("unknown field") => {
            let name = rest.split('`').next().unwrap_or_default();
            format!("{} {}", kind.trim(), vault::name::quoted(name))
        }
        _ => "the message doesn't have the fields of its op".to_owned(),
    }
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
mod tests {
    use super::*;

    fn wrong(text: &str) -> (u16, String) {
        let wrong = Message::read(text).err().unwrap();
        (wrong.code, wrong.message)
    }

    #[test]
    fn the_javascript_sdks_messages_are_parsed() {
        let text =
            r#"{"op":"connect","applicationId":"shop","javascriptKey":"x","sessionToken":"r:1","installationId":"i"}"#;
        let Ok(Message::Connect { application, token, installation }) = Message::read(text) else { panic!() };
        assert_eq!((&*application, token.unwrap().expose(), installation.as_deref()), ("shop", "r:1", Some("i")));
        let text = r#"{"op":"subscribe","requestId":1,"query":{"className":"Secret","where":{"name":"A"},"keys":["name","kind"]}}"#;
        let Ok(Message::Subscribe { request, class, parameters, token }) = Message::read(text) else { panic!() };
        assert_eq!((request, &*class, token.is_none()), (1, "Secret", true));
        assert_eq!(Value::Object(parameters), json!({ "where": { "name": "A" }, "keys": "name,kind" }));
        assert!(matches!(
            Message::read(r#"{"op":"unsubscribe","requestId":7}"#),
            Ok(Message::Unsubscribe { request: 7 })
        ));
    }

    #[test]
    fn errors_are_those_of_parse_server_and_do_not_repeat_the_message() {
        assert_eq!(wrong("r:secret").0, 1);
        assert_eq!(wrong(r#"{"op":"fly"}"#), (3, "Get unknown operation".to_owned()));
        assert_eq!(wrong(r#"{"op":"connect"}"#), (1, "missing field \"applicationId\"".to_owned()));
        assert_eq!(wrong(r#"{"op":"connect","applicationId":"a","masterKey":"m"}"#).0, 4);
        let refusal = wrong(r#"{"op":"connect","applicationId":"a","sessionToken":["r:secret"]}"#);
        assert!(refusal.0 == 1 && !refusal.1.contains("secret"), "{refusal:?}");
        let refusal = wrong(r#"{"op":"subscribe","requestId":"r:secret"}"#);
        assert!(refusal.0 == 1 && !refusal.1.contains("secret"), "{refusal:?}");
    }
}
