//! `--mask` and `--watch`: the command as a child that is watched over.
//!
//! It keeps what it has without us: its terminal's modes and size, job control, Ctrl-C once and only once, signals that are
//! sent to this process, and how it ends: by its exit code or, so that a shell's loop ends with it, by its signal.

mod console;
mod descendants;
mod job;
mod leader;
mod report;
mod running;
mod stream;
mod watch;
mod wish;

use super::prepare::Prepared;
use super::{Args, program};
use crate::cli::context::Context;
use crate::cli::hardening;
use crate::cli::terminal::{Deliveries, act};
use descendants::GRACE;
use job::Failure;
pub use leader::lead;
use running::Running;
use rustix::process::{Resource, Rlimit, Signal, setrlimit};
use signal_hook::consts::SIGHUP;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitCode, ExitStatus};
use std::sync::Arc;
use std::time::Instant;
use vault::item::Kind;
use vault::name::EnvironmentName;
use vault::search::{IN_OUTPUT, Searcher};
use vault::vault::Session;
use vault::{Error, Result};
pub use watch::{OnChange, Watch};
use wish::Wish;

/// Runs the command to its end.
pub fn run(
    prepared: Prepared,
    session: Session,
    args: &Args,
    watch: Option<Watch>,
    context: &Context,
) -> Result<ExitCode> {
    let known: Vec<EnvironmentName> = session.vault().environments().cloned().collect();
    // The private keys are kept only where they are needed again.
    let watch = watch.map(|watch| (watch, session));
    // What the command gets is settled, so this process, its parent, needs them no more.
    if !args.pass_key {
        hardening::wipe_key_variables();
    }
    let mut supervisor = Supervisor { args, context, watch, restart: None };
    let mut signals = Deliveries::catch().map_err(|error| cannot(&error))?;
    let (mut prepared, mut lost) = (prepared, None);
    loop {
        let searcher = args.mask.then(|| searcher(&prepared));
        let mut running = match Running::start(&mut prepared, searcher) {
            Ok(running) => running,
            Err(Failure::Supervision(error)) => return Err(cannot(&error)),
            Err(Failure::Command(error)) => {
                let (code, error) = program::failure(&prepared.words, &known, &error);
                context.ui.error(&error, code);
                return Ok(ExitCode::from(code));
            }
        };
        let status = supervisor.supervise(&mut running, &mut prepared, &mut signals).map_err(|error| cannot(&error))?;
        let restart = supervisor.end_rest(&mut running, status, &mut signals);
        lost = lost.or(running.finish(&mut signals, restart.is_none()));
        match restart {
            Some(restart) => prepared = restart.prepared,
            None => return Ok(end(status, lost.as_ref(), context)),
        }
    }
}

/// Ends as the command did; only where it noticed nothing of lost output, as a failure.
fn end(status: ExitStatus, lost: Option<&io::Error>, context: &Context) -> ExitCode {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    let mut code = code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX);
    if let Some(error) = lost {
        code = if code == 0 { program::FAILED } else { code };
        context.ui.error(&Error::failed(format!("cannot write the output: {}", vault::error::reason(error))), code);
    }
    if let Some(signal) = status.signal() {
        // A core, if there is to be one, is the command's.
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        let _ = setrlimit(Resource::Core, none);
        act(signal);
    }
    // Also for a signal that the line above doesn't know.
    ExitCode::from(code)
}

fn cannot(error: &io::Error) -> Error {
    let cannot = Error::failed(format!("the command can't be supervised: {}", vault::error::reason(error)));
    program::hint_of_limit(error).map_or(cannot.clone(), |hint| cannot.hint(hint))
}

/// All secrets that the command has.
fn searcher(prepared: &Prepared) -> Arc<Searcher> {
    let values = prepared.values.iter().chain(&prepared.referred);
    let secrets = values.filter(|item| item.kind != Kind::Variable);
    Arc::new(Searcher::new(secrets.map(|item| &*item.value), IN_OUTPUT))
}

/// The command is to be started anew.
struct Restart {
    prepared: Prepared,
    /// When the old one is killed.
    deadline: Instant,
}

struct Supervisor<'a> {
    args: &'a Args,
    context: &'a Context,
    watch: Option<(Watch, Session)>,
    restart: Option<Restart>,
}

impl Supervisor<'_> {
    /// Until the command has ended.
    fn supervise(
        &mut self,
        running: &mut Running,
        prepared: &mut Prepared,
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

    /// After the command's end: ends what it has left running, if it didn't end by itself. Says whether it is started anew.
    fn end_rest(&mut self, running: &mut Running, status: ExitStatus, signals: &mut Deliveries) -> Option<Restart> {
        let restart = self.restart.take();
        let deadline = restart.as_ref().map_or_else(|| Instant::now() + GRACE, |restart| restart.deadline);
        if restart.is_some() || running.was_ended(status) {
            running.end_rest(signals, deadline);
        }
        restart.filter(|_| !running.wish().is_for_end())
    }

    fn look_for_change(&mut self, running: &mut Running, prepared: &mut Prepared) {
        let Some((watch, session)) = &mut self.watch else { return };
        if !watch.has_changed() {
            return;
        }
        let (ui, program) = (self.context.ui, prepared.program());
        let found = reload(session, self.args, self.context, prepared);
        let on_change = watch.on_change;
        match found {
            // Somebody may unlock it again.
            Err(error) if error.kind() == vault::error::Kind::Unlock && !watch.put_off() => {}
            Err(error) => running.paused(|| {
                ui.warn(&format!("the vault has changed, and {program} runs on with the old values: {error}"));
            }),
            Ok(None) => {}
            Ok(Some((new, what))) if on_change == OnChange::Hup => {
                prepared.values = new.values;
                running.paused(|| ui.done(&format!("{what}; {program} gets SIGHUP.")));
                running.send(SIGHUP);
            }
            Ok(Some((new, what))) => {
                running.paused(|| ui.done(&format!("{what}; {program} is restarted.")));
                running.send_to_all(Signal::TERM);
                // Who asks for the end from here on means the new one, too.
                *running.wish() = Wish::default();
                self.restart = Some(Restart { prepared: new, deadline: Instant::now() + GRACE });
            }
        }
    }
}

/// What the command would get now, and how that differs, if it does. What is handed out is written down first.
fn reload(session: &mut Session, args: &Args, context: &Context, old: &Prepared) -> Result<Option<(Prepared, String)>> {
    *session = session.reopen()?;
    let mut new = Prepared::new(args, session, context)?;
    let Some(what) = watch::difference(&old.values, &new.values) else { return Ok(None) };
    new.log(session)?;
    Ok(Some((new, what)))
}
