//! The client side of the agent's protocol.

mod reach;
mod remote_key;

pub(crate) use remote_key::RemoteKey;

use super::peer;
use super::protocol::{
    Request, StanzaFields, Status, Timed, VERSION, ended, lost, read_frame, read_frame_within, silent, write_frame,
};
use crate::error::{Error, Remedy, Result};
use crate::file::BlockStatement;
use crate::identity::FingerprintKey;
use crate::item::AnchorStatement;
use crate::log::SegmentHeader;
use crate::signature::{Hash, Signature};
use age_core::format::{FileKey, Stanza};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use reach::reach;
use rustix::io::Errno;
use std::cell::{Cell, RefCell};
use std::io::Read as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

/// An agent with less than this left to live, in milliseconds, counts as gone. A command might outlast it and fail.
const SOON: u64 = 200;

/// How long a prompt waits for an agent. A running agent answers within a millisecond.
const GLANCE: Duration = Duration::from_millis(100);

/// A connection to an agent.
pub struct Client {
    socket: PathBuf,
    stream: RefCell<UnixStream>,
    status: Status,
    is_use: Cell<bool>,
}

impl Client {
    /// Connects to the agent at `socket`; `None` if no agent listens there.
    ///
    /// # Errors
    /// If the process there belongs to another user, is open to others, does not answer, or is an agent of another
    /// version.
    pub fn connect(socket: &Path) -> Result<Option<Self>> {
        let Some((stream, mode)) = reach(socket)? else { return Ok(None) };
        if mode & 0o077 != 0 {
            return Err(Error::integrity(format!(
                "other users may be able to connect to the agent at {}",
                socket.display()
            ))
            .hint(("its mode was changed; to end it: ", Remedy::LockAll)));
        }
        let status = match ask(&stream, &Request::Status) {
            // The agent's time ran out while this connection waited.
            Err(error) if error == ended() => return Ok(None),
            status => status?,
        };
        let status = read_status(&status).ok_or_else(unreadable_status)?;
        if status.left() < SOON {
            return Ok(None);
        }
        let stream = RefCell::new(stream);
        Ok(Some(Self { socket: socket.to_owned(), stream, status, is_use: Cell::new(true) }))
    }

    /// Returns the status of the agent at `socket`, for a shell prompt, which can't wait; `None` if there is no agent or
    /// it doesn't answer at once.
    #[must_use]
    pub fn glance(socket: &Path) -> Option<Status> {
        let (stream, mode) = reach(socket).ok().flatten()?;
        if mode & 0o077 != 0 {
            return None;
        }
        write_request(&stream, &Request::Status).ok()?;
        let answer = read_answer(read_frame_within(&stream, GLANCE).ok()?).ok()?;
        read_status(&answer).filter(|status| status.left() >= SOON)
    }

    /// Opens another connection to the agent; `None` if it has ended.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub fn again(&self) -> Result<Option<Self>> {
        Self::connect(&self.socket)
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
        read_status(&self.ask(&Request::Renew)?).ok_or_else(unreadable_status)
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
    pub fn lock(socket: &Path) -> Result<Option<Ended>> {
        let reached = reach(socket).map_err(|error| match error == silent() {
            // Not even a connection that would show the process id is accepted.
            true => error.hint("stop it by hand: ps shows it as agent-process, with the vault's path"),
            false => error,
        });
        let Some((stream, _)) = reached? else { return Ok(None) };
        let peer = peer::process(&stream);
        let answer = ask(&stream, &Request::Lock);
        let status = answer.as_ref().ok().and_then(|answer| read_status(answer));
        let ending = match answer {
            Err(error) if error == ended() && !socket.exists() => Ok(()),
            answer => answer.map(drop),
        };
        let Err(error) = ending.and_then(|()| wait_for_end(&stream)) else { return Ok(Some(Ended { status })) };
        // The agent hangs, has no room for another client, or has another protocol.
        let killed = peer.map(|peer| rustix::process::kill_process(peer, rustix::process::Signal::KILL));
        if !matches!(killed, Some(Ok(()) | Err(Errno::SRCH))) {
            return Err(error.hint("it can be stopped only where it was started"));
        }
        wait_for_end(&stream)?;
        Ok(Some(Ended { status }))
    }

    /// Sends a request, over a new connection if necessary. The agent closes an idle connection after a while, for
    /// example while a person types a value or has an editor open.
    fn ask(&self, request: &Request) -> Result<Zeroizing<Vec<u8>>> {
        let answer = ask(&self.stream.borrow(), request);
        let Err(error) = answer.as_ref() else { return answer };
        if *error != ended() {
            return answer;
        }
        match self.again()? {
            Some(again) if again.status.is_of_same_keys(&self.status) => {
                self.stream.swap(&again.stream);
                ask(&self.stream.borrow(), request)
            }
            _ => answer,
        }
    }

    /// Asks for the file key of an age file; `None` if the file is not encrypted to the agent's user.
    ///
    /// # Errors
    /// If the agent is gone or refuses.
    pub(crate) fn file_key(&self, vault: &Hash, likely: usize, stanzas: &[Stanza]) -> Result<Option<FileKey>> {
        let fields = |stanza: &Stanza| StanzaFields {
            tag: stanza.tag.clone(),
            args: stanza.args.clone(),
            body: BASE64_STANDARD_NO_PAD.encode(&stanza.body),
        };
        let request = Request::Open {
            vault: *vault,
            likely,
            is_use: self.is_use.get(),
            stanzas: stanzas.iter().map(fields).collect(),
        };
        let key = self.ask(&request)?;
        match key.len() {
            0 => Ok(None),
            16 => Ok(Some(FileKey::init_with_mut(|file_key| file_key.copy_from_slice(&key)))),
            _ => Err(Error::failed("the agent's answer can't be read")),
        }
    }

    /// Asks for the signature for an environment's statement. The author is the agent's user, and the vault is the
    /// agent's.
    ///
    /// # Errors
    /// If the agent is gone or refuses.
    pub(crate) fn sign(&self, statement: &BlockStatement, data: &Hash) -> Result<Signature> {
        let BlockStatement { name, version, previous, ancestors, roster, time, .. } = statement;
        let request = Request::SignEnvironment {
            name: name.to_string(),
            version: *version,
            previous: previous.clone(),
            ancestors: ancestors.clone(),
            roster: *roster,
            time: *time,
            data: *data,
        };
        self.signature(&request)
    }

    /// Asks for the signature for a header of the access log. `key` is the hash of the header's encrypted key. The user
    /// and the vault are the agent's.
    ///
    /// # Errors
    /// If the agent is gone or refuses.
    pub(crate) fn sign_segment(&self, header: &SegmentHeader, key: &Hash) -> Result<Signature> {
        let SegmentHeader { device, segment, previous, last_number, last_hash, roster, .. } = header;
        self.signature(&Request::SignLogSegment {
            device: device.clone(),
            segment: *segment,
            previous: *previous,
            last_number: *last_number,
            last_hash: *last_hash,
            roster: *roster,
            key: *key,
        })
    }

    /// Asks for the signature for an anchor of the access log. The user and the vault are the agent's.
    ///
    /// # Errors
    /// If the agent is gone or refuses.
    pub(crate) fn sign_anchor(&self, anchor: &AnchorStatement<'_>) -> Result<Signature> {
        let AnchorStatement { user: _, device, segment, number, hash, time, roster } = *anchor;
        let device = device.to_owned();
        self.signature(&Request::SignLogAnchor { device, segment, number, hash, time, roster })
    }

    /// Asks for the fingerprint key of the agent's user.
    ///
    /// # Errors
    /// If the agent is gone or refuses.
    pub(crate) fn fingerprint_key(&self) -> Result<FingerprintKey> {
        let answer = self.ask(&Request::FingerprintKey)?;
        let key = <[u8; 32]>::try_from(&**answer).map(Zeroizing::new);
        key.map(FingerprintKey::from_bytes).map_err(|_| Error::failed("the agent's answer can't be read"))
    }

    fn signature(&self, request: &Request) -> Result<Signature> {
        let answer = self.ask(request)?;
        let signature = std::str::from_utf8(&answer).unwrap_or_default().parse();
        signature.map_err(|_| Error::failed("the agent's answer can't be read"))
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
        Err(error) if error == silent() => Err(error),
        _ => Ok(()),
    }
}

fn unreadable_status() -> Error {
    Error::failed("the agent's status can't be read")
}

fn read_status(answer: &[u8]) -> Option<Status> {
    serde_json::from_slice(answer).ok()
}

fn ask(stream: &UnixStream, request: &Request) -> Result<Zeroizing<Vec<u8>>> {
    write_request(stream, request)?;
    read_answer(read_frame(stream)?)
}

fn write_request(stream: &UnixStream, request: &Request) -> Result<()> {
    let request = serde_json::to_vec(request).map_err(|_| Error::failed("the agent does not accept that request"))?;
    write_frame(stream, &[&[VERSION], &request])
}

fn read_answer(mut answer: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>> {
    match answer.first() {
        Some(1) => Ok(Zeroizing::new(answer.split_off(1))),
        Some(0) => Err(Error::failed(format!("the agent refuses: {}", String::from_utf8_lossy(&answer[1..])))),
        _ => Err(Error::failed("the agent's answer can't be read")),
    }
}
