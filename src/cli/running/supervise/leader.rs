//! The leader of the session on the command's own terminal: this program once more, and the command's parent there.
//!
//! A command that led that session itself could not be stopped: the kernel ignores Ctrl-Z in a process group that no shell
//! watches over, which is one with no parent in the same session. So there is one, which says what becomes of the command
//! to the process that sits at the user's terminal, and does to it what a shell's `fg` and `bg` do.

use super::descendants::{self, Descendants, GRACE};
use super::report::{DISMISSED, GO_ON_BEHIND, GO_ON_IN_FRONT, Report};
use crate::cli::asking::terminal::{Deliveries, front, give_to, ignored_by_command};
use crate::cli::process::hardening;
use crate::cli::running::program::FAILED;
use nix::sys::signal::{SigSet, SigmaskHow, Signal::SIGTTOU};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::OwnedFd;
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, getpgrp, kill_process, kill_process_group, waitid,
};
use signal_hook::consts::{SIGCHLD, SIGCONT, SIGTSTP, SIGWINCH};
use std::ffi::{OsStr, OsString};
use std::io::{self, Read as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Command, ExitCode, ExitStatus};
use std::time::Instant;

/// What stands in the place of a command's name for such a process. No command of ours is called so.
const NAME: &str = "exec-leader";

/// Where the command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On a terminal of its own, with its keys.
    Front,
    /// On a terminal of its own, without its keys.
    Behind,
    /// In a process group of its own.
    Apart,
    /// In this process group.
    Group(Pid),
}

impl Place {
    fn to_word(self) -> String {
        match self {
            Self::Front => "front".to_owned(),
            Self::Behind => "behind".to_owned(),
            Self::Apart => "apart".to_owned(),
            Self::Group(group) => group.as_raw_pid().to_string(),
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        match word {
            "front" => Some(Self::Front),
            "behind" => Some(Self::Behind),
            "apart" => Some(Self::Apart),
            group => group.parse().ok().and_then(Pid::from_raw).map(Self::Group),
        }
    }

    fn is_terminal(self) -> bool {
        matches!(self, Self::Front | Self::Behind)
    }
}

/// The command line that makes this program lead: through which descriptor it is talked to, and where the command runs.
pub fn command(descriptor: i32, place: Place, command: &Command) -> io::Result<Command> {
    // The file that runs, also where another one has its name meanwhile.
    let program = if cfg!(target_os = "linux") { "/proc/self/exe".into() } else { std::env::current_exe()? };
    let mut leader = Command::new(program);
    leader.arg(NAME).arg(descriptor.to_string()).arg(place.to_word());
    leader.arg(command.get_program()).args(command.get_args()).env_clear();
    leader.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    hardening::ignore_again(&mut leader, ignored_by_command());
    Ok(leader)
}

/// Leads, if this process was started for it.
pub fn lead(arguments: &[OsString]) -> Option<ExitCode> {
    let [_, name, descriptor, place, command @ ..] = arguments else { return None };
    if name != NAME || command.is_empty() {
        return None;
    }
    let descriptor = descriptor.to_str().and_then(|number| number.parse().ok());
    let place = place.to_str().and_then(Place::from_word)?;
    let mut starter = UnixStream::from(vault::fs::inherited(descriptor?)?);
    hardening::panic_with(FAILED);
    let led = match Leader::start(&mut starter, place, command) {
        Ok(Some(leader)) => leader.run(starter),
        Ok(None) => Ok(()),
        Err(error) => Report::Hindered(error.raw_os_error().unwrap_or_default()).send(&mut starter),
    };
    Some(if led.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

struct Leader {
    place: Place,
    signals: Deliveries,
    /// The command.
    command: Pid,
    is_stopped: bool,
    /// Who gets the terminal's keys once they come here again.
    waiting: Option<Pid>,
}

/// What the process at the user's terminal wants.
enum Order {
    Nothing,
    Dismissed,
    /// That process is no more.
    Orphaned,
}

impl Leader {
    /// Starts the command; `None` if that failed, and was reported.
    fn start(starter: &mut UnixStream, place: Place, words: &[OsString]) -> io::Result<Option<Self>> {
        let signals = Deliveries::catch()?;
        let nothing = OwnedFd::from(std::fs::File::options().read(true).write(true).open("/dev/null")?);
        descendants::inherit();
        let stopping = SigSet::from(SIGTTOU);
        let before = stopping.thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
        let mut command = Command::new::<&OsStr>(words[0].as_ref());
        command.args(&words[1..]).process_group(match place {
            Place::Group(group) => group.as_raw_pid(),
            _ => 0,
        });
        hardening::start_job(&mut command, before, place == Place::Front);
        hardening::ignore_again(&mut command, ignored_by_command());
        let child = match command.spawn() {
            Ok(child) => child,
            Err(error) => {
                return Report::Failed(error.raw_os_error().unwrap_or_default()).send(starter).map(|()| None);
            }
        };
        let raw = i32::try_from(child.id()).unwrap_or_default();
        let command = Pid::from_raw(raw).ok_or(io::ErrorKind::InvalidData)?;
        close_standard(&nothing)?;
        // Nobody may hear it any more; that is seen soon enough.
        let _ = Report::Started(raw).send(starter);
        let waiting = (place == Place::Behind).then_some(command);
        Ok(Some(Self { place, signals, command, is_stopped: false, waiting }))
    }

    /// Until the command has ended and everything it printed was seen, or who started this process is gone.
    fn run(mut self, mut starter: UnixStream) -> io::Result<()> {
        let mut has_ended = false;
        loop {
            let signal = PollFd::from_borrowed_fd(self.signals.descriptor(), PollFlags::IN);
            let mut sources = [signal, PollFd::new(&starter, PollFlags::IN)];
            let is_ready = poll(&mut sources, None).is_ok();
            let is_asked = is_ready && !sources[1].revents().is_empty();
            self.pass_on();
            match if is_asked { self.obey(&mut starter) } else { Order::Nothing } {
                Order::Nothing => {}
                Order::Dismissed => break,
                Order::Orphaned => {
                    Descendants::here().end(Instant::now() + GRACE, || false);
                    break;
                }
            }
            // Once it has ended it stays a zombie, whose number is no other process's, until this process ends.
            has_ended = has_ended || self.look(&mut starter)?;
            self.bury(has_ended);
        }
        if self.place.is_terminal() {
            // The end of a session ends who has its keys: not the command's children in the background.
            let _ = give_to(getpgrp());
        }
        Ok(())
    }

    /// Hands the signals that came to this process, which is nobody's, to the command. No terminal sends any here but while
    /// the command has no keys, and the command learns of its size itself.
    fn pass_on(&mut self) {
        for signal in
            self.signals.pending().into_iter().filter(|signal| ![SIGCHLD, SIGCONT, SIGTSTP, SIGWINCH].contains(signal))
        {
            let _ = hardening::signal(signal).map(|signal| kill_process(self.command, signal));
        }
    }

    /// Reports what has become of the command; whether it has ended.
    fn look(&mut self, starter: &mut UnixStream) -> io::Result<bool> {
        let Some(status) = change(self.command)? else { return Ok(false) };
        if let Some(signal) = status.stopping_signal() {
            // Reported once.
            waitid(WaitId::Pid(self.command), WaitIdOptions::STOPPED | WaitIdOptions::NOHANG)?;
            self.is_stopped = true;
            let _ = Report::Stopped(signal).send(starter);
            return Ok(false);
        }
        let raw = status.exit_status().map(|code| code << 8).or(status.terminating_signal());
        let _ = Report::Ended(ExitStatus::from_raw(raw.unwrap_or_default())).send(starter);
        Ok(true)
    }

    /// Asks how the processes ended that this one has inherited, so that no zombie of theirs stays. Not once the command is
    /// one, which is to stay and hides others.
    #[cfg(target_os = "linux")]
    fn bury(&self, has_ended: bool) {
        use nix::sys::wait::{Id, WaitPidFlag, waitid};
        let (ended, kept) = (WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG, WaitPidFlag::WNOWAIT);
        let first = || waitid(Id::All, ended | kept).ok().and_then(|status| status.pid());
        let is_command = |process: &nix::unistd::Pid| process.as_raw() == self.command.as_raw_pid();
        if has_ended {
            return;
        }
        while let Some(process) = first().filter(|process| !is_command(process)) {
            let _ = waitid(Id::Pid(process), ended);
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn bury(&self, _: bool) {}

    /// Goes on with the command, in front or in the background, or no more.
    fn obey(&mut self, starter: &mut UnixStream) -> Order {
        let mut order = [0];
        if starter.read_exact(&mut order).is_err() {
            return Order::Orphaned;
        }
        match order {
            [DISMISSED] => return Order::Dismissed,
            [GO_ON_IN_FRONT] if self.place.is_terminal() => {
                let stopped = self.is_stopped.then_some(self.command);
                if let Some(group) = stopped.or(self.waiting.take()) {
                    let _ = give_to(group);
                }
            }
            [GO_ON_BEHIND] if self.place.is_terminal() && self.waiting.is_none() => {
                self.waiting = front().ok();
                let _ = give_to(getpgrp());
            }
            _ => {}
        }
        self.go_on();
        Order::Nothing
    }

    fn go_on(&mut self) {
        let is_stopped = std::mem::take(&mut self.is_stopped);
        if self.place.is_terminal() {
            let _ = kill_process_group(self.command, Signal::CONT);
        } else if is_stopped {
            let _ = kill_process(self.command, Signal::CONT);
        }
    }
}

/// That a child is stopped or no more; it stays to be asked for.
fn change(child: Pid) -> io::Result<Option<WaitIdStatus>> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::STOPPED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    Ok(waitid(WaitId::Pid(child), options)?)
}

/// Lets go of the command's streams, which end with the command.
fn close_standard(nothing: &OwnedFd) -> io::Result<()> {
    rustix::stdio::dup2_stdin(nothing)?;
    rustix::stdio::dup2_stdout(nothing)?;
    Ok(rustix::stdio::dup2_stderr(nothing)?)
}
