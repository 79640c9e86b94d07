//! The terminal of this process, from which keys are passed on to a command with its own terminal.

use super::modes::{self, SAVED, is_foreground};
use rustix::fd::{AsFd as _, BorrowedFd, OwnedFd};
use rustix::io::{Errno, retry_on_intr};
use rustix::process::Pid;
use rustix::termios::{OptionalActions, Termios, Winsize, tcgetattr, tcgetpgrp, tcgetwinsize, tcsetattr, tcsetpgrp};

/// The controlling terminal. In raw mode every key is passed on. Dropping this restores the terminal, and so does every
/// other end of the process.
pub(crate) struct Raw {
    tty: OwnedFd,
    is_raw: bool,
}

impl Raw {
    /// Opens the terminal without changing its modes.
    pub(crate) fn open() -> Option<Self> {
        modes::open().ok().map(|tty| Self { tty, is_raw: false })
    }

    /// Returns the terminal's current modes.
    pub(crate) fn modes(&self) -> Option<Termios> {
        tcgetattr(&self.tty).ok()
    }

    /// Returns the terminal's size.
    pub(crate) fn size(&self) -> Option<Winsize> {
        tcgetwinsize(&self.tty).ok()
    }

    /// Returns whether this process is in the foreground.
    pub(crate) fn is_foreground(&self) -> bool {
        is_foreground(self.tty.as_fd())
    }

    /// Returns a descriptor that is readable when a key was pressed. `None` if the terminal isn't raw.
    pub(crate) fn keys(&self) -> Option<BorrowedFd<'_>> {
        self.is_raw.then(|| self.tty.as_fd())
    }

    /// Sets raw mode, again if a shell has changed the modes since the last time. Does nothing in the background, where
    /// the terminal belongs to the shell.
    pub(crate) fn enter(&mut self) {
        self.is_raw = false;
        if !self.is_foreground() {
            return;
        }
        let (Ok(mut saved), Ok(now), Ok(copy)) = (SAVED.lock(), tcgetattr(&self.tty), self.tty.try_clone()) else {
            return;
        };
        let (_, modes) = saved.get_or_insert((copy, now));
        let mut modes = modes.clone();
        modes.make_raw();
        self.is_raw = tcsetattr(&self.tty, OptionalActions::Now, &modes).is_ok();
    }

    /// Restores the modes. Input that was typed ahead is left for the shell.
    pub(crate) fn leave(&mut self) {
        let saved = SAVED.lock().ok().and_then(|mut saved| saved.take());
        if let (true, Some((_, modes))) = (self.is_raw && self.is_foreground(), saved) {
            // Drain: what the command wrote goes out in the modes for which it was written.
            let _ = tcsetattr(&self.tty, OptionalActions::Drain, &modes);
        }
        self.is_raw = false;
    }

    /// Reads keys as bytes. Returns 0 if the terminal is gone, and `None` if no key is waiting.
    pub(crate) fn read(&self, buffer: &mut [u8]) -> Option<usize> {
        match retry_on_intr(|| rustix::io::read(&self.tty, &mut *buffer)) {
            Err(Errno::AGAIN) => None,
            read => Some(read.unwrap_or(0)),
        }
    }
}

/// Returns the process group in the foreground of the controlling terminal.
pub(crate) fn front() -> rustix::io::Result<Pid> {
    tcgetpgrp(modes::open()?)
}

/// Puts a process group of this session in the foreground of the controlling terminal. The caller has to block SIGTTOU,
/// or it would be stopped in the background.
pub(crate) fn give_to(group: Pid) -> rustix::io::Result<()> {
    tcsetpgrp(modes::open()?, group)
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.leave();
    }
}
