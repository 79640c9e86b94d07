//! The servers of this user (`vault serve`) and the sessions on them: how `vault` finds the servers and talks to them.
//!
//! Each server listens in the directory of the agents ([`Sockets`]), which only its user can enter, and each end asks
//! the kernel which user the other one is. A server reports only what this user can see anyway: names, clients and
//! times. It returns no token, no key and nothing from the vault, and the most that a request can do is to end
//! sessions.
//!
//! A request is one JSON object, and so is the answer; each ends when its sender stops writing.

use crate::agent::{Sockets, Timed, is_own};
use crate::error::{Error, Result};
use crate::signature::Hash;
use serde::{Deserialize, Serialize};
use std::io::{self, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// The maximum length of a request, in bytes.
const LONGEST: u64 = 1024;
/// The maximum length of an answer, in bytes: enough for more sessions than a server allows.
const LONGEST_ANSWER: u64 = 1024 * 1024;

/// A request to a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// Lists the sessions.
    List,
    /// Ends the session with this id.
    End(String),
    /// Ends all sessions.
    EndAll,
}

/// A session, with times in milliseconds relative to now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// Identifies the session; it grants no access.
    pub id: String,
    /// The user who is signed in.
    pub user: String,
    /// The name that the client gave when it signed in.
    pub client: String,
    /// How long ago the session started.
    pub begun: u64,
    /// How long ago the last request was.
    pub used: u64,
    /// How long until the session ends if it is not used.
    pub idle_in: u64,
    /// How long until the session ends in any case.
    pub ends_in: u64,
}

/// What a server reports about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// The vault's id.
    pub vault: Hash,
    /// The path of the vault's file, for display only.
    pub path: String,
    /// The address that the server printed when it started.
    pub address: String,
    /// The server's process id.
    pub pid: u32,
    /// The sessions, oldest first.
    pub sessions: Vec<SignedIn>,
    /// The sessions that the request ended.
    pub ended: Vec<SignedIn>,
}

/// Starts to listen for a server of this vault. Sockets that killed servers left behind are removed.
///
/// # Errors
/// If the socket can't be created.
pub fn listen(sockets: &Sockets, vault: &Hash) -> Result<(UnixListener, PathBuf)> {
    for socket in sockets.of_servers() {
        let _ = connect(&socket);
    }
    let path = sockets.of_new_server(vault)?;
    // It gets its final name only once it listens, so that nobody takes it for one that was left behind.
    let begun = path.with_extension("new");
    let failed = |error: io::Error| Error::io("listen on", &path, &error);
    let listener = crate::fs::listen(&begun).map_err(failed)?;
    std::fs::rename(&begun, &path).map_err(|error| {
        let _ = std::fs::remove_file(&begun);
        failed(error)
    })?;
    Ok((listener, path))
}

/// Answers one request. A process of another user gets no answer.
///
/// # Errors
/// If the other end is gone, belongs to another user, or sends an invalid request.
pub fn answer(stream: &UnixStream, answer: impl FnOnce(Request) -> Server) -> io::Result<()> {
    if !is_own(stream) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let mut bytes = Vec::new();
    Timed::new(stream).take(LONGEST).read_to_end(&mut bytes)?;
    let answer = serde_json::to_vec(&answer(serde_json::from_slice(&bytes)?))?;
    Timed::new(stream).write_all(&answer)
}

/// Returns the servers that this user runs for a vault. A server that does not answer is left out.
#[must_use]
pub fn of_vault(sockets: &Sockets, vault: &Hash) -> Vec<Server> {
    let all = sockets.of_servers_of(vault);
    all.iter().filter_map(|socket| ask(socket, &Request::List).ok().flatten()).collect()
}

/// Sends a request to the server at this socket; `None` if no server listens there any more.
///
/// # Errors
/// If the socket belongs to another user, or the server does not answer.
pub fn ask(socket: &Path, request: &Request) -> Result<Option<Server>> {
    let Some(stream) = connect(socket)? else { return Ok(None) };
    let failed = |error: &io::Error| {
        Error::failed(format!("the server at {} does not answer: {}", socket.display(), crate::error::reason(error)))
            .hint("stop its process: ps shows it as vault-serve")
    };
    let asked = || -> io::Result<Vec<u8>> {
        let mut timed = Timed::new(&stream);
        timed.write_all(&serde_json::to_vec(request)?)?;
        stream.shutdown(Shutdown::Write)?;
        let mut bytes = Vec::new();
        timed.take(LONGEST_ANSWER).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let answer = asked().map_err(|error| failed(&error))?;
    // The server has just ended.
    if answer.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(&answer).map(Some).map_err(|error| failed(&error.into()))
}

/// Connects to a socket; one on which nobody listens is removed.
fn connect(socket: &Path) -> Result<Option<UnixStream>> {
    let stream = match UnixStream::connect(socket) {
        Ok(stream) => stream,
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            let _ = std::fs::remove_file(socket);
            return Ok(None);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("connect to", socket, &error)),
    };
    if !is_own(&stream) {
        let what = format!("{} belongs to another user, not to your server", socket.display());
        return Err(Error::integrity(what).hint("remove it if you can"));
    }
    Ok(Some(stream))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    fn sockets(directory: &Path) -> Sockets {
        std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o700)).unwrap();
        Sockets::new(directory).unwrap()
    }

    fn server(ended: Vec<SignedIn>) -> Server {
        let (path, address) = ("a.vault".to_owned(), "http://127.0.0.1:1".to_owned());
        Server { vault: Hash::of(b"v"), path, address, pid: 1, sessions: Vec::new(), ended }
    }

    #[test]
    fn only_the_servers_own_user_finds_and_queries_it() {
        let directory = tempfile::tempdir().unwrap();
        let sockets = sockets(directory.path());
        let (listener, path) = listen(&sockets, &Hash::of(b"v")).unwrap();
        assert_eq!(std::fs::symlink_metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(sockets.of_servers(), std::slice::from_ref(&path));
        assert!(
            sockets.all().is_empty() && sockets.of_vault(&Hash::of(b"v")).is_empty(),
            "a server must not be listed as an agent"
        );
        let serving = crate::thread::start(crate::thread::STACK, move || {
            let (stream, _) = listener.accept().unwrap();
            answer(&stream, |request| {
                assert_eq!(request, Request::End("a1".to_owned()));
                server(Vec::new())
            })
        })
        .unwrap();
        assert_eq!(ask(&path, &Request::End("a1".to_owned())), Ok(Some(server(Vec::new()))));
        serving.join().unwrap().unwrap();
    }

    #[test]
    fn the_socket_of_a_killed_server_is_ignored_and_removed() {
        let directory = tempfile::tempdir().unwrap();
        let sockets = sockets(directory.path());
        let (listener, path) = listen(&sockets, &Hash::of(b"v")).unwrap();
        drop(listener);
        assert!(path.exists());
        assert_eq!(ask(&path, &Request::List), Ok(None));
        assert!(!path.exists() && sockets.of_servers().is_empty());
        assert_eq!(ask(&path, &Request::List), Ok(None));
    }

    #[test]
    fn an_invalid_request_gets_no_answer() {
        for wrong in ["", "{}", "\"fly\"", &"x".repeat(4096)] {
            let (here, there) = UnixStream::pair().unwrap();
            (&here).write_all(wrong.as_bytes()).unwrap();
            here.shutdown(Shutdown::Write).unwrap();
            assert!(answer(&there, |_| panic!("{wrong}")).is_err());
        }
    }
}
