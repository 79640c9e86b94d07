//! Parse's LiveQuery on a WebSocket.

use super::message::{Address, Message, Wrong};
use super::subscription::Subscription;
use super::watching::{Live, Waking, Woken};
use crate::api::rate::{Bucket, Rate};
use crate::api::sessions::Entry;
use crate::api::{ApiError, Client, Code, Result, Token};
use crate::parse::refused;
use axum::extract::State;
use axum::extract::ws::{self, CloseFrame, WebSocket, WebSocketUpgrade, close_code};
use axum::response::Response;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// The largest message from a client, in bytes.
const LARGEST: usize = 64 * 1024;
/// The most live queries on one socket.
const MOST: usize = 64;
/// The most patterns in all queries of one socket.
const PATTERNS: usize = 8;
/// How long a socket may be open without a session or a live query. Anybody can open one.
const FIRST: Duration = Duration::from_secs(10);
/// How long a client may take to accept a message.
const SLOWEST: Duration = Duration::from_secs(10);
/// The interval of pings.
const PING: Duration = Duration::from_secs(30);

/// A client that has connected.
struct Connection {
    address: Address,
    client: Client,
    token: Option<Token>,
    /// The session of the token, if it was valid.
    session: Option<Arc<Entry>>,
    subscriptions: BTreeMap<u64, Subscription>,
}

impl Connection {
    /// Returns whether the connection belongs to a user who is signed in.
    fn is_somebodys(&self, live: &Live) -> bool {
        !self.subscriptions.is_empty() || self.session.as_ref().is_some_and(|one| live.api.sessions.is_open(one))
    }
}

/// Whether the socket stays open.
enum Next {
    Go,
    /// Close it with this code.
    Close(u16),
}

/// Upgrades the request to a WebSocket.
pub async fn open(State(live): State<Live>, upgrade: WebSocketUpgrade) -> Response {
    let Ok(place) = Arc::clone(&live.room).try_acquire_owned() else {
        return refused(&ApiError::new(Code::TooManyRequests, "too many live queries are open"));
    };
    upgrade.max_message_size(LARGEST).max_frame_size(LARGEST).on_upgrade(move |socket| async move {
        let _place = place;
        converse(socket, live).await;
    })
}

async fn converse(mut socket: WebSocket, live: Live) {
    let (mut waking, messages) = (Waking::new(&live), Bucket::new(Rate::OF_SESSION));
    let (mut connection, mut known, mut pinged): (Option<Connection>, _, _) = (None, Instant::now(), Instant::now());
    let code = loop {
        if connection.as_ref().is_some_and(|connection| connection.is_somebodys(&live)) {
            known = Instant::now();
        }
        let next = tokio::select! {
            message = socket.recv() => match message {
                Some(Ok(_)) if messages.take(Rate::OF_SESSION).is_err() => Ok(Next::Close(close_code::POLICY)),
                Some(Ok(message)) => hear(&mut socket, &live, &mut connection, message).await,
                Some(Err(_)) | None => return,
            },
            woken = waking.next() => match (woken, &mut connection) {
                (Woken::Ending, _) => Ok(Next::Close(close_code::AWAY)),
                _ if known.elapsed() >= FIRST => Ok(Next::Close(close_code::POLICY)),
                (_, None) => Ok(Next::Go),
                (woken, Some(connection)) => look(&mut socket, &live, connection, &woken).await,
            },
        };
        match next {
            Ok(Next::Go) => {}
            Ok(Next::Close(code)) => break code,
            Err(Gone) => return,
        }
        if pinged.elapsed() >= PING {
            pinged = Instant::now();
            if send(&mut socket, ws::Message::Ping(Vec::new().into())).await.is_err() {
                return;
            }
        }
    };
    let frame = CloseFrame { code, reason: "".into() };
    let _ = send(&mut socket, ws::Message::Close(Some(frame))).await;
}

/// Handles a message from the client.
async fn hear(
    socket: &mut WebSocket,
    live: &Live,
    connection: &mut Option<Connection>,
    message: ws::Message,
) -> Result<Next, Gone> {
    let text = match message {
        ws::Message::Text(text) => text,
        ws::Message::Binary(_) => return Ok(Next::Close(close_code::UNSUPPORTED)),
        ws::Message::Close(_) => return Err(Gone),
        ws::Message::Ping(_) | ws::Message::Pong(_) => return Ok(Next::Go),
    };
    let answer = match Message::read(&text) {
        Ok(message) => done(live, connection, message).await.unwrap_or_else(|wrong| wrong.json()),
        Err(wrong) => wrong.json(),
    };
    tell(socket, &answer).await?;
    Ok(Next::Go)
}

/// Carries out a message and returns the answer.
async fn done(live: &Live, connection: &mut Option<Connection>, message: Message) -> Result<Value, Wrong> {
    match (message, connection) {
        (Message::Connect { application, token, installation }, connection) => {
            let new = connect(live, &application, token, installation).map_err(|error| Wrong::new(&error, None))?;
            let new = connection.insert(new);
            Ok(new.address.answer("connected", None))
        }
        (Message::Subscribe { .. }, None) => Err(Wrong::not_connected("subscribing")),
        (Message::Unsubscribe { .. }, None) => Err(Wrong::not_connected("unsubscribing")),
        (Message::Subscribe { request, class, parameters, token }, Some(connection)) => {
            let wrong = |error: ApiError| Wrong::new(&error, Some(request));
            if connection.subscriptions.len() >= MOST && !connection.subscriptions.contains_key(&request) {
                let message = format!("a connection has at most {MOST} live queries");
                return Err(wrong(ApiError::new(Code::TooManyRequests, message)));
            }
            let token = token.or_else(|| connection.token.as_ref().map(Token::copy));
            let client = connection.client.clone();
            let begun =
                live.api.run(move |api| Subscription::begin(api, token.as_ref(), client, &class, &parameters)).await;
            let begun = begun.map_err(wrong)?;
            let others = connection.subscriptions.iter().filter(|(other, _)| **other != request);
            let patterns = begun.patterns() + others.map(|(_, one)| one.patterns()).sum::<usize>();
            if patterns > PATTERNS {
                return Err(wrong(ApiError::query(format!(
                    "the live queries of a connection have at most {PATTERNS} $regex"
                ))));
            }
            connection.subscriptions.insert(request, begun);
            Ok(connection.address.answer("subscribed", Some(request)))
        }
        (Message::Unsubscribe { request }, Some(connection)) => match connection.subscriptions.remove(&request) {
            Some(_) => Ok(connection.address.answer("unsubscribed", Some(request))),
            None => {
                let message =
                    "Cannot find subscription. Make sure you subscribe to live query server before unsubscribing.";
                Err(Wrong::with_code(2, message, Some(request)))
            }
        },
    }
}

/// Makes a connection. Its token may be of an ended session: the JavaScript SDK keeps sending a page's first token, and
/// each query sends its own.
fn connect(live: &Live, application: &str, token: Option<Token>, installation: Option<String>) -> Result<Connection> {
    let client = Client::new(Some(application), None)?;
    let address = Address { id: vault::item::random_id()?, installation };
    let session = token.as_ref().and_then(|token| live.api.sessions.find(token).ok());
    Ok(Connection { address, client, token, session, subscriptions: BTreeMap::new() })
}

/// Sends the events since the last look, and ends the queries of ended sessions.
async fn look(socket: &mut WebSocket, live: &Live, connection: &mut Connection, woken: &Woken) -> Result<Next, Gone> {
    let is_over = |subscription: &Subscription| !live.api.sessions.is_open(&subscription.session);
    let over: Vec<u64> =
        connection.subscriptions.iter().filter(|(_, one)| is_over(one)).map(|(request, _)| *request).collect();
    for request in &over {
        connection.subscriptions.remove(request);
        tell(socket, &Wrong::new(&ApiError::invalid_session(), Some(*request)).json()).await?;
    }
    if !over.is_empty() && connection.subscriptions.is_empty() {
        return Ok(Next::Close(close_code::POLICY));
    }
    let is_due = |one: &Subscription| matches!(woken, Woken::Changed) || one.has_failed();
    if !connection.subscriptions.values().any(is_due) {
        return Ok(Next::Go);
    }
    let mut subscriptions = std::mem::take(&mut connection.subscriptions);
    let looked = live.api.run(move |api| {
        let found: Vec<_> =
            subscriptions.iter_mut().map(|(request, subscription)| (*request, subscription.look(api))).collect();
        Ok((subscriptions, found))
    });
    let Ok((subscriptions, found)) = looked.await else { return Ok(Next::Close(close_code::AWAY)) };
    connection.subscriptions = subscriptions;
    for (request, found) in found {
        match found {
            Ok(events) => {
                for event in events {
                    tell(socket, &connection.address.event(request, event)).await?;
                }
            }
            Err(error) => tell(socket, &Wrong::new(&error, Some(request)).json()).await?,
        }
    }
    Ok(Next::Go)
}

/// The client is gone or doesn't accept messages.
struct Gone;

async fn tell(socket: &mut WebSocket, json: &Value) -> Result<(), Gone> {
    send(socket, ws::Message::Text(json.to_string().into())).await
}

async fn send(socket: &mut WebSocket, message: ws::Message) -> Result<(), Gone> {
    match timeout(SLOWEST, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Gone),
    }
}
