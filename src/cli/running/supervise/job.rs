//! The command as a job: a child of a leader, which is a child of this process.

use super::console::{Console, io_error};
use super::descendants::{self, Descendants, GRACE};
use super::leader::{self, Place};
use super::report::{DISMISSED, GO_ON_BEHIND, GO_ON_IN_FRONT, Report};
use crate::cli::asking::terminal::Raw;
use crate::cli::process::hardening;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd as _, AsRawFd as _, BorrowedFd};
use rustix::io::FdFlags;
use rustix::process::{Pid, Signal, getpgrp, kill_process, kill_process_group};
use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus};
use std::time::Instant;

/// Why a command doesn't run.
pub enum Failure {
    /// It can't be run.
    Command(io::Error),
    /// It can't be watched over.
    Supervision(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Supervision(error)
    }
}

/// What has become of it.
#[derive(Debug, Clone, Copy)]
pub enum State {
    /// A signal has stopped it.
    Stopped(i32),
    /// It is no more.
    Ended(ExitStatus),
}

/// The command that runs.
pub struct Job {
    /// The command's process.
    pub process: Pid,
    /// Whether it has a terminal of its own.
    has_terminal: bool,
    /// Whether somebody has ended the leader.
    is_lost: bool,
    leader: Child,
    connection: UnixStream,
    descendants: Descendants,
}

impl Job {
    /// Starts it in this session: where there is a terminal, whose keys are for it, too, in this process group; else in one
    /// of its own, so that a signal to this group comes to it once.
    pub fn beside(command: &Command, redirect: impl FnOnce(&mut Command)) -> Result<Self, Failure> {
        let place = if Raw::open().is_some() { Place::Group(getpgrp()) } else { Place::Apart };
        let (connection, there) = connection()?;
        let mut leader = leader::command(there.as_raw_fd(), place, command)?;
        redirect(leader.process_group(0));
        let child = leader.spawn().map_err(unstartable)?;
        drop(there);
        Self::started(child, connection, false)
    }

    /// Starts it on a terminal of its own.
    pub fn on_terminal(
        command: &Command,
        console: &Console,
        terminal: pty_process::blocking::Pts,
        redirect: impl FnOnce(pty_process::blocking::Command) -> pty_process::blocking::Command,
    ) -> Result<Self, Failure> {
        let (connection, there) = connection()?;
        let place = if console.is_in_front() { Place::Front } else { Place::Behind };
        let leader = leader::command(there.as_raw_fd(), place, command)?;
        let child = redirect(leader.into()).spawn(terminal).map_err(io_error).map_err(unstartable)?;
        drop(there);
        Self::started(child, connection, true)
    }

    fn started(mut leader: Child, mut connection: UnixStream, has_terminal: bool) -> Result<Self, Failure> {
        let descendants = Descendants::behind(Pid::from_child(&leader), has_terminal);
        let failure = match Report::receive(&mut connection) {
            Ok(Report::Started(process)) => {
                let process = Pid::from_raw(process).ok_or_else(|| io::Error::other("a process without a number"))?;
                return Ok(Self { process, has_terminal, is_lost: false, leader, connection, descendants });
            }
            Ok(Report::Failed(error)) => Failure::Command(io::Error::from_raw_os_error(error)),
            Ok(Report::Hindered(error)) => Failure::Supervision(io::Error::from_raw_os_error(error)),
            _ => Failure::Supervision(io::Error::other("the process that leads it has ended")),
        };
        drop(connection);
        let _ = leader.wait();
        // Where somebody has ended it, the command may run.
        descendants.end(Instant::now() + GRACE, || false);
        Err(failure)
    }

    /// Readable when there is a change.
    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.connection.as_fd()
    }

    /// What has become of it, if it doesn't run.
    pub fn state(&mut self) -> io::Result<Option<State>> {
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        if poll(&mut [PollFd::new(&self.connection, PollFlags::IN)], Some(&now))? == 0 {
            return Ok(None);
        }
        match Report::receive(&mut self.connection) {
            Ok(Report::Stopped(signal)) => Ok(Some(State::Stopped(signal))),
            Ok(Report::Ended(status)) => Ok(Some(State::Ended(status))),
            // Somebody has ended the leader, and with it the command, but not what the command has started.
            _ => {
                self.is_lost = true;
                Ok(Some(State::Ended(self.leader.wait()?)))
            }
        }
    }

    /// Goes on after a stop, in the foreground of its terminal or not.
    pub fn go_on(&mut self, in_front: bool) {
        // Whoever stopped all that it saw has stopped the leader, too.
        let _ = kill_process(Pid::from_child(&self.leader), Signal::CONT);
        let _ = self.connection.write_all(&[if in_front { GO_ON_IN_FRONT } else { GO_ON_BEHIND }]);
    }

    /// Sends a signal to the command, not to its children: that is the command's.
    pub fn send(&self, signal: i32) {
        let _ = hardening::signal(signal).map(|signal| kill_process(self.process, signal));
    }

    /// Sends what a key does, which on a terminal of its own nobody else does.
    pub fn send_to_group(&self, signal: Signal) {
        let _ = kill_process_group(self.process, signal);
    }

    /// The command and all that it has started.
    pub fn descendants(&self) -> Descendants {
        self.descendants
    }

    /// Whether it has a terminal of its own.
    pub fn has_terminal(&self) -> bool {
        self.has_terminal
    }

    /// Whether it was ended with its leader, so that nobody knows what it would have left running.
    pub fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// After its end: what it left running in the background goes on.
    pub fn finish(mut self) {
        let _ = self.connection.write_all(&[DISMISSED]);
    }
}

impl Drop for Job {
    /// The leader ends what it wasn't told to leave alone.
    fn drop(&mut self) {
        let _ = self.connection.shutdown(std::net::Shutdown::Both);
        let _ = self.leader.wait();
        descendants::bury();
    }
}

/// A connection to a leader, whose other end it inherits.
fn connection() -> io::Result<(UnixStream, UnixStream)> {
    // What the leader leaves behind, if somebody kills it, is this process's.
    descendants::inherit();
    let (here, there) = UnixStream::pair()?;
    rustix::io::fcntl_setfd(&there, FdFlags::empty())?;
    Ok((here, there))
}

/// The leader has the command's arguments and environment, so what is too large for it is so for the command.
fn unstartable(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::ArgumentListTooLong => Failure::Command(error),
        _ => Failure::Supervision(error),
    }
}
