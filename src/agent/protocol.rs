//! The protocol between an agent and its clients: frames of a length (4 bytes, big-endian) and a payload. The payload's
//! first byte is the version of the protocol. A request is JSON. An answer is a byte that says whether the request
//! succeeded, then the result or the error.

use super::status::CurrentKeys;
use crate::error::{Error, Reason, Remedy, Result};
use crate::file::Ancestors;
use crate::identity::Head;
use crate::roster::MAX_USERS;
use crate::signature::Hash;
use crate::time::Time;
use age_core::format::Stanza;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// The version of the protocol.
pub(super) const VERSION: u8 = 2;
/// The maximum length of a payload, in bytes. It leaves room for a header with the maximum number of recipients.
pub(super) const MAX_FRAME: usize = 256 * 1024;
/// The maximum number of stanzas in a header: one for each user, and one that age adds for nobody (grease).
pub(super) const MAX_STANZAS: usize = MAX_USERS + 1;

/// A client's request.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Request {
    /// Asks for the file key of an environment's age file. The stanza number `likely` is most likely the user's own.
    /// Unless `is_use` is set, as for a status, the request doesn't restart the idle time.
    Open { vault: Hash, likely: usize, is_use: bool, stanzas: Vec<StanzaFields> },
    /// Asks for the signature for an environment. The vault and the author are the agent's own.
    SignEnvironment {
        name: String,
        version: u32,
        previous: Vec<Hash>,
        ancestors: Ancestors,
        roster: Head,
        time: Time,
        data: Hash,
    },
    /// Asks for the signature for the header of a segment of the access log. The vault and the user are the agent's own.
    /// `key` is the hash of the age file with the first key.
    SignLogSegment {
        device: String,
        segment: u32,
        previous: Hash,
        last_number: u64,
        last_hash: Hash,
        roster: u32,
        key: Hash,
    },
    /// Asks for the signature for an anchor of the access log. The vault and the user are the agent's own.
    SignLogAnchor { device: String, segment: u32, number: u64, hash: Hash, time: Time, roster: u32 },
    /// Asks for the user's fingerprint key, which opens nothing. This doesn't restart the idle time.
    FingerprintKey,
    /// Asks for the status, and in the same request for the file key of an environment's age file, from the stanza that
    /// is most likely the user's own. An agent with other keys, or one that ends soon, answers with its status alone. So
    /// does one that can't open the stanza. Only a file key in the answer restarts the idle time.
    Begin { keys: CurrentKeys, stanza: StanzaFields },
    /// Asks for the status. This doesn't restart the idle time.
    Status,
    /// Restarts the idle time, and asks for the status.
    Renew,
    /// Stops the agent. The answer is the last status.
    Lock,
}

/// A stanza of an age header (age-encryption.org/v1), with the body in base64.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StanzaFields {
    pub(super) tag: String,
    pub(super) args: Vec<String>,
    pub(super) body: String,
}

impl StanzaFields {
    pub(super) fn new(stanza: &Stanza) -> Self {
        let Stanza { tag, args, body } = stanza;
        Self { tag: tag.clone(), args: args.clone(), body: BASE64_STANDARD_NO_PAD.encode(body) }
    }

    pub(super) fn stanza(self) -> Result<Stanza> {
        let Self { tag, args, body } = self;
        let body = BASE64_STANDARD_NO_PAD.decode(body).map_err(|_| Error::usage("the header is not an age header"))?;
        Ok(Stanza { tag, args, body })
    }
}

/// How long a client waits for an agent. A running agent answers within a millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// As long as an agent waits for a client.
    Command,
    /// A second, because a person has pressed Tab and waits.
    Completion,
    /// A moment, because a shell prompt comes after every command.
    Prompt,
}

impl Patience {
    /// Returns the maximum time for receiving or sending a frame.
    pub(super) fn time(self) -> Duration {
        match self {
            Self::Command => PATIENCE,
            Self::Completion => Duration::from_secs(1),
            Self::Prompt => Duration::from_millis(100),
        }
    }
}

/// The maximum time for receiving or sending a frame, and for a client to be idle between two frames.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// A connection with a deadline for one frame, however small the pieces are in which the frame arrives.
pub(crate) struct Timed<'a> {
    stream: &'a UnixStream,
    until: Instant,
}

impl<'a> Timed<'a> {
    pub(crate) fn new(stream: &'a UnixStream) -> Self {
        Self::within(stream, PATIENCE)
    }

    fn within(stream: &'a UnixStream, patience: Duration) -> Self {
        Self { stream, until: Instant::now() + patience }
    }

    fn left(&self) -> io::Result<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.left()?))?;
        self.stream.read(buffer)
    }
}

impl Write for Timed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.left()?))?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn write_frame(stream: &UnixStream, parts: &[&[u8]], patience: Duration) -> Result<()> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let length = u32::try_from(length).ok().filter(|length| *length as usize <= MAX_FRAME);
    let length = length.ok_or_else(|| Error::failed("the request to the agent is too large"))?;
    // Write everything at once, so that one read gets all of it.
    let mut frame = Zeroizing::new(Vec::with_capacity(4 + length as usize));
    frame.extend_from_slice(&length.to_be_bytes());
    parts.iter().for_each(|part| frame.extend_from_slice(part));
    Timed::within(stream, patience).write_all(&frame).map_err(|error| lost(&error))
}

/// Reads a frame. Returns the payload without the version byte.
pub(super) fn read_frame(stream: &UnixStream, patience: Duration) -> Result<Zeroizing<Vec<u8>>> {
    let mut stream = Timed::within(stream, patience);
    let mut head = [0; 5];
    stream.read_exact(&mut head).map_err(|error| lost(&error))?;
    let [length @ .., version] = head;
    let length = u32::from_be_bytes(length) as usize;
    if !(1..=MAX_FRAME).contains(&length) {
        return Err(Error::failed("the agent's connection carries something other than messages"));
    }
    if version != VERSION {
        return Err(
            Error::failed("an agent of another version of vault is running").hint(("to end it: ", Remedy::LockAll))
        );
    }
    let mut payload = Zeroizing::new(vec![0; length - 1]);
    stream.read_exact(&mut payload).map_err(|error| lost(&error))?;
    Ok(payload)
}

/// Returns what a failed read or write means for the caller.
pub(super) fn lost(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => silent(),
        _ => ended(),
    }
}

/// The error if the agent is gone: without its keys, the vault is locked.
pub(crate) fn ended() -> Error {
    Error::new(Reason::AgentEnded, "the vault is locked: its agent has stopped")
        .hint(("unlock it again: ", Remedy::Unlock))
}

/// The error if the agent exists, but does not answer.
pub(super) fn silent() -> Error {
    Error::new(Reason::AgentSilent, "the agent does not answer").hint((
        "to end it: ",
        Remedy::LockAll,
        "; to work without it: ",
        Remedy::WithoutAgent,
    ))
}
