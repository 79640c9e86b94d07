//! What is said between an agent and its clients: frames of a length (4 bytes, big-endian) and a payload whose first byte
//! is the number of the protocol. A request is JSON; an answer is a byte that says whether it is one, then its bytes.

use crate::error::{Error, Reason, Remedy, Result};
use crate::file::Ancestors;
use crate::identity::Head;
use crate::roster::MAX_USERS;
use crate::signature::Hash;
use crate::time::Time;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// The number of the protocol.
pub(super) const VERSION: u8 = 1;
/// The longest payload, in bytes: a header for as many readers as there can be fits.
pub(super) const MAX_FRAME: usize = 256 * 1024;
/// The most stanzas of a header: one for each user, and the one that age adds for nobody (grease).
pub(super) const MAX_STANZAS: usize = MAX_USERS + 1;

/// What a client asks for.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Request {
    /// The file key of an environment's age file, in which the stanza of this number is most likely the user's own. What is
    /// no use, such as a status, doesn't make the agent live longer.
    Open { vault: Hash, likely: usize, is_use: bool, stanzas: Vec<StanzaFields> },
    /// A signature for an environment. The vault and the author are the agent's own.
    SignEnvironment {
        name: String,
        version: u32,
        previous: Vec<Hash>,
        ancestors: Ancestors,
        roster: Head,
        time: Time,
        data: Hash,
    },
    /// A signature for the header of a segment of the access log. The vault and the user are the agent's own; `key` is the
    /// hash of the age file that holds the first key.
    SignLogSegment {
        device: String,
        segment: u32,
        previous: Hash,
        last_number: u64,
        last_hash: Hash,
        roster: u32,
        key: Hash,
    },
    /// A signature for an anchor of the access log. The vault and the user are the agent's own.
    SignLogAnchor { device: String, segment: u32, number: u64, hash: Hash, time: Time, roster: u32 },
    /// The key of the user's fingerprints of values, which opens nothing; this doesn't make it live longer.
    FingerprintKey,
    /// How long it lives; this doesn't make it live longer.
    Status,
    /// The same, as a use: the idle time begins anew.
    Renew,
    /// The end. The answer is the last status.
    Lock,
}

/// A stanza of an age header (age-encryption.org/v1), the body in base64.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StanzaFields {
    pub(super) tag: String,
    pub(super) args: Vec<String>,
    pub(super) body: String,
}

/// An agent's state.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct Status {
    /// The vault's id.
    pub vault: Hash,
    /// The vault's file as it was unlocked: only to be shown.
    pub path: String,
    /// Whose keys it holds.
    pub user: String,
    /// The public halves: the recipient, and the verifying key in hexadecimal.
    pub recipient: String,
    /// See `recipient`.
    pub verifying_key: String,
    /// The roster when the keys' slot was made: an older one is not the vault's newest.
    pub roster: Head,
    /// In how many milliseconds it ends whatever happens.
    pub ends_in: u64,
    /// In how many milliseconds it ends if it isn't used.
    pub idle_in: u64,
    /// After how many milliseconds without use it ends.
    pub idle: u64,
    /// Its process.
    pub pid: u32,
}

impl Status {
    /// Whether the agents of both hold the same.
    pub(super) fn is_of_same_keys(&self, other: &Self) -> bool {
        self.held() == other.held()
    }

    fn held(&self) -> (Hash, &str, &str, &str, Head) {
        (self.vault, &self.user, &self.recipient, &self.verifying_key, self.roster)
    }

    /// In how many milliseconds it ends if it isn't used from now on.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.ends_in.min(self.idle_in)
    }
}

/// How long a frame may take to come or to go, and how long a client may be idle between two. An agent answers at once.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// A connection for one frame, which has to be over in time however small the pieces are that it comes in.
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

pub(super) fn write_frame(stream: &UnixStream, parts: &[&[u8]]) -> Result<()> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let length = u32::try_from(length).ok().filter(|length| *length as usize <= MAX_FRAME);
    let length = length.ok_or_else(|| Error::failed("the request to the agent is too large"))?;
    // In one write, so that one read finds all of it.
    let mut frame = Zeroizing::new(Vec::with_capacity(4 + length as usize));
    frame.extend_from_slice(&length.to_be_bytes());
    parts.iter().for_each(|part| frame.extend_from_slice(part));
    Timed::new(stream).write_all(&frame).map_err(|error| lost(&error))
}

/// Without its version byte.
pub(super) fn read_frame(stream: &UnixStream) -> Result<Zeroizing<Vec<u8>>> {
    read_frame_within(stream, PATIENCE)
}

/// The same, for who can't wait as long.
pub(super) fn read_frame_within(stream: &UnixStream, patience: Duration) -> Result<Zeroizing<Vec<u8>>> {
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

/// What a failed read or write says of the other end.
pub(super) fn lost(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => silent(),
        _ => ended(),
    }
}

/// The other end is gone: for who needs its keys, the vault is locked, whatever was asked for at that moment.
pub(crate) fn ended() -> Error {
    Error::new(Reason::Locked, "the vault is locked: its agent has stopped").hint(("unlock it again: ", Remedy::Unlock))
}

/// The other end is there, and says nothing.
pub(super) fn silent() -> Error {
    Error::new(Reason::Locked, "the agent does not answer").hint((
        "to end it: ",
        Remedy::LockAll,
        "; to work without it: VAULT_AGENT=off",
    ))
}
