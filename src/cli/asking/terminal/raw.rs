//! The terminal of this process, handed through to a command that has one of its own.

use super::prompt::{self, SAVED, is_foreground};
use rustix::fd::{AsFd as _, BorrowedFd, OwnedFd};
use rustix::io::{Errno, retry_on_intr};
use rustix::process::Pid;
use rustix::termios::{OptionalActions, Termios, Winsize, tcgetattr, tcgetpgrp, tcgetwinsize, tcsetattr, tcsetpgrp};

/// The controlling terminal. While it is raw every key is handed through; it is given back when this is dropped, and
/// whatever else ends the process.
pub(crate) struct Raw {
    tty: OwnedFd,
    is_raw: bool,
}

impl Raw {
    /// Opens it, as it is.
    pub(crate) fn open() -> Option<Self> {
        prompt::open().ok().map(|tty| Self { tty, is_raw: false })
    }

    /// How it is set.
    pub(crate) fn modes(&self) -> Option<Termios> {
        tcgetattr(&self.tty).ok()
    }

    /// Its size.
    pub(crate) fn size(&self) -> Option<Winsize> {
        tcgetwinsize(&self.tty).ok()
    }

    /// Whether keys pressed are this process's.
    pub(crate) fn is_foreground(&self) -> bool {
        is_foreground(self.tty.as_fd())
    }

    /// Readable when a key was pressed; `None` while the terminal isn't raw.
    pub(crate) fn keys(&self) -> Option<BorrowedFd<'_>> {
        self.is_raw.then(|| self.tty.as_fd())
    }

    /// Makes it raw, also where a shell has changed it since the last time; not from the background, where it is the
    /// shell's.
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

    /// Gives it back as it was. What was typed ahead is the shell's.
    pub(crate) fn leave(&mut self) {
        let saved = SAVED.lock().ok().and_then(|mut saved| saved.take());
        if let (true, Some((_, modes))) = (self.is_raw && self.is_foreground(), saved) {
            // What the command wrote goes out in the modes that it was written for.
            let _ = tcsetattr(&self.tty, OptionalActions::Drain, &modes);
        }
        self.is_raw = false;
    }

    /// The keys pressed, as bytes; 0 if the terminal is gone, `None` if there are none now.
    pub(crate) fn read(&self, buffer: &mut [u8]) -> Option<usize> {
        match retry_on_intr(|| rustix::io::read(&self.tty, &mut *buffer)) {
            Err(Errno::AGAIN) => None,
            read => Some(read.unwrap_or(0)),
        }
    }
}

/// The process group whose keys the controlling terminal's are.
pub(crate) fn front() -> rustix::io::Result<Pid> {
    tcgetpgrp(prompt::open()?)
}

/// Gives a process group of this session the controlling terminal's keys. Not to be held up from the background, this
/// process has SIGTTOU blocked.
pub(crate) fn give_to(group: Pid) -> rustix::io::Result<()> {
    tcsetpgrp(prompt::open()?, group)
}

impl Drop for Raw {
    fn drop(&mut self) {
        self.leave();
    }
}
