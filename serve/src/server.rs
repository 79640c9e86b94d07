//! Accepts connections until a signal arrives, and then finishes the requests in progress.

use crate::listen::{Connection, Listener};
use crate::peers::Peer;
use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, watch};

/// The most connections at a time.
const MOST: usize = 256;
/// How long a client may take to send the head of a request, on a new or an open connection.
const HEAD: Duration = Duration::from_secs(30);
/// The longest head of a request, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;
/// How long requests in progress may take after the signal.
const FINISH: Duration = Duration::from_secs(10);
/// The pause after an error of accept(2), which mostly means that no file descriptor is free.
const CROWDED: Duration = Duration::from_millis(50);

/// Serves until SIGTERM, SIGINT or SIGHUP, and then until the requests in progress are answered. `ending` becomes true
/// at the signal.
pub async fn run(listener: Listener, app: Router, ending: watch::Sender<bool>) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let room = Arc::new(Semaphore::new(MOST));
    loop {
        let accepted = async {
            let place = Arc::clone(&room).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            next = accepted => next,
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hang_up.recv() => break,
        };
        let Ok(accepted) = accepted else {
            tokio::time::sleep(CROWDED).await;
            continue;
        };
        let (app, ending) = (app.clone(), ending.subscribe());
        tokio::spawn(async move {
            let _place = place;
            let peer = accepted.peer();
            if let Some(stream) = accepted.stream().await {
                converse((stream, peer), app, ending, HEAD).await;
            }
        });
    }
    drop(listener);
    let _ = ending.send(true);
    // Every connection holds one permit.
    let all = u32::try_from(MOST).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(FINISH, room.acquire_many(all)).await;
    Ok(())
}

/// Answers the requests of one connection.
async fn converse((stream, peer): (Connection, Peer), app: Router, mut ending: watch::Receiver<bool>, head: Duration) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head).max_buf_size(LONGEST_HEAD);
    let app = TowerToHyperService::new(app);
    let with_peer = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(peer);
        app.call(request)
    });
    let connection = http.serve_connection(TokioIo::new(stream), with_peer);
    let mut connection = pin!(connection.with_upgrades());
    // A client that disconnected is not worth a message.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = ending.wait_for(|is_ending| *is_ending) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    /// Returns what the server answers to these bytes before it closes the connection.
    async fn answered(sent: &str) -> String {
        let (here, there) = tokio::io::duplex(1024 * 1024);
        let (_ending, is_ending) = watch::channel(false);
        let app = Router::new().route("/", axum::routing::get(|| async { "here" }));
        let head = Duration::from_millis(20);
        tokio::spawn(converse((Connection::new(Box::new(there)), Peer::Own), app, is_ending, head));
        let (mut reader, mut writer) = tokio::io::split(here);
        writer.write_all(sent.as_bytes()).await.unwrap();
        let mut answer = String::new();
        reader.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn a_connection_without_a_request_head_is_closed() {
        for begun in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: a\r\nX: y"] {
            let answer = answered(begun).await;
            assert!(!answer.contains("here"), "{answer}");
        }
        // The same holds for the next request on the connection.
        let answer = answered("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost:").await;
        assert_eq!(answer.matches("here").count(), 1, "{answer}");
    }

    #[tokio::test]
    async fn a_request_head_that_is_too_long_or_gives_two_lengths_is_refused() {
        let long = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "y".repeat(4 * LONGEST_HEAD));
        assert!(answered(&long).await.starts_with("HTTP/1.1 431"));
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(200));
        assert!(answered(&many).await.starts_with("HTTP/1.1 431"));
        for wrong in [
            "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\naa",
            "POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\na",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked, x\r\n\r\n0\r\n\r\n",
            "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
            "GET /\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ] {
            let answer = answered(wrong).await;
            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{wrong:?}: {answer}");
            assert_eq!(answer.matches("HTTP/1.1").count(), usize::from(!answer.is_empty()), "{wrong:?}: {answer}");
        }
        // With both headers, the bytes after the last chunk are no second request.
        let both =
            "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n";
        assert!(!answered(both).await.contains("here"));
    }
}
