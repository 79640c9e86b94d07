//! The control socket for `vault serve sessions`. It belongs to the user and is in the same directory as the agents'
//! sockets ([`vault::serving`]).

use crate::api::Api;
use std::io::Write as _;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::Arc;
use vault::agent::Sockets;
use vault::error::reason;
use vault::serving::{self, Request, Server};
use vault::{Error, Result, thread};

/// How many requests are answered at a time. Each takes at most a few seconds.
const AT_A_TIME: usize = 2;

/// The socket file. It is removed on drop.
pub struct Control {
    path: PathBuf,
}

impl Control {
    /// Listens, and answers until the process ends. If the socket can't be made, it prints a warning and the server
    /// runs without it.
    pub fn begin(api: &Arc<Api>, address: &str) -> Option<Self> {
        let sockets = Sockets::make(&api.served.settings.state);
        let listening = sockets.and_then(|sockets| serving::listen(&sockets, &api.served.id));
        match listening.and_then(|(listener, path)| Self { path }.answering(listener, api, address)) {
            Ok(control) => Some(control),
            Err(error) => {
                let _ = writeln!(std::io::stderr(), "warning: vault serve sessions won't find this server: {error}");
                None
            }
        }
    }

    /// Starts the threads that answer.
    fn answering(self, listener: UnixListener, api: &Arc<Api>, address: &str) -> Result<Self> {
        let listener = Arc::new(listener);
        for _ in 0..AT_A_TIME {
            let (listener, api, address) = (Arc::clone(&listener), Arc::clone(api), address.to_owned());
            let thread = thread::start(thread::STACK, move || answer_for_ever(&listener, &api, &address));
            thread.map_err(|error| Error::failed(format!("cannot start a thread: {}", reason(&error))))?;
        }
        Ok(self)
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

fn answer_for_ever(listener: &UnixListener, api: &Api, address: &str) {
    loop {
        match listener.accept() {
            // A client that disconnected or was refused is not worth a message.
            Ok((stream, _)) => drop(serving::answer(&stream, |request| server(api, address, request))),
            Err(_) => std::thread::sleep(std::time::Duration::from_millis(50)),
        }
    }
}

/// Carries out the request and returns the state of the server afterwards.
fn server(api: &Api, address: &str, request: Request) -> Server {
    let ended = match request {
        Request::List => Vec::new(),
        Request::End(id) => api.sessions.end_where(|session| session.id == id),
        Request::EndAll => api.sessions.end_where(|_| true),
    };
    Server {
        vault: api.served.id,
        path: api.served.vault.display().to_string(),
        address: address.to_owned(),
        pid: std::process::id(),
        sessions: api.sessions.list(),
        ended,
    }
}
