//! The command as a job: a child of this process or, on a terminal of its own, of that session's leader.

use super::console::{Console, io_error};
use super::leader;
use super::report::{GO_ON_BEHIND, GO_ON_IN_FRONT, Report};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd as _, AsRawFd as _, BorrowedFd};
use rustix::io::FdFlags;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, kill_process, kill_process_group, waitid};
use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;
use std::process::{Child, ChildStderr, Command, ExitStatus};

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
    /// The process started from here: the command, or the leader.
    child: Child,
    leader: Option<UnixStream>,
}

impl Job {
    /// Starts it in this session and process group.
    pub fn child(command: &mut Command) -> io::Result<Self> {
        let child = command.spawn()?;
        let process = number(i32::try_from(child.id()).unwrap_or_default())?;
        Ok(Self { process, child, leader: None })
    }

    /// Starts it on a terminal of its own; also gives what it prints as errors, where that goes elsewhere.
    pub fn on_terminal(
        command: &Command,
        console: &Console,
        terminal: pty_process::blocking::Pts,
        redirect: impl FnOnce(pty_process::blocking::Command) -> pty_process::blocking::Command,
    ) -> io::Result<(Self, Option<ChildStderr>)> {
        let (mut here, there) = UnixStream::pair()?;
        rustix::io::fcntl_setfd(&there, FdFlags::empty())?;
        let leader = leader::command(there.as_raw_fd(), console.is_in_front(), command)?;
        let mut child = redirect(leader.into()).spawn(terminal).map_err(io_error)?;
        drop(there);
        let errors = child.stderr.take();
        match Report::receive(&mut here)? {
            Report::Started(process) => Ok((Self { process: number(process)?, child, leader: Some(here) }, errors)),
            Report::Failed(error) => {
                let _ = child.wait();
                Err(io::Error::from_raw_os_error(error))
            }
            Report::Stopped(_) | Report::Ended(_) => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// Takes the pipes that it prints to.
    pub fn pipes(&mut self) -> (Option<std::process::ChildStdout>, Option<ChildStderr>) {
        (self.child.stdout.take(), self.child.stderr.take())
    }

    /// Readable when there is a change, if not SIGCHLD says so.
    pub fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.leader.as_ref().map(|leader| leader.as_fd())
    }

    /// What has become of it, if it doesn't run.
    pub fn state(&mut self) -> io::Result<Option<State>> {
        let Some(leader) = &mut self.leader else {
            if let Some(signal) = self.stopped()? {
                return Ok(Some(State::Stopped(signal)));
            }
            return Ok(self.child.try_wait()?.map(State::Ended));
        };
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        if poll(&mut [PollFd::new(leader, PollFlags::IN)], Some(&now))? == 0 {
            return Ok(None);
        }
        match Report::receive(leader) {
            Ok(Report::Stopped(signal)) => Ok(Some(State::Stopped(signal))),
            Ok(Report::Ended(status)) => Ok(Some(State::Ended(status))),
            // Somebody has ended the leader, and with it the session.
            _ => Ok(Some(State::Ended(self.child.wait()?))),
        }
    }

    /// By which signal a child is stopped, if it is.
    fn stopped(&self) -> io::Result<Option<i32>> {
        Ok(change(self.process)?.and_then(|status| status.stopping_signal()))
    }

    /// Goes on after a stop, in the foreground of its terminal or not.
    pub fn go_on(&mut self, in_front: bool) {
        if let Some(leader) = &mut self.leader {
            let _ = leader.write_all(&[if in_front { GO_ON_IN_FRONT } else { GO_ON_BEHIND }]);
        } else if matches!(self.stopped(), Ok(Some(_))) {
            // Else whoever continued this process's group has continued this child, too.
            self.send(Signal::CONT);
        }
    }

    /// Sends a signal to the command, not to its children: that is the command's.
    pub fn send(&self, signal: Signal) {
        let _ = kill_process(self.process, signal);
    }

    /// Sends what a key does, which on a terminal of its own nobody else does.
    pub fn send_to_group(&self, signal: Signal) {
        let _ = kill_process_group(self.process, signal);
    }

    /// After its end: nothing of it is left.
    pub fn finish(mut self) {
        drop(self.leader);
        let _ = self.child.wait();
    }
}

/// That a child is stopped or no more; it stays to be asked for.
pub fn change(child: Pid) -> io::Result<Option<WaitIdStatus>> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::STOPPED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    Ok(waitid(WaitId::Pid(child), options)?)
}

fn number(process: i32) -> io::Result<Pid> {
    Pid::from_raw(process).ok_or_else(|| io::Error::other("a process without a number"))
}
