//! `--mask` and `--watch`: the command runs as a supervised child.
//!
//! The command keeps everything it would have without vault in between: its terminal's modes and size, job control,
//! Ctrl-C exactly once, and the signals that are sent to this process. This process ends as the command did, by its
//! exit code or by its signal, so that a shell's loop ends with it.

mod console;
mod descendants;
mod end_request;
mod job;
mod leader;
mod report;
mod running;
mod secrets;
mod stream;
mod watch;

use super::on_change::OnChange;
use super::prepare::{Prepared, plan, prepare, read};
use super::{Args, program};
use crate::cli::asking::terminal::{Deliveries, act};
use crate::cli::process::hardening;
use crate::cli::unlocking::context::Context;
use descendants::GRACE;
use end_request::EndRequest;
use job::Failure;
pub use leader::run_as_leader;
use running::{Finished, Running};
use rustix::process::{Resource, Rlimit, Signal, setrlimit};
use secrets::Secrets;
use signal_hook::consts::SIGHUP;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitCode, ExitStatus};
use std::time::Instant;
use vault::name::EnvironmentName;
use vault::vault::Session;
use vault::{Error, Result};
pub use watch::Watch;

/// Runs the command to its end.
pub fn run<'a>(
    prepared: Prepared<'a>,
    session: Session,
    args: &'a Args,
    watch: Option<Watch>,
    context: &'a Context,
) -> Result<ExitCode> {
    let known: Vec<EnvironmentName> = session.vault().environments().cloned().collect();
    // The private keys are kept only if they are needed again.
    let watch = watch.map(|watch| (watch, session));
    // What the command gets is settled, so this process no longer needs the keys in its environment.
    if !args.pass_key {
        hardening::wipe_key_variables();
    }
    let secrets = args.mask.then(|| Secrets::new(&prepared));
    let mut supervisor = Supervisor { args, context, watch, secrets, is_line_begun: false, restart: None };
    let mut signals = Deliveries::catch().map_err(|error| cannot(&error))?;
    let end = supervisor.run(prepared, &known, &mut signals);
    supervisor.say_what_was_masked();
    Ok(match end? {
        End::Unstarted(code, error) => {
            context.ui.error(&error, code);
            ExitCode::from(code)
        }
        End::Ended { status, lost, signal } => {
            let code = code(status, lost.as_ref(), context);
            signal.into_iter().for_each(act);
            end_by_signal(status);
            // Also for a signal that the line above doesn't know.
            ExitCode::from(code)
        }
    })
}

/// How the command ended.
enum End {
    /// The command could not be run.
    Unstarted(u8, Error),
    /// The command ran.
    Ended {
        status: ExitStatus,
        /// Why some of its output was not shown.
        lost: Option<io::Error>,
        /// The signal that is to end this process.
        signal: Option<i32>,
    },
}

/// Returns the command's exit code. If output was lost and the command exited with 0, it is the code for a failure of
/// vault.
fn code(status: ExitStatus, lost: Option<&io::Error>, context: &Context) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    let mut code = code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX);
    if let Some(error) = lost {
        code = if code == 0 { program::FAILED } else { code };
        context.ui.error(&Error::failed(format!("cannot write the output: {}", vault::error::reason(error))), code);
    }
    code
}

/// Ends as the command did, if a signal ended it.
fn end_by_signal(status: ExitStatus) {
    if let Some(signal) = status.signal() {
        // A core dump, if there is one, must be the command's.
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        let _ = setrlimit(Resource::Core, none);
        act(signal);
    }
}

fn cannot(error: &io::Error) -> Error {
    let cannot = Error::failed(format!("the command can't be supervised: {}", vault::error::reason(error)));
    vault::error::limit_remedy(error).map_or(cannot.clone(), |hint| cannot.hint(hint))
}

/// The command is to be restarted.
struct Restart<'a> {
    prepared: Prepared<'a>,
    /// When the old command is killed.
    deadline: Instant,
}

struct Supervisor<'a> {
    args: &'a Args,
    context: &'a Context,
    watch: Option<(Watch, Session)>,
    /// The secrets to mask. `None` without `--mask`.
    secrets: Option<Secrets>,
    /// Whether the last output on standard error has ended in the middle of a line.
    is_line_begun: bool,
    restart: Option<Restart<'a>>,
}

impl<'a> Supervisor<'a> {
    /// Runs the command to its end, including restarts.
    fn run(&mut self, mut prepared: Prepared<'a>, known: &[EnvironmentName], signals: &mut Deliveries) -> Result<End> {
        let mut lost = None;
        loop {
            let searcher = self.secrets.as_ref().map(Secrets::searcher);
            let mut running = match Running::start(&mut prepared, searcher) {
                Ok(running) => running,
                Err(Failure::Supervision(error)) => return Err(cannot(&error)),
                Err(Failure::Command(error)) => {
                    let (code, error) = program::failure(&prepared.words, known, &error);
                    return Ok(End::Unstarted(code, error));
                }
            };
            let status = self.supervise(&mut running, &mut prepared, signals).map_err(|error| cannot(&error))?;
            let restart = self.end_rest(&mut running, status, signals);
            let Finished { copied, is_line_begun, signal } = running.finish(signals, restart.is_none());
            self.is_line_begun = is_line_begun;
            for stream in copied {
                self.secrets.iter_mut().for_each(|secrets| secrets.count(&stream.counts));
                lost = lost.or(stream.lost);
            }
            let Some(restart) = restart else { return Ok(End::Ended { status, lost, signal }) };
            prepared = restart.prepared;
            self.secrets.iter_mut().for_each(|secrets| secrets.renew(&prepared));
        }
    }

    /// Says which items were masked.
    fn say_what_was_masked(&self) {
        if let Some(summary) = self.secrets.as_ref().and_then(Secrets::summary) {
            self.context.ui.done_below(&summary, self.is_line_begun);
        }
    }

    /// Supervises the command until it ends.
    fn supervise(
        &mut self,
        running: &mut Running,
        prepared: &mut Prepared<'a>,
        signals: &mut Deliveries,
    ) -> io::Result<ExitStatus> {
        loop {
            running.wait(signals, self.watch.is_some().then_some(Watch::INTERVAL));
            for signal in signals.pending() {
                running.pass_on(signal);
            }
            if let Some(status) = running.ended(signals)? {
                return Ok(status);
            }
            match &self.restart {
                Some(restart) if restart.deadline <= Instant::now() => running.send_to_all(Signal::KILL),
                Some(_) => {}
                None => self.look_for_change(running, prepared),
            }
        }
    }

    /// Ends what the command has left running, if the command was told to end. Returns the restart, if there is to be
    /// one.
    fn end_rest(&mut self, running: &mut Running, status: ExitStatus, signals: &mut Deliveries) -> Option<Restart<'a>> {
        let restart = self.restart.take();
        let deadline = restart.as_ref().map_or_else(|| Instant::now() + GRACE, |restart| restart.deadline);
        if restart.is_some() || running.was_ended(status) {
            running.end_rest(signals, deadline);
        }
        restart.filter(|_| !running.end_request().wants_end())
    }

    fn look_for_change(&mut self, running: &mut Running, prepared: &mut Prepared<'a>) {
        let Some((watch, session)) = &mut self.watch else { return };
        if !watch.has_changed() {
            return;
        }
        let (ui, program) = (self.context.ui, prepared.program());
        let found = reload(session, self.args, self.context, prepared);
        let on_change = watch.on_change;
        if let (Ok(Some((new, _))), Some(secrets)) = (&found, &mut self.secrets) {
            // This comes first, because the command may print the new values as soon as it learns of the change.
            secrets.add(new);
            running.search_for(&secrets.searcher());
        }
        match found {
            // Somebody may unlock the vault again.
            Err(error) if error.kind() == vault::error::Kind::Unlock && !watch.put_off() => {}
            Err(error) => running.paused(|| {
                ui.alarm(&format!("the vault has changed, but {program} keeps running with the old values: {error}"));
            }),
            Ok(None) => {}
            Ok(Some((new, None))) => prepared.watched = new.watched,
            Ok(Some((new, Some(what)))) if on_change == OnChange::Hup => {
                prepared.watched = new.watched;
                running.paused(|| ui.done(&format!("{what}; {program} gets SIGHUP.")));
                running.send(SIGHUP);
            }
            Ok(Some((new, Some(what)))) => {
                running.paused(|| ui.done(&format!("{what}; {program} is restarted.")));
                running.send_to_all(Signal::TERM);
                // A signal that asks for the end from now on is meant for the new command, too.
                *running.end_request() = EndRequest::default();
                self.restart = Some(Restart { prepared: new, deadline: Instant::now() + GRACE });
            }
        }
    }
}

/// Returns what the command would get now, and how that differs, if it does; `None` if nothing was saved that concerns
/// it. Access to values is logged first.
fn reload<'a>(
    session: &mut Session,
    args: &'a Args,
    context: &Context,
    old: &Prepared<'_>,
) -> Result<Option<(Prepared<'a>, Option<String>)>> {
    *session = session.reopen()?;
    let plan = plan(args, session, context)?;
    if old.watched.as_ref().is_some_and(|old| plan.gives_what_it_has(&old.before)) {
        return Ok(None);
    }
    let new = prepare(read(plan, args, session, context)?, args)?;
    let values =
        |prepared: &Prepared<'_>| prepared.watched.as_ref().map_or(Vec::new(), |watched| watched.values.clone());
    let what = watch::difference(&values(old), &values(&new));
    Ok(Some((new, what)))
}
