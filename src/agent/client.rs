//! The client side of the agent's protocol.

mod reach;
mod remote_key;
mod requests;

pub(crate) use remote_key::RemoteKey;

use super::peer;
use super::protocol::{Patience, Request, StanzaFields, Timed, VERSION, lost, read_frame, write_frame};
use super::status::{Begun, CurrentKeys, Status};
use crate::error::{Error, Reason, Remedy, Result};
use age_core::format::{FileKey, Stanza};
use reach::reach;
use rustix::io::Errno;
use std::cell::{Cell, RefCell};
use std::io::Read as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A connection to an agent.
pub struct Client {
    socket: PathBuf,
    stream: RefCell<UnixStream>,
    patience: Patience,
    status: Status,
    is_use: Cell<bool>,
    /// A stanza that the agent opened with the first request, and its file key, until it is used.
    opened: RefCell<Option<(Stanza, FileKey)>>,
}

impl Client {
    /// Connects to the agent at `socket`; `None` if no agent listens there.
    ///
    /// # Errors
    /// If the process there belongs to another user, is open to others, does not answer, or is an agent of another
    /// version.
    pub fn connect(socket: &Path) -> Result<Option<Self>> {
        Self::connect_within(socket, Patience::Command)
    }

    fn connect_within(socket: &Path, patience: Patience) -> Result<Option<Self>> {
        Reached::at(socket, patience)?.map_or(Ok(None), Reached::client)
    }

    /// Returns the status of the agent at `socket`, for a shell prompt, which can't wait; `None` if there is no agent or
    /// it doesn't answer at once.
    #[must_use]
    pub fn glance(socket: &Path) -> Option<Status> {
        Self::connect_within(socket, Patience::Prompt).ok().flatten().map(|client| client.status)
    }

    /// Opens another connection to the agent; `None` if it has ended.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub fn again(&self) -> Result<Option<Self>> {
        Self::connect_within(&self.socket, self.patience)
    }

    /// Returns the agent's status at the time of connecting.
    #[must_use]
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// Returns the agent's socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Restarts the agent's idle time, and returns its status after that. Its total time stays the same.
    ///
    /// # Errors
    /// If the agent is gone.
    pub fn renew(&self) -> Result<Status> {
        Status::parse(&self.ask(&Request::Renew)?).ok_or_else(unreadable_status)
    }

    /// Makes later requests not count as use, so that they don't restart the agent's idle time.
    pub fn only_look(&self) {
        self.is_use.set(false);
    }

    /// Stops the agent at `socket`, of any version; `None` if there is none. When this returns, the agent's memory is
    /// freed.
    ///
    /// # Errors
    /// If the process there belongs to another user or can't be stopped.
    pub(crate) fn lock(socket: &Path) -> Result<Option<Ended>> {
        let reached = reach(socket, Patience::Command).map_err(|error| match error.reason() {
            // Not even a connection that would show the process id is accepted.
            Reason::AgentSilent => error.hint("stop it by hand: ps shows it as agent-process, with the vault's path"),
            _ => error,
        });
        let Some((stream, _)) = reached? else { return Ok(None) };
        let peer = peer::process(&stream);
        let answer = ask(&stream, &Request::Lock, Patience::Command);
        let status = answer.as_ref().ok().and_then(|answer| Status::parse(answer));
        let ending = match answer {
            Err(error) if error.reason() == Reason::AgentEnded && !socket.exists() => Ok(()),
            answer => answer.map(drop),
        };
        let Err(error) = ending.and_then(|()| wait_for_end(&stream)) else { return Ok(Some(Ended { status })) };
        // The agent hangs, has no room for another client, or has another protocol.
        let killed = peer.map(|peer| rustix::process::kill_process(peer, rustix::process::Signal::KILL));
        if !matches!(killed, Some(Ok(()) | Err(Errno::SRCH))) {
            return Err(error.hint("stop it where it was started, for example in that container"));
        }
        wait_for_end(&stream)?;
        Ok(Some(Ended { status }))
    }

    /// Sends a request, over a new connection if necessary. The agent closes an idle connection after a while, for
    /// example while a person types a value or has an editor open.
    fn ask(&self, request: &Request) -> Result<Zeroizing<Vec<u8>>> {
        let answer = ask(&self.stream.borrow(), request, self.patience);
        let Err(error) = answer.as_ref() else { return answer };
        if error.reason() != Reason::AgentEnded {
            return answer;
        }
        match self.again()? {
            Some(again) if again.status.is_of_same_keys(&self.status) => {
                self.stream.swap(&again.stream);
                ask(&self.stream.borrow(), request, self.patience)
            }
            _ => answer,
        }
    }
}

/// An agent that accepted a connection and was not asked anything yet. While the client goes on, the agent gets ready.
pub(crate) struct Reached {
    socket: PathBuf,
    stream: UnixStream,
    patience: Patience,
}

impl Reached {
    /// Connects to this user's process at `socket`, if the socket is closed to other users.
    ///
    /// # Errors
    /// If the process there belongs to another user, or the socket is open to others.
    pub(crate) fn at(socket: &Path, patience: Patience) -> Result<Option<Self>> {
        let Some((stream, mode)) = reach(socket, patience)? else { return Ok(None) };
        if mode & 0o077 == 0 {
            return Ok(Some(Self { socket: socket.to_owned(), stream, patience }));
        }
        Err(Error::integrity(format!("other users may be able to connect to the agent at {}", socket.display()))
            .hint(("its mode was changed; to end it: ", Remedy::LockAll)))
    }

    /// Asks for the status; `None` if the agent has ended, or is about to.
    ///
    /// # Errors
    /// If the process there does not answer, or is an agent of another version.
    pub(crate) fn client(mut self) -> Result<Option<Client>> {
        let Some(answer) = self.first_answer(&Request::Status)? else { return Ok(None) };
        let status = Status::parse(&answer).ok_or_else(unreadable_status)?;
        Ok(self.with_status(status))
    }

    /// Asks for the status as [`Reached::client`] does, and asks an agent that holds these keys to open the stanza in the
    /// same request. Then [`Client::file_key`] needs no other request for that stanza.
    ///
    /// # Errors
    /// As [`Reached::client`].
    pub(crate) fn client_opening(mut self, keys: CurrentKeys, stanza: Stanza) -> Result<Option<Client>> {
        let request = Request::Begin { keys, stanza: StanzaFields::new(&stanza) };
        let Some(answer) = self.first_answer(&request)? else { return Ok(None) };
        let Begun { status, file_key } = Begun::parse(&answer).ok_or_else(unreadable_status)?;
        let client = self.with_status(status);
        if let (Some(client), Some(file_key)) = (&client, file_key) {
            client.opened.replace(Some((stanza, file_key)));
        }
        Ok(client)
    }

    /// Sends the first request; `None` if the agent's time ran out. The agent closes an idle connection after a while,
    /// so a closed one is opened again.
    fn first_answer(&mut self, request: &Request) -> Result<Option<Zeroizing<Vec<u8>>>> {
        match ask(&self.stream, request, self.patience) {
            Err(error) if error.reason() == Reason::AgentEnded => {}
            answer => return answer.map(Some),
        }
        let Some(again) = Self::at(&self.socket, self.patience)? else { return Ok(None) };
        *self = again;
        match ask(&self.stream, request, self.patience) {
            Err(error) if error.reason() == Reason::AgentEnded => Ok(None),
            answer => answer.map(Some),
        }
    }

    fn with_status(self, status: Status) -> Option<Client> {
        if status.ends_soon() {
            return None;
        }
        let Self { socket, stream, patience } = self;
        let (stream, is_use, opened) = (RefCell::new(stream), Cell::new(true), RefCell::default());
        Some(Client { socket, stream, patience, status, is_use, opened })
    }
}

/// An agent that was stopped.
#[derive(Debug)]
pub struct Ended {
    /// Its last status, if it could still report it.
    pub status: Option<Status>,
}

/// Waits until the process's memory is freed. The kernel closes a process's connections after that.
fn wait_for_end(stream: &UnixStream) -> Result<()> {
    match Timed::new(stream).read_to_end(&mut Vec::new()).map_err(|error| lost(&error)) {
        Err(error) if error.reason() == Reason::AgentSilent => Err(error),
        _ => Ok(()),
    }
}

fn unreadable_status() -> Error {
    Error::failed("the agent's status can't be read").hint(("to end it: ", Remedy::Lock))
}

fn ask(stream: &UnixStream, request: &Request, patience: Patience) -> Result<Zeroizing<Vec<u8>>> {
    let request = serde_json::to_vec(request).map_err(|_| Error::failed("the agent does not accept that request"))?;
    write_frame(stream, &[&[VERSION], &request], patience.time())?;
    read_answer(read_frame(stream, patience.time())?)
}

fn read_answer(mut answer: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>> {
    match answer.first() {
        Some(1) => Ok(Zeroizing::new(answer.split_off(1))),
        Some(0) => Err(Error::failed(format!("the agent refuses: {}", String::from_utf8_lossy(&answer[1..])))
            .hint(("to end it: ", Remedy::Lock))),
        _ => Err(Error::failed("the agent's answer can't be read").hint(("to end it: ", Remedy::Lock))),
    }
}
