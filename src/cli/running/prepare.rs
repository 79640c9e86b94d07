//! Puts together everything a command gets. [`vault::actions::exec`] decides what that is.

use super::handed::{self, Descriptors, Opener};
use super::{Args, hints, new_names, program};
use crate::cli::unlocking::context::Context;
use std::borrow::Cow;
use std::ffi::OsString;
use std::process::Command;
use std::time::Duration;
use vault::actions::exec::{Before, Environment, Inherit, Injected, NotInjected, Notices, Plan, Request, check_limits};
use vault::item::{ANNOUNCED, DueWindow, Injectable, VariableProblem};
use vault::log::ProgramName;
use vault::name::EnvironmentName;
use vault::settings;
use vault::time::Time;
use vault::vault::Session;
use vault::words::{moment, several, within};
use vault::{Error, Result};

/// A command that is ready to run, with everything it gets.
pub struct Prepared<'a> {
    /// The command and its arguments.
    pub words: Vec<OsString>,
    pub environment: Environment,
    pub descriptors: Descriptors,
    /// Hints about likely mistakes in the command.
    pub hints: Vec<String>,
    /// What a supervisor needs to know. `None` if this process becomes the command.
    pub watched: Option<Watched>,
    /// Everything that was read. `None` if this process supervises the command.
    injected: Option<Injected<'a>>,
}

/// What a supervisor has to know about the command's values.
pub struct Watched {
    /// The values that reach the command, by the names that the command sees.
    pub values: Vec<Injectable>,
    /// The values that an env file refers to. A program may take apart what the env file has put together.
    pub referred: Vec<Injectable>,
    /// What the values were read from, to compare with after a change of the vault.
    pub before: Before,
}

/// Finds the items that the options select, and shows the notes about them. This reads no value.
pub fn plan<'a>(args: &'a Args, session: &Session, context: &Context) -> Result<Plan<'a>> {
    let environments = context.environments(session)?;
    let ahead = args.within.unwrap_or(ANNOUNCED);
    let request = Request {
        program: ProgramName::of_command(&args.program()),
        variables: args.variables.variables()?,
        selection: args.selection.selection()?,
        handing: args.handed.handing(),
        env_files: &args.env_file,
        allowed: args.allow.once(),
        window: DueWindow::new(Time::now(), ahead),
    };
    let plan = Plan::new(request, session, &environments);
    context.show_warnings(session.vault());
    let plan = plan?;
    say(&plan.notices, ahead, context);
    new_names::show(plan.unread(), session, context)?;
    if args.selection.is_given() && plan.notices.is_empty {
        context.ui.alarm("no item matches --only and --except, so the program gets nothing from the vault");
    }
    Ok(plan)
}

/// Warns about expired items and items that are left out, and names those that expire soon.
fn say(notices: &Notices, ahead: Duration, context: &Context) {
    context.warn_of_expired(&notices.expired_references);
    context.warn_of_expired(&notices.expired);
    let now = Time::now();
    let expiring: Vec<_> = notices.expiring.iter().map(|(name, at)| format!("{name} {}", moment(*at, now))).collect();
    if !expiring.is_empty() {
        context.ui.note(&format!("expires {}: {}", within(ahead), several(&expiring, true)));
    }
    warn_of_left_out(&notices.left_out, context);
}

fn warn_of_left_out(left_out: &[NotInjected], context: &Context) {
    let left_out: Vec<_> = left_out.iter().map(why_left_out).collect();
    if !left_out.is_empty() {
        context.ui.alarm(&format!("left out: {}", left_out.join("; ")));
    }
}

/// Returns why the item was left out, with the option that gives it to the command anyway.
fn why_left_out(NotInjected { environment: _, item, variable, why }: &NotInjected) -> String {
    match why {
        VariableProblem::Name => format!("{item} {why}"),
        VariableProblem::Dangerous(_) if item != variable => {
            format!("{item}: {variable} {why} (--allow-name {variable})")
        }
        VariableProblem::Dangerous(_) => format!("{item} {why} (--allow-name {item})"),
        VariableProblem::Nul | VariableProblem::Large(_) => format!("{item} {why} (--file {item})"),
    }
}

/// Returns why the command can't be started, as far as that can be known before it gets anything.
pub fn unstartable(plan: &Plan<'_>, words: &[OsString]) -> Option<std::io::Error> {
    // The program is looked up in the PATH that the command will have. That is the inherited PATH, unless the vault sets
    // one.
    if plan.sets("PATH") {
        return None;
    }
    program::unstartable(&words[0], settings::programs::inherited_path().as_deref())
}

/// The values that were read, and for a supervised command, what they were read from.
pub type Values<'a> = (Injected<'a>, Option<Before>);

/// Reads the values, which writes the log entries, and says which of them can't be given.
pub fn read<'a>(plan: Plan<'a>, args: &Args, session: &Session, context: &Context) -> Result<Values<'a>> {
    let before = args.is_supervised().then(|| plan.before());
    let injected = plan.read(session)?;
    warn_of_left_out(&injected.left_out, context);
    Ok((injected, before))
}

/// Puts together everything the command gets.
pub fn prepare<'a>((injected, before): Values<'a>, args: &'a Args) -> Result<Prepared<'a>> {
    let opener = if before.is_some() { Opener::Child } else { Opener::Same };
    let words = args.words();
    let mut descriptors = handed::give(&injected.handed, opener)?;
    descriptors.paths.extend_from_slice(&args.besides);
    let Descriptors { files, paths, .. } = &mut descriptors;
    let reach = injected.reach(&mut |item| {
        let (file, path) = handed::file_of(item, opener)?;
        files.push(file);
        Ok(path)
    })?;
    let how = (&inherit(args), args.pass_key);
    let environment = injected.environment(&reach, paths, how, settings::environment());
    check_limits(&words, &environment)?;
    let names = reach.iter().map(|item| item.variable);
    let hints = hints::quoting_mistakes(&args.command, names.chain(injected.path_variables().map(Cow::Borrowed)));
    let watched =
        before.map(|before| Watched { values: injected.seen(&reach), referred: injected.referred().to_vec(), before });
    drop(reach);
    let injected = watched.is_none().then_some(injected);
    Ok(Prepared { words, environment, descriptors, hints, watched, injected })
}

impl Prepared<'_> {
    /// Returns the program's name, for messages.
    pub fn program(&self) -> String {
        program::name_of(&self.words)
    }

    /// Returns the command as a child process.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).env_clear().envs(self.environment.iter());
        command
    }

    /// Becomes the command. This returns only if that fails, with the exit code.
    pub fn become_command(self, known: &[EnvironmentName]) -> (u8, Error) {
        let Self { words, environment, descriptors: Descriptors { files, stdin, .. }, injected, .. } = self;
        let given = handed::pass(&files).and_then(|()| stdin.map_or(Ok(()), |stdin| handed::read_from(&stdin)));
        let failure = match given {
            Ok(()) => program::become_program(&words, &environment, known),
            Err(error) => (program::FAILED, error),
        };
        // The kernel frees this memory with the process. Wiping it here would be slower.
        drop(injected);
        failure
    }
}

fn inherit(args: &Args) -> Inherit {
    match &args.preserve_env {
        _ if args.pristine => Inherit::Pristine,
        None => Inherit::All,
        Some(names) if names.iter().all(String::is_empty) => Inherit::Preserved,
        Some(names) => Inherit::PreservedOnly(names.clone()),
    }
}
