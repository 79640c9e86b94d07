//! The loop that takes connections, and its end: requests that began are finished.

use crate::listen::{Listener, Patient};
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
/// How long a client may take to send the head of a request, a first or a next one.
const HEAD: Duration = Duration::from_secs(30);
/// The longest head of a request, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;
/// How long requests that began may take once the server is to end.
const FINISH: Duration = Duration::from_secs(10);
/// After an error of accept(2), which is that there are no descriptors left.
const CROWDED: Duration = Duration::from_millis(50);

/// Serves until TERM, INT or HUP comes, and then until the requests at hand are answered. Whoever holds the other end of
/// `ending` hears of it.
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
                converse((stream, peer), app, ending).await;
            }
        });
    }
    drop(listener);
    let _ = ending.send(true);
    // Every connection holds a place.
    let all = u32::try_from(MOST).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(FINISH, room.acquire_many(all)).await;
    Ok(())
}

/// Answers the requests of one connection.
async fn converse((stream, peer): (Patient, Peer), app: Router, mut ending: watch::Receiver<bool>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(LONGEST_HEAD);
    let app = TowerToHyperService::new(app);
    let with_peer = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(peer);
        app.call(request)
    });
    let connection = http.serve_connection(TokioIo::new(stream), with_peer);
    let mut connection = pin!(connection.with_upgrades());
    // That a client went away is nothing to report.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = ending.wait_for(|is_ending| *is_ending) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
