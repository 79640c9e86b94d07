//! A command with all it gets, ready to run. What it gets is decided in [`vault::actions::exec`].

use super::handed::{self, Descriptors, Opener};
use super::{Args, hints, new_names, program};
use crate::cli::unlocking::context::Context;
use std::borrow::Cow;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use vault::actions::exec::{
    Before, Environment, Inherit, Injected, NotInjected, Notices, Plan, Reached, Request, check_limits,
};
use vault::item::{ANNOUNCED, Injectable, Outlook, Unfit};
use vault::name::EnvironmentName;
use vault::settings;
use vault::time::Time;
use vault::vault::Session;
use vault::words::{moment, several, within};
use vault::{Error, Result};

/// A command with all it gets.
pub struct Prepared<'a> {
    /// The command and its arguments.
    pub words: Vec<OsString>,
    pub environment: Environment,
    pub descriptors: Descriptors,
    /// What often goes wrong with such a command, if it does.
    pub hints: Vec<String>,
    /// What is kept for who watches over it.
    pub watched: Option<Watched>,
    /// All that was read, where this process becomes the command.
    injected: Option<Injected<'a>>,
}

/// What the one who watches over a command has to know of its values.
pub struct Watched {
    /// What reaches it, by the names it sees.
    pub values: Vec<Injectable>,
    /// What these are made of: a program may take a value apart that an env file has put together.
    pub referred: Vec<Injectable>,
    /// What it was given.
    pub before: Before,
}

/// Finds what the options ask for, and says what there is to say of it. No value is read yet.
pub fn plan<'a>(args: &'a Args, session: &Session, context: &Context) -> Result<Plan<'a>> {
    let environments = context.environments(session)?;
    let ahead = args.within.unwrap_or(ANNOUNCED);
    let request = Request {
        program: args.program(),
        variables: args.variables.variables()?,
        selection: args.selection.selection()?,
        handing: args.handed.handing(),
        env_files: &args.env_file,
        allowed: args.allow.once(),
        outlook: Outlook::new(Time::now(), ahead),
    };
    let plan = Plan::new(request, session, &environments);
    context.show_warnings(session.vault());
    let plan = plan?;
    say(&plan.notices, ahead, context)?;
    new_names::show(plan.unread(), session, context)?;
    if args.selection.is_given() && plan.notices.is_empty {
        context.ui.alarm("nothing is injected: --only and --except leave no item");
    }
    Ok(plan)
}

/// Warns of what is expired and left out, and tells what will expire soon.
fn say(notices: &Notices, ahead: Duration, context: &Context) -> Result<()> {
    context.expired(&notices.expired_references)?;
    context.expired(&notices.expired)?;
    let now = Time::now();
    let expiring: Vec<_> = notices.expiring.iter().map(|(name, at)| format!("{name} {}", moment(*at, now))).collect();
    if !expiring.is_empty() {
        context.ui.note(&format!("expires {}: {}", within(ahead), several(&expiring, true)));
    }
    let left_out: Vec<_> = notices.left_out.iter().map(not_injected).collect();
    if !left_out.is_empty() {
        context.ui.alarm(&format!("not injected: {}", left_out.join("; ")));
    }
    Ok(())
}

/// The reason, and what gives the item to the command all the same.
fn not_injected(NotInjected { item, variable, why }: &NotInjected) -> String {
    match why {
        Unfit::Name => format!("{item} {why}"),
        Unfit::Dangerous(_) if item != variable => format!("{item}: {variable} {why} (--allow-name {variable})"),
        Unfit::Dangerous(_) => format!("{item} {why} (--allow-name {item})"),
        Unfit::Nul | Unfit::Large(_) => format!("{item} {why} (--file {item})"),
    }
}

/// Why the command can't be started, as far as that shows before it gets anything.
pub fn unstartable(plan: &Plan<'_>, words: &[OsString]) -> Option<std::io::Error> {
    // Found by the PATH that it will have, which is the inherited one unless the vault's is allowed to win.
    if plan.sets("PATH") {
        return None;
    }
    // Of several variables of one name the command gets the last.
    let inherited = settings::environment().filter(|(name, _)| name == "PATH").last();
    program::unstartable(&words[0], inherited.as_ref().map(|(_, search)| search.as_os_str()))
}

/// Reads the values and puts all together.
pub fn prepare<'a>(plan: Plan<'a>, args: &'a Args, session: &Session) -> Result<Prepared<'a>> {
    let (injected, before, opener) = if args.is_supervised() {
        let (injected, before) = plan.read_and_keep(session)?;
        (injected, Some(before), Opener::Child)
    } else {
        (plan.read(session)?, None, Opener::Same)
    };
    let words = args.words();
    let mut descriptors = handed::give(&injected.handed, opener)?;
    descriptors.paths.extend_from_slice(&args.besides);
    let Descriptors { files, paths, .. } = &mut descriptors;
    let reached = injected.reach(&mut |item| {
        let (file, path) = handed::file_of(item, opener)?;
        files.push(file);
        Ok(path)
    })?;
    let how = (&inherit(args), args.pass_key);
    let environment = injected.environment(&reached, paths, how, settings::environment());
    check_limits(&words, &environment)?;
    let names = reached.iter().map(|item: &Reached<'_>| Cow::Borrowed(&*item.variable));
    let hints = hints::before(&args.command, names.chain(injected.path_variables().map(Cow::Borrowed)));
    let watched = before.map(|before| Watched {
        values: injected.seen(&reached),
        referred: injected.referred().to_vec(),
        before,
    });
    drop(reached);
    let injected = watched.is_none().then_some(injected);
    Ok(Prepared { words, environment, descriptors, hints, watched, injected })
}

impl Prepared<'_> {
    /// The command's name, for people.
    pub fn program(&self) -> String {
        program_of(&self.words)
    }

    /// The command as a child.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).env_clear().envs(self.environment.iter());
        command
    }

    /// Becomes the command; returns only if that fails, with the exit code.
    pub fn become_command(self, known: &[EnvironmentName]) -> (u8, Error) {
        let Self { words, environment, descriptors: Descriptors { files, stdin, .. }, injected, .. } = self;
        let given = handed::pass(&files).and_then(|()| stdin.map_or(Ok(()), |stdin| handed::read_from(&stdin)));
        let failure = match given {
            Ok(()) => program::become_program(&words, &environment, known),
            Err(error) => (program::FAILED, error),
        };
        // The kernel frees it with this process, faster than it is wiped here.
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

/// The name of a command's program, for people and for the log.
pub(super) fn program_of(words: &[OsString]) -> String {
    let program = words.first().and_then(|program| Path::new(program).file_name());
    program.unwrap_or_default().to_string_lossy().into_owned()
}
