//! Catches the signals that would leave a terminal without echo, while a prompt is active.
//!
//! `signal-hook` can't restore a default action. So once a signal was caught, its default is emulated for the rest of
//! the process whenever no prompt is active. `execve` resets caught signals, so a child isn't affected. A prompt
//! doesn't catch a signal that this process inherited as ignored: it stays ignored, here and in the child. A supervisor
//! does catch it, because its command may handle the signal after all. The command starts with the signal ignored.

use nix::unistd::{Pid, getpgrp, getppid, getsid};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd as _, BorrowedFd};
use signal_hook::SigId;
use signal_hook::consts::{
    SIGABRT, SIGALRM, SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGIO, SIGPROF, SIGQUIT, SIGTERM, SIGTSTP, SIGURG, SIGUSR1,
    SIGUSR2, SIGVTALRM, SIGWINCH, SIGXCPU, SIGXFSZ,
};
use signal_hook::iterator::backend::SignalDelivery;
use signal_hook::iterator::exfiltrator::SignalOnly;
use signal_hook::low_level::emulate_default_handler;
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// The signals that end a process, and `SIGTSTP`, which stops it.
const CAUGHT: [i32; 5] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP];

/// The other signals that a supervisor's command might wait for. Not included are a program's own faults (SIGSEGV and
/// the like); SIGPIPE, which comes from this process's own writes; and SIGTTIN and SIGTTOU, which a terminal sends
/// again until they stop the process.
const PASSED_ON: [i32; 13] = [
    SIGABRT, SIGALRM, SIGCHLD, SIGCONT, SIGIO, SIGPROF, SIGURG, SIGUSR1, SIGUSR2, SIGVTALRM, SIGWINCH, SIGXCPU, SIGXFSZ,
];

/// The other signals that a supervisor passes on and that only some systems have.
#[cfg(target_os = "linux")]
fn others_of_the_system() -> impl Iterator<Item = i32> {
    use nix::libc::{SIGPWR, SIGRTMAX, SIGRTMIN, SIGSTKFLT};
    [SIGPWR, SIGSTKFLT].into_iter().chain(SIGRTMIN()..=SIGRTMAX())
}

#[cfg(not(target_os = "linux"))]
fn others_of_the_system() -> impl Iterator<Item = i32> {
    [nix::libc::SIGINFO].into_iter()
}

/// The caught signals and the emulation of their defaults, set up once.
struct Defaults {
    signals: Vec<i32>,
    /// Whether no prompt is active. Then signals do what they do by default.
    idle: Arc<AtomicBool>,
    emulations: Mutex<Vec<SigId>>,
}

static DEFAULTS: OnceLock<Defaults> = OnceLock::new();

impl Defaults {
    /// Only the thread that prompts calls this.
    fn get() -> io::Result<&'static Self> {
        if let Some(defaults) = DEFAULTS.get() {
            return Ok(defaults);
        }
        let signals = catchable();
        let idle = Arc::new(AtomicBool::new(true));
        let emulations = signals
            .iter()
            .map(|signal| signal_hook::flag::register_conditional_default(*signal, Arc::clone(&idle)))
            .collect::<io::Result<_>>()?;
        Ok(DEFAULTS.get_or_init(|| Self { signals, idle, emulations: Mutex::new(emulations) }))
    }
}

/// Stops the emulation of default actions, for a supervisor, which handles these signals itself from now on. No prompt
/// may follow.
pub(crate) fn release() {
    let Some(defaults) = DEFAULTS.get() else { return };
    let Ok(mut emulations) = defaults.emulations.lock() else { return };
    for emulation in emulations.drain(..) {
        signal_hook::low_level::unregister(emulation);
    }
}

/// The signals that arrive while another program has the terminal, such as an editor, which handles the keys itself.
pub(crate) struct Held {
    delivery: SignalDelivery<UnixStream, SignalOnly>,
    idle: Arc<AtomicBool>,
}

impl Held {
    /// Catches these signals and SIGCHLD from now on. When this value is dropped, they have their default actions
    /// again.
    pub(crate) fn catch() -> io::Result<Self> {
        let defaults = Defaults::get()?;
        let (read, write) = UnixStream::pair()?;
        let caught = defaults.signals.iter().chain([&SIGCHLD]);
        let delivery = SignalDelivery::with_pipe(read, write, SignalOnly, caught)?;
        // This comes last, so that at any time either the handler or the default action is in place.
        defaults.idle.store(false, Ordering::SeqCst);
        Ok(Self { delivery, idle: Arc::clone(&defaults.idle) })
    }

    /// Ignores further signals. This is for a process that is about to end because of one of them: a shell that ends
    /// sends signals to its jobs, and so does the terminal.
    pub(crate) fn ignore_further(self) {
        // Dropping it would restore the default actions.
        std::mem::forget(self);
    }

    /// Waits for signals, at most this long.
    pub(crate) fn wait(&mut self, most: &Timespec) -> Vec<i32> {
        // If a signal interrupts the poll, it is one of these.
        let _ = poll(&mut [PollFd::new(self.delivery.get_read(), PollFlags::IN)], Some(most));
        self.delivery.pending().collect()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.idle.store(true, Ordering::SeqCst);
    }
}

/// The signals that were ignored before a supervisor caught them, as [`ignored_signals`] returns them.
static IGNORED: OnceLock<u64> = OnceLock::new();

/// Returns whether this supervisor inherited the signal as ignored. Such a signal has no meaning for the supervisor
/// itself.
pub(crate) fn was_ignored(signal: i32) -> bool {
    IGNORED.get().is_some_and(|ignored| is_in(*ignored, signal))
}

/// Returns the signals that a supervisor catches, but that its command should ignore at the start.
pub(crate) fn ignored_by_command() -> Vec<i32> {
    let wanted = CAUGHT.into_iter().chain(PASSED_ON).chain(others_of_the_system());
    wanted.filter(|signal| was_ignored(*signal)).collect()
}

/// The signals that a supervisor handles itself as they arrive: those of [`CAUGHT`], as for a prompt, and the others
/// that its command might wait for.
pub(crate) struct Deliveries(SignalDelivery<UnixStream, SignalOnly>);

impl Deliveries {
    /// Catches these signals from now on. No prompt may follow.
    pub(crate) fn catch() -> io::Result<Self> {
        let (read, write) = UnixStream::pair()?;
        IGNORED.get_or_init(ignored_signals);
        let wanted = CAUGHT.into_iter().chain(PASSED_ON).chain(others_of_the_system());
        let delivery = SignalDelivery::with_pipe(read, write, SignalOnly, wanted)?;
        release();
        Ok(Self(delivery))
    }

    /// Returns a descriptor that is readable when signals are pending.
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.0.get_read().as_fd()
    }

    /// Returns the signals that arrived since the last call.
    pub(crate) fn pending(&mut self) -> Vec<i32> {
        self.0.pending().collect()
    }
}

/// The signals that arrive while a prompt is active.
pub(super) struct Signals {
    delivery: SignalDelivery<UnixStream, SignalOnly>,
    idle: Arc<AtomicBool>,
}

impl Signals {
    /// Catches these signals from now on. They include `SIGCONT`, because whoever stopped this process may have changed
    /// the terminal's modes.
    pub(super) fn catch() -> io::Result<Self> {
        let defaults = Defaults::get()?;
        let (read, write) = UnixStream::pair()?;
        let caught = defaults.signals.iter().chain(std::iter::once(&SIGCONT));
        let delivery = SignalDelivery::with_pipe(read, write, SignalOnly, caught)?;
        // This comes last, so that at any time either the handler or the default action is in place.
        defaults.idle.store(false, Ordering::SeqCst);
        Ok(Self { delivery, idle: Arc::clone(&defaults.idle) })
    }

    /// Returns a descriptor that is readable when signals are pending.
    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.delivery.get_read().as_fd()
    }

    /// Returns the signals that arrived since the last call.
    pub(super) fn pending(&mut self) -> Vec<i32> {
        self.delivery.pending().collect()
    }
}

impl Drop for Signals {
    /// Restores the default actions. Signals that arrived too late for the prompt take effect now.
    fn drop(&mut self) {
        self.idle.store(true, Ordering::SeqCst);
        for signal in self.pending() {
            act(signal);
        }
    }
}

/// Returns whether the signal ends the process.
pub(super) fn is_fatal(signal: i32) -> bool {
    signal != SIGTSTP && signal != SIGCONT
}

/// Does what the signal does by default: ends this process by this signal, or stops it until it is continued.
pub(crate) fn act(signal: i32) {
    // This fails only for unknown signals, and all of ours are known.
    let _ = emulate_default_handler(signal);
}

/// Returns the signals to catch: those that aren't ignored. `SIGTSTP` is only included if somebody could continue this
/// process.
fn catchable() -> Vec<i32> {
    let ignored = ignored_signals();
    let wanted = |signal: &i32| !is_in(ignored, *signal) && (*signal != SIGTSTP || !is_orphaned());
    CAUGHT.into_iter().filter(wanted).collect()
}

/// Returns the signals that this process ignores, with the lowest bit for signal 1. Without Linux's `/proc` none is
/// known, so a signal that the parent ignored (nohup) has its default action once a prompt was shown.
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

fn is_in(set: u64, signal: i32) -> bool {
    set & (1 << (signal - 1)) != 0
}

/// Returns whether no shell watches this process group. The kernel itself ignores Ctrl-Z in such a group (`ssh -t HOST
/// vault`), and an emulated stop would last forever. In a container whose session is led from outside this is unknown,
/// and the group counts as orphaned.
pub(crate) fn is_orphaned() -> bool {
    let (session, parent) = (getsid(None), getppid());
    // pid_namespaces(7): a process outside the namespace has the number 0, which rustix never expects.
    if [session, Ok(parent)].contains(&Ok(Pid::from_raw(0))) {
        return true;
    }
    // The parents of the session's first group are outside the session.
    session.is_err() || Ok(getpgrp()) == session || getsid(Some(parent)) != session
}
