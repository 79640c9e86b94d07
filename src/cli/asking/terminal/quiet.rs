//! Keeps echo off between two hidden questions. What somebody types while vault works is neither shown nor left for the
//! shell to run. It could be a passphrase that was typed too early.

use super::modes::{Echo, is_foreground, restore, take};
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

/// While a value of this type lives, echo stays off after the first hidden question. Dropping the last one restores the
/// terminal.
pub(crate) struct Quiet(());

/// How many of these values live.
static LIVING: AtomicUsize = AtomicUsize::new(0);

/// What keeps the terminal quiet while no question is active.
static KEEPER: Mutex<Option<Keeper>> = Mutex::new(None);

/// A thread that handles signals as a question does. It ends when `stop` is closed.
struct Keeper {
    stop: UnixStream,
    thread: JoinHandle<Signals>,
}

impl Quiet {
    /// Keeps echo off after the next hidden question.
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
            // Signals that arrived too late for the thread take effect now.
            drop(signals);
        }
    }
}

/// Returns whether the terminal should stay quiet.
pub(super) fn is_wanted() -> bool {
    LIVING.load(Ordering::SeqCst) > 0
}

/// Keeps the terminal quiet from now on. If no thread can be started, this drops the signals and returns false. Then
/// the caller restores the terminal.
pub(super) fn keep(tty: OwnedFd, signals: Signals) -> bool {
    let Ok((stop, stopped)) = UnixStream::pair() else { return false };
    let Ok(mut keeper) = KEEPER.lock() else { return false };
    let thread = vault::thread::start(vault::thread::STACK, move || watch(&tty, &stopped, signals));
    *keeper = thread.ok().map(|thread| Keeper { stop, thread });
    keeper.is_some()
}

/// Ends the thread, and returns the signals for the next question. The terminal stays as it is.
pub(super) fn resume() -> Option<Signals> {
    let Keeper { stop, thread } = KEEPER.lock().ok()?.take()?;
    drop(stop);
    thread.join().ok()
}

fn watch(tty: &OwnedFd, stopped: &UnixStream, mut signals: Signals) -> Signals {
    // The question may have ended outside line mode. In the background this fails, because the terminal is the shell's.
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

/// Restores the terminal. A progress line is removed first, so that the shell's prompt doesn't follow it. The thread
/// that draws the line could be held up by Ctrl-S; this write can't.
fn leave(tty: &OwnedFd) {
    if progress::is_shown() && is_foreground(tty.as_fd()) {
        let _ = write(tty, progress::CLEAR_LINE);
    }
    restore();
}
