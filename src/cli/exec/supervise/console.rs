//! A terminal of the command's own, between it and the one that the user sits at.
//!
//! Every key is handed through, so that Ctrl-C reaches the command by its own terminal, and once. Ctrl-Z is the exception:
//! the command leads a session that no shell watches over, where the kernel ignores it; so this program stops the command
//! and itself, and goes on with it when the shell says so.

use crate::cli::terminal::{Deliveries, Raw, act, ignores, is_orphaned};
use rustix::event::PollFlags;
use rustix::fd::{AsFd as _, BorrowedFd, OwnedFd};
use rustix::fs::OFlags;
use rustix::process::{Pid, Signal, kill_current_process_group, kill_process_group};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcgetpgrp, tcsetattr, tcsetwinsize};
use signal_hook::consts::SIGTSTP;
use std::io;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long a program may take to put its screen in order before it is stopped.
const BEFORE_STOP: Duration = Duration::from_millis(50);
const KEYS: usize = 4096;

/// The two terminals.
pub struct Console {
    /// The controlling end of the command's terminal.
    master: OwnedFd,
    /// The user's.
    terminal: Option<Raw>,
    /// What was typed and not taken yet.
    typed: Zeroizing<Vec<u8>>,
}

impl Console {
    /// Opens a terminal of the size and in the modes of the user's. The other end is for the command.
    pub fn open() -> io::Result<(Self, pty_process::blocking::Pts)> {
        let (master, slave) = pty_process::blocking::open().map_err(io_error)?;
        let terminal = Raw::open();
        if let Some(modes) = terminal.as_ref().and_then(Raw::modes) {
            tcsetattr(&slave, OptionalActions::Now, &modes)?;
        }
        let flags = rustix::fs::fcntl_getfl(&master)?;
        // What is typed must not hold up signals when the command doesn't read it.
        rustix::fs::fcntl_setfl(&master, flags | OFlags::NONBLOCK)?;
        let typed = Zeroizing::new(Vec::with_capacity(2 * KEYS));
        let console = Self { master: master.into(), terminal, typed };
        console.resize();
        Ok((console, slave))
    }

    /// What the command prints.
    pub fn output(&self) -> io::Result<OwnedFd> {
        self.master.try_clone()
    }

    /// Hands the keys through from here on, if this process is in the foreground.
    pub fn enter(&mut self) {
        if let Some(terminal) = &mut self.terminal {
            terminal.enter();
        }
        self.resize();
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

    /// Hands through what was typed; `leader` is the command.
    pub fn hand_over(&mut self, leader: Pid, signals: &mut Deliveries) {
        if self.typed.is_empty() && !self.read_keys() {
            return;
        }
        while let Some(suspend) = self.suspend_key(leader) {
            let rest = Zeroizing::new(self.typed.split_off(suspend + 1));
            self.typed.truncate(suspend);
            self.write_typed();
            self.suspend(leader, signals);
            self.typed.extend_from_slice(&rest);
        }
        self.write_typed();
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

    /// Where the key was pressed that stops a program, if it would stop the command itself.
    fn suspend_key(&self, leader: Pid) -> Option<usize> {
        let modes = tcgetattr(&self.master).ok().filter(|modes| modes.local_modes.contains(LocalModes::ISIG))?;
        let key = modes.special_codes[SpecialCodeIndex::VSUSP];
        let at = self.typed.iter().position(|typed| *typed == key && key != 0)?;
        let is_in_front = tcgetpgrp(&self.master).is_ok_and(|group| group == leader);
        let stops = !ignores(leader.as_raw_pid().unsigned_abs(), SIGTSTP) && !is_orphaned();
        (is_in_front && stops).then_some(at)
    }

    /// Stops the command and this process; returns when it goes on.
    pub fn suspend(&mut self, leader: Pid, signals: &mut Deliveries) {
        let _ = kill_process_group(leader, Signal::TSTP);
        std::thread::sleep(BEFORE_STOP);
        let _ = kill_process_group(leader, Signal::STOP);
        if let Some(terminal) = &mut self.terminal {
            terminal.leave();
        }
        // The others of a script's group wait for this key, too.
        let _ = kill_current_process_group(Signal::TSTP);
        act(SIGTSTP);
        // The one above came to this process, too, and others pressed meanwhile; the rest has been seen to here.
        drop(signals.pending());
        self.resume(leader);
    }

    /// Goes on after a stop.
    pub fn resume(&mut self, leader: Pid) {
        self.enter();
        let _ = kill_process_group(leader, Signal::CONT);
    }
}

/// The one error of a crate whose errors are of two kinds.
pub fn io_error(error: pty_process::Error) -> io::Error {
    match error {
        pty_process::Error::Io(error) => error,
        pty_process::Error::Rustix(error) => error.into(),
    }
}
