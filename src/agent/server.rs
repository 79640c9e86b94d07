//! The agent process.

mod answers;

use super::clients::Clients;
use super::clock::now;
use super::limits::Limits;
use super::locked_memory::{KeptText, failed};
use super::peer::is_own;
use super::protocol::{PATIENCE, Request, VERSION, read_frame, write_frame};
use super::sockets::Sockets;
use super::spare::Spare;
use super::status::Status;
use crate::error::{Error, Kind, Result, reason};
use crate::identity::Identity;
use nix::sys::signal::SigSet;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io::Read;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long to wait before the next client is accepted if there is no room.
const CROWDED: Duration = Duration::from_millis(20);
/// The stack size of the thread that serves a client, in bytes.
const STACK: usize = 256 * 1024;
/// How often the agent's clock is read. The timeout of poll(2) stops during suspend, so it alone is not enough.
const LOOK: Timespec = Timespec { tv_sec: 2, tv_nsec: 0 };

struct Agent {
    identity: Mutex<KeptText>,
    socket: PathBuf,
    status: Status,
    limits: Limits,
    begun: Duration,
    used: Mutex<Duration>,
    clients: Clients,
    spare: Spare,
    has_ended: AtomicBool,
    exit: fn() -> !,
}

/// Runs an agent until a client locks it or its time is over. Reads the identity's text from `source` to its end. `path`
/// is the vault's path, to be shown. Calls `ready` once the agent listens, with a warning if there is one. Calls `exit` from
/// any thread when the agent has ended: it must end the process at once, whatever the other threads do.
///
/// # Errors
/// If the text is not an identity, the socket can't be made, or another agent runs there.
pub(super) fn serve(
    sockets: &Sockets,
    mut source: impl Read,
    path: &Path,
    limits: Limits,
    ready: impl FnOnce(Option<&'static str>),
    exit: fn() -> !,
) -> Result<()> {
    let mut kept = KeptText::read(&mut source)?;
    let warning = kept.warning();
    let identity = kept.identity()?;
    let socket = sockets.of_user(&identity.vault, &identity.user)?;
    let status = first_status(&identity, path, limits)?;
    drop(identity);
    let _lock = Sockets::lock(&socket)?;
    let listener = listen_at(&socket)?;
    let begun = now();
    let (identity, used, clients) = (Mutex::new(kept), Mutex::new(begun), Clients::default());
    let agent = Arc::new(Agent {
        identity,
        socket,
        status,
        limits,
        begun,
        used,
        clients,
        spare: Spare::new(),
        has_ended: AtomicBool::new(false),
        exit,
    });
    agent.heed_signals()?;
    ready(warning);
    agent.listen(&listener);
    Ok(())
}

fn first_status(identity: &Identity, path: &Path, limits: Limits) -> Result<Status> {
    let public = identity.keys.public()?;
    Ok(Status {
        vault: identity.vault,
        path: path.display().to_string(),
        user: identity.user.to_string(),
        recipient: public.recipient.as_str().to_owned(),
        verifying_key: public.verifying_key.to_string(),
        roster: identity.roster,
        ends_in: milliseconds(limits.total),
        idle_in: milliseconds(limits.idle),
        idle: milliseconds(limits.idle),
        pid: std::process::id(),
    })
}

/// Listens at `socket`, replacing an old socket. The process that left it is dead, because otherwise it would hold the
/// lock.
fn listen_at(socket: &Path) -> Result<UnixListener> {
    let _ = std::fs::remove_file(socket);
    crate::fs::listen(socket).map_err(|error| Error::io("listen on", socket, &error))
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Agent {
    /// Accepts clients until the time is over. A client's lock request ends the process by itself.
    fn listen(self: &Arc<Self>, listener: &UnixListener) {
        while self.is_alive() {
            let mut sources = [PollFd::new(listener, PollFlags::IN)];
            if !matches!(poll(&mut sources, Some(&LOOK)), Ok(1..)) {
                continue;
            }
            let accepted = if self.clients.are_full() { None } else { listener.accept().ok() };
            match accepted {
                Some((stream, _)) if is_own(&stream) => self.begin(stream),
                Some(_) => {}
                // There are too many clients, or no file descriptor is left, most of which belong to clients.
                None => {
                    self.clients.make_room();
                    std::thread::sleep(CROWDED);
                }
            }
        }
        self.end();
    }

    /// Wipes the identity and removes the socket. The caller ends the process next.
    fn end(&self) {
        // Set this first, so that a request in progress gets no answer rather than a wrong one without the keys.
        self.has_ended.store(true, Ordering::SeqCst);
        self.kept().wipe();
        let _ = std::fs::remove_file(&self.socket);
    }

    /// Makes the signals that end a process lock the agent, even if the parent process ignored or blocked them.
    fn heed_signals(self: &Arc<Self>) -> Result<()> {
        let _ = SigSet::empty().thread_set_mask();
        let signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM]);
        let mut signals = signals.map_err(|error| failed(&format!("handle signals: {}", reason(&error))))?;
        let agent = Arc::clone(self);
        let heed = move || {
            if signals.forever().next().is_some() {
                agent.end();
                (agent.exit)();
            }
        };
        let thread = crate::thread::start(STACK, heed);
        thread.map(drop).map_err(|error| failed(&format!("start a thread: {}", reason(&error))))
    }

    /// Serves another client in the thread that is left from an earlier one, or in a new one.
    fn begin(self: &Arc<Self>, stream: UnixStream) {
        let stream = self.clients.add(stream);
        let Err(stream) = self.spare.give(stream) else { return };
        let (agent, served) = (Arc::clone(self), Arc::clone(&stream));
        let thread = crate::thread::start(STACK, move || {
            let mut next = Some(served);
            while let Some(stream) = next {
                agent.serve(stream);
                next = agent.spare.wait();
            }
        });
        if thread.is_err() {
            self.clients.remove(&stream);
            self.clients.make_room();
        }
    }

    /// Serves a client to its end, and closes the connection.
    #[allow(clippy::needless_pass_by_value, reason = "the connection is open for as long as somebody has the stream")]
    fn serve(&self, stream: Arc<UnixStream>) {
        self.answer_all(&stream);
        self.clients.remove(&stream);
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

    fn answer_all(&self, stream: &UnixStream) {
        loop {
            let request = match read_frame(stream, PATIENCE) {
                Ok(request) => request,
                Err(error) => {
                    // A client of another version reads only the version number, and then tells its user what to do.
                    if error.kind() != Kind::Unlock {
                        let _ = write_frame(stream, &[&[VERSION, 0], error.to_string().as_bytes()], PATIENCE);
                    }
                    return;
                }
            };
            // The time may be over without `listen` having noticed yet.
            if !self.is_alive() {
                self.end();
                (self.exit)();
            }
            let request = serde_json::from_slice(&request).map_err(|_| Error::usage("it is not a request"));
            let is_lock = matches!(request, Ok(Request::Lock));
            let answer = request.and_then(|request| self.answer(request));
            if !is_lock && self.has_ended.load(Ordering::SeqCst) {
                return;
            }
            let written = match &answer {
                Ok(answer) => write_frame(stream, &[&[VERSION, 1], answer], PATIENCE),
                Err(error) => write_frame(stream, &[&[VERSION, 0], error.to_string().as_bytes()], PATIENCE),
            };
            if is_lock {
                (self.exit)();
            }
            if written.is_err() {
                return;
            }
        }
    }

    /// Returns the identity for one request. A use restarts the idle time.
    fn identity(&self, is_use: bool) -> Result<Identity> {
        if is_use {
            self.use_now();
        }
        self.kept().identity()
    }

    /// Restarts the idle time.
    fn use_now(&self) {
        if let Ok(mut used) = self.used.lock() {
            *used = now();
        }
    }

    fn kept(&self) -> MutexGuard<'_, KeptText> {
        self.identity.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
