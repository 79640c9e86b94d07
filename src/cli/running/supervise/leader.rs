//! The leader of the session on the command's own terminal. It is this program once more, and the command's parent.
//!
//! A command that led the session itself could not be stopped. The kernel ignores Ctrl-Z in an orphaned process group,
//! which is a group whose parents are all outside its session. So this process is the command's parent within the
//! session. It tells the process at the user's terminal when the command stops or ends, and does with the command what
//! a shell's `fg` and `bg` do.

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

/// The word that stands in place of a command's name for such a process. No command of vault has this name.
const NAME: &str = "exec-leader";

/// Where the command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On its own terminal, in the foreground.
    Front,
    /// On its own terminal, in the background.
    Behind,
    /// In its own process group.
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

/// Returns the command line of a leader: the descriptor of its connection, and where the command runs.
pub fn command(descriptor: i32, place: Place, command: &Command) -> io::Result<Command> {
    // The file that is running, even if another file has its name by now.
    let program = if cfg!(target_os = "linux") { "/proc/self/exe".into() } else { std::env::current_exe()? };
    let mut leader = Command::new(program);
    leader.arg(NAME).arg(descriptor.to_string()).arg(place.to_word());
    leader.arg(command.get_program()).args(command.get_args()).env_clear();
    leader.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    hardening::ignore_again(&mut leader, ignored_by_command());
    Ok(leader)
}

/// Runs as a leader, if this process was started as one.
pub fn run_as_leader(arguments: &[OsString]) -> Option<ExitCode> {
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
    /// The process group that becomes the terminal's foreground once this session is in front again.
    waiting: Option<Pid>,
}

/// An order of the process at the user's terminal.
enum Order {
    Nothing,
    Dismissed,
    /// That process has ended.
    Orphaned,
}

impl Leader {
    /// Starts the command. Returns `None` if that failed and the failure was reported.
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
        // If nobody listens any more, the main loop notices soon enough.
        let _ = Report::Started(raw).send(starter);
        let waiting = (place == Place::Behind).then_some(command);
        Ok(Some(Self { place, signals, command, is_stopped: false, waiting }))
    }

    /// Runs until this process is dismissed or its starter has ended.
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
            // The ended command stays a zombie until this process ends, so that its number isn't reused.
            has_ended = has_ended || self.look(&mut starter)?;
            self.reap(has_ended);
        }
        if self.place.is_terminal() {
            // The end of a session kills its foreground group. The command's background children must not be in it.
            let _ = give_to(getpgrp());
        }
        Ok(())
    }

    /// Passes signals that came to this process on to the command. The terminal sends signals here only while the
    /// command is in the background, and the command learns of the terminal's size itself.
    fn pass_on(&mut self) {
        for signal in
            self.signals.pending().into_iter().filter(|signal| ![SIGCHLD, SIGCONT, SIGTSTP, SIGWINCH].contains(signal))
        {
            let _ = hardening::signal(signal).map(|signal| kill_process(self.command, signal));
        }
    }

    /// Reports what has become of the command, and returns whether it has ended.
    fn look(&mut self, starter: &mut UnixStream) -> io::Result<bool> {
        let Some(status) = change(self.command)? else { return Ok(false) };
        if let Some(signal) = status.stopping_signal() {
            // Take the stop, so that it is reported only once.
            waitid(WaitId::Pid(self.command), WaitIdOptions::STOPPED | WaitIdOptions::NOHANG)?;
            self.is_stopped = true;
            let _ = Report::Stopped(signal).send(starter);
            return Ok(false);
        }
        let raw = status.exit_status().map(|code| code << 8).or(status.terminating_signal());
        let _ = Report::Ended(ExitStatus::from_raw(raw.unwrap_or_default())).send(starter);
        Ok(true)
    }

    /// Reaps the ended processes that this one has inherited. Not once the command is a zombie itself: it has to stay,
    /// and hides the others.
    #[cfg(target_os = "linux")]
    fn reap(&self, has_ended: bool) {
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
    fn reap(&self, _: bool) {}

    /// Obeys an order of the starter: continues the command in the foreground or background, or ends.
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

/// Returns whether a child has stopped or ended, without reaping it.
fn change(child: Pid) -> io::Result<Option<WaitIdStatus>> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::STOPPED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    Ok(waitid(WaitId::Pid(child), options)?)
}

/// Closes the command's streams here, so that they end when the command ends.
fn close_standard(nothing: &OwnedFd) -> io::Result<()> {
    rustix::stdio::dup2_stdin(nothing)?;
    rustix::stdio::dup2_stdout(nothing)?;
    Ok(rustix::stdio::dup2_stderr(nothing)?)
}
