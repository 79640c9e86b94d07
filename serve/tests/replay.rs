//! The calls of SDKs that can't run here, taken from their source code: the bytes that they send, and the answers that
//! they need.
//!
//! `clients/replay/` has a file for each. `{token}`, `{id}` and similar placeholders stand for parts of earlier
//! answers.

use crate::harness::{MIA, Place, Server};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;
use tungstenite::client::IntoClientRequest as _;
use tungstenite::http::{HeaderName, HeaderValue};
use tungstenite::{Message, WebSocket};
use vault::log::Action;
use vault::secret::ExposeSecret as _;

/// How long a test waits for an answer. It is long, for busy machines.
const PATIENCE: Duration = Duration::from_secs(60);

/// One client and what it has learned so far.
struct Replay<'a> {
    place: &'a Place,
    server: &'a Server,
    headers: Vec<(String, String)>,
    /// The values of `{token}` and the other placeholders.
    known: BTreeMap<String, String>,
    socket: Option<WebSocket<TcpStream>>,
}

/// The fields of an object, as text.
fn pairs(object: &Value) -> Vec<(String, String)> {
    let pairs = object.as_object().into_iter().flatten();
    pairs.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

/// Whether an answer contains everything that is expected.
fn has(answer: &Value, expected: &Value) -> bool {
    match (answer, expected) {
        (Value::Object(answer), Value::Object(expected)) => {
            expected.iter().all(|(name, value)| answer.get(name).is_some_and(|answer| has(answer, value)))
        }
        (Value::Array(answer), Value::Array(expected)) => {
            answer.len() == expected.len()
                && answer.iter().zip(expected).all(|(answer, expected)| has(answer, expected))
        }
        _ => answer == expected,
    }
}

/// Whether the answer has a field with this name, at any depth.
fn mentions(answer: &Value, field: &str) -> bool {
    match answer {
        Value::Object(fields) => fields.iter().any(|(name, value)| name == field || mentions(value, field)),
        Value::Array(all) => all.iter().any(|one| mentions(one, field)),
        _ => false,
    }
}

impl<'a> Replay<'a> {
    fn new(place: &'a Place, server: &'a Server, file: &Value) -> Self {
        let known = [("passphrase", MIA), ("address", server.address())];
        let mut known: BTreeMap<_, _> = known.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        known.insert("invitation".to_owned(), place.add("eva").to_text().expose_secret().to_owned());
        Self { place, server, headers: pairs(&file["headers"]), known, socket: None }
    }

    fn filled(&self, text: &str) -> String {
        self.known.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    fn filled_json(&self, json: &Value) -> Value {
        serde_json::from_str(&self.filled(&json.to_string())).unwrap()
    }

    fn run(&mut self, step: &Value) {
        let name = step["call"].as_str().unwrap();
        let before = self.reads();
        let answer = match step["send"].as_str() {
            Some(line) => {
                let (status, answer) = self.send(line, step);
                assert_eq!(step["status"], status, "{name}: {answer}");
                answer
            }
            None => self.hear(step),
        };
        for expected in [&step["has"], &step["hear"]].into_iter().filter(|expected| !expected.is_null()) {
            let expected = self.filled_json(expected);
            assert!(has(&answer, &expected), "{name}: {expected} is not in {answer}");
        }
        for field in step["lacks"].as_array().into_iter().flatten() {
            assert!(!mentions(&answer, field.as_str().unwrap()), "{name}: {field} is in {answer}");
        }
        if let Some(logged) = step["logged"].as_u64() {
            assert_eq!(self.reads() - before, logged, "{name}: values in the log");
        }
        for (name, pointer) in pairs(&step["keep"]) {
            let value = answer.pointer(&pointer).and_then(Value::as_str);
            self.known.insert(name, value.unwrap_or_else(|| panic!("no {pointer} in {answer}")).to_owned());
        }
    }

    /// How many values this client was given, according to the log.
    fn reads(&self) -> u64 {
        let log = self.place.log("mia");
        let all = log.iter().filter(|line| line.entry.action == Action::Get && line.entry.program == "notes");
        u64::try_from(all.count()).unwrap()
    }

    /// Sends a request, byte for byte, and reads the answer.
    fn send(&self, line: &str, step: &Value) -> (u16, Value) {
        let (method, path) = line.split_once(' ').unwrap();
        let body = step.get("body").map(|body| self.filled_json(body).to_string());
        let mut head = format!("{method} /parse{} HTTP/1.1\r\nHost: {}\r\n", self.filled(path), self.server.address());
        for (name, value) in self.headers.iter().chain(&pairs(&step["headers"])) {
            head += &format!("{name}: {}\r\n", self.filled(value));
        }
        if let Some(body) = &body {
            head += &format!("Content-Length: {}\r\n", body.len());
        }
        let mut stream = TcpStream::connect(self.server.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "{head}Connection: close\r\n\r\n{}", body.unwrap_or_default()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split_whitespace().nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}")))
    }

    /// Runs a step of the socket: opens it, changes an item without the server, or sends a message. Returns the next
    /// message.
    fn hear(&mut self, step: &Value) -> Value {
        if step.get("socket").is_some() {
            self.socket = Some(self.open(&pairs(&step["socket"])));
        }
        if let Some(item) = step["change"].as_str() {
            self.change(item);
        }
        let message = step.get("say").map(|message| self.filled_json(message).to_string());
        let socket = self.socket.as_mut().unwrap();
        if let Some(message) = message {
            socket.send(Message::text(message)).unwrap();
        }
        loop {
            if let Message::Text(text) = socket.read().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    fn open(&self, headers: &[(String, String)]) -> WebSocket<TcpStream> {
        let stream = TcpStream::connect(self.server.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut request = format!("ws://{}/parse", self.server.address()).into_client_request().unwrap();
        for (name, value) in headers {
            let value = HeaderValue::from_str(&self.filled(value)).unwrap();
            request.headers_mut().insert(HeaderName::try_from(name).unwrap(), value);
        }
        tungstenite::client(request, stream).unwrap().0
    }

    fn change(&self, item: &str) {
        self.place.set("dev", item, "s3cret-2");
    }
}

fn replay(file: &str) {
    let file: Value = serde_json::from_str(file).unwrap();
    let place = Place::new();
    let server = place.serve();
    let mut client = Replay::new(&place, &server, &file);
    for step in file["steps"].as_array().unwrap() {
        client.run(step);
    }
    assert!(client.reads() > 0, "the log must have a read of a value");
}

#[test]
fn the_flutter_sdks_calls_get_the_expected_answers() {
    replay(include_str!("clients/replay/flutter.json"));
}

#[test]
fn the_android_sdks_calls_get_the_expected_answers() {
    replay(include_str!("clients/replay/android.json"));
}

#[test]
fn the_ios_sdks_calls_get_the_expected_answers() {
    replay(include_str!("clients/replay/ios.json"));
}

#[test]
fn parse_swifts_calls_get_the_expected_answers() {
    replay(include_str!("clients/replay/swift.json"));
}

#[test]
fn the_dotnet_sdks_calls_get_the_expected_answers() {
    replay(include_str!("clients/replay/dotnet.json"));
}
