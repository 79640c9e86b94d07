//! Between two hidden questions: echo stays off, so that what somebody types while vault works isn't shown, and it is
//! dropped. A passphrase typed again too early must neither be seen nor run by the shell.

use super::prompt::{Echo, is_foreground, restore, take};
use super::signals::{Signals, act, is_fatal};
use crate::cli::showing::progress;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::{AsFd as _, OwnedFd};
use rustix::io::{Errno, write};
use signal_hook::consts::SIGTSTP;
use std::os::unix::net::UnixStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

/// While one of these lives, echo stays off from the end of the first hidden question on. The last one gives the terminal
/// back.
pub(crate) struct Quiet(());

/// How many of them live.
static LIVING: AtomicUsize = AtomicUsize::new(0);

/// What keeps the terminal quiet, while no question stands.
static KEEPER: Mutex<Option<Keeper>> = Mutex::new(None);

/// A thread that handles signals as a question does. It ends when `stop` is closed.
struct Keeper {
    stop: UnixStream,
    thread: JoinHandle<Signals>,
}

impl Quiet {
    /// Begins when the next hidden question is answered.
    pub(crate) fn begin() -> Self {
        LIVING.fetch_add(1, Ordering::SeqCst);
        Self(())
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        if LIVING.fetch_sub(1, Ordering::SeqCst) > 1 {
            return;
        }
        if let Some(signals) = resume() {
            restore();
            // What arrived too late for the thread has its effect now.
            drop(signals);
        }
    }
}

/// Whether the terminal is to stay quiet.
pub(super) fn is_wanted() -> bool {
    LIVING.load(Ordering::SeqCst) > 0
}

/// Keeps the terminal quiet from here on. Where there is no thread to be had the signals are dropped, and the caller gives
/// the terminal back.
pub(super) fn keep(tty: OwnedFd, signals: Signals) -> bool {
    let Ok((stop, stopped)) = UnixStream::pair() else { return false };
    let Ok(mut keeper) = KEEPER.lock() else { return false };
    let thread = std::thread::Builder::new().spawn(move || watch(&tty, &stopped, signals));
    *keeper = thread.ok().map(|thread| Keeper { stop, thread });
    keeper.is_some()
}

/// Ends that, and gives the signals for the next question; the terminal stays as it is.
pub(super) fn resume() -> Option<Signals> {
    let Keeper { stop, thread } = KEEPER.lock().ok()?.take()?;
    drop(stop);
    thread.join().ok()
}

fn watch(tty: &OwnedFd, stopped: &UnixStream, mut signals: Signals) -> Signals {
    // The question may have ended out of line mode. In the background the terminal is the shell's.
    let _ = take(tty, Echo::Off);
    loop {
        let mut polled =
            [PollFd::from_borrowed_fd(signals.descriptor(), PollFlags::IN), PollFd::new(stopped, PollFlags::IN)];
        match poll(&mut polled, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return signals,
        }
        let is_over = !polled[1].revents().is_empty();
        let arrived = signals.pending();
        if let Some(signal) = arrived.iter().find(|signal| is_fatal(**signal)) {
            leave(tty);
            act(*signal);
        }
        if arrived.contains(&SIGTSTP) {
            leave(tty);
            act(SIGTSTP);
        }
        if !arrived.is_empty() {
            let _ = take(tty, Echo::Off);
        }
        if is_over {
            return signals;
        }
    }
}

/// Gives the terminal back. The shell's prompt must not stand behind a line that says what vault is at; who draws it may be
/// held up by Ctrl-S, and this is not.
fn leave(tty: &OwnedFd) {
    if progress::stands() && is_foreground(tty.as_fd()) {
        let _ = write(tty, progress::TAKE_AWAY);
    }
    restore();
}
