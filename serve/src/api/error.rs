//! The error of every front end: Parse's code, one line, the library's reason, and a hint.

use super::steps;
use serde_json::{Map, Value, json};
use vault::error::{Kind, Reason};
use vault::view::Accept;

/// Parse's error codes that this server uses (Parse.Error in the JavaScript SDK).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Code {
    Internal = 1,
    NotFound = 101,
    InvalidQuery = 102,
    InvalidClass = 103,
    InvalidJson = 107,
    IncorrectType = 111,
    Forbidden = 119,
    DuplicateValue = 137,
    ScriptFailed = 141,
    Validation = 142,
    TooManyRequests = 155,
    UsernameMissing = 200,
    PasswordMissing = 201,
    UsernameTaken = 202,
    InvalidSession = 209,
    InvalidBatch = 251,
}

/// An error.
#[derive(Debug, Clone)]
pub struct ApiError {
    pub code: Code,
    /// The library's reason, if the library refused the request. The server's own refusals have none.
    pub reason: Option<Reason>,
    pub message: String,
    pub hint: Option<String>,
    /// What the caller can accept, so that the change is made.
    pub accept: Option<Box<Accept>>,
    /// The HTTP status.
    pub status: u16,
    /// The seconds until the client may try again.
    pub retry_after: Option<u64>,
    /// The methods that the path supports (the Allow header).
    pub allow: Option<&'static str>,
}

/// The result of every call.
pub type Result<T, E = ApiError> = std::result::Result<T, E>;

impl ApiError {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let status = match code {
            Code::Internal => 500,
            Code::NotFound => 404,
            Code::TooManyRequests => 429,
            Code::InvalidSession => 401,
            _ => 400,
        };
        Self {
            code,
            reason: None,
            message: message.into(),
            hint: None,
            accept: None,
            status,
            retry_after: None,
            allow: None,
        }
    }

    pub fn because(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub fn after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Something in the request breaks a rule.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new(Code::Validation, message)
    }

    /// The query isn't supported or makes no sense.
    pub fn query(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidQuery, message)
    }

    /// There is no such object, or the caller may not see it.
    pub fn object_not_found() -> Self {
        Self::new(Code::NotFound, "Object not found.")
    }

    /// The path exists, but doesn't support this method.
    pub fn method(allow: &'static str) -> Self {
        let error = Self::new(Code::Forbidden, "the path does not support this method")
            .hint(format!("it takes: {allow}"))
            .status(405);
        Self { allow: Some(allow), ..error }
    }

    /// The client sends more requests than the rate allows.
    pub fn too_many_requests(seconds: u64) -> Self {
        Self::new(Code::TooManyRequests, "too many requests")
            .hint("wait as long as Retry-After says; vault serve --rate sets the limit of a session")
            .after(seconds)
    }

    /// No token was sent.
    pub fn unauthenticated() -> Self {
        Self::new(Code::NotFound, "Permission denied, user needs to be authenticated.")
            .status(401)
            .hint("sign in, and send the token as X-Parse-Session-Token: POST /parse/login")
    }

    /// Nobody signs in with this name and passphrase, or with this code. The message is Parse's.
    pub fn wrong_login() -> Self {
        Self::new(Code::NotFound, "Invalid username/password.")
    }

    /// The token is invalid, or its session has ended.
    pub fn invalid_session() -> Self {
        Self::new(Code::InvalidSession, "Invalid session token").hint("sign in again: POST /parse/login")
    }

    /// Returns whether another error has the same cause. Its message may differ, for example in a number.
    pub fn has_cause_of(&self, other: &Self) -> bool {
        (self.code, self.reason) == (other.code, other.reason)
    }

    /// Returns what every front end says besides the message: Parse's code, the word of the library's reason, the
    /// hint, and what the caller can accept.
    pub fn details(&self) -> Map<String, Value> {
        let mut details = Map::new();
        details.insert("code".to_owned(), (self.code as u16).into());
        if let Some(reason) = self.reason {
            details.insert("reason".to_owned(), reason.word().into());
        }
        if let Some(hint) = &self.hint {
            details.insert("hint".to_owned(), hint.clone().into());
        }
        if let Some(accept) = &self.accept {
            details.insert("accept".to_owned(), json!(accept));
        }
        details
    }

    /// Returns the JSON object that Parse sends, with the other details.
    pub fn to_json(&self) -> Value {
        let mut json = self.details();
        json.insert("error".to_owned(), self.message.clone().into());
        json.into()
    }
}

impl From<vault::Error> for ApiError {
    fn from(error: vault::Error) -> Self {
        let (code, status) = match (error.kind(), error.reason()) {
            (_, Reason::Exists) => (Code::DuplicateValue, 400),
            (_, Reason::Changed) => (Code::Forbidden, 412),
            (_, Reason::Expired) => (Code::Forbidden, 400),
            (Kind::Unlock, _) => (Code::InvalidSession, 401),
            (Kind::NotFound, _) => (Code::NotFound, 404),
            (Kind::Usage, _) => (Code::Validation, 400),
            (Kind::Denied, _) => (Code::Forbidden, 400),
            (Kind::Busy, _) => (Code::Internal, 503),
            (Kind::Failed | Kind::Integrity, _) => (Code::Internal, 500),
        };
        let mut converted = Self::new(code, error.to_string()).status(status).because(error.reason());
        converted.accept = Accept::of(&error).map(Box::new);
        match error.advice() {
            Some(hint) => converted.hint(steps::worded(hint)),
            None => converted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_the_same_cause_by_code_and_reason_whatever_their_messages_say() {
        let error = |reason: Reason, message: &'static str| ApiError::from(vault::Error::new(reason, message));
        let busy = error(Reason::Busy, "another program has held the lock for 30 s");
        assert!(busy.has_cause_of(&error(Reason::Busy, "another program has held the lock for 31 s")));
        // Both are internal errors to a client.
        let [unwritable, damaged] = [Reason::LogUnwritable, Reason::Integrity].map(|reason| error(reason, "no value"));
        assert_eq!(unwritable.code, damaged.code);
        assert!(!unwritable.has_cause_of(&damaged));
        assert!(!ApiError::object_not_found().has_cause_of(&ApiError::invalid_session()));
    }

    #[test]
    fn an_error_of_the_library_has_the_word_of_its_reason() {
        let refused = ApiError::from(vault::Error::new(Reason::Changed, "A has version 2").hint("read it again"));
        let expected = json!({ "code": 119, "error": "A has version 2", "hint": "read it again", "reason": "changed" });
        assert_eq!(refused.to_json(), expected);
        assert_eq!(ApiError::object_not_found().to_json(), json!({ "code": 101, "error": "Object not found." }));
    }
}
