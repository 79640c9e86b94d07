//! A server for a vault of its own, and an HTTP client.

mod place;

pub use place::{Place, set};

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command};

/// The passphrase of Mia, who is an admin.
pub const MIA: &str = "correct-horse-7-battery";
/// The passphrase of Noah, who reads dev.
pub const NOAH: &str = "another-staple-9-lamp";

/// A server that is stopped when it is dropped.
pub struct Server {
    process: Child,
    pub base: String,
    /// What it printed when it started, as JSON.
    pub details: Value,
    agent: ureq::Agent,
}

/// The response to a request.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub headers: ureq::http::HeaderMap,
}

impl Server {
    pub fn start(mut command: Command) -> Self {
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        if line.is_empty() {
            let mut printed = String::new();
            process.stderr.take().unwrap().read_to_string(&mut printed).unwrap();
            panic!("no server: {printed}");
        }
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        // With --json, the line is an object.
        let details = serde_json::from_str::<Value>(&line).unwrap_or_default();
        let base = details["url"].as_str().unwrap_or(line.trim_end()).to_owned();
        Self { process, base, details, agent }
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends TERM.
    pub fn terminate(&self) {
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    /// Waits until the server has ended; returns its exit code and standard error.
    pub fn wait(mut self) -> (Option<i32>, String) {
        let mut printed = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut printed).unwrap();
        (self.process.wait().unwrap().code(), printed)
    }

    /// Returns the host and port that the server listens on.
    pub fn address(&self) -> &str {
        self.base.strip_prefix("http://").unwrap()
    }

    /// Sends a request.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map(ToString::to_string).unwrap_or_default();
        let request = request.header("content-type", "application/json").body(body).unwrap();
        let mut response = self.agent.run(request).unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        // A hint must be something that its reader can do, so none has the name of a step in place of its words.
        assert!(!text.contains("vault doctor ("), "{method} {path}: {text}");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status: response.status().as_u16(), body, headers: response.headers().clone() }
    }

    /// Signs in.
    pub fn login(&self, username: &str, password: &str) -> Answer {
        let body = json!({ "username": username, "password": password });
        self.ask("POST", "/parse/login", &[], Some(&body))
    }

    /// Signs in, and returns a client with the token.
    pub fn signed_in(&self, username: &str, password: &str) -> Client<'_> {
        let answer = self.login(username, password);
        assert_eq!(answer.status, 200, "{answer:?}");
        Client { server: self, token: answer.body["sessionToken"].as_str().unwrap().to_owned() }
    }

    pub fn mia(&self) -> Client<'_> {
        self.signed_in("mia", MIA)
    }

    pub fn noah(&self) -> Client<'_> {
        self.signed_in("noah", NOAH)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A client that is signed in.
pub struct Client<'a> {
    pub server: &'a Server,
    pub token: String,
}

impl Client<'_> {
    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.ask_with(method, path, &[], body)
    }

    pub fn ask_with(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let own = [("x-parse-session-token", &*self.token), ("x-parse-application-id", "shop")];
        self.server.ask(method, path, &[&own[..], headers].concat(), body)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, None)
    }

    /// Returns what a query finds. The query is sent in the way the SDKs send it.
    pub fn find(&self, class: &str, parameters: Value) -> Answer {
        let mut body = parameters;
        body["_method"] = "GET".into();
        self.ask("POST", &format!("/parse/classes/{class}"), Some(&body))
    }

    /// Returns the id of the only object of a class that meets this condition.
    pub fn id(&self, class: &str, condition: &Value) -> String {
        let found = self.find(class, json!({ "where": condition })).ok();
        assert_eq!(found["results"].as_array().map(Vec::len), Some(1), "{found}");
        found["results"][0]["objectId"].as_str().unwrap().to_owned()
    }

    /// Returns the id of an item.
    pub fn item(&self, environment: &str, name: &str) -> String {
        self.id("Secret", &json!({ "environment": environment, "name": name }))
    }
}

impl Answer {
    /// Asserts success and returns the body.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status == 200 || self.status == 201, "{self:?}");
        self.body
    }

    /// Asserts a refusal with this Parse error code.
    #[track_caller]
    pub fn refused(self, code: u64) -> Self {
        assert_eq!(self.body["code"], code, "{self:?}");
        assert!(self.body["error"].is_string() && self.status >= 400, "{self:?}");
        self
    }

    /// Asserts the status.
    #[track_caller]
    pub fn status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// Asserts that the answer contains this text.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.body.to_string().contains(text), "{text:?} is not in {self:?}");
        self
    }

    /// Returns this field of every object that was found.
    pub fn each(&self, field: &str) -> Vec<String> {
        let results = self.body["results"].as_array().unwrap();
        results.iter().map(|object| object[field].as_str().unwrap_or_default().to_owned()).collect()
    }
}
