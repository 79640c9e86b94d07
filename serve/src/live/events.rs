//! Live queries as server-sent events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>), for clients
//! without a WebSocket. A browser's EventSource can't send headers, so pages read the events with fetch.

use super::subscription::{Event, Subscription};
use super::watching::{Live, Waking, Woken};
use crate::api::classes::{self, access_log};
use crate::api::{Api, ApiError, Code, Result};
use crate::parse::{Asked, refused};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hyper::body::{Bytes, Frame};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// How many events may wait for a slow client. When it is full, the stream waits for the client.
const WAITING: usize = 16;
/// The interval of keep-alive comments, through which either end notices that the other is gone.
const PING: Duration = Duration::from_secs(15);

/// Opens a stream. `class` is a list of classes with commas; `where` and `keys` need a single class.
pub async fn open(State(live): State<Live>, request: Request) -> Response {
    let Ok(place) = Arc::clone(&live.room).try_acquire_owned() else {
        return refused(&ApiError::new(Code::TooManyRequests, "too many live queries are open"));
    };
    let (head, _) = request.into_parts();
    let asked = match Asked::read(&head, &[]) {
        Ok(asked) => asked,
        Err(error) => return refused(&error),
    };
    let subscriptions = match live.api.run(move |api| begin(api, asked)).await {
        Ok(subscriptions) => subscriptions,
        Err(error) => return refused(&error),
    };
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let _place = place;
        let _ = tell(&live, subscriptions, &sender).await;
    });
    let headers = [(header::CONTENT_TYPE, "text/event-stream")];
    (headers, Body::new(Frames(receiver))).into_response()
}

/// Begins the subscriptions. Without `class`, they are for every class but the log, which changes all the time.
fn begin(api: &Api, asked: Asked) -> Result<Vec<Subscription>> {
    let Asked { mut fields, token, client, .. } = asked;
    let named = fields.remove("class");
    let named: Vec<&str> = match named.as_ref().and_then(serde_json::Value::as_str) {
        Some(names) => names.split(',').map(str::trim).collect(),
        None => {
            classes::ALL.iter().map(|class| class.schema().class).filter(|name| *name != access_log::NAME).collect()
        }
    };
    if named.len() != 1 && !fields.is_empty() {
        return Err(ApiError::query("where and keys need one class").hint("name it: /events?class=Secret"));
    }
    if named.len() > classes::ALL.len() {
        return Err(ApiError::query("class names the same class twice"));
    }
    let begun = named.into_iter().map(|class| Subscription::begin(api, token.as_ref(), client.clone(), class, &fields));
    begun.collect()
}

/// Sends events until the session, the server or the client ends.
async fn tell(
    live: &Live,
    mut subscriptions: Vec<Subscription>,
    sender: &mpsc::Sender<Bytes>,
) -> Result<(), mpsc::error::SendError<Bytes>> {
    let (mut waking, mut last_sent) = (Waking::new(live), Instant::now());
    sender.send(Bytes::from_static(b": open\n\n")).await?;
    loop {
        let woken = tokio::select! {
            woken = waking.next() => woken,
            () = sender.closed() => return Ok(()),
        };
        if matches!(woken, Woken::Ending) {
            return Ok(());
        }
        if subscriptions.iter().any(|one| !live.api.sessions.is_open(&one.session)) {
            return sender.send(failure(&ApiError::invalid_session())).await;
        }
        if matches!(woken, Woken::Changed) || subscriptions.iter().any(Subscription::has_failed) {
            let looked = live.api.run(move |api| {
                let found: Vec<_> = subscriptions.iter_mut().map(|one| one.look(api)).collect();
                Ok((subscriptions, found))
            });
            let Ok((same, found)) = looked.await else { return Ok(()) };
            subscriptions = same;
            for line in found.into_iter().flat_map(lines) {
                last_sent = Instant::now();
                sender.send(line).await?;
            }
        }
        if last_sent.elapsed() >= PING {
            last_sent = Instant::now();
            sender.send(Bytes::from_static(b":\n\n")).await?;
        }
    }
}

/// Formats what a live query found: events, or the error of looking for them.
fn lines(found: Result<Vec<Event>>) -> Vec<Bytes> {
    match found {
        Ok(events) => events.into_iter().map(line).collect(),
        Err(error) => vec![failure(&error)],
    }
}

/// Formats an event in two lines: compact JSON has no line breaks.
fn line(event: Event) -> Bytes {
    let mut json = serde_json::json!({ "object": event.object });
    if let Some(original) = event.original {
        json["original"] = original;
    }
    format!("event: {}\ndata: {json}\n\n", event.what.word()).into()
}

fn failure(error: &ApiError) -> Bytes {
    format!("event: error\ndata: {}\n\n", error.to_json()).into()
}

/// The stream as a response body.
pub struct Frames(pub mpsc::Receiver<Bytes>);

impl hyper::body::Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}
