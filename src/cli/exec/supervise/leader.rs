//! The leader of the session on the command's own terminal: this program once more, and the command's parent there.
//!
//! A command that led that session itself could not be stopped: the kernel ignores Ctrl-Z in a process group that no shell
//! watches over, which is one with no parent in the same session. So there is one, which says what becomes of the command
//! to the process that sits at the user's terminal, and does to it what a shell's `fg` and `bg` do.

use super::job::change;
use super::report::{GO_ON_BEHIND, GO_ON_IN_FRONT, Report};
use crate::cli::hardening;
use crate::cli::terminal::{Deliveries, front, give_to};
use nix::sys::signal::{SigSet, SigmaskHow, Signal::SIGTTOU};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::OwnedFd;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, getpgrp, kill_process_group, waitid};
use std::ffi::{OsStr, OsString};
use std::io::{self, Read as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitCode, ExitStatus};

/// What stands in the place of a command's name for such a process. No command of ours is called so.
const NAME: &str = "exec-leader";

/// The command line that makes this program lead: through which descriptor it is talked to, and whether the command may
/// have the terminal's keys.
pub fn command(descriptor: i32, in_front: bool, command: &Command) -> io::Result<Command> {
    // The file that runs, also where another one has its name meanwhile.
    let program = if cfg!(target_os = "linux") { "/proc/self/exe".into() } else { std::env::current_exe()? };
    let mut leader = Command::new(program);
    leader.arg(NAME).arg(descriptor.to_string()).arg(if in_front { "front" } else { "behind" });
    leader.arg(command.get_program()).args(command.get_args()).env_clear();
    leader.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Ok(leader)
}

/// Leads, if this process was started for it.
pub fn lead(arguments: &[OsString]) -> Option<ExitCode> {
    let [_, name, descriptor, place, command @ ..] = arguments else { return None };
    if name != NAME || command.is_empty() {
        return None;
    }
    let descriptor = descriptor.to_str().and_then(|number| number.parse().ok());
    let starter = UnixStream::from(hardening::inherited(descriptor?)?);
    // Who started it learns of a failure by the end of the connection.
    let led = Leader::start(starter, place == "front", command).and_then(|leader| leader.map_or(Ok(()), Leader::run));
    Some(if led.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Leader {
    starter: UnixStream,
    signals: Deliveries,
    /// The command, and its process group.
    command: Pid,
    is_stopped: bool,
    /// Who gets the terminal's keys once they come here again.
    waiting: Option<Pid>,
}

impl Leader {
    /// Starts the command; `None` if that failed, and was reported.
    fn start(mut starter: UnixStream, in_front: bool, words: &[OsString]) -> io::Result<Option<Self>> {
        let signals = Deliveries::catch()?;
        let stopping = SigSet::from(SIGTTOU);
        let before = stopping.thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
        let mut command = Command::new::<&OsStr>(words[0].as_ref());
        hardening::start_job(command.args(&words[1..]), before, in_front);
        let child = match command.spawn() {
            Ok(child) => child,
            Err(error) => {
                return Report::Failed(error.raw_os_error().unwrap_or_default()).send(&mut starter).map(|()| None);
            }
        };
        let raw = i32::try_from(child.id()).unwrap_or_default();
        let command = Pid::from_raw(raw).ok_or(io::ErrorKind::InvalidData)?;
        close_standard()?;
        Report::Started(raw).send(&mut starter)?;
        let waiting = (!in_front).then_some(command);
        Ok(Some(Self { starter, signals, command, is_stopped: false, waiting }))
    }

    /// Until the command has ended and everything it printed was seen, or who started this process is gone.
    fn run(mut self) -> io::Result<()> {
        loop {
            let signal = PollFd::from_borrowed_fd(self.signals.descriptor(), PollFlags::IN);
            let mut sources = [signal, PollFd::new(&self.starter, PollFlags::IN)];
            let is_ready = poll(&mut sources, None).is_ok();
            let is_asked = is_ready && !sources[1].revents().is_empty();
            // They only wake this process: what a terminal sends is for the command.
            drop(self.signals.pending());
            if is_asked && !self.obey()? {
                return Ok(());
            }
            if self.look()? {
                break;
            }
        }
        // Waits for the end of the connection: as long the command is a zombie, and its number no other process's.
        self.starter.read_to_end(&mut Vec::new())?;
        // The end of a session ends who has its keys: not the command's children in the background.
        let _ = give_to(getpgrp());
        Ok(())
    }

    /// Reports what has become of the command; whether it has ended.
    fn look(&mut self) -> io::Result<bool> {
        let Some(status) = change(self.command)? else { return Ok(false) };
        if let Some(signal) = status.stopping_signal() {
            // Reported once.
            waitid(WaitId::Pid(self.command), WaitIdOptions::STOPPED | WaitIdOptions::NOHANG)?;
            self.is_stopped = true;
            Report::Stopped(signal).send(&mut self.starter)?;
            return Ok(false);
        }
        let raw = status.exit_status().map(|code| code << 8).or(status.terminating_signal());
        Report::Ended(ExitStatus::from_raw(raw.unwrap_or_default())).send(&mut self.starter)?;
        Ok(true)
    }

    /// Goes on with the command, in front or in the background; `false` if nobody asks any more.
    fn obey(&mut self) -> io::Result<bool> {
        let mut order = [0];
        match self.starter.read(&mut order)? {
            0 => return Ok(false),
            _ if order == [GO_ON_IN_FRONT] => {
                let stopped = self.is_stopped.then_some(self.command);
                if let Some(group) = stopped.or(self.waiting.take()) {
                    let _ = give_to(group);
                }
            }
            _ if order == [GO_ON_BEHIND] && self.waiting.is_none() => {
                self.waiting = front().ok();
                let _ = give_to(getpgrp());
            }
            _ => {}
        }
        self.is_stopped = false;
        let _ = kill_process_group(self.command, Signal::CONT);
        Ok(true)
    }
}

/// Lets go of the command's streams, which end with the command.
fn close_standard() -> io::Result<()> {
    let nothing = OwnedFd::from(std::fs::File::options().read(true).write(true).open("/dev/null")?);
    rustix::stdio::dup2_stdin(&nothing)?;
    rustix::stdio::dup2_stdout(&nothing)?;
    Ok(rustix::stdio::dup2_stderr(&nothing)?)
}
