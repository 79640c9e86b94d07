//! The servers of this user (`vault serve`), and who is signed in there: how `vault` finds and asks them.
//!
//! Each listens in the directory of the agents ([`Sockets`]), which only its user can enter, and both ends ask the kernel who
//! the other one is. What it tells is what the same user sees of it anyway: names, clients and times. It gives no token, no
//! key and nothing of the vault, and the most that can be asked of it is to end sessions.
//!
//! A request is one object of JSON, to the end of what its sender says; so is the answer.

use crate::agent::{Sockets, Timed, is_own};
use crate::error::{Error, Result};
use crate::signature::Hash;
use serde::{Deserialize, Serialize};
use std::io::{self, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// The longest request, in bytes.
const LONGEST: u64 = 1024;
/// The longest answer, in bytes: for more sessions than a server has.
const LONGEST_ANSWER: u64 = 1024 * 1024;

/// What is asked of a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// Who is signed in.
    List,
    /// To end the session of this id.
    End(String),
    /// To end all of them.
    EndAll,
}

/// A session, with times in milliseconds from now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// Tells it from others; it opens nothing.
    pub id: String,
    /// Who is signed in.
    pub user: String,
    /// What the client called itself when it signed in.
    pub client: String,
    /// How long ago that was.
    pub begun: u64,
    /// How long ago its last request was.
    pub used: u64,
    /// In how long it ends if it isn't used.
    pub idle_in: u64,
    /// In how long it ends whatever happens.
    pub ends_in: u64,
}

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// The vault's id.
    pub vault: Hash,
    /// The vault's file: only to be shown.
    pub path: String,
    /// The address that it printed.
    pub address: String,
    /// Its process.
    pub pid: u32,
    /// Who is signed in, the first in front.
    pub sessions: Vec<SignedIn>,
    /// Whose sessions the request has ended.
    pub ended: Vec<SignedIn>,
}

/// Begins to listen for a server of this vault. What others left who were killed is removed.
///
/// # Errors
/// If no socket can be made.
pub fn listen(sockets: &Sockets, vault: &Hash) -> Result<(UnixListener, PathBuf)> {
    for socket in sockets.of_servers() {
        let _ = connect(&socket);
    }
    let path = sockets.of_new_server(vault)?;
    // It gets its name once somebody listens, so that nobody takes it for one that was left.
    let begun = path.with_extension("new");
    let failed = |error: io::Error| Error::io("listen on", &path, &error);
    let listener = crate::fs::listen(&begun).map_err(failed)?;
    std::fs::rename(&begun, &path).map_err(|error| {
        let _ = std::fs::remove_file(&begun);
        failed(error)
    })?;
    Ok((listener, path))
}

/// Answers one request. Whoever is not the same user hears nothing.
///
/// # Errors
/// Where the other end is gone, is somebody else's, or says what is none.
pub fn answer(stream: &UnixStream, answer: impl FnOnce(Request) -> Server) -> io::Result<()> {
    if !is_own(stream) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let mut bytes = Vec::new();
    Timed::new(stream).take(LONGEST).read_to_end(&mut bytes)?;
    let told = serde_json::to_vec(&answer(serde_json::from_slice(&bytes)?))?;
    Timed::new(stream).write_all(&told)
}

/// The servers that this user runs for a vault. One that doesn't answer is none.
#[must_use]
pub fn of_vault(sockets: &Sockets, vault: &Hash) -> Vec<Server> {
    let all = sockets.of_servers_of(vault);
    all.iter().filter_map(|socket| ask(socket, &Request::List).ok().flatten()).collect()
}

/// Asks the server that listens there; `None` if none does any more.
///
/// # Errors
/// If what listens there is another user's, or doesn't answer.
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
    let told = asked().map_err(|error| failed(&error))?;
    // It ended just now.
    if told.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(&told).map(Some).map_err(|error| failed(&error.into()))
}

/// A connection; a socket at which nobody listens is removed.
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
    fn a_server_is_found_and_asked_by_its_own_user() {
        let directory = tempfile::tempdir().unwrap();
        let sockets = sockets(directory.path());
        let (listener, path) = listen(&sockets, &Hash::of(b"v")).unwrap();
        assert_eq!(std::fs::symlink_metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(sockets.of_servers(), std::slice::from_ref(&path));
        assert!(sockets.all().is_empty() && sockets.of_vault(&Hash::of(b"v")).is_empty(), "it is no agent");
        let serving = std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            answer(&stream, |request| {
                assert_eq!(request, Request::End("a1".to_owned()));
                server(Vec::new())
            })
        });
        assert_eq!(ask(&path, &Request::End("a1".to_owned())), Ok(Some(server(Vec::new()))));
        serving.join().unwrap().unwrap();
    }

    #[test]
    fn what_a_killed_server_left_is_no_server_and_goes() {
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
    fn what_is_no_request_gets_no_answer() {
        for wrong in ["", "{}", "\"fly\"", &"x".repeat(4096)] {
            let (here, there) = UnixStream::pair().unwrap();
            (&here).write_all(wrong.as_bytes()).unwrap();
            here.shutdown(Shutdown::Write).unwrap();
            assert!(answer(&there, |_| panic!("{wrong}")).is_err());
        }
    }
}
