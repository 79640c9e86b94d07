//! The body of a request: `query`, `variables` and `operationName`.

use crate::api::object::Fields;
use crate::api::{ApiError, Code, Result};
use serde_json::Value;

/// A request.
#[derive(Debug)]
pub struct Request {
    pub query: String,
    pub variables: Fields,
    /// The name of the operation in `query` to run.
    pub operation: Option<String>,
}

/// Parses the body.
pub fn read(body: &[u8]) -> Result<Request> {
    let wrong = |what: &str| ApiError::new(Code::InvalidJson, what.to_owned());
    let mut fields = match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => fields,
        Ok(Value::Array(_)) => {
            return Err(ApiError::new(Code::InvalidBatch, "a request is one operation, not a list")
                .hint("one operation has up to 50 fields: { a: secret(id: ...) {...} b: secret(id: ...) {...} }"));
        }
        Ok(_) => return Err(wrong("the body must be a JSON object")),
        Err(_) => return Err(wrong("the body is not JSON")),
    };
    let variables = match fields.remove("variables") {
        None | Some(Value::Null) => Fields::new(),
        Some(Value::Object(variables)) => variables,
        Some(_) => return Err(wrong("variables must be an object")),
    };
    let operation = match fields.remove("operationName") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name),
        Some(_) => return Err(wrong("operationName must be a string")),
    };
    let extensions = fields.remove("extensions").unwrap_or_default();
    let query = match fields.remove("query") {
        Some(Value::String(query)) => query,
        // Clients of persisted queries know this message, and then send the query itself.
        _ if !extensions["persistedQuery"].is_null() => return Err(ApiError::query("PersistedQueryNotSupported")),
        _ => return Err(ApiError::query("query is required").hint("send {\"query\": \"{ health }\"}")),
    };
    match fields.keys().next() {
        None => Ok(Request { query, variables, operation }),
        Some(name) => Err(wrong(&format!("{} is not expected here", vault::name::quoted(name)))
            .hint("the body takes query, variables and operationName")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_body_has_a_query_and_optionally_variables_and_a_name() {
        let whole = json!({ "query": "{ health }", "variables": { "a": 1 }, "operationName": "A", "extensions": {} });
        let read = read(whole.to_string().as_bytes()).unwrap();
        assert_eq!((&*read.query, read.operation.as_deref()), ("{ health }", Some("A")));
        assert_eq!(read.variables["a"], 1);
    }

    #[test]
    fn invalid_bodies_are_refused() {
        let code = |body: &str| read(body.as_bytes()).err().map(|error| error.code as u16);
        for (body, wanted) in [
            ("{", 107),
            ("1", 107),
            ("[]", 251),
            ("[{\"query\":\"{ health }\"}]", 251),
            ("{}", 102),
            ("{\"query\":1}", 102),
            ("{\"query\":\"{ health }\",\"variables\":[]}", 107),
            ("{\"query\":\"{ health }\",\"operationName\":1}", 107),
            ("{\"query\":\"{ health }\",\"_SessionToken\":\"r:1\"}", 107),
        ] {
            assert_eq!(code(body), Some(wanted), "{body}");
        }
        let persisted = read(b"{\"extensions\":{\"persistedQuery\":{\"version\":1}}}").unwrap_err();
        assert_eq!(persisted.message, "PersistedQueryNotSupported");
    }
}
