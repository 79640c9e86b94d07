//! The command as a job: the child of a leader, which is a child of this process.

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
    /// The command can't be run.
    Command(io::Error),
    /// The command can't be supervised.
    Supervision(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Supervision(error)
    }
}

/// A change of the command's state.
#[derive(Debug, Clone, Copy)]
pub enum State {
    /// A signal has stopped the command.
    Stopped(i32),
    /// The command has ended.
    Ended(ExitStatus),
}

/// The running command.
pub struct Job {
    /// The command's process.
    pub process: Pid,
    /// Whether the command has its own terminal.
    has_terminal: bool,
    /// Whether the leader was killed.
    is_lost: bool,
    leader: Child,
    connection: UnixStream,
    descendants: Descendants,
}

impl Job {
    /// Starts the command in this session. If there is a terminal, the command runs in this process group, because the
    /// terminal's keys are for the command, too. Otherwise it gets its own group, so that it receives a signal to this
    /// group only once.
    pub fn beside(command: &Command, redirect: impl FnOnce(&mut Command)) -> Result<Self, Failure> {
        let place = if Raw::open().is_some() { Place::Group(getpgrp()) } else { Place::Apart };
        let (connection, leader_end) = connection()?;
        let mut leader = leader::command(leader_end.as_raw_fd(), place, command)?;
        redirect(leader.process_group(0));
        let child = leader.spawn().map_err(unstartable)?;
        drop(leader_end);
        Self::started(child, connection, false)
    }

    /// Starts the command on its own terminal.
    pub fn on_terminal(
        command: &Command,
        console: &Console,
        terminal: pty_process::blocking::Pts,
        redirect: impl FnOnce(pty_process::blocking::Command) -> pty_process::blocking::Command,
    ) -> Result<Self, Failure> {
        let (connection, leader_end) = connection()?;
        let place = if console.is_in_front() { Place::Front } else { Place::Behind };
        let leader = leader::command(leader_end.as_raw_fd(), place, command)?;
        let child = redirect(leader.into()).spawn(terminal).map_err(io_error).map_err(unstartable)?;
        drop(leader_end);
        Self::started(child, connection, true)
    }

    fn started(mut leader: Child, mut connection: UnixStream, has_terminal: bool) -> Result<Self, Failure> {
        let descendants = Descendants::behind(Pid::from_child(&leader), has_terminal);
        let failure = match Report::receive(&mut connection) {
            Ok(Report::Started(process)) => {
                let process = Pid::from_raw(process).ok_or_else(|| io::Error::other("a process without an id"))?;
                return Ok(Self { process, has_terminal, is_lost: false, leader, connection, descendants });
            }
            Ok(Report::Failed(error)) => Failure::Command(io::Error::from_raw_os_error(error)),
            Ok(Report::Hindered(error)) => Failure::Supervision(io::Error::from_raw_os_error(error)),
            _ => Failure::Supervision(io::Error::other("the process that leads it has ended")),
        };
        drop(connection);
        let _ = leader.wait();
        // If the leader was killed, the command may still run.
        descendants.end(Instant::now() + GRACE, || false);
        Err(failure)
    }

    /// Returns a descriptor that is readable when there is a change.
    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.connection.as_fd()
    }

    /// Returns whether the command was stopped or has ended. `None` if it runs.
    pub fn state(&mut self) -> io::Result<Option<State>> {
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        if poll(&mut [PollFd::new(&self.connection, PollFlags::IN)], Some(&now))? == 0 {
            return Ok(None);
        }
        match Report::receive(&mut self.connection) {
            Ok(Report::Stopped(signal)) => Ok(Some(State::Stopped(signal))),
            Ok(Report::Ended(status)) => Ok(Some(State::Ended(status))),
            // The leader was killed, and the command with it, but not the command's descendants.
            _ => {
                self.is_lost = true;
                Ok(Some(State::Ended(self.leader.wait()?)))
            }
        }
    }

    /// Continues the command after a stop, in the foreground or background of its terminal.
    pub fn go_on(&mut self, in_front: bool) {
        // If somebody stopped all processes, the leader is stopped as well.
        let _ = kill_process(Pid::from_child(&self.leader), Signal::CONT);
        let _ = self.connection.write_all(&[if in_front { GO_ON_IN_FRONT } else { GO_ON_BEHIND }]);
    }

    /// Sends a signal to the command. Passing it on to its children is the command's own task.
    pub fn send(&self, signal: i32) {
        let _ = hardening::signal(signal).map(|signal| kill_process(self.process, signal));
    }

    /// Sends a signal to the command's process group, as a key does. If the command has its own terminal, nobody else
    /// does.
    pub fn send_to_group(&self, signal: Signal) {
        let _ = kill_process_group(self.process, signal);
    }

    /// Returns the command and all its descendants.
    pub fn descendants(&self) -> Descendants {
        self.descendants
    }

    /// Returns whether the command has its own terminal.
    pub fn has_terminal(&self) -> bool {
        self.has_terminal
    }

    /// Returns whether the command was killed with its leader. Then nobody knows what it would have left running.
    pub fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// To be called after the command's end. What it left running in the background keeps running.
    pub fn finish(mut self) {
        let _ = self.connection.write_all(&[DISMISSED]);
    }
}

impl Drop for Job {
    /// Makes the leader end what is left, unless it was told to leave it running.
    fn drop(&mut self) {
        let _ = self.connection.shutdown(std::net::Shutdown::Both);
        let _ = self.leader.wait();
        descendants::reap();
    }
}

/// Opens a connection to a leader, which inherits the other end.
fn connection() -> io::Result<(UnixStream, UnixStream)> {
    // If the leader is killed, this process inherits the leader's children.
    descendants::inherit();
    let (own_end, leader_end) = UnixStream::pair()?;
    rustix::io::fcntl_setfd(&leader_end, FdFlags::empty())?;
    Ok((own_end, leader_end))
}

/// Says why the leader can't be started. It has the command's arguments and environment, so what is too large for the
/// leader is also too large for the command.
fn unstartable(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::ArgumentListTooLong => Failure::Command(error),
        _ => Failure::Supervision(error),
    }
}
