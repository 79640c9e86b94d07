//! The command's own terminal, a pseudoterminal between the command and the user's terminal.
//!
//! Every key is passed through, so Ctrl-C and Ctrl-Z reach the command from its own terminal, and only once.

use crate::cli::asking::terminal::Raw;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd as _, BorrowedFd, OwnedFd};
use rustix::fs::OFlags;
use rustix::process::{Pid, Signal};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcgetpgrp, tcsetattr, tcsetwinsize};
use std::io;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Once a stopped command has printed nothing for this long, everything it printed is on the screen.
const QUIET: Timespec = Timespec { tv_sec: 0, tv_nsec: 60_000_000 };
/// The longest wait for that silence.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
const KEYS: usize = 4096;

/// The command's terminal and the user's.
pub struct Console {
    /// The controlling end of the command's terminal.
    master: OwnedFd,
    /// The user's terminal.
    terminal: Option<Raw>,
    /// Whether the command's terminal has taken the modes of the user's. It doesn't take them while a shell is in the
    /// foreground and edits a line, because they are the shell's own modes then.
    is_alike: bool,
    /// Keys that were typed, but not written to the command's terminal yet.
    typed: Zeroizing<Vec<u8>>,
}

impl Console {
    /// Opens a terminal with the size and modes of the user's, and returns it with the end that is for the command.
    pub fn open() -> io::Result<(Self, pty_process::blocking::Pts)> {
        let (master, slave) = pty_process::blocking::open().map_err(io_error)?;
        let flags = rustix::fs::fcntl_getfl(&master)?;
        // If the command doesn't read its input, a write must not block, or signals would have to wait.
        rustix::fs::fcntl_setfl(&master, flags | OFlags::NONBLOCK)?;
        let typed = Zeroizing::new(Vec::with_capacity(2 * KEYS));
        let mut console = Self { master: master.into(), terminal: Raw::open(), is_alike: false, typed };
        console.take_modes();
        console.resize();
        Ok((console, slave))
    }

    fn take_modes(&mut self) {
        let user = self.terminal.as_ref().filter(|terminal| !self.is_alike && terminal.is_foreground());
        if let Some(modes) = user.and_then(Raw::modes) {
            self.is_alike = tcsetattr(&self.master, OptionalActions::Now, &modes).is_ok();
        }
    }

    /// Returns whether this process is in the foreground of the user's terminal. Without a terminal it counts as such.
    pub fn is_in_front(&self) -> bool {
        self.terminal.as_ref().is_none_or(Raw::is_foreground)
    }

    /// Returns whether keys are passed through.
    pub fn is_entered(&self) -> bool {
        self.terminal.as_ref().is_some_and(|terminal| terminal.keys().is_some())
    }

    /// Returns the end from which the command's output is read.
    pub fn output(&self) -> io::Result<OwnedFd> {
        self.master.try_clone()
    }

    /// Passes keys through from now on, if this process is in the foreground.
    pub fn enter(&mut self) {
        self.take_modes();
        if let Some(terminal) = &mut self.terminal {
            terminal.enter();
        }
        self.resize();
    }

    /// Gives the user's terminal back, after everything the command has printed has been shown on it.
    pub fn leave(&mut self) {
        let deadline = Instant::now() + LONGEST_WAIT;
        let mut output = [PollFd::from_borrowed_fd(self.master.as_fd(), PollFlags::IN)];
        while poll(&mut output, Some(&QUIET)).is_ok_and(|count| count > 0) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        if let Some(terminal) = &mut self.terminal {
            terminal.leave();
        }
    }

    /// Gives the command's terminal the size of the user's. The kernel sends the command SIGWINCH.
    pub fn resize(&self) {
        if let Some(size) = self.terminal.as_ref().and_then(Raw::size) {
            let _ = tcsetwinsize(&self.master, size);
        }
    }

    /// Runs an action while the user's terminal has its usual modes, such as writing a line on it.
    pub fn paused(&mut self, action: impl FnOnce()) {
        let raw = self.terminal.as_mut().filter(|terminal| terminal.keys().is_some());
        match raw {
            Some(terminal) => {
                terminal.leave();
                action();
                terminal.enter();
            }
            None => action(),
        }
    }

    /// Returns what to wait for: keys, or room for the keys that were typed.
    pub fn interest(&self) -> Option<(BorrowedFd<'_>, PollFlags)> {
        if !self.typed.is_empty() {
            return Some((self.master.as_fd(), PollFlags::OUT));
        }
        self.terminal.as_ref().and_then(Raw::keys).map(|keys| (keys, PollFlags::IN))
    }

    /// Passes on what was typed. Returns the signals that the command's terminal sends to the command's group for it.
    pub fn hand_over(&mut self, command: Pid) -> Vec<Signal> {
        if !self.typed.is_empty() {
            self.write_typed();
        } else if self.read_keys() {
            let signals = self.key_signals(command);
            self.write_typed();
            return signals;
        }
        Vec::new()
    }

    /// Returns what Ctrl-C and Ctrl-\ among the keys just typed send to the command. Ctrl-Z is left out, because the
    /// command's stop is noticed elsewhere.
    fn key_signals(&self, command: Pid) -> Vec<Signal> {
        let modes = tcgetattr(&self.master).ok().filter(|modes| modes.local_modes.contains(LocalModes::ISIG));
        let is_in_front = tcgetpgrp(&self.master).is_ok_and(|group| group == command);
        let Some(modes) = modes.filter(|_| is_in_front) else { return Vec::new() };
        let is_typed = |key: SpecialCodeIndex| {
            let key = modes.special_codes[key];
            key != 0 && self.typed.contains(&key)
        };
        let signals = [(SpecialCodeIndex::VINTR, Signal::INT), (SpecialCodeIndex::VQUIT, Signal::QUIT)];
        signals.into_iter().filter(|(key, _)| is_typed(*key)).map(|(_, signal)| signal).collect()
    }

    /// Reads what was typed, and returns whether there was anything.
    fn read_keys(&mut self) -> bool {
        let mut buffer = Zeroizing::new([0; KEYS]);
        let read = self.terminal.as_ref().and_then(|terminal| terminal.read(&mut *buffer));
        if read == Some(0) {
            // The terminal hung up. SIGHUP reports that, too.
            self.terminal = None;
        }
        let count = read.unwrap_or(0);
        self.typed.extend_from_slice(&buffer[..count]);
        count > 0
    }

    fn write_typed(&mut self) {
        let written = if self.typed.is_empty() { Ok(0) } else { rustix::io::write(&self.master, &self.typed) };
        match written {
            Ok(count) => drop(self.typed.drain(..count)),
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => {}
            // No process has the terminal open any more.
            Err(_) => self.typed.clear(),
        }
    }
}

/// Turns an error of the `pty_process` crate, which has two kinds, into an I/O error.
pub fn io_error(error: pty_process::Error) -> io::Error {
    match error {
        pty_process::Error::Io(error) => error,
        pty_process::Error::Rustix(error) => error.into(),
    }
}
