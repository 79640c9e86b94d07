//! A terminal of the command's own, between it and the one that the user sits at.
//!
//! Every key is handed through, so that Ctrl-C and Ctrl-Z reach the command by its own terminal, and once.

use crate::cli::asking::terminal::Raw;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd as _, BorrowedFd, OwnedFd};
use rustix::fs::OFlags;
use rustix::process::{Pid, Signal};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcgetpgrp, tcsetattr, tcsetwinsize};
use std::io;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Once a stopped command has printed nothing for this long, all that it printed is on the screen.
const QUIET: Timespec = Timespec { tv_sec: 0, tv_nsec: 60_000_000 };
/// No stop waits longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
const KEYS: usize = 4096;

/// The two terminals.
pub struct Console {
    /// The controlling end of the command's terminal.
    master: OwnedFd,
    /// The user's.
    terminal: Option<Raw>,
    /// Whether the command's has the modes of the user's: not while they are a shell's, which edits a line meanwhile.
    is_alike: bool,
    /// What was typed and not taken yet.
    typed: Zeroizing<Vec<u8>>,
}

impl Console {
    /// Opens a terminal of the size and in the modes of the user's. The other end is for the command.
    pub fn open() -> io::Result<(Self, pty_process::blocking::Pts)> {
        let (master, slave) = pty_process::blocking::open().map_err(io_error)?;
        let flags = rustix::fs::fcntl_getfl(&master)?;
        // What is typed must not hold up signals when the command doesn't read it.
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

    /// Whether the keys are this process's; so they are where no shell has a say.
    pub fn is_in_front(&self) -> bool {
        self.terminal.as_ref().is_none_or(Raw::is_foreground)
    }

    /// Whether the keys are handed through.
    pub fn is_entered(&self) -> bool {
        self.terminal.as_ref().is_some_and(|terminal| terminal.keys().is_some())
    }

    /// What the command prints.
    pub fn output(&self) -> io::Result<OwnedFd> {
        self.master.try_clone()
    }

    /// Hands the keys through from here on, if this process is in the foreground.
    pub fn enter(&mut self) {
        self.take_modes();
        if let Some(terminal) = &mut self.terminal {
            terminal.enter();
        }
        self.resize();
    }

    /// Gives the user's terminal back, with all on it that the command has printed.
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

    /// The command's terminal gets the size of the user's, and the kernel tells the command.
    pub fn resize(&self) {
        if let Some(size) = self.terminal.as_ref().and_then(Raw::size) {
            let _ = tcsetwinsize(&self.master, size);
        }
    }

    /// Does something with the terminal as it is for everybody else, such as writing a line on it.
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

    /// What to wait for: keys, or room for those that were pressed.
    pub fn interest(&self) -> Option<(BorrowedFd<'_>, PollFlags)> {
        if !self.typed.is_empty() {
            return Some((self.master.as_fd(), PollFlags::OUT));
        }
        self.terminal.as_ref().and_then(Raw::keys).map(|keys| (keys, PollFlags::IN))
    }

    /// Hands through what was typed. Gives the signals that the command's terminal makes of it for the command's group.
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

    /// What Ctrl-C and Ctrl-\ in the keys just typed send to the command. Not Ctrl-Z: the command is seen to stop.
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

    /// Reads what was typed; whether there was something.
    fn read_keys(&mut self) -> bool {
        let mut buffer = Zeroizing::new([0; KEYS]);
        let read = self.terminal.as_ref().and_then(|terminal| terminal.read(&mut *buffer));
        if read == Some(0) {
            // It hung up; SIGHUP says so, too.
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
            // Nobody has the terminal open any more.
            Err(_) => self.typed.clear(),
        }
    }
}

/// The one error of a crate whose errors are of two kinds.
pub fn io_error(error: pty_process::Error) -> io::Error {
    match error {
        pty_process::Error::Io(error) => error,
        pty_process::Error::Rustix(error) => error.into(),
    }
}
