//! The command as a child: how it is started, what reaches it, and how it ends.

use super::console::{Console, io_error};
use super::stream::Stream;
use crate::cli::exec::handed;
use crate::cli::exec::prepare::Prepared;
use crate::cli::terminal::{Deliveries, Raw, act};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::isatty;
use signal_hook::consts::{SIGCHLD, SIGCONT, SIGINT, SIGQUIT, SIGTSTP, SIGWINCH};
use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;
use vault::mask::Masker;
use vault::search::Searcher;

/// The command that runs.
pub struct Running {
    child: Child,
    process: Pid,
    streams: Vec<Stream>,
    console: Option<Console>,
}

impl Running {
    /// Starts it; where its output is masked, on a terminal of its own if there is one here.
    pub fn start(prepared: &mut Prepared, searcher: Option<Arc<Searcher>>) -> io::Result<Self> {
        handed::pass(&prepared.descriptors.files).map_err(io::Error::other)?;
        let stdin = prepared.descriptors.stdin.take();
        // Closed here when the command has its own copies.
        let _files = std::mem::take(&mut prepared.descriptors.files);
        let Some(searcher) = searcher else {
            if let Some(stdin) = stdin {
                prepared.command.stdin(stdin);
            }
            return Self::new(prepared.command.spawn()?, None);
        };
        let masker = || Masker::new(Arc::clone(&searcher));
        if isatty(rustix::stdio::stdout()) {
            return Self::on_terminal(&prepared.command, stdin, masker);
        }
        let command = &mut prepared.command;
        if let Some(stdin) = stdin {
            command.stdin(stdin);
        }
        let mut running = Self::new(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?, None)?;
        running.mask_pipes(masker)?;
        Ok(running)
    }

    fn new(child: Child, console: Option<Console>) -> io::Result<Self> {
        let process = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let process = process.ok_or_else(|| io::Error::other("a process without a number"))?;
        Ok(Self { child, process, streams: Vec::new(), console })
    }

    fn on_terminal(command: &Command, stdin: Option<OwnedFd>, masker: impl Fn() -> Masker) -> io::Result<Self> {
        let (console, terminal) = Console::open()?;
        let set = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
        let mut own = pty_process::blocking::Command::new(command.get_program());
        own = own.args(command.get_args()).env_clear().envs(set);
        // What is no terminal here is none there.
        if let Some(stdin) = stdin {
            own = own.stdin(stdin);
        } else if !isatty(rustix::stdio::stdin()) {
            own = own.stdin(Stdio::inherit());
        }
        if !isatty(rustix::stdio::stderr()) {
            own = own.stderr(Stdio::piped());
        }
        let output = console.output()?;
        let mut running = Self::new(own.spawn(terminal).map_err(io_error)?, Some(console))?;
        running.streams.push(Stream::start(output, rustix::io::dup(rustix::stdio::stdout())?, masker())?);
        running.mask_pipes(masker)?;
        if let Some(console) = &mut running.console {
            console.enter();
        }
        Ok(running)
    }

    fn mask_pipes(&mut self, masker: impl Fn() -> Masker) -> io::Result<()> {
        if let Some(output) = self.child.stdout.take() {
            self.streams.push(Stream::start(output.into(), rustix::io::dup(rustix::stdio::stdout())?, masker())?);
        }
        if let Some(output) = self.child.stderr.take() {
            self.streams.push(Stream::start(output.into(), rustix::io::dup(rustix::stdio::stderr())?, masker())?);
        }
        Ok(())
    }

    /// Waits for signals, keys or the time-out; hands keys through.
    pub fn wait(&mut self, signals: &mut Deliveries, timeout: Option<Duration>) {
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let signal = PollFd::from_borrowed_fd(signals.descriptor(), PollFlags::IN);
        let interest = self.console.as_ref().and_then(Console::interest);
        let keys = interest.map(|(descriptor, flags)| PollFd::from_borrowed_fd(descriptor, flags));
        let mut sources: Vec<_> = std::iter::once(signal).chain(keys).collect();
        let is_ready = poll(&mut sources, timeout.as_ref()).is_ok()
            && sources.get(1).is_some_and(|source| !source.revents().is_empty());
        if let (true, Some(console)) = (is_ready, &mut self.console) {
            console.hand_over(self.process, signals);
        }
    }

    /// Does with a signal what would have happened without this process in between.
    pub fn pass_on(&mut self, signal: i32, signals: &mut Deliveries) {
        match (signal, &mut self.console) {
            (SIGCHLD, _) | (SIGWINCH, None) => {}
            (SIGWINCH, Some(console)) => console.resize(),
            (SIGTSTP, Some(console)) => console.suspend(self.process, signals),
            (SIGCONT, Some(console)) => console.resume(self.process),
            (SIGTSTP, None) => {
                self.send(SIGTSTP);
                act(SIGTSTP);
            }
            // The terminal sent it to the whole group, and the command is of the group.
            (SIGINT | SIGQUIT, None) if Raw::open().is_some_and(|terminal| terminal.is_foreground()) => {}
            _ => self.send(signal),
        }
    }

    /// Sends a signal to the command, not to its children: that is the command's.
    pub fn send(&self, signal: i32) {
        if let Some(signal) = Signal::from_named_raw(signal) {
            let _ = kill_process(self.process, signal);
        }
    }

    /// The status once the command has ended, after all it printed was shown.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        let status = self.child.try_wait()?;
        if status.is_some() {
            self.streams.drain(..).for_each(Stream::finish);
            self.console = None;
        }
        Ok(status)
    }

    /// Does something with the terminal as it is for everybody else.
    pub fn paused(&mut self, action: impl FnOnce()) {
        match &mut self.console {
            Some(console) => console.paused(action),
            None => action(),
        }
    }
}
