//! What the command gets, put together before anything runs.

use super::env_file::Files;
use super::environment::{Environment, Given, Inherit};
use super::handed::{self, Descriptors, Opener};
use super::reached::{Reached, reach};
use super::references::{References, Referred};
use super::variables::Variables;
use super::{Args, env_file, fit, hints, limits, new_names, program};
use crate::cli::options::selection::Selection;
use crate::cli::unlocking::context::Context;
use std::borrow::Cow;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use vault::item::{ANNOUNCED, Injectable, Outlook};
use vault::log::{Action, Entry, Outcome};
use vault::name::EnvironmentName;
use vault::settings;
use vault::time::Time;
use vault::vault::{Purpose, Session, UnreadInjectables};
use vault::words::{moment, several, within};
use vault::{Error, Result};

/// What the options ask for, before any value is read.
pub struct Plan<'a> {
    args: &'a Args,
    /// The command and its arguments.
    pub words: Vec<OsString>,
    purpose: Purpose,
    variables: Variables<'a>,
    /// What becomes variables or is handed over.
    unread: Vec<UnreadInjectables>,
    files: Files,
    /// What the files refer to.
    referred: Vec<UnreadInjectables>,
}

/// Items with their values, by environment.
type Read = Vec<(EnvironmentName, Vec<Injectable>)>;

/// A command with all it gets.
pub struct Prepared {
    /// The command and its arguments.
    pub words: Vec<OsString>,
    pub environment: Environment,
    pub descriptors: Descriptors,
    /// What reaches it, by the names it sees; only kept for who watches over it.
    pub values: Vec<Injectable>,
    /// What these are made of: a program may take a value apart that an env file has put together.
    pub referred: Vec<Injectable>,
    /// What often goes wrong with such a command, if it does.
    pub hints: Vec<String>,
    /// All that was read.
    read: Read,
    /// What it was read for; only kept for who watches over the command.
    files: Files,
}

impl<'a> Plan<'a> {
    /// Finds what the options ask for. No value is read before [`Plan::read`].
    pub fn new(args: &'a Args, session: &Session, context: &Context) -> Result<Self> {
        let environments = context.environments(session)?;
        let variables = Variables::new(&args.variables)?;
        let selection = Selection::new(&args.selection)?;
        let words = args.words();
        let purpose = Purpose::new(Action::Exec).program(program_of(&words));
        let wanted = |name: &str| selection.takes(name) || args.handed.takes(name);
        let mut unread = Vec::with_capacity(environments.len());
        for environment in &environments {
            session.confirm(environment, Action::Exec)?;
            unread.push(session.open_injectables(&purpose, environment, &wanted)?);
        }
        context.show_warnings(session.vault());
        selection.check_names()?;
        args.handed.choose(&mut unread)?;
        let mut references = References::new(session, &environments, &purpose);
        let files = env_file::read(&args.env_file, &mut references)?;
        references.check_expiry(context)?;
        let once = args.allow.once();
        once.check(files.names().chain(args.handed.variables()))?;
        let is_named = |name: &str| selection.is_named(name);
        let is_handed = |name: &str| args.handed.takes(name);
        let allowed = session.vault().allowed(&once);
        let allows = |environment: &EnvironmentName, name: &str| allowed.allows(environment, name);
        let request =
            fit::Request { variables: &variables, allows: &allows, is_named: &is_named, is_handed: &is_handed };
        let left_out = fit::retain(&mut unread, &request)?;
        check_expiry(&unread, args.within.unwrap_or(ANNOUNCED), context)?;
        if !left_out.is_empty() {
            context.ui.alarm(&format!("not injected: {}", left_out.join("; ")));
        }
        new_names::show(&unread, session, context)?;
        let is_empty = unread.iter().all(|unread| unread.items().next().is_none()) && files.names().next().is_none();
        if args.selection.is_given() && is_empty {
            context.ui.alarm("nothing is injected: --only and --except leave no item");
        }
        let referred = references.into_unread();
        Ok(Self { args, words, purpose, variables, unread, files, referred })
    }

    /// Whether the command would get what it has.
    pub fn gives_what_it_has(&self, prepared: &Prepared) -> bool {
        let all = || self.unread.iter().chain(&self.referred);
        let same = |(unread, (environment, items)): (&UnreadInjectables, &(EnvironmentName, Vec<Injectable>))| {
            unread.is_as_given(environment, items)
        };
        self.files == prepared.files && all().count() == prepared.read.len() && all().zip(&prepared.read).all(same)
    }

    /// Why the command can't be started, as far as that shows before it gets anything.
    pub fn unstartable(&self) -> Option<std::io::Error> {
        let own = self.unread.iter().flat_map(UnreadInjectables::items);
        // Found by the PATH that it will have, which is the inherited one unless the vault's is allowed to win.
        if own.map(|item| self.variables.name_of(item)).any(|name| name == "PATH") {
            return None;
        }
        if self.files.names().any(|name| name == "PATH") {
            return None;
        }
        // Of several variables of one name the command gets the last.
        let inherited = settings::environment().filter(|(name, _)| name == "PATH").last();
        program::unstartable(&self.words[0], inherited.as_ref().map(|(_, search)| search.as_os_str()))
    }

    /// Logs that nothing was handed out, because of this.
    pub fn log_failure(&self, session: &Session, error: &Error) -> Result<()> {
        let program = program_of(&self.words);
        let mut entries = Vec::with_capacity(self.unread.len());
        for unread in &self.unread {
            let mut entry = Entry::new(Action::Exec).environment(unread.environment()).outcome(Outcome::Failed);
            entry.program.clone_from(&program);
            entries.push(entry.note(error.to_string()));
        }
        session.log(entries)
    }

    /// Reads the values, which is logged first, with one entry for each environment in one write; then puts all together.
    pub fn read(self, session: &Session) -> Result<Prepared> {
        let Self { args, words, purpose, variables, mut unread, files, referred } = self;
        let count = unread.len();
        unread.extend(referred);
        let mut read = session.read_all(&purpose, unread)?;
        let all = if args.is_supervised() { read.clone() } else { Vec::new() };
        let filled = files.fill(&Referred(read.split_off(count)))?;
        let handed = args.handed.take(&mut read)?;
        filled.items.iter().try_for_each(fit::check)?;
        let opener = if args.is_supervised() { Opener::Child } else { Opener::Same };
        let mut descriptors = handed.give(opener)?;
        descriptors.paths.extend_from_slice(&args.besides);
        let own = read.iter().flat_map(|(_, items)| items);
        let items = reach(own, &variables, &filled.items, opener, &mut descriptors.files)?;
        let by_option = handed.items().flat_map(|item| [item.name.as_str().into(), variables.name_of(item.outline())]);
        let given = Given {
            items: items.iter().map(|item| (item.variable.as_bytes(), item.text())).collect(),
            handed: by_option.chain(items.iter().filter_map(Reached::replaced).map(Cow::Borrowed)).collect(),
            paths: &descriptors.paths,
        };
        let environment = Environment::new(&inherit(args), args.pass_key, given);
        limits::check(&words, &environment)?;
        let kept = items.iter().map(Reached::seen).chain(handed.items().cloned());
        let values = if args.is_supervised() { kept.collect() } else { Vec::new() };
        let names = items.iter().map(|item| Cow::Borrowed(&*item.variable));
        let hints = hints::before(&args.command, names.chain(args.handed.variables().map(Cow::Borrowed)));
        let read = if args.is_supervised() { all } else { read };
        Ok(Prepared { words, environment, descriptors, values, referred: filled.referred, hints, read, files })
    }
}

impl Prepared {
    /// Takes over what was read since for the same command.
    pub fn renew(&mut self, new: Self) {
        (self.values, self.read, self.files) = (new.values, new.read, new.files);
    }

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
        let Self { words, environment, descriptors: Descriptors { files, stdin, .. }, read, .. } = self;
        let given = handed::pass(&files).and_then(|()| stdin.map_or(Ok(()), |stdin| handed::read_from(&stdin)));
        let failure = match given {
            Ok(()) => program::become_program(&words, &environment, known),
            Err(error) => (program::FAILED, error),
        };
        // The kernel frees it with this process, faster than it is wiped here.
        drop(read);
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

/// Warns of what is expired, and tells what soon will be, once.
fn check_expiry(unread: &[UnreadInjectables], ahead: Duration, context: &Context) -> Result<()> {
    let outlook = Outlook::new(Time::now(), ahead);
    let (mut expired, mut expiring) = (Vec::new(), Vec::new());
    for item in unread.iter().flat_map(UnreadInjectables::items) {
        if item.is_expired(outlook.now) {
            expired.push(item.name());
        } else if let Some(expires) = item.expires_soon(outlook) {
            expiring.push(format!("{} {}", item.name(), moment(expires, outlook.now)));
        }
    }
    context.expired(&expired)?;
    if !expiring.is_empty() {
        context.ui.note(&format!("expires {}: {}", within(ahead), several(&expiring, true)));
    }
    Ok(())
}

/// The name of a command's program, for people and for the log.
pub(super) fn program_of(words: &[OsString]) -> String {
    let program = words.first().and_then(|program| Path::new(program).file_name());
    program.unwrap_or_default().to_string_lossy().into_owned()
}
