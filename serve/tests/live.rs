//! Events about changes: Parse's LiveQuery, and server-sent events.

use crate::harness::{Client, Place, Server};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::Duration;
use tungstenite::{Message, WebSocket};
use vault::name::EnvironmentName;

/// How long a test waits for a message. It is long, for busy machines.
const PATIENCE: Duration = Duration::from_secs(60);

struct Socket(WebSocket<TcpStream>);

impl Socket {
    fn open(server: &Server) -> Self {
        let stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let (socket, _) = tungstenite::client(format!("ws://{}/parse", server.address()), stream).unwrap();
        Self(socket)
    }

    /// Opens a socket and connects it with the client's session.
    fn of(client: &Client<'_>) -> Self {
        let mut socket = Self::open(client.server);
        socket.say(&json!({ "op": "connect", "applicationId": "shop", "sessionToken": client.token }));
        assert_eq!(socket.hear()["op"], "connected");
        socket
    }

    fn say(&mut self, message: &Value) {
        self.0.send(Message::text(message.to_string())).unwrap();
    }

    /// The next message, or none if the socket was closed.
    fn next(&mut self) -> Option<Value> {
        loop {
            match self.0.read() {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(_)) | Err(tungstenite::Error::ConnectionClosed) => return None,
                Ok(_) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    fn hear(&mut self) -> Value {
        self.next().expect("the socket was closed")
    }

    fn watch(&mut self, request: u64, class: &str, condition: &Value) {
        let query = json!({ "className": class, "where": condition });
        self.say(&json!({ "op": "subscribe", "requestId": request, "query": query }));
        let answer = self.hear();
        assert_eq!((&answer["op"], &answer["requestId"]), (&json!("subscribed"), &json!(request)), "{answer}");
    }

    /// The next event: its type, the id of its subscription, and one field of its object.
    fn event(&mut self, field: &str) -> (String, u64, String) {
        let event = self.hear();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        assert!(event["object"].get("value").is_none() && !event.to_string().contains("s3cret"), "{event}");
        (text(&event["op"]), event["requestId"].as_u64().unwrap_or_default(), text(&event["object"][field]))
    }
}

fn dev() -> EnvironmentName {
    EnvironmentName::new("dev").unwrap()
}

fn set(place: &Place, name: &str, value: &str) {
    place.set("dev", name, value);
}

fn remove(place: &Place, name: &str) {
    place.remove(dev(), name);
}

#[test]
fn a_change_by_another_process_is_announced_without_its_value() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let mut socket = Socket::of(&mia);
    socket.watch(1, "Secret", &json!({ "environment": "dev" }));
    set(&place, "NEW", "s3cret-2");
    assert_eq!(socket.event("name"), ("create".to_owned(), 1, "NEW".to_owned()));
    set(&place, "NEW", "s3cret-3");
    let event = socket.hear();
    assert_eq!(
        (&event["op"], &event["object"]["version"], &event["original"]["version"]),
        (&json!("update"), &json!(2), &json!(1))
    );
    assert_eq!(event["object"]["className"], "Secret");
    remove(&place, "NEW");
    assert_eq!(socket.event("name"), ("delete".to_owned(), 1, "NEW".to_owned()));
    let before = place.log("mia").len();
    socket.say(&json!({ "op": "unsubscribe", "requestId": 1 }));
    assert_eq!(socket.hear()["op"], "unsubscribed");
    assert_eq!(place.log("mia").len(), before, "nothing was read, so nothing is in the log");
}

#[test]
fn a_subscription_reports_objects_that_start_or_stop_matching() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let mut socket = Socket::of(&mia);
    socket.watch(7, "Secret", &json!({ "note": { "$exists": true } }));
    let id = mia.item("dev", "PORT");
    mia.ask("PUT", &format!("/parse/classes/Secret/{id}"), Some(&json!({ "note": "the port" }))).ok();
    assert_eq!(socket.event("name"), ("enter".to_owned(), 7, "PORT".to_owned()));
    mia.ask("PUT", &format!("/parse/classes/Secret/{id}"), Some(&json!({ "note": { "__op": "Delete" } }))).ok();
    assert_eq!(socket.event("name"), ("leave".to_owned(), 7, "PORT".to_owned()));
}

#[test]
fn nobody_gets_events_about_items_they_may_not_read() {
    let place = Place::new();
    let server = place.serve();
    let noah = server.noah();
    let mut socket = Socket::of(&noah);
    socket.watch(1, "Secret", &json!({}));
    place.set("prod", "HIDDEN", "x");
    set(&place, "SEEN", "x");
    assert_eq!(socket.event("name"), ("create".to_owned(), 1, "SEEN".to_owned()));
}

#[test]
fn new_log_entries_are_announced() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let mut socket = Socket::of(&mia);
    socket.watch(3, "AccessLog", &json!({ "action": "get" }));
    let id = mia.item("dev", "TOKEN");
    mia.get(&format!("/parse/classes/Secret/{id}")).ok();
    assert_eq!(socket.event("action"), ("create".to_owned(), 3, "get".to_owned()));
}

#[test]
fn a_socket_is_closed_with_its_session_and_with_the_server() {
    let place = Place::new();
    let server = place.serve();
    let (mia, noah) = (server.mia(), server.noah());
    let (mut first, mut second) = (Socket::of(&mia), Socket::of(&noah));
    first.watch(1, "Secret", &json!({}));
    second.watch(1, "Secret", &json!({}));
    mia.ask("POST", "/parse/logout", Some(&json!({}))).ok();
    assert_eq!(first.hear()["code"], 209);
    assert_eq!(first.next(), None);
    server.terminate();
    assert_eq!(second.next(), None);
    assert_eq!(server.wait().0, Some(0));
}

#[test]
fn errors_have_the_codes_of_parse_server() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let mut socket = Socket::open(&server);
    let mut code = |message: Value| {
        socket.say(&message);
        let answer = socket.hear();
        assert_eq!(answer["op"], "error", "{answer}");
        answer["code"].as_u64().unwrap()
    };
    let query = json!({ "className": "Secret", "where": {} });
    assert_eq!(code(json!({ "op": "subscribe", "requestId": 1, "query": query })), 2);
    assert_eq!(code(json!({ "op": "fly" })), 3);
    // The SDK does this after a new login: it connects with the first session's token.
    socket.say(&json!({ "op": "connect", "applicationId": "a", "sessionToken": "r:none" }));
    assert_eq!(socket.hear()["op"], "connected");
    socket.say(&json!({ "op": "subscribe", "requestId": 1, "query": query }));
    assert_eq!(socket.hear()["code"], 209, "the connection's token must be invalid");
    let mut code = |token: &str, class: &str, query: Value| {
        let query = json!({ "className": class, "where": query["where"], "keys": query["keys"] });
        let message = json!({ "op": "subscribe", "requestId": 1, "query": query, "sessionToken": token });
        socket.say(&message);
        socket.hear()["code"].as_u64()
    };
    assert_eq!(code("r:none", "Secret", json!({ "where": {} })), Some(209));
    assert_eq!(code(&mia.token, "Colour", json!({ "where": {} })), Some(103));
    assert_eq!(code(&mia.token, "Secret", json!({ "where": { "value": "x" } })), Some(102));
    assert_eq!(code(&mia.token, "Secret", json!({ "where": {}, "keys": ["value"] })), Some(102));
    assert_eq!(code(&mia.token, "Secret", json!({ "where": {}, "keys": ["name"] })), None);
}

#[test]
fn a_page_of_another_origin_cannot_open_a_socket() {
    let place = Place::new();
    let server = place.serve();
    let answer = server.ask("GET", "/parse", &[("origin", "http://evil.example"), ("upgrade", "websocket")], None);
    answer.status(403);
}

#[test]
fn the_same_changes_are_sent_as_server_sent_events() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    server.ask("GET", "/events", &[], None).refused(101);
    mia.get("/events?where=%7B%7D").refused(102);
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "GET /events?class=Secret HTTP/1.1\r\nHost: {}\r\nX-Parse-Session-Token: {}\r\n\r\n",
        server.address(),
        mia.token
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    let head: Vec<String> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
    assert!(head[0].contains("200") && head.iter().any(|line| line == "content-type: text/event-stream"), "{head:?}");
    lines.by_ref().find(|line| line == ": open");
    set(&place, "NEW", "s3cret-2");
    lines.by_ref().find(|line| line == "event: create");
    let data = lines.next().unwrap();
    assert!(data.starts_with("data: {\"object\":") && data.contains("\"NEW\"") && !data.contains("s3cret"), "{data}");
    mia.ask("POST", "/parse/logout", Some(&json!({}))).ok();
    assert!(lines.by_ref().any(|line| line.contains("\"code\":209")));
}

#[test]
fn a_socket_that_never_signs_in_is_closed() {
    let place = Place::new();
    let server = place.serve();
    let mia = server.mia();
    let mut strangers = [Socket::open(&server), Socket::open(&server)];
    strangers[1].say(&json!({ "op": "connect", "applicationId": "shop", "sessionToken": "r:none" }));
    assert_eq!(strangers[1].hear()["op"], "connected");
    strangers[1].say(&json!({ "op": "subscribe", "requestId": 1, "query": { "className": "Secret", "where": {} } }));
    assert_eq!(strangers[1].hear()["code"], 209);
    // These two are signed in: one by the connection's token, one by its query's token.
    let (mut by_token, mut by_query) = (Socket::of(&mia), Socket::open(&server));
    by_query.say(&json!({ "op": "connect", "applicationId": "shop" }));
    assert_eq!(by_query.hear()["op"], "connected");
    let query = json!({ "className": "Secret", "where": {} });
    by_query.say(&json!({ "op": "subscribe", "requestId": 1, "query": query, "sessionToken": mia.token }));
    assert_eq!(by_query.hear()["op"], "subscribed");
    for stranger in &mut strangers {
        assert_eq!(stranger.next(), None);
    }
    by_token.watch(1, "Secret", &json!({}));
    set(&place, "NEW", "s3cret-2");
    assert_eq!(by_query.event("name").2, "NEW");
    assert_eq!(by_token.event("name").2, "NEW");
}

#[test]
fn a_sockets_queries_count_as_requests_and_their_patterns_are_limited() {
    let place = Place::new();
    let server = place.serve_with(&["--rate", "5"]);
    let mia = server.mia();
    let mut socket = Socket::of(&mia);
    let pattern = |count: usize| json!({ "$or": vec![json!({ "name": { "$regex": "A" } }); count] });
    socket.watch(1, "Secret", &pattern(8));
    socket.watch(1, "Secret", &pattern(7));
    let query = json!({ "className": "Secret", "where": pattern(2) });
    socket.say(&json!({ "op": "subscribe", "requestId": 2, "query": query }));
    let refused = socket.hear();
    assert!(refused["code"] == 102 && refused["error"].to_string().contains("$regex"), "{refused}");
    let query = json!({ "className": "Secret", "where": {} });
    let many = (0..200).map(|number| {
        socket.say(&json!({ "op": "subscribe", "requestId": 3 + number % 8, "query": query }));
        socket.hear()["code"].clone()
    });
    assert!(many.into_iter().any(|code| code == 155), "nobody was made to wait");
}
