//! Running a command: vault becomes the command, with the values in its environment.
//!
//! `execve` replaces this program, so the exit code, signals, job control, terminal, standard input, process id,
//! working directory, umask and limits are the command's own. Inherited descriptors stay open, and vault leaves none of
//! its own open. The signal mask and ignored signals stay as they were inherited. The exception is SIGPIPE: the command
//! gets its default action, whatever Rust's runtime has set.

mod handed;
mod hints;
mod left_out;
mod new_names;
mod on_change;
mod options;
mod prepare;
mod program;
pub mod shell;
mod supervise;
mod variables;

pub use left_out::warn as warn_of_left_out;
pub use options::Args;
pub use supervise::run_as_leader;

use crate::cli::unlocking::context::Context;
use prepare::{plan, prepare, read, unstartable};
use std::process::ExitCode;
use supervise::Watch;
use vault::Result;
use vault::name::EnvironmentName;
use vault::vault::{First, Session};

pub fn run(args: &Args, context: &Context) -> Result<ExitCode> {
    let watch = args.watch.map(|on_change| context.path().map(|path| Watch::new(path, on_change))).transpose()?;
    run_in(context.session_reading(First::Chosen)?, args, watch, context)
}

/// Runs the command with the values that this session reads.
fn run_in(session: Session, args: &Args, watch: Option<Watch>, context: &Context) -> Result<ExitCode> {
    let plan = plan(args, &session, context)?;
    let known: Vec<EnvironmentName> = session.vault().environments().cloned().collect();
    let words = args.words();
    if let Some(error) = unstartable(&plan, &words) {
        let (code, error) = program::failure(&words, &known, &error);
        plan.log_failure(&session, &error)?;
        context.ui.error(&error, code);
        return Ok(ExitCode::from(code));
    }
    let values = read(plan, args, &session, context)?;
    // The session holds a text of the size of the file. Its memory is used again for the environment.
    let session = args.is_supervised().then_some(session);
    let prepared = prepare(values, args)?;
    prepared.hints.iter().for_each(|hint| context.ui.hint(hint));
    args.announcement.iter().for_each(|announcement| context.ui.done(announcement));
    if let Some(session) = session {
        return supervise::run(prepared, session, args, watch, context);
    }
    let (code, error) = prepared.become_command(&known);
    context.ui.error(&error, code);
    Ok(ExitCode::from(code))
}
