//! The running command: how it is started, what reaches it, and how it ends.

use super::console::Console;
use super::descendants::GRACE;
use super::end_request::{self, EndRequest};
use super::job::{Failure, Job, State};
use super::stream::{Copied, Line, Stream, Target};
use crate::cli::asking::terminal::{Deliveries, Raw, act, is_orphaned, was_ignored};
use crate::cli::running::handed;
use crate::cli::running::prepare::Prepared;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::process::{Signal, kill_current_process_group};
use rustix::termios::isatty;
use signal_hook::consts::{SIGCHLD, SIGCONT, SIGINT, SIGQUIT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH};
use std::io;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use vault_quick::search::Searcher;

/// The running command.
pub struct Running {
    job: Job,
    streams: Vec<Stream>,
    /// The state of the last line on standard error.
    line: Line,
    console: Option<Console>,
    end_request: EndRequest,
}

impl Running {
    /// Starts the command. If its output is masked and this process has a terminal, the command gets its own terminal.
    pub fn start(prepared: &mut Prepared<'_>, searcher: Option<Arc<Searcher>>) -> Result<Self, Failure> {
        handed::pass(&prepared.descriptors.files).map_err(io::Error::other)?;
        let stdin = prepared.descriptors.stdin.take();
        // They are closed at the end of this function, when the command has its own copies.
        let _files = std::mem::take(&mut prepared.descriptors.files);
        let command = &prepared.command();
        let Some(searcher) = searcher else {
            let job = Job::beside(command, |leader| {
                stdin.map(|stdin| leader.stdin(stdin));
            })?;
            return Ok(Self::new(job, Vec::new(), Line::default(), None));
        };
        if isatty(rustix::stdio::stdout()) {
            return Self::on_terminal(command, stdin, &searcher);
        }
        // This comes before the command runs, so that a failure here doesn't stop it in the middle of its work.
        let (output, errors) = (io::pipe()?, io::pipe()?);
        let (output_target, error_target) = Target::standard()?;
        let line = error_target.line.clone();
        let output_stream = Stream::start(output.0.into(), output_target, Arc::clone(&searcher))?;
        let streams = vec![output_stream, Stream::start(errors.0.into(), error_target, searcher)?];
        let job = Job::beside(command, |leader| {
            stdin.map(|stdin| leader.stdin(stdin));
            leader.stdout(output.1).stderr(errors.1);
        })?;
        Ok(Self::new(job, streams, line, None))
    }

    fn on_terminal(command: &Command, stdin: Option<OwnedFd>, searcher: &Arc<Searcher>) -> Result<Self, Failure> {
        let (mut console, terminal) = Console::open()?;
        let (output_target, error_target) = Target::standard()?;
        let line = error_target.line.clone();
        let mut streams = vec![Stream::start(console.output()?, output_target, Arc::clone(searcher))?];
        let mut errors = None;
        if !isatty(rustix::stdio::stderr()) {
            let (from, to) = io::pipe()?;
            streams.push(Stream::start(from.into(), error_target, Arc::clone(searcher))?);
            errors = Some(to);
        }
        // This comes before the command prints anything, because its output is in the modes of its own terminal.
        console.enter();
        let job = Job::on_terminal(command, &console, terminal, |mut leader| {
            // If a standard stream is no terminal here, it is none for the command.
            if let Some(stdin) = stdin {
                leader = leader.stdin(stdin);
            } else if !isatty(rustix::stdio::stdin()) {
                leader = leader.stdin(Stdio::inherit());
            }
            match errors {
                Some(errors) => leader.stderr(errors),
                None => leader,
            }
        })?;
        Ok(Self::new(job, streams, line, Some(console)))
    }

    fn new(job: Job, streams: Vec<Stream>, line: Line, console: Option<Console>) -> Self {
        Self { job, streams, line, console, end_request: EndRequest::default() }
    }

    /// Masks what this searcher finds from now on.
    pub fn search_for(&self, searcher: &Arc<Searcher>) {
        self.streams.iter().for_each(|stream| stream.search_for(Arc::clone(searcher)));
    }

    /// Waits for signals, keys, a change of the command's state, or the time-out. Passes keys on.
    pub fn wait(&mut self, signals: &mut Deliveries, timeout: Option<Duration>) {
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let signal = PollFd::from_borrowed_fd(signals.descriptor(), PollFlags::IN);
        let leader = PollFd::from_borrowed_fd(self.job.descriptor(), PollFlags::IN);
        let interest = self.console.as_ref().and_then(Console::interest);
        let keys = interest.map(|(descriptor, flags)| PollFd::from_borrowed_fd(descriptor, flags));
        let has_keys = keys.is_some();
        let mut sources: Vec<_> = [signal, leader].into_iter().chain(keys).collect();
        let is_ready = poll(&mut sources, timeout.as_ref()).is_ok();
        let pressed = has_keys && is_ready && sources.last().is_some_and(|source| !source.revents().is_empty());
        if let (true, Some(console)) = (pressed, &mut self.console) {
            let command = self.job.process;
            console.hand_over(command).into_iter().for_each(|signal| self.share(signal, signals));
        }
    }

    /// Sends a signal to the other processes of this process's group. They would have received it from the terminal
    /// together with the command: a script ends at Ctrl-C, and waits at Ctrl-Z.
    fn share(&mut self, signal: Signal, signals: &mut Deliveries) {
        self.end_request.record(signal.as_raw());
        let meanwhile = signals.pending();
        let _ = kill_current_process_group(signal);
        // The signal also reached this process, which it is not for. So did the SIGCONT that ended a stop.
        let others = signals.pending().into_iter().filter(|other| ![signal.as_raw(), SIGCONT].contains(other));
        meanwhile.into_iter().chain(others).for_each(|signal| self.pass_on(signal));
    }

    /// Does with a signal what would have happened without this process in between.
    pub fn pass_on(&mut self, signal: i32) {
        self.end_request.record(signal);
        match (signal, &self.console) {
            (SIGCHLD, _) => {}
            (SIGCONT, None) => {
                self.resume();
                self.send(SIGCONT);
            }
            (SIGCONT, Some(_)) => self.resume(),
            // The terminal sent the signal to the whole group, which includes the command.
            (SIGINT | SIGQUIT | SIGTSTP, None) if Raw::open().is_some_and(|terminal| terminal.is_foreground()) => {}
            // As above, but the command is in another group. This process was brought to the foreground, and the
            // command has asked for no key yet.
            (SIGINT | SIGQUIT | SIGTSTP, Some(console)) if console.is_in_front() && !console.is_entered() => {
                if let Some(signal) = Signal::from_named_raw(signal) {
                    self.job.send_to_group(signal);
                }
            }
            (SIGWINCH, Some(console)) => {
                console.resize();
                self.send(SIGWINCH);
            }
            _ => self.send(signal),
        }
    }

    /// Sends a signal to the command. Passing it on to its children is the command's own task.
    pub fn send(&self, signal: i32) {
        self.job.send(signal);
    }

    /// Sends a signal to the command and all its descendants.
    pub fn send_to_all(&self, signal: Signal) {
        self.job.descendants().send(signal);
    }

    /// Returns what the signals so far have requested for the command.
    pub fn end_request(&mut self) -> &mut EndRequest {
        &mut self.end_request
    }

    /// Returns whether somebody wanted the command to end.
    pub fn was_ended(&self, status: ExitStatus) -> bool {
        self.job.is_lost() || self.end_request.explains(status)
    }

    /// Ends what the command has left running after its end. Another signal that asks for the end shortens the wait.
    pub fn end_rest(&mut self, signals: &mut Deliveries, deadline: Instant) {
        if let Some(console) = &mut self.console {
            console.leave();
        }
        let end_request = &mut self.end_request;
        self.job.descendants().end(deadline, || {
            let asked: Vec<_> = signals
                .pending()
                .into_iter()
                .filter(|signal| end_request::is_end(*signal) && !was_ignored(*signal))
                .collect();
            asked.iter().for_each(|signal| end_request.record(*signal));
            !asked.is_empty()
        });
    }

    /// Returns the status once the command has ended. If the command was stopped, this process stops as well, until
    /// both are continued.
    pub fn ended(&mut self, signals: &mut Deliveries) -> io::Result<Option<ExitStatus>> {
        match self.job.state()? {
            None => Ok(None),
            Some(State::Ended(status)) => Ok(Some(status)),
            Some(State::Stopped(signal)) => {
                self.follow(signal, signals);
                Ok(None)
            }
        }
    }

    /// Stops as the command did, so that the shell sees it. Returns when this process is continued.
    fn follow(&mut self, signal: i32, signals: &mut Deliveries) {
        let asks_for_keys = [SIGTTIN, SIGTTOU].contains(&signal);
        let has_keys = asks_for_keys && self.console.as_ref().is_some_and(Console::is_in_front);
        // If no shell watches this process group, nobody would continue it.
        if has_keys || (signal != SIGSTOP && is_orphaned()) {
            return self.resume();
        }
        if let Some(console) = &mut self.console {
            console.leave();
            if let Some(signal) = Signal::from_named_raw(signal).filter(|signal| *signal != Signal::STOP) {
                self.share(signal, signals);
            }
        }
        // SIGTTIN and SIGTTOU have stopped this process already, either as shared above or as sent by the terminal.
        if !asks_for_keys {
            act(signal);
        }
        let meanwhile = signals.pending().into_iter().filter(|signal| *signal != SIGCONT);
        self.resume();
        meanwhile.for_each(|signal| self.pass_on(signal));
    }

    /// Continues the command after a stop.
    fn resume(&mut self) {
        if let Some(console) = &mut self.console {
            console.enter();
        }
        self.job.go_on(self.console.as_ref().is_none_or(Console::is_in_front));
    }

    /// Shows what the command and its children have printed, after the command's end. Without a terminal, it also waits
    /// for children that still print.
    pub fn finish(mut self, signals: &mut Deliveries, is_last: bool) -> Finished {
        let signal = (is_last && !self.job.has_terminal()).then(|| self.wait_for_writers(signals)).flatten();
        if signal.is_some() {
            self.end_rest(signals, Instant::now() + GRACE);
        }
        let copied = self.streams.drain(..);
        let copied = copied.map(|stream| if signal.is_some() { stream.cut_off() } else { stream.finish() }).collect();
        // The leader comes first. It keeps the terminal open for the command's children.
        self.job.finish();
        self.console = None;
        Finished { copied, is_line_begun: self.line.is_begun(), signal }
    }

    /// Waits until no process has the pipes open any more, as a reader would wait without vault in between. Returns
    /// early with a signal that asks for the end.
    fn wait_for_writers(&self, signals: &mut Deliveries) -> Option<i32> {
        let mut open: Vec<_> = self.streams.iter().collect();
        loop {
            open.retain(|stream| !stream.is_at_end());
            if open.is_empty() {
                return None;
            }
            let signal = PollFd::from_borrowed_fd(signals.descriptor(), PollFlags::IN);
            let ends = open.iter().map(|stream| PollFd::from_borrowed_fd(stream.end(), PollFlags::IN));
            let _ = poll(&mut std::iter::once(signal).chain(ends).collect::<Vec<_>>(), None);
            for signal in signals.pending() {
                match signal {
                    _ if was_ignored(signal) => {}
                    SIGTSTP if !is_orphaned() => act(signal),
                    signal if end_request::is_deadly(signal) => return Some(signal),
                    _ => {}
                }
            }
        }
    }

    /// Runs an action while the user's terminal has its usual modes.
    pub fn paused(&mut self, action: impl FnOnce()) {
        match &mut self.console {
            Some(console) => console.paused(action),
            None => action(),
        }
    }
}

/// What remains of a command that has ended.
pub struct Finished {
    /// What became of the output.
    pub copied: Vec<Copied>,
    /// Whether the last output on standard error has ended in the middle of a line.
    pub is_line_begun: bool,
    /// The signal that came while this process waited for children that still print. It is to end this process, too.
    pub signal: Option<i32>,
}
