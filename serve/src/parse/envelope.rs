//! Reads a request in either form: plain REST, or the form of the SDKs, which put the method, the token and the client
//! into the body of a POST.

use crate::api::error::{ApiError, Code, Result};
use crate::api::object::Fields;
use crate::api::{Client, Token};
use axum::http::header::{self, HeaderMap};
use axum::http::request;
use serde_json::Value;

/// A request.
pub struct Asked {
    pub method: String,
    /// The segments of the path after `/parse`.
    pub path: Vec<String>,
    /// The fields of the body and of the URL's query.
    pub fields: Fields,
    pub token: Option<Token>,
    pub client: Client,
    /// The version that the object must have.
    pub version: Option<u32>,
}

impl Asked {
    /// Reads the head and the body.
    pub fn read(head: &request::Parts, body: &[u8]) -> Result<Self> {
        let path = head.uri.path().strip_prefix("/parse/").unwrap_or_default();
        let path = path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        let mut fields = read_body(&head.headers, body)?;
        let envelope = Envelope::take(&mut fields)?;
        let method = tunnelled(head.method.as_str(), envelope.method)?;
        let query = form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes());
        for (name, value) in query {
            fields.entry(name.into_owned()).or_insert_with(|| Value::String(value.into_owned()));
        }
        let (token, client) = who(&head.headers, envelope.token, envelope.application.as_deref())?;
        if envelope.has_master_key {
            return Err(master_key());
        }
        let version = text(&head.headers, "if-match")?.map(version).transpose()?;
        Ok(Self { method, path, fields, token, client, version })
    }

    /// Refuses If-Match for requests that ignore it, because the client relies on the check.
    pub fn check_version_is_meant(&self) -> Result<()> {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        match (self.version, &*self.method, &path[..]) {
            (None, ..) | (_, "PUT" | "DELETE", _) | (_, "POST", ["functions", _]) => Ok(()),
            _ => Err(ApiError::validation("If-Match is not supported here")
                .hint("use it with PUT, DELETE, rotate and rollback")),
        }
    }
}

/// Returns the token and the client in the headers.
pub fn caller(headers: &HeaderMap) -> Result<(Option<Token>, Client)> {
    who(headers, None, None)
}

/// Returns the token and the client in the headers, or else those in the body.
fn who(headers: &HeaderMap, token: Option<String>, application: Option<&str>) -> Result<(Option<Token>, Client)> {
    let sent = |name: &str| text(headers, name);
    if headers.contains_key("x-parse-master-key") {
        return Err(master_key());
    }
    let token = sent("x-parse-session-token")?.map(str::to_owned).or(token).map(Token::sent);
    let name = sent("x-vault-client")?.or(sent("x-parse-application-id")?).or(application);
    let client = Client::new(name.or(sent("user-agent")?.map(product)), sent("x-vault-reason")?)?;
    Ok((token, client))
}

fn master_key() -> ApiError {
    ApiError::new(Code::Forbidden, "unauthorized: there is no master key").status(403)
}

/// The fields of the body that belong to the request, not to the object.
struct Envelope {
    method: Option<String>,
    token: Option<String>,
    application: Option<String>,
    has_master_key: bool,
}

impl Envelope {
    /// Removes the fields of the SDKs from the body. Any other name with a leading `_` is an error.
    fn take(fields: &mut Fields) -> Result<Self> {
        let mut envelope = Self { method: None, token: None, application: None, has_master_key: false };
        let envelope_names: Vec<String> = fields.keys().filter(|name| name.starts_with('_')).cloned().collect();
        for name in envelope_names {
            let value = fields.remove(&name).unwrap_or_default();
            let text = || match &value {
                Value::String(text) => Ok(Some(text.clone())),
                _ => Err(ApiError::new(Code::InvalidJson, format!("{name} must be a string"))),
            };
            match &*name {
                "_method" => envelope.method = text()?,
                "_SessionToken" => envelope.token = text()?,
                "_ApplicationId" => envelope.application = text()?,
                "_MasterKey" | "_MaintenanceKey" => envelope.has_master_key = true,
                // These name the kind of client or of session, which makes no difference here.
                "_JavaScriptKey" | "_RestAPIKey" | "_ClientKey" | "_ClientVersion" | "_InstallationId"
                | "_RevocableSession" | "_noBody" | "_context" | "_ContentType" => {}
                other => {
                    let other = vault::name::quoted(other);
                    return Err(ApiError::new(Code::InvalidJson, format!("{other} in the body is not supported")));
                }
            }
        }
        Ok(envelope)
    }
}

fn read_body(headers: &HeaderMap, body: &[u8]) -> Result<Fields> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Fields::new());
    }
    let kind = text(headers, header::CONTENT_TYPE.as_str())?.unwrap_or("application/json");
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind != "application/json" && kind != "text/plain" {
        return Err(ApiError::new(Code::InvalidJson, "the body must be application/json").status(415));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(ApiError::new(Code::InvalidJson, "the body must be a JSON object")),
        Err(_) => Err(ApiError::new(Code::InvalidJson, "the body is not JSON")),
    }
}

/// Returns the method. A POST may carry another one in its body.
fn tunnelled(method: &str, named: Option<String>) -> Result<String> {
    match named {
        None => Ok(method.to_owned()),
        Some(named) if method == "POST" && ["GET", "POST", "PUT", "DELETE"].contains(&&*named) => Ok(named),
        Some(_) => Err(ApiError::new(Code::InvalidJson, "_method must be GET, POST, PUT or DELETE, in a POST")),
    }
}

/// Returns the text of a header. A header that can't be read is an error, because the request would mean something else
/// without it.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>> {
    let mut all = headers.get_all(name).iter();
    let (value, more) = (all.next(), all.next());
    if more.is_some() {
        return Err(ApiError::validation(format!("the header {name} was sent twice")));
    }
    let text = value.map(|value| std::str::from_utf8(value.as_bytes())).transpose();
    text.map_err(|_| ApiError::validation(format!("the header {name} is not UTF-8")))
}

/// Returns the program's name in a User-Agent: `curl` for `curl/8.5.0`.
fn product(agent: &str) -> &str {
    agent.split(['/', ' ']).next().unwrap_or_default()
}

/// Parses a version, with or without quotes.
fn version(text: &str) -> Result<u32> {
    let number = text.trim().trim_matches('"').parse();
    number.map_err(|_| ApiError::validation("If-Match must be the version of the object, a number"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;
    use serde_json::json;
    use vault::log::GivenReason;

    fn read(method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Result<Asked> {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Asked::read(&request.body(()).unwrap().into_parts().0, body.as_bytes())
    }

    #[test]
    fn sdk_requests_and_plain_rest_requests_are_equivalent() {
        let body = json!({
            "where": { "name": "A" }, "limit": 1, "_method": "GET", "_ApplicationId": "shop", "_JavaScriptKey": "x",
            "_ClientVersion": "js6", "_InstallationId": "i", "_SessionToken": "r:1",
        });
        let sdk = read("POST", "/parse/classes/Secret", &[("content-type", "text/plain")], &body.to_string()).unwrap();
        assert_eq!((&*sdk.method, &sdk.path[..]), ("GET", &["classes".to_owned(), "Secret".to_owned()][..]));
        assert_eq!(sdk.fields.keys().collect::<Vec<_>>(), ["limit", "where"]);
        assert_eq!((sdk.token.unwrap().expose(), sdk.client.name.as_str()), ("r:1", "shop"));

        let headers = [("x-parse-session-token", "r:1"), ("x-parse-application-id", "shop")];
        let plain =
            read("GET", "/parse/classes/Secret?limit=1&where=%7B%22name%22%3A%22A%22%7D", &headers, "").unwrap();
        assert_eq!((&*plain.method, plain.version), ("GET", None));
        let change = read("PUT", "/parse/classes/Secret/1", &[("if-match", "\"3\"")], "{}").unwrap();
        assert_eq!((&*change.method, change.version), ("PUT", Some(3)));
        assert_eq!(plain.fields["where"], "{\"name\":\"A\"}");
        assert_eq!((plain.token.unwrap().expose(), plain.client.name.as_str()), ("r:1", "shop"));
    }

    #[test]
    fn requests_that_cannot_be_understood_are_refused() {
        let code = |asked: Result<Asked>| asked.err().map(|error| error.code as u16);
        assert_eq!(code(read("POST", "/parse/login", &[], "[]")), Some(107));
        assert_eq!(code(read("POST", "/parse/login", &[], "{")), Some(107));
        assert_eq!(code(read("POST", "/parse/login", &[("content-type", "text/xml")], "{}")), Some(107));
        assert_eq!(code(read("POST", "/parse/login", &[], "{\"_method\":\"PATCH\"}")), Some(107));
        assert_eq!(code(read("PUT", "/parse/login", &[], "{\"_method\":\"GET\"}")), Some(107));
        assert_eq!(code(read("POST", "/parse/login", &[], "{\"_Unknown\":1}")), Some(107));
        assert_eq!(code(read("POST", "/parse/login", &[], "{\"_MasterKey\":\"m\"}")), Some(119));
        for name in ["_method", "_SessionToken", "_ApplicationId"] {
            assert_eq!(code(read("POST", "/parse/login", &[], &json!({ name: 1 }).to_string())), Some(107), "{name}");
        }
        assert_eq!(code(read("PUT", "/parse/a", &[("if-match", "x")], "")), Some(142));
    }

    #[test]
    fn headers_that_would_be_ignored_or_cannot_be_read_are_refused() {
        let refusal = |method: &str, path: &str, headers: &[(&str, &str)]| {
            let asked = read(method, &format!("/parse/{path}"), headers, "");
            asked.and_then(|asked| asked.check_version_is_meant()).err().map(|error| error.message)
        };
        for (method, path) in
            [("POST", "batch"), ("POST", "classes/Secret"), ("GET", "classes/Secret/1"), ("POST", "logout")]
        {
            assert_eq!(
                refusal(method, path, &[("if-match", "1")]).unwrap(),
                "If-Match is not supported here",
                "{path}"
            );
        }
        for (method, path) in
            [("PUT", "classes/Secret/1"), ("DELETE", "classes/Secret/1"), ("POST", "functions/rotate")]
        {
            assert_eq!(refusal(method, path, &[("if-match", "1")]), None, "{path}");
            assert!(refusal(method, path, &[("if-match", "1"), ("if-match", "2")]).unwrap().contains("twice"));
        }
        for name in ["if-match", "x-parse-session-token", "x-vault-reason", "x-vault-client"] {
            let value = axum::http::HeaderValue::from_bytes(b"\xff").unwrap();
            let request = Request::builder().method("PUT").uri("/parse/a").header(name, value).body(()).unwrap();
            let refused = Asked::read(&request.into_parts().0, b"").err().unwrap();
            assert_eq!(refused.message, format!("the header {name} is not UTF-8"));
        }
        let asked = read("GET", "/parse/a", &[("x-vault-reason", "für den Kunden")], "").unwrap();
        assert_eq!(asked.client.reason.as_ref().map(GivenReason::as_str), Some("für den Kunden"));
        let refused = |reason: &str| read("GET", "/parse/a", &[("x-vault-reason", reason)], "").err().unwrap().message;
        let longest = "x".repeat(1024);
        assert!(read("GET", "/parse/a", &[("x-vault-reason", &longest)], "").is_ok());
        assert_eq!(refused(&format!("{longest}x")), "the reason must be one line of at most 1024 bytes");
        assert_eq!(refused(" "), "the reason has no visible text");
    }
}
