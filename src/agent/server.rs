//! The agent itself.

use super::peer::is_own;
use super::place::Place;
use super::protocol::{Request, StanzaFields, Status, VERSION, read_frame, write_frame};
use crate::crypto::Placed;
use crate::error::{Error, Kind, Result};
use crate::file::BlockStatement;
use crate::identity::Identity;
use crate::name::EnvironmentName;
use crate::secret::ExposeSecret as _;
use age::Identity as _;
use age_core::format::Stanza;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use memsafe::Secret;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::time::ClockId;
use std::io::Read;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use zeroize::Zeroizing;

/// Room for an identity with all the retired keys that it may carry, in bytes.
const TEXT: usize = 8 * 1024;
/// How long a client may take for a request, and idle between two.
const PATIENCE: Duration = Duration::from_secs(5);
/// So many clients are served at once; more have to wait until one of them is done or too slow.
const MOST_CLIENTS: usize = 256;
/// How long nobody else is let in then.
const CROWDED: Duration = Duration::from_millis(20);
/// Of the thread that serves a client, in bytes.
const STACK: usize = 256 * 1024;
/// What a process has to be allowed to lock before everything is: less than all it may come to need would starve it.
#[cfg(target_os = "linux")]
const ENOUGH_TO_LOCK: u64 = 64 << 20;
/// The clock that is waited by stands still in suspend, so the other one is looked at this often.
const LOOK: Timespec = Timespec { tv_sec: 2, tv_nsec: 0 };

/// How long an agent lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Whatever happens.
    pub total: Duration,
    /// Without being used.
    pub idle: Duration,
}

struct Agent {
    /// The identity's text, in a page that is neither swapped nor dumped, and readable only while it is read.
    text: Mutex<Secret<TEXT>>,
    status: Status,
    limits: Limits,
    begun: Duration,
    used: Mutex<Duration>,
    clients: AtomicUsize,
}

/// Serves until a client says lock or the time is over. The identity's text is read from `source` to its end.
///
/// # Errors
/// If the text is none, the socket can't be made, or another agent lives there.
pub fn serve(place: &Place, mut source: impl Read, limits: Limits, ready: impl FnOnce()) -> Result<()> {
    let failed = |what: &str| Error::failed(format!("the agent can't {what}"));
    lock_memory();
    let mut read = Ok(());
    let text = Secret::<TEXT>::new_with(|text| read = fill(&mut source, text));
    let mut text = text.map_err(|_| failed("keep the keys out of swap").hint("raise the limit: ulimit -l"))?;
    read.map_err(|_| failed("read the keys"))?;
    let (vault, user, roster, public) = {
        let identity = identity(&mut text)?;
        (identity.vault, identity.user.clone(), identity.roster, identity.keys.public()?)
    };
    let socket = place.socket(&vault, &user)?;
    let _lock = Place::lock(&socket)?;
    // Whoever left it is dead: it would hold the lock.
    let _ = std::fs::remove_file(&socket);
    let listener = UnixListener::bind(&socket).map_err(|error| Error::io("listen at", &socket, &error))?;
    std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o600))
        .map_err(|error| Error::io("protect", &socket, &error))?;
    let begun = now();
    let agent = Arc::new(Agent {
        text: Mutex::new(text),
        status: Status {
            vault,
            user: user.to_string(),
            recipient: public.recipient.as_str().to_owned(),
            verifying_key: public.verifying_key.to_string(),
            roster,
            ends_in: 0,
            idle_in: 0,
            idle: limits.idle.as_secs(),
            pid: std::process::id(),
        },
        limits,
        begun,
        used: Mutex::new(begun),
        clients: AtomicUsize::new(0),
    });
    ready();
    agent.listen(&listener, &socket);
    Ok(())
}

/// Keeps also the working copies of a request out of swap, where the system lets it: they are wiped or soon overwritten,
/// and what must not leave memory for as long as the agent lives is in a locked page of its own anyway.
#[cfg(target_os = "linux")]
fn lock_memory() {
    use rustix::mm::MlockAllFlags;
    let limit = rustix::process::getrlimit(rustix::process::Resource::Memlock).current;
    if limit.is_none_or(|limit| limit >= ENOUGH_TO_LOCK) {
        let _ = rustix::mm::mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE);
    }
}

#[cfg(not(target_os = "linux"))]
fn lock_memory() {}

fn fill(source: &mut impl Read, text: &mut [u8; TEXT]) -> std::io::Result<()> {
    let mut length = 0;
    while length < text.len() {
        match source.read(&mut text[length..])? {
            0 => return Ok(()),
            count => length += count,
        }
    }
    Err(std::io::ErrorKind::FileTooLarge.into())
}

fn identity(text: &mut Secret<TEXT>) -> Result<Identity> {
    let text = text.read().map_err(|_| Error::failed("the agent's keys can't be read"))?;
    let end = text.iter().position(|byte| *byte == 0).unwrap_or(TEXT);
    Identity::from_text(std::str::from_utf8(&text[..end]).unwrap_or_default())
}

/// Since the machine was started, suspend included (clock_gettime(2), `CLOCK_BOOTTIME`): nobody sets it back.
fn now() -> Duration {
    #[cfg(target_os = "linux")]
    const CLOCK: ClockId = ClockId::Boottime;
    // There, this one goes on in suspend.
    #[cfg(not(target_os = "linux"))]
    const CLOCK: ClockId = ClockId::Monotonic;
    Duration::try_from(rustix::time::clock_gettime(CLOCK)).unwrap_or(Duration::MAX)
}

impl Agent {
    /// Until the time is over. A client that says lock ends the process by itself.
    fn listen(self: Arc<Self>, listener: &UnixListener, socket: &Path) {
        while self.is_alive() {
            let mut sources = [PollFd::new(listener, PollFlags::IN)];
            if !matches!(poll(&mut sources, Some(&LOOK)), Ok(1..)) {
                continue;
            }
            if self.clients.load(Ordering::SeqCst) >= MOST_CLIENTS {
                std::thread::sleep(CROWDED);
                continue;
            }
            let Ok((stream, _)) = listener.accept() else { continue };
            if !is_own(&stream) {
                continue;
            }
            let (agent, socket) = (Arc::clone(&self), socket.to_owned());
            self.clients.fetch_add(1, Ordering::SeqCst);
            let served = std::thread::Builder::new().stack_size(STACK).spawn(move || {
                agent.serve(stream, &socket);
                agent.clients.fetch_sub(1, Ordering::SeqCst);
            });
            if served.is_err() {
                self.clients.fetch_sub(1, Ordering::SeqCst);
            }
        }
        let _ = std::fs::remove_file(socket);
    }

    fn left(&self) -> (Duration, Duration) {
        let now = now();
        let used = self.used.lock().map_or(Duration::ZERO, |used| *used);
        let left = |since: Duration, limit: Duration| (since + limit).saturating_sub(now);
        (left(self.begun, self.limits.total), left(used, self.limits.idle))
    }

    fn is_alive(&self) -> bool {
        let (total, idle) = self.left();
        !total.is_zero() && !idle.is_zero()
    }

    fn serve(&self, mut stream: UnixStream, socket: &Path) {
        let timed = stream.set_read_timeout(Some(PATIENCE)).and_then(|()| stream.set_write_timeout(Some(PATIENCE)));
        while timed.is_ok() {
            let request = match read_frame(&mut stream) {
                Ok(request) => request,
                Err(error) => {
                    // A client of another version reads no more of this than its number, and says what to do.
                    if error.kind() != Kind::Unlock {
                        let _ = write_frame(&mut stream, &[&[VERSION, 0], error.to_string().as_bytes()]);
                    }
                    return;
                }
            };
            let request = serde_json::from_slice(&request);
            // The time may be over and nobody have looked.
            let is_lock = matches!(request, Ok(Request::Lock));
            if is_lock || !self.is_alive() {
                let _ = std::fs::remove_file(socket);
                if is_lock {
                    let _ = write_frame(&mut stream, &[&[VERSION, 1]]);
                }
                std::process::exit(0);
            }
            let answer = request.map_err(|_| Error::usage("it is no request")).and_then(|request| self.answer(request));
            let written = match &answer {
                Ok(answer) => write_frame(&mut stream, &[&[VERSION, 1], answer]),
                Err(error) => write_frame(&mut stream, &[&[VERSION, 0], error.to_string().as_bytes()]),
            };
            if written.is_err() {
                return;
            }
        }
    }

    fn answer(&self, request: Request) -> Result<Zeroizing<Vec<u8>>> {
        match request {
            Request::Status => {
                let (total, idle) = self.left();
                let status = Status { ends_in: total.as_secs(), idle_in: idle.as_secs(), ..self.status.clone() };
                serde_json::to_vec(&status).map(Zeroizing::new).map_err(|_| Error::failed("no status"))
            }
            Request::Open { vault, place, is_use, stanzas } => {
                if vault != self.status.vault {
                    return Err(Error::denied("it holds keys of another vault"));
                }
                let stanzas: Vec<Stanza> = stanzas.into_iter().map(stanza).collect::<Result<_>>()?;
                let identity = self.identity(is_use)?;
                let key =
                    identity.keys.identities().find_map(|identity| Placed { identity, place }.unwrap_stanzas(&stanzas));
                let key = key.transpose().map_err(|_| Error::integrity("the header is damaged"))?;
                Ok(Zeroizing::new(key.map_or_else(Vec::new, |key| key.expose_secret().to_vec())))
            }
            Request::SignEnvironment { name, version, previous, roster, time, data } => {
                let identity = self.identity(true)?;
                let (name, author) = (EnvironmentName::new(name)?, identity.user.clone());
                let statement = BlockStatement { name, version, previous, roster, author, time };
                let signature = identity.keys.sign(&statement.message(&identity.vault, &data));
                Ok(Zeroizing::new(signature.to_string().into_bytes()))
            }
            Request::Lock => Ok(Zeroizing::default()),
        }
    }

    /// For one request; a use starts the idle time anew.
    fn identity(&self, is_use: bool) -> Result<Identity> {
        if is_use && let Ok(mut used) = self.used.lock() {
            *used = now();
        }
        let mut text = self.text.lock().map_err(|_| Error::failed("the agent's keys can't be read"))?;
        identity(&mut text)
    }
}

fn stanza(fields: StanzaFields) -> Result<Stanza> {
    let body = BASE64_STANDARD_NO_PAD.decode(fields.body).map_err(|_| Error::usage("the header is no age header"))?;
    Ok(Stanza { tag: fields.tag, args: fields.args, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn i7_times_go_by_the_clock_that_counts_suspend() {
        // proc_uptime(5): "including time spent in suspend".
        let uptime = || -> f64 {
            let text = std::fs::read_to_string("/proc/uptime").unwrap();
            text.split_whitespace().next().unwrap().parse().unwrap()
        };
        let (before, own, after) = (uptime(), now().as_secs_f64(), uptime());
        assert!(before - 0.02 <= own && own <= after + 0.02, "{before} {own} {after}");
    }
}
