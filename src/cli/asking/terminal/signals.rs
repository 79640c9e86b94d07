//! The signals that would leave a terminal without echo, caught for as long as a prompt stands.
//!
//! `signal-hook` can't put a default action back, so once a signal was caught, its default is emulated for the rest of
//! the process wherever no prompt stands. `execve` resets caught signals, so a child sees none of it. A signal that this
//! process inherited as ignored is not caught by a prompt and stays ignored, here and in the child. A supervisor catches it,
//! to pass it on to a command that may handle it after all, and has the command begin with it ignored.

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

/// What ends a process or, `SIGTSTP`, stops it.
const CAUGHT: [i32; 5] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP];

/// What else a supervisor's command might wait for. Missing are the faults of a program (SIGSEGV and its kin), SIGPIPE,
/// which this process has by its own writing, and SIGTTIN and SIGTTOU: a terminal sends them again until they stop it.
const PASSED_ON: [i32; 13] = [
    SIGABRT, SIGALRM, SIGCHLD, SIGCONT, SIGIO, SIGPROF, SIGURG, SIGUSR1, SIGUSR2, SIGVTALRM, SIGWINCH, SIGXCPU, SIGXFSZ,
];

/// The signals that only some systems have: the rest of what a supervisor passes on.
#[cfg(target_os = "linux")]
fn others_of_the_system() -> impl Iterator<Item = i32> {
    use nix::libc::{SIGPWR, SIGRTMAX, SIGRTMIN, SIGSTKFLT};
    [SIGPWR, SIGSTKFLT].into_iter().chain(SIGRTMIN()..=SIGRTMAX())
}

#[cfg(not(target_os = "linux"))]
fn others_of_the_system() -> impl Iterator<Item = i32> {
    [nix::libc::SIGINFO].into_iter()
}

/// The signals caught and the emulation of their defaults, set up once.
struct Defaults {
    signals: Vec<i32>,
    /// Whether no prompt stands: then signals do what they do by default.
    idle: Arc<AtomicBool>,
    emulations: Mutex<Vec<SigId>>,
}

static DEFAULTS: OnceLock<Defaults> = OnceLock::new();

impl Defaults {
    /// Only ever called by the thread that prompts.
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

/// For code that handles these signals itself from here on (a supervisor): their defaults are no longer emulated. No
/// prompt may follow.
pub(crate) fn release() {
    let Some(defaults) = DEFAULTS.get() else { return };
    let Ok(mut emulations) = defaults.emulations.lock() else { return };
    for emulation in emulations.drain(..) {
        signal_hook::low_level::unregister(emulation);
    }
}

/// The signals that arrive while another program has the terminal: an editor, which handles the keys for itself.
pub(crate) struct Held {
    delivery: SignalDelivery<UnixStream, SignalOnly>,
    idle: Arc<AtomicBool>,
}

impl Held {
    /// Catches them from here on, and SIGCHLD; afterwards they do again what they do by default.
    pub(crate) fn catch() -> io::Result<Self> {
        let defaults = Defaults::get()?;
        let (read, write) = UnixStream::pair()?;
        let caught = defaults.signals.iter().chain([&SIGCHLD]);
        let delivery = SignalDelivery::with_pipe(read, write, SignalOnly, caught)?;
        // Only now, so that at no time a signal finds neither.
        defaults.idle.store(false, Ordering::SeqCst);
        Ok(Self { delivery, idle: Arc::clone(&defaults.idle) })
    }

    /// For a process that ends because of one of them, in its own time: what arrives from here on has no effect. A shell that
    /// ends tells its jobs, and so does the terminal.
    pub(crate) fn ignore_further(self) {
        // Not dropped, which would let them have one.
        std::mem::forget(self);
    }

    /// Waits for the next ones, and no longer than `most`.
    pub(crate) fn wait(&mut self, most: &Timespec) -> Vec<i32> {
        // A signal that interrupts it is one of them.
        let _ = poll(&mut [PollFd::new(self.delivery.get_read(), PollFlags::IN)], Some(most));
        self.delivery.pending().collect()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.idle.store(true, Ordering::SeqCst);
    }
}

/// What was ignored before a supervisor caught it, as [`ignored_signals`] gives it.
static IGNORED: OnceLock<u64> = OnceLock::new();

/// Whether this process, a supervisor, inherited the signal as ignored: then it means nothing to it.
pub(crate) fn was_ignored(signal: i32) -> bool {
    IGNORED.get().is_some_and(|ignored| is_in(*ignored, signal))
}

/// The signals that a supervisor catches, and that its command is to begin with ignored.
pub(crate) fn ignored_by_command() -> Vec<i32> {
    let wanted = CAUGHT.into_iter().chain(PASSED_ON).chain(others_of_the_system());
    wanted.filter(|signal| was_ignored(*signal)).collect()
}

/// The signals that a supervisor handles itself, as they arrive: those of [`CAUGHT`] that a prompt handles, too, and
/// what else its command might wait for.
pub(crate) struct Deliveries(SignalDelivery<UnixStream, SignalOnly>);

impl Deliveries {
    /// Catches them from here on. No prompt may follow.
    pub(crate) fn catch() -> io::Result<Self> {
        let (read, write) = UnixStream::pair()?;
        IGNORED.get_or_init(ignored_signals);
        let wanted = CAUGHT.into_iter().chain(PASSED_ON).chain(others_of_the_system());
        let delivery = SignalDelivery::with_pipe(read, write, SignalOnly, wanted)?;
        release();
        Ok(Self(delivery))
    }

    /// Readable when signals are pending.
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.0.get_read().as_fd()
    }

    /// What arrived since the last call.
    pub(crate) fn pending(&mut self) -> Vec<i32> {
        self.0.pending().collect()
    }
}

/// The signals that arrive while a prompt stands.
pub(super) struct Signals {
    delivery: SignalDelivery<UnixStream, SignalOnly>,
    idle: Arc<AtomicBool>,
}

impl Signals {
    /// Catches them from here on. `SIGCONT` too: whoever stopped this process may have changed the terminal's modes.
    pub(super) fn catch() -> io::Result<Self> {
        let defaults = Defaults::get()?;
        let (read, write) = UnixStream::pair()?;
        let caught = defaults.signals.iter().chain(std::iter::once(&SIGCONT));
        let delivery = SignalDelivery::with_pipe(read, write, SignalOnly, caught)?;
        // Only now, so that at no time a signal finds neither.
        defaults.idle.store(false, Ordering::SeqCst);
        Ok(Self { delivery, idle: Arc::clone(&defaults.idle) })
    }

    /// Readable when signals are pending.
    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.delivery.get_read().as_fd()
    }

    /// What arrived since the last call.
    pub(super) fn pending(&mut self) -> Vec<i32> {
        self.delivery.pending().collect()
    }
}

impl Drop for Signals {
    /// Back to the defaults; what arrived too late for the prompt to see has its effect now.
    fn drop(&mut self) {
        self.idle.store(true, Ordering::SeqCst);
        for signal in self.pending() {
            act(signal);
        }
    }
}

/// Whether the signal ends the process.
pub(super) fn is_fatal(signal: i32) -> bool {
    signal != SIGTSTP && signal != SIGCONT
}

/// Does what the signal does by default: ends this process by that very signal, or stops it until it is continued.
pub(crate) fn act(signal: i32) {
    // Fails only for signals it doesn't know, and knows all of ours.
    let _ = emulate_default_handler(signal);
}

/// The signals to catch: those that aren't ignored, `SIGTSTP` only where somebody could continue this process.
fn catchable() -> Vec<i32> {
    let ignored = ignored_signals();
    let wanted = |signal: &i32| !is_in(ignored, *signal) && (*signal != SIGTSTP || !is_orphaned());
    CAUGHT.into_iter().filter(wanted).collect()
}

/// The signals this process ignores, the lowest bit for signal 1. None is known where there is no Linux `/proc`: there a signal
/// ignored by the parent (nohup) gets its default action once a prompt was shown.
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

fn is_in(set: u64, signal: i32) -> bool {
    set & (1 << (signal - 1)) != 0
}

/// Whether no shell watches over this process's group. By default the kernel ignores Ctrl-Z there (`ssh -t HOST vault`);
/// an emulated stop would last for ever. In a container whose session is led from outside nobody knows; so it counts, too.
pub(crate) fn is_orphaned() -> bool {
    let (session, parent) = (getsid(None), getppid());
    // pid_namespaces(7): what lives outside has the number 0, which rustix takes for impossible.
    if [session, Ok(parent)].contains(&Ok(Pid::from_raw(0))) {
        return true;
    }
    // The session's first group has its parents outside of the session.
    session.is_err() || Ok(getpgrp()) == session || getsid(Some(parent)) != session
}
