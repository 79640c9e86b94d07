//! The calls of SDKs that can't run here, taken from their sources: the bytes that they send, and the answers they need.
//!
//! `clients/replay/` has a file for each. `{token}`, `{id}` and the like stand for what an earlier answer said.

use crate::harness::{MIA, Place, Server, put};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;
use tungstenite::client::IntoClientRequest as _;
use tungstenite::http::{HeaderName, HeaderValue};
use tungstenite::{Message, WebSocket};
use vault::log::{Action, Entry};
use vault::name::EnvironmentName;
use vault::secret::ExposeSecret as _;

/// How long what must come may take on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// One client, between its steps.
struct Replay<'a> {
    place: &'a Place,
    server: &'a Server,
    headers: Vec<(String, String)>,
    /// What stands for `{token}` and the like.
    known: BTreeMap<String, String>,
    socket: Option<WebSocket<TcpStream>>,
}

/// The pairs of an object, as text.
fn pairs(object: &Value) -> Vec<(String, String)> {
    let pairs = object.as_object().into_iter().flatten();
    pairs.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

/// Whether an answer has all that is expected of it.
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

/// Whether a field of this name is anywhere in it.
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
            assert_eq!(self.reads() - before, logged, "{name}: values that the log tells of");
        }
        for (name, pointer) in pairs(&step["keep"]) {
            let value = answer.pointer(&pointer).and_then(Value::as_str);
            self.known.insert(name, value.unwrap_or_else(|| panic!("no {pointer} in {answer}")).to_owned());
        }
    }

    /// How many values the log says were given to this client.
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

    /// Opens the socket, changes an item beside the server, or says something; and gives what is said then.
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
        let dev = EnvironmentName::new("dev").unwrap();
        let entry = Entry::new(Action::Set).environment(&dev);
        self.place.change(entry, |edit| put(edit, &dev, item, "s3cret-2"));
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
    assert!(client.reads() > 0, "a value was read, and the log knows");
}

#[test]
fn the_calls_of_the_flutter_sdk_are_answered() {
    replay(include_str!("clients/replay/flutter.json"));
}

#[test]
fn the_calls_of_the_android_sdk_are_answered() {
    replay(include_str!("clients/replay/android.json"));
}

#[test]
fn the_calls_of_the_ios_sdk_are_answered() {
    replay(include_str!("clients/replay/ios.json"));
}

#[test]
fn the_calls_of_parse_swift_are_answered() {
    replay(include_str!("clients/replay/swift.json"));
}

#[test]
fn the_calls_of_the_dotnet_sdk_are_answered() {
    replay(include_str!("clients/replay/dotnet.json"));
}
